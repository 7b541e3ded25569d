"""Names for variables that steps often leave as they are together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvmtla.emit.names import unused
from kvmtla.emit.slots import Slot
from kvmtla.ir.model import Model, leaves

# One name for fewer variables than these says less than their own names do.
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Group:
    """A name for several variables of a module, and what they have in common."""

    name: str
    about: str
    variables: tuple[str, ...]
    shared: bool = False
    """Are they all that tasks share?"""


class Groups:
    """The groups of a module's variables; none of their names is one of `taken`."""

    def __init__(self, model: Model, slots: Sequence[Slot], taken: Collection[str]) -> None:
        self._names = [s.name for s in slots]
        self._found = list(_groups(model, slots, taken))

    def __iter__(self) -> Iterator[Group]:
        return iter(self._found)

    def everything(self) -> list[str]:
        """Return words that name all variables: first what is shared, then each task."""
        shared = next((g for g in self._found if g.shared), None)
        if shared is None:
            return self._names
        return [shared.name, *(n for n in self._names if n not in shared.variables)]

    def said(self, names: Collection[str]) -> list[str]:
        """Return the fewest words that name these variables: those of groups, then single ones."""
        inside = [g for g in self._found if set(g.variables) <= set(names)]
        best = max(inside, key=lambda g: len(g.variables), default=None)
        if best is None:
            return [n for n in self._names if n in names]
        rest = [n for n in self._names if n in names and n not in best.variables]
        return [best.name, *rest]


def _groups(model: Model, slots: Sequence[Slot], taken: Collection[str]) -> Iterator[Group]:
    shared = tuple(s.name for s in slots if s.actor is None)
    if len(shared) >= _FEWEST:
        name = unused(["shared", "shared_vars"], taken)
        yield Group(name, "The state that all share.", shared, shared=True)
    for actor, changed in _changed(model).items():
        rest = tuple(s.name for s in slots if changed.isdisjoint(s.variables))
        if len(rest) >= _FEWEST:
            info = next(a for a in model.actors if a.name == actor)
            alone = info.hardware and sum(a.hardware for a in model.actors) == 1
            name = unused(["hardware_frame"] if alone else [f"{actor}_frame"], taken)
            who = f"the {info.label}"
            if info.hardware:
                who = f"the hardware of {who}"
            elif info.domain is not None:
                who = f"a {info.label}"
            yield Group(name, f"No step of {who} changes these.", rest)


def _changed(model: Model) -> Mapping[str, set[str]]:
    changed: dict[str, set[str]] = {}
    for a in model.actions:
        ends = leaves(a.tree)
        changed.setdefault(a.actor, set()).update(*(leaf.updates for leaf in ends))
    return changed
