"""A process whose standard output is read line by line, and that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from kvmtla.errors import ToolError
from kvmtla.tlc.facts import progress_of
from kvmtla.tlc.java import java_environment
from kvmtla.tlc.outcome import Progress
from kvmtla.tlc.protocol import Protocol

# How long a wish to cancel may go unnoticed, in seconds.
_POLL = 0.1
# How long a process that has closed its output may take to end, in seconds.
_GRACE = 30.0

Lines: TypeAlias = "queue.SimpleQueue[bytes | None]"


@dataclass(frozen=True, slots=True)
class Running:
    """A process, and the lines of its standard output as they come; None after the last."""

    process: subprocess.Popen[bytes]
    lines: Lines


@contextlib.contextmanager
def running(
    line: list[str], folder: Path, stderr: IO[bytes], *, asked: bool = False
) -> Iterator[Running]:
    """Yield the process, in a group of its own; it is dead however the context is left.

    With `asked`, it has a standard input to be written to. Raises ToolError where it cannot run.
    """
    try:
        process = subprocess.Popen(
            line,
            cwd=folder,
            stdin=subprocess.PIPE if asked else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=java_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise ToolError("KT804", f"cannot run {line[0]}: {error}") from error
    lines: Lines = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    try:
        reader.start()
        yield Running(process, lines)
    finally:
        _kill(process)
        process.wait()
        reader.join(_GRACE)
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children at once; TLC has nothing to save."""
    # Once it has been waited for, its number may be that of another process.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)


def _read(output: IO[bytes], lines: Lines) -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put(None)


@dataclass(frozen=True, slots=True)
class Heard:
    """The end of the listening: the last line, or the reason for giving up.

    `last` is None where the output ended without that line; `stopped` is None where it was not
    given up.
    """

    last: bytes | None = None
    stopped: str | None = None


def listen(
    lines: Lines,
    protocol: Protocol,
    time_limit: float | None,
    on_progress: Callable[[Progress], None] | None,
    cancel: threading.Event | None,
    is_last: Callable[[bytes], bool] = lambda _: False,
) -> Heard:
    """Feed the protocol until the output ends, or up to the line that `is_last`.

    Gives up after `time_limit` seconds, or once `cancel` is set; `on_progress` is called in this
    thread.
    """
    deadline = None if time_limit is None else time.monotonic() + time_limit
    while True:
        if cancel is not None and cancel.is_set():
            return Heard(stopped="the run was cancelled")
        left = _POLL
        if deadline is not None:
            left = min(left, deadline - time.monotonic())
            if left <= 0:
                return Heard(stopped=f"TLC did not finish within {time_limit:g} seconds")
        try:
            line = lines.get(timeout=left)
        except queue.Empty:
            continue
        if line is None or is_last(line):
            return Heard(last=line)
        # Bytes that are not UTF-8 must not turn into a value that could be mistaken for another.
        message = protocol.feed(line.decode("utf-8", "backslashreplace"))
        if message and on_progress and (progress := progress_of(message)):
            on_progress(progress)


def ended(process: subprocess.Popen[bytes]) -> str | None:
    """Wait for a process that has closed its output; give a reason where it goes on running."""
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "TLC closed its output and went on running"
    return None
