"""Answers from the second engine, where a model is small, in the form of answers from TLC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvmtla.check.notebook import headline, html
from kvmtla.check.results import Result, because, out_of_bounds
from kvmtla.engine import TYPE_OK, Limits, Outcome, Watcher, explore, go_round
from kvmtla.insight.counts import GetsStuck, in_words
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError
from kvmtla.trace import ReplayError, Trace, follow, trace_of
from kvmtla.verdict import Verdict


@dataclass(frozen=True, repr=False)
class Answer:
    """The verdict on a point, from either engine.

    `reason` is given exactly where the verdict is unknown. `steps` are those of a counterexample,
    or of the way to where somebody is stuck; `trace` tells it. Both are None where there is
    neither. `stuck` is as in a result.
    """

    point: Point
    verdict: Verdict
    reason: str | None
    distinct: int | None
    steps: int | None
    trace: Callable[[], Trace | None]
    stuck: GetsStuck | None = None

    @property
    def expected(self) -> None:
        """Nothing: it is an answer, not a claim."""

    def __repr__(self) -> str:
        return f"<{headline(self)}>"

    def _repr_html_(self) -> str:
        return html(self, self.trace())


def answer_of(result: Result) -> Answer:
    """Return the answer that TLC gave."""
    return Answer(
        result.point,
        result.verdict,
        result.reason,
        result.distinct,
        result.steps,
        lambda: result.trace,
        result.stuck,
    )


def ask(
    point: Point, limit: Limits, native: bool | None = None, watcher: Watcher | None = None
) -> Answer:
    """Return the answer of the second engine; unknown where it reaches the limit.

    For `native` and `watcher`, see `explore`.

    A counterexample counts only if the reference semantics can follow it.
    """
    point.module.give(limit.seconds)
    try:
        model = point.module.model
    except TooLongError as error:
        return Answer(point, Verdict.UNKNOWN, error.message, None, None, lambda: None)
    if point.kind.temporal:
        outcome = go_round(model, point.prop, limit=limit.of_python(), stuck=True)
    else:
        outcome = explore(
            model, point.prop, limit=limit, native=native, watcher=watcher, stuck=True
        )
    verdict, reason = _judged(point, outcome)
    stuck = in_words(model, outcome.stuck)
    if verdict is Verdict.HOLDS and (why := because(stuck)) is not None:
        assert outcome.stuck is not None
        found, shown, prop = outcome.stuck.trace, True, None
        verdict, reason = Verdict.UNKNOWN, why
    else:
        found, shown, prop = outcome.trace, verdict is Verdict.VIOLATED, point.prop

    def trace() -> Trace | None:
        if not shown:
            return None
        return trace_of(model, follow(model, found, prop, outcome.loop), prop)

    steps = len(found) - 1 if shown else None
    return Answer(point, verdict, reason, outcome.distinct, steps, trace, stuck)


def _judged(point: Point, outcome: Outcome) -> tuple[Verdict, str | None]:
    if outcome.verdict is not Verdict.VIOLATED:
        return outcome.verdict, outcome.reason
    model = point.module.model
    if outcome.name == TYPE_OK and (beyond := out_of_bounds(model, outcome.trace)) is not None:
        return Verdict.UNKNOWN, beyond
    if outcome.name != point.prop:
        return Verdict.UNKNOWN, f"{outcome.name} is violated, not {point.prop}"
    try:
        follow(model, outcome.trace, point.prop, outcome.loop)
    except ReplayError as error:
        return Verdict.UNKNOWN, str(error)
    return Verdict.VIOLATED, None
