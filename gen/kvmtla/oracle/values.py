"""The values that a specification computes with: words, records, maps, sets, elements, locks.

All of them are immutable. A value that was read from the shared state knows its place, so that
`m.pte[page].dirty = True` is a store into the state, and so that a primitive knows the place that
it is given.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from kvmtla.oracle.context import NotInLanguageError, context, size_of

Path = tuple[Any, ...]
"""The way to a place: the name of a field, then keys of maps and numbers of fields."""


class Root(Protocol):
    """A shared state, as seen by the values that are read from it."""

    def _touch(self, path: Path, value: Any) -> None:
        """Take note that a value which cannot know its own place was read there."""

    def _store(self, path: Path, value: Any) -> None:
        """Assign a value to a place."""


class Placed:
    """A value that may know its place in the shared state."""

    _root: Root | None = None
    _path: Path = ()
    _content: Any
    _hash: int | None = None

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._content == self._content

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(self._content)
        return self._hash

    def _at(self, root: Root, path: Path) -> Placed:
        """Return the same value, which knows that it was read at this place."""
        made = self._alone()
        made._root, made._path = root, path
        return made

    def _alone(self) -> Placed:
        """Return the same value without a place."""
        made = object.__new__(type(self))
        made._content = self._content
        return made

    def _part(self, key: Any, value: Any) -> Any:
        """Return a part of this, read at its place if this has one."""
        return value if self._root is None else read(self._root, (*self._path, key), value)

    def _assign(self, key: Any, value: Any) -> None:
        """Assign to a part of this; raise NotInLanguageError if it is not in the shared state."""
        if self._root is None:
            raise NotInLanguageError("a part of a value is assigned to")
        self._root._store((*self._path, key), value)


def read(root: Root, path: Path, value: Any) -> Any:
    """Return a value as it is read at a place."""
    if isinstance(value, Placed):
        return value._at(root, path)
    root._touch(path, value)
    return value


class _DomainMeta(type):
    def __iter__(cls) -> Iterator[Any]:
        found = Elements(elements(cls))
        if context.run is not None:
            context.run.loops(found)
        return found

    def __repr__(cls) -> str:
        return cls.__name__


class Elements:
    """An iterator over the elements of a domain."""

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.items = items
        self.next = 0

    def __iter__(self) -> Elements:
        return self

    def __next__(self) -> Any:
        if self.next == len(self.items):
            raise StopIteration
        self.next += 1
        return self.items[self.next - 1]


class Domain(metaclass=_DomainMeta):
    """The base class of domains: finitely many things of one sort."""

    _made: ClassVar[dict[int, Any]] = {}
    _number: int

    def __init_subclass__(cls, *, symmetric: bool = False, label: str = "") -> None:
        cls._made = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}#{self._number}"


def elements(domain: type[Any]) -> tuple[Any, ...]:
    """Return the elements of a domain in the world that runs."""
    return tuple(element(domain, i) for i in range(size_of(domain)))


def element(domain: type[Any], number: int) -> Any:
    """Return one element of a domain; there is only one of each number."""
    known = domain._made
    if number not in known:
        known[number] = domain()
        known[number]._number = number
    return known[number]


class OrderedEnum(enum.Enum):
    """An enumeration whose members compare by the order in which they are written."""

    def _rank(self, other: Any) -> tuple[int, int] | None:
        other = unwrapped(other)
        if type(other) is not type(self):
            return None
        names = list(type(self).__members__)
        return names.index(self.name), names.index(other.name)

    def __lt__(self, other: Any) -> bool:
        ranks = self._rank(other)
        return NotImplemented if ranks is None else ranks[0] < ranks[1]

    def __le__(self, other: Any) -> bool:
        ranks = self._rank(other)
        return NotImplemented if ranks is None else ranks[0] <= ranks[1]

    def __gt__(self, other: Any) -> bool:
        ranks = self._rank(other)
        return NotImplemented if ranks is None else ranks[0] > ranks[1]

    def __ge__(self, other: Any) -> bool:
        ranks = self._rank(other)
        return NotImplemented if ranks is None else ranks[0] >= ranks[1]


class Constant:
    """A constant, which has its value from the world that runs."""

    def __init__(self, name: str, kind: type[enum.Enum], default: Any) -> None:
        self.name = name
        self.kind = kind
        self.default = default

    @property
    def value_now(self) -> Any:
        """The member that it is in the world that runs."""
        return context.constants[self.name]

    def __eq__(self, other: object) -> bool:
        return bool(self.value_now == unwrapped(other))

    def __hash__(self) -> int:
        return hash(self.value_now)

    def __lt__(self, other: Any) -> Any:
        return self.value_now < unwrapped(other)

    def __le__(self, other: Any) -> Any:
        return self.value_now <= unwrapped(other)

    def __gt__(self, other: Any) -> Any:
        return self.value_now > unwrapped(other)

    def __ge__(self, other: Any) -> Any:
        return self.value_now >= unwrapped(other)


def unwrapped(value: Any) -> Any:
    """Return the value; for a constant, the one that it has in the world that runs."""
    return value.value_now if isinstance(value, Constant) else value


class BitInfo:
    """The information that `Bit` gives on a bit of a word."""

    def __init__(self, default: bool) -> None:
        self.default = default


def Bit(*, label: str | None = None, default: bool = False, **positions: int) -> Any:
    """Make a bit of a word; its positions in the formats do not matter here."""
    return BitInfo(default)


class _Part:
    """A field of a word or record, as an attribute."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __get__(self, owner: Any, _: type[Any]) -> Any:
        return self if owner is None else owner._part(self.number, owner._content[self.number])

    def __set__(self, owner: Any, value: Any) -> None:
        owner._assign(self.number, value)


class Struct(Placed):
    """The common base of words and records: named fields."""

    _names: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, **given: Any) -> None:
        if not given.keys() <= set(self._names):
            raise NotInLanguageError(f"{type(self).__name__} has no such field: {given}")
        self._content = tuple(
            self._fit(n, given[n]) if n in given else self._default(n) for n in self._names
        )

    def but(self, **given: Any) -> Any:
        """Return a copy with some fields changed."""
        return type(self)(**{**dict(zip(self._names, self._content, strict=True)), **given})

    @classmethod
    def _fit(cls, name: str, value: Any) -> Any:
        """Return a value that is given for a field, as it is kept."""
        raise NotImplementedError

    @classmethod
    def _default(cls, name: str) -> Any:
        """Return the value of a field for which none is given."""
        raise NotImplementedError

    @classmethod
    def _declare(cls, own: list[str]) -> None:
        """Turn the class's own fields, in their order, into attributes that are parts."""
        cls._names = (*cls._names, *(n for n in own if n not in cls._names))
        cls._defaults = {**cls._defaults, **{n: vars(cls).get(n) for n in own}}
        for name in own:
            setattr(cls, name, _Part(cls._names.index(name)))

    def __repr__(self) -> str:
        values = ", ".join(f"{n}={v}" for n, v in zip(self._names, self._content, strict=True))
        return f"{type(self).__name__}({values})"


class Word(Struct):
    """A machine word of named bits."""

    def __init_subclass__(cls) -> None:
        cls._declare([n for n, v in vars(cls).items() if isinstance(v, BitInfo)])

    @classmethod
    def _fit(cls, name: str, value: Any) -> Any:
        return bool(value)

    @classmethod
    def _default(cls, name: str) -> Any:
        return cls._defaults[name].default

    def _of(self, bits: Any) -> Any:
        made = object.__new__(type(self))
        made._content = tuple(bits)
        return made

    # Python's `and` and `or` give an operand where the language has a truth value.
    def __and__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return bool(self) and other
        return self._of(a and b for a, b in zip(self._content, other._content, strict=True))

    def __or__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return bool(self) or other
        return self._of(a or b for a, b in zip(self._content, other._content, strict=True))

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Any:
        return self._of(not a for a in self._content)

    def __bool__(self) -> bool:
        return any(self._content)

    def __eq__(self, other: object) -> bool:
        return bool(self) == other if isinstance(other, bool) else super().__eq__(other)

    __hash__ = Placed.__hash__


class Map(Placed):
    """A map from a domain: `content` has a value for each element, in their order."""

    def __class_getitem__(cls, parts: tuple[Any, Any]) -> Any:
        return Generic(cls, parts)

    def __init__(self, values: dict[Any, Any]) -> None:
        keys = sorted(values, key=lambda k: k._number)
        if not keys or keys != list(elements(type(keys[0]))):
            raise NotInLanguageError("a map has an entry for each element of a domain")
        self._content = tuple(unwrapped(alone(values[k])) for k in keys)

    @classmethod
    def _of(cls, content: tuple[Any, ...]) -> Map:
        """Return the map with these values."""
        made = cls.__new__(cls)
        made._content = content
        return made

    def __getitem__(self, key: Any) -> Any:
        return self._part(key, self._content[key._number])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._assign(key, value)

    def __repr__(self) -> str:
        return f"Map{self._content}"


class Set(Placed):
    """A set; `content` is Python's."""

    def __class_getitem__(cls, part: Any) -> Any:
        return Generic(cls, (part,))

    def __init__(self, items: Any = ()) -> None:
        self._content = frozenset(unwrapped(i) for i in items)

    def __contains__(self, item: Any) -> bool:
        return unwrapped(item) in self._content

    def __or__(self, other: Any) -> Set:
        return Set(self._content | other._content)

    def __and__(self, other: Any) -> Set:
        return Set(self._content & other._content)

    def __sub__(self, other: Any) -> Set:
        return Set(self._content - other._content)

    def __repr__(self) -> str:
        return f"Set({set(self._content)})"


class RwLock(Placed):
    """A lock; `content` is the number of readers that hold it, or -1 if it is held for writing."""

    def __init__(self, content: int = 0) -> None:
        self._content = content

    def __repr__(self) -> str:
        return f"RwLock({self._content})"


class Generic:
    """`Map[Page, Pte]` or `Set[Cpu]`, in an annotation."""

    def __init__(self, origin: type[Any], parts: tuple[Any, ...]) -> None:
        self.origin = origin
        self.parts = parts

    def __or__(self, other: Any) -> Either:
        return Either((self, other))

    def __ror__(self, other: Any) -> Either:
        return Either((other, self))


class Either:
    """`Map[Page, Pte] | None`, in an annotation."""

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts


def alone(value: Any) -> Any:
    """Return a value without its place."""
    if isinstance(value, Placed) and value._root is not None:
        return value._alone()
    return value
