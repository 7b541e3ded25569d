"""Takes a state apart into the places and fields that a reader looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kvmtla.ir.model import Model, Variable
from kvmtla.ir.types import DomainT, LockT, MapT, RecordT, Type, Value
from kvmtla.page.model import Place, Slot
from kvmtla.sem import State
from kvmtla.trace.words import Words

_Indices = tuple[tuple[DomainT, Value], ...]

SHARED, LOCKS = "shared", "locks"


@dataclass(frozen=True, slots=True)
class _Part:
    """A place with its position in a state: the variable, and the way into its value."""

    variable: str
    way: tuple[int, ...]
    type: Type
    place: Place


class Places:
    """The places of one model's states."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.words = Words(model)
        self.labels = {a.name: a for a in model.actors}
        self._parts = [
            part
            for variable in model.variables.values()
            if variable.turn_of is None
            for part in self._split(variable, (), variable.type)
        ]

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, in the order of the model's variables."""
        return tuple(p.place for p in self._parts)

    def values(self, state: State) -> Iterator[str]:
        """Yield the values of all slots in words."""
        for p in self._parts:
            value = state[p.variable]
            for i in p.way:
                assert isinstance(value, tuple)
                value = value[i]
            if isinstance(p.type, RecordT):
                assert isinstance(value, tuple)
                for f, v in zip(p.type.fields, value, strict=True):
                    yield self.words.value(v, f.type)
            else:
                yield self.words.value(value, p.type)

    def ways(self) -> Iterator[tuple[str, tuple[int, ...], str | None]]:
        """Yield the position of each slot in a state, in order: variable, indices, field."""
        for p in self._parts:
            if isinstance(p.type, RecordT):
                yield from ((p.variable, p.way, f.name) for f in p.type.fields)
            else:
                yield p.variable, p.way, None

    def slots(self, place: str, field: str) -> tuple[int, ...]:
        """Return the numbers of the slots of a place of this name: those of one field (or of a
        field of a record in it), or all for "".
        """
        outer = field.partition(".")[0]
        return tuple(n for label, n in self._named[place] if outer in ("", label))

    @cached_property
    def _named(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """The labels and numbers of slots, by the names of their places."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        slots = ((p.place.name, slot.label) for p in self._parts for slot in p.place.slots)
        for number, (name, label) in enumerate(slots):
            found[name].append((label, number))
        return found

    def _split(self, v: Variable, indices: _Indices, t: Type) -> Iterator[_Part]:
        if isinstance(t, MapT):
            for i in range(self.model.sizes[t.key.name]):
                yield from self._split(v, (*indices, (t.key, i)), t.value)
            return
        way = tuple(i for _, i in indices if isinstance(i, int))
        yield _Part(v.name, way, t, self._place(v, indices, t))

    def _place(self, v: Variable, indices: _Indices, t: Type) -> Place:
        slots: tuple[Slot, ...] = (Slot("", None),)
        if isinstance(t, RecordT):
            form = self.model.word_format or ""
            slots = tuple(
                Slot(f.label, f.bits.get(form), not self.words.is_ever_set(t, f.name))
                for f in t.fields
            )
        kind = "value"
        if isinstance(t, RecordT):
            kind = "word" if t.word else "record"
        elif isinstance(t, LockT):
            kind = "lock"
        if v.actor is not None:
            return self._own(v, v.actor, indices, kind, slots)
        name = self.words.place(v.name, indices)
        if kind == "lock":
            return Place(name, name, LOCKS, kind, "", slots)
        if not indices or kind == "word":
            return Place(name, name, SHARED, kind, "", slots)
        group = self.words.element(*indices[0])
        return Place(name, self.words.place(v.name, indices[1:]), group, kind, "", slots)

    def _own(
        self, v: Variable, actor: str, indices: _Indices, kind: str, slots: tuple[Slot, ...]
    ) -> Place:
        """Return a place that belongs to an actor: where it stands, or a local."""
        info = self.labels[actor]
        short = v.name.removeprefix(f"{actor}_")
        who = info.label
        if info.domain is not None:
            who, indices = f"{info.label} {indices[0][1]}", indices[1:]
        # The full name is used, which no shared variable has: labels are only for those.
        label = self.words.place(v.name, indices).removeprefix(f"{actor}_")
        if short == "pc":
            return Place(f"{who} is at", "at", who, "at", who, slots)
        return Place(f"{who}: {label}", label, who, kind, who, slots)
