"""The state graph of a small model; states that are alike in chosen fields are drawn as one."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from kvmtla.engine import Graph, Limits
from kvmtla.errors import ToolError
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import without_none
from kvmtla.page.places import Places
from kvmtla.sem import Meaning, State, enabled, first_states
from kvmtla.trace import Trace
from kvmtla.trace.fields import known_names, named
from kvmtla.trace.tell import Teller

MOST = 150
"""The most groups that a reader can cope with."""
# The most names of fields that a hint advises.
_MOST_NAMES = 5
# So many states that looking at them all takes a second or two.
_MOST_STATES = 200_000
# So many different numbers can stand for the same words.
_NUMBERS = 8
_OTHERWISE = "--as html shows the states around the counterexample, and --as svg its steps"

_Key = tuple[str, ...]
_Step = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """States that are drawn as one: how many there are, and how many are bad.

    `lines` says what they have in common, or how a single state differs from the first. `steps`
    are the steps of the counterexample that lead to one of them; 0 is its first state.
    """

    lines: tuple[str, ...]
    states: int
    bad: int
    first: bool
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """The steps from one group to another, in words: each is `actor: what`.

    `steps` are those of the counterexample among them.
    """

    start: int
    end: int
    texts: tuple[str, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StateGraph:
    """Groups, by number, and the steps from one to another; steps inside a group are left out."""

    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    total: int
    """The number of states."""
    by: tuple[str, ...]
    """The fields and places that tell groups apart; none if each state is a group."""


def state_graph(model: Model, trace: Trace, by: Sequence[str] = ()) -> StateGraph:
    """Return all states of a model, in groups that are alike in `by`, with the counterexample.

    `by` names fields, places, and actors (where they stand). Raises ToolError for a name that does
    not exist, or if there would be more than `MOST` groups; it says which names would do.
    """
    graph = Graph(model, Limits(states=_MOST_STATES))
    kinds = _Kinds(model, graph)
    by = named(by, kinds.names, trace.scenario)
    if not graph.complete:
        raise _endless(model, trace, kinds)
    groups = kinds.groups(by)
    if groups is None:
        raise _too_many(model, trace, kinds, by)
    return _Builder(model, trace, kinds, by).build(groups)


class _Kinds:
    """The names by which the states of a graph can be told apart."""

    def __init__(self, model: Model, graph: Graph) -> None:
        self.model = model
        self.graph = graph
        self.places = Places(model)
        shared = known_names(model)
        self._slots: dict[str, list[int]] = {}
        number = 0
        for p in self.places.places:
            for slot in p.slots:
                for name in self._names(p.name, slot.label, p.kind, p.actor):
                    self._slots.setdefault(name, []).append(number)
                number += 1
        self._bits = [graph.bits(*way) for way in self.places.ways()]
        self.names = {n for n in self._slots if n in shared or n in self._actors}

    @property
    def _actors(self) -> set[str]:
        return {a.label for a in self.model.actors if not a.hardware}

    def _names(self, place: str, field: str, kind: str, actor: str) -> Iterator[str]:
        if kind == "at":
            # If there are several of a kind, the name is for all of them.
            yield next(a for a in self._actors if actor == a or actor.rpartition(" ")[0] == a)
        elif not actor:
            bare = place.partition("[")[0]
            yield bare
            if field:
                yield from (field, f"{bare}.{field}")

    def _wanted(self, by: Sequence[str]) -> list[int]:
        """Return the numbers of the slots that tell states apart; without names, all."""
        return sorted({n for name in by for n in self._slots[name]}) or list(range(len(self._bits)))

    def groups(self, by: Sequence[str]) -> list[list[int]] | None:
        """Return the states in groups that are alike in `by`; None for more than `MOST` groups."""
        wanted = self._wanted(by)
        mask = self._mask(wanted)
        found: dict[int, list[int]] = {}
        for s in self.graph.states:
            found.setdefault(s & mask, []).append(s)
            # States that are alike in words can have different numbers, but only few of them.
            if len(found) > _NUMBERS * MOST:
                return None
        alike: dict[_Key, list[list[int]]] = {}
        for members in found.values():
            alike.setdefault(self.key(members[0], by), []).append(members)
        if len(alike) > MOST:
            return None
        return [list(chain.from_iterable(parts)) for parts in alike.values()]

    def count(self, by: Sequence[str]) -> int | None:
        """Return the number of groups; None for more than `MOST`."""
        found = self._told_apart(by)
        if len(found) > _NUMBERS * MOST:
            return None
        count = len({self.key(s, by) for s in found})
        return count if count <= MOST else None

    def number(self, by: Sequence[str]) -> int:
        """Return the number of groups where there are too many to look at."""
        return len(self._told_apart(by))

    def _told_apart(self, by: Sequence[str]) -> set[int]:
        """Return the values of what `by` names in the states, as numbers."""
        mask = self._mask(self._wanted(by))
        return set(map(mask.__and__, self.graph.states))

    def _mask(self, wanted: Iterable[int]) -> int:
        mask = 0
        for n in wanted:
            mask |= self._bits[n]
        return mask

    def key(self, packed: int, by: Sequence[str]) -> _Key:
        """Return in words the values that tell states apart."""
        values = list(self.places.values(self.graph.unpack(packed)))
        return tuple(values[n] for n in self._wanted(by))

    def lines(self, key: _Key, by: Sequence[str]) -> Iterator[str]:
        """Yield a key in words, a line for each place."""
        yield from self._said(dict(zip(self._wanted(by), key, strict=True)))

    def unlike(self, state: State, other: State) -> Iterator[str]:
        """Yield lines on how a state differs from another: shared places, and where actors are."""
        now = list(self.places.values(state))
        pairs = zip(now, self.places.values(other), strict=True)
        yield from self._said({n: a for n, (a, b) in enumerate(pairs) if a != b}, now)

    def _said(self, value: Mapping[int, str], whole: Sequence[str] = ()) -> Iterator[str]:
        """Yield a line for each place with values of its slots, without the locals of actors.

        `value` has them by the number of the slot. `whole` are the values of all slots, if known:
        a word that is zero is then told as 0.
        """
        number = 0
        for p in self.places.places:
            numbers = range(number, number + len(p.slots))
            number += len(p.slots)
            parts = [
                f"{s.label}={value[n]}" if s.label else value[n]
                for n, s in zip(numbers, p.slots, strict=True)
                if n in value and not s.idle
            ]
            if p.kind == "word" and len(parts) > 1 and set(whole[numbers[0] : number]) == {"0"}:
                parts = ["0"]
            if parts and p.kind == "at":
                yield f"{p.actor} at {' '.join(parts)}"
            elif parts and not p.actor:
                yield f"{p.name}: {' '.join(parts)}"

    def fitting(self, trace: Trace, most: int = MOST) -> tuple[tuple[str, ...], int] | None:
        """Return names that make at most `most` groups, and how many groups; None if none do.

        The names that the property uses come first, then what the counterexample changes most.
        """
        chosen: tuple[str, ...] = ()
        count = 1
        for name in self._candidates(trace):
            now = self.count((*chosen, name))
            # A name that tells no more states apart is not worth having.
            if now is not None and count < now <= most:
                chosen, count = (*chosen, name), now
            if len(chosen) == _MOST_NAMES:
                break
        return (chosen, count) if chosen else None

    def _candidates(self, trace: Trace) -> list[str]:
        model = self.model
        spoken: list[str] = []
        if trace.kind is not None:
            # Fields come first, since a whole word has more than is asked for.
            said = model.said_by(trace.property)
            for e in sorted(said, key=lambda e: not isinstance(e, x.Field)):
                if isinstance(e, x.Field):
                    base: x.Expr = e
                    while isinstance(base, x.Field | x.Index):
                        base = base.base
                    if isinstance(base, x.Shared):
                        place = model.labels.get(base.name, base.name)
                        spoken.append(f"{place}.{_label(e)}")
                elif isinstance(e, x.Shared):
                    spoken.append(model.labels.get(e.name, e.name))
        moved = Counter(
            f"{c.place.partition('[')[0]}.{c.field}" if c.field else c.place.partition("[")[0]
            for s in trace.steps
            for c in s.changes
            if c.local is None and not c.is_lock
        )
        found = [*spoken, *(n for n, _ in moved.most_common()), *sorted(self._actors)]
        return [n for n in dict.fromkeys(found) if n in self.names]


def _label(e: x.Field) -> str:
    fields = getattr(without_none(e.base.type), "fields", ())
    return next((f.label for f in fields if f.name == e.name), e.name)


def _too_many(model: Model, trace: Trace, kinds: _Kinds, by: Sequence[str]) -> ToolError:
    what = f"{model.name} has {len(kinds.graph.states):,} states"
    if by:
        what += f", in {kinds.number(by):,} groups by {', '.join(by)}"
    hint = _OTHERWISE
    if (found := kinds.fitting(trace)) is not None:
        names, count = found
        hint = (
            f"put together those that are alike in some fields: {_option(names)} makes {count} "
            f"groups; {hint}"
        )
    return ToolError("KT911", f"{what}: more than {MOST} are too many for a picture", hint=hint)


def _endless(model: Model, trace: Trace, kinds: _Kinds) -> ToolError:
    """Return the error for a model with more states than are looked at."""
    seen = len(kinds.graph.states)
    hint = "--minimise looks for a smaller scenario that shows the same"
    # This is only a guess: there may be other values further on.
    if (found := kinds.fitting(trace, MOST // 2)) is not None:
        names, count = found
        hint += (
            f", in which {_option(names)} may do: here it makes {count} groups of so many states"
        )
    return ToolError(
        "KT911",
        f"{model.name} has {seen:,} states and more, too many for a picture",
        hint=f"{hint}; {_OTHERWISE}",
    )


def _option(names: Sequence[str]) -> str:
    return f"--fields {shlex.quote(','.join(n.replace(', ', ',') for n in names))}"


class _Builder:
    """A builder of the graph of groups of states."""

    def __init__(self, model: Model, trace: Trace, kinds: _Kinds, by: tuple[str, ...]) -> None:
        self.model, self.trace, self.kinds, self.by = model, trace, kinds, by
        self.graph = kinds.graph
        self.meaning, self.teller = Meaning(model), Teller(model)
        self._told: dict[_Step, list[str]] = {}

    def build(self, found: Sequence[Sequence[int]]) -> StateGraph:
        """Return the graph; the groups that the counterexample passes come first, in its order."""
        path = [self.trace.first, *(s.after for s in self.trace.steps)]
        at = {s: n for n, members in enumerate(found) for s in members}
        order = dict.fromkeys([*(at[self.graph.pack(s)] for s in path), *range(len(found))])
        number = {n: i for i, n in enumerate(order)}
        of = {s: number[n] for s, n in at.items()}
        passed = [of[self.graph.pack(s)] for s in path]
        firsts = {of[self.graph.pack(s)] for s in first_states(self.meaning)}
        groups = tuple(
            Group(
                tuple(self._lines(found[n][0])),
                len(found[n]),
                self._bad(found[n]),
                i in firsts,
                tuple(j for j, p in enumerate(passed) if p == i),
            )
            for i, n in enumerate(order)
        )
        walked: dict[tuple[int, int], list[int]] = {}
        for i, (a, b) in enumerate(pairwise(passed), 1):
            walked.setdefault((a, b), []).append(i)
        edges = tuple(
            Edge(a, b, tuple(said), tuple(walked.get((a, b), ())))
            for (a, b), said in self._texts(of).items()
        )
        return StateGraph(groups, edges, len(of), self.by)

    def _texts(self, of: Mapping[int, int]) -> dict[tuple[int, int], list[str]]:
        """Return the steps from one group to another, in words.

        Steps that come to the same end of an action and change the same are told once.
        """
        leads: dict[tuple[int, int], dict[_Step, int]] = {}
        for state, group in of.items():
            for step in self.graph.steps(state):
                to = of[state ^ step[0]]
                if to != group:
                    leads.setdefault((group, to), {}).setdefault(step, state)
        return {
            pair: list(dict.fromkeys(t for step, s in some.items() for t in self._text(step, s)))
            for pair, some in leads.items()
        }

    def _text(self, step: _Step, packed: int) -> Sequence[str]:
        if step not in self._told:
            change, end, _ = step
            before = self.graph.unpack(packed)
            after, action = self.graph.unpack(packed ^ change), self.graph.action(end)
            steps = (
                self.teller.step(0, t, before)
                for t in enabled(self.meaning, before)
                if t.after == after and t.action.name == action
            )
            self._told[step] = [f"{s.actor}: {s.text}" for s in steps]
        return self._told[step]

    def _bad(self, members: Sequence[int]) -> int:
        if self.trace.kind not in (PropertyKind.INVARIANT, PropertyKind.GOAL):
            return 0
        return sum(self.graph.is_false(self.trace.property, s) for s in members)

    def _lines(self, packed: int) -> Iterator[str]:
        if self.by:
            yield from self.kinds.lines(self.kinds.key(packed, self.by), self.by)
            return
        lines = list(self.kinds.unlike(self.graph.unpack(packed), self.trace.first))
        yield from lines or ["the first state"]
