"""What the author of a specification says of the C that it models: names, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from kvmtla.errors import SpecError
from kvmtla.lang.types import caller


class CConstants(Protocol):
    """The constants of a tree, for whoever says how its words look."""

    def __call__(self, *names: str) -> int:
        """Return the value of the first of these names that the tree defines."""


Version = tuple[int, int]
World = Mapping[str, Enum]
"""The values of the specification's constants."""


@dataclass(frozen=True)
class Left:
    """Something that the C has and the model leaves out, and why.

    Where the C asks for its value, that is `value`: a number, or an expression in C.
    """

    why: str
    value: int | str = 0


@dataclass(frozen=True)
class CPlace:
    """A place in shared memory: fields of the model's state, and how C gets there.

    `reached` are regular expressions for how the place is written in C, such as `\\*sptep`. Where
    C has other values there than the model, `values` says which: the model's, as the specification
    has them, and C's. `plain` says why C need not read it by READ_ONCE(); without it, it has to.
    """

    fields: tuple[str, ...]
    reached: tuple[str, ...]
    values: tuple[tuple[object, int], ...] = ()
    plain: str | None = None

    def __post_init__(self) -> None:
        _check_patterns(self.reached)


@dataclass(frozen=True)
class CAccessor:
    """A function of the C that stands for an access to a place of the model."""

    primitive: str
    place: str
    why: str


@dataclass(frozen=True)
class CDifference:
    """A place at which the two sides part, and which is known.

    `model` and `c` are regular expressions for what each does there first, as it is shown; `-`
    where it does nothing. Trees have it from version `since` on, and before `until`.
    """

    model: str
    c: str
    why: str
    since: Version = (0, 0)
    until: Version = (9999, 0)

    def __post_init__(self) -> None:
        _check_patterns((self.model, self.c))


@dataclass(frozen=True)
class CAbsence:
    """Trees that lack a function, from version `since` on, and before `until`, and why."""

    why: str
    since: Version = (0, 0)
    until: Version = (9999, 0)


@dataclass(frozen=True)
class COperation:
    """What is to be known of one function, under the name that the specification gives it.

    `names` are those it has in other kernels. `params` says where C has a parameter of the model.
    `results` gives the model's result for each of C's, by its name there; the last one may be
    `else`. `left` are conditions, word for word, that are taken for decided in this function.
    `reread` says why the model reads again what in C the failed compare-and-exchange has given.
    `inline` has calls of it followed, and not only noted; `follow` names the calls that are
    followed in this one alone, and `calls` those that are left out in it. `start` are values that C
    begins with. `entry` is the function to begin with, where that is another one. `result_left`
    says why what C returns is not compared. `assume` has the parameters that are a word with some
    field set whenever the function is called, each with that field and the reason; `read` stands
    for all that is read, a function's name for what it gives, an empty field for "not 0". `only`
    are the values of the constants for which the kernel calls it. `differences` and `absences` are
    those that are known. `void` says why C need not return what the model does.
    """

    names: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, object] = field(default_factory=dict)
    left: Mapping[str, Left] = field(default_factory=dict)
    start: Mapping[str, Left] = field(default_factory=dict)
    reread: str | None = None
    inline: bool = False
    follow: frozenset[str] = frozenset()
    calls: Mapping[str, Left] = field(default_factory=dict)
    entry: tuple[str, ...] = ()
    assume: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    only: Mapping[str, tuple[Enum, ...]] = field(default_factory=dict)
    differences: tuple[CDifference, ...] = ()
    absences: tuple[CAbsence, ...] = ()
    void: str | None = None
    result_left: str | None = None


@dataclass(frozen=True)
class CSource:
    """All that is to be known of the C that a specification models.

    `files` are read, and nothing else. `words` gives C's value for a word of the model, `bits` the
    bits of one field, `legal` says which values there may be, `ignored` which bits of a word
    that is stored do not count; `masks` are parameters that hold no
    word but one of some bits. `operations` are by the name of the function, or by the name of
    the operation where several model one function. `calls`, `macros` and `paths` are left out, each
    with its reason: a call of a function, a macro by its head, and what is found in memory.
    `aliases` are functions that do what another one does, as far as the model goes. `apart` are
    operations that are not compared, and `unmodelled` functions that nobody models,
    although they call one of the `writers` of their file, each with its reason.
    """

    files: tuple[str, ...]
    kernels: Callable[[Version], Enum]
    worlds: Callable[[Enum], Sequence[World]]
    words: Callable[[Mapping[str, bool], World, CConstants], int]
    bits: Callable[[str, World, CConstants], int]
    legal: Callable[[Mapping[str, bool], World], bool]
    places: tuple[CPlace, ...]
    operations: Mapping[str, COperation] = field(default_factory=dict)
    constants: Callable[[World, CConstants], Mapping[str, int | str]] = lambda world, c: {}
    types: Mapping[str, str] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    macros: Mapping[str, Left] = field(default_factory=dict)
    calls: Mapping[str, Left] = field(default_factory=dict)
    paths: Mapping[str, Left] = field(default_factory=dict)
    private: tuple[str, ...] = ()
    accessors: Mapping[str, CAccessor] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    ignored: Callable[[World, CConstants], int] = lambda world, c: 0
    masks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    model_only: Mapping[str, str] = field(default_factory=dict)
    writers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unmodelled: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_patterns((*self.private, *self.paths))
        left = (*self.macros.values(), *self.calls.values(), *self.paths.values())
        kinds = ((self.places, CPlace), (self.operations.values(), COperation), (left, Left))
        for things, kind in kinds:
            for thing in things:
                if not isinstance(thing, kind):
                    wrong = f"{thing!r} is not a {kind.__name__}"
                    hint = f"{kind.__name__}(...), from kvmtla.evidence"
                    raise SpecError("KT602", wrong, loc=caller(), hint=hint)

    def place(self, text: str) -> CPlace | None:
        """Return the place of the model that C writes so; None if it is not in the model."""
        for one in self.places:
            if any(re.fullmatch(pattern, text) for pattern in one.reached):
                return one
        return None


def _check_patterns(patterns: Iterable[str]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            said = f"{pattern!r} is no regular expression: {error}"
            raise SpecError("KT602", said, loc=caller(), hint="r'\\*sptep'") from error
