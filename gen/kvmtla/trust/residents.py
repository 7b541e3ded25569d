"""TLC in a process that stays, beside TLC in a process of its own."""

from __future__ import annotations

from kvmtla.check.results import Result, conclude
from kvmtla.check.runs import Run, answer
from kvmtla.tlc import Residents, TlcOutcome
from kvmtla.trust.section import Found, Ground, Section

# In the short form, one question in so many.
_EVERY = 10


def _run(ground: Ground) -> Found:
    results = ground.results[:: _EVERY if ground.short else 1]
    faults = []
    asked = left = 0
    seconds = 0.0
    checker = ground.checker
    with Residents(checker.toolchain, checker.options, 1) as residents:
        for r in results:
            outcome = answer(
                Run([r.point]), checker.toolchain, checker.options, residents=residents
            )
            if not outcome.resident:
                left += 1
                continue
            asked += 1
            seconds += outcome.seconds
            if fault := _differ(r, outcome):
                faults.append(f"{r.point.label}: {fault}")
        if residents.trouble is not None:
            faults.append(f"none stays: {residents.trouble}")
    alone = sum(r.seconds for r in results)
    return Found(
        (
            f"{asked} questions, one after the other: {asked - len(faults)} answers are the same "
            "as those of a process of its own, in verdict, states, depth and trace.",
            f"The process that stays took {seconds:.0f} s, others for all {alone:.0f} s. "
            f"{left} questions always have one of their own.",
        ),
        tuple(faults),
    )


def _differ(result: Result, outcome: TlcOutcome) -> str | None:
    """Return how a process that stays answers differently; None where it says the same."""
    other = conclude(result.point, outcome)
    pairs = {
        "verdict": (result.verdict.value, other.verdict.value),
        "states": (result.distinct, other.distinct),
        "steps taken": (result.generated, other.generated),
        "depth": (result.searched, other.searched),
    }
    found = [f"{n} {a} and {b}" for n, (a, b) in pairs.items() if a != b]
    if result.states != other.states:
        found.append("another trace")
    return ", ".join(found) or None


SECTION = Section(
    "residents",
    "TLC that stays",
    "TLC run again and again in one process, its static state made anew between two runs, against "
    "TLC in a process for each question.",
    _run,
)
