"""ftrace's text: `trace`, `trace_pipe`, `trace-cmd report`, and what `perf script` makes of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from kvmtla.errors import ToolError

# Task, pid, perhaps the thread group, CPU, perhaps flags, time stamp, perhaps the system, event.
_HEAD = re.compile(
    r"\s*(?P<task>\S.*?)(?:-|\s+)(?P<pid>\d+)\s+(?:\(\s*[-\d]+\)\s+)?\[\d{3,}\]\s+"
    r"(?:\S{4,8}\s+)?(?P<stamp>\d+(?:\.\d+)?):\s+(?:\w+:)?(?P<name>\w+):(?: |$)"
)
# Behind an event that prints nothing, not even the end of its line.
_NEXT = re.compile(r"\s{4,}(?=\S+-\d+\s+\[\d{3,}\]\s+(?:\S{4,8}\s+)?\d+(?:\.\d+)?: \w+:)")
_WIDE = "    "
_ENTRIES = re.compile(r"# entries-in-buffer/entries-written: (\d+)/(\d+)")
_LOST = re.compile(r"\[LOST \d+ EVENTS\]|\bEVENTS DROPPED\b|\blost \d+ events", re.IGNORECASE)
# What the tools say besides events.
_PREAMBLE = re.compile(r"#|version = |cpus=|CPU \d+ is empty|\s*$")
_BINARY = {b"\x17\x08\x44tracing": ("trace-cmd", "report"), b"PERFILE2": ("perf", "script")}
_HOLE = re.compile(r"\{(\w+)(?::([xd]))?\}")
_DIGITS = {"x": "(?:0x)?([0-9a-f]+)", "d": r"(-?\d+)", None: r"(\S*)"}


class Event(NamedTuple):
    """One event: the line of the file, who, which, and what it says."""

    line: int
    task: str
    name: str
    text: str


@dataclass
class Trace:
    """The events of a file in its order, and what speaks against its being whole."""

    file: str
    events: list[Event] = field(default_factory=list)
    counted: bool = False
    """Does it say itself how many events there are, and is that so?"""
    flaws: list[str] = field(default_factory=list)


class Format:
    """The text of an event, with holes for its values."""

    def __init__(self, text: str) -> None:
        parts = _HOLE.split(text)
        pattern = re.escape(parts[0])
        self._names: list[tuple[str, str | None]] = []
        for name, kind, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            self._names.append((name, kind))
            pattern += _DIGITS[kind] + re.escape(rest)
        self._pattern = re.compile(pattern)

    def values(self, text: str) -> dict[str, int] | None:
        """Return the numbers in an event's text by name; None if it does not have this form."""
        found = self._pattern.search(text)
        if found is None:
            return None
        bases = {"x": 16, "d": 10}
        return {
            name: int(value, bases[kind])
            for (name, kind), value in zip(self._names, found.groups(), strict=True)
            if kind is not None
        }


def read(file: Path) -> Trace:
    """Read a trace; `trace.dat` and `perf.data` with the tool that made them.

    Raises ToolError where there is no such file or tool, and where it is no trace.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ToolError("KT807", f"cannot read {file}: {error.strerror}") from error
    for begin, command in _BINARY.items():
        if raw.startswith(begin):
            raw = _translated(file, command)
    trace = Trace(str(file))
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    if not text.strip():
        trace.flaws.append("the file is empty")
        return trace
    if not text.endswith("\n"):
        trace.flaws.append("the last line is cut off")
    lines = text.split("\n")
    written = None
    for number, line in enumerate(lines, 1):
        events = list(_events(number, line))
        trace.events += events
        if events:
            continue
        if counts := _ENTRIES.match(line):
            written = int(counts[1])
            if counts[1] != counts[2]:
                trace.flaws.append(
                    f"line {number}: {int(counts[2]) - written} of {counts[2]} events have been "
                    "overwritten in the buffer"
                )
        elif _LOST.search(line):
            trace.flaws.append(f"line {number}: events have been lost")
        elif not _PREAMBLE.match(line):
            trace.flaws.append(f"line {number} is no event")
    if not trace.events:
        trace.flaws.append("there is no event in it")
    elif written is not None and written != len(trace.events):
        trace.flaws.append(f"it says that it has {written} events, and has {len(trace.events)}")
    trace.counted = written is not None and not trace.flaws
    return trace


def _events(number: int, line: str) -> Iterator[Event]:
    """Yield the events of a line: one, or more where one does not end its line."""
    head = _HEAD.match(line)
    if head is None:
        return
    text = line[head.end() :]
    if _WIDE in text and (more := _NEXT.search(text)):
        yield Event(number, f"{head['task']}-{head['pid']}", head["name"], text[: more.start()])
        yield from _events(number, text[more.start() :])
    else:
        yield Event(number, f"{head['task']}-{head['pid']}", head["name"], text)


def _translated(file: Path, command: tuple[str, str]) -> bytes:
    tool, what = command
    if shutil.which(tool) is None:
        raise ToolError(
            "KT815",
            f"{file} is not text, and there is no {tool} to read it",
            hint=f"install {tool}, or give what `{tool} {what} -i {file}` prints",
        )
    done = subprocess.run([tool, what, "-i", str(file)], capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ToolError("KT815", f"{tool} cannot read {file}: {said[-1] if said else 'no reason'}")
    return done.stdout
