"""What a counterexample consists of, in the kernel's words."""

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
    """One thing that a step changed: `place` in the kernel's words, a `field` of it or "".

    `before` and `after` are values in words (`1`, `0`, `W=1 D=0`). `local` is the actor whose
    own variable it is, None for shared state.
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

    `kind` is the primitive's name, or one of lock, unlock, wait, call, hardware, test. `text` is
    the access in the kernel's words. `value` is what it found or gave, in words ("" for nothing):
    of a read the word's bits, of a test or try_cmpxchg yes or no. `wrote` is what it changed in its
    place, as (field, before, after). `path` are the functions it happens in, outermost first.
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
    """The places, and the fields of them ("" for all), that it looks at: a read does, hardware that
    goes by what it finds, and what fails for what it finds."""
    begins: bool = False
    """Is it the first of a call of the outermost function?"""


@dataclass(frozen=True, slots=True)
class Link:
    """That a step has to do with the earlier one of this `number`.

    `kind` is `found` where it finds what that one made, and `undoes` where it stores what it read
    before that one, which changed it. `text` says so, and `short` where there is little room, if
    not "". `read` is the step in which it read that.
    """

    kind: str
    number: int
    text: str
    short: str = ""
    read: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `lane` is who stands behind it, a CPU with its vCPU; `actor` is who took it.

    `number` counts from 1. `operation` is the kernel's operation that the actor is in. `begins`
    says whether it begins here, `enters` whether another one does where the step comes to rest,
    and `ends` whether the actor is through with all it had to do.
    """

    number: int
    lane: str
    actor: str
    operation: str
    action: str
    told: tuple[Told, ...]
    changes: tuple[Change, ...]
    held: str
    """Locks held after the step by its actor, in words; "" for none."""
    file: str
    line: int
    kernel_source: str | None
    ends: bool
    after: Mapping[str, Value]
    links: tuple[Link, ...] = ()
    begins: bool = False
    enters: bool = False

    def opens(self, before: Step | None) -> bool:
        """Is this another run of its operation than `before`, the step before it in its lane?"""
        if before is None or before.operation != self.operation:
            return True
        return self.begins or before.enters

    @property
    def is_hardware(self) -> bool:
        """Whether a CPU takes it by itself."""
        return any(t.kind == "hardware" for t in self.told)

    @property
    def decides(self) -> bool:
        """Whether a decision is all there is to it, but for locks."""
        kinds = {t.kind for t in self.told}
        return "test" in kinds and kinds <= {"test", "lock", "unlock"}

    @property
    def text(self) -> str:
        """What happened, on one line."""
        parts = [t.text for t in self.told if t.kind not in ("test", "lock", "unlock")]
        if self.decides:
            parts = [f"if ({t.text}): {t.value}" for t in self.told if t.kind == "test"]
        return "; ".join(parts or [t.text for t in self.told] or [self.action])


@dataclass(frozen=True, slots=True, repr=False)
class Counterexample:
    """A counterexample: the first state in words, the steps, and what is wrong in the end.

    `lanes` are in the order in which they first act; `failure` says, line by line, which property
    is false, for which elements, and which part of it. `kind` is what sort of property it is, None
    where somebody is stuck. A trace of a goal leads to where it is reached. One that goes on for
    ever has `loop` steps before those that repeat; where that is all of them, nothing happens any
    more.
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
    """Where the bits of each word lie."""
    steps: tuple[Step, ...]
    failure: tuple[str, ...]
    kind: PropertyKind | None = None
    loop: int | None = None
    own: bool = False
    """Whether this is a path that somebody chose, whatever becomes of the property on it."""

    @builtins.property
    def title(self) -> str:
        """The property and the constants, on one line."""
        return ", ".join([self.property, *(f"{k} {v}" for k, v in self.constants.items())])

    @builtins.property
    def goes_round(self) -> bool:
        """Whether it has steps that repeat."""
        return self.loop is not None and self.loop < len(self.steps)
