"""Properties of a model: what is asked of its states, its steps, or whole behaviours of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from kvmtla.errors import Loc
from kvmtla.ir.expr import Expr, Local


class PropertyKind(enum.Enum):
    """What sort of property; the value is the name of its decorator."""

    INVARIANT = "invariant"
    """True in every state that can be reached."""
    STEP = "step_invariant"
    """True of every step that changes something that it asks."""
    GOAL = "reachable"
    """True in some state that can be reached."""
    EVENTUALLY = "eventually"
    """In every behaviour, true in some state."""
    LEADS_TO = "leads_to"
    """In every behaviour, after each state in which one thing is true, there or later another."""

    @property
    def temporal(self) -> bool:
        """Is it about whole behaviours, so that it depends on who is fair?"""
        return self in (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO)


PROPERTIES = {kind.value: kind for kind in PropertyKind}
"""The sorts of properties by the names of their decorators."""


@dataclass(frozen=True, slots=True)
class Property:
    """Something to be checked, by its kind.

    `parts` is what its function gives: one condition, of LEADS_TO two. That of a STEP is about two
    states, those in which nothing it `asks` differs left aside. One that is temporal is meant for
    all values of `params`; the others have none, and are definitions of the model too.
    """

    name: str
    kind: PropertyKind
    params: tuple[Local, ...]
    parts: tuple[Expr, ...]
    asks: tuple[Expr, ...]
    doc: str
    loc: Loc
