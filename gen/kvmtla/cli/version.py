"""The version of kvmtla."""

from __future__ import annotations


def version() -> str:
    """Return the version that is installed, or words that say that none is."""
    # This import takes as long as all else that a command imports, and is seldom needed.
    import importlib.metadata  # noqa: PLC0415

    try:
        return importlib.metadata.version("kvmtla")
    except importlib.metadata.PackageNotFoundError:
        return "unknown (not installed)"
