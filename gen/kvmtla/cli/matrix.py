"""Results as a matrix: grouped by where the claims come from, with a column for each kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from kvmtla.check.words import Found, differs, said
from kvmtla.front.scenario import ClaimRead, Spec
from kvmtla.modules.bounds import bounds
from kvmtla.report.layout import Layout, by_claim
from kvmtla.verdict import Verdict

_GAP = "  "
_CLAIM, _ROW = " " * 2, " " * 5
_NOTHING = "-"


def matrix(results: Sequence[Found], spec: Spec, width: int | None) -> Iterator[str]:
    """Yield the lines of the matrix, styled.

    `width` None means as wide as it comes. A group that is too wide goes without the numbers in
    its cells, and if need be with a line of its own for each property.
    """
    for i, (source, claims) in enumerate(by_claim(results).items()):
        if i:
            yield ""
        yield click.style(source, bold=True)
        yield from _group(list(claims.values()), spec, width)
    yield from _legend(results)


def grid(answers: Sequence[Found], spec: Spec, width: int | None) -> Iterator[str]:
    """Yield the lines of the matrix of answers to one question, styled; `width` as for `matrix`."""
    yield from _group([answers], spec, width)
    yield from _legend(answers)


def _legend(results: Sequence[Found]) -> Iterator[str]:
    """Yield what the numbers mean."""
    known = {said(r.verdict, r.point.kind) for r in results if r.verdict is not Verdict.UNKNOWN}
    if known:
        yield ""
        yield _dim("violated N: in N steps; holds N: in all N states")
        if known & {"reached", "unreached"}:
            yield _dim("reached N: in N steps; unreached N: in none of N states")


def _group(claims: Sequence[Sequence[Found]], spec: Spec, width: int | None) -> Iterator[str]:
    """Yield the lines for the claims from one source."""
    results = [r for found in claims for r in found]
    layout = Layout.of(results, spec)
    rows = list(layout.rows(results))
    prop = max(len(p) for p, _ in rows) + len(_GAP)
    others = max(len(settings) for _, settings in rows)
    for numbers in (True, False):
        cells = {c: max(len(c), *(len(_cell(r, numbers)) for r in results)) for c in layout.columns}
        total = len(_ROW) + prop + others + sum(len(_GAP) + w for w in cells.values())
        if width is None or total <= width:
            break
    else:
        prop = 0
    margin = " " * (len(_ROW) + prop + others)
    yield _dim((margin + "".join(_GAP + c.ljust(w) for c, w in cells.items())).rstrip())
    for found in claims:
        yield from _claim(found[0].point.claim, width)
        before = None
        for (name, settings), of_row in layout.rows(found).items():
            if not prop and name != before:
                yield f"{_ROW}{name}"
            label = (name if name != before else "").ljust(prop) if prop else ""
            before = name
            *most, last = cells
            line = f"{_ROW}{label}{settings.ljust(others)}"
            for c in most:
                line += _GAP + _styled(of_row.get(c), cells[c], numbers)
            yield f"{line}{_GAP}{_styled(of_row.get(last), 0, numbers)}"


def _claim(claim: ClaimRead, width: int | None) -> Iterator[str]:
    """Yield the name of a claim, and what its scenario has."""
    name, about = f"{_CLAIM}{claim.full_name}", f"({bounds(claim.scenario)})"
    if width is None or len(name) + len(_GAP) + len(about) <= width:
        yield f"{name}{_GAP}{_dim(about)}"
        return
    yield name
    yield _dim(click.wrap_text(about, width, _ROW, f"{_ROW} "))


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _cell(result: Found, numbers: bool) -> str:
    mark = "! " if differs(result) else "? " if result.verdict is Verdict.UNKNOWN else ""
    number = ""
    if numbers and result.verdict is Verdict.VIOLATED:
        number = f" {result.steps}"
    elif numbers and result.verdict is Verdict.HOLDS:
        number = f" {result.distinct:,}"
    return f"{mark}{said(result.verdict, result.point.kind)}{number}"


def _styled(result: Found | None, width: int, numbers: bool) -> str:
    if result is None:
        return _dim(_NOTHING.ljust(width))
    text = _cell(result, numbers).ljust(width)
    if differs(result):
        return click.style(text, fg="red", bold=True)
    return click.style(text, fg="yellow") if result.verdict is Verdict.UNKNOWN else text
