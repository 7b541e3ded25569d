"""Asking whether a property is still true after one step from any state in which it is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from kvmtla.induct.locks import Holders, holders
from kvmtla.induct.solver import load
from kvmtla.induct.steps import first_ways, ways
from kvmtla.induct.terms import Encoder, Term, Terms
from kvmtla.ir.model import Model
from kvmtla.ir.types import LOCK, WRITE_HELD, MapT, Type
from kvmtla.sem import Meaning, State, Taken, first_states, steps


@dataclass(frozen=True)
class Broken:
    """A step from a state in which the property and its helpers are true to one in which it is not.

    `taken` is None where the property is false in a first state, which is then `before`.
    """

    before: State
    taken: Taken | None


@dataclass(frozen=True)
class Induction:
    """The findings of the solver about a property.

    Where `broken` and `unknown` are None, the property is true in every first state, and each of
    `sorts` sorts of step keeps it, from all states of the right types in which it, the helpers and
    the facts about `locks` are true. `unknown` is the reason where the solver gave up.
    """

    model: Model
    prop: str
    helpers: tuple[str, ...]
    locks: tuple[str, ...]
    sorts: int
    broken: Broken | None
    unknown: str | None
    seconds: float

    @property
    def is_inductive(self) -> bool:
        """Is the property kept by every step, as far as the helpers are true?"""
        return self.broken is None and self.unknown is None


def induct(
    model: Model, prop: str, helpers: Sequence[str] = (), *, seconds: float = 60.0
) -> Induction:
    """Ask z3 whether each step of `model` keeps the invariant `prop`.

    `helpers` are other invariants of the model, which are taken to be true in the state before.
    `seconds` is how long the solver may think about one sort of step. A step that is found is one
    of the reference semantics, else the answer is unknown. Raises ToolError where there is no z3,
    KeyError for an invariant that the model does not have, TypeError for a variable that cannot be
    stored.
    """
    z3 = load()
    started = time.monotonic()
    asking = _Asking(model, prop, tuple(helpers), z3, seconds)
    broken, unknown = asking.answer()
    return Induction(
        model,
        prop,
        tuple(helpers),
        tuple(h.lock for h in asking.locks),
        len(model.actions),
        broken,
        unknown,
        time.monotonic() - started,
    )


class _Asking:
    def __init__(
        self, model: Model, prop: str, helpers: tuple[str, ...], z3: ModuleType, seconds: float
    ) -> None:
        self.model = model
        self.prop = prop
        self.helpers = helpers
        self.z3 = z3
        self.encoder = Encoder(model, z3)
        self.meaning = Meaning(model)
        self.limit = max(1, int(seconds * 1000))
        self.state, self.typed = self.encoder.any_state()
        self.locks: list[Holders] = []

    def answer(self) -> tuple[Broken | None, str | None]:
        """Return what breaks the property, or why that is not known."""
        for state in first_states(self.meaning):
            if not self.meaning.invariant(self.prop, state):
                return Broken(state, None), None
        self.locks = [h for h in holders(self.model) if self._is_fact(h)]
        solver = self._solver()
        solver.add(self.typed)
        for name in (self.prop, *self.helpers):
            solver.add(self._invariant(name, self.state))
        for h in self.locks:
            solver.add(self._agrees(h, self.state))
        for action, bad in self._breaking(self._still_true):
            solver.push()
            solver.add(bad)
            said = solver.check()
            if said == self.z3.sat:
                return self._broken(solver, action)
            if said != self.z3.unsat:
                return None, f"z3 gave up on {action}: {solver.reason_unknown()}"
            solver.pop()
        return None, None

    def _solver(self) -> Any:
        solver = self.z3.SolverFor("QF_BV")
        solver.set("timeout", self.limit)
        return solver

    def _invariant(self, name: str, state: Terms) -> Term:
        return self.encoder.all_of(self.encoder.checked(self.encoder.definitions[name].body, state))

    def _still_true(self, after: Terms) -> Term:
        value, needs = self.encoder.checked(self.encoder.definitions[self.prop].body, after)
        return self.encoder.any_of([self.encoder.negation(needs), value])

    def _breaking(self, kept: Callable[[Terms], Term]) -> Iterator[tuple[str, Term]]:
        """Yield each action that may break a condition, with when it does."""
        now = kept(self.state)
        for action in self.model.actions:
            found = []
            for way in ways(self.encoder, action, self.state):
                after = kept({**self.state, **way.changed})
                if after is not True and not _alike(after, now):
                    found.append(self.encoder.all_of([way.cond, self.encoder.negation(after)]))
            bad = self.encoder.any_of(found)
            if bad is not False:
                yield action.name, bad

    # -- locks

    def _agrees(self, h: Holders, state: Terms) -> Term:
        """Return the condition that the lock is held just as the places of the actors say."""
        e = self.encoder
        one, none = e.constant(1, LOCK), e.constant(0, LOCK)
        there, writers, readers = [], none, none
        for actor in h.without:
            for pc, t in self._places(actor, state):
                writes, reads, does_not = (
                    e.any_of(e.same(pc, e.constant(p, t)) for p in sorted(places[actor]))
                    for places in (h.writing, h.reading, h.without)
                )
                there.append(e.any_of([writes, reads, does_not]))
                writers = writers + e.choice(writes, one, none)
                readers = readers + e.choice(reads, one, none)
        lock = state[h.lock]
        nobody_writes = e.all_of([e.same(writers, 0), e.same(lock, readers)])
        somebody_does = e.all_of([e.same(writers, 1), e.same(readers, 0), e.same(lock, WRITE_HELD)])
        return e.all_of([*there, e.any_of([nobody_writes, somebody_does])])

    def _places(self, actor: str, state: Terms) -> Iterator[tuple[Term, Type]]:
        """Yield the place where an actor, or each of several alike, is, with its type."""
        v = self.model.variables[f"{actor}_pc"]
        several = isinstance(v.type, MapT)
        t = v.type.value if isinstance(v.type, MapT) else v.type
        yield from ((pc, t) for pc in (state[v.name] if several else (state[v.name],)))

    def _is_fact(self, h: Holders) -> bool:
        """Do the first states and every step keep to what the lock says?"""
        solver = self._solver()
        for way in first_ways(self.encoder):
            wrong = self.encoder.negation(self._agrees(h, way.changed))
            if not self._never(solver, self.encoder.all_of([way.cond, wrong])):
                return False
        solver.add(self.typed, self._agrees(h, self.state))
        return all(
            self._never(solver, bad)
            for _, bad in self._breaking(lambda after: self._agrees(h, after))
        )

    def _never(self, solver: Any, cond: Term) -> bool:
        if isinstance(cond, bool):
            return not cond
        return bool(solver.check(cond) == self.z3.unsat)

    # -- a step that breaks it

    def _broken(self, solver: Any, action: str) -> tuple[Broken | None, str | None]:
        before = self._plainest(solver)
        wanted = next(a for a in self.model.actions if a.name == action)
        for taken in steps(self.meaning, wanted, before):
            if not self.meaning.invariant(self.prop, taken.after):
                true = all(self.meaning.invariant(n, before) for n in (self.prop, *self.helpers))
                if true:
                    return Broken(before, taken), None
        return None, f"the step that z3 found is not one of the model: {action}"

    def _plainest(self, solver: Any) -> State:
        """Return a state from which the step is possible, one that is much like a first state."""
        first = next(first_states(self.meaning))
        e = self.encoder
        for name, v in self.model.variables.items():
            for part in _parts(self.state[name], e.constant(first[name], v.type)):
                solver.push()
                solver.add(e.same(*part))
                if solver.check() != self.z3.sat:
                    solver.pop()
        solver.check()
        found = solver.model()
        return {n: e.value(self.state[n], v.type, found) for n, v in self.model.variables.items()}


def _parts(term: Term, value: Term) -> Iterator[tuple[Term, Term]]:
    """Yield the booleans and numbers that a value consists of, those that are not known."""
    if isinstance(term, tuple):
        for t, v in zip(term, value, strict=True):
            yield from _parts(t, v)
    elif not isinstance(term, int):
        yield term, value


def _alike(a: Term, b: Term) -> bool:
    """Are two conditions the same, as far as can be seen at a glance?"""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a.eq(b))
