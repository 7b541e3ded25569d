"""The context in which a function of a specification runs.

There is only one, as there is one Python interpreter: whoever runs a function first sets the world,
the state and the operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from kvmtla.oracle.runs import Run
    from kvmtla.oracle.states import View

T = TypeVar("T")

Spans = frozenset[tuple[Any, tuple[Any, ...]]]
"""The spans that somebody is in, each with its arguments."""


class NotInLanguageError(Exception):
    """An error for a specification that does what the language does not allow."""


class Impossible(BaseException):
    """The signal that a `require` is false, so that there is no such step."""


class Branch(BaseException):
    """The signal that a choice has no answer yet."""

    def __init__(self, options: tuple[Any, ...]) -> None:
        super().__init__()
        self.options = options


class Choices:
    """The results of the choices in one run: the first ones are given, the next one is asked."""

    def __init__(self, given: tuple[Any, ...]) -> None:
        self._given = given
        self._next = 0

    def choose(self, options: tuple[Any, ...]) -> Any:
        """Return the answer to the next choice; raise Branch where there is none."""
        if self._next == len(self._given):
            raise Branch(options)
        self._next += 1
        return self._given[self._next - 1]


class Context:
    """The surroundings of the function that runs."""

    def __init__(self) -> None:
        self.sizes: Mapping[type, int] = {}
        """The number of elements of each domain."""
        self.constants: Mapping[str, Any] = {}
        """The value of each constant, by its name."""
        self.run: Run | None = None
        """The operation that runs; None in code that is one step, and in properties."""
        self.choices: Choices | None = None
        """The choices of code that is one step."""
        self.views: list[View] = []
        """The states that the running functions were given, the innermost last."""

    @contextmanager
    def world(self, sizes: Mapping[type, int], constants: Mapping[str, Any]) -> Iterator[None]:
        """Set the sizes of the domains and the values of the constants over a block."""
        before = self.sizes, self.constants
        self.sizes, self.constants = sizes, constants
        try:
            yield
        finally:
            self.sizes, self.constants = before

    @contextmanager
    def running(self, run: Run | None, choices: Choices | None = None) -> Iterator[None]:
        """Set over a block the operation that runs, or the choices of code that is one step."""
        before = self.run, self.choices
        self.run, self.choices = run, choices
        try:
            yield
        finally:
            self.run, self.choices = before


context = Context()


def size_of(domain: type) -> int:
    """Return the size of a domain in the world that runs; raise NotInLanguageError if unknown."""
    size = context.sizes.get(domain)
    if size is None:
        raise NotInLanguageError(f"no size of {domain.__name__} is given")
    return size
