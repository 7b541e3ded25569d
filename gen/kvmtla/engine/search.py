"""Breadth-first search of the states of a compiled model."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from kvmtla.engine.compile import Compiled, StepPredicate, Task, compile_model
from kvmtla.engine.memory import Memory
from kvmtla.engine.mixing import Mixer, plain
from kvmtla.engine.outcome import TYPE_OK, Census, Limits, Outcome, Stuck, Trace
from kvmtla.engine.stuck import StuckStates
from kvmtla.engine.symmetry import symmetry_of
from kvmtla.engine.tables import Canonical, Changes, Made, StepVerdicts, Verdicts, gathered
from kvmtla.ir.model import Model
from kvmtla.sem import State
from kvmtla.verdict import Kind, Verdict

# The states that are expanded at once: enough for the work to be done in loops that are not
# Python's, few enough to notice in time that a limit is reached.
_CHUNK = 4096

# After the first number of states it is known well enough which steps go together; it is found
# out again after this many times more states, from a sample of this size.
_FIRST_GATHERING = 2000
_NEXT_GATHERING = 8
_SAMPLE = 8192


_NO_MEMORY = "there is not enough memory for the states"


class _Stopped(Exception):  # noqa: N818 - it is not an error, and never leaves this module
    """A limit is reached; carries the reason."""


def census(
    model: Model | Compiled,
    props: Sequence[str],
    *,
    limit: Limits | None = None,
    stuck: bool = False,
) -> Census:
    """Find which of the properties `props` are violated, and in how many steps.

    As `explore` for each of them, in one search. With `stuck`, also find how soon somebody gets
    stuck. Raises KeyError for a property that the model does not have.
    """
    compiled = model if isinstance(model, Compiled) else compile_model(model)
    return Search(compiled).all_violated(props, limit=limit, stuck=stuck)


def _first_broken(test: StepVerdicts, made: Sequence[Made]) -> list[tuple[int, int]]:
    """Return the steps that violate a test, from the first table that has some."""
    for steps in made:
        if broken := test.broken_by(steps):
            return broken
    return []


class Search:
    """One search of a compiled model, which keeps the states that it finds.

    Its time is counted from `since` on, if that is given.
    """

    def __init__(
        self, compiled: Compiled, *, symmetry: bool = True, since: float | None = None
    ) -> None:
        self.compiled = compiled
        found = symmetry_of(compiled.layout) if symmetry else None
        self._mixer = Mixer(compiled.layout.bits)
        self._canonical = Canonical(found, self._mixer) if found is not None else None
        self._steps = [Changes([s], self._mixer) for s in compiled.stages]
        self._gather_at = _FIRST_GATHERING
        self._at_rest = Verdicts(compiled.at_rest)
        self._watched = [Verdicts(p) for p in compiled.watched.values()]
        self._true = Counter[str]()
        self._layers: list[list[int]] = []
        self._seen: set[int] = set()
        self._resting = 0
        self._fired: Counter[int] = Counter()
        self._first = 0
        self.complete = False
        """True once it has found all states."""
        self._started = time.monotonic() if since is None else since

    def run(
        self,
        props: str | Sequence[str] | None = None,
        *,
        limit: Limits | None = None,
    ) -> Outcome:
        """Search, once, and return the result; see `kvmtla.engine.explore`."""
        of_steps = self.compiled.steps
        try:
            found = next(self._violations(props, limit or Limits()), None)
        except _Stopped as stopped:
            return self._outcome(Verdict.UNKNOWN, str(stopped))
        except MemoryError:
            return self._outcome(Verdict.UNKNOWN, _NO_MEMORY)
        if found is None:
            self.complete = True
            return self._outcome(Verdict.HOLDS)
        name, state, steps = found
        kind = Kind.INVARIANT
        way = self._trace(state, self._layers[: steps + (name not in of_steps)])
        if name in of_steps:
            kind = Kind.ACTION
            way.append(self._last_step(way[-1][1], of_steps[name]))
        return self._outcome(Verdict.VIOLATED, None, kind, name, self._told(way))

    def all_violated(
        self, props: Sequence[str], *, limit: Limits | None = None, stuck: bool = False
    ) -> Census:
        """Search, once, also after the first violation, and return the result; see `census`."""
        violated: dict[str, int] = {}
        complete = True
        try:
            for name, _, steps in self._violations(props, limit or Limits()):
                violated[name] = steps
        except (_Stopped, MemoryError):
            complete = False
        self.complete = complete and TYPE_OK not in violated
        soon = StuckStates(self).nearest if stuck and self.complete else None
        numbers = len(self._seen), self._generated, len(self._layers)
        return Census(violated, complete, *numbers, soon[0] if soon is not None else None)

    def stuck(self) -> Stuck | None:
        """Return who can get stuck, and how; None if the search did not come to its end."""
        if not self.complete:
            return None
        found = StuckStates(self)
        if found.nearest is None:
            return Stuck()
        depth, state = found.nearest
        way = self._trace(state, self._layers[: depth + 1])
        who = tuple((t.actor, t.me) for t in found.who(way[-1][1]))
        return Stuck(who, found.actors, self._told(way))

    # -- all states, for those who ask what they can lead to

    @property
    def by_depth(self) -> Sequence[Sequence[int]]:
        """The states in the order of depth."""
        return self._layers

    def ahead(self, states: Sequence[int]) -> Iterator[Iterator[int]]:
        """Yield where the steps from each of these states lead, made canonical under symmetry."""
        made = [steps.of(states) for steps in self._steps]
        canonical = self._canonical
        for state, changes in zip(states, zip(*made, strict=True), strict=True):
            after = map(state.__xor__, chain.from_iterable(changes))
            yield after if canonical is None else canonical.of([*after])

    def apart(self, state: int) -> Iterator[int]:
        """Return where the steps from a state lead, without symmetry."""
        made = (next(steps.of([state])) for steps in self._steps)
        return map(state.__xor__, chain.from_iterable(made))

    def named(self, task: Task) -> bool:
        """Does the name of the task always stand for the same actor?"""
        domains = {a.name: a.domain for a in self.compiled.model.actors}
        symmetric = self._canonical.symmetry.domains if self._canonical is not None else ()
        return domains[task.actor] not in symmetric

    def states(self) -> Iterator[State]:
        """Return the states found by depth, only one of those that symmetry makes one."""
        return map(self.compiled.layout.unpack, chain.from_iterable(self._layers))

    def numbers(self) -> Iterator[int]:
        """Return the states found as packed integers, always in the same order."""
        return chain.from_iterable(sorted(map(plain, layer)) for layer in self._layers)

    def number(self, state: State) -> int:
        """Return what the search calls a state; the same for states that symmetry makes one."""
        packed = self._mixer.mixed(self.compiled.layout.pack(state))
        return packed if self._canonical is None else next(self._canonical.of([packed]))

    def layers(self) -> list[int]:
        """Return how many states are 0, 1, ... steps away, as far as all of them were found."""
        return [len(layer) for layer in self._layers]

    def has(self, state: State) -> bool:
        """Has the search found this state, or one that symmetry makes the same?"""
        return self.number(state) in self._seen

    # -- the search

    def _violations(
        self, props: str | Sequence[str] | None, limit: Limits
    ) -> Iterator[tuple[str, int, int]]:
        """Search, and yield each property's first violation: name, state and number of steps to it.

        For a property of steps, it is the state before the step. The number of steps is that to the
        violation. There is nothing more after a value that is not of its type.
        """
        of_states, of_steps = self.compiled.invariants, self.compiled.steps
        if isinstance(props, str):
            props = (props,)
        elif props is None:
            props = (*of_states, *of_steps)
        on_steps = [StepVerdicts(of_steps[p]) for p in props if p in of_steps]
        tests = [Verdicts(of_states[p]) for p in props if p not in of_steps]
        typed = Verdicts(self.compiled.typed)
        compiled = self.compiled
        memory = Memory(limit)
        changes = [c for c, _ in compiled.first(compiled.blank)]
        self._first = len(changes)
        layer = self._new({self._mixer.mixed(compiled.blank ^ c) for c in changes})
        while layer:
            self._layers.append(layer)
            depth = len(self._layers) - 1
            for watched in self._watched:
                self._true[watched.name] += sum(watched.of(layer))
            # A value beyond its bounds has no meaning, so nothing is said of it.
            if wrong := typed.having(layer, False):
                yield typed.name, min(wrong), depth
                return
            for test in [*tests]:
                if wrong := test.having(layer, False):
                    yield test.name, min(wrong), depth
                    tests.remove(test)
            ahead: list[int] = []
            broken: list[tuple[str, int, int]] = []
            for i in range(0, len(layer), _CHUNK):
                self._check_limits(limit, memory)
                chunk = layer[i : i + _CHUNK]
                if len(self._seen) >= self._gather_at:
                    self._gather(layer)
                made = [list(steps.of(chunk)) for steps in self._steps]
                for steps, found in zip(self._steps, made, strict=True):
                    steps.count(found)
                self._resting += sum(self._at_rest.of(chunk))
                asked = [Made(chunk, found) for found in made] if on_steps else []
                for on_step in [*on_steps]:
                    if steps_of := _first_broken(on_step, asked):
                        broken.append((on_step.name, min(steps_of)[0], depth + 1))
                        on_steps.remove(on_step)
                pairs = chain.from_iterable(zip(chunk, m, strict=True) for m in made)
                ahead += self._new({s ^ change for s, changes in pairs for change in changes})
            if broken and (wrong := typed.having(ahead, False)):
                self._layers.append(ahead)
                yield typed.name, min(wrong), depth + 1
                return
            yield from broken
            layer = ahead

    def _new(self, found: set[int]) -> list[int]:
        """Note the states in `found` that are new, and return them."""
        # Not `-=`, which would go through all states that are to be taken away.
        found = found - self._seen
        if self._canonical is not None:
            found = set(self._canonical.of(list(found))) - self._seen
        self._seen |= found
        return list(found)

    def _gather(self, layer: Sequence[int]) -> None:
        """Put together steps that are possible in much the same situations."""
        self._gather_at *= _NEXT_GATHERING
        for steps in self._steps:
            self._fired.update(steps.fired())
        apart = max(1, len(layer) // _SAMPLE)
        self._steps = gathered(self.compiled.stages, self._mixer, layer[::apart])

    def _check_limits(self, limit: Limits, memory: Memory) -> None:
        if limit.states is not None and len(self._seen) > limit.states:
            raise _Stopped(f"there are more than {limit.states} states")
        if limit.seconds is not None and time.monotonic() - self._started > limit.seconds:
            raise _Stopped(f"the search did not end within {limit.seconds:g} seconds")
        if memory.is_full(self._seen):
            raise _Stopped(f"the states take more than {memory.megabytes} MiB")

    # -- what was found

    def _outcome(
        self,
        verdict: Verdict,
        reason: str | None = None,
        kind: Kind | None = None,
        name: str | None = None,
        trace: Trace = (),
    ) -> Outcome:
        fired = self._all_fired()
        ends: dict[str, list[int]] = {}
        for number, action in enumerate(self.compiled.ends):
            ends.setdefault(action, []).append(fired[number])
        return Outcome(
            verdict,
            reason,
            kind,
            name,
            len(self._seen),
            self._generated,
            len(self._layers),
            trace,
            {n: tuple(counts) for n, counts in ends.items()},
            {w.name: self._true[w.name] for w in self._watched},
            time.monotonic() - self._started,
        )

    def _all_fired(self) -> Counter[int]:
        fired = self._fired.copy()
        for steps in self._steps:
            fired.update(steps.fired())
        return fired

    @property
    def _generated(self) -> int:
        return self._first + self._all_fired().total() + self._resting

    def _told(self, way: Sequence[tuple[str | None, int]]) -> Trace:
        unpack = self.compiled.layout.unpack
        return tuple((action, unpack(s)) for action, s in way)

    def _trace(self, end: int, layers: Sequence[Sequence[int]]) -> list[tuple[str | None, int]]:
        """Return a shortest way to a state in the last of some layers, with what led to each."""
        way = [end]
        for layer in reversed(layers[:-1]):
            way.append(self._before(layer, self._alike(way[-1])))
        way.reverse()
        compiled, mixed = self.compiled, self._mixer.mixed
        starts = (mixed(compiled.blank ^ c) for c, _ in compiled.first(compiled.blank))
        wanted = self._alike(way[0])
        now = min(s for s in starts if s in wanted)
        found: list[tuple[str | None, int]] = [(None, now)]
        # With symmetry, the states on the way found so far stand for others. Going along it with
        # real steps gives real states.
        for state in way[1:]:
            wanted = self._alike(state)
            action, now = next(step for step in self._steps_from(now) if step[1] in wanted)
            found.append((action, now))
        return found

    def _last_step(self, state: int, wanted: StepPredicate) -> tuple[str | None, int]:
        """Return the first step from a state for which a predicate is false."""
        return next(step for step in self._steps_from(state) if not wanted.of(state, step[1]))

    def _steps_from(self, state: int) -> Iterator[tuple[str, int]]:
        """Yield the steps that are possible in a state: the action, and where it leads."""
        for stage in self.compiled.stages:
            for change, end in stage.from_state(state):
                yield self.compiled.ends[end], state ^ self._mixer.mixed(change)

    def _alike(self, state: int) -> frozenset[int]:
        """Return the states that symmetry makes one with this one, itself among them."""
        orbit = {plain(state)}
        if self._canonical is not None:
            orbit.update(self._canonical.symmetry.orbit(state))
        return frozenset(map(self._mixer.mixed, orbit))

    def _before(self, layer: Sequence[int], wanted: frozenset[int]) -> int:
        """Return the least state of a layer from which one step leads to a wanted one."""
        found = (
            s
            for steps in self._steps
            for s, changes in zip(layer, steps.of(layer), strict=True)
            for change in changes
            if s ^ change in wanted
        )
        return min(found)
