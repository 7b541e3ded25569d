"""Reading a piece of syntax by the rule for it, and going on where it is wrong."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from kvmtla.errors import SpecError
from kvmtla.front.messages import values as says
from kvmtla.front.messages.statements import not_in_language
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.syntax import describe, instead
from kvmtla.front.scope import Scope, wrong
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import BOOL, ERROR, IntT, NoneT, OptionalT, RecordT, Type
from kvmtla.patience import on_time

Rule = Callable[[ast.expr, Scope, Type | None], Expr]
_R = TypeVar("_R", bound=Callable[..., Expr])

_RULES: dict[type[ast.expr], Callable[..., Expr]] = {}


def expression(*kinds: type[ast.expr]) -> Callable[[_R], _R]:
    """Declare the rule for some kinds of expression."""

    def declared(rule: _R) -> _R:
        _RULES.update(dict.fromkeys(kinds, rule))
        return rule

    return declared


def expr(node: ast.expr, scope: Scope, want: Type | None = None) -> Expr:
    """Return `node` as a typed expression; with `want`, one of that type.

    What is wrong is noted. The type is then ERROR, which goes with every other one.
    """
    before = scope.mistakes.spoilt
    try:
        made = _read(node, scope, want)
        if want is not None:
            made = coerce(made, want, node, scope)
    except (SpecError, AlreadySaidError) as error:
        made = _noted(error, node, scope, before)
    if made.type == ERROR:
        scope.mistakes.spoilt += 1
    return made


def cond(node: ast.expr, scope: Scope) -> Expr:
    """Return `node` as a condition: a bool, or a word (true when any of its bits is)."""
    before = scope.mistakes.spoilt
    try:
        made = _read(node, scope, BOOL)
        t = scope.type_of(made)
        if isinstance(t, RecordT) and t.word:
            return _any_bit(made, t)
        return coerce(made, BOOL, node, scope)
    except (SpecError, AlreadySaidError) as error:
        return _noted(error, node, scope, before)


def like(node: ast.expr, scope: Scope, want: Type | None) -> Expr:
    """Return `node` as an expression that has the type `want` if nothing else says its type."""
    before = scope.mistakes.spoilt
    try:
        return _read(node, scope, want)
    except (SpecError, AlreadySaidError) as error:
        return _noted(error, node, scope, before)


def _read(node: ast.expr, scope: Scope, want: Type | None) -> Expr:
    on_time()
    rule = _RULES.get(type(node))
    if rule is None:
        scope.fail(node, not_in_language(describe(node), instead(node)))
    return rule(node, scope, want)


def _noted(error: SpecError | AlreadySaidError, node: ast.expr, scope: Scope, before: int) -> Expr:
    """Note a mistake, unless it may follow from one that was found in the meantime."""
    scope.mistakes.caught(error, before)
    return wrong(scope.loc(node))


# -- types


def coerce(e: Expr, want: Type, node: ast.AST, scope: Scope) -> Expr:
    """Return `e` as a value of type `want`; raise SpecError where it is none."""
    have = e.type
    if have == want or ERROR in (have, want) or _meet(have, want):
        return e
    if isinstance(want, OptionalT):
        if isinstance(have, NoneT):
            return x.Const(None, want, e.loc)
        if have == want.inner or _meet(have, want.inner):
            return e
    if isinstance(have, OptionalT) and (have.inner == want or _meet(have.inner, want)):
        if scope.is_known(e):
            return e
        scope.fail(node, says.may_be_none(want))
    scope.fail(node, says.another_type(want, have))


def not_optional(e: Expr, node: ast.AST, scope: Scope) -> Type:
    """Return the type of `e`, whose parts are meant, without the None it was tested for."""
    t = scope.type_of(e)
    if isinstance(t, OptionalT):
        scope.fail(node, says.may_be_none())
    return t


def _meet(have: Type, want: Type) -> bool:
    """Are both integer types with a value in common?

    Whether a value is in bounds is checked in each state; this is whether it can be.
    """
    return (
        isinstance(have, IntT)
        and isinstance(want, IntT)
        and have.low <= want.high
        and have.high >= want.low
    )


def _any_bit(e: Expr, t: RecordT) -> Expr:
    result: Expr | None = None
    for f in t.fields:
        bit = x.Field(e, f.name, BOOL, e.loc)
        result = bit if result is None else x.Bin("or", result, bit, BOOL, e.loc)
    assert result is not None
    return result


# -- order


def in_order(scope: Scope, *reads: Callable[[], Expr]) -> list[Expr]:
    """Return expressions that are evaluated one after the other, each read by one of `reads`.

    As in Python, a call in a later one does not change what an earlier one found in the shared
    state.
    """
    made = [(read(), len(scope.code.statements)) for read in reads]
    # From the last to the first, so that nothing is inserted before the place of the next one.
    return [as_it_was(e, at, scope) for e, at in reversed(made)][::-1]


def as_it_was(e: Expr, at: int, scope: Scope) -> Expr:
    """Return `e` as it was after the first `at` of the statements of the code."""
    if not changes(e, at, scope):
        return e
    local = scope.fresh("value", e.type, e.loc)
    if scope.is_known(e):
        scope.code.values.append(local)
    loc = e.loc or scope.unit.loc
    scope.code.statements.insert(at, s.Assign(local, e, loc))
    return local


def changes(e: Expr, at: int, scope: Scope) -> bool:
    """Can a call among the statements from `at` on change what `e` reads?"""
    changed = changed_since(at, scope)
    return bool(changed) and (bool(x.called_in(e)) or not changed.isdisjoint(x.shared_in(e)))


def changed_since(at: int, scope: Scope) -> set[str]:
    """Return the fields that one-step calls among the statements from `at` on may set."""
    if scope.unit.kind == "operation":
        # An operation reads into locals, which no call changes.
        return set()
    return set(s.stored(tuple(scope.code.statements[at:]), scope.program.program.functions))
