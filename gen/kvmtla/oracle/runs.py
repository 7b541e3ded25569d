"""One run of an operation, from its start to the first access for which there is no answer yet.

A Python function cannot be stopped before an access, saved, and continued twice. So it is run again
from its start, with the answers that it was given before. The code between two accesses is local
and does the same again; the operation is then at the access after the last answer.

Python itself knows where that is: in the frames of the running functions, with their locals. What a
frame holds besides locals is recorded as it comes about: the results of calls in the current
statement, the locks and spans that are entered, the progress of loops.
"""

from __future__ import annotations

import ast
import sys
import weakref
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType, FrameType
from typing import Any

from kvmtla.oracle.code import Code
from kvmtla.oracle.context import Choices, Spans, context
from kvmtla.oracle.states import Shared, View
from kvmtla.oracle.types import Type, hint_of, type_of
from kvmtla.oracle.values import Elements, Path, alone


@dataclass(frozen=True)
class Access:
    """An access that an operation is about to do; `kind` is the name of the primitive.

    `args` has the options of a `choose`; for the call of code that is one step, it has the function
    and its arguments.
    """

    kind: str
    path: Path = ()
    args: tuple[Any, ...] = ()


class Pause(BaseException):
    """The signal that the next access has no answer; it has the access and the position."""

    def __init__(self, access: Access, where: Hashable, spans: Spans, outside: str | None) -> None:
        super().__init__()
        self.access = access
        self.where = where
        self.spans = spans
        self.outside = outside
        """The first local with an integer out of its bounds; None if there is none."""


@dataclass
class _Call:
    """A function that is running, and the calls in its current statement so far."""

    function: Callable[..., Any]
    done: list[tuple[ast.stmt, int, Any]]

    @property
    def code(self) -> CodeType:
        return self.function.__code__


_codes: dict[CodeType, Code] = {}


def _code_of(code: CodeType) -> Code:
    if code not in _codes:
        _codes[code] = Code(code)
    return _codes[code]


@cache
def _bounded_locals(function: Callable[..., Any]) -> dict[str, Type]:
    """Return the parameters and annotated locals of a function that have bounded integers."""
    names = function.__globals__
    hints = {n: hint_of(h, names) for n, h in function.__annotations__.items() if n != "return"}
    for node in ast.walk(_code_of(function.__code__).node):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            hints[node.target.id] = hint_of(ast.unparse(node.annotation), names)
    shared = (n for n, h in hints.items() if isinstance(h, type) and issubclass(h, Shared))
    for name in list(shared):
        del hints[name]
    found = {n: type_of(h) for n, h in hints.items()}
    return {n: t for n, t in found.items() if t.bounded}


class Run:
    """A run of an operation with the given answers."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self._answers = answers
        self._next = 0
        self._calls: list[_Call] = []
        self._loops: list[weakref.ref[Elements]] = []
        self.touched: list[tuple[Path, Any]] = []
        """The places that were read and have not been taken by a primitive so far."""
        self.open: list[Any] = []
        """The span blocks that are entered."""
        self.locks: list[Path] = []
        """The locks that are held."""

    def loops(self, items: Elements) -> None:
        """Note that a loop begins to go through the elements of a domain."""
        self._loops.append(weakref.ref(items))

    def call(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """Run a function that takes steps."""
        self._calls.append(_Call(function, []))
        result = function(*args)
        self._calls.pop()
        if self._calls:
            self._note(alone(result))
        return result

    def access(self, access: Access) -> Any:
        """Return the answer to the next access; raise Pause where there is none."""
        if self._next == len(self._answers):
            raise Pause(access, self._where(), self._spans(), self._outside())
        answer = self._answers[self._next]
        self._next += 1
        self._note(answer)
        return answer

    def _note(self, result: Any) -> None:
        """Record the result of a call in the current statement."""
        call = self._calls[-1]
        last = self._frames()[-1].f_lasti
        st = _code_of(call.code).statement(last)
        # Results of another statement, or of another round of this one, are no longer needed. Those
        # of a `return` are kept until the locks around it are dropped.
        call.done = [
            d for d in call.done if isinstance(d[0], ast.Return) or (d[0] is st and d[1] < last)
        ]
        call.done.append((st, last, result))

    def _frames(self) -> list[FrameType]:
        """Return the frames of the functions that are running, the outermost first."""
        codes = [c.code for c in self._calls]
        found: list[FrameType] = []
        frame: FrameType | None = sys._getframe()
        while frame is not None and len(found) < len(codes):
            if frame.f_code is codes[-1 - len(found)]:
                found.insert(0, frame)
            frame = frame.f_back
        return found

    def _where(self) -> Hashable:
        """Return all that the rest of the run can depend on."""
        frames = []
        for call, frame in zip(self._calls, self._frames(), strict=True):
            code, last = _code_of(call.code), frame.f_lasti
            st = code.statement(last)
            live = code.live[st]
            values = frame.f_locals
            known = tuple(
                (n, v) for n, v in values.items() if n in live and not isinstance(v, View)
            )
            done = tuple(
                (at, value)
                for s, at, value in call.done
                if isinstance(s, ast.Return) or (s is st and at < last)
            )
            frames.append((call.code, last, known, done))
        loops = tuple((type(e), e.next) for r in self._loops if (e := r()) is not None)
        return tuple(frames), tuple(self.locks), tuple(s.where for s in self.open), loops

    def _outside(self) -> str | None:
        """Return the first local that is still read and has an integer out of its bounds."""
        for call, frame in zip(self._calls, self._frames(), strict=True):
            code = _code_of(call.code)
            live = code.live[code.statement(frame.f_lasti)]
            for name, t in _bounded_locals(call.function).items():
                if name in live and name in frame.f_locals and not t.has(frame.f_locals[name]):
                    return name
        return None

    def _spans(self) -> Spans:
        """Return the spans that the operation is in, with their arguments."""
        with context.running(None):
            return frozenset(pair for block in self.open for pair in block.active())


class SpanBlock:
    """A `with` block of an operation over which a span is open."""

    def __init__(
        self, span: Any, args: tuple[Any, ...], when: Callable[..., Any] | None, params: Any
    ) -> None:
        self._span = span
        self._args = args
        self._when = when
        self._params = params

    @property
    def where(self) -> Hashable:
        """The part of it that has to be kept: the span, its arguments, its condition."""
        return self._span, self._args, None if self._when is None else self._when.__code__

    def active(self) -> list[tuple[Any, tuple[Any, ...]]]:
        """Return the span with all arguments for which it is open now."""
        if self._when is None:
            return [(self._span, self._args)]
        if self._when.__code__.co_argcount:
            return [(self._span, given) for given in self._params() if self._when(*given)]
        return [(self._span, self._args)] if self._when() else []

    def __enter__(self) -> None:
        assert context.run is not None
        context.run.open.append(self)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            assert context.run is not None
            context.run.open.remove(self)


class LockBlock:
    """A `with` block of an operation over which it holds a lock."""

    def __init__(self, kind: str, path: Path) -> None:
        self._kind = kind
        self._path = path

    def __enter__(self) -> None:
        assert context.run is not None
        context.run.access(Access(f"{self._kind}_lock", self._path))
        context.run.locks.append(self._path)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # If the run ends in the middle, no lock is dropped.
        if kind is None:
            assert context.run is not None
            context.run.access(Access(f"{self._kind}_unlock", self._path))
            context.run.locks.remove(self._path)


def one_step(function: Callable[..., Any], args: Sequence[Any], choices: Choices) -> Any:
    """Run code that is one step and return its result; Impossible and Branch may be raised."""
    with context.running(None, choices):
        return function(*args)
