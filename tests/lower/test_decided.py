"""No step asks what the way to the question has decided."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Branch, Guard, Leaf, Let, Pick, Tree
from kvmtla.ir.types import BOOL
from support.claims import all_points, sample

X, Y, Z = (x.Shared(n, BOOL) for n in "xyz")


def _parts(e: Expr, op: str) -> list[Expr]:
    if isinstance(e, x.Bin) and e.op == op:
        return _parts(e.left, op) + _parts(e.right, op)
    return [e]


def asked_again(tree: Tree, known: dict[Expr, bool]) -> Iterator[Expr]:
    """The conditions of decisions of which `known` says what they are."""
    match tree:
        case Leaf():
            return
        case Guard(cond, body):
            yield from asked_again(body, {**known, **dict.fromkeys(_parts(cond, "and"), True)})
        case Pick(_, body) | Let(_, body):
            yield from asked_again(body, known)
        case Branch(cond, then, other):
            opposite = cond.arg if isinstance(cond, x.Un) else x.Un("not", cond, BOOL)
            if cond in known or opposite in known:
                yield cond
            yield from asked_again(then, {**known, **dict.fromkeys(_parts(cond, "and"), True)})
            yield from asked_again(other, {**known, **dict.fromkeys(_parts(cond, "or"), False)})


def test_no_decision_of_the_specification_is_asked_again() -> None:
    found = {}
    modules = list({p.module.name: p.module for p in all_points()}.values())
    for module in sample(modules, 6):
        for action in module.model.actions:
            again = list(asked_again(action.tree, {}))
            if again:
                found[module.name, action.name] = again
    assert found == {}


def test_the_question_is_noticed() -> None:
    end = Leaf({}, ())
    again = Branch(Y, Leaf({"z": x.TRUE}, ()), end)
    assert list(asked_again(Branch(x.Bin("or", X, Y, BOOL), end, again), {})) == [Y]
    assert list(asked_again(Guard(x.Bin("and", X, Y, BOOL), again), {})) == [Y]
    assert list(asked_again(Branch(X, again, end), {})) == []
