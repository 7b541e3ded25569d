"""Leaving out decisions in a step that the way to them has made already."""

from __future__ import annotations

from collections.abc import Mapping

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import implied, knowing
from kvmtla.ir.model import Branch, Guard, Leaf, Let, Pick, Tree

_NOTHING: Mapping[Expr, Expr] = {}


def decided(tree: Tree, known: Mapping[Expr, Expr] = _NOTHING) -> Tree:
    """Return the step without such decisions; `known` is what the way here has found out."""
    match tree:
        case Leaf():
            return tree
        case Branch(cond, then, other):
            asked = knowing(cond, known)
            if isinstance(asked, x.Const):
                return decided(then if asked.value else other, known)
            a = decided(then, {**known, **implied(asked, True)})
            b = decided(other, {**known, **implied(asked, False)})
            same = asked is cond and a is then and b is other
            return tree if same else a if a == b else Branch(asked, a, b)
        case Guard(cond, body):
            needed = knowing(cond, known)
            inner = decided(body, {**known, **implied(needed, True)})
            if needed == x.TRUE:
                return inner
            return tree if needed is cond and inner is body else Guard(needed, inner)
        case Pick(var, body, when):
            inner = decided(body, known)
            return tree if inner is body else Pick(var, inner, when)
        case Let(bound, body):
            inner = decided(body, known)
            return tree if inner is body else Let(bound, inner)
