"""Checks what TLC found against the reference semantics, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmtla.ir.model import Model
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.sem import Meaning, State, Taken, broken, first_states, steps, stuck, unfair
from kvmtla.tlc import Lasso, RawState
from kvmtla.trace.reading import MismatchError, StateReader
from kvmtla.trace.words import Words

Found = list[tuple[str | None, State]]

MOST_AHEAD = 2_000
"""The most states to look at to see whether somebody who waits could go on after all."""


class ReplayError(Exception):
    """A counterexample that does not replay: a defect of this program or of TLC, never a verdict.

    `step` is the number of the state that does not follow, counted from 1; `found` and `expected`
    are in words.
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


@dataclass(frozen=True)
class Walk:
    """A walk through a model: its first state, and its steps.

    If it goes on for ever, `loop` steps come before those that repeat; where that is all of them,
    nothing happens any more.
    """

    first: State
    path: Sequence[Taken]
    loop: int | None = None

    @property
    def states(self) -> list[State]:
        """All states on it, the first among them."""
        return [self.first, *(t.after for t in self.path)]


def replay(
    model: Model, raw: Sequence[RawState], prop: str | None, lasso: Lasso | None = None
) -> Walk:
    """Return the walk that TLC found; see `follow`.

    Raises ReplayError, also for a value that its variable cannot have.
    """
    found: Found = []
    reader = StateReader(model)
    for r in raw:
        try:
            found.append((r.action, reader.state(r.variables)))
        except MismatchError as e:
            raise ReplayError(r.number, str(e)) from None
    if lasso is None:
        return follow(model, found, prop)
    loop = lasso.back_to - 1
    if loop >= len(found):
        raise ReplayError(len(found), f"there is no state {lasso.back_to} to go back to")
    if not lasso.stuttering:
        found.append((lasso.action, found[loop][1]))
    moving, loop = _moving(found, loop)
    return follow(model, moving, prop, loop)


def _moving(found: Found, loop: int) -> tuple[Found, int]:
    """Return a way without the steps that change nothing, which do not matter to properties."""
    kept: Found = []
    start = 0
    for i, one in enumerate(found):
        if not kept or one[1] != kept[-1][1]:
            kept.append(one)
        if i == loop:
            start = len(kept) - 1
    return kept, start


def follow(
    model: Model,
    found: Sequence[tuple[str | None, State]],
    prop: str | None,
    loop: int | None = None,
) -> Walk:
    """Return the walk from the first state of a counterexample through all its others.

    `found` has the name of each action (None: the first state) with the state that it led to. What
    `prop` asks must come about in the last state, and in no other, as `Meaning.ends` says; if
    `prop` is None, somebody must be stuck in the last state. A temporal property must be violated
    by what goes on for ever after `loop` steps, and everybody who has to be fair must be so. Raises
    ReplayError for a first state, a step or an end that the model does not have.
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
    walk = Walk(states[0], path, loop)
    _check_end(meaning, walk, prop)
    return walk


def _check_end(meaning: Meaning, walk: Walk, name: str | None) -> None:
    """Raise ReplayError where the walk does not show what it should."""
    states = walk.states
    if name is None:
        if not stuck(meaning, states[-1], MOST_AHEAD):
            raise ReplayError(len(states), "nobody is stuck here: whoever waits can go on")
        return
    prop = meaning.model.asked(name)
    if prop.kind.temporal:
        _check_loop(meaning, walk, prop)
        return
    befores: Sequence[State | None] = [None, *states]
    for i, (before, s) in enumerate(zip(befores, states, strict=False), 1):
        if meaning.ends(prop, s, before) is not (i == len(states)):
            last = i == len(states)
            what = {
                PropertyKind.GOAL: "not reached" if last else "already reached",
                PropertyKind.STEP: "true of the step that leads" if last else "already false",
            }.get(prop.kind, "true" if last else "already false")
            raise ReplayError(i, f"{name} is {what} here")


def _check_loop(meaning: Meaning, walk: Walk, prop: Property) -> None:
    states, loop = walk.states, walk.loop
    if loop is None:
        raise ReplayError(len(states), "it does not go on for ever")
    if states[loop] != states[-1]:
        raise ReplayError(len(states), f"it does not lead back to state {loop + 1}")
    if broken(meaning, prop, states, loop) is None:
        raise ReplayError(len(states), f"{prop.name} is true of what goes on for ever here")
    if (found := unfair(meaning, states, loop)) is not None:
        fair, me = found
        who = fair.name if me is None else f"{fair.name} {me}"
        raise ReplayError(len(states), f"{who} could go on all the time, and never does")


def _difference(model: Model, found: State, expected: State | None) -> tuple[str, str]:
    if expected is None:
        return "", ""
    words = Words(model)
    names = [n for n in model.variables if found[n] != expected[n]]
    return (
        ", ".join(f"{n} = {words.value(found[n], model.variables[n].type)}" for n in names),
        ", ".join(f"{n} = {words.value(expected[n], model.variables[n].type)}" for n in names),
    )
