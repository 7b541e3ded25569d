"""The tools that there are to run TLC with, for `doctor`."""

from __future__ import annotations

from kvmtla.cache import cache_folder
from kvmtla.tlc.archive import archives_folder, find_archive
from kvmtla.tlc.jar import PINNED_SHA256
from kvmtla.tlc.toolchain import Toolchain


def describe(toolchain: Toolchain) -> list[tuple[str, str]]:
    """Return what there is, as pairs of a label and a value, in the order to be shown."""
    java, jar = toolchain.java, toolchain.jar
    archive = find_archive(toolchain)
    return [
        ("Java", f"{java.path} ({java.origin})"),
        ("Java version", java.version),
        ("TLC", f"{jar.path} ({jar.origin})"),
        ("TLC version", toolchain.version),
        ("TLC SHA-256", jar.sha256 + (" (pinned)" if jar.sha256 == PINNED_SHA256 else "")),
        (
            "trace specs",
            "switched off" if jar.writes_trace_specs else "not written by this TLC",
        ),
        (
            "class-data archive",
            f"{archive} ({archive.stat().st_size / 1e6:.0f} MB)"
            if archive
            else f"none yet (would be in {archives_folder()})",
        ),
        ("cache", str(cache_folder())),
    ]
