"""Puts steps into the kernel's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmtla.errors import Loc
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import DONE, IDLE, ActorInfo, Event, Model
from kvmtla.ir.types import DomainT, IntT, LockT, MapT, RecordT, Type, Value, without_none
from kvmtla.sem import Meaning, State, Taken
from kvmtla.trace.counterexample import READS, Change, Step, Told
from kvmtla.trace.looks import choices, conditions, shared_parts
from kvmtla.trace.words import Words


class Teller:
    """A teller of the steps of one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.meaning = Meaning(model)
        self.words = Words(model)
        self.actors = {a.name: a for a in model.actors}

    def first(self, state: State) -> Iterator[str]:
        """Yield in words the shared variables that differ from their usual first value."""
        for name, v in self.model.variables.items():
            if v.actor is None and state[name] != v.first:
                yield f"{self.words.place(name, ())}: {self.words.value(state[name], v.type)}"

    def step(self, number: int, taken: Taken, before: State) -> Step:
        """Return in words a step that was taken in the state `before`."""
        a = taken.action
        actor = self.actors[a.actor]
        me = self._me(taken)
        rest = self._rest(a.actor, me, taken)
        path = taken.events[0].path if taken.events else a.path or (a.operation,)
        # An access to something left out is not told; then the place is that of the first event.
        hidden = taken.events and all(e.loc != a.loc for e in taken.events)
        at = taken.events[0] if hidden else a
        return Step(
            number=number,
            lane=self.lane(taken),
            actor=self._name(actor, me),
            operation=path[0],
            action=a.name,
            told=self._all_told(path, before, taken),
            changes=tuple(self._changes(before, taken.after)),
            held=self._held(taken.after),
            file=at.loc.file,
            line=at.loc.line,
            kernel_source=at.kernel,
            begins=bool(taken.events and taken.events[0].begins) or a.at == IDLE,
            enters=taken.enters,
            ends=rest in (IDLE, DONE) and bool(taken.events) and not actor.hardware,
            after=taken.after,
        )

    def _me(self, taken: Taken) -> int | None:
        if self.actors[taken.action.actor].domain is None:
            return None
        value = taken.bound[taken.action.params[0].name]
        assert isinstance(value, int)
        return value

    def _rest(self, name: str, me: int | None, taken: Taken) -> str:
        """Return where the actor stands after the step; "" for hardware."""
        if self.actors[name].hardware:
            return ""
        pc = taken.after[f"{name}_pc"]
        if me is not None:
            assert isinstance(pc, tuple)
            pc = pc[me]
        return str(pc)

    def name(self, actor: str, me: int | None) -> str:
        """Return the name of an actor; `me` is its number where there are several of its kind."""
        return self._name(self.actors[actor], me)

    def _name(self, actor: ActorInfo, me: int | None) -> str:
        label = actor.label if me is None else f"{actor.label} {me}"
        return f"CPU of {label}" if actor.hardware and me is not None else label

    def lane(self, taken: Taken) -> str:
        """Return the lane of a step: a vCPU and its CPU share one, as they take turns."""
        actor, me = self.actors[taken.action.actor], self._me(taken)
        return actor.label if me is None else f"{actor.label} {me}"

    def _held(self, state: State) -> str:
        held = [
            f"{self.words.place(n, ())} {self.words.value(state[n], v.type)}"
            for n, v in self.model.variables.items()
            if isinstance(v.type, LockT) and state[n] != 0
        ]
        return ", ".join(held)

    def _changes(self, before: State, after: State) -> Iterator[Change]:
        counters = {f"{a}_pc" for a in self.actors}
        for name, v in self.model.variables.items():
            if before[name] == after[name] or name in counters or v.turn_of is not None:
                continue
            for place, f, a, b in self.words.changes(name, v.type, before[name], after[name]):
                shown = place if v.actor is None else name.removeprefix(f"{v.actor}_")
                yield Change(shown, f, a, b, v.actor, is_lock=isinstance(v.type, LockT))

    def _all_told(self, path: tuple[str, ...], before: State, taken: Taken) -> tuple[Told, ...]:
        """Return the events of a step, with what was chosen freely where the spec chooses it."""
        told = [self._told(e, before, taken) for e in taken.events]
        for var in choices(self.meaning, taken, before):
            loc = var.loc or taken.action.loc
            later = (i for i, t in enumerate(told) if t.file == loc.file and t.line > loc.line)
            inside = any(t.kind in ("call", "hardware") for t in told)
            chosen = self._chosen(var, loc, path, taken)
            told.insert(next(later, len(told) if inside else 0), chosen)
        return tuple(told)

    def _chosen(self, var: x.Local, loc: Loc, path: tuple[str, ...], taken: Taken) -> Told:
        name = "" if var.made else var.name.partition("#")[0]
        text = f"{name} = choose({var.type})" if name else f"choose({var.type})"
        value = self.words.value(taken.bound[var.name], var.type)
        return Told("choose", text, value, (), path, loc.file, loc.line, taken.action.kernel)

    def _told(self, e: Event, before: State, taken: Taken) -> Told:
        bound = taken.bound
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
        beside = tuple(self._beside(e, before, bound))
        if e.kind == "call" and beside:
            ((name, value),) = beside
            text = f"{name} = {text}" if name else text
        wrote: tuple[tuple[str, str, str], ...] = ()
        if e.stores is not None and e.place is not None and value != "no":
            old = self.meaning.value(e.place, before, bound)
            new = self.meaning.value(e.stores, before, bound)
            wrote = tuple(self._wrote(e.place.type, old, new))
        reads = dict.fromkeys(self._reads(e, place, value, before, taken))
        return Told(
            e.kind,
            text,
            value,
            wrote,
            e.path,
            e.loc.file,
            e.loc.line,
            e.kernel,
            tuple(reads),
            e.begins,
            tuple(b for b in beside if e.kind == "test" and _is_news(b, text)),
            makes := self._makes(e, before, bound),
            place if makes else "",
        )

    def _beside(
        self, e: Event, before: State, bound: Mapping[str, Value]
    ) -> Iterator[tuple[str, str]]:
        """Yield the values that are told with an event, but for words, which are long."""
        for name, value in e.beside:
            known = all(part.name in bound for part in x.walk(value) if isinstance(part, x.Local))
            if known and not isinstance(without_none(value.type), RecordT):
                said = self.words.value(self.meaning.value(value, before, bound), value.type)
                yield name, said

    def _makes(self, e: Event, before: State, bound: Mapping[str, Value]) -> str:
        """Return the number that a blind store makes from locals; "" for any other event."""
        if e.kind not in ("WRITE_ONCE", "xchg") or e.stores is None:
            return ""
        if not isinstance(e.stores.type, IntT):
            return ""
        if not any(isinstance(part, x.ActorVar) for part in x.walk(e.stores)):
            return ""
        return self.words.value(self.meaning.value(e.stores, before, bound), e.stores.type)

    def _reads(
        self, e: Event, place: str, value: str, before: State, taken: Taken
    ) -> Iterator[tuple[str, str]]:
        """Yield what an event looks at: a read's place, or all that lets hardware take its step."""
        if e.kind in READS or (e.kind == "try_cmpxchg" and value == "no"):
            yield place, ""
        elif e.kind == "hardware":
            for cond in conditions(self.meaning, taken, before):
                for part in shared_parts(cond, taken.bound):
                    fields: list[str] = []
                    whole = part
                    while isinstance(whole, x.Field):
                        fields.insert(0, _label(whole))
                        whole = whole.base
                    yield self._place(whole, before, taken.bound), ".".join(fields)

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


def _is_news(operand: tuple[str, str], text: str) -> bool:
    """Does the value of an operand say more than how a decision on the local itself was taken?"""
    return operand[0] not in (text, text.removeprefix("!"))


def _label(e: x.Field) -> str:
    t = without_none(e.base.type)
    assert isinstance(t, RecordT)
    i = t.index(e.name)
    assert i is not None
    return t.fields[i].label
