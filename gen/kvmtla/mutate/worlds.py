"""The worlds that the claims of a spec are about, and the test for mutants to be seen in them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from kvmtla.check.words import unmistakable
from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import Function
from kvmtla.lang.types import OrderedEnum
from kvmtla.lower.build import Lowering, reductions_for, specialised
from kvmtla.lower.parts import Parts
from kvmtla.lower.specialise import Specialiser
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.worlds import check_claims
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.code import PURE, coded
from kvmtla.mutate.view import View

HOLDING = ("holds", "unreached")
"""The claims on a property that no state may contradict."""

_Key = tuple[str, tuple[Enum, ...], Reductions]


@dataclass(frozen=True)
class World:
    """A scenario with one value for each constant, and what claims expect of it."""

    spec: Spec
    scenario: ScenarioRead
    constants: Mapping[str, Enum]
    expected: Mapping[str, str]
    """The verdict that a claim expects of each property."""
    others: tuple[str, ...]
    """The properties of the spec that make sense here, but that no claim asks about here."""
    parts: Parts
    """The parts of which models of the spec without a mutant are put together."""
    special: Specialiser
    """The specialiser of the spec without a mutant: it puts in constants and what never changes."""
    reductions: Reductions
    """The reductions that suit the properties."""

    @cached_property
    def name(self) -> str:
        """The scenario and the constants, on one line."""
        spoken = self.spec.spoken(self.constants)
        locks = [] if self.reductions.locks else ["lock by lock"]
        values = [f"{n} {unmistakable(str(v.value))}" for n, v in spoken.items()]
        return ", ".join([self.scenario.name, *values, *locks])

    @cached_property
    def family(self) -> Hashable:
        """A key that is equal for worlds where the same actors meet, in any number and release."""
        operations = frozenset(o.key for a in self.scenario.actors for o in a.operations)
        hardware = frozenset(h.key for h in self.scenario.hardware)
        others = ((n, v) for n, v in self.constants.items() if not isinstance(v, OrderedEnum))
        return operations, hardware, self.reductions, tuple(others)

    @property
    def asked(self) -> tuple[str, ...]:
        """All properties to ask about."""
        return (*self.expected, *self.others)

    @property
    def counts(self) -> bool:
        """Is a mutant that is seen here a mistake in something that is meant to be right?

        It is not if a constant has a value other than its default, as for code that somebody could
        have written instead, and a claim expects a violation.
        """
        known = self.spec.constants.items()
        usual = all(self.constants[n] is d.default for n, d in known if d.default is not None)
        return usual or "violated" not in self.expected.values()

    def sees(self, mutant: Mutant) -> bool:
        """Does the mutant change anything in the code that runs and matters here?"""
        if mutant.function not in self.runs:
            return False
        before, after = self.spec.reader.program.functions[mutant.function], mutant.replaced
        return self.plain.differ(before, after) and self.sliced.differ(before, after)

    @cached_property
    def runs(self) -> frozenset[str]:
        """The keys of the functions that run here, as far as decisions on constants show."""
        functions = self.spec.reader.program.functions
        found: set[str] = set()
        todo = [o.key for a in self.scenario.actors for o in a.operations]
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                todo += _called(functions[key], self.special)
        return frozenset(found)

    def lowering(self, spec: Spec, parts: Parts) -> Lowering:
        """Return the lowering of this world by `spec`: its own, or its own with a mutant."""
        scenario = spec.scenarios[self.scenario.name]
        functions = spec.reader.program.functions
        properties = [functions[p] for p in self.asked]
        return Lowering(scenario, parts, self.constants, properties, "mutant", self.reductions)

    @cached_property
    def as_it_is(self) -> Lowering:
        """The lowering of this world by its own spec."""
        return self.lowering(self.spec, self.parts)

    @cached_property
    def _asked_spans(self) -> frozenset[str]:
        """The spans that properties, or steps that happen here, ask about."""
        functions = self.spec.reader.program.functions
        found: set[str] = set()
        todo = [*self.asked, *self.runs, *(h.key for h in self.scenario.hardware)]
        seen: set[str] = set()
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            fn = functions[key]
            for e in fn.values if fn.kind == PURE else s.expressions(fn.body):
                found |= {y.span for y in x.walk(e) if isinstance(y, x.Active)}
                todo += [y.function for y in x.walk(e) if isinstance(y, x.Call)]
        return frozenset(found)

    @cached_property
    def plain(self) -> View:
        """The view of the code as it is here."""
        return View(self.special, frozenset(), self._asked_spans)

    @cached_property
    def sliced(self) -> View:
        """The same without what only writes to shared fields that nothing reads."""
        functions = self.spec.reader.program.functions
        keys = {*self.runs, *self.asked, self.scenario.initial.key}
        keys |= {h.key for h in self.scenario.hardware}
        view = self.plain
        unread: frozenset[str] = frozenset()
        while True:
            read = set[str]().union(*(view.reads(functions[k]) for k in keys))
            now = self.scenario.machine.fields.keys() - read
            if now <= unread:
                return view
            unread |= now
            view = View(self.special, unread, self._asked_spans)

    @cached_property
    def program(self) -> Hashable:
        """All code that runs here: worlds with equal code are the same world."""
        functions, view = self.spec.reader.program.functions, self.plain
        keys = {*self.runs, *self.expected, *(h.key for h in self.scenario.hardware)}
        keys.add(self.scenario.initial.key)
        code = tuple((k, view.code(functions[k])) for k in sorted(self._with_called(keys)))
        return (self.scenario.name, code)

    def _with_called(self, keys: set[str]) -> set[str]:
        functions = self.spec.reader.program.functions
        found: set[str] = set()
        todo = [*keys]
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                todo += _called(functions[key], self.special)
        return found


def worlds(spec: Spec) -> list[World]:
    """Return the worlds of all claims, in the order of the claims.

    Worlds that differ in constants, but not in code, are one. Properties of whole behaviours are
    left out: the second engine cannot judge them. Raises SpecError for a claim about something that
    does not exist.
    """
    check_claims(spec)
    program = spec.reader.program
    parts = Parts(program)
    found: dict[_Key, tuple[ScenarioRead, Mapping[str, Enum], dict[str, str]]] = {}
    for claim in spec.claims:
        for p in claim.points:
            prop = p.property
            if prop.property is not None and prop.property.temporal:
                continue
            values = tuple(p.constants[c] for c in spec.constants)
            key = (claim.scenario.name, values, reductions_for(prop, program, Reductions()))
            constants = dict(zip(spec.constants, values, strict=True))
            _, _, expected = found.setdefault(key, (claim.scenario, constants, {}))
            expected[prop.name] = p.expected
    distinct: dict[Hashable, World] = {}
    for (_, _, fit), (scenario, config, expected) in found.items():
        made = specialised(scenario, parts, config)
        others = tuple(
            fn.name
            for fn in program.functions.values()
            if fn.property is not None
            and not fn.property.temporal
            and fn.name not in expected
            and fn.shared == scenario.machine
            and reductions_for(fn, program, Reductions()) == fit
        )
        world = World(spec, scenario, config, expected, others, parts, made, fit)
        distinct.setdefault((world.program, fit, tuple(sorted(expected.items()))), world)
    return list(distinct.values())


def in_order(found: Iterable[World]) -> list[World]:
    """Return worlds in the order in which to ask them: different ones, and cheap ones, first."""
    by_scenario: dict[str, list[World]] = {}
    for w in found:
        by_scenario.setdefault(w.scenario.name, []).append(w)
    order: list[tuple[int, int, int, World]] = []
    for alike in by_scenario.values():
        # A world with more of something is seldom needed.
        late = _size(alike[0]).bit_length()
        for rank, w in enumerate(_spread(alike)):
            order.append((rank + late, _size(w) * len(w.runs), len(order), w))
    return [w for *_, w in sorted(order, key=lambda o: o[:3])]


def _spread(alike: Sequence[World]) -> Iterator[World]:
    """Yield worlds of one scenario, the next always with the constants that were there least."""
    left = list(alike)
    times: Counter[tuple[str, Enum]] = Counter()
    while left:
        w = min(left, key=lambda w: sum(times[c] for c in w.constants.items()))
        left.remove(w)
        times.update(w.constants.items())
        yield w


def _size(world: World) -> int:
    return math.prod(world.scenario.sizes.values())


def _called(fn: Function, special: Specialiser) -> Iterator[str]:
    if fn.kind == PURE:
        for value in fn.values:
            yield from _asked(value, special)
        return
    for st in _running(fn.body, special):
        if isinstance(st, s.CallStmt):
            yield st.function
        for e in coded((_without_blocks(st),), required=True):
            yield from _asked(e, special)


def _asked(e: Expr, special: Specialiser) -> Iterator[str]:
    if isinstance(e, x.If):
        known = special.expr(e.cond)
        if isinstance(known, x.Const):
            yield from _asked(e.then if known.value else e.other, special)
            return
    if isinstance(e, x.Call):
        yield e.function
    for c in x.children(e):
        yield from _asked(c, special)


def _running(body: tuple[s.Stmt, ...], special: Specialiser) -> Iterator[s.Stmt]:
    """Yield the statements of a block that decisions on constants do not leave out."""
    for st in body:
        match st:
            case s.IfStmt(cond, then, other):
                known = special.expr(cond)
                if not isinstance(known, x.Const):
                    yield st
                if not isinstance(known, x.Const) or known.value:
                    yield from _running(then, special)
                if not isinstance(known, x.Const) or not known.value:
                    yield from _running(other, special)
            case s.While(_, inner) | s.For(_, inner) | s.WithLock(_, _, inner):
                yield st
                yield from _running(inner, special)
            case s.WithSpan():
                yield from _running(st.body, special)
            case _:
                yield st


def _without_blocks(st: s.Stmt) -> s.Stmt:
    match st:
        case s.IfStmt(cond, _, _, loc):
            return s.IfStmt(cond, (), (), loc)
        case s.While(cond, _, loc):
            return s.While(cond, (), loc)
        case s.For(var, _, loc):
            return s.For(var, (), loc)
        case s.WithLock(kind, place, _, loc, text):
            return s.WithLock(kind, place, (), loc, text)
    return st
