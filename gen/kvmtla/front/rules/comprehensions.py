"""What runs over a domain: all(), any(), and what a Map or Set is made from."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial

from kvmtla.front.messages import statements, types
from kvmtla.front.messages import values as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import cond, expr, in_order
from kvmtla.front.rules.names import check_free, domain
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.types import BOOL, ERROR, DomainT, EnumT, MapT, SetT, Type


def quantifier(node: ast.Call, kind: str, scope: Scope) -> Expr:
    """Return `all(...)` or `any(...)`, of which `kind` is one."""
    gen = node.args[0] if len(node.args) == 1 else None
    if not isinstance(gen, ast.GeneratorExp):
        scope.fail(node, says.quantifier_without_domain(kind))
    return _quantify(kind, gen, gen.generators, node, scope.lazily())


def _quantify(
    kind: str,
    gen: ast.GeneratorExp,
    left: Sequence[ast.comprehension],
    node: ast.Call,
    scope: Scope,
) -> Expr:
    if not left:
        return cond(gen.elt, scope)
    var = _variable(left[0], scope)
    inner = scope.binding({_name(left[0]): var})
    premise = _all_of(left[0].ifs, inner)
    body = _quantify(kind, gen, left[1:], node, inner.knowing(premise))
    if premise != x.TRUE:
        if kind == "all":
            premise = x.Un("not", premise, BOOL, premise.loc)
            body = x.Bin("or", premise, body, BOOL, body.loc)
        else:
            body = x.Bin("and", premise, body, BOOL, body.loc)
    return x.Quant(kind, var, body, BOOL, scope.loc(node))


def _all_of(tests: Sequence[ast.expr], scope: Scope) -> Expr:
    """Return the conjunction of some conditions, each read where the ones before are true."""
    result: Expr = x.TRUE
    for test in tests:
        c = cond(test, scope.knowing(result))
        result = c if result == x.TRUE else x.Bin("and", result, c, BOOL, c.loc)
    return result


def _variable(gen: ast.comprehension, scope: Scope) -> Local:
    """Return the variable of a comprehension; its type is ERROR where that cannot be read."""
    over: Type = ERROR
    with scope.mistakes.noting():
        over = domain(gen.iter, scope, "a comprehension runs over a Domain or an Enum")
    if gen.is_async:
        scope.fail(gen.target, statements.not_in_language("`async`", "write `for`"))
    if not isinstance(gen.target, ast.Name):
        scope.fail(gen.target, statements.one_variable("for a in A for b in B"))
    name = gen.target.id
    check_free(gen.target, name, scope, f"for {{}} in {ast.unparse(gen.iter)}", str(over))
    return Local(scope.program.fresh(name), over, scope.loc(gen.target))


def _name(gen: ast.comprehension) -> str:
    assert isinstance(gen.target, ast.Name)
    return gen.target.id


def made_map(node: ast.Call, scope: Scope, want: Type | None) -> Expr:
    """Return `Map({x: value for x in Domain})`."""
    arg = node.args[0] if len(node.args) == 1 else None
    if not isinstance(arg, ast.DictComp) or arg.generators[0].ifs or len(arg.generators) != 1:
        scope.fail(node, says.map_is_made_from_all())
    var = _variable(arg.generators[0], scope)
    inner = scope.lazily().binding({_name(arg.generators[0]): var})
    key = expr(arg.key, inner)
    if var.type != ERROR and (key != var or not isinstance(var.type, DomainT)):
        scope.fail(arg.key, says.key_of_a_map(var.type))
    value = want.value if isinstance(want, MapT) else None
    body = expr(arg.value, inner, value)
    if not isinstance(var.type, DomainT) or body.type == ERROR:
        raise AlreadySaidError
    return x.MapOf(var, body, MapT(var.type, value or body.type), scope.loc(node))


def made_set(node: ast.Call, scope: Scope, want: Type | None) -> Expr:
    """Return `Set()`, `Set({a, b})` or `Set({x for x in Domain if ...})`."""
    loc = scope.loc(node)
    if not node.args:
        if not isinstance(want, SetT):
            if want == ERROR:
                raise AlreadySaidError
            scope.fail(node, says.empty_set_of_what())
        return x.SetOf((), want, loc)
    arg = node.args[0]
    if isinstance(arg, ast.Set):
        return _listed(node, arg, scope)
    if not isinstance(arg, ast.SetComp) or len(arg.generators) != 1:
        scope.fail(node, says.how_a_set_is_made())
    var = _variable(arg.generators[0], scope)
    inner = scope.lazily().binding({_name(arg.generators[0]): var})
    element = expr(arg.elt, inner)
    if var.type != ERROR and element != var:
        scope.fail(arg.elt, says.element_of_a_set(var.type))
    test = _all_of(arg.generators[0].ifs, inner)
    if not isinstance(var.type, DomainT | EnumT):
        raise AlreadySaidError
    return x.SetFilter(var, test, SetT(var.type), loc)


def _listed(node: ast.Call, arg: ast.Set, scope: Scope) -> Expr:
    """Return a set of the elements that are written out."""
    first = expr(arg.elts[0], scope)
    t = scope.type_of(first)
    rest = [partial(expr, e, scope, t) for e in arg.elts[1:]]
    items = in_order(scope, lambda: first, *rest)
    if not isinstance(t, DomainT | EnumT):
        scope.fail(node, types.set_of(t))
    return x.SetOf(tuple(items), SetT(t), scope.loc(node))
