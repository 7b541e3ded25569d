"""Properties of steps and of behaviours, and who is fair, as TLA+ text."""

from __future__ import annotations

import re

from kvmtla.emit.expressions import AND_OR, ATOM, WIDTH, Printer, type_set, wrapped
from kvmtla.emit.names import Scope
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Definition, Model
from kvmtla.ir.property import Property, PropertyKind

_INDENT = 4
# TLC finds <>TRUE violated, unless it looks as if it were about the state.
_OF_STATE = "(vars = vars /\\ {})"
# Behind a bracket, SANY takes `a \\in S /\\ ...` for the beginning of a function.
_LIKE_A_FUNCTION = re.compile(r"\w+ \\in ")


class PropertyPrinter:
    """A printer for the formulas of one model; bodies of definitions are indented by four."""

    def __init__(self, model: Model, printer: Printer, taken: frozenset[str]) -> None:
        self.model = model
        self.printer = printer
        self.taken = taken
        self.definitions = {d.name: d for d in model.definitions}

    def of_steps(self, p: Property) -> list[str]:
        """Return a property of steps: `[][...]_<<what it asks>>`."""
        scope = Scope(self.taken)
        head = " " * _INDENT + "[]["
        (body,) = p.parts
        opening, closing = "", ""
        if _LIKE_A_FUNCTION.match(self.printer.flat(body, scope)):
            opening, closing = "(", ")"
        head += opening
        first, *rest = self.printer.lines(body, scope, len(head))
        lines = [f"{head}{first}", *rest]
        lines[-1] += closing
        asks = wrapped([self.printer.flat(e, scope) for e in p.asks], 8, 8)
        if len(lines) == 1 and len(lines[0]) + len(asks) + len("]_<<>>") <= WIDTH:
            return [f"{lines[0]}]_<<{asks}>>"]
        return [*lines, *f"{' ' * _INDENT}]_<<{asks}>>".split("\n")]

    def of_behaviours(self, p: Property) -> list[str]:
        """Return a temporal property, for all values of its parameters."""
        scope = Scope(self.taken)
        column, binders = _INDENT, []
        for param in p.params:
            scope, name = scope.bind(param.name)
            binders.append(f"\\A {name} \\in {type_set(param.type)} :")
        leads = p.kind is PropertyKind.LEADS_TO
        # <> binds more tightly than anything that is not whole by itself.
        rank = AND_OR + 1 if leads else ATOM
        parts = [
            self.printer.flat(e, scope, rank)
            if self._surely_reads(e)
            else _OF_STATE.format(self.printer.flat(e, scope, AND_OR + 1))
            for e in p.parts
        ]
        flat = " ~> ".join(parts) if leads else f"<>{parts[0]}"
        one = f"{' ' * _INDENT}{' '.join([*binders, flat])}"
        if len(one) <= WIDTH or not all(map(self._surely_reads, p.parts)):
            return [one]
        lines = [f"{' ' * _INDENT}{' '.join(binders)}"] if binders else []
        column += _INDENT * bool(binders)
        for i, e in enumerate(p.parts):
            sign = "~> " if i else "" if leads else "<>"
            at = column + (2 if i else 0)
            first, *rest = self.printer.side_lines(e, scope, at + len(sign), rank)
            lines += [f"{' ' * at}{sign}{first}", *rest]
        return lines

    def of_no_state(self, d: Definition) -> list[str] | None:
        """Return an invariant or goal that reads no state as if it did; None for others.

        TLC refuses an invariant that is the same in all states, and false.
        """
        kinds = {p.name: p.kind for p in self.model.properties}
        always = x.FALSE if kinds.get(d.name) is PropertyKind.GOAL else x.TRUE
        if d.name not in kinds or d.body == always or self._reads_state(d.body):
            return None
        body = self.printer.flat(d.body, Scope(self.taken), AND_OR + 1)
        return [f"    vars = vars /\\ {body}"]

    def _reads_state(self, e: Expr) -> bool:
        """Does a part of a property say something of the state?"""
        for y in x.walk(e):
            if isinstance(y, x.Shared | x.ActorVar):
                return True
            if isinstance(y, x.Call | x.Active):
                name = y.function if isinstance(y, x.Call) else y.span
                if self._reads_state(self.definitions[name].body):
                    return True
        return False

    def _surely_reads(self, e: Expr, known: frozenset[str] = frozenset()) -> bool:
        """Is the state read whenever `e` is worked out?

        TLC works out in advance what it can without a state, and goes wrong with a formula that is
        constant then. It does so where nothing that is not read stands in the way: the other branch
        of a condition, an argument that is not used. `known` are locals that stand for what reads
        the state.
        """
        match e:
            case x.Shared() | x.ActorVar():
                return True
            case x.Local(name):
                return name in known
            case x.If(cond, then, other):
                both = self._surely_reads(then, known) and self._surely_reads(other, known)
                return both or self._surely_reads(cond, known)
            case x.Bin(op, left) if op in ("and", "or"):
                return self._surely_reads(left, known)
            case x.Quant(_, var, body):
                return self._surely_reads(body, known - {var.name})
            case x.MapOf() | x.SetFilter():
                return False
            case x.Let(var, value, body):
                more = {var.name} if self._surely_reads(value, known) else set()
                return self._surely_reads(body, known - {var.name} | more)
            case x.Call(name, args) | x.Active(name, args):
                called = self.definitions[name]
                pairs = zip(called.params, args, strict=True)
                given = frozenset(p.name for p, a in pairs if self._surely_reads(a, known))
                return self._surely_reads(called.body, given)
        return any(self._surely_reads(c, known) for c in x.children(e))
