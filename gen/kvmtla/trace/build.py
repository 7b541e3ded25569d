"""From the states that TLC found to a trace: each step replayed, then put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import DONE, IDLE, ActorInfo, Event, Model
from kvmtla.ir.types import DomainT, LockT, MapT, RecordT, Type, Value
from kvmtla.sem import Meaning, State, Taken, enabled, first_states, steps
from kvmtla.tlc import RawState
from kvmtla.trace.explain import explain
from kvmtla.trace.reading import MismatchError, read_state
from kvmtla.trace.trace import Change, Step, Told, Trace
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


def replay(model: Model, raw: Sequence[RawState], invariant: str | None) -> list[Taken | State]:
    """The trace's first state and the steps that lead through the others.

    With an `invariant`, it must be false in the last state, and in no other; without one, the last
    state must be a deadlock. Raises ReplayError for a first state, a step or an end that the model
    does not have.
    """
    meaning = Meaning(model)
    states = []
    for r in raw:
        try:
            states.append(read_state(model, r.variables))
        except MismatchError as e:
            raise ReplayError(r.number, str(e)) from None
    if not states:
        raise ReplayError(1, "there is no state")
    if not any(s == states[0] for s in first_states(meaning)):
        raise ReplayError(1, "the model does not begin like this")
    path: list[Taken | State] = [states[0]]
    actions = {a.name: a for a in model.actions}
    for r, before, after in zip(raw[1:], states, states[1:], strict=False):
        action = actions.get(r.action or "")
        if action is None:
            raise ReplayError(r.number, f"there is no action {r.action!r}")
        possible = list(steps(meaning, action, before))
        taken = next((t for t in possible if t.after == after), None)
        if taken is None:
            near = possible[0].after if possible else None
            found, expected = _difference(model, after, near)
            why = f"{r.action} does not lead there" if near else f"{r.action} is not possible"
            raise ReplayError(r.number, why, found, expected)
        path.append(taken)
    if invariant is None:
        if any(True for _ in enabled(meaning, states[-1])) or _at_rest(model, states[-1]):
            raise ReplayError(len(states), "somebody can go on here, so this is no deadlock")
    else:
        for i, s in enumerate(states, 1):
            if meaning.invariant(invariant, s) is (i == len(states)):
                what = "true" if i == len(states) else "already false"
                raise ReplayError(i, f"{invariant} is {what} here")
    return path


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


def build_trace(model: Model, raw: Sequence[RawState], invariant: str | None) -> Trace:
    """The trace of a counterexample that TLC found; raises ReplayError where it does not replay."""
    path = replay(model, raw, invariant)
    first = path[0]
    assert not isinstance(first, Taken)
    teller = _Teller(model)
    told, before = [], first
    for number, taken in enumerate(path[1:], 1):
        assert isinstance(taken, Taken)
        told.append(teller.step(number, taken, before))
        before = taken.after
    lanes = dict.fromkeys(s.lane for s in told)
    meaning = Meaning(model)
    if invariant is None:
        failure: tuple[str, ...] = (
            "deadlock: somebody is in the middle of something, and no step is possible",
        )
        words = "No actor waits for ever."
    else:
        failure = explain(meaning, Words(model), invariant, before)
        words = meaning.definitions[invariant].doc
    return Trace(
        model.scenario,
        model.doc,
        model.constants,
        invariant or "deadlock",
        words,
        tuple(lanes),
        first,
        tuple(teller.first(first)),
        tuple(told),
        failure,
    )


class _Teller:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.meaning = Meaning(model)
        self.words = Words(model)
        self.actors = {a.name: a for a in model.actors}
        self.domains = {
            p.type.name: p.type
            for a in model.actions
            for p in a.params
            if isinstance(p.type, DomainT)
        }

    def first(self, state: State) -> Iterator[str]:
        """The first state's shared variables that are not at rest, in words."""
        for name, v in self.model.variables.items():
            if v.actor is None and state[name] != v.first:
                yield f"{self.words.place(name, ())}: {self.words.value(state[name], v.type)}"

    def step(self, number: int, taken: Taken, before: State) -> Step:
        a = taken.action
        actor = self.actors[a.actor]
        me = self._me(actor, taken)
        rest = self._rest(a.actor, me, taken)
        path = taken.events[0].path if taken.events else (a.operation,)
        return Step(
            number=number,
            lane=self._lane(actor, me),
            actor=self._name(actor, me),
            operation=path[0],
            action=a.name,
            told=tuple(self._told(e, before, taken.bound) for e in taken.events),
            changes=tuple(self._changes(before, taken.after)),
            held=self._held(taken.after),
            file=a.loc.file,
            line=a.loc.line,
            kernel_source=a.kernel,
            ends=rest in (IDLE, DONE) and bool(taken.events) and not actor.hardware,
            after=taken.after,
        )

    def _me(self, actor: ActorInfo, taken: Taken) -> int | None:
        if actor.domain is None:
            return None
        value = taken.bound[taken.action.params[0].name]
        assert isinstance(value, int)
        return value

    def _rest(self, name: str, me: int | None, taken: Taken) -> str:
        """Where the actor stands after the step; "" for hardware."""
        if self.actors[name].hardware:
            return ""
        pc = taken.after[f"{name}_pc"]
        if me is not None:
            assert isinstance(pc, tuple)
            pc = pc[me]
        return str(pc)

    def _name(self, actor: ActorInfo, me: int | None) -> str:
        label = actor.label if me is None else f"{actor.label} {me}"
        return f"CPU of {label}" if actor.hardware and me is not None else label

    def _lane(self, actor: ActorInfo, me: int | None) -> str:
        """A vCPU and its CPU share a lane: they are never in it at the same time."""
        return actor.label if me is None else f"{actor.label} {me}"

    def _held(self, state: State) -> str:
        held = [
            f"{self.words.place(n, ())} {self.words.value(state[n], v.type)}"
            for n, v in self.model.variables.items()
            if isinstance(v.type, LockT) and state[n] != 0
        ]
        return ", ".join(held)

    def _changes(self, before: State, after: State) -> Iterator[Change]:
        for name, v in self.model.variables.items():
            if before[name] == after[name] or name.endswith("_pc"):
                continue
            for place, f, a, b in self.words.changes(name, v.type, before[name], after[name]):
                shown = place if v.actor is None else name.removeprefix(f"{v.actor}_")
                yield Change(shown, f, a, b, v.actor, is_lock=isinstance(v.type, LockT))

    def _told(self, e: Event, before: State, bound: Mapping[str, Value]) -> Told:
        place = self._place(e.place, before, bound) if e.place is not None else ""
        text = e.text.replace("{place}", place)
        if e.target is not None:
            text = f"{e.target} = {text}"
        value = ""
        if e.returns is not None:
            got = self.meaning.value(e.returns, before, bound)
            value = self.words.value(got, e.returns.type)
            if e.kind in ("test", "try_cmpxchg"):
                value = "yes" if got else "no"
        if e.reasons:
            true = [t for t, r in e.reasons if self.meaning.value(r, before, bound)]
            text = " || ".join(true) or text
        wrote: tuple[tuple[str, str, str], ...] = ()
        if e.stores is not None and e.place is not None and value != "no":
            old = self.meaning.value(e.place, before, bound)
            new = self.meaning.value(e.stores, before, bound)
            wrote = tuple(self._wrote(e.place.type, old, new))
        return Told(e.kind, text, value, wrote, e.path, e.loc.file, e.loc.line, e.kernel)

    def _wrote(self, t: Type, old: Value, new: Value) -> Iterator[tuple[str, str, str]]:
        if isinstance(t, RecordT):
            yield from self.words.field_changes(t, old, new)
        elif old != new:
            yield "", self.words.value(old, t), self.words.value(new, t)

    def _place(self, e: Expr, before: State, bound: Mapping[str, Value]) -> str:
        indices: list[tuple[DomainT, Value]] = []
        fields: list[str] = []
        while isinstance(e, x.Index | x.Field):
            if isinstance(e, x.Index):
                assert isinstance(e.base.type, MapT)
                indices.insert(0, (e.base.type.key, self.meaning.value(e.key, before, bound)))
            else:
                fields.insert(0, e.name)
            e = e.base
        assert isinstance(e, x.Shared)
        return ".".join([self.words.place(e.name, tuple(indices)), *fields])
