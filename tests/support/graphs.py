"""All states of a scenario, as it is written and as it was lowered, to be compared."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from kvmtla.front.scenario import ScenarioRead
from kvmtla.ir import expr as x
from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.ir.types import LockT, MapT, OptionalT, RecordT, Type, Value, elements
from kvmtla.sem import Meaning, State, enabled, first_states
from support.interpret import BUSY, Interpreter, World

S = TypeVar("S")


@dataclass(frozen=True)
class Seen:
    """What can be seen of a state: all that a property could ask, and who is in the middle."""

    shared: tuple[tuple[str, Value], ...]
    locks: tuple[tuple[str, Value], ...]
    spans: frozenset[tuple[str, tuple[Value, ...]]]
    tasks: tuple[tuple[str, int | None], ...]

    @property
    def at_rest(self) -> bool:
        return all(at != BUSY for at, _ in self.tasks)

    def only(self, names: Iterable[str], spans: Iterable[str]) -> Seen:
        """What is left of it without some of the shared fields and of the spans."""
        return Seen(
            tuple(p for p in self.shared if p[0] in names),
            tuple(p for p in self.locks if p[0] in names),
            frozenset(one for one in self.spans if one[0] in spans),
            self.tasks,
        )


class TooManyError(Exception):
    """There are more states than somebody wants to look at."""


@dataclass
class Graph:
    """States by number: what is seen of each, and where its steps lead."""

    seen: list[Seen] = field(default_factory=list)
    after: list[set[int]] = field(default_factory=list)
    first: set[int] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    """The properties that are false somewhere."""
    able: list[set[int]] = field(default_factory=list)
    """Of each state, the numbers of those actors that can take a step."""

    @property
    def stuck(self) -> set[int]:
        """The numbers of the actors that, in some state, are in the middle, and never go on."""
        before: list[set[int]] = [set() for _ in self.seen]
        for n, ways in enumerate(self.after):
            for m in ways:
                before[m].add(n)
        found = set()
        for i, _ in enumerate(self.seen[0].tasks):
            free = {
                n for n, s in enumerate(self.seen) if s.tasks[i][0] != BUSY or i in self.able[n]
            }
            todo = list(free)
            while todo:
                more = before[todo.pop()] - free
                free |= more
                todo += more
            if len(free) < len(self.seen):
                found.add(i)
        return found


def _explored(
    first: Iterable[S],
    following: Callable[[S], Iterable[S]],
    key: Callable[[S], object],
    look: Callable[[S], Seen],
    failing: Callable[[S], Iterable[str]],
    able: Callable[[S], set[int]],
    most: int,
) -> Graph:
    graph, numbers, queue = Graph(), dict[object, int](), list[S]()

    def number(state: S) -> int:
        n = numbers.setdefault(key(state), len(numbers))
        if n == len(queue):
            queue.append(state)
            graph.seen.append(look(state))
            graph.failing |= set(failing(state))
            graph.able.append(able(state))
        return n

    graph.first = {number(s) for s in first}
    for state in queue:
        graph.after.append({number(s) for s in following(state)})
        if len(queue) > most:
            raise TooManyError
    return graph


def as_written(meaning: Interpreter, properties: Iterable[str], most: int = 100_000) -> Graph:
    """The graph of a scenario by its interpreter."""
    fields = meaning.scenario.machine.fields
    asked = [meaning.program.functions[p] for p in properties]

    def look(world: World) -> Seen:
        shared = meaning.look(world)
        tasks = tuple((t.at, t.left) for t in world.tasks)
        return _seen(fields, shared, frozenset(meaning.open), tasks)

    def failing(world: World) -> Iterator[str]:
        return (p.name for p in asked if not meaning.holds(p, world))

    def following(world: World) -> Iterable[World]:
        return list(meaning.next(world))

    return _explored(meaning.first(), following, lambda w: w, look, failing, meaning.able, most)


def as_lowered(model: Model, scenario: ScenarioRead, most: int = 100_000) -> Graph:
    """The graph of the model that `scenario` became, by the reference semantics."""
    meaning = Meaning(model)
    fields = {n: v.type for n, v in model.variables.items() if v.actor is None}
    asked = spans_of(model)
    spans = [d for d in model.definitions if d.name in asked]

    def tasks(state: State) -> Iterator[tuple[str, int | None]]:
        for a in scenario.actors:
            pc, left = state[f"{a.name}_pc"], state.get(f"{a.name}_left")
            for i in range(1 if a.domain is None else model.sizes[a.domain.name]):
                at, many = (pc, left) if a.domain is None else (_item(pc, i), _item(left, i))
                yield _task(str(at), a.times, many)

    def look(state: State) -> Seen:
        active = set()
        for d in spans:
            for values in itertools.product(*(elements(p.type, model.sizes) for p in d.params)):
                args = tuple(x.Const(v, p.type) for v, p in zip(values, d.params, strict=True))
                if meaning.value(x.Active(d.name, args), state):
                    active.add((d.name, values))
        whole = {n: _whole(state[n], t, scenario.machine.fields[n]) for n, t in fields.items()}
        return _seen(fields, whole, frozenset(active), tuple(tasks(state)))

    def failing(state: State) -> Iterator[str]:
        return (p for p in model.invariants if not meaning.invariant(p, state))

    def following(state: State) -> Iterable[State]:
        return [step.after for step in enabled(meaning, state)]

    def key(state: State) -> object:
        return tuple(state[n] for n in model.variables)

    actors = [
        (a.name, i)
        for a in scenario.actors
        for i in (range(model.sizes[a.domain.name]) if a.domain is not None else [None])
    ]
    indexed = {a.name for a in scenario.actors if a.domain is not None}

    def able(state: State) -> set[int]:
        who = {
            (
                t.action.actor,
                t.bound[t.action.params[0].name] if t.action.actor in indexed else None,
            )
            for t in enabled(meaning, state)
        }
        return {i for i, actor in enumerate(actors) if actor in who}

    return _explored(first_states(meaning), following, key, look, failing, able, most)


def _whole(value: Value, t: Type, declared: Type) -> Value:
    """A value of a model's type `t` with the bits that the declared type has besides: all clear."""
    match t, declared:
        case OptionalT(inner), OptionalT(whole) if value is not None:
            return _whole(value, inner, whole)
        case MapT(_, inner), MapT(_, whole):
            assert isinstance(value, tuple)
            return tuple(_whole(v, inner, whole) for v in value)
        case RecordT(_, fields), RecordT(_, all_fields):
            assert isinstance(value, tuple)
            there = {f.name: (v, f.type) for f, v in zip(fields, value, strict=True)}
            return tuple(
                _whole(*there[f.name], f.type) if f.name in there else False for f in all_fields
            )
    return value


def spans_of(model: Model) -> frozenset[str]:
    """The spans that something in the model asks about."""
    return frozenset(e.span for e in model.expressions if isinstance(e, x.Active))


def _item(value: Value, i: int) -> Value:
    return value[i] if isinstance(value, tuple) else value


def _task(at: str, times: int | None, left: Value) -> tuple[str, int | None]:
    """Where an actor of the model is, and how many operations it may still begin."""
    busy = at not in (IDLE, DONE)
    if times is None:
        return (BUSY if busy else IDLE), None
    # A model counts an operation once it is over, and only where there are several.
    more = left if isinstance(left, int) else int(at != DONE)
    more -= busy
    return BUSY if busy else IDLE if more else DONE, more


def _seen(
    fields: Mapping[str, Type],
    shared: Mapping[str, Value],
    spans: frozenset[tuple[str, tuple[Value, ...]]],
    tasks: tuple[tuple[str, int | None], ...],
) -> Seen:
    values = [(n, shared[n], _is_lock(t)) for n, t in sorted(fields.items())]
    return Seen(
        tuple((n, v) for n, v, lock in values if not lock),
        tuple((n, v) for n, v, lock in values if lock),
        spans,
        tasks,
    )


def _is_lock(t: Type) -> bool:
    return isinstance(t, LockT) or (isinstance(t, MapT) and _is_lock(t.value))


def same_steps(a: Graph, b: Graph) -> bool:
    """Can neither be told from the other, whatever is done in them, step by step (bisimulation)?"""
    seen = [*a.seen, *b.seen]
    after = [*a.after, *({n + len(a.seen) for n in ways} for ways in b.after)]
    numbers: dict[object, int] = {}
    group = [numbers.setdefault(s, len(numbers)) for s in seen]
    while True:
        finer: dict[object, int] = {}
        parts = [
            (g, frozenset(group[m] for m in ways)) for g, ways in zip(group, after, strict=True)
        ]
        group = [finer.setdefault(p, len(finer)) for p in parts]
        if len(finer) == len(numbers):
            break
        numbers = finer
    return {group[n] for n in a.first} == {group[n + len(a.seen)] for n in b.first}
