"""The variables of a module: what is shared, and a record for each task.

The record has the place where the task is in its code, and its locals. A task that has no locals
is a place only, and no record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kvmtla.emit.names import KEYWORDS, camel, taken_names, unused, why_no_name
from kvmtla.ir.model import ActorInfo, Model, Variable
from kvmtla.ir.types import FieldT, MapT, RecordT, Type, Value


@dataclass(frozen=True)
class Slot:
    """A variable of a module; `type` is that of its values, `first` the one that it begins with.

    `fields` are those of the record that it is for a task, by the names of the model's variables.
    It is empty where it is one of the model's variables itself.
    """

    name: str
    type: Type
    first: Value
    actor: str | None
    variables: tuple[str, ...]
    fields: Mapping[str, str]
    record: RecordT | None = None

    @property
    def indexed(self) -> bool:
        """Is there a record for each element of a domain?"""
        return self.record is not None and isinstance(self.type, MapT)

    def whole(self, state: Mapping[str, Value]) -> Value:
        """Return the value that it has in a state of the model."""
        parts = tuple(state[n] for n in self.variables)
        if self.record is None:
            return parts[0]
        return tuple(zip(*parts, strict=True)) if self.indexed else parts

    def parts(self, whole: Value) -> Mapping[str, Value]:
        """Return the values that the model's variables have where this is its value."""
        if self.record is None:
            return {self.name: whole}
        assert isinstance(whole, tuple)
        values = zip(*whole, strict=True) if self.indexed else whole
        return dict(zip(self.variables, values, strict=True))


def slots_of(model: Model) -> tuple[Slot, ...]:
    """Return the variables of the module of a model, in order."""
    taken = set(taken_names(model))
    found: list[Slot] = []
    for v in model.variables.values():
        if v.actor is None:
            found.append(_alone(v))
    for actor in model.actors:
        own = [v for v in model.variables.values() if v.actor == actor.name]
        if len(own) > 1:
            slot = _record(actor, own, taken)
            assert slot.record is not None
            taken |= {slot.name, slot.record.name}
            found.append(slot)
        elif own:
            found.append(_alone(own[0]))
    return tuple(found)


def _alone(v: Variable) -> Slot:
    return Slot(v.name, v.type, v.first, v.actor, (v.name,), {})


def _record(actor: ActorInfo, own: Sequence[Variable], taken: Collection[str]) -> Slot:
    name = unused([actor.name, f"{actor.name}_task"], taken)
    own = sorted(own, key=lambda v: v.name != f"{actor.name}_pc")
    fields = {v.name: _field(v, actor.name) for v in own}
    types = [v.type.value if actor.domain and isinstance(v.type, MapT) else v.type for v in own]
    record = RecordT(
        unused([f"{camel(actor.name)}State"], taken),
        tuple(FieldT(f, t, f) for f, t in zip(fields.values(), types, strict=True)),
    )
    keys = [v.type.key for v in own if actor.domain and isinstance(v.type, MapT)]
    whole: Type = MapT(keys[0], record) if keys else record
    slot = Slot(name, whole, None, actor.name, tuple(fields), fields, record)
    first = slot.whole({v.name: v.first for v in own})
    return Slot(name, whole, first, actor.name, tuple(fields), fields, record)


def _field(v: Variable, actor: str) -> str:
    name = v.name.removeprefix(f"{actor}_")
    return v.name if name in KEYWORDS or why_no_name(name) is not None else name
