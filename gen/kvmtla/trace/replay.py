"""Checking what TLC found against the reference semantics, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.sem import Meaning, State, Taken, enabled, first_states, steps
from kvmtla.tlc import RawState
from kvmtla.trace.reading import MismatchError, read_state
from kvmtla.trace.words import Words


class ReplayError(Exception):
    """What TLC found cannot be found again: a defect of this program or of TLC, never a verdict.

    `step` is the number of the state that does not follow, 1 the first; `found` and `expected` are
    in words.
    """

    def __init__(self, step: int, reason: str, found: str = "", expected: str = "") -> None:
        parts = [f"the counterexample does not replay at state {step}: {reason}"]
        if found:
            parts.append(f"TLC has {found}")
        if expected:
            parts.append(f"the model has {expected}")
        super().__init__("; ".join(parts))
        self.step = step
        self.found = found
        self.expected = expected


def replay(
    model: Model, raw: Sequence[RawState], invariant: str | None
) -> tuple[State, list[Taken]]:
    """The first state of what TLC found and the steps that lead through the others; see `follow`.

    Raises ReplayError, also for a value that its variable cannot have.
    """
    found = []
    for r in raw:
        try:
            found.append((r.action, read_state(model, r.variables)))
        except MismatchError as e:
            raise ReplayError(r.number, str(e)) from None
    return follow(model, found, invariant)


def follow(
    model: Model, found: Sequence[tuple[str | None, State]], invariant: str | None
) -> tuple[State, list[Taken]]:
    """The first state of a counterexample and the steps that lead through the others.

    `found` has the name of each action (None: the first state) with the state that it led to. With
    an `invariant`, it must be false in the last state, and in no other; without one, the last state
    must be a deadlock. Raises ReplayError for a first state, a step or an end that the model does
    not have.
    """
    meaning = Meaning(model)
    if not found:
        raise ReplayError(1, "there is no state")
    states = [state for _, state in found]
    if not any(s == states[0] for s in first_states(meaning)):
        raise ReplayError(1, "the model does not begin like this")
    path: list[Taken] = []
    actions = {a.name: a for a in model.actions}
    for number, ((name, after), before) in enumerate(zip(found[1:], states, strict=False), 2):
        action = actions.get(name or "")
        if action is None:
            raise ReplayError(number, f"there is no action {name!r}")
        possible = list(steps(meaning, action, before))
        taken = next((t for t in possible if t.after == after), None)
        if taken is None:
            near = possible[0].after if possible else None
            said, expected = _difference(model, after, near)
            why = f"{name} does not lead there" if near else f"{name} is not possible"
            raise ReplayError(number, why, said, expected)
        path.append(taken)
    if invariant is None:
        if any(True for _ in enabled(meaning, states[-1])) or _at_rest(model, states[-1]):
            raise ReplayError(len(states), "somebody can go on here, so this is no deadlock")
    else:
        for i, s in enumerate(states, 1):
            if meaning.invariant(invariant, s) is (i == len(states)):
                what = "true" if i == len(states) else "already false"
                raise ReplayError(i, f"{invariant} is {what} here")
    return states[0], path


def _at_rest(model: Model, state: State) -> bool:
    """Is nobody in the middle of anything?"""
    for a in model.actors:
        if not a.hardware:
            pc = state[f"{a.name}_pc"]
            if any(p not in (IDLE, DONE) for p in (pc if isinstance(pc, tuple) else (pc,))):
                return False
    return True


def _difference(model: Model, found: State, expected: State | None) -> tuple[str, str]:
    if expected is None:
        return "", ""
    words = Words(model)
    names = [n for n in model.variables if found[n] != expected[n]]
    return (
        ", ".join(f"{n} = {words.value(found[n], model.variables[n].type)}" for n in names),
        ", ".join(f"{n} = {words.value(expected[n], model.variables[n].type)}" for n in names),
    )
