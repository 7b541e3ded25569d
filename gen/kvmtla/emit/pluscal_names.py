"""The names of everything in PlusCal: labels, processes and their ids, locals."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kvmtla.emit.names import (
    NONE,
    RESERVED,
    compared_enums,
    domains,
    model_value,
    named_types,
    order_of,
    symmetric_elements,
    why_no_name,
)
from kvmtla.emit.pluscal_needed import of_others, places
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import DONE, IDLE, ActorInfo, Definition, Model, expressions
from kvmtla.ir.stmt import PRIMITIVES
from kvmtla.ir.types import EnumT, RecordT, Type

# Words that the translator keeps for itself, in the algorithm or in its translation.
_WORDS = frozenset(
    [
        "algorithm",
        "assert",
        "await",
        "begin",
        "call",
        "def",
        "default",
        "defaultInitValue",
        "define",
        "do",
        "either",
        "else",
        "elsif",
        "end",
        "fair",
        "goto",
        "if",
        "macro",
        "or",
        "pc",
        "print",
        "procedure",
        "process",
        "ProcSet",
        "return",
        "self",
        "skip",
        "stack",
        "Termination",
        "Terminating",
        "then",
        "variable",
        "variables",
        "when",
        "while",
        "with",
        "Done",
        "Error",
        "QuietSpec",
        "read_lock",
        "read_unlock",
        "write_lock",
        "write_unlock",
    ]
)
DONE_LABEL = "Done"


@dataclass(frozen=True)
class LocalName:
    """A variable of an actor. Unless it is `shared`, it is declared in the actor's process."""

    text: str
    shared: bool


class PlusCalNames:
    """The names in the algorithm of one model. `zeros` are names that are taken as well."""

    def __init__(self, model: Model, zeros: Iterable[str]) -> None:
        self.model = model
        self._taken = (
            RESERVED
            | _WORDS
            | PRIMITIVES.keys()
            | set(model.sizes)
            | set(symmetric_elements(model))
            | {d.name for d in model.definitions}
            | set(named_types(model))
            | {order_of(t) for t in compared_enums(model).values()}
            | {NONE, model.name, *zeros}
        )
        self.define, self.after = _state_definitions(model)
        self.shared = {n: self._fresh(n) for n, v in model.variables.items() if v.actor is None}
        self.actors = {a.name: a for a in model.actors}
        self.tasks = [a for a in model.actors if not a.hardware]
        self.hardware = [
            a for a in model.actors if a.hardware and any(s.actor == a.name for s in model.actions)
        ]
        self.ids = {
            a.name: self._fresh(a.name.upper())
            for a in (*self.tasks, *self.hardware)
            if a.hardware or a.domain is None
        }
        self.processes = {a.name: self._fresh(a.name) for a in (*self.tasks, *self.hardware)}
        self.labels = dict(self._labels())
        self.copies: dict[tuple[str, str], str] = {}
        """The labels of steps that are written once more, by actor and label: that of the first."""
        self.absent: set[tuple[str, str]] = set()
        """The labels of steps that are left out, since nothing leads to them, by actor."""
        # The translator adds a subscript to each word that is a local, and might to a field's name.
        records = [t for t in named_types(model).values() if isinstance(t, RecordT)]
        self._taken |= {f.name for t in records for f in t.fields}
        self.locals = dict(self._locals())

    @property
    def taken(self) -> frozenset[str]:
        """Every name that is declared somewhere."""
        return frozenset(self._taken)

    def places(self, actor: str) -> tuple[str, ...]:
        """Return where an actor can be, in the order of its code."""
        return places(self.model, actor)

    def label(self, actor: str, place: str) -> str:
        """Return the value of pc where an actor is at `place`."""
        if place == DONE or (actor, place) in self.copies:
            return DONE_LABEL if place == DONE else place
        return self.labels[actor, place]

    def labels_at(self, actor: str, place: str) -> list[str]:
        """Return all values that pc may have where an actor is at `place`; none if it never is."""
        first = self.label(actor, place)
        if (actor, first) in self.absent:
            return []
        more = (copy for (who, copy), one in self.copies.items() if (who, one) == (actor, first))
        return [first, *more]

    def again(self, label: str) -> str:
        """Return a label for a step that is written once more."""
        return self._fresh(label)

    def ids_of(self, actor: str) -> list[str]:
        """Return the ids of an actor's processes as TLC writes them, in its domain's order."""
        domain = self.actors[actor].domain
        if domain is None:
            return [self.ids[actor]]
        t = domains(self.model).get(domain)
        many = range(self.model.sizes[domain])
        return [model_value(t, i) if t is not None and t.symmetric else str(i) for i in many]

    def _fresh(self, *wanted: str) -> str:
        """Return the first of the names that is free, or the last with a number."""
        last = wanted[-1] if why_no_name(wanted[-1]) is None else f"x{wanted[-1]}"
        candidates = (*wanted, last, *(f"{last}_{i}" for i in range(2, 1000)))
        name = next(n for n in candidates if n not in self._taken and why_no_name(n) is None)
        self._taken |= {name}
        return name

    def _labels(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield a label for each resting place: its name, with the actor's where it is shared."""
        wanted: dict[tuple[str, str], str] = {}
        for a in self.tasks:
            for place in self.places(a.name):
                if place != DONE:
                    wanted[a.name, place] = self._place(a.name, place)
        texts = list(wanted.values())
        for (actor, place), text in wanted.items():
            # An operation may have the name of its actor, which is that of the process.
            long = f"{text}_begins" if text == actor else f"{actor}_{text}"
            alone = texts.count(text) == 1
            yield (actor, place), self._fresh(*([text] if alone else []), long)
        for a in self.hardware:
            yield (a.name, IDLE), self._fresh(f"{a.name}_acts")

    def _place(self, actor: str, place: str) -> str:
        if place != IDLE:
            return re.sub(r"\W", "_", place)
        starts = [a for a in self.model.actions if a.actor == actor and a.at == IDLE]
        return starts[0].operation if len(starts) == 1 else "idle"

    def _locals(self) -> Iterator[tuple[str, LocalName]]:
        """Yield the variables of actors, by their names in the model."""
        asked = {
            f"{e.actor}_{e.name}"
            for d in self.define
            for e in x.walk(d.body)
            if isinstance(e, x.ActorVar)
        }
        asked |= set(of_others(self.model))
        owned = {
            n: v.name.removeprefix(f"{v.actor}_")
            for n, v in self.model.variables.items()
            if v.actor is not None
        }
        plain = list(owned.values())
        for name, base in owned.items():
            if base != "pc":
                short = [base] if plain.count(base) == 1 and name not in asked else []
                yield name, LocalName(self._fresh(*short, name), name in asked)


def _state_definitions(model: Model) -> tuple[list[Definition], list[Definition]]:
    """Return the definitions that read the state: those that steps need, and those they do not.

    The latter include all properties: what is the same in all states is asked as if it were not.
    """
    reading: set[str] = set()
    for d in model.definitions:
        if any(_reads_state(e, reading) for e in x.walk(d.body)):
            reading.add(d.name)
    needed: set[str] = set()
    known = {d.name: d for d in model.definitions}

    def need(e: Expr) -> None:
        for y in x.walk(e):
            name = _called(y)
            if name is not None and name not in needed:
                needed.add(name)
                need(known[name].body)

    for tree in (model.initial, *(a.tree for a in model.actions)):
        for e in expressions(tree):
            need(e)
    asked = {p.name for p in model.properties}
    found = [d for d in model.definitions if d.name not in needed]
    within = [d for d in model.definitions if d.name in needed and d.name in reading]
    return within, [d for d in found if d.name in reading | asked]


def _called(e: Expr) -> str | None:
    match e:
        case x.Call(name) | x.Active(name):
            return name
    return None


def _reads_state(e: Expr, reading: set[str]) -> bool:
    return isinstance(e, x.Shared | x.ActorVar) or _called(e) in reading


def is_pc(t: Type, actors: Collection[str]) -> str | None:
    """Return the actor whose resting places the type's members are; None where they are not."""
    return t.actor if isinstance(t, EnumT) and t.actor in actors else None


def process_of(a: ActorInfo, names: PlusCalNames) -> str:
    """Return how a process says who it is: `ager = AGER`, `vcpu \\in Vcpu`."""
    name = names.processes[a.name]
    if a.name in names.ids:
        return f"{name} = {names.ids[a.name]}"
    return f"{name} \\in {a.domain}"
