"""Logic, arithmetic, bits of words, sets, and `a if c else b`."""

from __future__ import annotations

import ast

from kvmtla.front.messages import values as says
from kvmtla.front.messages.statements import not_in_language
from kvmtla.front.rules.core import coerce, cond, expr, expression, in_order, like
from kvmtla.front.rules.syntax import OPERATORS, OPERATORS_LIKE, describe
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import word_bits
from kvmtla.ir.types import (
    BOOL,
    ERROR,
    BoolT,
    IntT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    Type,
)


@expression(ast.BoolOp)
def bool_op(node: ast.BoolOp, scope: Scope, want: Type | None) -> Expr:
    """Return `a and b` or `a or b`; b is only evaluated where a does not decide."""
    op = "and" if isinstance(node.op, ast.And) else "or"
    result = cond(node.values[0], scope)
    for value in node.values[1:]:
        right = cond(value, scope.lazily().knowing(result, op == "and"))
        result = x.Bin(op, result, right, BOOL, scope.loc(node))
    return result


@expression(ast.UnaryOp)
def unary(node: ast.UnaryOp, scope: Scope, want: Type | None) -> Expr:
    """Return `not a`, `~word` or `-n`."""
    loc = scope.loc(node)
    if isinstance(node.op, ast.Not):
        return x.Un("not", cond(node.operand, scope), BOOL, loc)
    arg = expr(node.operand, scope)
    t = scope.type_of(arg)
    if isinstance(node.op, ast.Invert) and isinstance(t, RecordT) and t.word:
        return word_bits(t, lambda a: x.Un("not", a, BOOL, loc), arg)
    if isinstance(node.op, ast.USub) and isinstance(t, IntT):
        return x.Un("-", arg, IntT(-t.high, -t.low), loc)
    scope.fail(node, says.operator_of_one(describe(node.op), arg.type))


@expression(ast.BinOp)
def binary(node: ast.BinOp, scope: Scope, want: Type | None) -> Expr:
    """Return `a & b`, `a | b`, `a + b` or `a - b`."""
    op = OPERATORS.get(type(node.op))
    if op is None:
        scope.fail(node, not_in_language(describe(node.op), OPERATORS_LIKE))
    a, b = in_order(scope, lambda: expr(node.left, scope), lambda: expr(node.right, scope))
    return combined(op, a, b, node, scope)


def combined(op: str, a: Expr, b: Expr, node: ast.AST, scope: Scope) -> Expr:
    """Return `a op b` for the operators & | + -."""
    loc = scope.loc(node)
    t, u = scope.type_of(a), scope.type_of(b)
    if isinstance(t, BoolT) and isinstance(u, BoolT) and op in "&|":
        return x.Bin("and" if op == "&" else "or", a, b, BOOL, loc)
    if isinstance(t, RecordT) and t.word and t == u and op in "&|":
        word = "and" if op == "&" else "or"
        return word_bits(t, lambda p, q: x.Bin(word, p, q, BOOL, loc), a, b)
    if isinstance(t, SetT) and t == u and op in "&|-":
        return x.Bin(op, a, b, t, loc)
    if isinstance(t, IntT) and isinstance(u, IntT) and op in "+-":
        sign = 1 if op == "+" else -1
        ends = [t.low + sign * u.low, t.low + sign * u.high]
        ends += [t.high + sign * u.low, t.high + sign * u.high]
        return x.Bin(op, a, b, IntT(min(ends), max(ends)), loc)
    scope.fail(node, says.operator_of_two(op, a.type, b.type))


@expression(ast.IfExp)
def choice(node: ast.IfExp, scope: Scope, want: Type | None) -> Expr:
    """Return `a if c else b`; its type has room for both."""
    c = cond(node.test, scope)
    lazily = scope.lazily()
    a = expr(node.body, lazily.knowing(c), want)
    # An empty Set takes its type from the other side.
    same = a.type if isinstance(a.type, SetT | MapT) else None
    b = like(node.orelse, lazily.knowing(c, truth=False), want or same)
    t = want or _either(a.type, b.type) or a.type
    a, b = coerce(a, t, node.body, scope), coerce(b, t, node.orelse, scope)
    return x.If(c, a, b, t, scope.loc(node))


def _either(t: Type, u: Type) -> Type | None:
    """Return the type of what is a `t` or a `u`; None where there is no such type."""
    if ERROR in (t, u):
        return ERROR
    if isinstance(t, IntT) and isinstance(u, IntT):
        return IntT(min(t.low, u.low), max(t.high, u.high))
    for one, other in ((t, u), (u, t)):
        if isinstance(one, NoneT) and not isinstance(other, NoneT):
            return other if isinstance(other, OptionalT) else OptionalT(other)
        if isinstance(one, OptionalT) and one.inner == other:
            return one
    return None
