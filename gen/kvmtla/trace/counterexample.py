"""The parts of a counterexample, in the kernel's words."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass

from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import Value

READS = ("READ_ONCE", "test_bit")
"""The kinds of events that tell what they read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a step changed: `place` in the kernel's words, and a `field` of it or "".

    `before` and `after` are values in words (`1`, `0`, `W=1 D=0`). `local` is the actor that owns
    the variable, None for shared state.
    """

    place: str
    field: str
    before: str
    after: str
    local: str | None = None
    is_lock: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened in a step.

    `kind` is the primitive's name, or one of lock, unlock, wait, call, hardware, test, choose.
    `text` is the access in the kernel's words. `value` is what it found, returned or chose, in
    words ("" for nothing): the word's bits for a read, yes or no for a test or try_cmpxchg. `wrote`
    is what it changed in its place, as (field, before, after). `path` is the functions it happens
    in, outermost first.
    """

    kind: str
    text: str
    value: str
    wrote: tuple[tuple[str, str, str], ...]
    path: tuple[str, ...]
    file: str
    line: int
    kernel_source: str | None
    reads: tuple[tuple[str, str], ...] = ()
    """The places that it looks at, with the field of each ("" for all). Reads have some, and so do
    hardware steps that depend on what they find and try_cmpxchg that fails."""
    begins: bool = False
    """Whether it is the first event of a call of the outermost function."""
    operands: tuple[tuple[str, str], ...] = ()
    """The locals that a decision was taken on, and their values, unless they are words: what is in
    those is told where they are read."""
    makes: str = ""
    """The number that it stores whatever is there, if that was made from locals; "" elsewhere."""
    place: str = ""
    """Where it does so."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a step to the earlier step `number`.

    `kind` is `found` where the step finds what the earlier one made, and `undoes` where it stores a
    value that it read before the earlier one changed it. `text` says so; `short` says it where
    there is little room, unless it is "". `read` holds the step that read the value, if any.
    """

    kind: str
    number: int
    text: str
    short: str = ""
    read: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `actor` took it; `lane` is its column, which a CPU shares with its vCPU.

    `number` counts from 1. `operation` is the kernel's operation that the actor is in. `begins`
    says whether the operation begins here, `enters` whether another one begins where the step comes
    to rest, and `ends` whether the actor is through with all it had to do.
    """

    number: int
    lane: str
    actor: str
    operation: str
    action: str
    told: tuple[Told, ...]
    changes: tuple[Change, ...]
    held: str
    """The locks held after the step, in words; "" for none."""
    file: str
    line: int
    kernel_source: str | None
    ends: bool
    after: Mapping[str, Value]
    links: tuple[Link, ...] = ()
    begins: bool = False
    enters: bool = False

    def opens(self, before: Step | None) -> bool:
        """Is this a new run of its operation after `before`, the previous step in its lane?"""
        if before is None or before.operation != self.operation:
            return True
        return self.begins or before.enters

    @property
    def shared(self) -> tuple[Change, ...]:
        """What it changed of shared state, locks apart."""
        return tuple(c for c in self.changes if c.local is None and not c.is_lock)

    @property
    def is_hardware(self) -> bool:
        """Whether a CPU takes the step by itself."""
        return any(t.kind == "hardware" for t in self.told)

    @property
    def decides(self) -> bool:
        """Whether the step only decides something, apart from locks."""
        kinds = {t.kind for t in self.told}
        return "test" in kinds and kinds <= {"test", "lock", "unlock"}

    @property
    def text(self) -> str:
        """The events of the step, on one line."""
        parts = [t.text for t in self.told if t.kind not in ("test", "lock", "unlock")]
        if self.decides:
            parts = [f"if ({t.text}): {t.value}" for t in self.told if t.kind == "test"]
        return "; ".join(parts or [t.text for t in self.told] or [self.action])


@dataclass(frozen=True, slots=True, repr=False)
class Counterexample:
    """A counterexample: the first state in words, the steps, and what is wrong in the end.

    `lanes` are in the order in which they first act; `failure` says, line by line, which property
    is false, for which elements, and which part of it. `kind` is the sort of the property, None
    where somebody is stuck. The trace of a goal leads to where the goal is reached. A trace that
    goes on for ever has `loop` steps before those that repeat; where that is all of them, nothing
    happens any more.
    """

    scenario: str
    doc: str
    constants: Mapping[str, str]
    property: str
    meaning: str
    lanes: tuple[str, ...]
    first: Mapping[str, Value]
    first_words: tuple[str, ...]
    legend: tuple[str, ...]
    """The positions of the bits of each word."""
    steps: tuple[Step, ...]
    failure: tuple[str, ...]
    kind: PropertyKind | None = None
    loop: int | None = None
    own: bool = False
    """Whether this is a path that somebody chose; the property may be true or false on it."""

    @builtins.property
    def title(self) -> str:
        """The property and the constants, on one line."""
        return ", ".join([self.property, *(f"{k} {v}" for k, v in self.constants.items())])

    @builtins.property
    def goes_round(self) -> bool:
        """Whether it has steps that repeat."""
        return self.loop is not None and self.loop < len(self.steps)
