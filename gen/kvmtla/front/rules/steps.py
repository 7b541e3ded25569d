"""What is a step, or part of one: accesses, calls, waits and choices."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from kvmtla.errors import SpecError
from kvmtla.front.messages import functions, statements
from kvmtla.front.messages import steps as says
from kvmtla.front.messages import values as of_values
from kvmtla.front.rules.arguments import arguments, arguments_in_order, function_arguments
from kvmtla.front.rules.core import cond, expr
from kvmtla.front.rules.names import domain, is_primitive, static
from kvmtla.front.scope import Scope
from kvmtla.front.source import in_c
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.types import (
    BOOL,
    ERROR,
    NONE,
    BoolT,
    LockT,
    MapT,
    RecordT,
    TupleT,
    Type,
)
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import mark_of

_STEPS = ("operation", "atomic", "hardware", "initial")


def is_step(node: ast.AST, scope: Scope) -> bool:
    """Is it a call that is a step, or part of one?"""
    if not isinstance(node, ast.Call):
        return False
    try:
        target = static(node.func, scope)
    except SpecError:
        # Whoever reads the call says what is wrong.
        return False
    mark = mark_of(target)
    return is_primitive(target) or (mark is not None and mark.kind in _STEPS)


def takes_step(node: ast.AST, scope: Scope) -> bool:
    """Is there such a call anywhere in an expression?"""
    return any(is_step(n, scope) for n in ast.walk(node))


def step(node: ast.Call, scope: Scope, results: int | None) -> tuple[Type, ...]:
    """Add a step to the code, and return the types of its results.

    `results` is how many of them are wanted, None for "whatever there is".
    """
    target = static(node.func, scope)
    if is_primitive(target):
        types = _primitive(node, target, scope, results)
    else:
        types = _call(node, target, scope)
    if types == (ERROR,):
        return (ERROR,) * (1 if results is None else results)
    if results is not None and len(types) != results:
        name = ast.unparse(node.func)
        if results == 1 and not types:
            scope.fail(node, of_values.call_without_value(name))
        flagged = target is prim.try_cmpxchg
        scope.fail(node, of_values.number_of_results(name, len(types), results, flagged))
    return types


def hoisted(node: ast.Call, scope: Scope) -> Expr:
    """Return the result of a step in an expression: it happens first, under a name of its own."""
    (t,) = step(node, scope, 1)
    if t == NONE:
        scope.fail(node, of_values.call_without_value(ast.unparse(node.func)))
    return kept(t, node, scope)


def kept(t: Type, node: ast.AST, scope: Scope) -> Local:
    """Put the result of the step added last into a new local, and return that."""
    local = scope.fresh("result", t, scope.loc(node))
    send_results((local,), scope)
    return local


def send_results(targets: tuple[Local, ...], scope: Scope) -> None:
    """Send the results of the step added last to `targets`."""
    last = scope.code.statements[-1]
    sent: s.Stmt
    match last:
        case s.Primitive():
            sent = s.Primitive(last.name, last.place, last.args, targets, last.loc, last.texts)
        case s.CallStmt():
            sent = s.CallStmt(last.function, last.args, targets, last.loc, last.texts)
        case s.Choose():
            sent = s.Choose(targets[0], last.loc)
        case _:
            raise AssertionError(last)
    scope.code.statements[-1] = sent


# -- primitives


def _primitive(
    node: ast.Call, target: Callable[..., Any], scope: Scope, results: int | None
) -> tuple[Type, ...]:
    name = target.__name__
    if name == "choose":
        return _choose(node, scope, results)
    if name in ("require", "wait_until"):
        _wait(node, name, scope)
        return ()
    if scope.unit.kind != "operation":
        scope.fail(node, says.step_in_one_step(name))
    return _access(node, name, scope)


def _choose(node: ast.Call, scope: Scope, results: int | None) -> tuple[Type, ...]:
    if results is None:
        scope.fail(node, statements.no_effect())
    (of,) = arguments(node, ["of"], "choose()", scope, "choose(bool), choose(Gfn)")
    hint = "choose one of bool, of a Domain or of an Enum"
    t = BOOL if static(of, scope) is bool else domain(of, scope, hint)
    loc = scope.loc(node)
    scope.code.emit(s.Choose(Local("", t, loc), loc))
    return (t,)


def _wait(node: ast.Call, name: str, scope: Scope) -> None:
    wait, loc = name == "wait_until", scope.loc(node)
    if wait is not (scope.unit.kind == "operation"):
        scope.fail(node, says.require_or_wait(name, "require" if wait else "wait_until"))
    has_text = wait and (len(node.args) > 1 or any(k.arg == "text" for k in node.keywords))
    wanted = ["condition", "text"] if has_text else ["condition"]
    arg, *said = arguments(node, wanted, f"{name}()", scope)
    test = _awaited(arg, scope)
    text = f"wait_until({in_c(arg)})"
    if said:
        if not (isinstance(said[0], ast.Constant) and isinstance(said[0].value, str)):
            scope.fail(said[0], says.text_of_wait())
        text = said[0].value
    scope.code.emit(s.Wait(test, loc, text) if wait else s.Require(test, loc))


def _awaited(node: ast.expr, scope: Scope) -> Expr:
    """Return the condition of a wait_until() or require(), which one step tests."""
    before = len(scope.code.statements)
    test = cond(node, scope.shared_allowed())
    if len(scope.code.statements) > before and scope.unit.kind == "operation":
        scope.fail(node, says.wait_for_nothing())
    return test


def _access(node: ast.Call, name: str, scope: Scope) -> tuple[Type, ...]:
    count, gives = s.PRIMITIVES[name]
    wanted = {0: [], 1: ["value"], 2: ["old", "new"]}[count]
    if name.startswith("atomic_fetch"):
        wanted = ["mask"]
    values = arguments(node, ["place", *wanted], f"{name}()", scope)
    place = _place(values[0], scope)
    t = place.type
    if name.endswith("_bit") and not isinstance(t, BoolT) and t != ERROR:
        scope.note(values[0], says.bit_primitive(name, t, ast.unparse(values[0])))
        t = ERROR
    word = isinstance(t, RecordT) and t.word
    if name.startswith("atomic_fetch") and not word and t != ERROR:
        scope.note(values[0], says.word_primitive(name, t))
        t = ERROR
    args = tuple(arguments_in_order(node, [(v, t) for v in values[1:]], scope))
    texts = tuple(in_c(v) for v in values[1:])
    scope.code.emit(s.Primitive(name, place, args, (), scope.loc(node), texts))
    return {"old": (t,), "flag+old": (BOOL, t), "none": ()}[gives]


def _place(node: ast.expr, scope: Scope) -> Expr:
    """Return the place of an access; something of type ERROR where it is none."""
    place = expr(node, scope.shared_allowed())
    if place.type == ERROR:
        return place
    if not is_place(place) or isinstance(place, Local):
        fields = scope.unit.shared.fields if scope.unit.shared is not None else {}
        example = f"{scope.unit.shared_name or 'm'}.{next(iter(fields), 'field')}"
        scope.note(node, says.place_is_wanted(example))
        return x.Const(None, ERROR, place.loc)
    check_no_lock(place, node, scope)
    return place


def is_place(e: Expr) -> bool:
    """Is it a place in the shared state?"""
    while isinstance(e, x.Field | x.Index):
        e = e.base
    return isinstance(e, x.Shared)


def check_no_lock(place: Expr, node: ast.expr, scope: Scope) -> None:
    """Raise SpecError where a place is a lock, or a map of them."""
    t = place.type
    while isinstance(t, MapT):
        t = t.value
    if isinstance(t, LockT):
        scope.fail(node, says.lock_as_place(ast.unparse(node)))


# -- calls


def _call(node: ast.Call, target: Callable[..., Any], scope: Scope) -> tuple[Type, ...]:
    mark, kind = mark_of(target), scope.unit.kind
    assert mark is not None
    name = target.__name__
    if mark.kind in ("hardware", "initial"):
        scope.fail(node, functions.step_is_not_called(name, mark.kind))
    allowed = ("operation", "atomic") if kind == "operation" else ("atomic",)
    if mark.kind not in allowed or kind == "pure":
        scope.fail(node, says.steps_in_one_step(name, kind))
    passed = function_arguments(node, target, scope)
    loc = scope.loc(node)
    fn = scope.program.function(target, loc)
    scope.code.emit(s.CallStmt(fn.key, passed.values, (), loc, passed.texts))
    result = passed.signature.result
    if result == NONE:
        return ()
    return result.items if isinstance(result, TupleT) else (result,)
