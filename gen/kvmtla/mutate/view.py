"""The code of a function as it is in a world, without what has no effect there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import Function, root
from kvmtla.lower.specialise import Specialiser
from kvmtla.mutate.code import PURE

# Nested tuples, each with the word for its statement first.
Code = tuple[Any, ...]

_NOTHING: Code = ()


class View:
    """The functions of a spec with constants put in.

    Code that decisions on constants never lead to is left out, and so are statements that only
    write to shared fields that nothing reads (`unread`), and spans that nobody asks about (all but
    `spans`).
    """

    def __init__(self, special: Specialiser, unread: frozenset[str], spans: frozenset[str]) -> None:
        self._special = special
        self._unread = unread
        self._spans = spans
        self._known: dict[int, tuple[Function, Hashable]] = {}

    def differ(self, a: Function, b: Function) -> bool:
        """Do two versions of a function look different?"""
        return self.code(a) != self._code(b)

    def code(self, fn: Function) -> Hashable:
        """Return the code of a function: equal for two that do the same."""
        known = self._known.get(id(fn))
        if known is None:
            # The function is kept, so that its id cannot come to mean another.
            known = self._known[id(fn)] = (fn, self._code(fn))
        return known[1]

    def reads(self, fn: Function) -> set[str]:
        """Return the shared fields on which anything that a function does depends."""
        if fn.kind == PURE:
            return set().union(*map(self._special.reads, fn.values))
        code = self.code(fn)
        assert isinstance(code, tuple)
        return self._read_by(code)

    def _read_by(self, code: Code) -> set[str]:
        found: set[str] = set()
        for st in code:
            match st:
                case ("if" | "while" | "until", cond, *blocks):
                    found |= self._special.reads(cond).union(*map(self._read_by, blocks))
                case ("for", _, block):
                    found |= self._read_by(block)
                case ("with lock", _, place, block):
                    found |= self._special.reads(place) | self._read_by(block)
                case ("with span", _, args, when, block):
                    found |= self._special.reads(when).union(*map(self._special.reads, args))
                    found |= self._read_by(block)
                case ("= local", _, value):
                    found |= self._special.reads(value)
                case ("= shared", place, value):
                    # A field that is read only for its own next value does not count as read.
                    found |= (self._special.reads(place) | self._special.reads(value)) - {
                        root(place)
                    }
                case ("return", values) | (_, tuple(values), _):
                    found |= set().union(*map(self._special.reads, values))
                case (_, place, args, targets):
                    read = self._special.reads(place).union(*map(self._special.reads, args))
                    found |= read if targets else read - {root(place)}
        return found

    def _code(self, fn: Function) -> Hashable:
        if fn.kind == PURE:
            return tuple(map(self._special.expr, fn.values))
        found = self._block(fn.body)
        return found if fn.results else _without_end(found)

    def _silent(self, key: str) -> bool:
        """Does a function do nothing at all?"""
        return self.code(self._special.program.functions[key]) == _NOTHING

    def _block(self, body: tuple[s.Stmt, ...]) -> Code:
        return tuple(self._statements(body))

    def _place(self, e: Expr) -> Expr:
        """Return a place that is accessed: its field stays, its indices have constants put in."""
        match e:
            case x.Field(base, _):
                return replace(e, base=self._place(base))
            case x.Index(base, key):
                return replace(e, base=self._place(base), key=self._special.expr(key))
        return e

    def _statements(self, body: tuple[s.Stmt, ...]) -> Iterator[Hashable]:
        put = self._special.expr
        for st in body:
            match st:
                case s.IfStmt(cond, then, other):
                    known = put(cond)
                    if isinstance(known, x.Const):
                        yield from self._statements(then if known.value else other)
                    else:
                        a, b = self._block(then), self._block(other)
                        if a or b:
                            yield ("if", known, a, b)
                case s.While(cond, inner):
                    yield ("while", put(cond), self._block(inner))
                case s.For(var, inner):
                    if code := self._block(inner):
                        yield ("for", var, code)
                case s.WithLock(kind, place, inner):
                    yield ("with lock", kind, put(place), self._block(inner))
                case s.WithSpan(span, args, when, inner):
                    code = self._block(inner)
                    if span in self._spans:
                        yield ("with span", span, tuple(map(put, args)), put(when), code)
                    else:
                        yield from code
                case s.Primitive(name, place, args, targets):
                    if root(place) not in self._unread or targets:
                        yield (name, self._place(place), tuple(map(put, args)), targets)
                case s.CallStmt(function, args, targets):
                    if targets or not self._silent(function):
                        yield (function, tuple(map(put, args)), targets)
                case s.Choose(target):
                    yield ("= any", target)
                case s.Assign(target, value):
                    yield ("= local", target, put(value))
                case s.Store(place, value):
                    if root(place) not in self._unread:
                        yield ("= shared", self._place(place), put(value))
                case s.Wait(cond) | s.Require(cond):
                    yield ("until", put(cond))
                case s.Return(values):
                    yield ("return", tuple(map(put, values)))
                case _:
                    yield type(st).__name__


def _without_end(code: Code) -> Code:
    """Return the code of a function without a result, less decisions on how to reach its end."""
    while code and _only_ends(code[-1]):
        code = code[:-1]
    return code


def _only_ends(st: Hashable) -> bool:
    match st:
        case ("return", ()):
            return True
        case ("if", _, tuple(then), tuple(other)):
            return all(map(_only_ends, (*then, *other)))
    return False
