"""Decisions of a step put in the order of where they lead, so that each place is led to once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kvmtla.emit.pluscal_statements import negated
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import Branch, Guard, Leaf, Let, Pick, Tree, leaves
from kvmtla.ir.types import BOOL

Target = Callable[[Leaf], str]
"""What says where an end of a step leads."""

# A condition longer than this says less than several decisions do.
_LONGEST = 60


def grouped(tree: Tree, target: Target) -> Tree:
    """Return a step that does the same, and decides first where it leads, then what it changes.

    Of the ways that change the same and lead to the same place, one is kept.
    """
    match tree:
        case Guard() | Pick() | Let():
            return replace(tree, body=grouped(tree.body, target))
        case Branch():
            return _branch(tree, target)
    return tree


def without_tests(tree: Tree) -> Tree:
    """Return a step whose story does not tell its decisions."""
    match tree:
        case Leaf():
            return replace(tree, events=tuple(e for e in tree.events if e.kind != "test"))
        case Branch(cond, then, other):
            return Branch(cond, without_tests(then), without_tests(other))
    return replace(tree, body=without_tests(tree.body))


def ends(tree: Tree, target: Target) -> set[str]:
    """Return where a step leads."""
    return {target(leaf) for leaf in leaves(tree)}


def _branch(tree: Branch, target: Target) -> Tree:
    both = sorted(ends(tree.then, target) & ends(tree.other, target))
    if len(ends(tree, target)) > 1 and both:
        found = [(c, t) for t in both if (c := _condition(tree, t, target)) is not None]
        short = [(c, t) for c, t in found if x.size(c) <= _LONGEST]
        if short:
            cond, to = min(short, key=lambda pair: (x.size(pair[0]), pair[1]))
            there, elsewhere = (_only(tree, to, target, is_to=is_to) for is_to in (True, False))
            assert there is not None
            assert elsewhere is not None
            return Branch(cond, grouped(there, target), grouped(elsewhere, target))
    then, other = grouped(tree.then, target), grouped(tree.other, target)
    return then if _alike(then, other) else Branch(tree.cond, then, other)


def _condition(tree: Tree, to: str, target: Target) -> Expr | None:
    """Return the condition that a step leads to a place; None where it is not decided at once."""
    if not isinstance(tree, Branch):
        found = ends(tree, target)
        if to not in found:
            return x.FALSE
        return x.TRUE if len(found) == 1 else None
    p, q = (_condition(t, to, target) for t in (tree.then, tree.other))
    return None if p is None or q is None else _either(tree.cond, p, q)


def _either(cond: Expr, p: Expr, q: Expr) -> Expr:
    """Return a condition that is `p` where `cond` is true, and `q` elsewhere."""
    if p == q:
        return p
    no = negated(cond)
    if x.TRUE in (p, q):
        first, second = (cond, q) if p == x.TRUE else (no, p)
        return simplify(x.Bin("or", first, second, BOOL))
    if x.FALSE in (p, q):
        first, second = (no, q) if p == x.FALSE else (cond, p)
        return simplify(x.Bin("and", first, second, BOOL))
    return x.If(cond, p, q, BOOL)


def _only(tree: Tree, to: str, target: Target, *, is_to: bool) -> Tree | None:
    """Return the step where it leads to a place, or else where it does not; None for nowhere."""
    if not isinstance(tree, Branch):
        return tree if (to in ends(tree, target)) is is_to else None
    then, other = (_only(t, to, target, is_to=is_to) for t in (tree.then, tree.other))
    if then is None or other is None:
        return then or other
    return then if _alike(then, other) else Branch(tree.cond, then, other)


def _alike(a: Tree, b: Tree) -> bool:
    """Do two steps change the same, whatever their stories are?"""
    match a, b:
        case Leaf(), Leaf():
            return a.updates == b.updates
        case Branch(), Branch():
            return a.cond == b.cond and _alike(a.then, b.then) and _alike(a.other, b.other)
    return a == b
