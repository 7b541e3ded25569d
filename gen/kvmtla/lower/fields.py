"""Uses of shared fields in functions, as far as the text shows them."""

from __future__ import annotations

from collections.abc import Iterable

from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.stmt import root
from kvmtla.ir.types import LockT
from kvmtla.lower.specialise import Specialiser
from kvmtla.value_class import value_class

_READ_ONLY = ("READ_ONCE", "test_bit")


def asks_about_lock(fn: s.Function, program: s.Program) -> bool:
    """Does a property ask who holds a lock, itself or through what it calls?"""
    parts = [y for value in fn.values for y in x.walk(value)]
    return any(
        isinstance(y.type, LockT)
        or (isinstance(y, x.Call) and asks_about_lock(program.functions[y.function], program))
        for y in parts
    )


@value_class(frozen=True, slots=True)
class Named:
    """The fields and spans that a property names, itself or through pure functions it calls."""

    fields: frozenset[str]
    spans: frozenset[str]


def named_in(fn: s.Function, program: s.Program) -> Named:
    """Return what a property names as it is written, whatever the constants make of that."""
    fields: set[str] = set()
    spans: set[str] = set()
    todo, seen = [fn.key], {fn.key}
    while todo:
        for e in s.expressions(program.functions[todo.pop()].body):
            fields |= x.shared_in(e)
            spans |= x.asked_in(e)
            called = x.called_in(e) - seen
            seen |= called
            todo += called
    return Named(frozenset(fields), frozenset(spans))


def changed_fields(functions: Iterable[s.Function], special: Specialiser) -> set[str]:
    """Return the shared fields that these functions, with all that they call, may change.

    Code that a decision on constants never leads to does not count.
    """
    found: set[str] = set()
    seen: set[str] = set()

    def visit_function(fn: s.Function) -> None:
        if fn.key not in seen:
            seen.add(fn.key)
            visit(fn.body)

    def visit(body: tuple[s.Stmt, ...]) -> None:
        for st in body:
            match st:
                case s.Store(place):
                    found.add(root(place))
                case s.Primitive(name, place) if name not in _READ_ONLY:
                    found.add(root(place))
                case s.CallStmt(function):
                    visit_function(special.program.functions[function])
                case s.IfStmt(cond, then, other):
                    known = special.expr(cond)
                    if not isinstance(known, x.Const) or known.value:
                        visit(then)
                    if not isinstance(known, x.Const) or not known.value:
                        visit(other)
                case s.While(_, inner) | s.For(_, inner):
                    visit(inner)
                case s.WithLock(_, place, inner):
                    found.add(root(place))
                    visit(inner)
                case s.WithSpan(_, _, _, inner):
                    visit(inner)

    for fn in functions:
        visit_function(fn)
    return found
