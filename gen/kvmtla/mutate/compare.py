"""Compares two models in all that anybody can see of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from kvmtla.engine import Compiled
from kvmtla.ir.model import Branch, Guard, Leaf, Let, Model, Pick, Tree
from kvmtla.ir.types import LockT, MapT, OptionalT, RecordT, Type, Value

# The most pairs of sets of states that are compared.
_MOST_SETS = 20_000


def essence(model: Model) -> Hashable:
    """Return what a model says, without places in the spec: equal for two that say the same."""
    return (
        tuple((v.name, v.type, v.first) for v in model.variables.values()),
        _tree(model.initial),
        tuple((a.actor, a.at, a.params, _tree(a.tree)) for a in model.actions),
        tuple((d.name, d.params, d.body) for d in model.definitions),
    )


def _tree(tree: Tree) -> Hashable:
    match tree:
        case Leaf(updates):
            return tuple(sorted(updates.items(), key=lambda u: u[0]))
        case Branch(cond, then, other):
            return (cond, _tree(then), _tree(other))
        case Guard(cond, body):
            return ("guard", cond, _tree(body))
        case Pick(var, body, when):
            return ("pick", var, when, _tree(body))
        case Let(bound, body):
            return ("let", bound, _tree(body))


@dataclass(frozen=True)
class VisibleGraph:
    """The visible part of the states that a model reaches, by number; `first` are the first ones.

    `seen` holds, for each state, all that properties can be about: the shared variables, which
    invariants are true, and whether nobody can take a step. Whatever is the same in all states is
    left out, as another model may not have it.
    `steps` holds, for each state, who can take a step and where it leads.
    """

    first: frozenset[int]
    seen: Sequence[Hashable]
    steps: Sequence[frozenset[tuple[str, int]]]


def visible_graph(compiled: Compiled, *, locks: bool) -> VisibleGraph:
    """Return the state graph of a model; states that are symmetric to each other are kept apart.

    With `locks`, the locks are visible too.
    """
    model = compiled.model
    shared = [s for s in compiled.layout.slots.values() if model.variables[s.name].actor is None]
    owners = {a.name: a.actor for a in model.actions}
    actors = [owners[name] for name in compiled.ends]
    numbers: dict[int, int] = {}
    order: list[int] = []

    def number(state: int) -> int:
        if state not in numbers:
            numbers[state] = len(order)
            order.append(state)
        return numbers[state]

    first = frozenset(number(compiled.blank ^ c) for c, _ in compiled.first(compiled.blank))
    steps = []
    for state in order:
        ahead = (c for stage in compiled.stages for c in stage.from_state(state))
        steps.append(frozenset((actors[a], number(state ^ change)) for change, a in ahead))
    columns: list[list[Hashable]] = []
    names: list[str] = []
    for slot in shared:
        if isinstance(slot.type, LockT) and not locks:
            continue
        run = (1 << slot.width) - 1
        packed = [state >> slot.offset & run for state in order]
        values = {p: _value(compiled.layout.decode(p, slot.type), slot.type) for p in set(packed)}
        if len(values) > 1:
            names.append(slot.name)
            columns.append([values[p] for p in packed])
    for name, test in compiled.invariants.items():
        truth = [bool(test.test(state & test.mask)) for state in order]
        if len(set(truth)) > 1:
            names.append(name)
            columns.append([*truth])
    columns.append([not ways for ways in steps])
    names.append("nobody can take a step")
    seen = [(*zip(names, row, strict=True),) for row in zip(*columns, strict=True)]
    return VisibleGraph(first, seen, steps)


def _value(value: Value, t: Type) -> Hashable:
    """Return a value in which clear bits look the same as bits that a model leaves out."""
    match t:
        case RecordT(_, fields) if isinstance(value, tuple):
            parts = zip(fields, value, strict=True)
            return tuple((f.name, _value(v, f.type)) for f, v in parts if v is not False)
        case MapT(_, inner) if isinstance(value, tuple):
            return tuple(_value(v, inner) for v in value)
        case OptionalT(inner) if value is not None:
            return _value(value, inner)
    return value


def same_graph(a: VisibleGraph, b: VisibleGraph) -> bool:
    """Are the graphs the same, apart from the names of places and from locals?

    They are if each step of one has a step of the other to a state that looks the same, and from
    which this is true again (bisimulation). A step to a state that cannot be told from the one
    before does not count, as in TLA+.
    """
    if set(a.seen) != set(b.seen):
        return False
    shift = len(a.steps)
    steps = [*a.steps, *(frozenset((who, to + shift) for who, to in s) for s in b.steps)]
    classes = _classes([*a.seen, *b.seen], steps, shift)
    if classes is None:
        return False
    return {classes[i] for i in a.first} == {classes[i + shift] for i in b.first}


def same_traces(a: VisibleGraph, b: VisibleGraph) -> bool:
    """Do the same things happen in both, in the same order, as far as anybody can see?

    If so, no property of states or of steps can tell them apart, and nobody gets stuck in only one
    of them: all of this is about what happens, not about what could have happened instead. A step
    to a state that looks the same does not count. The answer is no where it would take too long.
    """
    of_a, of_b = _Looks(a), _Looks(b)
    first_a, first_b = of_a.first, of_b.first
    if first_a.keys() != first_b.keys():
        return False
    todo = [(first_a[look], first_b[look]) for look in first_a]
    known = set(todo)
    while todo:
        in_a, in_b = todo.pop()
        ahead_a, ahead_b = of_a.ahead(in_a), of_b.ahead(in_b)
        if ahead_a.keys() != ahead_b.keys():
            return False
        new = {(ahead_a[look], ahead_b[look]) for look in ahead_a} - known
        if len(known) + len(new) > _MOST_SETS:
            return False
        known |= new
        todo += new
    return True


_Set = frozenset[int]


class _Looks:
    """A graph of sets of states that look alike: the states possible after what was seen."""

    def __init__(self, graph: VisibleGraph) -> None:
        self._seen = graph.seen
        self._steps = graph.steps
        self._ahead: dict[_Set, dict[Hashable, _Set]] = {}
        self.first = self._split(graph.first)

    def ahead(self, states: _Set) -> dict[Hashable, _Set]:
        """Return what may be seen next, with the states that are possible then."""
        if states not in self._ahead:
            (look,) = {self._seen[i] for i in states}
            to = {t for i in states for _, t in self._steps[i] if self._seen[t] != look}
            self._ahead[states] = self._split(to)
        return self._ahead[states]

    def _split(self, states: Iterable[int]) -> dict[Hashable, _Set]:
        found: dict[Hashable, set[int]] = {}
        for i in states:
            found.setdefault(self._seen[i], set()).add(i)
        return {look: self._unseen(some) for look, some in found.items()}

    def _unseen(self, states: set[int]) -> _Set:
        """Return `states` and all that is reached from them by steps that nobody sees."""
        todo = [*states]
        while todo:
            i = todo.pop()
            for _, to in self._steps[i]:
                if to not in states and self._seen[to] == self._seen[i]:
                    states.add(to)
                    todo.append(to)
        return frozenset(states)


def _classes(
    seen: Sequence[Hashable], steps: Sequence[frozenset[tuple[str, int]]], shift: int
) -> list[int] | None:
    """Return the class of each state; nobody can tell states of a class apart.

    States from `shift` on belong to the other graph. Returns None if a class has states of only one
    graph.
    """
    numbers: dict[Hashable, int] = {}
    classes = [numbers.setdefault(s, len(numbers)) for s in seen]
    members: list[list[int]] = [[] for _ in numbers]
    for i, c in enumerate(classes):
        members[c].append(i)
    before: list[list[int]] = [[] for _ in steps]
    for i, ways in enumerate(steps):
        for _, to in ways:
            before[to].append(i)
    # The states that may now differ from others, since the class of a successor has changed.
    changed: Iterable[int] = range(len(steps))
    while changed:
        moved: list[int] = []
        for c in {classes[i] for i in changed}:
            parts: dict[Hashable, list[int]] = {}
            for i in members[c]:
                ways = frozenset([(w, classes[to]) for w, to in steps[i] if classes[to] != c])
                parts.setdefault(ways, []).append(i)
            if len(parts) == 1:
                continue
            largest, *others = sorted(parts.values(), key=len, reverse=True)
            if any(min(p) >= shift or max(p) < shift for p in (largest, *others)):
                return None
            members[c] = largest
            for part in others:
                for i in part:
                    classes[i] = len(members)
                members.append(part)
                moved += part
        changed = {i for to in moved for i in before[to]}
    return classes
