"""The answer of TLC to a point beside that of the second engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvmtla.check.results import Result
from kvmtla.engine import Compiled, Limits, Outcome, explore, gave_up, go_round
from kvmtla.engine.compile import compiled_within
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError
from kvmtla.verdict import Verdict

STUCK = "stuck"
"""The finding where nothing is violated, but somebody can never go on."""


@dataclass(frozen=True)
class Agreement:
    """The two answers for a point.

    `differences` say how they differ. `undecided` says why they cannot be compared; None where they
    can. Where both are empty, the engines agree.
    """

    result: Result
    outcome: Outcome
    differences: tuple[str, ...] = ()
    undecided: str | None = None

    @property
    def point(self) -> Point:
        """The point that both have been asked about."""
        return self.result.point


class Second:
    """The second engine, which compiles each model once.

    `compiled` is how to get a compiled model, where others have compiled it already.
    """

    def __init__(
        self,
        limit: Limits | None = None,
        compiled: Callable[[Module, Limits], Compiled] | None = None,
    ) -> None:
        self.limit = limit
        self._compile = compiled or _compiled
        self._known: dict[Module, Compiled] = {}

    def compare(self, result: Result) -> Agreement:
        """Ask the engine the question that TLC has answered with `result`."""
        try:
            compiled = self.compiled(result.point)
        except TooLongError as error:
            return Agreement(result, gave_up(error.message), undecided=error.message)
        prop = result.point.prop
        search = go_round if result.point.kind.temporal else explore
        outcome = search(compiled, prop, limit=self.limit, stuck=result.stuck is not None)
        if outcome.verdict is Verdict.UNKNOWN:
            return Agreement(result, outcome, undecided=f"the engine gave up: {outcome.reason}")
        if result.verdict is Verdict.UNKNOWN and not result.shows:
            return Agreement(result, outcome, undecided=result.reason)
        return Agreement(result, outcome, tuple(_differences(result, outcome)))

    def compiled(self, point: Point) -> Compiled:
        """Return the compiled model of a point; raise TooLongError beyond the time limit."""
        module = point.module
        if module not in self._known:
            self._known[module] = self._compile(module, self.limit or Limits())
        return self._known[module]


def _compiled(module: Module, limit: Limits) -> Compiled:
    return compiled_within(module.model, limit)


def said_by_tlc(result: Result) -> str:
    """Return what TLC found, in a word."""
    if result.verdict is Verdict.UNKNOWN and result.shows:
        return STUCK
    return result.verdict.value


def said_by_engine(outcome: Outcome, prop: str) -> str:
    """Return what the engine found, in a word."""
    if outcome.verdict is Verdict.HOLDS and outcome.stuck is not None and outcome.stuck.who:
        return STUCK
    if outcome.verdict is Verdict.VIOLATED and outcome.name != prop:
        return f"{outcome.name} is violated"
    return outcome.verdict.value


def _differences(result: Result, outcome: Outcome) -> list[str]:
    pairs = {"verdict": (said_by_tlc(result), said_by_engine(outcome, result.point.prop))}
    if pairs["verdict"] in ((Verdict.HOLDS.value,) * 2, (STUCK,) * 2):
        # A search that ends early counts what it happens to have seen.
        pairs["states"] = (str(result.distinct), str(outcome.distinct))
        pairs["depth"] = (str(result.searched), str(outcome.depth))
    elif outcome.loop is None:
        # TLC does not look for a short one among behaviours that go on for ever.
        pairs["steps"] = (str(len(result.states) - 1), str(len(outcome.trace) - 1))
    return [
        f"{what}: TLC {tlc}, the engine {engine}"
        for what, (tlc, engine) in pairs.items()
        if tlc != engine
    ]
