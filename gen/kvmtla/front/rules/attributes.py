"""Paths: fields of words, records and the shared state, and entries of maps."""

from __future__ import annotations

import ast
from typing import NoReturn

from kvmtla.front.messages import steps
from kvmtla.front.messages import values as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import changes, expr, expression, not_optional
from kvmtla.front.rules.names import MISSING, static, static_value
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import LockT, MapT, RecordT, Type


@expression(ast.Attribute, ast.Subscript)
def path(node: ast.Attribute | ast.Subscript, scope: Scope, want: Type | None) -> Expr:
    """Return what a path leads to; that is no lock, which has no value."""
    made = place_or_value(node, scope)
    if isinstance(made.type, LockT):
        scope.fail(node, steps.lock_as_place(ast.unparse(node)))
    return made


def lock(node: ast.expr, scope: Scope) -> Expr:
    """Return the lock that `node` leads to; what it is instead, where it leads to no lock."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return place_or_value(node, scope)
    return expr(node, scope)


def place_or_value(node: ast.Attribute | ast.Subscript, scope: Scope) -> Expr:
    """Return what a path leads to, be it a lock."""
    if not scope.reads_shared and scope.is_shared(node):
        _refuse(node, scope)
    return _attribute(node, scope) if isinstance(node, ast.Attribute) else _entry(node, scope)


def _attribute(node: ast.Attribute, scope: Scope) -> Expr:
    if scope.is_state(node.value):
        return _shared_field(node, scope)
    if static(node, scope) is not MISSING:
        return static_value(node, scope)
    base = expr(node.value, scope)
    t = not_optional(base, node, scope)
    if not isinstance(t, RecordT):
        scope.fail(node, says.has_no_fields(t))
    i = t.index(node.attr)
    if i is None:
        scope.fail(node, says.no_such_field(t, node.attr, [f.name for f in t.fields]))
    return x.Field(base, node.attr, t.fields[i].type, scope.loc(node))


def _shared_field(node: ast.Attribute, scope: Scope) -> Expr:
    shared = scope.unit.shared
    fields = shared.fields if shared is not None else {}
    if node.attr not in fields:
        if not fields:
            raise AlreadySaidError
        scope.fail(node, says.no_such_field("the shared state", node.attr, fields))
    after = isinstance(node.value, ast.Name) and node.value.id == scope.unit.later_name
    return x.Shared(node.attr, fields[node.attr], scope.loc(node), after)


def _refuse(node: ast.expr, scope: Scope) -> NoReturn:
    """Raise SpecError for a place in the shared state that an operation just reads."""
    place = node
    # The whole of what is read in one access, not only the bit that is asked for.
    while isinstance(place, ast.Attribute) and not isinstance(place.value, ast.Name):
        place = place.value
    expr(place, scope.shared_allowed())
    scope.fail(place, steps.read_outside_primitive(ast.unparse(place)))


def _entry(node: ast.Subscript, scope: Scope) -> Expr:
    base = expr(node.value, scope)
    t = scope.type_of(base)
    if not isinstance(t, MapT):
        scope.fail(node, says.cannot_be_indexed(base.type))
    at = len(scope.code.statements)
    # Inside a place, an index that reads shared memory would be a second access.
    inner = scope.shared_allowed(scope.reads_shared and scope.unit.kind != "operation")
    key = expr(node.slice, inner, t.key)
    if changes(base, at, scope):
        # Python would index the old value.
        message = steps.changes_what_it_is_index_of(
            ast.unparse(node.value), ast.unparse(node.slice)
        )
        scope.fail(node.slice, message)
    return x.Index(base, key, t.value, scope.loc(node))
