"""What a module does: its first states, the steps of each actor, and who is fair."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from kvmtla.emit.actions import ActionPrinter
from kvmtla.emit.expressions import WIDTH, Printer, type_set
from kvmtla.emit.groups import Groups
from kvmtla.emit.names import Scope, camel, steps_of, unused
from kvmtla.emit.rest import AtRest, without_idling
from kvmtla.emit.slots import Slot
from kvmtla.emit.text import comment_lines, in_comment, record_lines
from kvmtla.ir import expr as x
from kvmtla.ir.model import Action, ActorInfo, Event, Fair, Model, leaves
from kvmtla.ir.types import Type, Value
from kvmtla.patience import on_time

Named = tuple[str, Sequence[str]]
"""A definition: its name and its lines."""


@dataclass(frozen=True)
class ActorSteps:
    """The definitions of an actor's steps, and that of what is any of them."""

    title: Sequence[str]
    steps: Sequence[tuple[Sequence[str], Sequence[str]]]
    """Of each step, the lines of its comment, and those of its definition."""
    name: str
    each: str | None
    """The domain of which each element does this, and what it is called in the definition."""
    me: str | None
    lines: Sequence[str]


class Behaviour:
    """The text of all that is about steps."""

    def __init__(
        self,
        model: Model,
        slots: Sequence[Slot],
        printer: Printer,
        taken: Collection[str],
        set_of: Callable[[Type], str],
        source: Callable[[Action], str],
    ) -> None:
        at_rest = AtRest(model)
        steps = (without_idling(a, at_rest) for a in model.actions)
        self._actions = [a for a in steps if a is not None]
        self._model = replace(model, actions=(*self._actions,))
        self._slots = slots
        self._set_of = set_of
        self._source = source
        self._spelling = printer.spelling
        self._taken = set(taken)
        self._operators = {a.name: self._operator(a) for a in model.actors}
        self._idle = dict(self._idle_records())
        self.groups = Groups(self._model, slots, self._taken)
        self._taken |= {g.name for g in self.groups}
        self._printer = ActionPrinter(
            model, printer, frozenset(self._taken), slots, self.groups, at_rest
        )
        self.init = self._printer.first_states()
        self.actors = [s for a in self._model.actors if (s := self._steps(a)) is not None]
        self.next = list(self._next())
        self.fair = list(self._fair()) if self._model.temporal else []
        self.fairness = list(self._fairness())

    def said(self) -> Iterator[str]:
        """Yield all lines that say what is done."""
        yield from self.init
        for actor in self.actors:
            for _, lines in actor.steps:
                yield from lines
            yield from actor.lines
        yield from self.next

    def idle(self) -> Iterator[Named]:
        """Yield the definitions of what the records of tasks can be, and are at first."""
        for slot in self._slots:
            if slot.record is not None:
                yield from self._record(slot)

    def _record(self, slot: Slot) -> Iterator[Named]:
        record, named = slot.record, self._idle[slot.name]
        assert record is not None
        sets = [(f.name, self._set_of(f.type)) for f in record.fields]
        yield record.name, record_lines(record.name, ": ", sets)
        values = [
            (f.name, self._spelling.of(v, f.type))
            for f, v in zip(record.fields, _one(slot), strict=True)
        ]
        yield named, record_lines(named, " |-> ", values)

    def _idle_records(self) -> Iterator[tuple[str, str]]:
        """Yield for each task with a record the name of the one that it has at rest."""
        for slot in self._slots:
            if slot.record is not None:
                assert slot.actor is not None
                named = unused([f"Idle{camel(slot.actor)}"], self._taken)
                self._taken.add(named)
                self._spelling.named[slot.record.name, _one(slot)] = named
                yield slot.name, named

    # -- steps

    def _operator(self, a: ActorInfo) -> str:
        several = sum(b.hardware for b in self._model.actors) > 1
        own = camel(a.name)
        wanted = [own, f"{own}Task"] if not a.hardware else [own] if several else ["Hardware", own]
        name = unused(wanted, self._taken)
        self._taken.add(name)
        return name

    def _steps(self, actor: ActorInfo) -> ActorSteps | None:
        own = [a for a in self._actions if a.actor == actor.name]
        if not own:
            return None
        name = self._operators[actor.name]
        functions = dict.fromkeys(f"{a.operation}()" for a in own)
        who = (
            f"What the hardware of each {actor.label} does"
            if actor.hardware
            else (f"Each {actor.label}" if actor.domain is not None else f"The {actor.label}")
        )
        title = comment_lines(in_comment(f"{who}: {', '.join(functions)}"), WIDTH - 3)
        scope, head, me = Scope(self._taken), name, None
        if actor.domain is not None:
            scope, me = scope.bind(own[0].params[0].name)
            head = f"{name}({me})"
        lines = [f"{head} ==", *self._disjuncts(own, actor.domain is not None, scope)]
        steps = []
        for a in own:
            on_time(a.function)
            steps.append((self._comment(a), self._printer.action(a)))
        return ActorSteps(title, steps, name, actor.domain, me, lines)

    def _comment(self, a: Action) -> list[str]:
        lines = comment_lines(a.doc) if a.doc else []
        ends = [[self._told(e) for e in leaf.events] for leaf in leaves(a.tree)]
        common = [texts[0] for texts in zip(*ends, strict=False) if len({*texts}) == 1]
        where = ": ".join([self._source(a), *(["; ".join(common)] if common else [])])
        return [in_comment(line) for line in (*lines, *comment_lines(where))]

    def _told(self, e: Event) -> str:
        """Return an access in the kernel's words, with the name of what it is to."""
        place = e.place
        while isinstance(place, x.Field | x.Index):
            place = place.base
        name = place.name if isinstance(place, x.Shared) else ""
        return e.text.replace("{place}", self._model.labels.get(name, name))

    def _disjuncts(self, actions: Sequence[Action], owned: bool, scope: Scope) -> Iterator[str]:
        """Yield the disjuncts of an actor's steps, grouped by the binders that they share."""
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for a in actions:
            inner, given, binders = scope, [], []
            for i, p in enumerate(a.params):
                if i == 0 and owned:
                    given.append(next(iter(scope.bound.values())))
                    continue
                inner, name = inner.bind(p.name)
                given.append(name)
                binders.append((name, type_set(p.type)))
            call = f"{a.name}({', '.join(given)})" if given else a.name
            groups.setdefault(tuple(binders), []).append(call)
        for group, calls in groups.items():
            if not group:
                yield from (f"    \\/ {c}" for c in calls)
                continue
            bound = ", ".join(f"{n} \\in {t}" for n, t in group)
            if len(calls) == 1:
                yield f"    \\/ \\E {bound} : {calls[0]}"
                continue
            yield f"    \\/ \\E {bound} :"
            yield from (f"        \\/ {c}" for c in calls)

    def _next(self) -> Iterator[str]:
        """Yield the disjuncts of Next: the actors, those of the same domain together."""
        if not self.actors:
            yield "    UNCHANGED vars"
        by_domain: dict[str | None, list[ActorSteps]] = {}
        for actor in self.actors:
            by_domain.setdefault(actor.each, []).append(actor)
        for domain, actors in by_domain.items():
            me = actors[0].me
            calls = [f"{a.name}({me})" if me else a.name for a in actors]
            if me is None:
                yield from (f"    \\/ {c}" for c in calls)
            else:
                any_of = " \\/ ".join(calls)
                yield f"    \\/ \\E {me} \\in {domain} : {any_of}"

    # -- fairness

    def fair_name(self, f: Fair) -> str:
        """Return the name of the operator that is any step of somebody who is fair."""
        for actor in self.actors:
            steps = {a.name for a in self._actions if a.actor == f.name}
            if actor.name == self._operators.get(f.name) and steps == set(f.actions):
                return actor.name
        return steps_of(f)

    def _fair(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the definitions of the steps of whoever is fair in only some of them."""
        known = {a.name: a for a in self._actions}
        for f in self._model.fairness:
            name, scope = self.fair_name(f), Scope(self._taken)
            if name != steps_of(f):
                continue
            if f.each is not None:
                scope, me = scope.bind("self")
                name += f"({me})"
            actions = [known[n] for n in f.actions if n in known]
            yield name, [*self._disjuncts(actions, f.each is not None, scope)] or ["    FALSE"]

    def _fairness(self) -> Iterator[str]:
        """Yield the conjuncts that say who is fair; TRUE where nobody fair has any step."""
        if not self._model.fairness:
            yield "    TRUE"
        for f in self._model.fairness:
            name = self.fair_name(f)
            if f.each is None:
                yield f"    /\\ WF_vars({name})"
            else:
                _, me = Scope(self._taken).bind("self")
                yield f"    /\\ \\A {me} \\in {f.each} : WF_vars({name}({me}))"


def _one(slot: Slot) -> tuple[Value, ...]:
    first = slot.first[0] if slot.indexed and isinstance(slot.first, tuple) else slot.first
    assert isinstance(first, tuple)
    return first
