"""The mistakes in a spec: all of them are told at once, and each of them once.

A rule that cannot go on raises SpecError. Who called it notes that with `Mistakes.add`, and goes on
with something of the type ERROR, or with the next statement. Where a part of something is wrong,
`spoilt` has grown, and whatever the whole is refused for may only follow from that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kvmtla.errors import Loc, SpecError, together
from kvmtla.errors.message import Message

Key = tuple[object, ...]


class AlreadySaidError(Exception):
    """Raised in place of a SpecError by what cannot be read for a mistake that is noted already."""


class Noting:
    """A block in which a mistake is noted, unless it may follow from one noted before in it."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._before = mistakes.spoilt

    def __enter__(self) -> None:
        self._before = self._mistakes.spoilt

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        """Return whether it has been noted; all other exceptions go on."""
        if not isinstance(error, SpecError | AlreadySaidError):
            return False
        self._mistakes.caught(error, self._before)
        return True


class Mistakes:
    """The mistakes that have been found so far."""

    def __init__(self) -> None:
        self._found: dict[Key, SpecError] = {}
        self.spoilt = 0
        """The number of times that something could not be read as it should have been."""

    def note(self, message: Message, loc: Loc, about: Key | None = None) -> None:
        """Note a mistake, and go on; `about` is as for `add`."""
        self.add(message.at(loc), about)

    def add(self, error: SpecError, about: Key | None = None) -> None:
        """Note a mistake, unless it is known.

        Two are one if they say the same of the same place, or are `about` the same thing.
        """
        self.spoilt += 1
        key = about or (error.code, error.loc, error.message)
        self._found.setdefault(key, error)

    def caught(self, error: SpecError | AlreadySaidError, before: int) -> None:
        """Note what was raised, unless something was `spoilt` since it was `before`."""
        if isinstance(error, SpecError) and self.spoilt == before:
            self.add(error)
        self.spoilt += 1

    def noting(self) -> Noting:
        """Return a block that is left, and gone on behind, where something cannot be read in it."""
        return Noting(self)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Read another declaration in the block, whose mistakes spoil nothing here by themselves.

        What is made of it has the type ERROR, where it cannot be used.
        """
        before = self.spoilt
        try:
            yield
        finally:
            self.spoilt = before

    def settle(self) -> None:
        """Raise SpecError for all mistakes since it was last asked; do nothing if there are none.

        They are in the order of their places.
        """
        found, self._found = list(self._found.values()), {}
        if found:
            raise together(found)
