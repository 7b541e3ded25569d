"""Assignments: to locals, to shared state in one step, and of several results."""

from __future__ import annotations

import ast
from typing import Any

from kvmtla.front.messages import functions
from kvmtla.front.messages import statements as says
from kvmtla.front.messages import steps as of_steps
from kvmtla.front.messages import types as of_types
from kvmtla.front.messages import values as of_values
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import as_it_was, changed_since, coerce, expr, in_order
from kvmtla.front.rules.names import static
from kvmtla.front.rules.operators import combined
from kvmtla.front.rules.statements import statement
from kvmtla.front.rules.steps import (
    check_no_lock,
    is_place,
    is_step,
    kept,
    send_results,
    step,
    takes_step,
)
from kvmtla.front.rules.syntax import OPERATORS, OPERATORS_LIKE, describe, field_of_state
from kvmtla.front.scope import Code, Scope
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.types import ERROR, NONE, IntT, OptionalT, Type
from kvmtla.lang.decorators import mark_of


@statement(ast.Assign)
def assignment(node: ast.Assign, scope: Scope) -> Scope:
    """Read `target = value`."""
    if len(node.targets) != 1:
        scope.fail(node, says.one_assignment())
    target = node.targets[0]
    if isinstance(target, ast.Tuple):
        return _unpack(node, target, node.value, scope)
    if isinstance(target, ast.Name):
        return _assign(node, target, node.value, None, scope)
    return _assign_place(node, target, node.value, scope)


@statement(ast.AnnAssign)
def annotated(node: ast.AnnAssign, scope: Scope) -> Scope:
    """Read `local: type = value`."""
    if node.value is None:
        scope.fail(node, says.declaration())
    if not isinstance(node.target, ast.Name):
        return _assign_place(node, node.target, node.value, scope)
    return _assign(node, node.target, node.value, _annotation(node, scope), scope)


@statement(ast.AugAssign)
def augmented(node: ast.AugAssign, scope: Scope) -> Scope:
    """Read `target op= value`."""
    op = OPERATORS.get(type(node.op))
    if op is None:
        sign = describe(node.op).strip("`")
        scope.fail(node, says.not_in_language(f"`{sign}=`", OPERATORS_LIKE))
    if isinstance(node.target, ast.Name):
        name = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        old = expr(name, scope)
        e = combined(op, old, expr(node.value, scope), node, scope)
        return _set(node, node.target, e, old.type, node, scope)
    place = _stored_place(node.target, scope)
    at = len(scope.code.statements)
    old, value = in_order(scope, lambda: place, lambda: expr(node.value, scope))
    if not isinstance(place, x.Shared) and s.root(place) in changed_since(at, scope):
        whole = ast.unparse(field_of_state(node.target))
        message = of_steps.changes_what_is_set(whole, ast.unparse(node.value))
        scope.fail(node.value, message)
    place = _place_as_it_was(place, at, scope)
    e = combined(op, old, value, node, scope)
    return _store(place, coerce(e, place.type, node, scope), node, scope)


# -- locals


def _assign(
    node: ast.stmt, target: ast.Name, value: ast.expr, annotation: Type | None, scope: Scope
) -> Scope:
    known = scope.locals.get(target.id)
    if known is not None and annotation is not None and known != annotation:
        if ERROR not in (known, annotation):
            scope.note(target, of_values.two_types_of_local(target.id, known, annotation))
        known = ERROR
    want = known or annotation
    if not is_step(value, scope):
        return _set(node, target, expr(value, scope, want), want, value, scope)
    assert isinstance(value, ast.Call)
    (t,) = step(value, scope, 1)
    if want is None or t == want:
        scope, local = _target(node, target, t, scope)
        send_results((local,), scope)
        return scope
    return _set(node, target, kept(t, value, scope), want, value, scope)


def _set(
    node: ast.stmt, target: ast.Name, e: Expr, want: Type | None, at: ast.AST, scope: Scope
) -> Scope:
    """Set a local to the value of `e`, written `at`; its type is `want`, if that is known."""
    one = isinstance(want, IntT) and want.low == want.high
    if want is not None and (not one or e.type in (want, ERROR)):
        e = coerce(e, want, at, scope)
    elif want is not None:
        scope.fail(target, of_types.local_without_bounds(target.id, want))
    is_value = scope.is_known(e) or (isinstance(want, OptionalT) and e.type == want.inner)
    scope, local = _target(node, target, want or e.type, scope)
    scope.code.emit(s.Assign(local, e, scope.loc(node)))
    return scope.with_facts([*scope.known, local]) if is_value else scope


def _target(node: ast.AST, target: ast.Name, t: Type, scope: Scope) -> tuple[Scope, Local]:
    """Return the scope behind an assignment to a local, and the local."""
    if scope.is_state(target):
        scope.fail(target, of_steps.state_as_local(target.id))
    if t == NONE:
        scope.fail(node, of_values.none_of_what(target.id))
    behind = scope.setting(target.id, t)
    return behind, Local(target.id, behind.locals[target.id], scope.loc(target))


def _annotation(node: ast.AnnAssign, scope: Scope) -> Type:
    where, namespace = node.annotation, dict(scope.unit.namespace)
    try:
        hint = eval(ast.unparse(where), namespace)
        if isinstance(hint, str):
            hint = eval(hint, namespace)
    except NameError as e:
        message = of_types.unknown_name_in_annotation(e.name or "", scope.unit.namespace)
    except Exception as e:
        message = of_types.unreadable_local_annotation(e)
    else:
        return scope.program.types.value(hint, scope.loc(where))
    scope.note(where, message)
    return ERROR


# -- several results


def _unpack(node: ast.stmt, target: ast.Tuple, value: ast.expr, scope: Scope) -> Scope:
    """Set a name to each result of a call."""
    if not is_step(value, scope):
        called: Any = static(value.func, scope) if isinstance(value, ast.Call) else None
        if (mark := mark_of(called)) is not None and mark.kind == "pure":
            # A pure function with several results is wrong by itself, and says so.
            result = scope.program.function(called, scope.loc(value)).results
            if len(result) != 1 or result == (ERROR,):
                raise AlreadySaidError
        scope.fail(node, of_values.only_calls_are_unpacked())
    assert isinstance(value, ast.Call)
    results = step(value, scope, len(target.elts))
    targets: list[Local] = []
    odd: list[tuple[ast.Name, Local, Type]] = []
    for one, t in zip(target.elts, results, strict=True):
        if not isinstance(one, ast.Name):
            scope.fail(one, of_values.results_go_to_names())
        known = scope.locals.get(one.id, t)
        if one.id == "_":
            # `_` may stand for results of several types.
            targets.append(scope.fresh("_", t, scope.loc(one)))
        elif known == t:
            scope, local = _target(node, one, t, scope)
            targets.append(local)
        else:
            # The local's type is not quite the result's: it takes another assignment.
            targets.append(scope.fresh("result", t, scope.loc(one)))
            odd.append((one, targets[-1], known))
    send_results(tuple(targets), scope)
    for one, temp, known in odd:
        scope = _set(node, one, temp, known, one, scope)
    return scope


# -- shared state


def _assign_place(node: ast.stmt, target: ast.expr, value: ast.expr, scope: Scope) -> Scope:
    """Assign to a place; Python evaluates the value before anything in the place."""
    code, later = scope.code, takes_step(value, scope)
    place = None
    at = len(code.statements)
    with scope.mistakes.noting():
        # If the value takes steps, this is only to see what it is: its own steps come later.
        place = _stored_place(target, scope.inside(Code()) if later else scope)
    e = expr(value, scope, place.type if place is not None else None)
    if place is None:
        raise AlreadySaidError
    if later:
        at = len(code.statements)
        place = _stored_place(target, scope)
    return _store(place, as_it_was(e, at, scope), node, scope)


def _store(place: Expr, value: Expr, node: ast.stmt, scope: Scope) -> Scope:
    scope.code.emit(s.Store(place, value, scope.loc(node)))
    return scope


def _stored_place(target: ast.expr, scope: Scope) -> Expr:
    """Return the place in the shared state that a target is."""
    kind = scope.unit.kind
    if kind == "operation" and scope.is_shared(target):
        scope.fail(target, of_steps.written_outside_primitive(ast.unparse(target)))
    if kind == "pure" and scope.is_shared(target):
        scope.fail(target, functions.pure_changes_nothing())
    place = expr(target, scope)
    if not is_place(place):
        scope.fail(target, says.part_of_local())
    check_no_lock(place, target, scope)
    return place


def _place_as_it_was(place: Expr, at: int, scope: Scope) -> Expr:
    """Return a place with the indices that it had when there were `at` statements."""
    match place:
        case x.Field(base, name, t, loc):
            return x.Field(_place_as_it_was(base, at, scope), name, t, loc)
        case x.Index(base, key, t, loc):
            key = as_it_was(key, at, scope)
            return x.Index(_place_as_it_was(base, at, scope), key, t, loc)
    return place
