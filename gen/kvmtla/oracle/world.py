"""A scenario with its constants: the first states, and the steps that are possible in a state.

The scheduler stops before each access and lets anybody go on. The code between two accesses is
local and belongs to the earlier one; an operation begins in the same step as its first access.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kvmtla.oracle.context import Branch, Choices, Impossible, NotInLanguageError, Spans, context
from kvmtla.oracle.functions import Function
from kvmtla.oracle.runs import Access, Pause, Run, one_step
from kvmtla.oracle.scenario import Actor, Scenario
from kvmtla.oracle.states import Draft, Machine, Places, State, state_of
from kvmtla.oracle.steps import taken
from kvmtla.oracle.values import elements

_NO_SPANS: Spans = frozenset()


@dataclass(eq=False)
class Position:
    """A position where an operation has stopped: before `access`, after these answers."""

    function: Function
    args: tuple[Any, ...]
    answers: tuple[Any, ...]
    access: Access
    spans: Spans
    outside: str | None
    """A local with an integer out of its bounds; None if there is none."""
    after: dict[Any, list[Position | None]] = field(default_factory=dict)
    """The positions where the operation may stop next, by answer to the access; None is its end."""
    steps: dict[Hashable, list[tuple[int, Position | None]]] = field(default_factory=dict)
    """The possible results of the access, by state."""


class Task(NamedTuple):
    """The position of an actor; it may begin `left` more operations, None for no limit."""

    at: Position | None
    left: int | None


class Moment(NamedTuple):
    """A state: the number of the shared state, and the task of each actor."""

    shared: int
    tasks: tuple[Task, ...]


Agent = tuple[str, Any]
"""The one who takes a step: the name of an actor or a hardware action, and its element, if any."""


class World:
    """A scenario with the values of its constants; ask everything inside of `inside()`."""

    def __init__(self, scenario: Scenario, constants: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.constants = constants
        self.machine = Machine(scenario.machine)
        self.actors: list[tuple[Actor, Any]] = []
        with self.inside():
            for a in scenario.actors:
                several = elements(a.each) if a.each is not None else (None,)
                self.actors += [(a, me) for me in several]
        self.agents: list[Agent] = [(a.name, me) for a, me in self.actors]
        """The actors, in the order of their tasks."""
        self.states: list[State] = []
        """The shared states found so far, by number."""
        self._numbers: dict[State, int] = {}
        self._spans: dict[tuple[Task, ...], Spans] = {}
        self._positions: dict[Hashable, Position] = {}
        self._starts: dict[int, list[Position | None]] = {}
        self._hardware: dict[Hashable, list[tuple[Agent, int]]] = {}

    def inside(self) -> Any:
        """Return a context manager that lets functions run in this world."""
        return context.world(self.scenario.sizes, self.constants)

    def shared(self, moment: Moment) -> State:
        """Return the shared state."""
        return self.states[moment.shared]

    def spans(self, moment: Moment) -> Spans:
        """Return the spans that somebody is in."""
        if moment.tasks not in self._spans:
            inside = (t.at.spans for t in moment.tasks if t.at is not None)
            self._spans[moment.tasks] = _NO_SPANS.union(*inside)
        return self._spans[moment.tasks]

    def outside(self, moment: Moment) -> str | None:
        """Return a field or a local with an integer out of its bounds; None if there is none."""
        inside = (t.at.outside for t in moment.tasks if t.at is not None)
        return self.machine.wrong(self.shared(moment)) or next(filter(None, inside), None)

    def _number(self, state: State) -> int:
        if state not in self._numbers:
            self._numbers[state] = len(self.states)
            self.states.append(state)
        return self._numbers[state]

    @property
    def fair(self) -> set[Agent]:
        """The agents that do not wait for ever before a step that stays possible."""
        found = {(a.name, me) for a, me in self.actors if a.fair}
        for fn in self.scenario.hardware:
            if fn.fair:
                found |= {_agent(fn, args) for args in self._arguments(fn)}
        return found

    # -- first states

    def first(self) -> Iterator[Moment]:
        """Yield all first states; raise NotInLanguageError if a field has no value there."""
        tasks = tuple(Task(None, a.times) for a, _ in self.actors)
        for state, _ in self._whole(self.scenario.initial, (), self.machine.first(), _NO_SPANS):
            missing = self.machine.missing(state)
            if missing is not None:
                raise NotInLanguageError(f"{missing} has no first value")
            yield Moment(self._number(state), tasks)

    # -- steps

    def next(self, moment: Moment) -> Iterator[tuple[Agent, Moment]]:
        """Yield all states that one step leads to, each with the agent that takes it."""
        spans = self.spans(moment)
        for i, task in enumerate(moment.tasks):
            for state, now in self._steps_of(i, task, moment.shared, spans):
                tasks = (*moment.tasks[:i], now, *moment.tasks[i + 1 :])
                yield self.agents[i], Moment(state, tasks)
        for agent, state in self._hardware_steps(moment.shared, spans):
            yield agent, Moment(state, moment.tasks)

    def _steps_of(self, i: int, task: Task, state: int, spans: Spans) -> Iterator[tuple[int, Task]]:
        if task.at is not None:
            for after, now in self._take(task.at, state, spans):
                yield after, Task(now, task.left)
        elif task.left != 0:
            left = task.left - 1 if task.left is not None else None
            for start in self._started(i, state, spans):
                if start is None:
                    # The operation ended before any access.
                    yield state, Task(None, left)
                    continue
                for after, now in self._take(start, state, spans):
                    yield after, Task(now, left)

    def _started(self, i: int, state: int, spans: Spans) -> list[Position | None]:
        """Return the positions before the first accesses of an actor's operations."""
        if i not in self._starts:
            actor, me = self.actors[i]
            found: list[Position | None] = []
            for fn in actor.operations:
                starts: list[Position | None] = []
                for args in self._arguments(fn, actor.each, me):
                    starts += self._resumed(fn, args, (), self.states[state], spans)
                # An operation without any access matters only where operations are counted.
                if any(starts) or actor.times is not None:
                    found += starts
            self._starts[i] = _each_once(found)
        return self._starts[i]

    def _arguments(
        self, fn: Function, own: Any = None, me: Any = None
    ) -> Iterator[tuple[Any, ...]]:
        """Return all possible arguments; the first parameter of the actor's type is the actor."""
        types = [t for _, t in fn.params if t is not None]
        mine = next(
            (i for i, t in enumerate(types) if own is not None and t.element_of is own),
            None,
        )
        ranges = [(me,) if i == mine else t.values() for i, t in enumerate(types)]
        return itertools.product(*ranges)

    def _take(self, at: Position, state: int, spans: Spans) -> list[tuple[int, Position | None]]:
        """Return the possible results of the access that an operation has stopped before."""
        key = (state, spans) if at.access.kind in ("wait_until", "call") else state
        if key not in at.steps:
            at.steps[key] = [
                (self._number(after), now)
                for after, answer in self._accessed(at, self.states[state], spans)
                for now in self._after(at, answer, after, spans)
            ]
        return at.steps[key]

    def _accessed(self, at: Position, state: State, spans: Spans) -> list[tuple[State, Any]]:
        """Return the states after an access, each with its answer."""
        access = at.access
        if access.kind == "wait_until":
            # The operation itself evaluates the condition, in the current state.
            (stopped,) = self._pauses(at.function, at.args, at.answers, state, spans)
            assert stopped is not None
            return [(state, None)] if stopped[1].access.args[0] else []
        if access.kind == "call":
            function, args = access.args
            return list(self._whole(function, args, state, spans))
        found = taken(self.machine, access, state)
        return [found] if found is not None else []

    def _after(
        self, at: Position, answer: Any, state: State, spans: Spans
    ) -> list[Position | None]:
        if answer not in at.after:
            answers = (*at.answers, answer)
            at.after[answer] = self._resumed(at.function, at.args, answers, state, spans)
        return at.after[answer]

    def _resumed(
        self,
        fn: Function,
        args: tuple[Any, ...],
        answers: tuple[Any, ...],
        state: State,
        spans: Spans,
    ) -> list[Position | None]:
        """Return the positions where an operation stops after these answers; None is its end."""
        found: list[Position | None] = []
        for stopped in self._pauses(fn, args, answers, state, spans):
            if stopped is None:
                found.append(None)
                continue
            given, pause = stopped
            # The condition of a wait was evaluated in another state than the one it is asked in.
            asked = () if pause.access.kind == "wait_until" else pause.access.args
            key = (fn, pause.where, pause.access.kind, pause.access.path, asked, pause.spans)
            if key not in self._positions:
                self._positions[key] = Position(
                    fn, args, given, pause.access, pause.spans, pause.outside
                )
            found.append(self._positions[key])
        return _each_once(found)

    def _pauses(
        self,
        fn: Function,
        args: tuple[Any, ...],
        answers: tuple[Any, ...],
        state: State,
        spans: Spans,
    ) -> Iterator[tuple[tuple[Any, ...], Pause] | None]:
        """Run an operation with these answers, once for each way that its choices can go."""
        places = Places(self.machine, state, spans)
        todo = [answers]
        while todo:
            given = todo.pop()
            run = Run(given)
            try:
                with context.running(run):
                    run.call(fn.python, fn.given(places, args))
            except Pause as pause:
                if pause.access.kind == "choose":
                    todo += [(*given, option) for option in pause.access.args]
                else:
                    yield given, pause
            else:
                yield None

    def _hardware_steps(self, state: int, spans: Spans) -> list[tuple[Agent, int]]:
        key = state, spans
        if key not in self._hardware:
            found = []
            for fn in self.scenario.hardware:
                for args in self._arguments(fn):
                    for after, _ in self._whole(fn, args, self.states[state], spans):
                        found.append((_agent(fn, args), self._number(after)))
            self._hardware[key] = _each_once(found)
        return self._hardware[key]

    def _whole(
        self, fn: Function, args: Sequence[Any], state: State, spans: Spans
    ) -> Iterator[tuple[State, Any]]:
        """Yield what can come of code that is one step: the states after it, and its results."""
        todo: list[tuple[Any, ...]] = [()]
        while todo:
            given = todo.pop()
            draft = Draft(self.machine, state, spans)
            try:
                result = one_step(fn.plain, fn.given(draft, args), Choices(given))
            except Branch as branch:
                todo += [(*given, option) for option in branch.options]
            except Impossible:
                pass
            else:
                yield state_of(draft), result


def _agent(fn: Function, args: Sequence[Any]) -> Agent:
    """Return the agent of a hardware step; its element is the first argument, if of a domain."""
    types = [t for _, t in fn.params if t is not None]
    return fn.__name__, args[0] if types and types[0].element_of is not None else None


def _each_once(items: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


__all__ = ["Agent", "Callable", "Moment", "Position", "Task", "World"]
