"""Whether two models are the same in all that anybody can see of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kvmtla.engine import Compiled
from kvmtla.ir.model import Branch, Guard, Leaf, Model, Pick, Tree


def essence(model: Model) -> Hashable:
    """What a model says, without where it says it: equal for two that say the same."""
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
        case Pick(var, body):
            return ("pick", var, _tree(body))


@dataclass(frozen=True)
class Graph:
    """The states that a model reaches, by number, the first ones first.

    `seen` is, of each state, all that anybody but the actor itself can see: the shared variables,
    and which properties are true. `steps` are the steps, as who takes them and where they lead.
    """

    first: frozenset[int]
    seen: Sequence[Hashable]
    steps: Sequence[frozenset[tuple[str, int]]]


def graph_of(compiled: Compiled) -> Graph:
    """The state graph of a model, states that symmetry makes one kept apart."""
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
    decode = compiled.layout.decode
    known: dict[tuple[int, int], Hashable] = {}

    def seen(state: int) -> Iterator[Hashable]:
        for i, s in enumerate(shared):
            packed = state >> s.offset & (1 << s.width) - 1
            if (i, packed) not in known:
                known[i, packed] = (s.name, decode(packed, s.type))
            yield known[i, packed]
        for name, p in compiled.invariants.items():
            yield (name, bool(p.test(state & p.mask)))

    return Graph(first, [tuple(seen(s)) for s in order], steps)


def same_graph(a: Graph, b: Graph) -> bool:
    """Are they the same graph, names of places and locals apart?

    They are if each step of one has one of the other that leads to a state that looks the same, and
    from which the same can be said again (bisimulation).
    """
    if set(a.seen) != set(b.seen):
        return False
    shift = len(a.steps)
    steps = [*a.steps, *(frozenset((who, to + shift) for who, to in s) for s in b.steps)]
    classes = _classes([*a.seen, *b.seen], steps, shift)
    if classes is None:
        return False
    return {classes[i] for i in a.first} == {classes[i + shift] for i in b.first}


def _classes(
    seen: Sequence[Hashable], steps: Sequence[frozenset[tuple[str, int]]], shift: int
) -> list[int] | None:
    """Classes of states that nobody can tell apart; those from `shift` on are of another graph.

    None where a class has states of one of the graphs only.
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
    # Those of which a successor has got another class, and which may differ from others by that.
    changed: Iterable[int] = range(len(steps))
    while changed:
        moved: list[int] = []
        for c in {classes[i] for i in changed}:
            parts: dict[Hashable, list[int]] = {}
            for i in members[c]:
                ways = frozenset([(who, classes[to]) for who, to in steps[i]])
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
