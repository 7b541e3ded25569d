"""Checks for what is true only because nothing happened."""

from __future__ import annotations

from kvmtla.insight.kept_counts import Counting
from kvmtla.insight.vacuity import empty_properties, idle, premise_of
from kvmtla.trust.section import Found, Ground, Section
from kvmtla.verdict import Verdict


def _run(ground: Ground) -> Found:
    points = [r.point for r in ground.results]
    counts = Counting(points, ground.memo, ground.checker.options.time_limit).result()
    findings = empty_properties(ground.results, counts)
    findings += idle(points, counts, ground.spec, whole=True)
    holding = [r for r in ground.results if r.verdict is Verdict.HOLDS]
    premises = [p for r in holding if (p := premise_of(r, counts))]
    meant = sum(r.point.nothing is not None for r in holding)
    decisions = {d.loc for c in counts.values() for d in c.decisions}
    accepted = len(ground.spec.project.accepts)
    return Found(
        (
            f"{len(premises)} of {len(holding)} properties that hold are about something: their "
            f"premise is true in {min(premises, default=0):,} states or more. "
            f"{meant} are meant to hold of nothing, with a reason.",
            f"{len(decisions)} conditions were asked in {len(counts)} modules; {accepted} that "
            "always come out the same are listed in the spec, with a reason.",
        ),
        tuple(f.line(ground.package.root) for f in findings),
    )


SECTION = Section(
    "vacuity",
    "Vacuity",
    "The second engine counts in all states: is the premise of what holds ever true, does every "
    "operation run, does every condition come out both ways?",
    _run,
)
