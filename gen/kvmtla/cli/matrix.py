"""Results as a matrix: grouped by where the claims come from, with a column for each kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from kvmtla.check.bounds import bounds
from kvmtla.check.results import Result
from kvmtla.front.scenario import ClaimRead, Spec
from kvmtla.tlc import Verdict

_GAP = "  "
_CLAIM, _ROW = " " * 2, " " * 5
_NOTHING = "-"
Row = tuple[str, tuple[str, ...]]
"""A property and the values of all constants but the one that the columns are for."""


def matrix(results: Sequence[Result], spec: Spec, width: int | None) -> Iterator[str]:
    """The lines of the matrix, styled. The columns are for the first constant without a default.

    `width` None: as wide as it comes. What is too wide goes without the numbers in its cells.
    """
    across = next((n for n, d in spec.constants.items() if d.default is None), None)
    results = _together(results)
    columns = _columns(results, spec, across)
    rows = {_row(r, across) for r in results}
    for numbers in (True, False):
        cells = {c: max(len(c), *(len(_cell(r, numbers)) for r in results)) for c in columns}
        others = max(len(_settings(row)) for row in rows)
        prop = max(len(row[0]) for row in rows)
        total = len(_ROW) + prop + others + sum(len(_GAP) + w for w in cells.values())
        if width is None or total + len(_GAP) <= width:
            break
    else:
        # The property then has a line of its own.
        prop = 0
    margin = len(_ROW) + (prop + len(_GAP) if prop else 0) + others
    heading = " " * margin + "".join(_GAP + c.ljust(w) for c, w in cells.items())
    for i, (source, in_group) in enumerate(groupby(results, key=lambda r: r.point.claim.source)):
        if i:
            yield ""
        yield click.style(source, bold=True)
        yield click.style(heading.rstrip(), dim=True)
        for _, of_claim in groupby(in_group, key=lambda r: r.point.claim.full_name):
            found = list(of_claim)
            claim = found[0].point.claim
            yield from _claim(claim, width)
            yield from _lines(found, across, cells, (prop, others), numbers)
    if numbers and any(r.verdict is not Verdict.UNKNOWN for r in results):
        yield ""
        yield _dim("violated N: in N steps; holds N: in all N states")


def _claim(claim: ClaimRead, width: int | None) -> Iterator[str]:
    """The name of a claim, and what its scenario has."""
    name, about = f"{_CLAIM}{claim.full_name}", f"({bounds(claim.scenario)})"
    if width is None or len(name) + len(_GAP) + len(about) <= width:
        yield f"{name}{_GAP}{_dim(about)}"
        return
    yield name
    yield _dim(click.wrap_text(about, width, _ROW, f"{_ROW} "))


def _together(results: Sequence[Result]) -> list[Result]:
    """The results in their order, but those with the same source, and of the same claim, as one."""
    sources = list(dict.fromkeys(r.point.claim.source for r in results))
    claims = list(dict.fromkeys(r.point.claim.full_name for r in results))

    def place(r: Result) -> tuple[int, int]:
        return sources.index(r.point.claim.source), claims.index(r.point.claim.full_name)

    return sorted(results, key=place)


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _lines(
    found: Sequence[Result],
    across: str | None,
    cells: dict[str, int],
    widths: tuple[int, int],
    numbers: bool,
) -> Iterator[str]:
    """The rows of one claim, the rows of a property together."""
    prop, others = widths
    rows: dict[str, dict[Row, dict[str, Result]]] = {}
    for r in found:
        row = _row(r, across)
        rows.setdefault(row[0], {}).setdefault(row, {})[_column(r, across)] = r
    for name, of_property in rows.items():
        if not prop:
            yield f"{_ROW}{name}"
        for i, (row, cell) in enumerate(of_property.items()):
            label = f"{(name if i == 0 else '').ljust(prop)}{_GAP}" if prop else ""
            line = f"{_ROW}{label}{_settings(row).ljust(others)}"
            *most, last = cells
            for column in most:
                line += _GAP + _styled(cell.get(column), cells[column], numbers)
            yield f"{line}{_GAP}{_styled(cell.get(last), 0, numbers)}"


def _columns(results: Sequence[Result], spec: Spec, across: str | None) -> list[str]:
    if across is None:
        return ["verdict"]
    there = {_column(r, across) for r in results}
    return [c for c in (str(m.value) for m in spec.constants[across].kind) if c in there]


def _column(result: Result, across: str | None) -> str:
    return result.point.settings[across] if across is not None else "verdict"


def _row(result: Result, across: str | None) -> Row:
    settings = result.point.settings
    return result.point.prop, tuple(v for n, v in settings.items() if n != across)


def _settings(row: Row) -> str:
    return ", ".join(row[1])


def _cell(result: Result, numbers: bool) -> str:
    mark = "! " if result.differs else "? " if result.verdict is Verdict.UNKNOWN else ""
    number = ""
    if numbers and result.verdict is Verdict.VIOLATED:
        number = f" {result.depth}"
    elif numbers and result.verdict is Verdict.HOLDS:
        number = f" {result.distinct:,}"
    return f"{mark}{result.verdict.value}{number}"


def _styled(result: Result | None, width: int, numbers: bool) -> str:
    if result is None:
        return _dim(_NOTHING.ljust(width))
    text = _cell(result, numbers).ljust(width)
    if result.differs:
        return click.style(text, fg="red", bold=True)
    return click.style(text, fg="yellow") if result.verdict is Verdict.UNKNOWN else text
