"""TLC beside the second engine, on all claims."""

from __future__ import annotations

from kvmtla.check.agreement import Second
from kvmtla.engine import Limits
from kvmtla.trust.section import Found, Ground, Section


def _run(ground: Ground) -> Found:
    second = Second(Limits(seconds=ground.checker.options.time_limit))
    found = [second.compare(r) for r in ground.results]
    faults = [f"{a.point.label}: {'; '.join(a.differences)}" for a in found if a.differences]
    faults += [
        f"{a.point.label} cannot be compared: {a.undecided}"
        for a in found
        if a.undecided is not None
    ]
    states = sum(a.outcome.distinct for a in found if not a.outcome.trace)
    steps = sum(len(a.outcome.trace) - 1 for a in found if a.outcome.trace)
    engine = sum(a.outcome.seconds for a in found)
    tlc = sum(a.result.seconds for a in found)
    return Found(
        (
            f"{len(found) - len(faults)} of {len(found)} verdicts agree: {states:,} states where "
            f"they hold, and counterexamples of {steps:,} steps.",
            f"TLC took {tlc:.0f} s, the second engine {engine:.1f} s.",
        ),
        tuple(faults),
    )


SECTION = Section(
    "engines",
    "Two engines",
    "TLC on the generated TLA+ against plain Python made of the same model: verdict, number of "
    "distinct states, depth, length of the counterexample.",
    _run,
)
