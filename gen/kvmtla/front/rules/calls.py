"""Calls in expressions, by what is called."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from functools import partial
from typing import Any

from kvmtla.front.messages import functions, statements, steps
from kvmtla.front.messages import values as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.arguments import (
    arguments,
    arguments_in_order,
    changed_fields,
    function_arguments,
)
from kvmtla.front.rules.attributes import lock
from kvmtla.front.rules.comprehensions import made_map, made_set, quantifier
from kvmtla.front.rules.core import expr, expression, in_order, not_optional
from kvmtla.front.rules.names import MISSING, is_primitive, static, static_value
from kvmtla.front.rules.steps import hoisted
from kvmtla.front.rules.syntax import REFERENCE
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.types import BOOL, ERROR, WRITE_HELD, LockT, NoneT, RecordT, TupleT, Type
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import Mark, Span, mark_of
from kvmtla.lang.types import Map, Record, Set, Word

# The kinds of function that may be called like a pure one.
_CALLED = ("pure", PropertyKind.INVARIANT.value, PropertyKind.GOAL.value)


@expression(ast.Call)
def call(node: ast.Call, scope: Scope, want: Type | None) -> Expr:
    """Return the value of a call."""
    target = static(node.func, scope)
    if target is MISSING:
        return _of_no_name(node, scope)
    if target in (all, any):
        return quantifier(node, "all" if target is all else "any", scope)
    if isinstance(target, type):
        return _made(node, target, scope, want)
    if getattr(target, "__func__", None) is Span.active:
        return _active(node, target.__self__, scope)
    if target in (prim.held_for_read, prim.held_for_write):
        return _lock_test(node, target, scope)
    mark = mark_of(target)
    if mark is not None or is_primitive(target):
        return _of_the_spec(node, target, mark, scope)
    return _of_python(node, target, scope)


def _of_no_name(node: ast.Call, scope: Scope) -> Expr:
    """Return the value of a method's call; raise SpecError for all else that has no global name."""
    func = node.func
    if isinstance(func, ast.Attribute):
        return _but(node, func, scope)
    if not isinstance(func, ast.Name):
        scope.fail(func, statements.only_names_are_called())
    if scope.locals.get(func.id) == ERROR:
        raise AlreadySaidError
    if scope.is_local(func.id):
        scope.fail(func, says.local_is_called(func.id))
    return static_value(func, scope)


def _of_the_spec(
    node: ast.Call, target: Callable[..., Any], mark: Mark | None, scope: Scope
) -> Expr:
    if mark is not None and mark.kind in _CALLED:
        return _pure(node, target, scope)
    if mark is not None and mark.kind in PROPERTIES:
        scope.fail(node, functions.property_is_not_called(target.__name__, mark.kind))
    if not scope.once:
        scope.fail(node, steps.step_not_just_once(ast.unparse(node.func)))
    return hoisted(node, scope)


def _of_python(node: ast.Call, target: Any, scope: Scope) -> Expr:
    """Raise SpecError for a call of something that is no function of the spec."""
    name = ast.unparse(node.func)
    if isinstance(target, Span) or target in (prim.read_lock, prim.write_lock):
        scope.fail(node, statements.stands_in_with(name, ast.unparse(node)))
    if getattr(builtins, name, None) is target:
        scope.fail(node, statements.not_in_language(f"{name}()", REFERENCE))
    scope.fail(node, functions.call_outside_the_spec(name, callable(target)))


# -- functions of the spec, and what properties ask


def _pure(node: ast.Call, target: Callable[..., Any], scope: Scope) -> Expr:
    passed = function_arguments(node, target, scope)
    sig, loc = passed.signature, scope.loc(node)
    if sig.shared is not None and not scope.reads_shared:
        scope.fail(node, steps.function_reads_outside_primitive(target.__name__))
    fn = scope.program.function(target, loc)
    if scope.unit.property_kind is None and any(
        isinstance(y.type, LockT) for value in fn.values for y in x.walk(value)
    ):
        scope.fail(node, steps.calls_who_asks_about_lock(fn.name))
    if isinstance(sig.result, NoneT | TupleT):
        # The function says so.
        raise AlreadySaidError
    return x.Call(fn.key, passed.values, sig.result, loc, passed.after)


def _lock_test(node: ast.Call, target: Callable[..., Any], scope: Scope) -> Expr:
    """Return the test whether somebody holds a lock."""
    name = target.__name__
    if scope.unit.property_kind is None:
        scope.fail(node, steps.asks_about_lock(name))
    (arg,) = arguments(node, ["lock"], f"{name}()", scope)
    place = lock(arg, scope)
    if not isinstance(place.type, LockT):
        scope.fail(arg, steps.lock_is_wanted(place.type))
    writing = target is prim.held_for_write
    op, value = ("==", WRITE_HELD) if writing else (">", 0)
    return x.Bin(op, place, x.Const(value, place.type), BOOL, scope.loc(node))


def _active(node: ast.Call, span: Span, scope: Scope) -> Expr:
    """Return the test whether somebody is in a span."""
    decl = scope.program.span(span)
    if scope.unit.kind == "operation":
        scope.fail(node, steps.operation_asks_for_span())
    if scope.unit.later_name is not None:
        scope.fail(node, steps.active_when())
    values = arguments(node, [n for n, _ in decl.params], f"{decl.name}.active()", scope)
    wanted = [(v, t) for v, (_, t) in zip(values, decl.params, strict=True)]
    args = tuple(arguments_in_order(node, wanted, scope))
    return x.Active(decl.key, args, BOOL, scope.loc(node))


# -- words, records, maps and sets


def _but(node: ast.Call, func: ast.Attribute, scope: Scope) -> Expr:
    """Return a word or record with some fields changed."""
    if func.attr != "but":
        scope.fail(func, says.no_method(func.attr))
    base = expr(func.value, scope)
    t = not_optional(base, node, scope)
    if not isinstance(t, RecordT):
        scope.fail(node, says.has_no_but(t))
    wanted = changed_fields(node, t, scope)
    reads = [partial(expr, value, scope, u) for value, u in wanted.values()]
    result, *values = in_order(scope, lambda: base, *reads)
    for name, value in zip(wanted, values, strict=True):
        result = x.Update(result, (name,), value, t, scope.loc(node))
    return result


def _made(node: ast.Call, cls: type, scope: Scope, want: Type | None) -> Expr:
    """Return the value that a class makes."""
    if cls is Map:
        return made_map(node, scope, want)
    if cls is Set:
        return made_set(node, scope, want)
    if not issubclass(cls, Word | Record):
        scope.fail(node, says.makes_nothing(cls))
    loc = scope.loc(node)
    t = scope.program.types.read(cls, loc)
    if not isinstance(t, RecordT):
        raise AlreadySaidError
    wanted = changed_fields(node, t, scope)
    given = arguments_in_order(node, list(wanted.values()), scope)
    changed = dict(zip(wanted, given, strict=True))
    return x.Make(
        tuple(
            changed[f.name] if f.name in changed else scope.program.default(f, loc)
            for f in t.fields
        ),
        t,
        loc,
    )
