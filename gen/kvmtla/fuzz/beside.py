"""Compares what Python says of a specification with what the tool says.

The oracle runs the functions as they are; the tool reads and lowers them, and has others check the
result. Both are asked for the shared states, and for verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kvmtla.engine import TYPE_OK, Limits, Outcome, Search, compile_model
from kvmtla.ir.model import Model
from kvmtla.oracle import Answer, Budget, DoesNotFitError, Questions, Specification, explore
from kvmtla.oracle.values import Domain, Map, Placed, RwLock, Set, Struct
from kvmtla.verdict import Verdict

Shared = Mapping[str, Any]


class Beside:
    """One world of a specification, as Python sees it.

    `constants` has the member for each constant. Making one raises DoesNotFitError where the budget
    is exceeded, and whatever the specification raises.
    """

    def __init__(
        self,
        specification: Specification,
        scenario: str,
        constants: Mapping[str, Enum],
        budget: Budget | None = None,
    ) -> None:
        self._properties = specification.properties
        world = specification.world(scenario, {n: v.name for n, v in constants.items()})
        self.graph = explore(world, budget)
        self._questions = Questions(world, self.graph)

    @property
    def states(self) -> int:
        """The number of states."""
        return len(self.graph.moments)

    @property
    def outside(self) -> str | None:
        """A phrase that says what leaves its bounds; None where nothing does."""
        names = dict.fromkeys(self.graph.outside.values())
        return f"{', '.join(names)} leaves its bounds" if names else None

    @property
    def stuck(self) -> str | None:
        """A phrase that says who can come to wait for ever; None where nobody can."""
        who = self._questions.stuck
        return f"{', '.join(who)} can come to wait for ever" if who else None

    def answer(self, prop: str) -> Answer:
        """Return the answer for a property."""
        return self._questions.ask(self._properties[prop])

    def speaks_against(
        self, prop: str, verdict: Verdict, reason: str | None = None, *, stuck: bool = True
    ) -> str | None:
        """Return how a verdict differs from what Python says; None where it does not.

        A goal that is reached counts as violated. Where somebody is stuck, nothing holds, unless
        `stuck` is false: then the verdict is from somebody who was not asked for this.
        """
        undecided = self.outside or (self.stuck if stuck else None)
        answer = self.answer(prop)
        if answer.violated:
            # Which of the two comes first depends on how fine the steps are.
            outside = self.outside is not None and verdict is Verdict.UNKNOWN
            right = verdict is Verdict.VIOLATED or outside
            said = f"violated in {answer.depth} states"
        elif undecided is not None:
            right, said = verdict is Verdict.UNKNOWN, f"unknown, since {undecided}"
        else:
            right, said = verdict is Verdict.HOLDS, "holds"
        if right:
            return None
        because = f" ({reason})" if reason else ""
        return f"{prop}: {verdict.value}{because}, and by Python {said}"

    def engine_differs(self, prop: str, outcome: Outcome) -> str | None:
        """Return how an outcome of the second engine, asked who is stuck, differs; or None."""
        verdict, because = outcome.verdict, outcome.reason
        if outcome.name == TYPE_OK:
            verdict, because = Verdict.UNKNOWN, "bounds"
        elif verdict is Verdict.HOLDS and outcome.stuck is not None and outcome.stuck.who:
            verdict, because = Verdict.UNKNOWN, f"{', '.join(outcome.stuck.actors)} gets stuck"
        return self.speaks_against(prop, verdict, because)

    @property
    def shared(self) -> set[tuple[tuple[str, Any], ...]]:
        """All shared states, in the values of models."""
        world = self._questions.world
        names = list(world.machine.fields)
        return {
            tuple(zip(names, map(plain, state), strict=True))
            for state in {world.shared(m) for m in self.graph.moments}
        }

    def states_differ(self, model: Model, limit: Limits | None = None) -> str | None:
        """Return how the states of a model without reductions differ; None where they do not.

        Raises DoesNotFitError where the model has more states than the limit.
        """
        if self.graph.outside:
            # States after such a state have no meaning.
            return None
        found = shared_of(model, limit)
        mine = self.shared
        only = [("Python alone", mine - found), ("the model alone", found - mine)]
        told = [f"{w} reaches {dict(sorted(s, key=repr)[0])}" for w, s in only if s]
        return "; ".join(told) or None


def plain(value: Any) -> Any:
    """Return a value of the oracle as models have it."""
    if isinstance(value, Domain):
        return value._number
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Set):
        return frozenset(map(plain, value._content))
    if isinstance(value, RwLock):
        return value._content
    if isinstance(value, Map | Struct):
        return tuple(map(plain, value._content))
    assert not isinstance(value, Placed)
    return value


def shared_of(model: Model, limit: Limits | None = None) -> set[tuple[tuple[str, Any], ...]]:
    """Return the shared states of a model; raise DoesNotFitError where it has too many states."""
    names = [n for n, v in model.variables.items() if v.actor is None and v.turn_of is None]
    search = Search(compile_model(model), symmetry=False)
    outcome = search.run((), limit=limit)
    if outcome.verdict is not Verdict.HOLDS:
        raise DoesNotFitError(outcome.reason or f"{outcome.name} is violated")
    return {tuple((n, state[n]) for n in names) for state in search.states()}


@dataclass(frozen=True)
class Compared:
    """The result for one world: the differences, or why it was left out."""

    verdicts: int
    states: int
    differences: tuple[str, ...] = ()
    left_out: str | None = None


def compared(
    beside: Callable[[], Beside],
    verdicts: Sequence[tuple[str, Verdict, str | None]],
    model: Callable[[], Model],
    limit: Limits | None = None,
) -> Compared:
    """Compare a world: verdicts on properties, with their reasons, and all shared states."""
    try:
        found = beside()
    except DoesNotFitError as error:
        return Compared(0, 0, left_out=str(error))
    except Exception as error:
        return Compared(0, 0, (f"Python cannot run it: {type(error).__name__}: {error}",))
    told = [found.speaks_against(*v) for v in verdicts]
    try:
        told.append(found.states_differ(model(), limit))
    except DoesNotFitError as error:
        return Compared(len(verdicts), found.states, tuple(filter(None, told)), str(error))
    return Compared(len(verdicts), found.states, tuple(filter(None, told)))
