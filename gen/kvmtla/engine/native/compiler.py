"""The C compiler of the machine, and the libraries that it makes, kept by content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kvmtla.cache import (
    cache_folder,
    keep_file,
    kept_files,
    new_entry,
    throw_away,
    whole_file,
)
from kvmtla.patience import left, on_time

CHOSEN = "KVMTLA_CC"
"""The environment variable that names the compiler, with its arguments; empty means none."""

_NAMES = ("cc", "gcc", "clang")
_OPTIONS = ("-O2", "-std=gnu11", "-fwrapv", "-fno-strict-aliasing", "-w", "-fPIC", "-shared")
_PATIENCE = 300.0


class NoCompilerError(Exception):
    """There is no compiler, or it does not work; the message says what is wrong, in one line."""


@dataclass(frozen=True)
class Compiler:
    """A C compiler: the command that calls it, and what it says of itself."""

    command: tuple[str, ...]
    identity: str

    @property
    def name(self) -> str:
        """The name of the compiler in messages."""
        return shlex.join(self.command)


def find_compiler() -> Compiler:
    """Return the compiler that $KVMTLA_CC names, or the machine's, or that of package ziglang.

    Raises NoCompilerError.
    """
    return _identified(os.environ.get(CHOSEN), os.environ.get("PATH", ""))


@cache
def _identified(chosen: str | None, _path: str) -> Compiler:
    command = _command(chosen)
    try:
        done = _run([*command, "--version"], 30.0)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoCompilerError(f"{shlex.join(command)} cannot be run: {_line(str(error))}") from None
    if done.returncode:
        said = _line(done.stderr)
        raise NoCompilerError(f"{shlex.join(command)} --version fails: {said}")
    return Compiler(tuple(command), f"{' '.join(command)}\n{done.stdout}")


def _command(chosen: str | None) -> list[str]:
    if chosen is not None:
        try:
            command = shlex.split(chosen)
        except ValueError as error:
            raise NoCompilerError(f"${CHOSEN} is no command: {error}") from None
        if not command:
            raise NoCompilerError(f"${CHOSEN} is empty")
        found = shutil.which(command[0])
        if found is None:
            raise NoCompilerError(f"${CHOSEN} names {command[0]}, which is no command")
        return [found, *command[1:]]
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return [found]
    if find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    raise NoCompilerError("there is no C compiler")


@contextlib.contextmanager
def library(source: str, compiler: Compiler) -> Iterator[Path]:
    """Yield the shared library that a compiler makes of a program; it may vanish after the block.

    It is kept for the next time, unless the cache cannot be written. Raises NoCompilerError.
    """
    text = "\n".join([compiler.identity, " ".join(_OPTIONS), sys.platform, source])
    folder, name = cache_folder() / "native", f"{hashlib.sha256(text.encode()).hexdigest()[:40]}.so"
    if (known := whole_file(folder, name)) is not None:
        yield known
        return
    for broken in kept_files(folder, name):
        throw_away(broken)
    with contextlib.ExitStack() as stack:
        try:
            work = stack.enter_context(new_entry(folder / name))
            made = _compiled(source, compiler, work)
        except OSError:
            work = _elsewhere(stack)
            made = _compiled(source, compiler, work)
        with contextlib.suppress(OSError):
            # From here on, whoever loads it finds it whole.
            made = keep_file(made, folder, name)
        yield made


def _elsewhere(stack: contextlib.ExitStack) -> Path:
    import tempfile  # noqa: PLC0415 - few caches cannot be written

    try:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kvmtla-")))
    except OSError as error:
        raise NoCompilerError(f"there is no folder to compile in: {_line(str(error))}") from None


def _compiled(source: str, compiler: Compiler, work: Path) -> Path:
    """Return the library, made in a folder. Raises OSError if that cannot be written."""
    (work / "model.c").write_text(source, encoding="utf-8")
    made = work / "model.so"
    command = [*compiler.command, *_OPTIONS, "-o", str(made), str(work / "model.c"), "-pthread"]
    try:
        done = _run(command, left(_PATIENCE))
    except subprocess.TimeoutExpired:
        on_time()
        raise NoCompilerError(f"{compiler.name} did not end in {_PATIENCE:.0f} s") from None
    if done.returncode:
        if shutil.disk_usage(work).free < len(source):
            raise OSError("the disk is full")
        raise NoCompilerError(f"{compiler.name} fails: {_line(done.stderr)}")
    if not made.is_file():
        raise NoCompilerError(f"{compiler.name} makes nothing")
    return made


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; after an interruption, nothing that it began goes on."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _line(text: str) -> str:
    """Return the line that says most of what a program printed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it says nothing"])[0][:200]
