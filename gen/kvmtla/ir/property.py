"""Properties of a model: demands on its states, its steps, or its whole behaviours."""

from __future__ import annotations

import enum

from kvmtla.errors import Loc
from kvmtla.ir.expr import Expr, Local
from kvmtla.value_class import value_class


class PropertyKind(enum.Enum):
    """A sort of property; the value is the name of its decorator."""

    INVARIANT = "invariant"
    """True in every state that can be reached."""
    STEP = "step_invariant"
    """True of every step that changes something that it asks about."""
    GOAL = "reachable"
    """True in some state that can be reached."""
    EVENTUALLY = "eventually"
    """True in some state of every behaviour."""
    LEADS_TO = "leads_to"
    """In every behaviour, wherever one condition is true, another is true there or later."""

    @property
    def temporal(self) -> bool:
        """Is it about whole behaviours, so that it depends on who is fair?"""
        return self in (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO)


PROPERTIES = {kind.value: kind for kind in PropertyKind}
"""The sorts of properties by the names of their decorators."""


@value_class(frozen=True, slots=True)
class Property:
    """Something to be checked, by its kind.

    `parts` is what its function gives: one condition, for LEADS_TO two. That of a STEP is about two
    states; a step between states that agree on all that it `asks` does not count. A temporal
    property is meant for all values of `params`; the others have no `params`, and are definitions
    of the model too.
    """

    name: str
    kind: PropertyKind
    params: tuple[Local, ...]
    parts: tuple[Expr, ...]
    asks: tuple[Expr, ...]
    doc: str
    loc: Loc
