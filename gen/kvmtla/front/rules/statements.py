"""Reading statements by the rule for each, and the simplest of them: decisions and returns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from kvmtla.errors import SpecError
from kvmtla.front.facts import not_none
from kvmtla.front.messages import functions
from kvmtla.front.messages import statements as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import cond, expr, in_order
from kvmtla.front.rules.names import names_static
from kvmtla.front.rules.steps import is_step, step, takes_step
from kvmtla.front.rules.syntax import assigned, defined_in, describe_statement
from kvmtla.front.scope import Code, Scope
from kvmtla.front.source import in_c
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import ERROR, BoolT
from kvmtla.lang.decorators import ConstantDecl
from kvmtla.patience import on_time

_R = TypeVar("_R", bound=Callable[..., Scope])

_RULES: dict[type[ast.stmt], Callable[..., Scope]] = {}


def statement(*kinds: type[ast.stmt]) -> Callable[[_R], _R]:
    """Declare the rule for some kinds of statement."""

    def declared(rule: _R) -> _R:
        _RULES.update(dict.fromkeys(kinds, rule))
        return rule

    return declared


def block(nodes: Sequence[ast.stmt], scope: Scope) -> Scope:
    """Add the statements of a block to the code, and return the scope behind them.

    Where one is wrong, that is noted, and the next one is read.
    """
    dead = False
    for node in nodes:
        if scope.defined is None and not dead:
            scope.note(node, says.unreachable())
            dead = True
            # As if it were reached, so that there is nothing more to say of it.
            scope = scope.with_defined(frozenset(scope.locals))
        scope = _one(node, scope)
    return scope.unreachable() if dead else scope


def _one(node: ast.stmt, scope: Scope) -> Scope:
    on_time(scope.unit.name)
    mistakes = scope.mistakes
    before = mistakes.spoilt
    try:
        rule = _RULES.get(type(node))
        if rule is None:
            scope.fail(node, says.not_in_language(*describe_statement(node)))
        return rule(node, scope)
    except (SpecError, AlreadySaidError) as error:
        mistakes.caught(error, before)
        return _behind_wrong(node, scope)


def _behind_wrong(node: ast.stmt, scope: Scope) -> Scope:
    """Return the scope behind a statement that could not be read, of which nothing is known."""
    if isinstance(node, ast.Return):
        return scope.unreachable()
    for name in (*assigned([node]), *defined_in(node)):
        scope = scope.setting(name, ERROR)
    inner = {type(n) for n in ast.walk(node)}
    if ast.Break in inner and scope.loop is not None:
        scope.loop.ends.append(scope.defined)
    return replace(scope, lost=True) if ast.Return in inner else scope


@statement(ast.Pass)
def nothing(node: ast.Pass, scope: Scope) -> Scope:
    """Read `pass`."""
    return scope


@statement(ast.Expr)
def expression_alone(node: ast.Expr, scope: Scope) -> Scope:
    """Read a call of something that is a step; a text is a comment, and all else is for nothing."""
    value = node.value
    if is_step(value, scope):
        assert isinstance(value, ast.Call)
        step(value, scope, None)
        return scope
    if isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...):
        return scope
    expr(value, scope)
    scope.fail(value, says.no_effect())


@statement(ast.If)
def decision(node: ast.If, scope: Scope) -> Scope:
    """Read `if`: what is known behind it is what is known at the end of both ways."""
    test = cond(node.test, scope)
    then, other = Code(), Code()
    behind_then = block(node.body, scope.knowing(test).inside(then))
    start = scope.behind(behind_then, [*scope.known, *not_none(test, truth=False)])
    behind_other = block(node.orelse, start.inside(other))
    if behind_other.defined is None:
        facts: Iterable[Expr] = behind_then.known
    elif behind_then.defined is None:
        facts = behind_other.known
    else:
        facts = [e for e in behind_then.known if e in behind_other.known]
    reasons = _reasons(node.test, test, scope)
    loc = scope.loc(node.test)
    scope.code.emit(s.IfStmt(test, then.made(), other.made(), loc, reasons))
    defined = joined(behind_then.defined, behind_other.defined)
    return scope.behind(behind_other, facts).with_defined(defined)


def joined(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    """Return what is set on both of two paths; None stands for a path that is never taken."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _reasons(node: ast.expr, test: Expr, scope: Scope) -> tuple[tuple[str, Expr], ...]:
    """Return the alternatives of a condition, so that a story can say which of them was true.

    A condition that takes a step has none: the step says it all.
    """
    if test.type == ERROR or takes_step(node, scope):
        return ()
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        found: list[Expr] = []
        rest = test
        for _ in node.values[1:]:
            assert isinstance(rest, x.Bin)
            found.insert(0, rest.right)
            rest = rest.left
        texts = [_reason(v, scope) for v in node.values]
        return tuple(zip(texts, [rest, *found], strict=True))
    return ((_reason(node, scope), test),)


def _reason(node: ast.expr, scope: Scope) -> str:
    """Return a condition in C, without what only says in which scenarios it matters."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        kept = [
            v
            for v in node.values
            if not any(
                isinstance(n, ast.Name) and names_static(n, scope, ConstantDecl)
                for n in ast.walk(v)
            )
        ]
        if kept:
            node = ast.BoolOp(ast.And(), kept) if len(kept) > 1 else kept[0]
    return in_c(node)


@statement(ast.Return)
def returned(node: ast.Return, scope: Scope) -> Scope:
    """Read `return`, with as many values as the function has results."""
    values = _returned(node, scope)
    scope.code.emit(s.Return(values, scope.loc(node)))
    return scope.unreachable()


def _returned(node: ast.Return, scope: Scope) -> tuple[Expr, ...]:
    value, results = node.value, scope.unit.results
    if value is None:
        if results and results != (ERROR,):
            scope.fail(node, functions.value_is_to_be_returned(results))
        return ()
    if not results:
        is_property = scope.unit.property_kind is not None
        scope.fail(node, functions.returns_nothing(scope.unit.name, is_property))
    if len(results) == 1:
        if isinstance(value, ast.Tuple) and results != (ERROR,):
            scope.fail(value, functions.one_value_is_returned(len(value.elts)))
        test = isinstance(results[0], BoolT)
        return (cond(value, scope) if test else expr(value, scope, results[0]),)
    if isinstance(value, ast.Tuple) and len(value.elts) == len(results):
        wanted = zip(value.elts, results, strict=True)
        return tuple(in_order(scope, *(partial(expr, v, scope, t) for v, t in wanted)))
    scope.fail(node, functions.several_values_are_returned(len(results)))
