"""The second engine's models as C, for models with many states.

A search finds what the one in Python finds, some ten times as fast. See
docs/decisions/0023-a-compiled-engine.md.
"""

from kvmtla.engine.native.compiler import Compiler, NoCompilerError, find_compiler
from kvmtla.engine.native.search import DisagreementError, Native, Progress, Watch
from kvmtla.engine.native.translate import Untranslatable

__all__ = [
    "Compiler",
    "DisagreementError",
    "Native",
    "NoCompilerError",
    "Progress",
    "Untranslatable",
    "Watch",
    "find_compiler",
]
