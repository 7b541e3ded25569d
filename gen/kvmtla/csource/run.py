"""One run of both sides: the model first, which notes what it does, then C, which has to do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kvmtla.csource.errors import DifferenceError
from kvmtla.csource.values import Choices, Event, Pair, Read, agree

MOST_FAILURES = 2


class CutError(Exception):
    """A loop has gone round often enough: what comes after is the same again."""


@dataclass(frozen=True)
class Same:
    """How a value of the model and one of C are compared."""

    holds: Callable[[object, object], bool]


class Run:
    """What happens in one run, and the answers to it."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.model: list[Event] = []
        self.c: list[Event] = []
        self.failures = 0
        self._made: list[int] = []
        self._by_model = 0
        self.cut = False
        """True if the model was stopped in a loop."""
        self.bounded = False
        """True if a compare-and-exchange was not let fail once more, or a loop go round."""

    def read(self, name: str, pairs: Sequence[Pair]) -> Read:
        """Return a value that may be any of some."""
        return Read(name, pairs, self.choices)

    def model_does(self, event: Event) -> Event:
        """Note what the model does."""
        self.model.append(event)
        self._made.append(len(self.choices.ways))
        return event

    def model_is_done(self) -> None:
        """Note that all further choices are C's."""
        self._by_model = len(self.choices.ways)

    def forget_after(self, at: int) -> None:
        """Forget what the model chose behind its step `at`, where C did not get to.

        Other ways to go on there part at the same step. If C has chosen something, too, all stays.
        """
        if len(self.choices.ways) == self._by_model and at < len(self._made):
            del self.choices.ways[self._made[at] :]

    def may_fail(self) -> bool:
        """Return whether a compare-and-exchange is to fail; not for ever."""
        if self.failures >= MOST_FAILURES:
            self.bounded = True
            return False
        fails = self.choices.choose(2) == 1
        self.failures += fails
        return fails

    def c_does(self, event: Event, same: Sequence[Same]) -> Event:
        """Note what C does, and return what the model did; raises DifferenceError if they part."""
        self.c.append(event)
        at = len(self.c) - 1
        if at >= len(self.model):
            self._beyond()
        expected = self.model[at]
        if (event.kind, event.what, event.place) != (expected.kind, expected.what, expected.place):
            raise DifferenceError
        if len(event.values) != len(expected.values):
            raise DifferenceError
        for (_, one), (_, two), how in zip(event.values, expected.values, same, strict=True):
            if not agree(how.holds, one, two):
                raise DifferenceError
        event.read, event.done = expected.read, expected.done
        return expected

    def c_ends(self) -> None:
        """Note that C is done; raises DifferenceError if the model did more."""
        if len(self.c) < len(self.model):
            raise DifferenceError
        if self.cut:
            raise DifferenceError

    def _beyond(self) -> None:
        if self.cut:
            self.c.pop()
            raise CutError
        raise DifferenceError
