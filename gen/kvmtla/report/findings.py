"""The verdicts on all claims, as a page in Markdown: a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmtla.check.results import Result
from kvmtla.front.scenario import Spec
from kvmtla.modules.bounds import bounds
from kvmtla.report.layout import Layout, by_claim
from kvmtla.verdict import Verdict

_MARK = "<!-- Written by `kvmtla findings`: change the spec, not this file. -->"
# Of so many values that follow each other, the first and the last are named.
_RANGE = 3


def findings(results: Sequence[Result], spec: Spec) -> str:
    """Return the page: the project's preface, the leading claims, then all others, by source.

    Below each sentence is a line for each claim that tests it: what came out for each property, for
    which values of the constants, the claim's note, and the bounds. `results` are in the order of
    the claims.
    """
    project = spec.project
    layout = Layout.of(results, spec)
    lines = [_MARK, "", "# What the model shows", ""]
    if project.preface:
        lines += [project.preface.strip(), ""]
    lead = [r for r in results if r.point.claim.number in project.lead]
    others = [r for r in results if r.point.claim.number not in project.lead]
    for source, claims in [*by_claim(lead).items(), *by_claim(others).items()]:
        lines += [f"## {_escaped(source)}", ""]
        sentence = ""
        for found in claims.values():
            claim = found[0].point.claim
            if claim.quote != sentence:
                lines += [*([""] if sentence else []), f"> {_escaped(claim.quote)}", ""]
                sentence = claim.quote
            lines.append(_line(found, layout))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _line(results: Sequence[Result], layout: Layout) -> str:
    claim = results[0].point.claim
    rows = layout.rows(results).items()
    found = "; ".join(_row(prop, others, cells, layout) for (prop, others), cells in rows)
    note = f" {_escaped(claim.note)}" if claim.note else ""
    within = f" Bounds: {bounds(claim.scenario)}."
    return f"- **{claim.number}** `{claim.name}`: {found}.{note}{within}"


def _row(prop: str, others: str, cells: Mapping[str, Result], layout: Layout) -> str:
    """Return what came out for a property, with the columns in which it did."""
    columns: dict[str, list[int]] = {}
    for i, column in enumerate(layout.columns):
        if column in cells:
            columns.setdefault(_verdict(cells[column]), []).append(i)
    where = layout.across is not None
    told = [
        f"{text}{f' in {_listed(at, layout)}' if where else ''}" for text, at in columns.items()
    ]
    return f"`{prop}`{f' ({others})' if others else ''} {', '.join(told)}"


def _listed(at: Sequence[int], layout: Layout) -> str:
    """Return the names of columns; of many that stand side by side, the first and the last."""
    runs: list[list[int]] = []
    for i in at:
        if not runs or runs[-1][-1] != i - 1:
            runs.append([])
        runs[-1].append(i)
    names: list[str] = []
    for run in runs:
        named = [layout.columns[i] for i in run]
        names += [f"{named[0]} to {named[-1]}"] if len(run) >= _RANGE else named
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _verdict(result: Result) -> str:
    expected = f" (expected: {result.point.expected})" if result.differs else ""
    if result.verdict is Verdict.VIOLATED:
        return f"**{result.said}**{expected}"
    return f"{result.said}{expected}"


def _escaped(text: str) -> str:
    """Return text of the spec, escaped so that Markdown shows it as it is."""
    for c in "\\`*_<>[]#|":
        text = text.replace(c, f"\\{c}")
    return " ".join(text.split())
