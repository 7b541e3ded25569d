"""States as integers: every value is a run of bits, a state consists of its variables' runs.

A value in its packed form, whatever its type, is a number from 0 to one less than the type's number
of codes. A boolean is 0 or 1; an integer counts from the type's lowest; an enumeration's member and
an element of a domain are their places; a record has its fields side by side, the first lowest, a
map its values, a set one bit for each possible element. None is 0; the other values of an optional
type come after it, or, if they are several runs of bits, above one bit that says there is a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.ir.model import Model
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    NoneT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
)
from kvmtla.sem import State
from kvmtla.value_class import value_class

# The numbers that TLC has; the bounds of an integer that keeps growing while bounds are looked for.
_WIDEST = (-(2**31), 2**31 - 1)
_ROUNDS = 4


@value_class(frozen=True, slots=True)
class Slot:
    """The place of a variable in the state: its lowest bit and its number of bits."""

    name: str
    type: Type
    offset: int
    width: int


@value_class(frozen=True, slots=True)
class Checked:
    """A run of bits that could hold a value outside its type: codes `low` to `high` are allowed.

    With `none`, 0 is allowed as well. `present` is the bit without which there is no value here at
    all; None if there always is one.
    """

    offset: int
    width: int
    low: int
    high: int
    none: bool
    present: int | None


class Bounds:
    """The bounds of integers of each type, counting those that a step may leave out of bounds.

    An integer that leaves its type is found by the check of types, so there must be room for it:
    `stretch` makes room, and `stretched` says that everything packed before has to be packed anew.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.readers = sum(
            model.sizes[a.domain] if a.domain is not None else 1
            for a in model.actors
            if not a.hardware
        )
        # A lock dropped or taken once too often, or a loop over a domain that does not end, leads
        # to one more than is declared. Having it from the start saves a second round.
        self._room: dict[Type, tuple[int, int]] = {LockT(): (-2, self.readers + 1)}
        self._round = 0
        self.stretched = False

    def declared(self, t: Type) -> tuple[int, int]:
        """Return the lowest and the highest number that a value of type `t` may be."""
        match t:
            case IntT(low, high):
                return low, high
            case LockT():
                return -1, self.readers
            case DomainT(name):
                return 0, self.model.sizes[name] - 1
        raise TypeError(f"{t} is no sort of number")

    def of(self, t: Type) -> tuple[int, int]:
        """Return the lowest and the highest number that there is room for."""
        room = self._room.get(t)
        if room is None:
            low, high = self.declared(t)
            if isinstance(t, DomainT) and not t.symmetric and high > 0:
                high += 1
            room = self._room[t] = low, high
        return room

    def stretch(self, t: Type, low: int, high: int) -> None:
        """Make room for the numbers from `low` to `high`."""
        before = self.of(t)
        if low < before[0] or high > before[1]:
            self.stretched = True
            room = min(low, before[0]), max(high, before[1])
            self._room[t] = room if self._round < _ROUNDS else _WIDEST

    def next_round(self) -> None:
        """Begin to pack anew."""
        self.stretched = False
        self._round += 1


class Layout:
    """The places of everything in the packed states of one model."""

    def __init__(self, model: Model, bounds: Bounds) -> None:
        self.model = model
        self.bounds = bounds
        self.sizes = model.sizes
        self._enums: dict[str, EnumT] = {}
        self._counts: dict[int, tuple[Type, int]] = {}
        self._fields: dict[int, tuple[RecordT, dict[str, tuple[int, Type]]]] = {}
        for v in model.variables.values():
            t = v.type.value if isinstance(v.type, MapT) else v.type
            if isinstance(t, EnumT):
                self._enums[t.name] = t
        self.slots: dict[str, Slot] = {}
        offset = MIXED_BITS
        for v in model.variables.values():
            width = self.width(v.type)
            self.slots[v.name] = Slot(v.name, v.type, offset, width)
            offset += width
        self.bits = offset

    # -- types

    def members(self, t: EnumT) -> tuple[str, ...]:
        """Return the members of an enumeration; an actor's places are found by name alone."""
        return t.members or self._enums[t.name].members

    def count(self, t: Type) -> int:
        """Return the number of codes of a type."""
        known = self._counts.get(id(t))
        if known is None:
            # The type is kept with the number, so that its id cannot come to mean another.
            known = self._counts[id(t)] = (t, self._count(t))
        return known[1]

    def _count(self, t: Type) -> int:
        match t:
            case BoolT():
                return 2
            case IntT() | LockT() | DomainT():
                low, high = self.bounds.of(t)
                return high - low + 1
            case EnumT():
                return len(self.members(t))
            case RecordT(_, fields):
                return 1 << sum(self.width(f.type) for f in fields)
            case MapT(key, value):
                return 1 << self.width(value) * self.sizes[key.name]
            case SetT(element):
                return 1 << self.places(element)
            case OptionalT(inner):
                count = self.count(inner)
                return count << 1 if self.tagged(t) else count + 1
            case NoneT():
                return 1
        raise TypeError(f"{t} cannot be stored")

    def width(self, t: Type) -> int:
        """Return the number of bits of a type."""
        return (self.count(t) - 1).bit_length()

    def places(self, t: Type) -> int:
        """Return how many elements a set of `t` can have."""
        return self.sizes[t.name] if isinstance(t, DomainT) else self.count(t)

    @staticmethod
    def tagged(t: OptionalT) -> bool:
        """Does a bit of its own say that an optional value is there?"""
        return isinstance(t.inner, RecordT | MapT | SetT)

    def field(self, t: RecordT, name: str) -> tuple[int, Type]:
        """Return the lowest bit of a field in its record, and its type."""
        known = self._fields.get(id(t))
        if known is None:
            offset, table = 0, {}
            for f in t.fields:
                table[f.name] = (offset, f.type)
                offset += self.width(f.type)
            known = self._fields[id(t)] = (t, table)
        return known[1][name]

    # -- values

    def encode(self, value: Value, t: Type) -> int:
        """Return the packed form of a value of type `t`."""
        match t:
            case OptionalT(inner):
                if value is None:
                    return 0
                packed = self.encode(value, inner)
                return packed << 1 | 1 if self.tagged(t) else packed + 1
            case BoolT():
                return int(bool(value))
            case DomainT() if value is None:
                # No state has it: the first states say which element it is.
                return 0
            case IntT() | LockT() | DomainT():
                assert isinstance(value, int)
                self.bounds.stretch(t, value, value)
                return value - self.bounds.of(t)[0]
            case EnumT():
                assert isinstance(value, str)
                return self.members(t).index(value)
            case RecordT(_, fields):
                assert isinstance(value, tuple)
                return self._row(
                    (self.encode(v, f.type), self.width(f.type))
                    for f, v in zip(fields, value, strict=True)
                )
            case MapT(_, inner):
                assert isinstance(value, tuple)
                return self._row((self.encode(v, inner), self.width(inner)) for v in value)
            case SetT(element):
                assert isinstance(value, frozenset)
                return sum(1 << self.encode(v, element) for v in value)
            case NoneT():
                return 0
        raise TypeError(f"{t} cannot be stored")

    @staticmethod
    def _row(parts: Iterator[tuple[int, int]]) -> int:
        packed = offset = 0
        for value, width in parts:
            packed |= value << offset
            offset += width
        return packed

    def decode(self, packed: int, t: Type) -> Value:
        """Return the value of type `t` that has this packed form."""
        match t:
            case OptionalT(inner):
                if packed == 0:
                    return None
                return self.decode(packed >> 1 if self.tagged(t) else packed - 1, inner)
            case BoolT():
                return bool(packed)
            case IntT() | LockT() | DomainT():
                return packed + self.bounds.of(t)[0]
            case EnumT():
                return self.members(t)[packed]
            case RecordT(_, fields):
                values = []
                for f in fields:
                    width = self.width(f.type)
                    values.append(self.decode(packed & (1 << width) - 1, f.type))
                    packed >>= width
                return tuple(values)
            case MapT(key, inner):
                width = self.width(inner)
                mask = (1 << width) - 1
                return tuple(
                    self.decode(packed >> i * width & mask, inner)
                    for i in range(self.sizes[key.name])
                )
            case SetT(element):
                return frozenset(
                    self.decode(i, element) for i in range(self.places(element)) if packed >> i & 1
                )
        return None

    def pack(self, state: State) -> int:
        """Return a state as an integer."""
        return sum(self.encode(state[s.name], s.type) << s.offset for s in self.slots.values())

    def unpack(self, packed: int) -> State:
        """Return the state that an integer stands for."""
        return {
            s.name: self.decode(packed >> s.offset & (1 << s.width) - 1, s.type)
            for s in self.slots.values()
        }

    def has(self, packed: int, at: int) -> bool:
        """Is there a state, reachable or not, with these values in the slots of the bits `at`?

        Nothing else of `packed` is looked at.
        """
        return all(
            self._has(packed >> s.offset & mask, s.type)
            for s in self.slots.values()
            if at >> s.offset & (mask := (1 << s.width) - 1)
        )

    def _has(self, packed: int, t: Type) -> bool:
        match t:
            case IntT() | LockT() | DomainT():
                low, high = self.bounds.declared(t)
                return low <= packed + self.bounds.of(t)[0] <= high
            case EnumT():
                return packed < len(self.members(t))
            case OptionalT(inner):
                if packed == 0:
                    return True
                if self.tagged(t):
                    return bool(packed & 1) and self._has(packed >> 1, inner)
                return self._has(packed - 1, inner)
            case RecordT(_, fields):
                parts = [(self.field(t, f.name)[0], f.type) for f in fields]
            case MapT(key, inner):
                width = self.width(inner)
                parts = [(i * width, inner) for i in range(self.sizes[key.name])]
            case _:
                return True
        return all(self._has(packed >> at & (1 << self.width(u)) - 1, u) for at, u in parts)

    # -- what has to be checked

    def checked(self) -> Iterator[Checked]:
        """Yield the places in a state where a number outside its type could be."""
        for s in self.slots.values():
            yield from self._checked(s.type, s.offset, False, None)

    def _checked(self, t: Type, offset: int, none: bool, present: int | None) -> Iterator[Checked]:
        match t:
            case IntT() | LockT() | DomainT():
                declared, room = self.bounds.declared(t), self.bounds.of(t)
                if room != declared:
                    zero = room[0] - none
                    yield Checked(
                        offset,
                        (room[1] - zero).bit_length(),
                        declared[0] - zero,
                        declared[1] - zero,
                        none,
                        present,
                    )
            case OptionalT(inner):
                if self.tagged(t):
                    yield from self._checked(inner, offset + 1, False, offset)
                else:
                    yield from self._checked(inner, offset, True, present)
            case RecordT(_, fields):
                for f in fields:
                    at, inner = self.field(t, f.name)
                    yield from self._checked(inner, offset + at, False, present)
            case MapT(key, value):
                for i in range(self.sizes[key.name]):
                    yield from self._checked(value, offset + i * self.width(value), False, present)
