"""Which kvmtla this is."""

from __future__ import annotations


def version() -> str:
    """The version that is installed, or words that say that none is."""
    # Takes as long as all else that a command imports, and is seldom asked for.
    import importlib.metadata  # noqa: PLC0415

    try:
        return importlib.metadata.version("kvmtla")
    except importlib.metadata.PackageNotFoundError:
        return "unknown (not installed)"
