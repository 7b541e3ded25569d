"""The verdicts on points, and how many are as expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from kvmtla.check.notebook import headline, html
from kvmtla.check.words import differs, said
from kvmtla.emit.names import operator_of
from kvmtla.engine import TYPE_OK, Limits, explore, go_round
from kvmtla.insight.counts import GetsStuck
from kvmtla.ir.bounds import integers, may_leave
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.modules.point import Point
from kvmtla.sem import State
from kvmtla.tlc import Lasso, RawState, TlcOutcome
from kvmtla.trace import ReplayError, Trace, build_trace, follow, trace_of
from kvmtla.trace.replay import replay
from kvmtla.verdict import Kind, Verdict

# In a model with no more states, the shortest behaviour that goes on for ever is looked for.
_FEW_STATES = 20_000


@dataclass(frozen=True, repr=False)
class Result:
    """The verdict on a point.

    `reason` is given exactly where the verdict is unknown. `states` are TLC's, and replay, where it
    is violated; `lasso` says how they go on for ever, where that is the fault. A goal that is
    reached counts as violated, as it does to TLC. `searched` is how many states deep TLC looked,
    None where it did not get that far; so are the counts. `seconds` is the time that TLC took, also
    where the result is `cached`. `stuck` says who gets stuck in the scenario, whatever was asked;
    None where that is not known.
    """

    point: Point
    verdict: Verdict
    reason: str | None = None
    states: tuple[RawState, ...] = ()
    lasso: Lasso | None = None
    searched: int | None = None
    distinct: int | None = None
    generated: int | None = None
    seconds: float = 0.0
    cached: bool = False
    stuck: GetsStuck | None = None

    @property
    def shows(self) -> bool:
        """Are there steps to see: a counterexample, or how somebody gets stuck where it matters?"""
        return bool(self.states) or (self.reason is not None and self.reason == because(self.stuck))

    @property
    def steps(self) -> int | None:
        """The number of steps to see; None where there are none."""
        return self.depth if self.shows else None

    @property
    def depth(self) -> int | None:
        """The number of steps to see, or else `searched`."""
        if self.shows and not self.states:
            assert self.stuck is not None
            return self.stuck.steps
        if self.lasso is not None and self.trace is not None:
            return len(self.trace.steps)
        return len(self.states) - 1 if self.states else self.searched

    @cached_property
    def trace(self) -> Trace | None:
        """The counterexample, or the way to where somebody gets stuck; None where there is neither.

        Made when it is asked for: finding the one that reads best takes longer than replaying it.
        """
        if not self.shows:
            return None
        model, prop = self.point.module.model, self.point.prop
        if not self.states:
            return way_to_stuck(model)
        if self.lasso is not None:
            return _shorter(model, prop) or build_trace(model, self.states, prop, self.lasso)
        return build_trace(model, self.states, prop)

    @property
    def said(self) -> str:
        """The verdict in the word that expectations use."""
        return said(self.verdict, self.point.kind)

    @property
    def differs(self) -> bool:
        """Whether the verdict is known and is not the expected one."""
        return differs(self)

    @property
    def expected(self) -> str:
        """The verdict that the spec claims, in the word for it."""
        return self.point.expected

    def __repr__(self) -> str:
        return f"<{headline(self)}>"

    def _repr_html_(self) -> str:
        return html(self, self.trace)


def way_to_stuck(model: Model) -> Trace | None:
    """Return the trace of how somebody gets stuck; None where nobody does."""
    found = explore(model, (), stuck=True).stuck
    if found is None or not found.who:
        return None
    return trace_of(model, follow(model, found.trace, None), None)


def because(stuck: GetsStuck | None) -> str | None:
    """Return why nothing can be said to hold where somebody gets stuck; None where nobody does."""
    if stuck is None or not stuck.who:
        return None
    *others, last = stuck.who
    who = f"{', '.join(others)} and {last}" if others else last
    steps = f"{stuck.steps} step{'' if stuck.steps == 1 else 's'}"
    return f"{who} can never go on: stuck in the middle of an operation after {steps}"


def with_stuck(result: Result, stuck: GetsStuck | None) -> Result:
    """Return the verdict, given who gets stuck: where somebody does, nothing holds for certain."""
    reason = because(stuck)
    if result.verdict is Verdict.HOLDS and reason is not None:
        return replace(result, verdict=Verdict.UNKNOWN, reason=reason, stuck=stuck)
    return replace(result, stuck=stuck)


def _shorter(model: Model, prop: str) -> Trace | None:
    """Return a shorter endless behaviour than TLC looks for; None where none was found.

    A model that is too large is not searched to its end.
    """
    found = go_round(model, prop, limit=Limits(states=_FEW_STATES))
    if found.kind is not Kind.TEMPORAL:
        return None
    return trace_of(model, follow(model, found.trace, prop, found.loop), prop)


@dataclass(frozen=True)
class Tally:
    """The numbers of verdicts that are as expected, that differ, and that are unknown."""

    expected: int
    differ: int
    unknown: int

    @classmethod
    def of(cls, results: Iterable[Result]) -> Tally:
        """Count `results`."""
        known = list(results)
        differ = sum(r.differs for r in known)
        unknown = sum(r.verdict is Verdict.UNKNOWN for r in known)
        return cls(len(known) - differ - unknown, differ, unknown)

    @property
    def exit_status(self) -> int:
        """1 where some verdict differs, otherwise 3 where some is unknown, otherwise 0."""
        return 1 if self.differ else 3 if self.unknown else 0


def conclude(point: Point, outcome: TlcOutcome) -> Result:
    """Return the verdict on `point`, to whose module and configuration `outcome` belongs.

    A counterexample counts only if it is one to the property, and replays.
    """
    return _result(point, outcome, *_judged(point, outcome))


def replayed(point: Point, outcome: TlcOutcome) -> Result:
    """Return the verdict on `point` where `conclude` has judged the very same before."""
    return _result(point, outcome, outcome.verdict, outcome.reason)


def _result(point: Point, outcome: TlcOutcome, verdict: Verdict, reason: str | None) -> Result:
    shown = verdict is Verdict.VIOLATED
    return Result(
        point,
        verdict,
        reason,
        outcome.trace if shown else (),
        outcome.lasso if shown else None,
        outcome.depth,
        outcome.distinct,
        outcome.generated,
        outcome.seconds,
    )


def _judged(point: Point, outcome: TlcOutcome) -> tuple[Verdict, str | None]:
    if outcome.verdict is Verdict.HOLDS:
        return Verdict.HOLDS, None
    if outcome.verdict is Verdict.UNKNOWN:
        return Verdict.UNKNOWN, outcome.reason
    if not _to_the_point(point, outcome):
        return Verdict.UNKNOWN, _beside_the_point(point, outcome)
    model = point.module.model
    try:
        replay(model, outcome.trace, point.prop, outcome.lasso)
    except ReplayError as error:
        return Verdict.UNKNOWN, str(error)
    prop = () if point.kind.temporal else point.prop
    if may_leave(model) and (beyond := _leaves_bounds(model, prop)) is not None:
        return Verdict.UNKNOWN, beyond
    return Verdict.VIOLATED, None


def _to_the_point(point: Point, outcome: TlcOutcome) -> bool:
    """Did TLC find a violation of what it was asked about?"""
    if point.kind.temporal:
        # There is only one; TLC before 2026 does not say which.
        return outcome.kind is Kind.TEMPORAL and outcome.name in (None, point.prop)
    kind = Kind.ACTION if point.kind is PropertyKind.STEP else Kind.INVARIANT
    return (outcome.kind, outcome.name) == (kind, operator_of(point.kind, point.prop))


def _beside_the_point(point: Point, outcome: TlcOutcome) -> str:
    if outcome.name == TYPE_OK:
        return _leaves_bounds(point.module.model, ()) or (
            f"a variable of {point.module.name} gets a value that is not of its type "
            f"({TYPE_OK} is violated): a defect of the generated module"
        )
    what = outcome.kind.value if outcome.kind is not None else "something"
    return f"TLC found that {what} {outcome.name or ''} is violated, not {point.prop}"


def _leaves_bounds(model: Model, prop: str | tuple[()]) -> str | None:
    """Return in words which integer leaves its bounds before a violation; None where none does.

    It counts as well where both take as many steps: the order of states would decide which of them
    shows first.
    """
    found = explore(model, prop, limit=Limits(states=_FEW_STATES))
    return out_of_bounds(model, found.trace) if found.name == TYPE_OK else None


def out_of_bounds(model: Model, trace: Sequence[tuple[str | None, State]]) -> str | None:
    """Return which integer is out of bounds where a trace ends, in words; None where none is."""
    action, state = trace[-1]
    for name, v in model.variables.items():
        for t, value in integers(v.type, state[name]):
            if not t.low <= value <= t.high:
                loc = next((a.loc for a in model.actions if a.name == action), None)
                at = f", at {Path(loc.file).name}:{loc.line}" if loc is not None else ""
                return f"{name} gets the value {value}, beyond its bounds {t.low} and {t.high}{at}"
    return None
