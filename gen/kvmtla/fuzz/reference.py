"""Finds all that a model can reach by the reference semantics: slow, independent of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kvmtla.fuzz.orbits import Key, representatives
from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.ir.property import Property
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
)
from kvmtla.sem import Meaning, State, enabled, first_states


class TooManyError(Exception):
    """An error for a model with more states than allowed."""


Who = tuple[str, int | None]
"""An actor, and its number if there are several, else None."""


@dataclass
class Reached:
    """The result of an exhaustive breadth-first search.

    `depths` has each state, with the number of states on a shortest way to it. `violated` maps each
    violated property that is not temporal, and each goal that is reached, to the number of steps
    after which that shows first. `generated` counts first states, steps, and states in which nobody
    is in the middle of anything, as TLC does. States after one in which a variable has left its
    type have no meaning, and are not visited; `ill_typed` is the number of steps to the first such
    state, None if there is none. `taken` has the names of the actions that are possible anywhere.
    """

    model: Model
    depths: dict[Key, int] = field(default_factory=dict)
    generated: int = 0
    violated: dict[str, int] = field(default_factory=dict)
    ill_typed: int | None = None
    taken: set[str] = field(default_factory=set)
    leads: dict[Key, list[tuple[Who, Key]]] = field(default_factory=dict)
    """The steps from each state: who takes them, and where they lead."""
    wrong: set[Key] = field(default_factory=set)
    """The states in which a variable has left its type."""

    @property
    def distinct(self) -> int:
        """The number of states."""
        return len(self.depths)

    @property
    def depth(self) -> int:
        """The number of states on the longest of the shortest ways."""
        return max(self.depths.values(), default=0)

    @cached_property
    def stuck(self) -> frozenset[Who]:
        """The actors that can be in the middle of an operation with no way to a further step."""
        before: dict[Key, list[Key]] = {}
        for key, ways in self.leads.items():
            for _, after in ways:
                before.setdefault(after, []).append(key)
        found = []
        for who in _actors(self.model):
            moving = [k for k, ways in self.leads.items() if any(w == who for w, _ in ways)]
            # Nothing is known of states after one in which a variable has left its type.
            moving += self.wrong
            seen = set(moving)
            while moving:
                for k in before.get(moving.pop(), ()):
                    if k not in seen:
                        seen.add(k)
                        moving.append(k)
            if any(k not in seen and self._is_busy(who, k) for k in self.depths):
                found.append(who)
        return frozenset(found)

    def _is_busy(self, who: Who, key: Key) -> bool:
        return _at(self.model, dict(zip(self.model.variables, key, strict=True)), who) not in (
            IDLE,
            DONE,
        )

    def orbits(self, symmetric: str) -> list[Key]:
        """Return one of each of the states that differ in the names of elements only."""
        return representatives(self.model, [symmetric], self.depths)


def reach(model: Model, most: int) -> Reached:
    """Return all that a model can reach; raise TooManyError for more than `most` states."""
    meaning = Meaning(model)
    asked = [p for p in model.properties if not p.kind.temporal]
    found = Reached(model)
    names = list(model.variables)

    def come(state: State, depth: int, before: State | None, queue: list[State]) -> Key:
        found.generated += 1
        key = tuple(state[n] for n in names)
        new = key not in found.depths
        if new:
            found.depths[key] = depth
            if well_typed(model, state):
                queue.append(state)
            else:
                # Nothing that is said of this state would have a meaning.
                found.wrong.add(key)
                found.leads[key] = []
                found.ill_typed = depth - 1 if found.ill_typed is None else found.ill_typed
        if key not in found.wrong:
            for p in asked:
                if p.name not in found.violated and _ends(meaning, p, state, before, new):
                    found.violated[p.name] = depth - 1
        return key

    layer: list[State] = []
    for state in first_states(meaning):
        come(state, 1, None, layer)
    depth = 1
    while layer:
        if found.distinct > most:
            raise TooManyError
        depth += 1
        ahead: list[State] = []
        for state in layer:
            ways = []
            for step in enabled(meaning, state):
                found.taken.add(step.action.name)
                key = come(step.after, depth, state, ahead)
                ways.append((_whose(model, step.action.actor, step.bound, step.action.params), key))
            found.leads[tuple(state[n] for n in names)] = ways
            if all(_at(model, state, who) in (IDLE, DONE) for who in _actors(model)):
                found.generated += 1
        layer = ahead
    return found


def _ends(meaning: Meaning, p: Property, state: State, before: State | None, new: bool) -> bool:
    # The answer about a state is the same whenever it is reached.
    return (new or p.asks != ()) and meaning.ends(p, state, before)


def _actors(model: Model) -> Iterator[Who]:
    for a in model.actors:
        if not a.hardware:
            yield from ((a.name, i) for i in _which(model, a.domain))


def _which(model: Model, domain: str | None) -> Sequence[int | None]:
    return [None] if domain is None else range(model.sizes[domain])


def _whose(model: Model, actor: str, bound: Mapping[str, Value], params: Sequence[object]) -> Who:
    for a in model.actors:
        if a.name == actor and not a.hardware and a.domain is not None:
            first = next(iter(bound.values()))
            assert isinstance(first, int)
            assert params
            return actor, first
    return actor, None


def _at(model: Model, state: State, who: Who) -> Value:
    actor, me = who
    at = state[f"{actor}_pc"]
    if me is None:
        return at
    assert isinstance(at, tuple)
    return at[me]


def well_typed(model: Model, state: State) -> bool:
    """Does every variable have a value of its type?"""
    return all(_is(state[v.name], v.type, model) for v in model.variables.values())


def _is(value: Value, t: Type, model: Model) -> bool:
    match t:
        case BoolT():
            return isinstance(value, bool)
        case IntT(low, high):
            return type(value) is int and low <= value <= high
        case DomainT(name):
            return type(value) is int and 0 <= value < model.sizes[name]
        case LockT():
            tasks = sum(1 for _ in _actors(model))
            return type(value) is int and -1 <= value <= tasks
        case EnumT(_, members):
            return value in members
        case OptionalT(inner):
            return value is None or _is(value, inner, model)
        case RecordT(_, fields):
            assert isinstance(value, tuple)
            return all(_is(v, f.type, model) for v, f in zip(value, fields, strict=True))
        case MapT(_, inner):
            assert isinstance(value, tuple)
            return all(_is(v, inner, model) for v in value)
        case SetT(element):
            assert isinstance(value, frozenset)
            return all(_is(v, element, model) for v in value)
    raise AssertionError(t)
