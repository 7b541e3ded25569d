"""The interleaving as kernel commit messages show it: a column an actor, time downwards."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from kvmtla.trace.trace import Step, Told, Trace

WIDTH = 75
_GAP = 2
_INDENT = 2


def commit_form(trace: Trace) -> str:
    """The trace in columns, at most 75 characters wide, ready to be pasted into a mail."""
    lanes = list(trace.lanes)
    width = (WIDTH - _INDENT - _GAP * (len(lanes) - 1)) // len(lanes)
    rows = [_row({lane: _clip(lane, width) for lane in lanes}, lanes, width)]
    rows.append(_row(dict.fromkeys(lanes, "-" * width), lanes, width))
    for w in trace.first_words:
        rows.extend(textwrap.wrap(f"at first: {w}", WIDTH - _INDENT, subsequent_indent="  "))
    for s in trace.steps:
        for line in _step(s, width):
            rows.append(_row({s.lane: line}, lanes, width))
    rows.append("")
    for line in trace.failure:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        rows.extend(textwrap.wrap(line, WIDTH - _INDENT, subsequent_indent=indent))
    return "\n".join((" " * _INDENT + r).rstrip() for r in rows)


def _row(cells: dict[str, str], lanes: list[str], width: int) -> str:
    return (" " * _GAP).join(cells.get(lane, "").ljust(width) for lane in lanes).rstrip()


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _step(s: Step, width: int) -> Iterator[str]:
    for t in s.told:
        for line, deeper in _told(t, s):
            indent = "  " if deeper else ""
            yield from textwrap.wrap(
                line, width, initial_indent=indent, subsequent_indent=indent + "  "
            )


def _told(t: Told, s: Step) -> Iterator[tuple[str, bool]]:
    """The lines that tell an event; of each, whether it is a detail of the one before."""
    if t.kind in ("unlock", "test"):
        return
    yield t.text, False
    if t.kind in ("READ_ONCE", "test_bit"):
        yield t.value, True
    elif t.kind in ("try_cmpxchg", "cmpxchg") and t.value == "no":
        yield "fails", True
    for f, before, after in t.wrote:
        if f:
            yield f"{f}={before} -> {f}={after}", True
    if t.kind == "hardware":
        for c in s.changes:
            if c.local is None and c.field:
                yield f"{c.place}: {c.field}={c.after}", True
