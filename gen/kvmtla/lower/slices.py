"""Leaving out shared state that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kvmtla.ir import expr as x
from kvmtla.lower import graph as g
from kvmtla.lower.flow import Liveness
from kvmtla.lower.graph import Node


def shared_reads(nodes: Sequence[Node]) -> set[str]:
    """The shared fields on which anything depends that these nodes do.

    A field that is read only to compute its own next value does not count, nor does one whose value
    goes to a local that nobody reads.
    """
    live = Liveness(nodes)
    found: set[str] = set()
    for n in nodes:
        own: str | None = None
        if isinstance(n, g.Store):
            own = g.root(n.place)
        elif isinstance(n, g.Access):
            own = g.root(n.place)
            if any(t is not None and live.after(n, t.name) for t in n.targets):
                found.add(own)
        elif isinstance(n, g.Lock | g.Unlock):
            found.add(g.root(n.place))
        for e in g.reads(n):
            found |= x.shared_in(e) - {own}
    return found


def only_writes(node: Node, dropped: Iterable[str]) -> bool:
    """Does this node do nothing but write shared fields that are dropped?"""
    dropped = set(dropped)
    match node:
        case g.Store():
            return g.root(node.place) in dropped
        case g.Access():
            return g.root(node.place) in dropped and all(t is None for t in node.targets)
    return False


def empty_step(node: Node) -> bool:
    """Is this the start of one-step code that does nothing?"""
    if not isinstance(node, g.Begin):
        return False
    after = node.next
    while isinstance(after, g.Join) and not after.closes:
        after = after.next
    return isinstance(after, g.Join) and after.closes
