"""What `with` holds: locks and spans."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from kvmtla.front.messages import statements as says
from kvmtla.front.messages import steps
from kvmtla.front.rules.arguments import arguments, arguments_in_order
from kvmtla.front.rules.attributes import lock
from kvmtla.front.rules.core import cond
from kvmtla.front.rules.names import check_free, static
from kvmtla.front.rules.statements import block, statement
from kvmtla.front.scope import Code, Scope
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.stmt import SpanDecl
from kvmtla.ir.types import LockT, Type
from kvmtla.lang import primitives as prim
from kvmtla.lang.decorators import Span

Make = Callable[[tuple[s.Stmt, ...]], s.Stmt]
"""What makes a statement of a `with` from the statements inside it."""


@statement(ast.With)
def held(node: ast.With, scope: Scope) -> Scope:
    """Read `with`; each item is read once those before it are held."""
    if scope.unit.kind != "operation":
        scope.note(node, says.with_belongs_into_operation())
    return _inside(node, node.items, scope)


def _inside(node: ast.With, items: Sequence[ast.withitem], scope: Scope) -> Scope:
    """Add the block of a `with` inside `items`, of which the outermost comes first."""
    if not items:
        return block(node.body, scope)
    inner: Scope | None = None
    with scope.mistakes.noting():
        inner, make = _item(node, items[0], scope)
    code = Code()
    end = _inside(node, items[1:], (inner or scope).inside(code))
    for one in (make(code.made()),) if inner is not None else code.made():
        scope.code.emit(one)
    return scope.behind(end, end.known).with_defined(end.defined)


def _item(node: ast.With, item: ast.withitem, scope: Scope) -> tuple[Scope, Make]:
    """Return the scope inside an item of a `with`, and what makes its statement."""
    call = item.context_expr
    if item.optional_vars is not None:
        scope.note(item.optional_vars, says.not_in_language("`as`", f"with {ast.unparse(call)}:"))
    target = static(call.func, scope) if isinstance(call, ast.Call) else None
    if isinstance(call, ast.Call) and target in (prim.read_lock, prim.write_lock):
        return _lock(call, target.__name__, scope)
    if isinstance(call, ast.Call) and isinstance(target, Span):
        return scope, _span(call, target, scope)
    scope.fail(node, says.with_something_else(ast.unparse(call)))


def _lock(call: ast.Call, name: str, scope: Scope) -> tuple[Scope, Make]:
    (arg,) = arguments(call, ["lock"], f"{name}()", scope)
    place = lock(arg, scope.shared_allowed())
    if not isinstance(place.type, LockT):
        scope.fail(arg, steps.lock_is_wanted(place.type, _lock_like(scope)))
    kind, text = name.removesuffix("_lock"), ast.unparse(call)
    for other, how in scope.held:
        if other == place:
            readers = "write" not in (kind, how)
            scope.note(call, steps.held_already(ast.unparse(arg), readers))
    loc = scope.loc(call)
    return scope.holding(place, kind), lambda body: s.WithLock(kind, place, body, loc, text)


def _lock_like(scope: Scope) -> str:
    """Return a hint that names a lock of the shared state, or says to add one."""
    fields: Mapping[str, Type] = scope.unit.shared.fields if scope.unit.shared is not None else {}
    found = next((n for n, t in fields.items() if isinstance(t, LockT)), None)
    if found is None:
        return "give the shared state a field of type RwLock"
    return f"such as {scope.unit.shared_name}.{found}"


def _span(call: ast.Call, span: Span, scope: Scope) -> Make:
    loc = scope.loc(call)
    decl = scope.program.span(span)
    others = [k for k in call.keywords if k.arg != "when"]
    plain = ast.copy_location(ast.Call(call.func, call.args, others), call)
    when: Expr = x.TRUE
    for k in call.keywords:
        if k.arg == "when":
            names, body = _condition(k.value, decl, call, scope)
            params = [Local(f"{n}#{decl.key}", t, loc) for n, t in decl.params]
            bound = dict(zip(names, params, strict=False))
            when = cond(body, scope.lazily().binding(bound))
            if names:
                return lambda inside: s.WithSpan(decl.key, tuple(params), when, inside, loc)
    values = arguments(plain, [n for n, _ in decl.params], f"{decl.name}()", scope)
    wanted = [(v, t) for v, (_, t) in zip(values, decl.params, strict=True)]
    args = tuple(arguments_in_order(plain, wanted, scope))
    return lambda inside: s.WithSpan(decl.key, args, when, inside, loc)


def _condition(
    node: ast.expr, decl: SpanDecl, call: ast.Call, scope: Scope
) -> tuple[list[str], ast.expr]:
    """Return the parameters of a span's `when`, and what it asks."""
    if not isinstance(node, ast.Lambda):
        scope.fail(node, steps.when_is_a_condition())
    names = [a.arg for a in node.args.args]
    for a in node.args.args:
        if a.arg == scope.unit.shared_name:
            check_free(a, a.arg, scope, "when=lambda {}: ...", a.arg)
    if names and (call.args or len(names) != len(decl.params)):
        parameters = ", ".join(n for n, _ in decl.params)
        scope.fail(node, steps.when_takes(decl.name, parameters))
    return names, node.body
