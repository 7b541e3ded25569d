"""What the functions of a specification find around them while one of them runs.

There is one of it, as there is one interpreter of Python: whoever runs a function says first in
which world, at which moment and in whose operation.
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
"""Spans that somebody is in, each with its arguments."""


class NotInLanguageError(Exception):
    """A specification does what no specification can."""


class Impossible(BaseException):
    """A `require` is false: there is no such step."""


class Branch(BaseException):
    """A choice for which no answer is given yet."""

    def __init__(self, options: tuple[Any, ...]) -> None:
        super().__init__()
        self.options = options


class Choices:
    """What the choices of one run come out as: the first ones are given, the next one is asked."""

    def __init__(self, given: tuple[Any, ...]) -> None:
        self._given = given
        self._next = 0

    def choose(self, options: tuple[Any, ...]) -> Any:
        """The answer to the next choice; raises Branch where there is none."""
        if self._next == len(self._given):
            raise Branch(options)
        self._next += 1
        return self._given[self._next - 1]


class Context:
    """Where the function that runs is."""

    def __init__(self) -> None:
        self.sizes: Mapping[type, int] = {}
        """How many elements each domain has."""
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
        """Over a block: how many there are of each domain, and what the constants are."""
        before = self.sizes, self.constants
        self.sizes, self.constants = sizes, constants
        try:
            yield
        finally:
            self.sizes, self.constants = before

    @contextmanager
    def running(self, run: Run | None, choices: Choices | None = None) -> Iterator[None]:
        """Over a block: an operation runs, or code that is one step with these choices."""
        before = self.run, self.choices
        self.run, self.choices = run, choices
        try:
            yield
        finally:
            self.run, self.choices = before


context = Context()


def size_of(domain: type) -> int:
    """How many elements a domain has in the world that runs; raises where it does not say."""
    size = context.sizes.get(domain)
    if size is None:
        raise NotInLanguageError(f"no size of {domain.__name__} is given")
    return size
