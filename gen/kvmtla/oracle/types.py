"""The types of places, from the annotations of a specification."""

from __future__ import annotations

import enum
import itertools
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, get_args, get_origin

from kvmtla.oracle.context import NotInLanguageError, size_of
from kvmtla.oracle.values import (
    Domain,
    Either,
    Generic,
    Map,
    RwLock,
    Set,
    Struct,
    Word,
    alone,
    elements,
    unwrapped,
)


class Between:
    """The bounds of an integer."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high


class Type:
    """The type of a place: the values that it can hold."""

    bounded = False
    """Whether there is a bounded integer in it."""
    element_of: type[Any] | None = None
    """The domain whose elements are its values; None if it is not of a domain."""

    def first(self) -> Any:
        """Return its first value."""
        raise NotInLanguageError(f"a {type(self).__name__} has no beginning")

    def fit(self, value: Any) -> Any:
        """Return a value as it is kept in such a place."""
        return alone(unwrapped(value))

    def has(self, value: Any) -> bool:
        """Is `value` one of its values?"""
        return True

    def values(self) -> tuple[Any, ...]:
        """Return all of its values."""
        raise NotInLanguageError(f"the values of {type(self).__name__} cannot be listed")


class _Truth(Type):
    """The type `bool`."""

    def first(self) -> Any:
        return False

    def fit(self, value: Any) -> Any:
        # The result of `and` and `or` can be a word.
        return bool(value)

    def has(self, value: Any) -> bool:
        return isinstance(value, bool)

    def values(self) -> tuple[Any, ...]:
        return (False, True)


class _Number(Type):
    """An integer with bounds."""

    bounded = True

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def first(self) -> Any:
        return self.low

    def has(self, value: Any) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high

    def values(self) -> tuple[Any, ...]:
        return tuple(range(self.low, self.high + 1))


class _Member(Type):
    """A member of an enumeration."""

    def __init__(self, kind: type[enum.Enum]) -> None:
        self.kind = kind

    def first(self) -> Any:
        return next(iter(self.kind))

    def has(self, value: Any) -> bool:
        return isinstance(value, self.kind)

    def values(self) -> tuple[Any, ...]:
        return tuple(self.kind)


class _Element(Type):
    """An element of a domain."""

    def __init__(self, domain: type[Any]) -> None:
        self.domain = domain
        self.element_of = domain

    def first(self) -> Any:
        # No element comes before the others: one has to be assigned.
        return Missing

    def has(self, value: Any) -> bool:
        return isinstance(value, self.domain)

    def values(self) -> tuple[Any, ...]:
        return elements(self.domain)


class Missing:
    """The value of a place that was given no first value."""


class _Fields(Type):
    """A word or a record."""

    def __init__(self, kind: type[Struct]) -> None:
        self.kind = kind

    @property
    def bounded(self) -> bool:  # type: ignore[override]
        return not issubclass(self.kind, Word) and any(
            t.bounded for t in fields_of(self.kind).values()
        )

    def first(self) -> Any:
        return self.kind()

    def has(self, value: Any) -> bool:
        if not isinstance(value, self.kind):
            return False
        return all(self.field(i).has(v) for i, v in enumerate(value._content))

    def field(self, number: int) -> Type:
        """Return the type of a field."""
        return fields_of(self.kind)[self.kind._names[number]]

    def values(self) -> tuple[Any, ...]:
        ranges = [self.field(i).values() for i in range(len(self.kind._names))]
        given = (dict(zip(self.kind._names, v, strict=True)) for v in itertools.product(*ranges))
        return tuple(self.kind(**g) for g in given)


class _Entries(Type):
    """A map from a domain."""

    def __init__(self, domain: type[Any], value: Type) -> None:
        self.domain = domain
        self.value = value
        self.bounded = value.bounded

    def first(self) -> Any:
        return Map._of(tuple(self.value.first() for _ in range(size_of(self.domain))))

    def has(self, value: Any) -> bool:
        if not isinstance(value, Map) or len(value._content) != size_of(self.domain):
            return False
        return all(map(self.value.has, value._content))

    def values(self) -> tuple[Any, ...]:
        ranges = [self.value.values()] * size_of(self.domain)
        return tuple(map(Map._of, itertools.product(*ranges)))


class _Subset(Type):
    """A set of values of another type."""

    def __init__(self, of: Type) -> None:
        self.of = of

    def first(self) -> Any:
        return Set()

    def has(self, value: Any) -> bool:
        return isinstance(value, Set) and all(map(self.of.has, value._content))

    def values(self) -> tuple[Any, ...]:
        every = self.of.values()
        chosen = itertools.product((False, True), repeat=len(every))
        return tuple(Set(itertools.compress(every, c)) for c in chosen)


class _Maybe(Type):
    """A value of another type, or None."""

    def __init__(self, of: Type) -> None:
        self.of = of
        self.bounded = of.bounded

    def first(self) -> Any:
        return None

    def fit(self, value: Any) -> Any:
        return None if value is None else self.of.fit(value)

    def has(self, value: Any) -> bool:
        return value is None or self.of.has(value)

    def values(self) -> tuple[Any, ...]:
        return (None, *self.of.values())


class _Lock(Type):
    """A reader/writer lock."""

    def first(self) -> Any:
        return RwLock()

    def has(self, value: Any) -> bool:
        return isinstance(value, RwLock)


def type_of(hint: Any) -> Type:
    """Return the type that an annotation names; raise NotInLanguageError if it names none."""
    found = _class(hint) if isinstance(hint, type) and get_origin(hint) is None else None
    if found is not None:
        return found
    if isinstance(hint, Generic):
        inner = [type_of(p) for p in hint.parts]
        if hint.origin is Set:
            return _Subset(inner[0])
        return _Entries(hint.parts[0], inner[1])
    if get_origin(hint) is Annotated:
        base, *more = get_args(hint)
        bounds = [b for b in more if isinstance(b, Between)]
        return _Number(bounds[0].low, bounds[0].high) if base is int and bounds else type_of(base)
    parts = _alternatives(hint)
    if len(parts) == 1:
        return _Maybe(type_of(parts[0]))
    raise NotInLanguageError(f"{hint!r} is no type")


def _class(hint: type[Any]) -> Type | None:
    if hint is bool:
        return _Truth()
    if hint is RwLock:
        return _Lock()
    if issubclass(hint, enum.Enum):
        return _Member(hint)
    if issubclass(hint, Domain):
        return _Element(hint)
    return _Fields(hint) if issubclass(hint, Struct) else None


def _alternatives(hint: Any) -> list[Any]:
    """Return the alternatives of `X | None` other than None."""
    parts: tuple[Any, ...] = ()
    if isinstance(hint, Either):
        parts = hint.parts
    elif get_origin(hint) in (typing.Union, types.UnionType):
        parts = get_args(hint)
    return [p for p in parts if p is not None and p is not type(None)]


def hint_of(hint: Any, names: Mapping[str, Any]) -> Any:
    """Return an annotation, evaluated if it is kept as text."""
    while isinstance(hint, str):
        hint = eval(hint, dict(names))
    return hint


def is_classvar(hint: Any) -> bool:
    """Does an annotation say that something belongs to the class?"""
    if isinstance(hint, str):
        return hint.rpartition(".")[2].startswith("ClassVar")
    return hint is ClassVar or get_origin(hint) is ClassVar


_known: dict[type[Any], dict[str, Type]] = {}


def fields_of(cls: type[Any]) -> dict[str, Type]:
    """Return the annotated fields of a class, those of its bases first."""
    if cls not in _known:
        found: dict[str, Type] = {}
        for c in reversed(cls.__mro__):
            for name, hint in vars(c).get("__annotations__", {}).items():
                if c.__module__ != __name__ and not is_classvar(hint) and not name.startswith("_"):
                    found[name] = type_of(hint_of(hint, names_of(c)))
        _known[cls] = found
    return _known[cls]


def names_of(cls: type[Any]) -> Mapping[str, Any]:
    """Return the names of the module that a class of a specification is in."""
    return _namespaces.get(cls, {})


_namespaces: dict[type[Any], Mapping[str, Any]] = {}


def stands_in(cls: type[Any], names: Mapping[str, Any]) -> None:
    """Record the names of the module that a class is in: annotations kept as text use them."""
    _namespaces[cls] = names


class Record(Struct):
    """A record of named fields."""

    def __init_subclass__(cls) -> None:
        hints = vars(cls).get("__annotations__", {})
        cls._declare([n for n, h in hints.items() if not is_classvar(h)])

    @classmethod
    def _fit(cls, name: str, value: Any) -> Any:
        return fields_of(cls)[name].fit(value)

    @classmethod
    def _default(cls, name: str) -> Any:
        given = cls._defaults[name]
        return given if given is not None else fields_of(cls)[name].first()


def field_of(t: Type, key: Any) -> Type:
    """Return the type of a part of a value of type `t`."""
    if isinstance(t, _Fields):
        return t.field(key)
    if isinstance(t, _Entries):
        return t.value
    raise NotInLanguageError("a part of what has none")
