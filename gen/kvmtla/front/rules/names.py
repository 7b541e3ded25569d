"""Names and literals: locals, variables of comprehensions, and what a module defines."""

from __future__ import annotations

import ast
import builtins
import enum
from types import ModuleType
from typing import Any

from kvmtla.errors import did_you_mean
from kvmtla.front.messages import steps
from kvmtla.front.messages import values as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import expression
from kvmtla.front.scope import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.stmt import PRIMITIVES
from kvmtla.ir.types import BOOL, ERROR, NONE, DomainT, EnumT, ErrorT, IntT, Type
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of
from kvmtla.lang.types import Domain, Word


class _Missing:
    pass


MISSING = _Missing()


def static(node: ast.expr, scope: Scope) -> Any:
    """Return the Python object that a global or dotted name means; MISSING if it is none.

    Raises SpecError for a part that an enumeration or a module does not have.
    """
    if isinstance(node, ast.Name):
        if node.id in scope.bound or scope.is_local(node.id) or scope.is_state(node):
            return MISSING
        if node.id in scope.unit.namespace:
            return scope.unit.namespace[node.id]
        return getattr(builtins, node.id, MISSING)
    if isinstance(node, ast.Attribute):
        base = static(node.value, scope)
        # A field of a constant word is a value; everything else a name leads to is static.
        if base is MISSING or isinstance(base, Word):
            return MISSING
        found = getattr(base, node.attr, MISSING)
        if found is MISSING and isinstance(base, type) and issubclass(base, enum.Enum):
            known = [m.name for m in base]
            scope.fail(node, says.no_member(base.__name__, node.attr, known))
        if found is MISSING and isinstance(base, ModuleType):
            scope.fail(node, says.nothing_in_module(base.__name__, node.attr, vars(base)))
        return found
    return MISSING


def names_static(node: ast.expr, scope: Scope, kind: type) -> bool:
    """Is it a name of the module for something of this Python type?"""
    return isinstance(node, ast.Name) and isinstance(static(node, scope), kind)


def static_value(node: ast.expr, scope: Scope) -> Expr:
    """Return the value of a global or dotted name; raise SpecError where it has none."""
    value = static(node, scope)
    loc, types = scope.loc(node), scope.program.types
    match value:
        case bool():
            return x.Const(value, BOOL, loc)
        case int():
            return x.Const(value, IntT(value, value), loc)
        case None:
            return x.Const(None, NONE, loc)
        case enum.Enum():
            return x.Const(value.name, types.read(type(value), loc), loc)
        case Word():
            return x.Const(value.values(), types.read(type(value), loc), loc)
        case ConstantDecl():
            return scope.program.constant(value, loc)
    text = ast.unparse(node)
    if value is MISSING:
        known = [*scope.locals, *scope.bound, *scope.unit.namespace]
        scope.note_name(node, text, says.unknown_name(text, known))
        raise AlreadySaidError
    if isinstance(value, type):
        some = issubclass(value, Domain | enum.Enum)
        scope.fail(node, says.type_is_no_value(text, can_be_chosen=some))
    if callable(value):
        scope.fail(node, says.function_is_no_value(text))
    scope.fail(node, says.python_value(text, type(value).__name__))


@expression(ast.Name)
def name(node: ast.Name, scope: Scope, want: Type | None) -> Expr:
    """Return the value of a name; the innermost thing of that name is meant, as in Python."""
    if node.id in scope.bound:
        return scope.bound[node.id]
    if scope.is_state(node):
        if want == ERROR:
            raise AlreadySaidError
        fields = scope.unit.shared.fields if scope.unit.shared is not None else {}
        scope.fail(node, steps.state_as_value(node.id, next(iter(fields), "...")))
    if not scope.is_local(node.id):
        return static_value(node, scope)
    known = node.id in scope.locals
    if not known or (scope.defined is not None and node.id not in scope.defined):
        over = node.id in scope.over
        message = says.loop_is_over(node.id) if over else says.read_before_set(node.id)
        scope.note_name(node, node.id, message)
        raise AlreadySaidError
    return Local(node.id, scope.locals[node.id], scope.loc(node))


@expression(ast.Constant)
def constant(node: ast.Constant, scope: Scope, want: Type | None) -> Expr:
    """Return a literal: a truth value, an integer or None."""
    v = node.value
    if isinstance(v, bool):
        return x.Const(v, BOOL, scope.loc(node))
    if isinstance(v, int):
        return x.Const(v, IntT(v, v), scope.loc(node))
    if v is None:
        return x.Const(None, NONE, scope.loc(node))
    scope.fail(node, says.literal(v))


def domain(node: ast.expr, scope: Scope, hint: str) -> DomainT | EnumT:
    """Return the Domain or Enum that `node` names; raise SpecError with `hint` for others."""
    target = static(node, scope)
    if isinstance(target, type) and issubclass(target, Domain | enum.Enum):
        t = scope.program.types.read(target, scope.loc(node))
        if isinstance(t, ErrorT):
            raise AlreadySaidError
        assert isinstance(t, DomainT | EnumT)
        return t
    if target is MISSING and isinstance(node, ast.Name) and node.id not in scope.locals:
        near = [n for n, v in scope.unit.namespace.items() if isinstance(v, type)]
        close = did_you_mean(node.id, near)
        if close is not None and close.startswith("did"):
            scope.fail(node, says.unknown_type(node.id, close))
    scope.fail(node, says.neither_domain_nor_enum(ast.unparse(node), hint))


def check_free(node: ast.AST, wanted: str, scope: Scope, like: str, of: str) -> None:
    """Raise SpecError where a variable called `wanted` would take the name of something else.

    The others are for the hint: `like` is code with a gap for the name, and a free name begins with
    the first letter of `of`.
    """
    taken = _meaning_of(wanted, scope)
    if taken is None:
        return
    letters = (of[0].lower(), *(f"{of[0].lower()}{n}" for n in range(1, 100)))
    known = {*scope.bound, *scope.locals, *scope.unit.assigned}
    other = next(n for n in letters if n not in known and _meaning_of(n, scope) is None)
    scope.fail(node, says.name_is_taken(wanted, taken, like.format(other)))


def _meaning_of(wanted: str, scope: Scope) -> str | None:
    """Return in words what a name means here; None where a variable may have it."""
    if wanted in (scope.unit.shared_name, scope.unit.later_name):
        return "the shared state"
    if wanted in scope.bound or scope.is_local(wanted):
        # The innermost is meant, as in Python.
        return None
    namespace = scope.unit.namespace
    value = namespace.get(wanted, getattr(builtins, wanted, None))
    if isinstance(value, ConstantDecl):
        return "a constant"
    if isinstance(value, type) and (wanted in namespace or value is bool):
        return "a class"
    if mark_of(value) is not None or is_primitive(value) or value in (all, any):
        return "a function"
    if isinstance(value, Span):
        return "a span"
    return "a value of the module" if isinstance(value, Word | enum.Enum | int) else None


def is_primitive(target: object) -> bool:
    """Is it an access to shared memory, or choose, require or wait_until?"""
    called = getattr(target, "__name__", "")
    return (called in PRIMITIVES or called in ("choose", "require", "wait_until")) and getattr(
        prim, called, None
    ) is target
