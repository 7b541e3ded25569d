"""Answers from the second engine, where a model is small, in the form of answers from TLC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvmtla.check.notebook import headline, html
from kvmtla.check.points import Point
from kvmtla.check.results import DEADLOCK, Result
from kvmtla.engine import Limits, Outcome, explore, go_round
from kvmtla.tlc import Kind, Verdict
from kvmtla.trace import ReplayError, Trace, follow, trace_of


@dataclass(frozen=True, repr=False)
class Answer:
    """The verdict on a point, whoever found it.

    `reason` is given exactly where the verdict is unknown; `steps` are those of a counterexample,
    or of the way into a deadlock, which `trace` tells, None where there is neither.
    """

    point: Point
    verdict: Verdict
    reason: str | None
    distinct: int | None
    steps: int | None
    trace: Callable[[], Trace | None]

    @property
    def expected(self) -> None:
        """Nothing: it is an answer, and no claim."""

    def __repr__(self) -> str:
        return f"<{headline(self)}>"

    def _repr_html_(self) -> str:
        return html(self, self.trace())


def answer_of(result: Result) -> Answer:
    """The answer that TLC gave."""
    return Answer(
        result.point,
        result.verdict,
        result.reason,
        result.distinct,
        result.steps,
        lambda: result.trace,
    )


def ask(point: Point, limit: Limits) -> Answer:
    """The answer of the second engine; unknown where it reaches the limit.

    A counterexample counts only if the reference semantics can follow it.
    """
    search = go_round if point.kind.temporal else explore
    outcome = search(point.module.model, point.prop, limit=limit)
    verdict, reason = _judged(point, outcome)
    shown = bool(outcome.trace) and (verdict is Verdict.VIOLATED or reason == DEADLOCK)
    prop = point.prop if verdict is Verdict.VIOLATED else None

    def trace() -> Trace | None:
        if not shown:
            return None
        model = point.module.model
        return trace_of(model, follow(model, outcome.trace, prop, outcome.loop), prop)

    steps = len(outcome.trace) - 1 if shown else None
    return Answer(point, verdict, reason, outcome.distinct, steps, trace)


def _judged(point: Point, outcome: Outcome) -> tuple[Verdict, str | None]:
    if outcome.verdict is not Verdict.VIOLATED:
        return outcome.verdict, outcome.reason
    deadlock = outcome.kind is Kind.DEADLOCK
    if not deadlock and outcome.name != point.prop:
        return Verdict.UNKNOWN, f"{outcome.name} is violated, not {point.prop}"
    model = point.module.model
    try:
        follow(model, outcome.trace, None if deadlock else point.prop, outcome.loop)
    except ReplayError as error:
        return Verdict.UNKNOWN, str(error)
    return (Verdict.UNKNOWN, DEADLOCK) if deadlock else (Verdict.VIOLATED, None)
