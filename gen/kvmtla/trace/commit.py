"""The interleaving as kernel commit messages show it: one column per actor, time downwards."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations

from kvmtla.trace.counterexample import READS, Counterexample, Step, Told
from kvmtla.trace.plain import plain
from kvmtla.trace.story import changes_in_words

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
    widths = column_widths(trace.lanes, cells, WIDTH - _INDENT - _GAP * (len(trace.lanes) - 1))
    rows = [_row({n: clipped(n, widths[n]) for n in trace.lanes}, widths)]
    rows.append(_row({n: "-" * widths[n] for n in trace.lanes}, widths))
    for i, (lane, lines) in enumerate(cells):
        if trace.loop == i:
            rows.append(_ruled("again and again", rows[1]))
        for text, depth in lines:
            rows.extend(_row({lane: part}, widths) for part in wrapped(text, depth, widths[lane]))
    if trace.loop is not None:
        still = trace.loop == len(trace.steps)
        rows.append(_ruled("nothing happens any more" if still else "", rows[1]))
    notes = [f"At first, {'; '.join(trace.first_words)}.", ""] if trace.first_words else []
    head = [line for n in notes for line in textwrap.wrap(n, WIDTH - _INDENT) or [""]]
    tail = [""]
    for line in trace.failure:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        tail.extend(textwrap.wrap(line, WIDTH - _INDENT, subsequent_indent=indent))
    return "\n".join(plain(" " * _INDENT + r).rstrip() for r in (*head, *rows, *tail))


def _ruled(text: str, ruler: str) -> str:
    """Return a line across all columns, with a text in it."""
    return f"-- {text} ".ljust(len(ruler), "-") if text else "-" * len(ruler)


def lines_by_step(trace: Counterexample) -> list[tuple[str, Lines]]:
    """Return the lane of each step, with what happens in the step, line by line."""
    return [(s.lane, list(_step(s, before))) for s, before in _with_previous(trace)]


def _with_previous(trace: Counterexample) -> Iterator[tuple[Step, Step | None]]:
    """Yield each step with the one before it in the same lane."""
    last: dict[str, Step] = {}
    for s in trace.steps:
        yield s, last.get(s.lane)
        last[s.lane] = s


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


def _step(s: Step, before: Step | None) -> Iterator[tuple[str, int]]:
    """Yield the lines of a step, each with its depth."""
    if not s.is_hardware and s.opens(before):
        yield f"{s.operation}()", 0
    depth = 0 if s.is_hardware else 1
    told = [t for t in s.told if t.kind != "unlock"]
    leaves = s.ends or len(told) < len(s.told)
    for i, t in enumerate(told):
        if t.begins and i > 0:
            yield f"{t.path[0]}()", 0
        if t.kind == "test":
            # This says why nothing more happens after a read; where something does, that says it.
            last = t is told[-1] and t.value == "yes" and leaves
            if last and i > 0 and told[i - 1].kind in READS:
                yield f"{t.text}: skip", depth
            elif s.decides or (t.value == "yes" and i > 0 and told[i - 1].kind in READS):
                yield f"if ({t.text}): {t.value}", depth
            continue
        yield t.text, depth
        yield from ((line, depth + 1) for line in _detail(t))
        if t.kind in ("hardware", "call"):
            yield from ((line, depth + 1) for line in changes_in_words(s.changes))
    yield from ((link.short, depth + 1) for link in s.links if link.short)
    for t in s.told:
        if t.kind == "unlock":
            yield t.text, depth


def _detail(t: Told) -> Iterator[str]:
    if t.kind in READS:
        yield t.value
    elif t.kind == "try_cmpxchg" and t.value == "no":
        yield "fails"
    if any(f for f, _, _ in t.wrote):
        before = " ".join(f"{f}={a}" for f, a, _ in t.wrote)
        yield f"{before} -> {' '.join(f'{f}={b}' for f, _, b in t.wrote)}"
    elif t.wrote:
        _, a, b = t.wrote[0]
        yield f"{a} -> {b}"
