"""The interleaving as kernel commit messages show it: one column per actor, time downwards."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations

from kvmtla.trace.counterexample import Counterexample
from kvmtla.trace.narration import Kind, Line, narrate
from kvmtla.trace.plain import plain

Lines = list[tuple[str, int]]
"""Texts, each with how far it is indented."""

WIDTH = 75
_GAP = 2
_INDENT = 2
_NARROWEST = 14
# The widths that one column may give to another at once.
_GIFTS = (1, 2, 3, 5, 8)
# An unbroken word is worth so many lines.
_BROKEN = 3
# The least gain that is worth a change, so that rounding makes no difference.
_WORTH = 1e-6
# A word that is too long for its column is broken after the first, if need be after the second too.
_JOINTS = re.compile(r"(?<=[(,>:|])(?=[^\s)])")
_WEAK_JOINTS = re.compile(r"(?<=[(,>:|_.])(?=[^\s)])")


def commit_form(trace: Counterexample) -> str:
    """Return the trace in columns, at most 75 characters wide, ready to be pasted into a mail."""
    cells = lines_by_step(trace)
    rows = in_columns(trace.lanes, cells, WIDTH - _INDENT, trace.loop)
    if trace.loop is not None:
        still = trace.loop == len(trace.steps)
        rows.append(_ruled("nothing happens any more" if still else "", rows[1]))
    notes = [f"At first, {'; '.join(trace.first_words)}.", ""] if trace.first_words else []
    head = [line for n in notes for line in textwrap.wrap(n, WIDTH - _INDENT) or [""]]
    tail = ["", *failing(trace, WIDTH - _INDENT)]
    return "\n".join(plain(" " * _INDENT + r).rstrip() for r in (*head, *rows, *tail))


def failing(trace: Counterexample, width: int) -> Iterator[str]:
    """Yield what is wrong in the end, in lines of at most `width`."""
    for line in trace.failure:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(line, width, subsequent_indent=indent)


def in_columns(
    lanes: Sequence[str], cells: Sequence[tuple[str, Lines]], width: int, loop: int | None = None
) -> list[str]:
    """Return steps side by side, below the names of their lanes, in rows of at most `width`.

    `loop` is the number of steps before those that repeat, None where none do.
    """
    widths = column_widths(lanes, cells, width - _GAP * (len(lanes) - 1))
    rows = [_row({n: clipped(n, widths[n]) for n in lanes}, widths)]
    rows.append(_row({n: "-" * widths[n] for n in lanes}, widths))
    for i, (lane, lines) in enumerate(cells):
        if loop == i:
            rows.append(_ruled("again and again", rows[1]))
        for text, depth in lines:
            rows.extend(_row({lane: part}, widths) for part in wrapped(text, depth, widths[lane]))
    return rows


def _ruled(text: str, ruler: str) -> str:
    """Return a line across all columns, with a text in it."""
    return f"-- {text} ".ljust(len(ruler), "-") if text else "-" * len(ruler)


def lines_by_step(trace: Counterexample) -> list[tuple[str, Lines]]:
    """Return the lane of each step, with what happens in the step, line by line."""
    return [(s.lane, list(_cell(said))) for s, said in narrate(trace)]


def _cell(said: Sequence[Line]) -> Iterator[tuple[str, int]]:
    """Yield what is said of a step where there is little room; what it gives back comes last."""
    told = sorted(said, key=lambda line: line.kind is Kind.UNLOCK)
    yield from ((line.short, line.depth) for line in told if line.short is not None)


def column_widths(
    lanes: Sequence[str], cells: Sequence[tuple[str, Lines]], room: int
) -> dict[str, int]:
    """Return the width each column needs, narrowed in proportion where the sum exceeds `room`."""
    need = {n: len(n) for n in lanes}
    for lane, lines in cells:
        need[lane] = max([need[lane], *(len(t) + 2 * d for t, d in lines)])
    if sum(need.values()) <= room:
        return need
    least = min(_NARROWEST, room // len(lanes))
    spare = room - least * len(lanes)
    over = {n: max(0, need[n] - least) for n in lanes}
    widths = {n: least + spare * over[n] // sum(over.values()) for n in lanes}
    return _fewest_lines(widths, cells, least)


def _fewest_lines(
    widths: dict[str, int], cells: Sequence[tuple[str, Lines]], least: int
) -> dict[str, int]:
    """Return widths of the same sum that take fewer lines and break fewer words: one column gives
    to another as long as that helps. The cost of a column is per line of text that it holds.
    """
    of = {n: [line for lane, lines in cells if lane == n for line in lines] for n in widths}

    @cache
    def cost(lane: str, width: int) -> float:
        total = 0
        for text, depth in of[lane]:
            parts = list(wrapped(text, depth, width))
            broken = sum(all(word not in p for p in parts) for word in text.split())
            total += len(parts) + _BROKEN * broken
        return total / len(of[lane])

    def gain(a: str, b: str, by: int) -> float:
        now = cost(a, widths[a]) + cost(b, widths[b])
        return now - cost(a, widths[a] - by) - cost(b, widths[b] + by)

    while True:
        moves = [
            (gain(a, b, by), -by, a, b)
            for a, b in permutations(widths, 2)
            for by in _GIFTS
            if widths[a] - by >= least
        ]
        best, by, a, b = max(moves, default=(0.0, 0, "", ""))
        if best < _WORTH:
            return widths
        widths = {**widths, a: widths[a] + by, b: widths[b] - by}


def _row(cells: dict[str, str], widths: dict[str, int]) -> str:
    return (" " * _GAP).join(cells.get(n, "").ljust(w) for n, w in widths.items()).rstrip()


def clipped(text: str, width: int) -> str:
    """Return the text, cut to `width` with an ellipsis at the end where it is longer."""
    return text if len(text) <= width else text[: width - 1] + "…"


def wrapped(text: str, depth: int, width: int) -> Iterator[str]:
    """Yield a text in lines of at most `width`, broken between words, at joints, or anywhere."""
    indent = "  " * depth
    line, first = "", True
    for word in text.split():
        pieces = [word]
        for joints in (_JOINTS, _WEAK_JOINTS):
            if max(map(len, pieces)) > width - len(indent) - 2:
                pieces = joints.split(word)
        for i, piece in enumerate(pieces):
            glue = " " if line and i == 0 else ""
            lead = indent if first else indent + "  "
            if line and len(lead) + len(line) + len(glue) + len(piece) > width:
                yield lead + line
                line, first, glue = "", False, ""
                lead = indent + "  "
            rest = glue + piece
            while len(lead) + len(line) + len(rest) > width:
                cut = width - len(lead) - len(line)
                yield lead + line + rest[:cut]
                line, rest, first = "", rest[cut:], False
                lead = indent + "  "
            line += rest
    yield (indent if first else indent + "  ") + line
