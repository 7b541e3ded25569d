"""All claims at a glance: a row per property, a column per kernel, a mark per verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmtla.check.results import Result, Tally
from kvmtla.export.drawing import environment
from kvmtla.front.scenario import Spec
from kvmtla.report.layout import Layout, by_claim
from kvmtla.trace.commit import clipped
from kvmtla.trace.plain import plain
from kvmtla.verdict import Verdict

# The size of a mark, the most marks in a row of a cell, and the least width of a cell.
_MARK, _ACROSS, _NARROWEST = 12, 6, 42
_LINE, _HEAD, _MARGIN, _CHAR = 16, 22, 12, 7.3
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class _Text:
    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A mark, by its middle; `kind` is the verdict, `title` says all about it."""

    x: float
    y: float
    kind: str
    differs: bool
    title: str


def claims(results: Sequence[Result], spec: Spec) -> str:
    """Return the picture, as SVG. Verdicts that are not as expected have a ring around them."""
    layout = Layout.of(results, spec)
    groups = by_claim(results)
    names = [clipped(n, _LONGEST) for found in groups.values() for n in found]
    left = _MARGIN + 2 * _CHAR + max(map(len, names)) * _CHAR + 14
    columns: dict[str, float] = {}
    x = left
    for c in layout.columns:
        columns[c] = x
        x += _width(groups, layout, c)
    width = x + _MARGIN
    texts = [_Text(columns[c], _MARGIN + 10, plain(c), "head") for c in layout.columns]
    if layout.across:
        texts.append(_Text(_MARGIN, _MARGIN + 10, plain(layout.across), "head"))
    marks: list[_Verdict] = []
    rules: list[float] = []
    y = _MARGIN + _HEAD
    for source, found in groups.items():
        rules.append(y - 3)
        room = int((width - 2 * _MARGIN) / _CHAR)
        texts.append(_Text(_MARGIN, y + 11, plain(clipped(source, room)), "source"))
        y += _HEAD
        for name, of_claim in found.items():
            shown = plain(clipped(name, _LONGEST))
            texts.append(_Text(_MARGIN + 2 * _CHAR, y + 8, shown, "name"))
            lines = 1
            for c in layout.columns:
                here = [r for r in of_claim if layout.column(r) == c]
                for i, r in enumerate(here):
                    row, place = divmod(i, _ACROSS)
                    at = columns[c] + place * _MARK + 4, y + 4 + row * _MARK
                    marks.append(_Verdict(*at, r.verdict.value, r.differs, plain(_title(r))))
                    lines = max(lines, row + 1)
            y += _LINE + (lines - 1) * _MARK
        y += 4
    tally = Tally.of(results)
    said = f"{len(results)} verdicts, {tally.expected} of them as expected"
    return (
        environment()
        .get_template("claims.svg.jinja")
        .render(
            title=plain(f"{spec.project.name}: {said}"),
            said=said,
            differ=tally.differ,
            width=round(max(width, 560)),
            height=round(y + 26),
            texts=texts,
            marks=marks,
            rules=rules,
            margin=_MARGIN,
            bottom=round(y + 14),
        )
    )


def _width(groups: dict[str, dict[str, list[Result]]], layout: Layout, column: str) -> float:
    most = max(
        sum(layout.column(r) == column for r in found)
        for of_source in groups.values()
        for found in of_source.values()
    )
    label = len(column) * _CHAR
    return max(_NARROWEST, label, min(most, _ACROSS) * _MARK) + 10


def _title(r: Result) -> str:
    settings = ", ".join(f"{n} {v}" for n, v in r.point.settings.items())
    said = f"{r.point.claim.full_name}, {settings}: {r.point.prop} {r.verdict.value}"
    if r.verdict is Verdict.VIOLATED:
        said += f" in {r.depth} steps"
    return f"{said}, expected {r.point.expected}" if r.differs else said
