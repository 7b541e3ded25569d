"""PlusCal's statements, as far as they are needed, and their text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kvmtla.emit.expressions import WIDTH, Printer, type_set
from kvmtla.emit.names import Scope, Spelling
from kvmtla.emit.pluscal_names import PlusCalNames, is_pc
from kvmtla.emit.text import comment_lines, in_comment
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.fold import simplify
from kvmtla.ir.types import BOOL, EnumT, SetT


@dataclass(frozen=True, slots=True)
class Await:
    """A wait, which goes on only where the condition is true."""

    cond: Expr


@dataclass(frozen=True, slots=True)
class Put:
    """New values for places, all at once."""

    values: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class Do:
    """The use of a macro, with its arguments."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Goto:
    """A jump to a label."""

    label: str


@dataclass(frozen=True, slots=True)
class If:
    """A decision."""

    cond: Expr
    then: tuple[Statement, ...]
    other: tuple[Statement, ...]

    @property
    def is_empty(self) -> bool:
        """Does the decision make no difference?"""
        return not self.then and not self.other


@dataclass(frozen=True, slots=True)
class Let:
    """A local value within a step."""

    var: Local
    value: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """A choice of any values of the variables' types."""

    vars: tuple[Local, ...]
    body: tuple[Statement, ...]
    when: Expr = x.TRUE
    """Where it is false, nothing depends on them, and each has one value only."""


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, in which {place} stands for the name of `place`."""

    text: str
    place: Expr | None = None
    source: bool = False
    """Does it say which function the code is in?"""


@dataclass(frozen=True, slots=True)
class Either:
    """Several ways on, one of which is taken."""

    ways: tuple[tuple[Statement, ...], ...]


@dataclass(frozen=True, slots=True)
class While:
    """A loop; only at the beginning of a step."""

    cond: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A step, and whatever stands inside it; what follows begins with a label too."""

    label: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """What a function does that is one step; `text` is the call in the kernel's words."""

    name: str
    text: str
    body: tuple[Statement, ...]


Statement = Await | Put | Do | Goto | If | Let | Any | Note | Either | While | Labelled | Called


def walk(body: Sequence[Statement]) -> Iterator[Statement]:
    """Yield the statements, and those inside them."""
    for s in body:
        yield s
        match s:
            case If(_, then, other):
                yield from walk(then)
                yield from walk(other)
            case Either(ways):
                for way in ways:
                    yield from walk(way)
            case Let(_, _, inner) | Any(_, inner) | Labelled(_, inner) | While(_, inner):
                yield from walk(inner)
            case Called(_, _, inner):
                yield from walk(inner)


def expressions(s: Statement) -> Iterator[Expr]:
    """Yield the expressions of a statement itself."""
    match s:
        case Await(cond) | If(cond) | While(cond):
            yield cond
        case Put(values):
            for place, value in values:
                yield place
                yield value
        case Do(_, args):
            yield from args
        case Let(_, value):
            yield value
        case Any(_, _, when) if when != x.TRUE:
            yield when


def decision(cond: Expr, then: tuple[Statement, ...], other: tuple[Statement, ...]) -> If:
    """Return a decision, turned so that something happens where the condition is true."""
    if other and not then:
        return If(negated(cond), other, ())
    return If(cond, then, other)


def negated(cond: Expr) -> Expr:
    """Return the opposite of a condition, with the *not* as far inside as it reads well."""
    match cond:
        case x.Bin("and" | "or" as op, left, right):
            other = "or" if op == "and" else "and"
            return x.Bin(other, negated(left), negated(right), BOOL, cond.loc)
    return simplify(x.Un("not", cond, BOOL))


class PlusCalPrinter(Printer):
    """A printer for the expressions of an algorithm, in the process of `actor` or outside of all.

    `me` is the local that is the process itself, where there are several alike.
    """

    def __init__(
        self,
        spelling: Spelling,
        names: PlusCalNames,
        actor: str | None = None,
        me: Local | None = None,
    ) -> None:
        super().__init__(spelling)
        self.names = names
        self.actor = actor
        self.me = me

    def lines(self, e: Expr, scope: Scope, column: int) -> list[str]:
        """Return `e` from `column` on; the first line has no indent, the others do."""
        return super().lines(self._with_copies(e), scope, column)

    def _flat(self, e: Expr, scope: Scope) -> tuple[str, int]:
        e = self._with_copies(e)
        match e:
            case x.Const(value, t):
                actor = is_pc(t, self.names.actors)
                if actor is not None:
                    e = x.Const(self.names.label(actor, str(value)), t)
            case x.Shared(name):
                e = replace(e, name=self.names.shared[name])
            case x.ActorVar(actor, name, index, t):
                return self._actor_var(actor, name, index, scope), _ATOM
        return super()._flat(e, scope)

    def _with_copies(self, e: Expr) -> Expr:
        """Return a test of where an actor is, with the labels of what is written more than once."""
        match e:
            case x.Bin("==" | "!=" as op, x.ActorVar(actor, "pc"), x.Const() as at):
                items = self._places(actor, (at,))
                if len(items) > 1:
                    assert isinstance(at.type, EnumT)
                    inside = x.Bin("in", e.left, x.SetOf(items, SetT(at.type)), BOOL)
                    return inside if op == "==" else negated(inside)
            case x.Bin("in", x.ActorVar(actor, "pc"), x.SetOf(items, t)):
                return replace(e, right=x.SetOf(self._places(actor, items), t))
        return e

    def _places(self, actor: str, items: Sequence[Expr]) -> tuple[Expr, ...]:
        """Return places with those of steps written more than once, without those left out."""
        found: dict[Expr, None] = {}
        for one in items:
            assert isinstance(one, x.Const)
            labels = self.names.labels_at(actor, str(one.value))
            if labels:
                found |= {one: None, **{x.Const(copy, one.type): None for copy in labels[1:]}}
        return tuple(found) or tuple(items)

    def _actor_var(self, actor: str, name: str, index: Expr | None, scope: Scope) -> str:
        if name == "pc":
            who = self.names.ids[actor] if index is None else self.flat(index, scope)
            return f"pc[{who}]"
        local = self.names.locals[f"{actor}_{name}"]
        own = actor == self.actor and index == self.me
        if index is None or (own and not local.shared):
            return local.text
        return f"{local.text}[{self.flat(index, scope)}]"


_ATOM = 5


class StatementPrinter:
    """A printer for the statements of one process."""

    def __init__(self, printer: PlusCalPrinter) -> None:
        self.printer = printer

    def lines(self, body: Sequence[Statement], scope: Scope, column: int) -> Iterator[str]:
        """Yield the statements, each ended by a semicolon; `skip` where there are none."""
        if all(isinstance(s, Note) for s in body):
            yield f"{' ' * column}skip;"
        for i, s in enumerate(body):
            if i and isinstance(s, Labelled):
                yield ""
            yield from self._statement(s, scope, column)

    def _step(self, s: Labelled, scope: Scope, column: int) -> Iterator[str]:
        """Yield a label and its step; a step that does nothing says so."""
        yield f"{' ' * max(column - 4, 0)}{s.label}:"
        own = list(itertools.takewhile(lambda one: not isinstance(one, Labelled), s.body))
        yield from self.lines(own, scope, column)
        if len(own) < len(s.body):
            yield ""
            yield from self.lines(s.body[len(own) :], scope, column)

    def _statement(self, s: Statement, scope: Scope, column: int) -> Iterator[str]:
        pad = " " * column
        match s:
            case Await(cond):
                yield from self.laid_out(f"{pad}await ", cond, scope, ";")
            case Goto(label):
                yield f"{pad}goto {label};"
            case Put(values):
                yield from self._put(values, scope, column)
            case Do(name, args):
                texts = [self.printer.flat(a, scope) for a in args]
                if column + len(f"{name}({', '.join(texts)});") > WIDTH:
                    texts = [self.printer.right_side(a, scope) for a in args]
                yield from filled(f"{pad}{name}(", ", ".join(texts), ");")
            case Note(text, place):
                shown = self.printer.flat(place, scope) if place is not None else ""
                for line in comment_lines(text.replace("{place}", shown), WIDTH - column - 3):
                    yield f"{pad}\\* {in_comment(line)}"
            case If():
                yield from self._if(s, scope, column, f"{pad}if (")
            case Let(var, value, inner):
                deep, name = scope.bind(var.name)
                yield from filled(
                    f"{pad}with ({name} = ", self.printer.right_side(value, scope), ") {"
                )
                yield from self.lines(inner, deep, column + 4)
                yield f"{pad}}};"
            case Any(vars_, inner, when):
                bound = []
                for v in vars_:
                    some = self.printer.choices(v, when, scope)
                    scope, name = scope.bind(v.name)
                    bound.append(f"{name} \\in {some}")
                yield f"{pad}with ({'; '.join(bound)}) {{"
                yield from self.lines(inner, scope, column + 4)
                yield f"{pad}}};"
            case Labelled():
                yield from self._step(s, scope, column)
            case While(cond, inner):
                yield from self.laid_out(f"{pad}while (", cond, scope, ") {")
                yield from self.lines(inner, scope, column + 4)
                yield f"{pad}}};"
            case Either(ways):
                for i, way in enumerate(ways):
                    yield f"{pad}}} or {{" if i else f"{pad}either {{"
                    yield from self.lines(way, scope, column + 4)
                yield f"{pad}}};"

    def _if(self, s: If, scope: Scope, column: int, head: str) -> Iterator[str]:
        pad = " " * column
        yield from self.laid_out(head, s.cond, scope, ") {")
        yield from self.lines(s.then, scope, column + 4)
        match s.other:
            case ():
                yield f"{pad}}};"
            case (If() as again,):
                yield from self._if(again, scope, column, f"{pad}}} else if (")
            case _:
                yield f"{pad}}} else {{"
                yield from self.lines(s.other, scope, column + 4)
                yield f"{pad}}};"

    def _put(self, values: Sequence[tuple[Expr, Expr]], scope: Scope, column: int) -> Iterator[str]:
        texts = [
            f"{self.printer.flat(place, scope)} := {self.printer.flat(value, scope)}"
            for place, value in values
        ]
        whole = " || ".join(texts)
        if column + len(whole) < WIDTH:
            yield f"{' ' * column}{whole};"
            return
        for i, (place, value) in enumerate(values):
            start = " " * column + ("|| " if i else "   " if len(values) > 1 else "")
            end = ";" if i == len(values) - 1 else ""
            head = f"{start}{self.printer.flat(place, scope)} := "
            yield from self.assigned(head, value, scope, end)

    def assigned(self, head: str, e: Expr, scope: Scope, tail: str) -> Iterator[str]:
        """Yield an expression behind the `=` or `:=` in `head`, on as many lines as it takes.

        The translator puts the right side of its `=` in parentheses where that needs them, but goes
        by the operators in its first line.
        """
        lines = list(self.laid_out(head, e, scope, tail))
        if len(lines) > 1 and self.printer.right_side(e, scope) != self.printer.flat(e, scope):
            lines = list(self.laid_out(f"{head}(", e, scope, f"){tail}"))
        return iter(lines)

    def laid_out(self, head: str, e: Expr, scope: Scope, tail: str) -> Iterator[str]:
        """Yield an expression between `head` and `tail`, on as many lines as it takes.

        Were lists of conjuncts indented, the translator would have to keep their columns as it adds
        subscripts; so there are none in an algorithm.
        """
        column = len(head)
        lines = self.printer.lines(e, scope, column)
        bullets = any(b in line for line in lines[1:] for b in ("/\\ ", "\\/ "))
        lines[0] = head + lines[0]
        lines[-1] += tail
        if bullets or max(map(len, lines)) > WIDTH:
            yield from filled(head, self.printer.flat(e, scope), tail)
        else:
            yield from lines

    def laid_out_set(
        self, head: str, e: Expr, cond: Expr, over: Sequence[Local], scope: Scope, tail: str
    ) -> Iterator[str]:
        """Yield the set of the values of `e` where `cond` is true, for all values of the locals."""
        bound = []
        for v in over:
            scope, name = scope.bind(v.name)
            bound.append(f"{name} \\in {type_set(v.type)}")
        text = self.printer.flat(e, scope)
        if cond == x.TRUE:
            yield from filled(head, f"{{{text} : {', '.join(bound)}}}", tail)
            return
        held = self.printer.flat(cond, scope)
        text = f"UNION {{IF {held} THEN {{{text}}} ELSE {{}} : {', '.join(bound)}}}"
        yield from filled(head, text, tail)


def filled(head: str, text: str, tail: str) -> Iterator[str]:
    """Break a long text behind its *and*s and *or*s, or else at its spaces, under the first."""
    column = len(head)
    line = head
    parts = _CONNECTIVE.split(text)
    parts[-1] += tail
    for part in parts:
        whole = len(part) <= WIDTH - column
        for word in [part] if whole else part.split(" "):
            if len(line) > column and len(line) + len(word) > WIDTH:
                yield line.rstrip()
                line = " " * column
            line += word + " "
    yield line.rstrip()


# A space behind a connective.
_CONNECTIVE = re.compile(r"(?<=/\\) |(?<=\\/) ")
