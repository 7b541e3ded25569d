"""Comparisons: equality, None, order, and elements of sets."""

from __future__ import annotations

import ast

from kvmtla.front.messages import values as says
from kvmtla.front.rules.core import coerce, expr, expression, in_order
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import (
    BOOL,
    ERROR,
    EnumT,
    IntT,
    NoneT,
    OptionalT,
    SetT,
    Type,
    without_none,
)

_SIGNS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
    ast.In: "in",
    ast.NotIn: "in",
}


@expression(ast.Compare)
def comparison(node: ast.Compare, scope: Scope, want: Type | None) -> Expr:
    """Return a comparison, or a chain of them."""
    nodes = [node.left, *node.comparators]
    left, right = in_order(
        scope,
        lambda: expr(nodes[0], scope),
        lambda: _right_of(node.ops[0], nodes[0], nodes[1], node, scope),
    )
    result = _compare(node.ops[0], left, right, node, scope)
    # Python looks at the third operand only if the first two compare as they should.
    lazily = scope.lazily()
    for i, op in enumerate(node.ops[1:], 1):
        left = right
        right = _right_of(op, nodes[i], nodes[i + 1], node, lazily)
        one = _compare(op, left, right, node, scope)
        result = x.Bin("and", result, one, BOOL, scope.loc(node))
    return result


def _right_of(op: ast.cmpop, left: ast.expr, right: ast.expr, node: ast.AST, scope: Scope) -> Expr:
    """Return the right side of a comparison, where `op` may stand between the two."""
    if isinstance(op, ast.Is | ast.IsNot) and not any(
        isinstance(n, ast.Constant) and n.value is None for n in (left, right)
    ):
        scope.fail(node, says.identity("==" if isinstance(op, ast.Is) else "!="))
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List | ast.Set):
        items = ", ".join(ast.unparse(e) for e in right.elts)
        scope.fail(right, says.not_in_a_display(items))
    return expr(right, scope)


def _compare(op: ast.cmpop, a: Expr, b: Expr, node: ast.Compare, scope: Scope) -> Expr:
    sign = _SIGNS[type(op)]
    if sign == "in":
        test = _element(a, b, node, scope)
        return x.Un("not", test, BOOL, test.loc) if isinstance(op, ast.NotIn) else test
    if sign in ("==", "!="):
        a, b = _alike(a, b, node, scope)
    else:
        _check_order(a, b, node, scope)
    return x.Bin(sign, a, b, BOOL, scope.loc(node))


def _element(a: Expr, b: Expr, node: ast.Compare, scope: Scope) -> Expr:
    t = scope.type_of(b)
    if not isinstance(t, SetT):
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        scope.fail(node, says.not_in(b.type, left, right))
    return x.Bin("in", coerce(a, t.element, node, scope), b, BOOL, scope.loc(node))


def _check_order(a: Expr, b: Expr, node: ast.AST, scope: Scope) -> None:
    """Raise SpecError where two values cannot be compared by order."""
    t, u = scope.type_of(a), scope.type_of(b)
    if _ordered(t, u):
        return
    if _ordered(without_none(t), without_none(u)):
        scope.fail(node, says.may_be_none())
    scope.fail(node, says.no_order(t, u))


def _ordered(t: Type, u: Type) -> bool:
    """Do values of these types have an order?"""
    if isinstance(t, IntT) and isinstance(u, IntT):
        return True
    return isinstance(t, EnumT) and t.ordered and t == u


def _alike(a: Expr, b: Expr, node: ast.AST, scope: Scope) -> tuple[Expr, Expr]:
    """Return two values as they compare by == and !=; raise SpecError where they do not."""
    t, u = a.type, b.type
    if ERROR in (t, u):
        return a, b
    if isinstance(t, NoneT) and isinstance(u, OptionalT):
        return x.Const(None, u, a.loc), b
    if isinstance(u, NoneT) and isinstance(t, OptionalT):
        return a, x.Const(None, t, b.loc)
    inner_t, inner_u = without_none(t), without_none(u)
    if inner_t == inner_u or (isinstance(inner_t, IntT) and isinstance(inner_u, IntT)):
        return a, b
    if isinstance(t, NoneT) or isinstance(u, NoneT):
        scope.fail(node, says.never_none(u if isinstance(t, NoneT) else t))
    scope.fail(node, says.compared_with(t, u))
