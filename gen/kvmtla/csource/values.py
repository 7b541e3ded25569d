"""Values that are decided as late as possible, and the choices of a run.

What an access to shared memory gives is one of many values. A run decides of it only what it needs
to know: each decision goes both ways, in two runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kvmtla.csource.errors import NotUnderstoodError
from kvmtla.ir.types import Type

ALL = (1 << 64) - 1
MOST_RUNS = 4000

K = TypeVar("K")
Pair = tuple[object, int]
"""A value as the model has it, and as C has it."""


class Choices:
    """The choices of one run; the next run takes the last one that has a way left another way."""

    def __init__(self, taken: Sequence[int] = ()) -> None:
        self.taken = list(taken)
        self.ways: list[int] = []
        self.notes: list[str] = []

    def choose(self, ways: int, note: str = "") -> int:
        """Return which of some ways this run takes."""
        if ways == 1:
            return 0
        at = len(self.ways)
        if at == len(self.taken):
            self.taken.append(0)
        self.ways.append(ways)
        self.notes.append(note)
        return self.taken[at]

    def next(self) -> Choices | None:
        """Return the choices of the next run; None when all ways have been gone."""
        for at in range(len(self.ways) - 1, -1, -1):
            if self.taken[at] + 1 < self.ways[at]:
                return Choices([*self.taken[:at], self.taken[at] + 1])
        return None


class Read:
    """A value that was read, or came in: the pairs that it may still be."""

    __slots__ = ("choices", "name", "pairs")

    def __init__(self, name: str, pairs: Iterable[Pair], choices: Choices) -> None:
        self.name = name
        self.pairs = list(pairs)
        self.choices = choices

    def decide(self, holds: Callable[[Pair], bool]) -> bool:
        """Return whether it is one for which something holds; both ways, if both are open."""
        yes = [p for p in self.pairs if holds(p)]
        if not yes:
            return False
        if len(yes) == len(self.pairs):
            return True
        if self.choices.choose(2) == 0:
            self.pairs = yes
            return True
        kept = {id(p) for p in yes}
        self.pairs = [p for p in self.pairs if id(p) not in kept]
        return False

    def among(self, key: Callable[[Pair], K]) -> K:
        """Return what `key` gives for it; as many ways as there are answers."""
        by: dict[K, list[Pair]] = {}
        for p in self.pairs:
            by.setdefault(key(p), []).append(p)
        kinds = list(by)
        kind = kinds[self.choices.choose(len(kinds))]
        self.pairs = by[kind]
        return kind


@dataclass(frozen=True, slots=True)
class Word:
    """A word in C that is made of one that was read: `((read >> shift) & mask) ^ flip`."""

    read: Read
    shift: int = 0
    mask: int = ALL
    flip: int = 0

    def of(self, c: int) -> int:
        """Return what it is if that is what was read."""
        moved = c >> self.shift if self.shift >= 0 else c << -self.shift
        return ((moved & self.mask) ^ self.flip) & ALL

    def whole(self) -> int:
        """Return what it is, all of it decided now."""
        return self.read.among(lambda p: self.of(p[1]))

    def true(self) -> bool:
        """Return whether it is anything but 0."""
        return self.read.decide(lambda p: self.of(p[1]) != 0)

    def both(self, other: int) -> Word:
        """Return it and a number, bit by bit."""
        return Word(self.read, self.shift, self.mask & other, self.flip & other)

    def either(self, other: int) -> Word:
        """Return it or a number, bit by bit."""
        return Word(self.read, self.shift, self.mask & ~other & ALL, (self.flip | other) & ALL)

    def but(self, other: int) -> Word:
        """Return it with the bits of a number turned over."""
        return Word(self.read, self.shift, self.mask, (self.flip ^ other) & ALL)

    def right(self, by: int) -> Word:
        """Return it moved to the right."""
        return Word(self.read, self.shift + by, self.mask >> by, self.flip >> by)

    def left(self, by: int) -> Word:
        """Return it moved to the left."""
        return Word(self.read, self.shift - by, self.mask << by & ALL, self.flip << by & ALL)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value of which only the name is known; `pins` are the reasons for what is left out."""

    name: str


@dataclass(frozen=True, slots=True)
class Ref:
    """The address of something whose place in memory is known by name."""

    place: str


@dataclass(frozen=True, slots=True)
class Fn:
    """A function as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Lump:
    """All of a structure, as it is at a place in memory."""

    place: str


CValue = int | Word | Opaque | Ref | Fn | Lump


@dataclass(frozen=True, slots=True)
class Bit:
    """A boolean in the model: a field of a word that was read, or all of a boolean that was."""

    read: Read
    index: int | None
    negated: bool = False

    def of(self, value: object) -> bool:
        """Return what it is if that is what was read."""
        if self.index is not None:
            assert isinstance(value, tuple)
            value = value[self.index]
        return bool(value) != self.negated

    def true(self) -> bool:
        """Return it, decided now."""
        return self.read.decide(lambda p: self.of(p[0]))

    def other(self) -> Bit:
        """Return what it is not."""
        return Bit(self.read, self.index, not self.negated)


@dataclass(frozen=True, slots=True)
class Whole:
    """All of what was read, in the model."""

    read: Read


@dataclass(slots=True)
class Event:
    """Something that the two sides have to do alike.

    `read` and `done` are what it gave: a value, and whether it succeeded. `type` is that of the
    place.
    """

    kind: str
    what: str
    values: tuple[tuple[str, object], ...] = ()
    place: str = ""
    line: int = 0
    read: Read | None = None
    done: bool | None = None
    type: Type | None = None


def reads_in(value: object) -> list[Read]:
    """Return what a value, of the model or of C, is made of."""
    match value:
        case Word(read) | Bit(read) | Whole(read):
            return [read]
        case tuple():
            return list(dict.fromkeys(r for one in value for r in reads_in(one)))
    return []


def under(value: object, read: Read, pair: Pair) -> object:
    """Return a value with what was read put in."""
    match value:
        case Word() if value.read is read:
            return value.of(pair[1])
        case Bit() if value.read is read:
            return value.of(pair[0])
        case Whole() if value.read is read:
            return pair[0]
        case tuple():
            return tuple(under(one, read, pair) for one in value)
    return value


def settled(value: object) -> object:
    """Return a value with everything in it decided."""
    for read in reads_in(value):
        pair = _only(read)
        value = under(value, read, pair)
    return value


def _only(read: Read) -> Pair:
    number = read.choices.choose(len(read.pairs))
    read.pairs = [read.pairs[number]]
    return read.pairs[0]


def agree(holds: Callable[[object, object], bool], one: object, two: object) -> bool:
    """Return whether something holds of two values; whatever that depends on is decided."""
    reads = list(dict.fromkeys([*reads_in(one), *reads_in(two)]))
    for read in reads[1:]:
        pair = _only(read)
        one, two = under(one, read, pair), under(two, read, pair)
    if not reads:
        return holds(one, two)
    first = reads[0]
    return first.decide(lambda p: holds(under(one, first, p), under(two, first, p)))


def as_number(value: CValue, file: str, line: int) -> int:
    """Return a number, decided now; raises NotUnderstoodError if nothing is known of it."""
    if isinstance(value, int):
        return value
    if isinstance(value, Word):
        return value.whole()
    raise NotUnderstoodError(f"a number that depends on {value}", file, line)
