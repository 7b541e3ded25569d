"""The types that a spec declares, as ordinary Python classes.

Nothing here ever runs with values in it: the spec's functions are compiled from their source. The
classes exist so that declarations can be read and so that a type checker and an editor know them.
"""

from __future__ import annotations

import enum
import inspect
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, dataclass_transform

from kvmtla.errors import Loc, SpecError, did_you_mean

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class NotRunError(RuntimeError):
    """Raised when code of a spec is run as Python."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: a spec is compiled from its source, it is never run")


def caller() -> Loc:
    """Return where the spec called what calls this: the innermost line outside this package."""
    here = str(Path(__file__).parent)
    frame = inspect.currentframe()
    while frame is not None and (
        frame.f_code.co_filename.startswith((here, "<")) or frame.f_code.co_name == "<listcomp>"
    ):
        frame = frame.f_back
    if frame is None:
        return Loc("", 0)
    file, line = frame.f_code.co_filename, frame.f_lineno
    positions = itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None)
    first, last, start, end = next(positions, (None,) * 4)
    if first is None or last is None or start is None or end is None:
        return Loc(file, line)
    return Loc.of_bytes(file, first, start, last, end)


class OrderedEnum(enum.Enum):
    """An enumeration whose members compare by the order in which they are written."""

    @property
    def _place(self) -> int:
        return list(type(self)).index(self)

    def __lt__(self, other: Self) -> bool:
        return self._place < other._place

    def __le__(self, other: Self) -> bool:
        return self._place <= other._place

    def __gt__(self, other: Self) -> bool:
        return self._place > other._place

    def __ge__(self, other: Self) -> bool:
        return self._place >= other._place


class _DomainMeta(type):
    def __iter__(cls: type[T]) -> Iterator[T]:
        raise NotRunError(f"for ... in {cls.__name__}")


class Domain(metaclass=_DomainMeta):
    """Finitely many things of one sort: `class Vcpu(Domain, symmetric=True, label="vCPU")`.

    A scenario says how many. The elements of a symmetric domain are interchangeable: they compare
    for equality only, and no operation loops over them. `label` is what a story calls them.
    """

    symmetric: bool = False
    label: str = ""

    def __init_subclass__(cls, *, symmetric: bool = False, label: str = "") -> None:
        cls.symmetric = symmetric
        cls.label = label or cls.__name__.lower()


@dataclass(frozen=True)
class BitInfo:
    """The position of a bit of a word in each format, and its name in stories."""

    positions: Mapping[str, int]
    label: str | None
    default: bool


def Bit(*, label: str | None = None, default: bool = False, **positions: int) -> Any:
    """Declare a field of a `Word`: one bit, at `positions[format]` in each format (0 to 63).

    `label` is the short name that stories use (the field's own name where it is left out),
    `default` the value in a word that does not mention it.
    """
    return BitInfo(positions, label, default)


class Word:
    """A machine word of named bits.

    `Spte(present=True)` is the word with just these bits set, `w.but(writable=False)` a copy with
    some changed, and `&`, `|`, `~` work bit by bit. As a condition, a word is true when any bit is.
    Words are also what masks are made of: `shadow_dirty_mask = Spte(dirty=True)` in a module.
    """

    def __init__(self, **bits: bool) -> None:
        known = self.bit_names()
        for name in bits:
            if name not in known:
                raise SpecError(
                    "KT302",
                    f"{type(self).__name__} has no bit {name!r}",
                    loc=caller(),
                    hint=did_you_mean(name, known),
                )
        for name in known:
            setattr(self, name, bits.get(name, getattr(type(self), name).default))

    @classmethod
    def bit_names(cls) -> tuple[str, ...]:
        """Return the names of the bits, in the order in which they are declared."""
        return tuple(n for n, v in vars(cls).items() if isinstance(v, BitInfo))

    def values(self) -> tuple[bool, ...]:
        """Return the bits, in the order in which they are declared."""
        return tuple(getattr(self, n) for n in self.bit_names())

    def _each(self, *values: bool) -> Self:
        return type(self)(**dict(zip(self.bit_names(), values, strict=True)))

    def but(self, **bits: bool) -> Self:
        """Return a copy with some bits changed."""
        return type(self)(**{**dict(zip(self.bit_names(), self.values(), strict=True)), **bits})

    def __and__(self, other: Self) -> Self:
        return self._each(*(a and b for a, b in zip(self.values(), other.values(), strict=True)))

    def __or__(self, other: Self) -> Self:
        return self._each(*(a or b for a, b in zip(self.values(), other.values(), strict=True)))

    def __invert__(self) -> Self:
        return self._each(*(not a for a in self.values()))

    def __bool__(self) -> bool:
        return any(self.values())

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.values() == self.values()

    def __hash__(self) -> int:
        return hash(self.values())


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _RecordMeta(type):
    pass


class Record(metaclass=_RecordMeta):
    """A record: annotated fields, each with a default.

    `but` gives a copy with some of the fields changed. `labels` says what a story calls a field.
    """

    labels: ClassVar[Mapping[str, str]] = {}

    def but(self, **fields: Any) -> Self:
        """Return a copy with some fields changed."""
        raise NotRunError("but")


class Map(Generic[K, V]):
    """A total map from a domain: `Map[Gfn, Spte]`; `Map({g: value for g in Gfn})` makes one."""

    def __init__(self, values: dict[K, V]) -> None:
        raise NotRunError("Map")

    def __getitem__(self, key: K) -> V:
        raise NotRunError("Map[...]")

    def __setitem__(self, key: K, value: V) -> None:
        raise NotRunError("Map[...] = ...")


class Set(Generic[T]):
    """A set of elements of a domain or an enumeration: `Set({x, y})`, `Set({g for g in Gfn if c})`.

    `x in s`, `|`, `&` and `-` work as usual.
    """

    def __init__(self, items: set[T] | None = None) -> None:
        raise NotRunError("Set")

    def __contains__(self, item: object) -> bool:
        raise NotRunError("in")

    def __or__(self, other: Self) -> Self:
        raise NotRunError("|")

    def __and__(self, other: Self) -> Self:
        raise NotRunError("&")

    def __sub__(self, other: Self) -> Self:
        raise NotRunError("-")


class RwLock:
    """A reader/writer lock; taken by `with read_lock(m.lock)` and `with write_lock(m.lock)`."""


@dataclass(frozen=True)
class Between:
    """The bounds of an integer: `Annotated[int, Between(0, 3)]`, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        for bound in (self.low, self.high):
            if not isinstance(bound, int) or isinstance(bound, bool):
                raise SpecError(
                    "KT102",
                    f"{bound!r} is not a bound of integers",
                    loc=caller(),
                    hint="Between(0, 3)",
                )


class Shared:
    """The state that all actors share: a class with annotated fields.

    `labels` says what a story calls a field, in the kernel's words: `{"spte": "*sptep"}`.
    """

    labels: ClassVar[Mapping[str, str]] = {}
