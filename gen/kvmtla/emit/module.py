"""A model as a TLA+ module and its configurations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kvmtla.emit.behaviour import Behaviour, Named
from kvmtla.emit.expressions import Printer, wrapped
from kvmtla.emit.names import (
    NONE,
    Places,
    Scope,
    Spelling,
    check_names,
    compared_enums,
    domains,
    model_value,
    named_types,
    operator_of,
    order_of,
    symmetric_domains,
    symmetric_elements,
    taken_names,
    uses_none,
)
from kvmtla.emit.properties import PropertyPrinter
from kvmtla.emit.slots import Slot, slots_of
from kvmtla.emit.text import broken, comment_lines, in_comment
from kvmtla.ir.model import Action, Definition, Fair, Model
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import (
    BoolT,
    DomainT,
    EnumT,
    IntT,
    LockT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    default,
    optional_in,
)
from kvmtla.patience import on_time
from kvmtla.templates import environment

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a claim asks of a module, and what it expects: for whoever reads the module."""

    claim: str
    quote: str
    source: str
    prop: str
    expected: str


class ModuleWriter:
    """A writer of one model.

    `root` is the folder that places in the spec are relative to. `asked` is what claims ask of it.
    """

    specification = "Spec"

    def __init__(
        self,
        model: Model,
        root: Path,
        places: Places | None = None,
        asked: Sequence[Asked] = (),
    ) -> None:
        check_names(model, places)
        self.model = model
        self.root = root
        self.asked = asked
        self.taken = taken_names(model)
        self.types = named_types(model)
        self.zeros = {name: f"No{name}" for name, t in self.types.items() if isinstance(t, RecordT)}
        constants = {
            (name, default(t, model.sizes)): self.zeros[name]
            for name, t in self.types.items()
            if isinstance(t, RecordT)
        }
        self.taken |= set(self.zeros.values())
        self.slots = slots_of(model)
        self.taken |= {s.name for s in self.slots}
        self.taken |= {s.record.name for s in self.slots if s.record is not None}
        self.spelling = Spelling(constants, self.taken)
        self.printer = Printer(self.spelling, self.slots)
        self.properties = PropertyPrinter(model, self.printer, self.taken)
        self.steps = {p.name: p for p in model.properties if p.kind is PropertyKind.STEP}

    def module(self) -> str:
        """Return the text of the module."""
        m = self.model
        text = self._behaviour
        properties = [self._definition(d) for d in m.definitions]
        temporal = [self._temporal(p) for p in m.properties if p.kind.temporal]
        type_ok = list(self._type_ok())
        assumed = list(self._assumed())
        said = [*type_ok, *assumed, *self._symmetric(), *text.said()]
        for d in (*properties, *temporal):
            lines = d["lines"]
            assert isinstance(lines, list)
            said += lines
        domains_ = [*self._domain_definitions()]
        named, words = _needed([*domains_, *self._named(), *text.idle()], said)
        everything = text.groups.everything()
        return (
            environment(__package__, escaped=False)
            .get_template("module.tla.jinja")
            .render(
                **self._heading(words),
                extends="Integers, TLC" if self._symmetric() else "Integers",
                symmetric=self._symmetric(),
                constants=self._constants(),
                assumed=assumed,
                variables=_with_comments([(s.name, self._of_slot(s)) for s in self.slots]),
                groups=[g for g in text.groups if g.name in {*words, *everything}],
                everything=everything,
                domains=[n for n in named if n in self._domains()],
                named=[n for n in named if n not in self._domains()],
                type_ok=type_ok,
                init=text.init,
                goals=[p for p in m.properties if p.kind is PropertyKind.GOAL],
                operator_of=operator_of,
                temporal=temporal,
                fair=text.fair if m.temporal else [],
                fairness=text.fairness,
                definitions=properties,
                actors=text.actors,
                next=text.next,
                wrap=wrapped,
            )
        )

    def fair_name(self, f: Fair) -> str:
        """Return the name of the operator that is any step of somebody who is fair."""
        return self._behaviour.fair_name(f)

    @cached_property
    def _behaviour(self) -> Behaviour:
        return Behaviour(
            self.model, self.slots, self.printer, self.taken, self._set_of, self._source
        )

    def cfg(self, name: str) -> str:
        """Return the text of the configuration that checks one property."""
        prop = self.model.asked(name)
        alone = prop.kind in (PropertyKind.INVARIANT, PropertyKind.GOAL)
        return (
            environment(__package__, escaped=False)
            .get_template("model.cfg.jinja")
            .render(
                model=self.model,
                name=name,
                operator=operator_of(prop.kind, prop.name),
                of_states=alone,
                spec="FairSpec" if prop.kind.temporal else self.specification,
                constants=[f"{name} = {name}" for name in self._model_values()],
                # With symmetry, TLC's answer about behaviours would mean nothing.
                symmetric=self._symmetric() if not prop.kind.temporal else [],
            )
        )

    def _model_values(self) -> list[str]:
        """Return the constants of the module: what differs from all else, and has no other meaning.

        Only these are constants. Nobody has a choice of what they are, while a domain of another
        size would want other steps.
        """
        return [*symmetric_elements(self.model), *([NONE] if self._uses_none() else [])]

    def _constants(self) -> list[str]:
        """Return the declarations of the constants, with comments."""
        labels = {
            model_value(t, i): f"a {t.label}"
            for t in symmetric_domains(self.model)
            for i in range(self.model.sizes[t.name])
        }
        return _with_comments([(n, labels.get(n, "no value")) for n in self._model_values()])

    def _assumed(self) -> Iterator[str]:
        """Yield what the constants have to be: different from each other, and from all else."""
        for t in symmetric_domains(self.model):
            every = [model_value(t, i) for i in range(self.model.sizes[t.name])]
            yield from (f"{a} # {b}" for a, b in itertools.combinations(every, 2))
        if self._uses_none():
            inner = (t for v in self.model.variables.values() for t in optional_in(v.type))
            # TLC cannot say whether a model value is a record, a set or a function.
            plain = (t for t in inner if isinstance(t, BoolT | IntT | EnumT | DomainT))
            yield from (f"{NONE} \\notin {self._set_of(t)}" for t in dict.fromkeys(plain))

    def _domains(self) -> list[str]:
        """Return the definitions of the domains."""
        return [line for _, lines in self._domain_definitions() for line in lines]

    def _domain_definitions(self) -> Iterator[Named]:
        known = domains(self.model)
        for name, size in self.model.sizes.items():
            t = known.get(name)
            items = [
                model_value(t, i) if t is not None and t.symmetric else str(i) for i in range(size)
            ]
            yield name, [f"{name} == {{{', '.join(items)}}}"]

    def _of_slot(self, slot: Slot) -> str:
        """Return what a variable is, in words."""
        v = self.model.variables[slot.variables[0]]
        if v.turn_of is not None:
            return f"a ghost: it changes where a step of {v.turn_of} may change nothing else"
        actor = next((a for a in self.model.actors if a.name == slot.actor), None)
        if actor is None:
            label = self.model.labels.get(slot.name, slot.name)
            held = ": 0 free, -1 held for write, else held for read by so many"
            return label + held * isinstance(v.type, LockT)
        who = f"the {actor.label}" if actor.domain is None else f"each {actor.label}"
        what = "its place in the code"
        return f"{who}: {what}, and its locals" if slot.record is not None else f"{who}: {what}"

    # -- types

    def _symmetric(self) -> list[str]:
        """Return the domains to be swapped freely; one element cannot be (TLC fails on it)."""
        return [t.name for t in symmetric_domains(self.model) if self.model.sizes[t.name] > 1]

    def _uses_none(self) -> bool:
        return uses_none(self.model)

    def _set_of(self, t: Type) -> str:
        match t:
            case BoolT():
                return "BOOLEAN"
            case IntT(low, high):
                return f"{low}..{high}"
            case EnumT(name, members):
                if t.actor is not None:
                    return "{" + ", ".join(f'"{m}"' for m in members) + "}"
                return name
            case DomainT(name) | RecordT(name):
                return name
            case MapT(key, value):
                return f"[{key.name} -> {self._set_of(value)}]"
            case SetT(element):
                return f"SUBSET {element.name}"
            case OptionalT(inner):
                return f"{self._set_of(inner)} \\cup {{{NONE}}}"
            case LockT():
                return f"-1..{self._most_readers()}"
        raise AssertionError(t)

    def _most_readers(self) -> int:
        return sum(
            self.model.sizes[a.domain] if a.domain is not None else 1
            for a in self.model.actors
            if not a.hardware
        )

    def _type_ok(self) -> Iterator[str]:
        width = max(len(s.name) for s in self.slots)
        for s in self.slots:
            head = f"    /\\ {s.name.ljust(width)} \\in "
            yield from broken(f"{head}{self._set_of(s.type)}", len(head))

    def _heading(self, words: Collection[str] | None = None) -> dict[str, object]:
        """Return what the comment at the top says of the model.

        With `words`, only of domains that are among them.
        """
        m = self.model
        labels = {name: t.label for name, t in domains(m).items()}
        world = [f"{k} {v}" for k, v in m.constants.items()]
        world += [
            f"{n} {labels.get(d) or d}" for d, n in m.sizes.items() if words is None or d in words
        ]
        return {
            "model": m,
            "doc": [in_comment(line) for line in comment_lines(m.doc, 74)],
            "bounds": ", ".join(f"{n} {d}" for d, n in m.sizes.items()),
            "settings": ", ".join(f"{k} {v}" for k, v in m.constants.items()),
            "world": comment_lines(", ".join(world), 72),
            "claims": [in_comment(line) for line in self._claims()],
        }

    def _claims(self) -> Iterator[str]:
        """Yield what claims say of the model, each sentence once, and what they expect."""
        sentences: dict[tuple[str, str], list[Asked]] = {}
        for a in self.asked:
            sentences.setdefault((a.quote, a.source), []).append(a)
        for (quote, source), asked in sentences.items():
            yield ""
            yield from comment_lines(f'"{quote}" - {source}', 74)
            for a in asked:
                yield f"  {a.claim}: {a.prop} {a.expected}"

    def _type_definitions(self) -> Iterator[str]:
        for _, lines in self._named():
            yield from lines

    def _named(self) -> Iterator[Named]:
        """Yield the definitions of types and of values of theirs, each with its name."""
        for name, t in self.types.items():
            if isinstance(t, RecordT):
                fields = [f"{f.name}: {self._set_of(f.type)}" for f in t.fields]
                yield name, [*self._record_lines(f"{name} == ", fields)]
                zero = default(t, self.model.sizes)
                assert isinstance(zero, tuple)
                values = self.spelling.record(zero, t)[1:-1].split(", ")
                yield self.zeros[name], [*self._record_lines(f"{self.zeros[name]} == ", values)]
            else:
                members = [f'"{m}"' for m in t.members]
                at = len(name) + len(" == {")
                yield name, f"{name} == {{{wrapped(members, at, at)}}}".split("\n")
        for t in compared_enums(self.model).values():
            places = [f"{m} |-> {i}" for i, m in enumerate(t.members)]
            yield order_of(t), [*self._record_lines(f"{order_of(t)} == ", places)]

    def _record_lines(self, head: str, fields: list[str]) -> Iterator[str]:
        at = len(head) + 1
        yield from f"{head}[{wrapped(fields, at, at)}]".split("\n")

    # -- definitions

    def _definition(self, d: Definition) -> dict[str, object]:
        on_time(d.name)
        scope = Scope(self.taken)
        names = []
        for p in d.params:
            scope, name = scope.bind(p.name)
            names.append(name)
        head = f"{d.name}({', '.join(names)})" if names else d.name
        if d.name in self.steps:
            lines = self.properties.of_steps(self.steps[d.name])
        elif (plain := self.properties.of_no_state(d)) is not None:
            lines = plain
        else:
            first, *rest = self.printer.lines(d.body, scope, 4)
            lines = [f"    {first}", *rest]
        return {
            "doc": comment_lines(d.doc),
            "source": self._source(d),
            "head": head,
            "lines": lines,
        }

    def _temporal(self, p: Property) -> dict[str, object]:
        return {
            "doc": comment_lines(p.doc),
            "source": "",
            "head": p.name,
            "lines": self.properties.of_behaviours(p),
        }

    def _source(self, of: Action | Definition) -> str:
        """Return where in the kernel something is, in words that a line more does not change."""
        file, _, function = (of.kernel or "").rpartition(":")
        if file and function.isidentifier():
            return f"{function}(), {file}"
        if of.kernel:
            return of.kernel
        return f"{of.function}()" if isinstance(of, Action) else ""


def _needed(definitions: Iterable[Named], said: Sequence[str]) -> tuple[list[str], set[str]]:
    """Return the lines of those definitions that something depends on, each behind what it uses.

    With them come all words that are used somewhere.
    """
    words = set(_WORD.findall("\n".join(said)))
    kept: list[Sequence[str]] = []
    for name, lines in reversed([*definitions]):
        if name in words:
            words |= set(_WORD.findall("\n".join(lines)))
            kept.insert(0, lines)
    return [line for lines in kept for line in lines], words


def _with_comments(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return a list of names, a line each, with a comment behind each."""
    width = max((len(n) for n, _ in pairs), default=0) + 1
    names = [n + "," * (i < len(pairs) - 1) for i, (n, _) in enumerate(pairs)]
    return [
        f"    {n.ljust(width)}  \\* {in_comment(' '.join(about.split()))}"
        for n, (_, about) in zip(names, pairs, strict=True)
    ]
