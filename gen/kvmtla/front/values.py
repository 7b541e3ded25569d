"""The body of a pure function as an expression.

A local stands for what it was set to. Where that is long, or where decisions would make too many
ways, a local keeps its name instead, and ways that meet become one. So the expression stays in
proportion to the code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kvmtla.front.messages import functions as says
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import FALSE, TRUE, Expr, Local
from kvmtla.ir.fold import deep_simplify, simplify
from kvmtla.ir.types import BOOL, joined

# A body with no more ways and no more nodes than these is written without names.
_MOST_WAYS, _LONGEST = 64, 500
# Where names are used, a longer value has one; and there may be so many of them.
_LONG, _MOST_NAMES = 8, 100

_Env = Mapping[str, Expr]


def with_value(fn: s.Function) -> s.Function:
    """Return a pure function with its body as one expression for each result.

    Raises SpecError where it does something, or is too long.
    """
    return replace(fn, values=tuple(_value(fn, i) for i in range(len(fn.results))))


def _value(fn: s.Function, which: int) -> Expr:
    try:
        whole = _Plain(fn, which).value(fn.body, {})
    except _TooLongError:
        return _Named(fn, which).whole()
    return deep_simplify(whole) if x.size(whole) <= _LONGEST else _Named(fn, which).whole()


class _TooLongError(Exception):
    """Raised for a body that has too many ways through it."""


class _Plain:
    """A body in which every local is written as what it stands for."""

    def __init__(self, fn: s.Function, which: int) -> None:
        self._fn = fn
        self._which = which
        self._ways = 1

    def value(self, body: Sequence[s.Stmt], env: _Env) -> Expr:
        """Return the result of the rest of a body, in terms of what `env` gives no value."""
        for i, statement in enumerate(body):
            match statement:
                case s.Assign(target, value):
                    env = {**env, target.name: x.substitute(value, env)}
                case s.Return(values):
                    return x.substitute(values[self._which], env)
                case s.IfStmt(cond, then, other):
                    self._ways += 1
                    if self._ways > _MOST_WAYS:
                        raise _TooLongError
                    rest = body[i + 1 :]
                    c = x.substitute(cond, env)
                    a = self.value([*then, *rest], env)
                    b = self.value([*other, *rest], env)
                    return x.If(c, a, b, self._fn.results[self._which], statement.loc)
                case _:
                    raise says.pure_only_computes().at(statement.loc)
        raise AssertionError(f"{self._fn.name} was read as ending with a value on every path")


class _Named:
    """A body in which long values have names, and ways that meet become one."""

    def __init__(self, fn: s.Function, which: int) -> None:
        self._fn = fn
        self._which = which
        self._names: list[tuple[Local, Expr]] = []

    def whole(self) -> Expr:
        """Return the result, behind the names that it uses."""
        _, _, result = self._run(self._fn.body, {})
        assert result is not None
        for var, value in reversed(self._names):
            if var.name in x.locals_in(result):
                result = x.Let(var, value, result, result.type, value.loc)
        return result

    def _run(self, body: Sequence[s.Stmt], env: _Env) -> tuple[_Env, Expr, Expr | None]:
        """Return the locals after a body, whether it has returned by then, and what."""
        for i, statement in enumerate(body):
            match statement:
                case s.Assign(target, value):
                    env = {**env, target.name: self._named(target, self._of(value, env))}
                case s.Return(values):
                    return env, TRUE, self._of(values[self._which], env)
                case s.IfStmt(cond, then, other):
                    c = self._named(Local("is", BOOL), self._of(cond, env))
                    (p, gone, a), (q, left, b) = self._run(then, env), self._run(other, env)
                    env = q if gone == TRUE else p if left == TRUE else self._met(c, p, q)
                    returned = _choice(c, gone, left)
                    if returned == FALSE:
                        continue
                    given = a if b is None else b if a is None else _choice(c, a, b)
                    assert given is not None
                    if returned == TRUE:
                        return env, TRUE, given
                    returned = self._named(Local("returned", BOOL), returned)
                    given = self._named(Local("result", given.type), given)
                    env, more, rest = self._run(body[i + 1 :], env)
                    result = given if rest is None else _choice(returned, given, rest)
                    return env, simplify(x.Bin("or", returned, more, BOOL)), result
                case _:
                    raise says.pure_only_computes().at(statement.loc)
        return env, FALSE, None

    def _of(self, e: Expr, env: _Env) -> Expr:
        return deep_simplify(x.substitute(e, env))

    def _named(self, local: Local, value: Expr) -> Expr:
        if x.size(value) <= _LONG:
            return value
        if len(self._names) == _MOST_NAMES:
            raise says.computes_too_much(self._fn.name).at(self._fn.loc)
        name = local.name.split("#")[0]
        number = len(self._names)
        var = Local(f"{name}#{self._fn.key}_{self._which}_{number}", x.loose(value), local.loc)
        self._names.append((var, value))
        return var

    def _met(self, cond: Expr, a: _Env, b: _Env) -> _Env:
        """Return the locals where two ways meet; what only one has set is not read there."""
        return {n: self._named(Local(n, a[n].type), _choice(cond, a[n], b[n])) for n in a if n in b}


def _choice(cond: Expr, a: Expr, b: Expr) -> Expr:
    return simplify(x.If(cond, a, b, joined(a.type, b.type)))
