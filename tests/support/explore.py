"""Every state that a model can reach, by the reference semantics."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kvmtla.fuzz.orbits import Key
from kvmtla.fuzz.reference import well_typed
from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.sem import Meaning, State, Task, enabled, first_states, waiting


@dataclass
class Explored:
    """What an exhaustive breadth-first search of a model found.

    `violated` maps each property that is not true in all states, or of all steps, and each goal
    that is reached, to the number of states on a shortest way to where it shows, `stuck` is the
    number of states on a shortest way to one in which somebody is stuck (None: no such state), and
    `who` are the names of all who are so somewhere. `generated` counts as TLC does: first states
    and all steps.
    """

    states: dict[Key, int] = field(default_factory=dict)
    initial: int = 0
    generated: int = 0
    depth: int = 0
    violated: dict[str, int] = field(default_factory=dict)
    stuck: int | None = None
    who: set[str] = field(default_factory=set)
    ill_typed: int | None = None
    """Like `stuck`, of a state in which a variable has a value that its type has not."""
    taken: set[str] = field(default_factory=set)
    """The names of the actions that are possible anywhere."""

    @property
    def distinct(self) -> int:
        return len(self.states)


def explore(model: Model, invariants: Iterable[str] | None = None) -> Explored:
    """Explore all of `model`; its invariants are checked, or the properties given here."""
    meaning = Meaning(model)
    names = model.invariants if invariants is None else invariants
    asked = [p for p in map(model.asked, names) if not p.kind.temporal]
    found = Explored()
    waits: dict[Key, set[Task]] = {}
    before: dict[Key, set[Key]] = {}
    queue: deque[tuple[State, int]] = deque()

    def reach(state: State, depth: int, before: State | None = None) -> None:
        found.generated += 1
        for p in asked:
            if p.name not in found.violated and meaning.ends(p, state, before):
                found.violated[p.name] = depth
        key = tuple(state[n] for n in model.variables)
        if key not in found.states:
            found.states[key] = found.depth = depth
            queue.append((state, depth))

    for state in first_states(meaning):
        reach(state, 1)
    found.initial = found.distinct
    while queue:
        state, depth = queue.popleft()
        if not well_typed(model, state):
            # What lies behind has no meaning, and may have no end.
            found.ill_typed = found.ill_typed or depth
            continue
        key = tuple(state[n] for n in model.variables)
        waits[key] = set(waiting(meaning, state))
        for step in enabled(meaning, state):
            found.taken.add(step.action.name)
            reach(step.after, depth + 1, state)
            before.setdefault(tuple(step.after[n] for n in model.variables), set()).add(key)
        if _quiescent(model, state):
            # The module has a step for this that leads nowhere else.
            found.generated += 1
    if found.ill_typed is None:
        for task in set[Task]().union(*waits.values()):
            never = _never_on(task, waits, before)
            found.who |= {task[0]} if never else set()
            depths = [found.states[key] for key in never]
            found.stuck = min((*depths, *([found.stuck] if found.stuck else [])), default=None)
    return found


def _never_on(
    task: Task, waits: Mapping[Key, set[Task]], before: Mapping[Key, set[Key]]
) -> set[Key]:
    """The states in which somebody waits, and from which none leads to where it does not."""
    left = {key for key, who in waits.items() if task in who}
    todo = [key for key in waits if key not in left]
    while todo:
        out = before.get(todo.pop(), set()) & left
        left -= out
        todo += out
    return left


def _quiescent(model: Model, state: State) -> bool:
    """Is nobody in the middle of anything?"""
    for actor in model.actors:
        if not actor.hardware:
            at = state[f"{actor.name}_pc"]
            if not all(pc in (IDLE, DONE) for pc in (at if isinstance(at, tuple) else (at,))):
                return False
    return True
