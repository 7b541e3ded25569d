"""The state graph of a small model as a picture, with the counterexample marked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kvmtla.export.drawing import environment
from kvmtla.export.layout import Layout, layered
from kvmtla.export.states import Edge, Group, StateGraph, state_graph
from kvmtla.ir.model import Model
from kvmtla.trace import Trace
from kvmtla.trace.commit import clipped
from kvmtla.trace.narration import again
from kvmtla.trace.plain import plain

_CHAR, _LINE = 6.8, 14
_PAD, _MARGIN, _GAP, _BETWEEN = 6, 14, 16, 44
_LONGEST, _MOST_LINES = 34, 8
# The least width, for the text below the graph.
_NARROWEST = 620
# The pixels by which an edge that leads back bulges out, for each pixel that it goes up.
_BULGE = 0.12


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class _Line:
    """An edge: its path, its style, its steps in words, and the numbers on it, if any."""

    path: str
    kind: str
    title: str
    label: str
    x: float
    y: float


def graph(model: Model, trace: Trace, by: Sequence[str] = ()) -> str:
    """Return the picture, as SVG; `by` and the errors raised are as in `state_graph`."""
    states = state_graph(model, trace, by)
    texts = [_lines(g, states) for g in states.groups]
    sizes = [(max(map(len, t)) * _CHAR + 2 * _PAD, len(t) * _LINE + 2 * _PAD - 2) for t in texts]
    spine = _spine(states)
    drawn = layered(
        sizes,
        [(e.start, e.end) for e in states.edges],
        [i for i, g in enumerate(states.groups) if g.first],
        spine,
        gap=_GAP,
        between=_BETWEEN,
    )
    head = list(_head(trace, states))
    width = max(_NARROWEST, drawn.width + 6 * _MARGIN)
    left = (width - drawn.width) / 2
    top = _MARGIN + len(head) * 16 + 10
    boxes = [
        _Box(
            drawn.x[i] + left - w / 2,
            drawn.y[i] + top - h / 2,
            w,
            h,
            tuple(text),
            " ".join(_kinds(g)),
            _title(g),
        )
        for i, (g, (w, h), text) in enumerate(zip(states.groups, sizes, texts, strict=True))
    ]
    bottom = top + drawn.height + 30
    tail = [part for line in _tail(trace) for part in _wrapped(line, width)]
    return (
        environment()
        .get_template("graph.svg.jinja")
        .render(
            title=plain(f"{trace.title}: {states.total} states"),
            description=plain("; ".join(trace.failure)),
            width=round(width),
            height=round(bottom + len(tail) * 16 + _MARGIN),
            margin=_MARGIN,
            head=head,
            boxes=boxes,
            lines=[_edge(e, boxes, drawn) for e in sorted(states.edges, key=_prominence)],
            tail=tail,
            bottom=bottom,
            char=_CHAR,
            step=_LINE,
            pad=_PAD,
        )
    )


def _lines(group: Group, states: StateGraph) -> list[str]:
    lines = list(group.lines)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} more"]
    if states.by:
        lines.append(_count(group))
        inside = [n for n in group.steps if n and n - 1 in group.steps]
        if inside:
            lines.append(f"steps {_ranges(inside)} inside")
    return [clipped(plain(line), _LONGEST) for line in lines]


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers in order, as `1-4, 6`."""
    parts: list[list[int]] = []
    for n in numbers:
        if parts and parts[-1][-1] == n - 1:
            parts[-1][1:] = [n]
        else:
            parts.append([n])
    return ", ".join("-".join(map(str, p)) for p in parts)


def _count(group: Group) -> str:
    count = "one state" if group.states == 1 else f"{group.states} states"
    return f"{count}, {group.bad} bad" if 0 < group.bad < group.states else count


def _kinds(group: Group) -> Iterator[str]:
    yield "box"
    if group.first:
        yield "first"
    if group.steps:
        yield "passed"
    if group.bad:
        yield "broken"


def _title(group: Group) -> str:
    return plain("; ".join((_count(group), *group.lines)))


def _spine(states: StateGraph) -> list[int]:
    """Return the groups that the counterexample passes."""
    return [i for i, g in enumerate(states.groups) if g.steps]


def _prominence(edge: Edge) -> bool:
    """Does the counterexample take this edge? Such edges are drawn last, over all others."""
    return bool(edge.steps)


def _edge(edge: Edge, boxes: Sequence[_Box], drawn: Layout) -> _Line:
    a, b = boxes[edge.start], boxes[edge.end]
    ax, bx = a.x + a.width / 2, b.x + b.width / 2
    kind = "taken" if edge.steps else "edge"
    if drawn.y[edge.end] > drawn.y[edge.start]:
        ay, by = a.y + a.height, b.y
        mid = (ay + by) / 2
        path = f"M{ax:.1f} {ay:.1f} C{ax:.1f} {mid:.1f} {bx:.1f} {mid:.1f} {bx:.1f} {by - 5:.1f}"
        x, y = (ax + bx) / 2, mid
    elif drawn.y[edge.end] == drawn.y[edge.start]:
        # The edge goes below the boxes of its rank.
        ay, by = a.y + a.height, b.y + b.height
        low = max(ay, by) + 18
        path = f"M{ax:.1f} {ay:.1f} C{ax:.1f} {low:.1f} {bx:.1f} {low:.1f} {bx:.1f} {by + 5:.1f}"
        x, y = (ax + bx) / 2, low - 5
        kind += " back"
    else:
        ay, by = a.y + a.height / 2, b.y + b.height / 2
        # The edge goes by the side that is nearer to both.
        right = ax <= bx
        ax, bx = (a.x + a.width, b.x + b.width + 5) if right else (a.x, b.x - 5)
        out = 14 + (ay - by) * _BULGE
        far = max(ax, bx) + out if right else min(ax, bx) - out
        path = f"M{ax:.1f} {ay:.1f} C{far:.1f} {ay:.1f} {far:.1f} {by:.1f} {bx:.1f} {by:.1f}"
        x, y = (ax + bx) / 8 + far * 3 / 4, (ay + by) / 2
        kind += " back"
    return _Line(path, kind, plain("\n".join(edge.texts)), ", ".join(map(str, edge.steps)), x, y)


def _head(trace: Trace, states: StateGraph) -> Iterator[tuple[str, str]]:
    yield plain(trace.title), "title"
    count = f"all {states.total} states"
    if states.by:
        count = f"{count}, in {len(states.groups)} groups that are alike in {', '.join(states.by)}"
    yield plain(f"{trace.scenario}: {count}"), "note"


def _tail(trace: Trace) -> Iterator[tuple[str, str]]:
    for i, s in enumerate(trace.steps):
        if trace.loop == i:
            yield again(trace), "note"
        yield f"{s.number:>3}  {s.actor}: {s.text}", "text"
    if trace.loop == len(trace.steps):
        yield again(trace), "note"
    for i, line in enumerate(trace.failure):
        yield line, "bad" if i == 0 and not trace.own else "text"


def _wrapped(line: tuple[str, str], width: float) -> Iterator[tuple[str, str]]:
    text, kind = line
    indent = " " * (len(text) - len(text.lstrip(" ")))
    room = int((width - 2 * _MARGIN) / 7.4)
    parts = textwrap.wrap(
        plain(text), room, subsequent_indent=f"{indent}     ", break_on_hyphens=False
    )
    # SVG drops spaces at the beginning, and all but one of several in a row.
    bare = (part.lstrip(" ").replace("  ", "\u00a0\u00a0") for part in parts)
    return (
        ("\u00a0" * (len(part) - len(part.lstrip(" "))) + text, kind)
        for part, text in zip(parts, bare, strict=True)
    )
