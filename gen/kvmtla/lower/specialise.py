"""Functions with the scenario's constants put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import deep_simplify, simplify
from kvmtla.ir.stmt import Program
from kvmtla.ir.types import BOOL, Value

# A call of a function whose body is no bigger than this is written out: `old.writable` says more
# than a name for it. Bigger ones stay operators, under the kernel's name.
_WRITE_OUT = 4


class Specialiser:
    """Puts constants into expressions, and writes out the pure functions that become trivial."""

    def __init__(
        self,
        program: Program,
        constants: Mapping[str, Value],
        fields: Mapping[str, x.Const] | None = None,
        below: Specialiser | None = None,
    ) -> None:
        """Set it up; `below` puts the same into a program that lacks only some pure functions."""
        self.program = program
        self.constants = constants
        self.fields = fields or {}
        """Shared fields that never change, with what they always are."""
        self._below = below
        self._bodies: dict[str, Expr] = {}
        self._small: dict[str, bool] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._asks: dict[str, frozenset[str]] = {}
        self._known: dict[int, tuple[Expr, Expr]] = {}

    def body(self, key: str) -> Expr:
        """Return the body of a pure function, with the constants put in."""
        known = self._bodies.get(key)
        if known is None:
            (value,) = self.program.functions[key].values
            known = self._bodies[key] = self.expr(value)
        return known

    def reads(self, e: Expr) -> frozenset[str]:
        """Return the shared fields that an expression reads, also through functions it calls."""
        found = x.shared_in(e)
        for key in x.called_in(e):
            if key not in self._reads:
                self._reads[key] = self.reads(self.body(key))
            found |= self._reads[key]
        return found

    def momentary(self, e: Expr) -> bool:
        """Can the value of `e` change when somebody takes a step?"""
        return bool(self.reads(e)) or bool(self.spans(e))

    def spans(self, e: Expr) -> frozenset[str]:
        """Return the spans that an expression asks about, also through functions it calls."""
        found = x.asked_in(e)
        for key in x.called_in(e):
            if key not in self._asks:
                self._asks[key] = self.spans(self.body(key))
            found |= self._asks[key]
        return found

    def written_out(self, e: x.Call) -> Expr:
        """Return what a call stands for."""
        fn = self.program.functions[e.function]
        env = {p.name: a for p, a in zip(fn.params, e.args, strict=True)}
        body = self.body(e.function)
        return deep_simplify(x.substitute(x.later(body) if e.after else body, env))

    def spelled(self, e: Expr) -> Expr:
        """Return the record that a name stands for; any other expression as it is."""
        if isinstance(e, x.Call) and not e.args:
            body = self.body(e.function)
            return body if isinstance(body, x.Const) else e
        return e

    def field(self, e: x.Field) -> Expr:
        """Return a field, worked out if its record is known, be it named or not."""
        base = self.spelled(e.base)
        return simplify(e if base is e.base else x.Field(base, e.name, e.type, e.loc))

    def expr(self, e: Expr) -> Expr:
        """Return `e` with constants put in, simplified."""
        # The same node is asked for again by each place that inlines its function. The node is
        # kept with the result, so that its id cannot come to mean another.
        known = self._looked_up(e)
        if known is not None:
            return known[1]
        made = self._expr(e)
        self._known[id(e)] = (e, made)
        return made

    def _looked_up(self, e: Expr) -> tuple[Expr, Expr] | None:
        known = self._known.get(id(e))
        if known is None and self._below is not None:
            return self._below._looked_up(e)
        return known

    def _expr(self, e: Expr) -> Expr:
        if isinstance(e, x.Constant):
            return x.Const(self.constants[e.name], e.type, e.loc)
        if isinstance(e, x.Shared):
            return self.fields.get(e.name, e)
        e = x.rebuild(e, self.expr)
        if isinstance(e, x.Call):
            return self._call(e)
        if isinstance(e, x.Active) and _mixed(e):
            return self._apart(e)
        return self.field(e) if isinstance(e, x.Field) else simplify(e)

    def _call(self, e: x.Call) -> Expr:
        body = self.body(e.function)
        fn = self.program.functions[e.function]
        if e.function not in self._small:
            self._small[e.function] = sum(1 for _ in x.walk(body)) <= _WRITE_OUT
        if isinstance(body, x.Const):
            # A record without a parameter has a name that says more than its fields.
            return e if isinstance(body.value, tuple) and not fn.params else body
        known = e.args and all(isinstance(a, x.Const) for a in e.args)
        if self._small[e.function] or known or _mixed(e):
            return self.written_out(e)
        return e

    def _apart(self, e: x.Active) -> Expr:
        """Return the same with arguments that do not speak of the state at all."""
        made: Expr = x.TRUE
        params = []
        for (name, t), a in zip(self.program.spans[e.span].params, e.args, strict=True):
            params.append(x.Local(f"{name}#{e.span}_after", t))
            made = simplify(x.Bin("and", made, x.Bin("==", params[-1], a, BOOL), BOOL))
        made = simplify(x.Bin("and", made, replace(e, args=tuple(params)), BOOL))
        for p in reversed(params):
            made = x.Quant("any", p, made)
        return made


def _mixed(e: x.Call | x.Active) -> bool:
    """Is it about the state after a step, with arguments from the state before?"""
    return e.after and any(
        isinstance(y, x.Shared | x.Call | x.Active) and not y.after
        for a in e.args
        for y in x.walk(a)
    )
