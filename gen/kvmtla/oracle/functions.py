"""The functions of a specification, and the spans and constants that they ask about."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, get_args, get_origin

from kvmtla.oracle.context import NotInLanguageError, context
from kvmtla.oracle.runs import Access, SpanBlock
from kvmtla.oracle.states import Shared, View, spans_of
from kvmtla.oracle.types import Type, hint_of, type_of
from kvmtla.oracle.values import Constant, elements

PROPERTIES = ("invariant", "step_invariant", "reachable", "eventually", "leads_to")
"""The kinds of functions that are properties."""


class Function:
    """A function of a specification; `kind` is the name of its decorator."""

    def __init__(self, kind: str, python: Callable[..., Any], *, fair: bool = False) -> None:
        self.kind = kind
        self.python = python
        self.fair = fair
        self.__name__ = python.__name__

    @cached_property
    def params(self) -> tuple[tuple[str, Type | None], ...]:
        """Its parameters, with their types; None for the shared state."""
        names = self.python.__globals__
        hints = self.python.__annotations__
        found = []
        for name in inspect.signature(self.python).parameters:
            hint = hint_of(hints[name], names)
            shared = isinstance(hint, type) and issubclass(hint, Shared)
            found.append((name, None if shared else type_of(hint)))
        return tuple(found)

    @cached_property
    def _results(self) -> tuple[Type, ...]:
        hint = hint_of(self.python.__annotations__.get("return"), self.python.__globals__)
        if hint is None or hint is type(None):
            return ()
        return tuple(map(type_of, get_args(hint) if get_origin(hint) is tuple else (hint,)))

    def fitted(self, args: Sequence[Any]) -> tuple[Any, ...]:
        """Return the arguments, each as a value that its parameter can hold."""
        if len(args) != len(self.params):
            raise NotInLanguageError(f"{self.__name__}() takes {len(self.params)} arguments")
        return tuple(
            a if t is None else t.fit(a) for a, (_, t) in zip(args, self.params, strict=True)
        )

    def result(self, value: Any) -> Any:
        """Return the result as a value of the annotated type."""
        if len(self._results) < 2:
            return self._results[0].fit(value) if self._results else None
        return tuple(t.fit(v) for t, v in zip(self._results, value, strict=True))

    def given(self, view: Any, values: Iterable[Any]) -> tuple[Any, ...]:
        """Return all arguments: `view` for each shared state, `values` for the other parameters."""
        rest = iter(values)
        return tuple(view if t is None else next(rest) for _, t in self.params)

    def plain(self, *args: Any) -> Any:
        """Run it as a part of whatever runs, and return its result."""
        given = self.fitted(args)
        views = [a for a in given if isinstance(a, View)]
        context.views += views
        try:
            return self.result(self.python(*given))
        finally:
            del context.views[len(context.views) - len(views) :]

    def __call__(self, *unnamed: Any, **named: Any) -> Any:
        """Call it as a specification does, depending on its kind and on what is running."""
        args = inspect.signature(self.python).bind(*unnamed, **named).args if named else unnamed
        if self.kind == "operation":
            if context.run is None:
                raise NotInLanguageError(f"{self.__name__}() takes steps")
            return self.result(context.run.call(self.python, self.fitted(args)))
        if self.kind == "atomic" and context.run is not None:
            values = tuple(a for a in self.fitted(args) if not isinstance(a, View))
            return context.run.access(Access("call", (), (self, values)))
        if self.kind in ("hardware", "initial"):
            raise NotInLanguageError(f"{self.__name__}() is not to be called")
        return self.plain(*args)


def _marks(kind: str, **more: Any) -> Callable[[Callable[..., Any]], Function]:
    return lambda python: Function(kind, python, **more)


def pure(function: Callable[..., Any]) -> Function:
    """Make a function of values."""
    return Function("pure", function)


def invariant(function: Callable[..., Any]) -> Function:
    """Make a property of states."""
    return Function("invariant", function)


def step_invariant(function: Callable[..., Any]) -> Function:
    """Make a property of steps."""
    return Function("step_invariant", function)


def reachable(function: Callable[..., Any]) -> Function:
    """Make a goal."""
    return Function("reachable", function)


def eventually(function: Callable[..., Any]) -> Function:
    """Make a property of behaviours."""
    return Function("eventually", function)


def leads_to(function: Callable[..., Any]) -> Function:
    """Make a property of behaviours."""
    return Function("leads_to", function)


def initial(function: Callable[..., Any]) -> Function:
    """Make the function that sets up the first states."""
    return Function("initial", function)


def operation(*_: Any, **__: Any) -> Callable[[Callable[..., Any]], Function]:
    """Return a decorator for kernel code."""
    return _marks("operation")


def atomic(*_: Any, **__: Any) -> Callable[[Callable[..., Any]], Function]:
    """Return a decorator for a part of an operation that is one step."""
    return _marks("atomic")


def hardware(
    text: str,
    source: str | None = None,
    *,
    fair: bool = False,
    since: Any = None,
    until: Any = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Return a decorator for a step of the hardware. `since` and `until` do not matter here."""
    return _marks("hardware", fair=fair)


class Span:
    """A stretch of operations."""

    def __init__(self, doc: str, **params: Any) -> None:
        self.params = params

    def __call__(self, *args: Any, when: Callable[..., bool] | None = None) -> SpanBlock:
        """Open it over a `with` block."""
        return SpanBlock(self, args, when, self.all_arguments)

    def all_arguments(self) -> Iterable[tuple[Any, ...]]:
        """Return all arguments that it can be open for."""
        return itertools.product(*map(elements, self.params.values()))

    def active(self, *args: Any) -> bool:
        """Is somebody in it in the state that the innermost function was given?"""
        if not context.views:
            raise NotInLanguageError("active() without a state to ask about")
        return (self, args) in spans_of(context.views[-1])


def constant(name: str, kind: Any, doc: str = "", *, default: Any = None) -> Any:
    """Make a constant of scenarios."""
    return Constant(name, kind, default)
