"""Everything known to mislead TLC, run with the TLC that is used."""

from __future__ import annotations

from kvmtla.trust.known_bad import try_all
from kvmtla.trust.section import Found, Ground, Section


def _run(ground: Ground) -> Found:
    answers = try_all(ground.checker.toolchain, ground.checker.jobs)
    misled = sum(a.said.startswith("no error") for a in answers)
    faults = [
        f"{a.bad.what}: the verdict is {a.verdict.value if a.verdict else 'none'}"
        for a in answers
        if not a.holds_out
    ]
    return Found(
        (
            f"{len(answers)} ways to mislead TLC were tried. In {misled} this TLC said that there "
            "is no error; no wrong verdict came of it.",
        ),
        tuple(faults),
    )


SECTION = Section(
    "driver",
    "The driver",
    "Specs and options of which it is known that TLC goes wrong with them, against what is made of "
    "its output: never a verdict that is not so.",
    _run,
)
