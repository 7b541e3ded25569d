"""What is known of a task at each place of its code; steps without what changes nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import (
    Action,
    Branch,
    Guard,
    Leaf,
    Let,
    Model,
    Pick,
    Tree,
    Variable,
    leaves,
)
from kvmtla.ir.types import BOOL, EnumT, MapT, Type


class AtRest:
    """The locals that may have another value than at first, at each place where a task rests."""

    def __init__(self, model: Model) -> None:
        self._firsts = {
            n: v.first[0] if _is_indexed(v, model) and isinstance(v.first, tuple) else v.first
            for n, v in model.variables.items()
        }
        self.locals = {
            a.name: frozenset(n for n, v in model.variables.items() if v.actor == a.name)
            for a in model.actors
        }
        """Actor -> the names of its variables."""
        self._differ: dict[tuple[str, str], frozenset[str]] = {}
        self._places = {
            a.name: _places(model.variables[f"{a.name}_pc"].type)
            for a in model.actors
            if f"{a.name}_pc" in model.variables
        }
        steps = [a for a in model.actions if a.at is not None]
        grows = True
        while grows:
            grows = False
            for a in steps:
                for leaf in leaves(a.tree):
                    grows |= self._note(a, leaf)

    def _note(self, a: Action, leaf: Leaf) -> bool:
        """Note what may differ behind a step; return whether that is news."""
        assert a.at is not None
        before = self.may_differ(a.actor, a.at)
        after = frozenset(
            n
            for n in self.locals[a.actor]
            if (n in before if n not in leaf.updates else not self.is_first(n, leaf.updates[n]))
        )
        grows = False
        for place in self._targets(a, leaf):
            known = self.may_differ(a.actor, place)
            self._differ[a.actor, place] = known | after
            grows |= not after <= known
        return grows

    def _targets(self, a: Action, leaf: Leaf) -> Iterator[str]:
        to = leaf.updates.get(f"{a.actor}_pc")
        if to is None:
            assert a.at is not None
            yield a.at
        elif (found := _constants(to)) is not None:
            yield from found
        else:
            yield from self._places[a.actor]

    def may_differ(self, actor: str, place: str) -> frozenset[str]:
        """Return the variables of a task that may not have their first values where it rests."""
        return self._differ.get((actor, place), frozenset())

    def is_first(self, name: str, value: Expr) -> bool:
        """Is the value of a variable, of one task, the one that it begins with?"""
        return isinstance(value, x.Const) and value.value == self._firsts[name]


def without_idling(a: Action, at_rest: AtRest) -> Action | None:
    """Return a step without what changes nothing; None where all of it does not.

    Where nothing would happen, it is not possible.
    """
    tree = _busy(a.tree, a, at_rest)
    return None if tree is None else a if tree is a.tree else replace(a, tree=tree)


def _busy(tree: Tree, a: Action, at_rest: AtRest) -> Tree | None:
    match tree:
        case Leaf(updates):
            kept = {n: e for n, e in updates.items() if _changes(n, e, a, at_rest)}
            return replace(tree, updates=kept) if kept else None
        case Branch(cond, then, other):
            one, two = _busy(then, a, at_rest), _busy(other, a, at_rest)
            if one is None and two is None:
                return None
            if one is None or two is None:
                needed = cond if two is None else _negated(cond)
                left = one if two is None else two
                assert left is not None
                return Guard(needed, left)
            return Branch(cond, one, two)
        case Guard(cond, body):
            inner = _busy(body, a, at_rest)
            return None if inner is None else Guard(cond, inner)
        case Pick(var, body, when):
            inner = _busy(body, a, at_rest)
            return None if inner is None else Pick(var, inner, when)
        case Let(bound, body):
            inner = _busy(body, a, at_rest)
            return None if inner is None else Let(bound, inner)


def _negated(e: Expr) -> Expr:
    if isinstance(e, x.Bin) and e.op in ("and", "or"):
        other = "or" if e.op == "and" else "and"
        return x.Bin(other, _negated(e.left), _negated(e.right), BOOL)
    return simplify(x.Un("not", e, BOOL))


def _changes(name: str, value: Expr, a: Action, at_rest: AtRest) -> bool:
    match value:
        case x.Shared(same, after=False) | x.ActorVar(_, same):
            own = isinstance(value, x.Shared) or value.index in (None, *a.params[:1])
            full = same if isinstance(value, x.Shared) else f"{value.actor}_{same}"
            return not (own and full == name)
    if a.at is None:
        return True
    if name == f"{a.actor}_pc":
        return not (isinstance(value, x.Const) and value.value == a.at)
    if name in at_rest.may_differ(a.actor, a.at) or name not in at_rest.locals[a.actor]:
        return True
    return not at_rest.is_first(name, value)


def _is_indexed(v: Variable, model: Model) -> bool:
    return any(a.name == v.actor and a.domain is not None for a in model.actors)


def _constants(e: Expr) -> list[str] | None:
    """Return the constants that a decision is between; None where there is something else."""
    match e:
        case x.Const(value):
            return [str(value)]
        case x.If(_, then, other):
            one, two = _constants(then), _constants(other)
            return None if one is None or two is None else [*one, *two]
    return None


def _places(t: Type) -> tuple[str, ...]:
    inner = t.value if isinstance(t, MapT) else t
    assert isinstance(inner, EnumT)
    return inner.members
