"""A message about a mistake, before it is known where the mistake is."""

from __future__ import annotations

from typing import NamedTuple

from kvmtla.errors import Loc, SpecError


class Message(NamedTuple):
    """The words for a mistake: its code, what is wrong, and what to do (None: nothing to say)."""

    code: str
    text: str
    hint: str | None = None

    def at(self, loc: Loc | None) -> SpecError:
        """Return the error that says this of a place in a spec."""
        return SpecError(self.code, self.text, loc=loc, hint=self.hint)
