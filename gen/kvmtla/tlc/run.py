"""Runs TLC as a process that leaves nothing behind, and has its output judged."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TypeAlias

from kvmtla.errors import ToolError
from kvmtla.tlc.archive import find_archive
from kvmtla.tlc.cfg import has_temporal_property, unsound_reduction
from kvmtla.tlc.command import RunOptions, command
from kvmtla.tlc.facts import progress_of
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.outcome import Progress, TlcOutcome
from kvmtla.tlc.protocol import Protocol
from kvmtla.tlc.toolchain import Toolchain
from kvmtla.tlc.verdict import FinishedRun, judge

# How long a wish to cancel may go unnoticed, in seconds.
_POLL = 0.1
# How long a process that has closed its output may take to end, in seconds.
_GRACE = 30.0
# Of standard error the end is kept, in characters.
_STDERR_KEPT = 20_000

_Lines: TypeAlias = "queue.SimpleQueue[bytes | None]"


@dataclass(frozen=True, slots=True)
class _Running:
    """A process, and the lines of its standard output as they come; None after the last."""

    process: subprocess.Popen[bytes]
    lines: _Lines


def run_tlc(
    toolchain: Toolchain,
    folder: Path,
    module: str,
    cfg: str,
    *,
    options: RunOptions | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> TlcOutcome:
    """Checks `module` with the configuration file `cfg`, both in `folder`, and judges the result.

    `folder` is only read. `on_progress` is called in this thread: some seconds after the start,
    then once a minute, and at the end. Setting `cancel` ends the run within a moment. Whatever ends
    it (also an exception in `on_progress` or KeyboardInterrupt, which go on to the caller), the
    process and all its children are dead and its files removed afterwards; only a signal that ends
    Python itself at once leaves them. May be called from several threads at once.

    Raises ToolError where there is nothing to run: no such file, a file in another folder, a
    temporal property together with a reduction that makes its answer worthless, or no process.
    """
    options = options or RunOptions()
    options = _guarded(options, _inputs(folder, module, cfg))
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as private:
        line = command(
            toolchain, module, cfg, Path(private), options, archive=find_archive(toolchain)
        )
        stderr_path = Path(private) / "stderr"
        started = time.monotonic()
        protocol = Protocol()
        with stderr_path.open("wb") as stderr, _process(line, folder, stderr) as running:
            stopped = _listen(running, protocol, options.time_limit, on_progress, cancel)
        protocol.close()
        return judge(
            FinishedRun(
                output=protocol,
                exit_code=running.process.returncode,
                stopped=stopped,
                stderr=stderr_path.read_text("utf-8", "replace")[-_STDERR_KEPT:],
                seconds=time.monotonic() - started,
                temporal=options.temporal,
                of_steps=options.of_steps,
                coverage=options.coverage,
                collision_limit=options.collision_limit,
            )
        )


def _inputs(folder: Path, module: str, cfg: str) -> str:
    """The text of the cfg, after a look that both files are where TLC will look for them."""
    source = module if module.endswith(".tla") else f"{module}.tla"
    for name in (source, cfg):
        if Path(name).name != name:
            raise ToolError("KT807", f"{name!r} is not the plain name of a file in {folder}")
        if not (folder / name).is_file():
            raise ToolError("KT807", f"there is no file {folder / name}")
    try:
        return (folder / cfg).read_text("utf-8", "replace")
    except OSError as error:
        raise ToolError("KT807", f"cannot read {folder / cfg}: {error.strerror}") from error


def _guarded(options: RunOptions, cfg: str) -> RunOptions:
    if options.of_steps:
        return options
    if keyword := unsound_reduction(cfg):
        raise ToolError(
            "KT809",
            f"the configuration has both a temporal property and {keyword}",
            hint=f"check the property without {keyword}: TLC's answer would mean nothing",
        )
    return replace(options, temporal=options.temporal or has_temporal_property(cfg))


@contextlib.contextmanager
def _process(line: list[str], folder: Path, stderr: IO[bytes]) -> Iterator[_Running]:
    """The process, in a group of its own; dead when the context is left, by whatever way."""
    try:
        process = subprocess.Popen(
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=java_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError("KT804", f"cannot run {line[0]}: {error}") from error
    lines: _Lines = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    try:
        reader.start()
        yield _Running(process, lines)
    finally:
        _kill(process)
        process.wait()
        reader.join(_GRACE)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and its children at once; TLC has nothing to save."""
    # Once it was waited for, its number may be that of another process.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)


def _read(output: IO[bytes], lines: _Lines) -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put(None)


def _listen(
    running: _Running,
    protocol: Protocol,
    time_limit: float | None,
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
) -> str | None:
    """Feeds the protocol until the process ends; gives the reason where that has to be forced."""
    deadline = None if time_limit is None else time.monotonic() + time_limit
    while True:
        if cancel is not None and cancel.is_set():
            return "the run was cancelled"
        left = _POLL
        if deadline is not None:
            left = min(left, deadline - time.monotonic())
            if left <= 0:
                return f"TLC did not finish within {time_limit:g} seconds"
        try:
            line = running.lines.get(timeout=left)
        except queue.Empty:
            continue
        if line is None:
            break
        # Bytes that are no UTF-8 must not turn into a value that could be mistaken for another.
        message = protocol.feed(line.decode("utf-8", "backslashreplace"))
        if message and on_progress and (progress := progress_of(message)):
            on_progress(progress)
    try:
        running.process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "TLC closed its output and went on running"
    return None
