"""One name for what an actor never changes: most of what its steps leave as it is."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass

from kvmtla.ir.model import Model, leaves

# One name for fewer variables than these says less than their own names do.
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """The variables that no step of an actor changes, in order, and the name for all of them."""

    name: str
    actor: str
    variables: tuple[str, ...]


def frames(model: Model, taken: Collection[str]) -> dict[str, Frame]:
    """Return actor -> its frame, for those that leave enough alone; no name is one of `taken`."""
    changed: dict[str, set[str]] = {}
    for a in model.actions:
        ends = leaves(a.tree)
        changed.setdefault(a.actor, set()).update(*(leaf.updates for leaf in ends))
    found: dict[str, Frame] = {}
    for actor, names in changed.items():
        rest = tuple(n for n in model.variables if n not in names)
        if len(rest) >= _FEWEST:
            found[actor] = Frame(_name(actor, taken), actor, rest)
    return found


def _name(actor: str, taken: Collection[str]) -> str:
    plain = f"{actor}_frame"
    numbered = (f"{plain}_{i}" for i in itertools.count(2))
    return next(n for n in itertools.chain([plain], numbered) if n not in taken)
