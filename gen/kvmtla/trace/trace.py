"""A counterexample, ready to be shown in any form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvmtla.frames import frame
from kvmtla.trace.counterexample import Counterexample
from kvmtla.trace.notebook import headline, html, rows
from kvmtla.trace.story import story


@dataclass(frozen=True, slots=True, repr=False)
class Trace(Counterexample):
    """A counterexample that shows itself: as text it is the story, in a notebook a table."""

    def __repr__(self) -> str:
        return f"<{headline(self)}>"

    def __str__(self) -> str:
        return story(self)

    def _repr_html_(self) -> str:
        return html(self)

    def to_frame(self) -> Any:
        """Return a DataFrame with a row for the first state and one for each step.

        Its columns say who does what and where, and give the values of all that changes anywhere.
        Raises ToolError where pandas is not installed.
        """
        return frame(rows(self), "step")
