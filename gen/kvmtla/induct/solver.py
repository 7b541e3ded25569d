"""Loading z3, which is an extra, or saying how to get it."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from kvmtla.errors import ToolError


def is_installed() -> bool:
    """Is z3 installed?"""
    return importlib.util.find_spec("z3") is not None


def load() -> ModuleType:
    """Import z3 and return it; raise ToolError where it is not installed."""
    try:
        import z3  # noqa: PLC0415 - half a second, and an extra
    except ImportError as error:
        raise ToolError(
            "KT812", "this needs z3, which is not installed", hint="pip install 'kvmtla[induct]'"
        ) from error
    module: ModuleType = z3
    return module
