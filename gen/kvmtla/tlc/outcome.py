"""The outcome of a run of TLC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvmtla.tlc.protocol import Message
from kvmtla.tlc.values import TlcValue
from kvmtla.verdict import Kind, Verdict


@dataclass(frozen=True, slots=True)
class RawState:
    """One state of a trace as TLC printed it.

    `number` counts from 1. `action` is the name of the definition that led here, None for the
    initial state.
    """

    number: int
    action: str | None
    variables: Mapping[str, TlcValue]


@dataclass(frozen=True, slots=True)
class Lasso:
    """The continuation of an infinite behaviour after the last state of its trace.

    It returns to state `back_to` by `action`. With `stuttering` it stays in the last state for
    ever: then `back_to` is the number of that state and `action` is None.
    """

    back_to: int
    action: str | None
    stuttering: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of TLC: states generated, distinct ones, those yet to be expanded, and depth."""

    generated: int
    distinct: int
    queue: int
    depth: int


@dataclass(frozen=True, slots=True)
class ActionCoverage:
    """The number of times an action led to a state (`generated`), and to a new one (`distinct`)."""

    distinct: int
    generated: int


@dataclass(frozen=True)
class TlcOutcome:
    """The result of one run.

    `reason` is one sentence (for a parse error followed by SANY's own text), given exactly when the
    verdict is UNKNOWN. `kind`, `name` (of the invariant or property, where TLC says it) and `trace`
    are given when it is VIOLATED, `lasso` only for a violated temporal property. Counts are None
    where TLC did not get so far; `seconds` is wall time. `coverage` maps an action to its counts
    and is empty unless it was asked for. `collision` is the larger of TLC's estimates of the
    probability that two states were taken for one. `warnings` are TLC's, none of which speaks
    against the verdict. `notes` is the standard error, or the end of it. `resident` says whether
    the run was in a process that stays.
    """

    verdict: Verdict
    reason: str | None = None
    kind: Kind | None = None
    name: str | None = None
    trace: tuple[RawState, ...] = ()
    lasso: Lasso | None = None
    generated: int | None = None
    distinct: int | None = None
    queue: int | None = None
    depth: int | None = None
    initial: int | None = None
    seconds: float = 0.0
    coverage: Mapping[str, ActionCoverage] = field(default_factory=dict)
    collision: float | None = None
    tlc_version: str | None = None
    warnings: tuple[str, ...] = ()
    notes: str = ""
    exit_code: int | None = None
    messages: tuple[Message, ...] = field(default=(), repr=False)
    resident: bool = False
