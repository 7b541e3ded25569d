"""The lanes of a counterexample as a picture, for a mail or a talk."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kvmtla.export.drawing import environment
from kvmtla.trace import Trace
from kvmtla.trace.commit import Lines, clipped, column_widths, lines_by_step, wrapped
from kvmtla.trace.narration import again
from kvmtla.trace.plain import plain

# The characters in a row, and the width of one; most monospaced fonts are a little narrower.
_ROOM = 120
_CHAR, _LINE = 7.4, 16
_MARGIN, _NUMBER, _GAP, _PAD = 14, 34, 20, 7
# The width at the right edge for the way back from the end of a loop to its beginning.
_BACK = 26


@dataclass(frozen=True, slots=True)
class _Text:
    """A line of text; `kind` is its style."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Band:
    """The background of a step."""

    y: float
    height: float
    number: int


def svg(trace: Trace) -> str:
    """Return the SVG: a lane per actor, time going down, changes marked, and what is wrong."""
    cells = lines_by_step(trace)
    widths = column_widths(trace.lanes, cells, _ROOM)
    lefts: dict[str, float] = {}
    x: float = _MARGIN + _NUMBER
    for lane in trace.lanes:
        lefts[lane] = x
        x += widths[lane] * _CHAR + _GAP
    width = max(x - _GAP, 420) + _MARGIN + _BACK * trace.goes_round
    columns = int((width - 2 * _MARGIN) / _CHAR)
    lost = {link.short for s in trace.steps for link in s.links if link.short}
    texts: list[_Text] = []
    bands: list[_Band] = []
    y = float(_MARGIN + _LINE)

    def put(lines: Iterator[tuple[str, str]], left: float) -> None:
        nonlocal y
        for text, kind in lines:
            texts.append(_Text(left, y, plain(text), kind))
            y += _LINE

    put(_head(trace, columns), _MARGIN)
    y += _PAD
    top = y - _LINE
    for lane in trace.lanes:
        texts.append(_Text(lefts[lane], y, plain(clipped(lane, widths[lane])), "lane"))
    rule = y + _PAD
    y += _LINE + 2 * _PAD
    for number, (lane, lines) in enumerate(cells, 1):
        if trace.loop == number - 1:
            y += _PAD
            put(_wrapped(again(trace), columns), _MARGIN)
        begin = y
        texts.append(_Text(_MARGIN, y, str(number), "number"))
        put(_step(lines, widths[lane], lost), lefts[lane])
        y = max(y, begin + _LINE)
        bands.append(_Band(begin - _LINE + 3, y - begin + 1, number))
        y += 2
    if trace.loop == len(trace.steps):
        put(_wrapped(again(trace), columns), _MARGIN)
    bottom = y - _LINE + _PAD
    y += _PAD
    put(_tail(trace, columns), _MARGIN)
    return (
        environment()
        .get_template("lanes.svg.jinja")
        .render(
            title=plain(f"{trace.property}: {trace.scenario}"),
            description=plain("; ".join(trace.failure)),
            width=round(width),
            height=round(y),
            margin=_MARGIN,
            bands=bands,
            texts=texts,
            lines=[left - _GAP / 2 for left in lefts.values()],
            top=top,
            rule=rule,
            bottom=bottom,
            back=(bands[trace.loop or 0], bands[-1]) if trace.goes_round else None,
            edge=width - _MARGIN - 6,
        )
    )


def _head(trace: Trace, columns: int) -> Iterator[tuple[str, str]]:
    yield trace.title, "title"
    notes = [trace.meaning, trace.doc]
    if trace.first_words:
        notes.append(f"At first, {'; '.join(trace.first_words)}.")
    for note in notes:
        yield from _wrapped(note, columns)


def _wrapped(note: str, columns: int) -> Iterator[tuple[str, str]]:
    return ((line, "note") for line in textwrap.wrap(note, columns))


def _step(lines: Lines, width: int, lost: Collection[str]) -> Iterator[tuple[str, str]]:
    for text, depth in lines:
        kind = "change" if " -> " in text else "note" if depth > 1 else "text"
        if text in lost:
            kind = "bad"
        # SVG keeps only one of several spaces, which matters only for the indentation.
        for part in wrapped(text, depth, width):
            bare = part.lstrip(" ")
            yield "\u00a0" * (len(part) - len(bare)) + bare, kind


def _tail(trace: Trace, columns: int) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(trace.failure):
        bare = line.lstrip(" ")
        indent = "\u00a0" * (len(line) - len(bare))
        kind = "bad" if i == 0 and not trace.own else "text"
        for part in textwrap.wrap(bare, columns - len(indent)):
            yield (indent + part).replace("  ", "\u00a0\u00a0"), kind
