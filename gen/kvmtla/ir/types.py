"""The types of the language.

Values, as every part of the tool holds them: booleans and integers are Python's; an enumeration's
member is its name; an element of a domain is its index, from 0; None is None; a record or word is
the tuple of its fields; a map is the tuple of its values in the order of its domain; a set is a
frozenset; a lock is an integer: 0 free, -1 held for write, n held for read by n.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from kvmtla.value_class import hashed_once, value_class


class _Noted:
    """A hash that is asked for again and again, noted the first time."""

    __slots__ = ("hash_",)

    hash_: int


@value_class(frozen=True, slots=True)
class BoolT:
    """True or False."""

    def __str__(self) -> str:
        return "bool"


@value_class(frozen=True, slots=True)
class IntT:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        many = self.low != self.high
        return f"int {self.low}..{self.high}" if many else f"the integer {self.low}"


@value_class(frozen=True, slots=True)
class EnumT(_Noted):
    """One of `members`; `ordered` ones compare by their place in it.

    If they are the places at which an actor may be, `actor` is its name.
    """

    name: str
    members: tuple[str, ...]
    ordered: bool = False
    actor: str | None = None

    def __str__(self) -> str:
        return self.name


@value_class(frozen=True, slots=True)
class DomainT:
    """One of finitely many things that a scenario counts.

    The elements of a `symmetric` one differ in nothing but their name, so that TLC may swap them;
    they have no order, and no loop runs over them.
    """

    name: str
    symmetric: bool
    label: str = field(compare=False)

    def __str__(self) -> str:
        return self.name


@value_class(frozen=True, slots=True)
class FieldT(_Noted):
    """A field of a record or word; `bits` is format name -> bit position (empty in a record)."""

    name: str
    type: Type
    label: str
    bits: Mapping[str, int] = field(default_factory=dict, compare=False)
    default: Value = None


@value_class(frozen=True, slots=True)
class RecordT(_Noted):
    """A record; a `word` is a record whose fields are bits, so that it can be masked."""

    name: str
    fields: tuple[FieldT, ...]
    word: bool = False

    def index(self, name: str) -> int | None:
        """Return the position of a field; None if there is no such field."""
        for i, f in enumerate(self.fields):
            if f.name == name:
                return i
        return None

    def __str__(self) -> str:
        return self.name


@value_class(frozen=True, slots=True)
class MapT(_Noted):
    """A total map from a domain."""

    key: DomainT
    value: Type

    def __str__(self) -> str:
        return f"Map[{self.key}, {self.value}]"


@value_class(frozen=True, slots=True)
class SetT:
    """A set of elements of a domain or members of an enumeration."""

    element: DomainT | EnumT

    def __str__(self) -> str:
        return f"Set[{self.element}]"


@value_class(frozen=True, slots=True)
class OptionalT(_Noted):
    """A value or None."""

    inner: Type

    def __str__(self) -> str:
        return f"{self.inner} | None"


@value_class(frozen=True, slots=True)
class TupleT:
    """Several results of one call; taken apart at once, never stored."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@value_class(frozen=True, slots=True)
class LockT:
    """A reader/writer lock."""

    def __str__(self) -> str:
        return "RwLock"


@value_class(frozen=True, slots=True)
class NoneT:
    """The type of None, and of the result of a function without one."""

    def __str__(self) -> str:
        return "None"


@value_class(frozen=True, slots=True)
class SharedT:
    """The shared state as a whole: the type of the parameter `m`."""

    name: str
    fields: Mapping[str, Type] = field(compare=False)

    def __str__(self) -> str:
        return self.name


@value_class(frozen=True, slots=True)
class ErrorT:
    """The type of what could not be read. Nothing in a program without mistakes has it."""

    def __str__(self) -> str:
        return "an error"


Type = (
    BoolT
    | IntT
    | EnumT
    | DomainT
    | RecordT
    | MapT
    | SetT
    | OptionalT
    | TupleT
    | LockT
    | NoneT
    | SharedT
    | ErrorT
)

for _cls in (EnumT, FieldT, RecordT, MapT, OptionalT):
    hashed_once(_cls)

# A value is one of the shapes that the module's docstring lists; recursion keeps it from being
# spelled out as a type that a checker could follow usefully.
Value = object

BOOL = BoolT()
NONE = NoneT()
LOCK = LockT()
ERROR = ErrorT()

WRITE_HELD = -1


def default(t: Type, sizes: Mapping[str, int]) -> Value:
    """Return the value that a variable of type `t` starts with and is reset to.

    False, the lowest integer, the first member, an empty set, None, a record of defaults. A domain
    has no element to favour: its default is None.
    """
    match t:
        case BoolT():
            return False
        case IntT(low, _):
            return low
        case EnumT(_, members):
            return members[0]
        case RecordT(_, fields):
            return tuple(default(f.type, sizes) if f.default is None else f.default for f in fields)
        case MapT(key, value):
            return (default(value, sizes),) * sizes[key.name]
        case SetT():
            return frozenset()
        case LockT():
            return 0
        case _:
            return None


def elements(t: Type, sizes: Mapping[str, int]) -> tuple[Value, ...]:
    """Return all values of a type that can be enumerated: boolean, integer, enumeration, domain.

    Raises TypeError for any other type.
    """
    match t:
        case BoolT():
            return (False, True)
        case IntT(low, high):
            return tuple(range(low, high + 1))
        case EnumT(_, members):
            return members
        case DomainT(name):
            return tuple(range(sizes[name]))
    raise TypeError(f"{t} cannot be counted off")


def joined(a: Type, b: Type) -> Type:
    """Return the type of a value that has either of two types, which one place may hold."""
    if a == b:
        return a
    for t, u in ((a, b), (b, a)):
        if isinstance(t, OptionalT):
            return t
        if isinstance(t, NoneT):
            return u if isinstance(u, OptionalT) else OptionalT(u)
    if isinstance(a, IntT) and isinstance(b, IntT):
        return IntT(min(a.low, b.low), max(a.high, b.high))
    return a


def without_none(t: Type) -> Type:
    """Return the type of a value of type `t` that is known not to be None."""
    return t.inner if isinstance(t, OptionalT) else t


def records_in(t: Type) -> Iterator[RecordT]:
    """Yield the records that are in values of the type, inner ones last."""
    match t:
        case MapT(_, inner) | OptionalT(inner):
            yield from records_in(inner)
        case RecordT():
            yield t
            for f in t.fields:
                yield from records_in(f.type)


def domains_in(t: Type) -> Iterator[DomainT]:
    """Yield the domains whose elements are in values of the type, outermost first."""
    match t:
        case DomainT():
            yield t
        case MapT(key, value):
            yield from domains_in(key)
            yield from domains_in(value)
        case OptionalT(inner) | SetT(inner):
            yield from domains_in(inner)
        case RecordT(_, fields):
            for f in fields:
                yield from domains_in(f.type)


def optional_in(t: Type) -> Iterator[Type]:
    """Yield the types of which values of this type may have a value or none."""
    match t:
        case OptionalT(inner):
            yield inner
        case MapT(_, value):
            yield from optional_in(value)
        case RecordT(_, fields):
            for f in fields:
                yield from optional_in(f.type)
