"""The arguments of calls: which are given, and their types."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from kvmtla.front.declarations import Signature
from kvmtla.front.messages import statements, steps
from kvmtla.front.messages import values as says
from kvmtla.front.mistakes import AlreadySaidError
from kvmtla.front.rules.core import expr, in_order
from kvmtla.front.scope import Scope
from kvmtla.front.source import in_c
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import ERROR, RecordT, Type


def arguments(
    node: ast.Call, names: Sequence[str], what: str, scope: Scope, hint: str | None = None
) -> list[ast.expr]:
    """Return the arguments of a call in the order of `names`.

    Raises SpecError for too many or too few; `hint` is given with the latter.
    """
    found: dict[str, ast.expr] = {}
    if any(isinstance(a, ast.Starred) for a in node.args) or any(
        k.arg is None for k in node.keywords
    ):
        scope.fail(node, statements.stars())
    if len(node.args) > len(names):
        scope.fail(node, says.too_many_arguments(what, names, len(node.args)))
    for name, value in zip(names, node.args, strict=False):
        found[name] = value
    for k in node.keywords:
        assert k.arg is not None
        if k.arg not in names:
            scope.fail(k, says.no_such_parameter(what, k.arg, names))
        if k.arg in found:
            scope.fail(k, says.given_twice(k.arg))
        found[k.arg] = k.value
    missing = [n for n in names if n not in found]
    if missing:
        scope.fail(node, says.arguments_missing(what, missing, names, hint))
    return [found[n] for n in names]


def arguments_in_order(
    node: ast.Call, values: Sequence[tuple[ast.expr, Type | None]], scope: Scope
) -> list[Expr]:
    """Return the values of arguments of a call, evaluated in the order they are written in.

    `values` are some of the arguments, each with the type that is wanted. The results have the
    order of `values`.
    """
    written = [id(a) for a in (*node.args, *(k.value for k in node.keywords))]
    order = sorted(range(len(values)), key=lambda i: written.index(id(values[i][0])))
    reads = [partial(expr, values[i][0], scope, values[i][1]) for i in order]
    found = dict(zip(order, in_order(scope, *reads), strict=True))
    return [found[i] for i in range(len(values))]


class Passed(NamedTuple):
    """What a call passes on: the arguments, typed and in C, without the shared state.

    `after` is whether it passes on the state after a step.
    """

    signature: Signature
    values: tuple[Expr, ...]
    texts: tuple[str, ...]
    after: bool


def function_arguments(node: ast.Call, function: Callable[..., Any], scope: Scope) -> Passed:
    """Return what a call of a function of the spec passes on.

    The shared state is passed on by its name, and left out of the arguments.
    """
    unit = scope.unit
    sig = scope.program.signature(function)
    passed = [*node.args, *(k.value for k in node.keywords)]
    if sig.odd:
        # Whatever is passed is wrong; what is wrong in it is told all the same.
        for value in passed:
            if not scope.is_state(value):
                expr(value, scope)
        raise AlreadySaidError
    names = [n for n, _ in sig.params]
    hint = None
    if sig.shared_name is not None:
        names.insert(sig.shared_index, sig.shared_name)
        if not any(map(scope.is_state, passed)):
            hint = f"pass the shared state on: {function.__name__}({unit.shared_name or 'm'}, ...)"
    given = arguments(node, names, f"{function.__name__}()", scope, hint)
    wanted: list[tuple[ast.expr, Type | None]] = []
    types, after = dict(sig.params), False
    for name, value in zip(names, given, strict=True):
        if name != sig.shared_name:
            wanted.append((value, types[name]))
            continue
        if not scope.is_state(value):
            if isinstance(value, ast.Name) and scope.locals.get(value.id) == ERROR:
                raise AlreadySaidError
            scope.fail(value, steps.state_is_wanted())
        assert isinstance(value, ast.Name)
        after = value.id == unit.later_name
        if sig.shared != unit.shared:
            scope.fail(value, says.another_shared_state(sig.shared, unit.shared))
    values = tuple(arguments_in_order(node, wanted, scope))
    return Passed(sig, values, tuple(in_c(v) for v, _ in wanted), after)


def changed_fields(node: ast.Call, t: RecordT, scope: Scope) -> dict[str, tuple[ast.expr, Type]]:
    """Return the fields of `t` that a call names, each with its written value and type."""
    if node.args:
        scope.fail(node.args[0], says.fields_by_name(t, ast.unparse(node.args[0])))
    changes = {}
    for k in node.keywords:
        i = t.index(k.arg) if k.arg is not None else None
        if k.arg is None or i is None:
            scope.fail(k, says.no_such_field(t, k.arg, [f.name for f in t.fields]))
        changes[k.arg] = (k.value, t.fields[i].type)
    return changes
