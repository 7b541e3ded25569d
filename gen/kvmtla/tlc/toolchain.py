"""A Java runtime and a jar that together make a TLC."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kvmtla.cache import cache_folder, recall, remember
from kvmtla.errors import ToolError
from kvmtla.tlc.jar import Jar, find_jar
from kvmtla.tlc.java import Java, find_java, java_environment
from kvmtla.tlc.protocol import Protocol

# The oldest TLC whose messages and exit statuses this package was tested with.
OLDEST_TLC = (2, 15)

_VERSION_MESSAGE = 2262


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The tools for a run; `version` is how TLC introduces itself ("TLC2 Version 2.15 of ...")."""

    java: Java
    jar: Jar
    version: str


def find_toolchain(
    java: str | Path | None = None,
    jar: str | Path | None = None,
    *,
    announce: Callable[[str], None] | None = None,
) -> Toolchain:
    """Return the Java of `find_java(java)` and the jar of `find_jar(jar)`.

    Both tell `announce` before they fetch anything. The jar is asked for its version once, and the
    answer kept in the user's cache. Raises ToolError where something is missing, broken or too old.
    """
    # The jar first: it is found without running anything.
    found_jar = find_jar(jar, announce=announce)
    found_java = find_java(java, announce=announce)
    return Toolchain(found_java, found_jar, _version(found_java, found_jar))


def _version(java: Java, jar: Jar) -> str:
    entry = cache_folder() / "jar" / jar.sha256
    kept = recall(entry, jar.sha256)
    version = kept.text if kept is not None else _ask(java, jar)
    if kept is None:
        remember(entry, jar.sha256, version)
    # A private build may carry no number; what it writes is judged all the same.
    number = re.match(r"TLC2 Version (\d+)\.(\d+)", version)
    if number and (int(number[1]), int(number[2])) < OLDEST_TLC:
        raise ToolError(
            "KT804",
            f"{jar.path} ({jar.origin}) is too old: {version}",
            hint="name a tla2tools.jar of TLC 2.15 (release 1.7.0) or newer with --jar",
        )
    return version


def _ask(java: Java, jar: Jar) -> str:
    """Return the version message, which TLC gives before it misses the module to read."""
    with tempfile.TemporaryDirectory(prefix="kvmtla-") as folder:
        line = [str(java.path), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        line += [f"-Djava.io.tmpdir={folder}", "-cp", str(jar.path), "tlc2.TLC", "-tool"]
        line += ["-metadir", folder, "Nothing"]
        try:
            done = subprocess.run(
                line,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=120,
                env=java_environment(),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError("KT804", f"TLC in {jar.path} does not run: {error}") from error
    protocol = Protocol()
    for text in done.stdout.splitlines():
        message = protocol.feed(text)
        if message and message.code == _VERSION_MESSAGE:
            return message.text.strip()
    said = " ".join((done.stderr + done.stdout).split())[:200] or "it says nothing"
    raise ToolError("KT804", f"TLC in {jar.path} ({jar.origin}) does not run: {said}")
