"""The parting of two models' behaviours: the first step that one can take and the other cannot.

Only what can be seen is compared: the shared state that both models have. Locks are left out,
except for those that a property in question mentions. Two steps are the same where the same actor
takes them in the same operation, and the same is seen after them. A step after which nothing looks
different may be taken or not, or be another one: how many steps an operation takes to make up its
mind is no difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.types import LockT, Value
from kvmtla.sem import Meaning, State, Taken, enabled, first_states
from kvmtla.trace.tell import Teller

# At most so many pairs are looked at, of a state of one model and the states of the other that look
# the same.
MOST_PAIRS = 10_000

_Shared = tuple[Value, ...]
_Key = tuple[str, str, _Shared]
"""The visible part of a step: its actor, the operation, and the shared state after it."""


@dataclass(frozen=True)
class Parting:
    """A way that both models can go up to a step, as the model that can take the step goes it.

    `first` and `path` lead to where the `step` is taken; `path` ends before it. `others` are the
    steps of the other model there, each with the state before it. Where the first states already
    differ, `step` is None.
    """

    first: State
    path: tuple[Taken, ...]
    step: Taken | None
    others: tuple[tuple[State, Taken], ...]


@dataclass(frozen=True)
class Compared:
    """The place where two models part, or None; `complete` says whether all was looked at."""

    parting: Parting | None
    complete: bool


class Side:
    """One of two models, seen through the variables that both have."""

    def __init__(self, model: Model, names: Sequence[str]) -> None:
        self.model = model
        self.meaning = Meaning(model)
        self._teller = Teller(model)
        self._names = tuple(names)
        self._all = tuple(model.variables)
        self._steps: dict[tuple[Value, ...], list[tuple[_Key, Taken]]] = {}

    @cached_property
    def firsts(self) -> list[State]:
        """The first states."""
        return list(first_states(self.meaning))

    def seen(self, state: State) -> _Shared:
        """Return the part of a state that both models have."""
        return tuple(state[n] for n in self._names)

    def key(self, state: State) -> tuple[Value, ...]:
        """Return the whole state, as a tuple of its values."""
        return tuple(state[n] for n in self._all)

    def unseen(self, states: Iterable[State]) -> dict[tuple[Value, ...], State]:
        """Return these states, and those that they lead to by steps of which nothing is seen."""
        found = {self.key(s): s for s in states}
        todo = list(found.values())
        while todo:
            state = todo.pop()
            for (_, _, seen), t in self.steps(state):
                key = self.key(t.after)
                if seen == self.seen(state) and key not in found:
                    found[key] = t.after
                    todo.append(t.after)
        return found

    def steps(self, state: State) -> list[tuple[_Key, Taken]]:
        """Return the steps that are possible, each with what is seen of it."""
        key = self.key(state)
        if key not in self._steps:
            self._steps[key] = [(self.seen_of(t), t) for t in enabled(self.meaning, state)]
        return self._steps[key]

    def seen_of(self, t: Taken) -> _Key:
        """Return what is seen of a step."""
        return self._teller.lane(t), t.action.operation, self.seen(t.after)


def sides(one: Model, other: Model, prop: str | None = None) -> tuple[Side, Side]:
    """Return both models, each seen through the shared variables that they have in common.

    A variable counts only where it has the same type in both. `prop` is a property of both that is
    in question.
    """
    said = one.said_by(prop) if prop is not None else ()
    spoken = {e.name for e in said if isinstance(e, x.Shared)}
    names = [
        n
        for n, v in one.variables.items()
        if v.actor is None
        and v.turn_of is None
        and (not isinstance(v.type, LockT) or n in spoken)
        and n in other.variables
        and other.variables[n].type == v.type
    ]
    return Side(one, names), Side(other, names)


def first_difference(able: Side, other: Side, most: int = MOST_PAIRS) -> Compared:
    """Find the nearest step that `able` can take and `other` cannot, after the same steps."""
    # States of `able`, each with all states of `other` that the same way may lead to.
    queue: deque[tuple[State, tuple[State, ...], int]] = deque()
    ways: list[tuple[int, State | Taken]] = []
    known: set[tuple[tuple[Value, ...], frozenset[tuple[Value, ...]]]] = set()

    def add(state: State, alike: Mapping[tuple[Value, ...], State], way: int, last: object) -> None:
        pair = able.key(state), frozenset(alike)
        if pair not in known:
            known.add(pair)
            ways.append((way, last))  # type: ignore[arg-type]
            queue.append((state, tuple(alike.values()), len(ways) - 1))

    for state in able.firsts:
        alike = other.unseen(s for s in other.firsts if other.seen(s) == able.seen(state))
        if not alike:
            return Compared(Parting(state, (), None, ()), True)
        add(state, alike, -1, state)
    while queue:
        if len(known) > most:
            return Compared(None, False)
        state, alike_states, way = queue.popleft()
        ahead: dict[_Key, list[State]] = {}
        for s in alike_states:
            for key, t in other.steps(s):
                ahead.setdefault(key, []).append(t.after)
        for key, t in able.steps(state):
            if key[-1] == able.seen(state):
                add(t.after, {other.key(s): s for s in alike_states}, way, t)
            elif key in ahead:
                add(t.after, other.unseen(ahead[key]), way, t)
            else:
                first, path = _way(ways, way)
                here = tuple((s, o) for s in alike_states for _, o in other.steps(s))
                return Compared(Parting(first, tuple(path), t, here), True)
    return Compared(None, True)


def _way(ways: Sequence[tuple[int, State | Taken]], end: int) -> tuple[State, list[Taken]]:
    """Return the first state and the steps that lead to an entry of `ways`."""
    found = list(_back(ways, end))
    first = found.pop()
    assert not isinstance(first, Taken)
    return first, [t for t in reversed(found) if isinstance(t, Taken)]


def _back(ways: Sequence[tuple[int, State | Taken]], end: int) -> Iterator[State | Taken]:
    while end >= 0:
        end, last = ways[end]
        yield last
