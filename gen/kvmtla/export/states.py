"""The state graph of a small model, states that are alike in chosen fields drawn as one."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kvmtla.errors import ToolError
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import without_none
from kvmtla.page.places import Places
from kvmtla.sem import Meaning, State, Taken, first_states
from kvmtla.trace import Trace
from kvmtla.trace.around import Node, around
from kvmtla.trace.fields import known_names, named
from kvmtla.trace.tell import Teller

MOST = 150
"""More than that nobody can read."""
# So many names of fields are advised at most.
_MOST_NAMES = 5
# So many that taking them all takes some seconds.
_MOST_STEPS = 60_000

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """States that are drawn as one: how many, and in how many of them the property is false.

    `lines` says what is so in all of them. `steps` are the steps of the counterexample that lead
    to one of them; 0 is how it begins.
    """

    lines: tuple[str, ...]
    states: int
    bad: int
    first: bool
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """That steps lead from one group to another, and what they are: each `actor: what`.

    `steps` are those of the counterexample among them.
    """

    start: int
    end: int
    texts: tuple[str, ...]
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StateGraph:
    """Groups, by number, and what leads from one to another; what stays inside one is left out."""

    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    total: int
    """How many states there are."""
    by: tuple[str, ...]
    """The fields and places that tell groups apart; none where each state is one."""


def state_graph(model: Model, trace: Trace, by: Sequence[str] = ()) -> StateGraph:
    """All states of a model with the counterexample in it, in groups that are alike in `by`.

    That names fields, places, and actors (where they stand). Raises ToolError where there would be
    more than `MOST` groups, and says which of them would do; or for a name that there is not.
    """
    meaning, kinds = Meaning(model), _Kinds(model)
    by = named(by, kinds.names, trace.scenario)
    nodes, own = _all(meaning, trace)
    values = kinds.values(n.state for n in nodes)
    keys = kinds.keys(values, by)
    if len(set(keys)) > MOST:
        raise _too_many(model, trace, kinds, values, by, len(set(keys)))
    return _Builder(model, trace, kinds, by).build(nodes, own, keys)


def _all(meaning: Meaning, trace: Trace) -> tuple[list[Node], list[int]]:
    path = [trace.first, *(s.after for s in trace.steps)]
    nodes, own = around(meaning, [*path, *first_states(meaning)], _MOST_STEPS)
    if any(n.leads is None for n in nodes):
        raise ToolError(
            "KT911",
            f"{meaning.model.name} has {len(nodes):,} states and more, too many for a picture",
            hint="--minimise may leave fewer, --as html shows those around the counterexample, and "
            "--as svg its steps",
        )
    return nodes, own[: len(path)]


class _Kinds:
    """What states can be told apart by."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.places = Places(model)
        shared = known_names(model)
        self._slots: dict[str, list[int]] = {}
        number = 0
        for p in self.places.places:
            for slot in p.slots:
                for name in self._names(p.name, slot.label, p.kind, p.actor):
                    self._slots.setdefault(name, []).append(number)
                number += 1
        self.names = {n for n in self._slots if n in shared or n in self._actors}

    @property
    def _actors(self) -> set[str]:
        return {a.label for a in self.model.actors if not a.hardware}

    def _names(self, place: str, field: str, kind: str, actor: str) -> Iterator[str]:
        if kind == "at":
            # All of them where there are several.
            yield next(a for a in self._actors if actor == a or actor.rpartition(" ")[0] == a)
        elif not actor:
            bare = place.partition("[")[0]
            yield bare
            if field:
                yield from (field, f"{bare}.{field}")

    def values(self, states: Iterable[State]) -> list[_Key]:
        """The values of all slots of each state."""
        return [tuple(self.places.values(s)) for s in states]

    def keys(self, values: list[_Key], by: Sequence[str]) -> list[_Key]:
        """What tells states apart of which these are the values: all of it, or what `by` names."""
        wanted = sorted({n for name in by for n in self._slots[name]})
        return [tuple(v[n] for n in wanted) for v in values] if by else values

    def lines(self, key: _Key, by: Sequence[str]) -> Iterator[str]:
        """A key in words, a line for each place."""
        wanted = sorted({n for name in by for n in self._slots[name]})
        yield from self._said(dict(zip(wanted, key, strict=True)))

    def unlike(self, state: State, other: State) -> Iterator[str]:
        """What is otherwise in a state than in another: shared places, and where actors are."""
        now = list(self.places.values(state))
        pairs = zip(now, self.places.values(other), strict=True)
        yield from self._said({n: a for n, (a, b) in enumerate(pairs) if a != b}, now)

    def _said(self, value: Mapping[int, str], whole: Sequence[str] = ()) -> Iterator[str]:
        """The values of slots by number, a line for each place; those of an actor's own left out.

        `whole` are those of all slots, where they are known: a word that is zero is said to be.
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

    def fitting(self, values: list[_Key], trace: Trace) -> tuple[tuple[str, ...], int] | None:
        """Names that make no more than `MOST` groups of states with these values, and how many;
        None if none do.

        First come those that the property speaks of, then what the counterexample changes most.
        """
        chosen: tuple[str, ...] = ()
        count = 1
        for name in self._candidates(trace):
            now = len(set(self.keys(values, (*chosen, name))))
            # What tells nothing apart is not worth its name.
            if count < now <= MOST:
                chosen, count = (*chosen, name), now
            if len(chosen) == _MOST_NAMES:
                break
        return (chosen, count) if chosen else None

    def _candidates(self, trace: Trace) -> list[str]:
        model = self.model
        spoken: list[str] = []
        if trace.kind is not None:
            # Fields first, since a whole word has more than is asked for.
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


def _too_many(
    model: Model,
    trace: Trace,
    kinds: _Kinds,
    values: list[_Key],
    by: Sequence[str],
    groups: int,
) -> ToolError:
    what = f"{model.name} has {len(values):,} states"
    if by:
        what += f", in {groups:,} groups by {', '.join(by)}"
    hint = "--as html shows the states around the counterexample, and --as svg its steps"
    if (found := kinds.fitting(values, trace)) is not None:
        names, count = found
        option = shlex.quote(",".join(n.replace(", ", ",") for n in names))
        hint = (
            f"put together those that are alike in some fields: --fields {option} makes {count} "
            f"groups; {hint}"
        )
    return ToolError("KT911", f"{what}: more than {MOST} are too many for a picture", hint=hint)


class _Builder:
    """Makes the graph of nodes and their keys."""

    def __init__(self, model: Model, trace: Trace, kinds: _Kinds, by: tuple[str, ...]) -> None:
        self.model, self.trace, self.kinds, self.by = model, trace, kinds, by
        self.meaning, self.teller = Meaning(model), Teller(model)

    def build(self, nodes: Sequence[Node], own: Sequence[int], keys: Sequence[_Key]) -> StateGraph:
        """The graph; groups are numbered in the order of their first state."""
        number: dict[_Key, int] = {}
        for k in keys:
            number.setdefault(k, len(number))
        of = [number[k] for k in keys]
        firsts = set(self.kinds.keys(self.kinds.values(first_states(self.meaning)), self.by))
        members: dict[int, list[Node]] = {}
        for g, n in zip(of, nodes, strict=True):
            members.setdefault(g, []).append(n)
        passed = [of[i] for i in own]
        groups = tuple(
            Group(
                tuple(self._lines(k, members[g][0])),
                len(members[g]),
                sum(self._is_bad(n.state) for n in members[g]),
                k in firsts,
                tuple(i for i, p in enumerate(passed) if p == g),
            )
            for k, g in number.items()
        )
        texts: dict[tuple[int, int], dict[str, None]] = {}
        for g, n in zip(of, nodes, strict=True):
            for to, taken in n.leads or ():
                if of[to] != g:
                    texts.setdefault((g, of[to]), {}).setdefault(self._text(taken, n.state))
        walked: dict[tuple[int, int], list[int]] = {}
        for i, (a, b) in enumerate(pairwise(passed), 1):
            walked.setdefault((a, b), []).append(i)
        edges = tuple(
            Edge(a, b, tuple(said), tuple(walked.get((a, b), ()))) for (a, b), said in texts.items()
        )
        return StateGraph(groups, edges, len(nodes), self.by)

    def _is_bad(self, state: State) -> bool:
        of_states = self.trace.kind in (PropertyKind.INVARIANT, PropertyKind.GOAL)
        return of_states and self.meaning.ends(self.model.asked(self.trace.property), state, None)

    def _text(self, taken: Taken, before: State) -> str:
        told = self.teller.step(0, taken, before)
        return f"{told.actor}: {told.text}"

    def _lines(self, key: _Key, node: Node) -> Iterator[str]:
        if self.by:
            yield from self.kinds.lines(key, self.by)
            return
        lines = list(self.kinds.unlike(node.state, self.trace.first))
        yield from lines or ["the first state"]
