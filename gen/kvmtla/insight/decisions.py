"""The conditions under which a step into which ways have been merged takes its decisions."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir import expr as x
from kvmtla.ir.expr import FALSE, Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.model import Action, Branch, Guard, Leaf, Let, Model, Pick, Tree, Way, leaves
from kvmtla.ir.types import BOOL, EnumT, MapT


def decisions_taken(model: Model) -> Iterator[tuple[Way, Expr]]:
    """Yield each decision on some of the ways to an end, and the condition that a step takes it.

    A decision comes once for each action in which it is taken.
    """
    for action in model.actions:
        ways = dict.fromkeys(way for leaf in leaves(action.tree) for _, way in leaf.sometimes)
        for way in ways:
            cond = _both(_here(model, action), _taken(action.tree, way))
            for p in reversed(action.params):
                if p.name in x.locals_in(cond):
                    cond = simplify(x.Quant("any", p, cond))
            yield way, cond


def _here(model: Model, action: Action) -> Expr:
    """Return the condition that the actor is where the step begins."""
    if action.at is None:
        return x.TRUE
    held = model.variables[f"{action.actor}_pc"].type
    t = held.value if isinstance(held, MapT) else held
    assert isinstance(t, EnumT)
    indexed = any(a.name == action.actor and a.domain is not None for a in model.actors)
    pc = x.ActorVar(action.actor, "pc", action.params[0] if indexed else None, t)
    return x.Bin("==", pc, x.Const(action.at, t), BOOL)


def _taken(tree: Tree, way: Way) -> Expr:
    """Return the condition that the step comes to an end, and takes this decision."""
    match tree:
        case Leaf():
            found: Expr = FALSE
            for when, one in tree.sometimes:
                if one == way:
                    found = simplify(x.Bin("or", found, when, BOOL))
            return found
        case Branch(cond, then, other):
            return simplify(x.If(cond, _taken(then, way), _taken(other, way), BOOL))
        case Guard(cond, body):
            return _both(cond, _taken(body, way))
        case Pick(var, body):
            # Where there is no choice, nothing depends on it.
            return simplify(x.Quant("any", var, _taken(body, way)))
        case Let(bound, body):
            inner = _taken(body, way)
            for b in reversed(bound):
                if b.var.name in x.locals_in(inner):
                    inner = x.Let(b.var, b.value, inner, BOOL)
            return inner


def _both(a: Expr, b: Expr) -> Expr:
    return simplify(x.Bin("and", a, b, BOOL))
