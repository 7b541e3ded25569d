"""A model as a TLA+ module and its configurations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvmtla.emit.actions import ActionPrinter
from kvmtla.emit.expressions import WIDTH, Printer, wrapped
from kvmtla.emit.frames import frames
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
from kvmtla.errors import Loc
from kvmtla.ir.model import DONE, IDLE, Action, Definition, Model
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
)
from kvmtla.patience import on_time
from kvmtla.templates import environment


class ModuleWriter:
    """A writer of one model. `root` is the folder that places in the spec are relative to."""

    specification = "Spec"

    def __init__(self, model: Model, root: Path, places: Places | None = None) -> None:
        check_names(model, places)
        self.model = model
        self.root = root
        self.taken = taken_names(model)
        self.types = named_types(model)
        self.zeros = {name: f"No{name}" for name, t in self.types.items() if isinstance(t, RecordT)}
        constants = {
            (name, default(t, model.sizes)): self.zeros[name]
            for name, t in self.types.items()
            if isinstance(t, RecordT)
        }
        self.spelling = Spelling(constants, self.taken | set(self.zeros.values()))
        self.printer = Printer(self.spelling)
        self.taken |= set(self.zeros.values())
        self.frames = frames(model, self.taken)
        self.taken |= {f.name for f in self.frames.values()}
        self.actions = ActionPrinter(model, self.printer, self.taken, self.frames)
        self.properties = PropertyPrinter(model, self.printer, self.taken)
        self.steps = {p.name: p for p in model.properties if p.kind is PropertyKind.STEP}

    def module(self) -> str:
        """Return the text of the module."""
        m = self.model
        return (
            environment(__package__, escaped=False)
            .get_template("module.tla.jinja")
            .render(
                **self._heading(),
                symmetric=self._symmetric(),
                constants=self._model_values(),
                domains=self._domains(),
                types=list(self._type_definitions()),
                type_ok=list(self._type_ok()),
                init=self.actions.first_states(),
                goals=[p for p in m.properties if p.kind is PropertyKind.GOAL],
                operator_of=operator_of,
                temporal=[self._temporal(p) for p in m.properties if p.kind.temporal],
                fair=list(self.properties.fair()) if m.temporal else [],
                fairness=list(self.properties.fairness()),
                definitions=[self._definition(d) for d in m.definitions],
                actions=[self._action(a) for a in m.actions],
                next=list(self._next()),
                quiescent=list(self._quiescent()),
                variables=list(m.variables),
                turns=[v for v in m.variables.values() if v.turn_of is not None],
                frames=list(self.frames.values()),
                wrap=wrapped,
            )
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

    def _domains(self) -> list[str]:
        """Return the definitions of the domains."""
        known = domains(self.model)
        found = []
        for name, size in self.model.sizes.items():
            t = known.get(name)
            items = [
                model_value(t, i) if t is not None and t.symmetric else str(i) for i in range(size)
            ]
            found.append(f"{name} == {{{', '.join(items)}}}")
        return found

    # -- places

    def _where(self, loc: Loc) -> str:
        file = Path(loc.file)
        try:
            shown = file.relative_to(self.root).as_posix()
        except ValueError:
            shown = file.name
        return f"{shown}:{loc.line}"

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
        width = max(len(n) for n in self.model.variables)
        for n, v in self.model.variables.items():
            head = f"    /\\ {n.ljust(width)} \\in "
            yield from broken(f"{head}{self._set_of(v.type)}", len(head))

    def _heading(self) -> dict[str, object]:
        """Return what the comment at the top says of the model."""
        m = self.model
        return {
            "model": m,
            "doc": [in_comment(line) for line in comment_lines(m.doc, 74)],
            "bounds": ", ".join(f"{n} {d}" for d, n in m.sizes.items()),
            "settings": ", ".join(f"{k} {v}" for k, v in m.constants.items()),
        }

    def _type_definitions(self) -> Iterator[str]:
        for name, t in self.types.items():
            if isinstance(t, RecordT):
                yield from self._record_lines(
                    f"{name} == ", [f"{f.name}: {self._set_of(f.type)}" for f in t.fields]
                )
                zero = default(t, self.model.sizes)
                assert isinstance(zero, tuple)
                yield from self._record_lines(
                    f"{self.zeros[name]} == ", self.spelling.record(zero, t)[1:-1].split(", ")
                )
            else:
                members = [f'"{m}"' for m in t.members]
                at = len(name) + len(" == {")
                yield from f"{name} == {{{wrapped(members, at, at)}}}".split("\n")
        for t in compared_enums(self.model).values():
            places = [f"{m} |-> {i}" for i, m in enumerate(t.members)]
            yield from self._record_lines(f"{order_of(t)} == ", places)

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
            "source": self._where(p.loc),
            "head": p.name,
            "lines": self.properties.of_behaviours(p),
        }

    def _action(self, a: Action) -> dict[str, object]:
        on_time(a.function)
        what = comment_lines(a.doc) if a.doc else []
        return {"doc": what, "source": self._source(a), "lines": self.actions.action(a)}

    def _source(self, of: Action | Definition) -> str:
        return f"{self._where(of.loc)}, {of.kernel}" if of.kernel else self._where(of.loc)

    # -- the whole

    def _next(self) -> Iterator[str]:
        """Yield the disjuncts of Next, grouped by the binders that they share."""
        groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for a in self.model.actions:
            scope = Scope(self.taken)
            binders = []
            for p in a.params:
                scope, name = scope.bind(p.name)
                binders.append((name, str(p.type) if not isinstance(p.type, BoolT) else "BOOLEAN"))
            call = f"{a.name}({', '.join(n for n, _ in binders)})" if binders else a.name
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

    def _quiescent(self) -> Iterator[str]:
        """Yield the conjuncts of Quiescent: nobody is amid anything, so to stop is no deadlock."""
        for actor in self.model.actors:
            if actor.hardware:
                continue
            labels = self.model.variables[f"{actor.name}_pc"].type
            ends = [e for e in (IDLE, DONE) if e in _members(labels)]
            inside = "{" + ", ".join(f'"{e}"' for e in ends) + "}"
            pc = f"{actor.name}_pc"
            if actor.domain is None:
                yield f"    /\\ {pc} \\in {inside}"
            else:
                yield f"    /\\ \\A self \\in {actor.domain} : {pc}[self] \\in {inside}"


def _members(t: Type) -> tuple[str, ...]:
    if isinstance(t, MapT):
        return _members(t.value)
    assert isinstance(t, EnumT)
    return t.members


def broken(line: str, indent: int) -> list[str]:
    """Break a long line with a set in it after its commas; `indent` is where the set begins."""
    if len(line) <= WIDTH or "{" not in line:
        return [line]
    start = line.index("{") + 1
    return (line[:start] + wrapped(line[start:].split(", "), start, max(start, indent))).split("\n")


def in_comment(line: str) -> str:
    """Return a line without what would end the comment that it stands in, or begin another."""
    return line.replace("*)", "* )").replace("(*", "( *")


def comment_lines(text: str, width: int = 93) -> list[str]:
    """Return a text as lines of a comment."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines
