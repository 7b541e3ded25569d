"""Every counterexample, followed step by step, and altered ones, which must not be followed."""

from __future__ import annotations

from collections.abc import Iterator

from kvmtla.check.results import Result
from kvmtla.tlc import RawState
from kvmtla.trace import ReplayError
from kvmtla.trace.replay import replay
from kvmtla.trust.section import Found, Ground, Section
from kvmtla.verdict import Verdict


def _run(ground: Ground) -> Found:
    shown = [r for r in ground.results if r.verdict is Verdict.VIOLATED]
    faults = []
    steps = altered = 0
    for r in shown:
        error = _error(r, r.states)
        if error is not None:
            faults.append(f"{r.point.label}: {error}")
            continue
        steps += len(r.states) - 1
        for what, states in _altered(r, ground.short):
            altered += 1
            if _error(r, states) is None:
                faults.append(f"{r.point.label} replays {what}")
    return Found(
        (
            f"{len(shown)} counterexamples, {steps:,} steps: each can be taken in the reference "
            "semantics, and the property is false at the end and nowhere before.",
            f"{altered:,} altered ones, each without one state: none of them can.",
        ),
        tuple(faults),
    )


def _error(result: Result, states: tuple[RawState, ...]) -> ReplayError | None:
    try:
        replay(result.point.module.model, states, result.point.prop, result.lasso)
    except ReplayError as error:
        return error
    return None


def _altered(result: Result, short: bool) -> Iterator[tuple[str, tuple[RawState, ...]]]:
    """Yield the counterexample without one state, each in turn; in short form, the middle one."""
    states = result.states
    left_out = (len(states) // 2,) if short else range(len(states))
    for i in left_out:
        yield f"without its state {i + 1}", (*states[:i], *states[i + 1 :])


SECTION = Section(
    "replay",
    "Replay",
    "TLC's counterexamples against the reference semantics, which shares nothing with the "
    "generator of TLA+ but the model.",
    _run,
)
