"""Expressions as TLA+ text, broken into lines where they are long."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from kvmtla.emit.names import Scope, Spelling, order_of
from kvmtla.emit.slots import Slot
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local, chain
from kvmtla.ir.types import DomainT, EnumT, IntT, MapT, RecordT, SetT, Type, without_none
from kvmtla.patience import on_time

WIDTH = 96

# How tightly an operator binds; TLA+ wants parentheses between /\ and \/, so both have one rank.
_LOOSE, AND_OR, _NOT, _COMPARE, _SUM, ATOM = 0, 1, 2, 3, 4, 5
_OPERATORS = {
    "and": ("/\\", AND_OR),
    "or": ("\\/", AND_OR),
    "==": ("=", _COMPARE),
    "!=": ("#", _COMPARE),
    "<": ("<", _COMPARE),
    "<=": ("<=", _COMPARE),
    ">": (">", _COMPARE),
    ">=": (">=", _COMPARE),
    "in": ("\\in", _COMPARE),
    "+": ("+", _SUM),
    "-": ("-", _SUM),
    "|": ("\\cup", _SUM),
    "&": ("\\cap", _SUM),
}
_ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Printer:
    """A printer for the expressions of one model."""

    def __init__(self, spelling: Spelling, slots: Sequence[Slot] = ()) -> None:
        self.spelling = spelling
        self.slots = {n: s for s in slots for n in s.variables if s.record is not None}

    # -- on one line

    def flat(self, e: Expr, scope: Scope, rank: int = _LOOSE) -> str:
        """Return `e` on one line, in parentheses where it binds more loosely than `rank`."""
        text, own = self._flat(e, scope)
        return f"({text})" if own < rank else text

    def _flat(self, e: Expr, scope: Scope) -> tuple[str, int]:
        on_time()
        match e:
            case x.Const():
                if isinstance(e.value, int) and isinstance(e.type, IntT) and e.value < 0:
                    return str(e.value), _SUM
                letters = "".join(n for n in scope.bound.values() if len(n) == 1)
                return self.spelling.of(e.value, e.type, letters), ATOM
            case x.Local(name):
                return scope.bound[name], ATOM
            case x.Shared(name):
                return name + "'" * e.after, ATOM
            case x.ActorVar(actor, name, index):
                variable = f"{actor}_{name}"
                slot = self.slots.get(variable)
                at = f"[{self.flat(index, scope)}]" if index is not None else ""
                if slot is None:
                    return f"{variable}{at}", ATOM
                return f"{slot.name}{at}.{slot.fields[variable]}", ATOM
            case x.Field(base, name):
                return f"{self.flat(base, scope, ATOM)}.{name}", ATOM
            case x.Index(base, key):
                return f"{self.flat(base, scope, ATOM)}[{self.flat(key, scope)}]", ATOM
            case x.Make(values, t):
                parts = [
                    f"{f.name} |-> {self.flat(v, scope)}"
                    for f, v in zip(t.fields, values, strict=True)
                ]
                return f"[{', '.join(parts)}]", ATOM
            case x.Update():
                return self._update(e, scope), ATOM
            case x.Un("not", arg):
                if isinstance(arg, x.Bin) and arg.op == "in":
                    left = self.flat(arg.left, scope, _SUM)
                    return f"{left} \\notin {self.flat(arg.right, scope, _SUM)}", _COMPARE
                return f"~{self.flat(arg, scope, ATOM)}", _NOT
            case x.Un(_, arg):
                return f"-{self.flat(arg, scope, ATOM)}", _SUM
            case x.Bin():
                return self._bin(e, scope)
            case x.If(cond, then, other):
                c, a, b = (self.flat(p, scope) for p in (cond, then, other))
                return f"IF {c} THEN {a} ELSE {b}", _LOOSE
            case x.Quant(kind, var, body):
                inner, name = scope.bind(var.name)
                sign = "\\A" if kind == "all" else "\\E"
                return f"{sign} {name} \\in {type_set(var.type)} : {self.flat(body, inner)}", _LOOSE
            case x.MapOf(var, body, t):
                inner, name = scope.bind(var.name)
                return f"[{name} \\in {t.key.name} |-> {self.flat(body, inner)}]", ATOM
            case x.SetOf(items):
                return f"{{{', '.join(self.flat(i, scope) for i in items)}}}", ATOM
            case x.SetFilter(var, cond):
                inner, name = scope.bind(var.name)
                return f"{{{name} \\in {type_set(var.type)} : {self.flat(cond, inner)}}}", ATOM
            case x.Let():
                names, inner, body = self.named(e, scope)
                said = " ".join(f"{name} == {self.flat(v, at)}" for name, v, at in names)
                return f"LET {said} IN {self.flat(body, inner)}", _LOOSE
            case x.Call(name, args) | x.Active(name, args):
                # All that stands in front of a prime is about the state after the step.
                given = [self.flat(x.sooner(a) if e.after else a, scope) for a in args]
                whole = f"{name}({', '.join(given)})" if given else name
                return whole + "'" * e.after, ATOM
        raise AssertionError(e)

    def path(self, parts: Sequence[str | Expr], scope: Scope) -> str:
        """Return the fields and elements that lead into a record or map."""
        return "".join(f".{p}" if isinstance(p, str) else f"[{self.flat(p, scope)}]" for p in parts)

    def named(self, e: Expr, scope: Scope) -> tuple[list[tuple[str, Expr, Scope]], Scope, Expr]:
        """Return the names in front of an expression, each with its value and that value's scope.

        After them come the scope of the expression behind the names, and that expression.
        """
        found: list[tuple[str, Expr, Scope]] = []
        while isinstance(e, x.Let):
            inner, name = scope.bind(e.var.name)
            found.append((name, e.value, scope))
            scope, e = inner, e.body
        return found, scope, e

    def choices(self, var: Local, when: Expr, scope: Scope) -> str:
        """Return the set of what a step may choose; it is one value unless `when` is true."""
        every = type_set(var.type)
        if when == x.TRUE:
            return every
        _, name = scope.bind("one")
        first = f"{{CHOOSE {name} \\in {every} : TRUE}}"
        return f"(IF {self.flat(when, scope)} THEN {every} ELSE {first})"

    def let_lines(self, names: Sequence[tuple[str, Expr, Scope]], column: int) -> list[str]:
        """Return `LET` with these names, from `column` on; the first line has no indent."""
        lines: list[str] = []
        for name, value, scope in names:
            head = f"{' ' * (column + 4)}{name} == "
            first, *rest = self.right_side_lines(value, scope, len(head))
            lines += [f"{head}{first}", *rest]
        return [f"LET {lines[0].lstrip()}", *lines[1:]]

    def _bin(self, e: x.Bin, scope: Scope) -> tuple[str, int]:
        sign, rank = _OPERATORS[e.op]
        if e.op in ("and", "or"):
            parts = [self.flat(p, scope, _NOT) for p in chain(e)]
            return f" {sign} ".join(parts), rank
        if e.op == "-" and isinstance(e.type, SetT):
            sign = "\\"
        t = without_none(e.left.type)
        if isinstance(t, EnumT) and e.op in _ORDERED:
            return self._ordered(e, t, scope)
        tight = rank + 1
        return f"{self.flat(e.left, scope, tight)} {sign} {self.flat(e.right, scope, tight)}", rank

    def _ordered(self, e: x.Bin, t: EnumT, scope: Scope) -> tuple[str, int]:
        """Return a comparison of members of an enumeration, which are strings and have no order."""
        holds = _ORDERED[e.op]
        for value, other, left in ((e.left, e.right, True), (e.right, e.left, False)):
            if isinstance(value, x.Const):
                if value.value is None:
                    # It stands behind a test for None, and is never worked out.
                    return "FALSE", _COMPARE
                place = t.members.index(str(value.value))
                members = [
                    f'"{m}"'
                    for i, m in enumerate(t.members)
                    if (holds(place, i) if left else holds(i, place))
                ]
                text = self.flat(other, scope, _SUM)
                if len(members) == 1:
                    return f"{text} = {members[0]}", _COMPARE
                return f"{text} \\in {{{', '.join(members)}}}", _COMPARE
        a, b = (f"{order_of(t)}[{self.flat(side, scope)}]" for side in (e.left, e.right))
        return f"{a} {_OPERATORS[e.op][0]} {b}", _COMPARE

    def _update(self, e: x.Update, scope: Scope) -> str:
        """Return one EXCEPT with all changes of one base, the innermost first."""
        changes: list[str] = []
        base: Expr = e
        while isinstance(base, x.Update):
            path = self.path(base.path, scope)
            changes.insert(0, f"!{path} = {self.flat(base.value, scope)}")
            base = base.base
        return f"[{self.flat(base, scope)} EXCEPT {', '.join(changes)}]"

    def right_side(self, e: Expr, scope: Scope) -> str:
        """Return `e` on one line, fit to stand behind `=`."""
        text, own = self._flat(e, scope)
        return f"({text})" if own in (AND_OR, _COMPARE) else text

    # -- on several lines

    def right_side_lines(self, e: Expr, scope: Scope, column: int) -> list[str]:
        """Return `e` from `column` on, fit to stand behind `=`."""
        text = self.right_side(e, scope)
        whole = self._flat(e, scope)[1] in (_COMPARE, _SUM)
        if whole or column + len(text) <= WIDTH:
            return [text]
        return self.lines(e, scope, column)

    def lines(self, e: Expr, scope: Scope, column: int) -> list[str]:
        """Return `e` from `column` on; the first line has no indent, the others do."""
        flat = self.flat(e, scope)
        if column + len(flat) <= WIDTH:
            return [flat]
        if isinstance(e, x.Bin) and e.op == "in" and isinstance(e.right, x.SetOf):
            head = f"{self.flat(e.left, scope, _SUM)} \\in {{"
            items = [self.flat(i, scope) for i in e.right.items]
            at = column + len(head)
            return (head + wrapped(items, at, at, WIDTH - 1) + "}").split("\n")
        pad = " " * column
        match e:
            case x.Bin(op) if op in ("and", "or"):
                sign = "/\\ " if op == "and" else "\\/ "
                out: list[str] = []
                for part in chain(e):
                    first, *rest = self._operand(part, scope, column + 3)
                    out += [f"{pad if out else ''}{sign}{first}", *rest]
                return out
            case x.If(cond, then, other):
                out = []
                for word, part in (("IF ", cond), ("THEN ", then), ("ELSE ", other)):
                    indent = "" if word == "IF " else f"{pad}  "
                    at = column + len(word) + (0 if word == "IF " else 2)
                    first, *rest = self.lines(part, scope, at)
                    out += [f"{indent}{word}{first}", *rest]
                return out
            case x.Quant(kind, var, body):
                inner, name = scope.bind(var.name)
                sign = "\\A" if kind == "all" else "\\E"
                head = f"{sign} {name} \\in {type_set(var.type)} :"
                first, *rest = self.lines(body, inner, column + 4)
                return [head, f"{pad}    {first}", *rest]
            case x.Let():
                names, inner, body = self.named(e, scope)
                first, *rest = self.lines(body, inner, column + 4)
                return [*self.let_lines(names, column), f"{pad}IN  {first}", *rest]
            case x.Update():
                return self._update_lines(e, scope, column)
            case x.Un("not", arg) if not (isinstance(arg, x.Bin) and arg.op == "in"):
                first, *rest = self.lines(arg, scope, column + 2)
                out = [f"~({first}", *rest]
                out[-1] += ")"
                return out
            case x.Bin(op) if op in ("==", "!="):
                return self._comparison_lines(e, scope, column)
            case x.Make(values, t):
                parts = zip(t.fields, values, strict=True)
                return self._record_lines([(f.name, v) for f, v in parts], scope, column)
            case x.Const(value, RecordT() as t):
                assert isinstance(value, tuple)
                made = x.Make(
                    tuple(x.Const(v, f.type) for f, v in zip(t.fields, value, strict=True)), t
                )
                return self.lines(made, scope, column)
            case x.Const(value, MapT(key, held) as m):
                assert isinstance(value, tuple)
                if len(set(value)) == 1:
                    letter = Local(f"{key.name[0].lower()}#", key)
                    whole = x.MapOf(letter, x.Const(value[0], held), m)
                    return self.lines(whole, scope, column)
            case x.MapOf(var, body, t):
                inner, name = scope.bind(var.name)
                first, *rest = self.lines(body, inner, column + 4)
                out = [f"[{name} \\in {t.key.name} |->", f"{pad}    {first}", *rest]
                out[-1] += "]"
                return out
        return [flat]

    def _comparison_lines(self, e: x.Bin, scope: Scope, column: int) -> list[str]:
        """Return a comparison with its right side on a line of its own, or on several."""
        sign, rank = _OPERATORS[e.op]
        left = self.side_lines(e.left, scope, column, rank + 1)
        first, *rest = self.side_lines(e.right, scope, column + 3 + len(sign), rank + 1)
        return [*left, f"{' ' * column}  {sign} {first}", *rest]

    def side_lines(self, e: Expr, scope: Scope, column: int, rank: int) -> list[str]:
        """Return `e` from `column` on, in parentheses where it binds more loosely than `rank`."""
        if self._flat(e, scope)[1] >= rank:
            return self.lines(e, scope, column)
        first, *rest = self.lines(e, scope, column + 1)
        out = [f"({first}", *rest]
        out[-1] += ")"
        return out

    def _record_lines(
        self, fields: Sequence[tuple[str, Expr]], scope: Scope, column: int
    ) -> list[str]:
        """Return a record; its fields share lines where each has room on one."""
        parts = [f"{name} |-> {self.flat(value, scope)}" for name, value in fields]
        if column + 2 + max(map(len, parts)) <= WIDTH:
            return f"[{wrapped(parts, column + 1, column + 1, WIDTH - 1)}]".split("\n")
        out: list[str] = []
        for i, (name, value) in enumerate(fields):
            head = f"{' ' * (column + 1) if i else '['}{name} |-> "
            start = column + 1 + len(name) + len(" |-> ")
            first, *rest = self.lines(value, scope, start)
            block = [f"{head}{first}", *rest]
            block[-1] += "]" if i == len(fields) - 1 else ","
            out += block
        return out

    def _operand(self, e: Expr, scope: Scope, column: int) -> list[str]:
        if isinstance(e, x.If | x.Quant | x.Let) or (
            isinstance(e, x.Bin) and e.op in ("and", "or")
        ):
            if column + len(self.flat(e, scope)) <= WIDTH:
                return [self.flat(e, scope)]
            return self.lines(e, scope, column)
        return self.lines(e, scope, column)

    def _update_lines(self, e: x.Update, scope: Scope, column: int) -> list[str]:
        changes: list[x.Update] = []
        base: Expr = e
        while isinstance(base, x.Update):
            changes.insert(0, base)
            base = base.base
        out = [f"[{self.flat(base, scope)} EXCEPT"]
        pad = " " * (column + 4)
        for i, change in enumerate(changes):
            path = self.path(change.path, scope)
            head = f"!{path} = "
            first, *rest = self.lines(change.value, scope, column + 4 + len(head))
            tail = "]" if i == len(changes) - 1 else ","
            block = [f"{pad}{head}{first}", *rest]
            block[-1] += tail
            out += block
        return out


def type_set(t: Type) -> str:
    """Return the set of all values of a type that can be counted off."""
    match t:
        case DomainT(name) | EnumT(name):
            return name
    return "BOOLEAN"


def wrapped(words: list[str], first: int, indent: int, width: int = WIDTH) -> str:
    """Return words with commas, broken into lines; `first` is the column at which they begin."""
    lines, line, column = [], "", first
    for i, word in enumerate(words):
        text = word + ("," if i < len(words) - 1 else "")
        if line and column + len(line) + 1 + len(text) > width:
            lines.append(line)
            line, column = text, indent
        else:
            line = f"{line} {text}".strip()
    return ("\n" + " " * indent).join([*lines, line])
