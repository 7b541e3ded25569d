"""The verdicts of TLC on all claims, beside what the spec expects."""

from __future__ import annotations

from kvmtla.check.results import Tally
from kvmtla.trust.section import Found, Ground, Section
from kvmtla.verdict import Verdict


def _run(ground: Ground) -> Found:
    results = ground.results
    tally = Tally.of(results)
    violated = sum(r.verdict is Verdict.VIOLATED for r in results)
    holding = sum(r.verdict is Verdict.HOLDS for r in results)
    faults = [f"{r.point.label} is {r.verdict.value}: {r.reason}" for r in results if r.reason]
    faults += [
        f"{r.point.label} is {r.verdict.value}, expected {r.point.expected}"
        for r in results
        if r.differs
    ]
    return Found(
        (
            f"{tally.expected} of {len(results)} verdicts are as expected: "
            f"{holding} hold, {violated} are violated.",
        ),
        tuple(faults),
    )


SECTION = Section(
    "claims",
    "Claims",
    "TLC against what the spec expects, in both directions: what breaks that should hold, and what "
    "holds that should break.",
    _run,
)
