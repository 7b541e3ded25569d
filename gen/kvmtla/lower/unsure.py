"""Locals that may be given an integer outside their bounds.

Where one of them rests with an actor, `TypeOK` asks about it. So no reduction may decide whether it
is kept there: what it needs stays, just as what a property needs stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmtla.ir import expr as x
from kvmtla.ir.bounds import fits, has_bounds, within
from kvmtla.ir.expr import Expr, Local
from kvmtla.lower import graph as g
from kvmtla.lower.flow import Liveness
from kvmtla.lower.graph import Node


def unsure_locals(nodes: Sequence[Node]) -> frozenset[str]:
    """Return the locals that may leave their bounds, and those that are made of them."""
    given = [(t, e) for n in nodes for t, e in _given(n) if has_bounds(t.type)]
    found: set[str] = set()
    before = -1
    while before < len(found):
        before = len(found)
        found |= {t.name for t, e in given if not is_sure(e, t, found)}
    return frozenset(found)


def is_sure(e: Expr, place: Expr, unsure: frozenset[str] | set[str]) -> bool:
    """Is `e` certain to give a value that `place` may have, whatever the `unsure` locals are?"""
    return fits(e, place.type) and x.locals_in(e).isdisjoint(unsure)


def _given(node: Node) -> Iterator[tuple[Local, Expr]]:
    """Yield each local that a node sets, with the expression or the place its value comes from."""
    match node:
        case g.Set(target=target, value=value):
            yield target, value
        case g.Access():
            for t in node.targets:
                if t is not None and not within(node.place.type, t.type):
                    yield t, node.place


def ask_about_bounds(entry: Node) -> None:
    """Let the steps of a flow ask about locals resting there that may be out of their bounds.

    This has to be done before anything is left out, so that what is left out does not change it.
    """
    nodes = g.nodes(entry)
    unsure = unsure_locals(nodes)
    if not unsure:
        return
    # Whether a span is asked about changes nothing in what an actor rests with.
    also = {n: frozenset[str]().union(*map(x.locals_in, n.unasked)) for n in nodes if n.unasked}
    live = Liveness(nodes, also)
    types = {t.name: t for n in nodes for t in g.writes(n) if t.name in unsure}
    for n in _resting(entry):
        n.bounded = tuple(types[name] for name in sorted(live.before(n) & unsure))
        n.read = None


def _resting(entry: Node) -> Iterator[Node]:
    """Yield the steps in front of which the flow may rest: none of those in one-step code."""
    todo = [(entry, 0)]
    seen: set[Node] = set()
    while todo:
        n, depth = todo.pop()
        if n in seen:
            continue
        seen.add(n)
        if isinstance(n, g.STEPS) and not depth:
            yield n
        depth += isinstance(n, g.Begin) - (isinstance(n, g.Join) and n.closes)
        todo += [(m, depth) for m in n.successors()]
