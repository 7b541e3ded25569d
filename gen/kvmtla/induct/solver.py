"""z3, which is an extra: there, or a message that says how to get it."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from kvmtla.errors import ToolError


def is_installed() -> bool:
    """Is z3 there?"""
    return importlib.util.find_spec("z3") is not None


def load() -> ModuleType:
    """z3, imported; raises ToolError where it is not installed."""
    try:
        import z3  # noqa: PLC0415 - half a second, and an extra
    except ImportError as error:
        raise ToolError(
            "KT812", "this needs z3, which is not installed", hint="pip install 'kvmtla[induct]'"
        ) from error
    module: ModuleType = z3
    return module
