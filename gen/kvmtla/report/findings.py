"""The verdicts on all claims, as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kvmtla.check.results import Result
from kvmtla.front.scenario import Spec
from kvmtla.ir.property import PropertyKind
from kvmtla.modules.bounds import bounds
from kvmtla.report.layout import Layout, by_claim
from kvmtla.trace import commit_form
from kvmtla.verdict import Verdict

_SHOWN = {
    PropertyKind.INVARIANT: "A shortest counterexample to",
    PropertyKind.STEP: "A shortest counterexample to",
    PropertyKind.GOAL: "A shortest way to",
}
_MARK = "<!-- Written by `kvmtla findings`: change the spec, not this file. -->"


def findings(results: Sequence[Result], spec: Spec) -> str:
    """Return the page: the project's preface, the leading claims, then all others by source.

    For each claim it has the sentence, the note, the bounds, the verdicts as a table, and the
    shortest counterexample in commit form; among equally short ones, the one for the last values of
    the constants. Counterexamples are folded, except the first of each number that leads. `results`
    are in the order of the claims.
    """
    project = spec.project
    layout = Layout.of(results, spec)
    lines = [_MARK, "", "# What the model shows", ""]
    if project.preface:
        lines += [project.preface.strip(), ""]
    first = [r for r in results if r.point.claim.number in project.lead]
    told: set[str] = set()
    for source, claims in by_claim(first).items():
        for found in claims.values():
            number = found[0].point.claim.number
            lines += _claim(found, layout, "##", f"From {_escaped(source)}.", fold=number in told)
            told.add(number)
    others = [r for r in results if r.point.claim.number not in project.lead]
    for source, claims in by_claim(others).items():
        lines += [f"## {_escaped(source)}", ""]
        for found in claims.values():
            lines += _claim(found, layout, "###", "", fold=True)
    return "\n".join(lines).rstrip() + "\n"


def _claim(
    results: Sequence[Result], layout: Layout, heading: str, source: str, *, fold: bool
) -> Iterator[str]:
    claim = results[0].point.claim
    tested = f"Tested as: {_escaped(claim.scenario.doc)} Bounds: {bounds(claim.scenario)}."
    yield f"{heading} {claim.number}: `{claim.name}`"
    yield ""
    for text in (f"> {_escaped(claim.quote)}", source, _escaped(claim.note), tested):
        if text:
            yield from (text, "")
    yield from _table(results, layout)
    yield ""
    shown = min(
        (r for r in reversed(results) if r.verdict is Verdict.VIOLATED),
        key=lambda r: r.depth or 0,
        default=None,
    )
    if shown is not None and shown.trace is not None:
        settings = "".join(f", {n} {v}" for n, v in shown.point.settings.items())
        what = _SHOWN.get(shown.point.kind, "A counterexample to")
        if fold:
            yield f"<details><summary>{what} {shown.point.prop}{settings}</summary>"
        else:
            yield f"{what} `{shown.point.prop}`{settings}:"
        yield from ("", "```text", commit_form(shown.trace).rstrip(), "```", "")
        if fold:
            yield from ("</details>", "")


def _table(results: Sequence[Result], layout: Layout) -> Iterator[str]:
    columns = [c for c in layout.columns if any(layout.column(r) == c for r in results)]
    yield _row(["property", "", *columns])
    yield _row(["---"] * (2 + len(columns)))
    for (prop, settings), cells in layout.rows(results).items():
        yield _row([f"`{prop}`", settings, *(_cell(cells.get(c)) for c in columns)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(result: Result | None) -> str:
    if result is None:
        return ""
    expected = f" (expected: {result.point.expected})" if result.differs else ""
    if result.verdict is Verdict.VIOLATED:
        return f"**{result.said}** in {result.depth} steps{expected}"
    if result.verdict is Verdict.HOLDS:
        return f"{result.said}, {result.distinct:,} states{expected}"
    return "unknown"


def _escaped(text: str) -> str:
    """Return text of the spec, escaped so that Markdown shows it as it is."""
    for c in "\\`*_<>[]#|":
        text = text.replace(c, f"\\{c}")
    return text
