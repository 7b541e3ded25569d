"""Shapes of operations: what they do, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Hashable

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import deep_simplify
from kvmtla.ir.types import RecordT
from kvmtla.lower import graph as g
from kvmtla.lower.graph import Node
from kvmtla.lower.specialise import Specialiser


def shape(entry: Node, special: Specialiser) -> Hashable:
    """Return the shape of a tidy flow: what it does, without its places in the source.

    Two operations of one shape do the same; two that do the same may have different shapes.
    """
    numbers = {n: i for i, n in enumerate(g.nodes(entry))}
    return tuple(
        (type(n), n.spans, n.bounded, tuple(numbers[m] for m in n.successors()), _does(n, special))
        for n in numbers
    )


def _does(node: Node, special: Specialiser) -> Hashable:
    match node:
        case g.Set():
            return node.target, _parts(node.value, special)
        case g.Pick():
            return node.target
        case g.Test() | g.Wait() | g.Require():
            return node.cond
        case g.Access():
            return node.name, node.place, tuple(_parts(a, special) for a in node.args), node.targets
        case g.Lock() | g.Unlock():
            return node.kind, node.place
        case g.Store():
            return node.place, _parts(node.value, special)
        case g.Join():
            return node.closes, node.head
    return None


def _parts(e: Expr, special: Specialiser) -> Hashable:
    """Return a value; for a record the values of its fields, however it is put together."""
    if not isinstance(e.type, RecordT):
        return e

    def spelled(part: Expr) -> Expr:
        return special.spelled(x.rebuild(part, spelled))

    whole = spelled(e)
    return tuple(deep_simplify(x.Field(whole, f.name, f.type)) for f in e.type.fields)
