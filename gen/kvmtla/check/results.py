"""What came out for a point, and how many came out as expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kvmtla.check.notebook import headline, html
from kvmtla.check.points import Point
from kvmtla.check.words import differs, said
from kvmtla.emit.names import operator_of
from kvmtla.engine import Limits, go_round
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import IntT, MapT, OptionalT, RecordT, Type, Value
from kvmtla.tlc import Kind, Lasso, RawState, TlcOutcome, Verdict
from kvmtla.trace import ReplayError, Trace, build_trace, follow, trace_of
from kvmtla.trace.reading import MismatchError, read_state
from kvmtla.trace.replay import replay

# Of a model with no more states, the shortest behaviour that goes on for ever is looked for.
_FEW_STATES = 20_000
_TYPE_OK = "TypeOK"
DEADLOCK = "the scenario deadlocks: somebody is in the middle of something, and no step is possible"


@dataclass(frozen=True, repr=False)
class Result:
    """The verdict on a point.

    `reason` is given exactly where the verdict is unknown. `states` are TLC's, which replay: where
    it is violated, and of a deadlock, which is unknown; `lasso` says how they go on for ever, where
    that is what is wrong. A goal that is reached is to TLC something violated. `searched` is how
    many states deep TLC looked, None where it did not get that far, and so the counts. `seconds` is
    what TLC took, where it checked several modules at once a share of it, also where the result is
    `cached`. The counts of a `shared` result are the second engine's; TLC has confirmed what they
    come to for all these modules.
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
    shared: bool = False

    @property
    def steps(self) -> int | None:
        """The number of steps of the counterexample, or of the way into a deadlock."""
        return self.depth if self.states else None

    @property
    def depth(self) -> int | None:
        """The number of steps of the counterexample, or else `searched`."""
        if self.lasso is not None and self.trace is not None:
            return len(self.trace.steps)
        return len(self.states) - 1 if self.states else self.searched

    @cached_property
    def trace(self) -> Trace | None:
        """The counterexample, told; None where there is none.

        Made when it is asked for: to find the one that reads best takes longer than to replay it.
        """
        if not self.states:
            return None
        model = self.point.module.model
        prop = self.point.prop if self.verdict is Verdict.VIOLATED else None
        if self.lasso is not None and prop is not None:
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


def _shorter(model: Model, prop: str) -> Trace | None:
    """A shorter way to go on for ever than TLC looks for; None where the model is too large."""
    found = go_round(model, prop, limit=Limits(states=_FEW_STATES))
    if found.kind is not Kind.TEMPORAL:
        return None
    return trace_of(model, follow(model, found.trace, prop, found.loop), prop)


@dataclass(frozen=True)
class Tally:
    """How many verdicts are as expected, differ from that, and are unknown."""

    expected: int
    differ: int
    unknown: int

    @classmethod
    def of(cls, results: Iterable[Result]) -> Tally:
        """Counts `results`."""
        known = list(results)
        differ = sum(r.differs for r in known)
        unknown = sum(r.verdict is Verdict.UNKNOWN for r in known)
        return cls(len(known) - differ - unknown, differ, unknown)

    @property
    def exit_status(self) -> int:
        """1 where some verdict differs, otherwise 3 where some is unknown, otherwise 0."""
        return 1 if self.differ else 3 if self.unknown else 0


def label(point: Point) -> str:
    """Which point it is, on one line."""
    return point.label


def conclude(point: Point, outcome: TlcOutcome) -> Result:
    """The verdict on `point`, to whose module and configuration `outcome` belongs.

    A counterexample counts only if it is one to the property, and replays.
    """
    return _result(point, outcome, *_judged(point, outcome))


def replayed(point: Point, outcome: TlcOutcome) -> Result:
    """The verdict on `point` where `conclude` has been asked of the very same before."""
    return _result(point, outcome, outcome.verdict, outcome.reason)


def _result(point: Point, outcome: TlcOutcome, verdict: Verdict, reason: str | None) -> Result:
    shown = verdict is Verdict.VIOLATED or reason == DEADLOCK
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
        shared=outcome.shared,
    )


def _judged(point: Point, outcome: TlcOutcome) -> tuple[Verdict, str | None]:
    if outcome.verdict is Verdict.HOLDS:
        return Verdict.HOLDS, None
    if outcome.verdict is Verdict.UNKNOWN:
        return Verdict.UNKNOWN, outcome.reason
    deadlock = outcome.kind is Kind.DEADLOCK
    if not deadlock and not _to_the_point(point, outcome):
        return Verdict.UNKNOWN, _beside_the_point(point, outcome)
    try:
        prop = None if deadlock else point.prop
        replay(point.module.model, outcome.trace, prop, outcome.lasso)
    except ReplayError as error:
        return Verdict.UNKNOWN, str(error)
    return (Verdict.UNKNOWN, DEADLOCK) if deadlock else (Verdict.VIOLATED, None)


def _to_the_point(point: Point, outcome: TlcOutcome) -> bool:
    """Is what TLC found to be violated what it was asked about?"""
    if point.kind.temporal:
        # There is one only; TLC before 2026 does not say which.
        return outcome.kind is Kind.TEMPORAL and outcome.name in (None, point.prop)
    kind = Kind.ACTION if point.kind is PropertyKind.STEP else Kind.INVARIANT
    return (outcome.kind, outcome.name) == (kind, operator_of(point.kind, point.prop))


def _beside_the_point(point: Point, outcome: TlcOutcome) -> str:
    if outcome.name == _TYPE_OK:
        return _out_of_bounds(point, outcome) or (
            f"a variable of {point.module.name} gets a value that is not of its type "
            f"({_TYPE_OK} is violated): a defect of the generated module"
        )
    what = outcome.kind.value if outcome.kind is not None else "something"
    return f"TLC found that {what} {outcome.name or ''} is violated, not {point.prop}"


def _out_of_bounds(point: Point, outcome: TlcOutcome) -> str | None:
    """Which integer gets a value that its bounds do not allow, and where; None where none does."""
    model = point.module.model
    if not outcome.trace:
        return None
    last = outcome.trace[-1]
    try:
        state = read_state(model, last.variables)
    except MismatchError:
        return None
    for name, v in model.variables.items():
        for t, value in _integers(v.type, state[name]):
            if not t.low <= value <= t.high:
                loc = next((a.loc for a in model.actions if a.name == last.action), None)
                at = f", at {Path(loc.file).name}:{loc.line}" if loc is not None else ""
                return f"{name} gets the value {value}, beyond its bounds {t.low} and {t.high}{at}"
    return None


def _integers(t: Type, value: Value) -> Iterator[tuple[IntT, int]]:
    """The integers in a value of type `t`, each with its own type."""
    match t:
        case IntT() if isinstance(value, int):
            yield t, value
        case OptionalT(inner) if value is not None:
            yield from _integers(inner, value)
        case RecordT(_, fields) if isinstance(value, tuple):
            for f, part in zip(fields, value, strict=True):
                yield from _integers(f.type, part)
        case MapT(_, inner) if isinstance(value, tuple):
            for part in value:
                yield from _integers(inner, part)
