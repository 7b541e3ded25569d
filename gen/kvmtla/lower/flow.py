"""Analyses and simplifications of the flow: liveness, propagation, dead code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy

from kvmtla.ir import expr as x
from kvmtla.ir.bounds import fits
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import deep_simplify
from kvmtla.lower import graph as g
from kvmtla.lower.graph import Node
from kvmtla.patience import on_time


class Masks:
    """Sets of locals as integers, one bit for each local: they are asked for often."""

    def __init__(self) -> None:
        self.bits: dict[str, int] = {}
        self._known: dict[frozenset[str], int] = {}

    def of(self, names: frozenset[str]) -> int:
        """Return the mask of some locals."""
        mask = self._known.get(names)
        if mask is None:
            mask = 0
            for name in names:
                mask |= self.bit(name)
            self._known[names] = mask
        return mask

    def bit(self, name: str) -> int:
        """Return the mask of one local."""
        return self.bits.setdefault(name, 1 << len(self.bits))


class Liveness:
    """The locals that are still to be read, before and after each node.

    `also` has what nodes read besides. `masks` are those of the flow, where it is asked about more
    than once.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        also: Mapping[Node, frozenset[str]] | None = None,
        masks: Masks | None = None,
    ) -> None:
        masks = masks or Masks()
        self._bits = masks.bits
        ways: dict[Node, Sequence[Node]] = {}
        rows = []
        for n in reversed(nodes):
            used = masks.of(g.locals_read(n))
            if also is not None and n in also:
                used |= masks.of(also[n])
            kept = -1
            for t in g.writes(n):
                kept &= ~masks.bit(t.name)
            ways[n] = ahead = n.successors()
            rows.append((n, used, kept, ahead))
        before = dict.fromkeys(nodes, 0)
        changed = True
        while changed:
            on_time()
            changed = False
            for n, used, kept, ahead in rows:
                after = 0
                for m in ahead:
                    after |= before[m]
                now = used | (after & kept)
                if now != before[n]:
                    before[n] = now
                    changed = True
        self._before = before
        self._ways = ways

    def after(self, node: Node, name: str) -> bool:
        """Is the local still to be read after the node?"""
        bit = self._bits.get(name, 0)
        return any(self._before[m] & bit for m in self._ways[node])

    def before(self, node: Node) -> frozenset[str]:
        """Return the locals that are still to be read when the node is reached."""
        mask = self._before[node]
        return frozenset(n for n, bit in self._bits.items() if mask & bit)


def copied(entry: Node) -> dict[Node, Node]:
    """Return a copy of each node of a flow, by the node; the copies lead to each other."""
    twins = {n: copy(n) for n in g.nodes(entry)}
    for twin in twins.values():
        if twin.next is not None:
            twin.next = twins[twin.next]
        if isinstance(twin, g.Test):
            twin.other = twins[twin.other]
    return twins


def bypass(entry: Node, drop: set[Node]) -> Node:
    """Take the nodes in `drop` out of the flow, and return its entry."""

    def target(node: Node) -> Node:
        while node in drop:
            assert node.next is not None
            node = node.next
        return node

    for n in g.nodes(entry):
        if n.next is not None:
            n.next = target(n.next)
        if isinstance(n, g.Test):
            n.other = target(n.other)
    return target(entry)


def tidy(entry: Node, params: frozenset[str]) -> Node:
    """Take copies, dead assignments and decided tests out of the flow, and return its entry.

    `params` are locals that have a value before the entry.
    """
    masks = Masks()
    while True:
        nodes = g.nodes(entry)
        drop: set[Node] = {
            n for n in nodes if isinstance(n, g.Join) and not (n.closes or n.head or n.enters)
        }
        drop |= _decide(nodes)
        live = Liveness(nodes, masks=masks)
        for n in nodes:
            on_time()
            if isinstance(n, g.Set | g.Pick) and not live.after(n, n.target.name):
                drop.add(n)
            elif isinstance(n, g.Access):
                n.targets = tuple(
                    t if t is not None and live.after(n, t.name) else None for t in n.targets
                )
        env = _propagated(nodes, live, params)
        for n in nodes if env else ():
            g.map_reads(n, env)
        if drop:
            entry = bypass(entry, drop)
        elif not env and not _write_constants(entry):
            return entry


def _decide(nodes: Sequence[Node]) -> set[Node]:
    """Return the tests that always go the same way; their `next` becomes that way."""
    decided: set[Node] = set()
    for n in nodes:
        if isinstance(n, g.Test) and (isinstance(n.cond, x.Const) or n.next is n.other):
            if isinstance(n.cond, x.Const) and not n.cond.value:
                n.next = n.other
            decided.add(n)
    return decided


def constants_at(entry: Node) -> dict[Node, dict[str, x.Const]]:
    """Return for each node that can be reached the locals that can have only one value there.

    Only ways that can be taken count: a decision on a constant has only one.
    """
    at: dict[Node, dict[str, x.Const]] = {entry: {}}
    todo = [entry]
    while todo:
        on_time()
        n = todo.pop()
        env = dict(at[n])
        ways = n.successors()
        if isinstance(n, g.Set):
            value = _evaluated(n.value, env)
            env.pop(n.target.name, None)
            if isinstance(value, x.Const):
                env[n.target.name] = value
        elif isinstance(n, g.Test):
            cond = _evaluated(n.cond, env)
            if isinstance(cond, x.Const):
                ways = ways[:1] if cond.value else ways[1:]
        else:
            for t in g.writes(n):
                env.pop(t.name, None)
        for m in ways:
            before = at.get(m)
            now = env if before is None else {k: v for k, v in before.items() if env.get(k) == v}
            if before is None or len(now) != len(before):
                at[m] = dict(now)
                todo.append(m)
    return at


def _evaluated(e: Expr, env: dict[str, x.Const]) -> Expr:
    if isinstance(e, x.Const) or not (x.locals_in(e) & env.keys()):
        return e
    return deep_simplify(x.substitute(e, dict(env)))


def _write_constants(entry: Node) -> bool:
    """Write constants where a local can have only one value; return whether any read changed."""
    changed = False
    for n, known in constants_at(entry).items():
        if n.bounded:
            # A local that can only be within its bounds need not be asked about.
            unsure = (
                t for t in n.bounded if t.name not in known or not fits(known[t.name], t.type)
            )
            n.bounded, n.read = tuple(unsure), None
        asked = {t.name for t in n.bounded}
        env: dict[str, Expr] = {k: v for k, v in known.items() if k not in asked}
        if g.locals_read(n) & env.keys():
            g.map_reads(n, env)
            changed = True
    return changed


def _propagated(nodes: Sequence[Node], live: Liveness, params: frozenset[str]) -> dict[str, Expr]:
    """Return locals that can be replaced by what they are set to, once, from what stays the same.

    Not all of them at once: no replacement mentions another replaced local.
    """
    setters: dict[str, list[Node]] = {}
    for n in nodes:
        for t in g.writes(n):
            setters.setdefault(t.name, []).append(n)
    env: dict[str, Expr] = {}
    mentioned: set[str] = set()
    asked = {t.name for n in nodes for t in n.bounded}
    for n in nodes:
        on_time()
        if not isinstance(n, g.Set) or n.momentary:
            continue
        v = n.target.name
        sources = x.locals_in(n.value)
        if len(setters[v]) != 1 or v in params or v in sources or v in mentioned or v in asked:
            continue
        if sources & env.keys():
            continue
        # No source may change while `v` is still to be read.
        if all(not live.after(d, v) for u in sources for d in setters.get(u, ())):
            env[v] = n.value
            mentioned |= sources
    return env
