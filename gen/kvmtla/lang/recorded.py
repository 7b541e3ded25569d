"""How a spec says what a running kernel's trace shows of it.

The events of a trace are the kernel's; the changes that they may tell of come from the operations.
What stands here is only where to find what: names of events, positions of bits, and what the model
leaves out, each with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from kvmtla.lang.types import Word

Function = Callable[..., Any]


@dataclass(frozen=True)
class Layout:
    """The raw values of a word in some releases.

    `format` names the positions of its bits. `special` are raw values that mean a word as a whole.
    In others, `bits` are read by name. A value with any bit of `present` is one of an entry that is
    there: it has all bits of `always`, and none of `never`. `address` are the bits of where it
    leads to, `large` the bit that an entry above the lowest level has when it leads to no table.
    `loose` are bits that go with named ones. A value in which the bits of `device_mask` are
    `device_value` means `device`; whatever else is in it says which one, and `another` stands for
    one that takes the place of a different one.
    """

    name: str
    format: str
    constants: Mapping[str, Sequence[Enum]]
    """The values of constants that there may be with it."""
    since: tuple[int, ...]
    special: Mapping[int, Word]
    bits: Sequence[str]
    present: int
    always: int
    never: int
    address: int
    large: int
    device_mask: int
    device_value: int
    device: Word
    another: Word
    until: tuple[int, ...] | None = None
    loose: int = 0
    lowest_ignores: Word | None = None
    """The bits of a word that mean nothing at the lowest level."""


@dataclass(frozen=True)
class Bracket:
    """A kernel function's way in and out, as two events of one task.

    In between, the task runs one of the operations. `end` is None where only the next beginning
    ends it.
    """

    begin: str
    end: str | None
    operations: Sequence[Function] = ()


@dataclass(frozen=True)
class LeftOut:
    """Changes that the kernel makes and the model leaves out, with the reason.

    `function` is the kernel's. `changes` says of a level, an old and a new word whether it is
    meant. `brackets` are the only ones in which it happens; none: it may happen anywhere.
    """

    function: str
    reason: str
    changes: Callable[[int, Any, Any], bool]
    brackets: Sequence[str] = ()
    fresh: bool = False
    """Does the entry lead elsewhere than before?"""


@dataclass(frozen=True)
class Recorded:
    """What traces of a kernel show of a spec.

    Each text is that of an event, with `{name:x}`, `{name:d}` or `{name}` where values stand.
    """

    releases: Sequence[tuple[tuple[int, ...], Enum]]
    """The first release of each value of the constant that says which kernel it is."""
    newest: tuple[int, ...]
    """The newest release that anybody has compared with the model."""
    layouts: Sequence[Layout]
    fields: Mapping[str, str]
    """The fields of the shared state that hold entries: of the "leaf" or the "upper" sort."""
    levels: Mapping[int, str]
    """The sort of entry at each level."""
    index_bits: int
    """How many bits of a page's number say which entry of a table it is."""
    operations: Sequence[Function]
    """The operations that change entries, and those that they call for it."""
    hardware: Sequence[Function]
    changed: tuple[str, str]
    """The event of a change, and its text: space, gfn, level, old, new."""
    fixed: tuple[str, str]
    """The event of a change without a lock, and its text: address, old, done."""
    fixing: Sequence[Function]
    """The operations that it tells of."""
    page_shift: int
    quiet: Sequence[tuple[Word, Word]]
    """Changes that the kernel makes without an event."""
    removed: Word
    """What the entries of a table become when the table goes."""
    fresh: Sequence[Function]
    """The operations after which an entry leads elsewhere than before."""
    brackets: Sequence[Bracket]
    left: Sequence[LeftOut]
    ignored: Sequence[str]
    """Events that say nothing of the entries."""
    mark: tuple[str, str]
    """The event of a mark in the log, and its text: gfn."""
    mark_function: Function
    """The function that it is the beginning of."""
    mark_field: str
    """The field that a mark sets if the log is on."""
    marking: Sequence[Function]
    """The operations that mark a page when they change its entry."""
    marked_if: Mapping[str, Enum] = field(default_factory=dict)
    """The values of shared fields with which the log is on."""
    note: tuple[str, ...] = ()
    """Events in which whoever recorded says what he does."""
    log_notes: Callable[[], Callable[[str], range | None]] | None = None
    """Makes a function of the notes, in their order, that says for which pages the log is on."""
    gone: Sequence[str] = ()
    """Events with which all tables go; when their task is done with it, none has entries."""
    snapshot: str | None = None
    """How the text of a note begins where the entries of the truth were read just before."""
    read_truth: Callable[[str], Truth] | None = None
    """Reads what the guest wrote and user space was told."""


@dataclass(frozen=True)
class GuestWrite:
    """A write by the guest, and a time before and after it."""

    line: int
    page: int
    begin: int
    end: int


@dataclass(frozen=True)
class Answer:
    """What user space was told of when it asked for what was written, and when it did."""

    line: int
    begin: int
    end: int
    pages: frozenset[int]


@dataclass(frozen=True)
class Truth:
    """What was seen besides the trace: by the guest, by user space, and in memory at the end.

    `logged` are the times between which the log was on without a break. `answers` are those that
    begin a new count, `cleared` those after which a page has to be told of anew (None: the same).
    `entries` are raw values by space, level and page.
    """

    writes: Sequence[GuestWrite]
    logged: Sequence[tuple[int, int]]
    answers: Sequence[Answer]
    cleared: Sequence[Answer] | None
    entries: Mapping[tuple[int, int, int], int]
    tables: Sequence[tuple[int, int, int]]
    """The tables whose entries were read: space, level of the entries, first page."""
    flaws: Sequence[str] = ()
