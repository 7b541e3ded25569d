"""Leaving out shared state that nothing reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from kvmtla.ir import expr as x
from kvmtla.ir.stmt import root
from kvmtla.lower import graph as g
from kvmtla.lower.flow import Liveness, bypass, copied, tidy
from kvmtla.lower.graph import Node
from kvmtla.patience import on_time


def shared_reads(nodes: Sequence[Node]) -> set[str]:
    """Return the shared fields that anything these nodes do depends on.

    A field that is read only to compute its own next value does not count, nor does one whose value
    goes to a local that nobody reads.
    """
    live = Liveness(nodes)
    found: set[str] = set()
    for n in nodes:
        own: str | None = None
        if isinstance(n, g.Store):
            own = root(n.place)
        elif isinstance(n, g.Access):
            own = root(n.place)
            if n.known is None and any(t is not None and live.after(n, t.name) for t in n.targets):
                found.add(own)
        elif isinstance(n, g.Lock | g.Unlock):
            found.add(root(n.place))
        for e in g.reads(n):
            found |= x.shared_in(e) - {own}
    return found


def without(entry: Node, dropped: Collection[str], params: frozenset[str]) -> Node:
    """Return the entry of a tidy flow without what only writes dropped fields, tidied again.

    `params` as for `tidy`. The given flow stays as it is.
    """
    drop = _left_out(entry, dropped)
    if drop:
        twins = copied(entry)
        entry, drop = twins[entry], {twins[n] for n in drop}
    while drop:
        entry = tidy(bypass(entry, drop), params)
        drop = _left_out(entry, dropped)
    return entry


def _left_out(entry: Node, dropped: Collection[str]) -> set[Node]:
    """Return the nodes to leave out, because they only write dropped fields."""
    nothing = [n for n in g.nodes(entry) if does_nothing(n, dropped)]
    if not nothing:
        return set()
    is_unseen = unseen(entry, dropped)
    drop = {n for n in nothing if is_unseen(n)}
    closing: set[Node] = set()
    for n in drop:
        if isinstance(n, g.Begin):
            end = n.next
            while isinstance(end, g.Join) and not end.closes:
                end = end.next
            assert end is not None
            closing.add(end)
    return drop | closing


def does_nothing(node: Node, dropped: Collection[str]) -> bool:
    """Does this node do nothing but write dropped shared fields, or read what is known anyway?

    A node in front of which something may be out of its bounds does more: it asks about that.
    """
    if node.bounded:
        return False
    match node:
        case g.Store():
            return root(node.place) in dropped
        case g.Access():
            if node.known is not None:
                return True
            return root(node.place) in dropped and all(t is None for t in node.targets)
        case g.Wait():
            return node.cond == x.TRUE
    return empty_step(node)


def unseen(entry: Node, dropped: Collection[str]) -> Callable[[Node], bool]:
    """Return a test whether a node can be left out of a flow without properties noticing.

    Without a step, one place where the flow comes to rest is missing: the one before it, or the one
    after it if the step is the first. If the step does nothing, the shared state is the same at
    both. The spans must be the same, too, and what is asked about bounds there.
    """
    firsts = {n for n, _ in _next_rests(entry, set())}
    early = _early(entry, dropped)

    def test(node: Node) -> bool:
        if not isinstance(node, g.STEPS):
            return True
        before = {node.spans, ()} if node in firsts else {node.spans}
        read = {name for at in node.spans for e in (*at.args, at.when) for name in x.locals_in(e)}
        assert node.next is not None
        # An actor that waits before the first step has not begun, and is not stuck midway.
        return all(
            before == {n.spans if not isinstance(n, g.End) else ()}
            and not changed & read
            and not (node in early and (n.bounded or g.may_block(n)))
            for n, changed in _next_rests(node.next, set())
        )

    return test


def _early(entry: Node, dropped: Collection[str]) -> set[Node]:
    """Return the steps that no step that does anything comes before."""
    found: set[Node] = set()
    todo = [entry]
    while todo:
        for n, _ in _next_rests(todo.pop(), set()):
            if n not in found:
                found.add(n)
                if n.next is not None and does_nothing(n, dropped):
                    todo.append(n.next)
    return found


def _next_rests(node: Node, changed: set[str]) -> list[tuple[Node, set[str]]]:
    """Return where a flow may come to rest next, with the locals that are set on a way there."""
    found: dict[Node, set[str]] = {}
    stack = [(node, changed)]
    seen: dict[Node, set[str]] = {}
    while stack:
        on_time()
        n, names = stack.pop()
        if n in seen and names <= seen[n]:
            continue
        names = seen[n] = seen.get(n, set()) | names
        if isinstance(n, (*g.STEPS, g.End)) or (isinstance(n, g.Join) and n.head):
            found[n] = names
        if not isinstance(n, g.STEPS):
            inner = names | {t.name for t in g.writes(n)}
            stack.extend((m, inner) for m in n.successors())
    return list(found.items())


def empty_step(node: Node) -> bool:
    """Is this the beginning of one-step code that does nothing?"""
    if not isinstance(node, g.Begin):
        return False
    after = node.next
    while isinstance(after, g.Join) and not after.closes:
        after = after.next
    return isinstance(after, g.Join) and after.closes
