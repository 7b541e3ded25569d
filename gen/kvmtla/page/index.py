"""The page that leads to the pages: all claims, with a column for each kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from kvmtla.check.results import Result, Tally
from kvmtla.front.scenario import Spec
from kvmtla.modules.bounds import bounds
from kvmtla.page.html import render
from kvmtla.report.layout import Layout, by_claim
from kvmtla.verdict import Verdict


@dataclass(frozen=True)
class _Cell:
    """A verdict: its words, its kind, and the page that shows it ("" for none)."""

    text: str
    kind: str
    href: str


@dataclass(frozen=True)
class _Row:
    """The verdicts on a property, for some values of the constants."""

    prop: str
    settings: str
    cells: tuple[_Cell | None, ...]


@dataclass(frozen=True)
class _Claim:
    """A claim with all that was found about it."""

    name: str
    anchor: str
    kind: str
    """The verdict that a reader looks for first: the worst of all."""
    quote: str
    note: str
    tested: str
    rows: tuple[_Row, ...]


def index(results: Sequence[Result], spec: Spec, pages: Mapping[int, str], made_by: str) -> str:
    """Return the page, as HTML; `pages` has the file of each result, by its place, that has one."""
    layout = Layout.of(results, spec)
    files = {id(r): pages[i] for i, r in enumerate(results) if i in pages}
    numbers = count(1)
    sources = {
        source: [_claim(found, layout, files, next(numbers)) for found in claims.values()]
        for source, claims in by_claim(results).items()
    }
    tally = Tally.of(results)
    return render(
        "index.html.jinja",
        name=spec.project.name,
        across=layout.across or "",
        columns=layout.columns,
        sources=sources,
        total=len(results),
        tally=tally,
        made_by=made_by,
    )


def _claim(
    found: Sequence[Result], layout: Layout, files: Mapping[int, str], number: int
) -> _Claim:
    claim = found[0].point.claim
    verdicts = {r.verdict for r in found}
    worst = next(v for v in (Verdict.UNKNOWN, Verdict.VIOLATED, Verdict.HOLDS) if v in verdicts)
    rows = tuple(
        _Row(prop, settings, tuple(_cell(cells.get(c), files) for c in layout.columns))
        for (prop, settings), cells in layout.rows(found).items()
    )
    tested = f"{claim.scenario.doc} {bounds(claim.scenario)}"
    anchor = f"claim-{number}"
    return _Claim(claim.full_name, anchor, worst.value, claim.quote, claim.note, tested, rows)


def _cell(result: Result | None, files: Mapping[int, str]) -> _Cell | None:
    if result is None:
        return None
    text = result.said
    if result.verdict is Verdict.VIOLATED:
        text += f" in {result.depth} steps"
    elif result.verdict is Verdict.HOLDS and result.distinct is not None:
        text += f", {result.distinct:,} states"
    if result.differs:
        text += f" (expected: {result.point.expected})"
    return _Cell(text, result.verdict.value, files.get(id(result), ""))
