"""Compares what is said of a random specification: the same by everyone and for all reductions."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path

from kvmtla.engine import (
    TYPE_OK,
    Compiled,
    Limits,
    Search,
    compile_model,
    explore,
    go_round,
)
from kvmtla.engine.outcome import Census, Trace
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec, read_project
from kvmtla.fuzz.beside import Beside
from kvmtla.fuzz.joint import Part, part_of
from kvmtla.fuzz.reference import Reached, TooManyError, reach
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Model, expressions
from kvmtla.ir.stmt import Function
from kvmtla.ir.types import elements
from kvmtla.lang.scenario import Project
from kvmtla.lower.build import reductions_for
from kvmtla.lower.parts import Parts
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.lowered import lowered
from kvmtla.oracle import Budget, DoesNotFitError, Specification, run_file
from kvmtla.trace import ReplayError, follow
from kvmtla.verdict import Verdict

SYMMETRIC = "Cpu"
"""The domain of random specifications whose elements may be swapped."""
DEFAULT, NONE = "default", "none"
MOST_STATES = 300
# Expressions that are written out grow fast where loops and quantifiers meet.
_MOST_NODES = 60_000
_SWITCHES = [f.name for f in fields(Reductions) if isinstance(f.default, bool)]
VARIANTS: Mapping[str, Reductions] = {
    DEFAULT: Reductions(),
    NONE: Reductions.none(),
    **{f"only {n}": replace(Reductions.none(), **{n: True}) for n in _SWITCHES},
    **{f"all but {n}": replace(Reductions(), **{n: False}) for n in _SWITCHES},
    "ways meet": Reductions(most_ends=0),
    "ways never meet": Reductions(most_ends=500),
}
"""The ways to make a model: with the default reductions, with none, with each alone, with all but
each; with ways that become one wherever they meet, or nowhere."""
ALONE = (DEFAULT, NONE, *(f"only {n}" for n in _SWITCHES))
"""The variants with the default reductions, with none, and with each alone."""
_NOTHING_MATTERS = "KT704"
# Python runs states one by one, so only small worlds are compared.
_IN_PYTHON, _OF_THE_ENGINE = Budget(400, 1.5), Limits(states=MOST_STATES)


class TooBigError(Exception):
    """An error for a model that is too big to be compared; the message says in what."""


@dataclass
class Compared:
    """The comparisons of one specification.

    `kinds` has the number of comparisons of each kind; `differences` are those that came out wrong.
    `notes` counts the cases that the specification is an example of. `parts` are the models to ask
    TLC about.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    parts: list[Part] = field(default_factory=list)

    def same(self, kind: str, what: str, a: object, b: object) -> None:
        """Compare two answers, and note a difference."""
        self.kinds[kind] += 1
        if a != b:
            self.differences.append(f"{kind}: {what}: {a} and {b}")


@dataclass(frozen=True)
class _Said:
    """The answers of one model of a scenario, made with some reductions.

    `verdicts` has each property that was asked, True where it is violated or the goal is reached.
    """

    ill_typed: bool
    stuck: frozenset[str]
    verdicts: Mapping[str, bool]


def load(folder: Path, text: str, name: str) -> Project:
    """Write a specification to a file of this name and return its project; may raise SpecError."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    found = importlib.util.spec_from_file_location(name, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    # Spans look here for the module that they belong to.
    sys.modules[name] = module
    found.loader.exec_module(module)
    project = module.project
    assert isinstance(project, Project)
    return project


def compare(
    text: str, name: str, folder: Path, variants: Collection[str] = tuple(VARIANTS)
) -> Compared:
    """Compare all that can be said of a specification.

    No other module may have the `name`; the file is put into `folder`; `variants` are those of
    VARIANTS that are compared with NONE, which is one of them. Raises SpecError where the language
    does not accept the specification, and TooBigError.
    """
    spec = read_project(load(folder, text, name))
    (claim,) = spec.claims
    found = Compared()
    settings = {tuple(p.constants[c] for c in spec.constants): p.constants for p in claim.points}
    in_python = run_file(folder / f"{name}.py")
    for number, constants in enumerate(settings.values()):
        asked = [p.property for p in claim.points if p.constants == constants]
        world = _World(spec, constants, asked, f"{name}_{number}", found)
        world.compare(variants)
        world.compare_with(in_python)
    found.notes["worlds"] += len(settings)
    return found


class _World:
    """A scenario with its constants put in."""

    def __init__(
        self,
        spec: Spec,
        constants: Mapping[str, Enum],
        asked: Sequence[Function],
        name: str,
        found: Compared,
    ) -> None:
        self.spec = spec
        self.scenario = spec.claims[0].scenario
        self.constants = constants
        self.asked = asked
        self.name = name
        self.found = found
        self._parts = Parts(spec.reader.program)
        self._models: list[Model] = []
        """The models of NONE, followed by those of DEFAULT."""
        self._said: dict[tuple[tuple[str, ...], Reductions], _Said | None] = {}

    def compare(self, variants: Collection[str]) -> None:
        """Compare what is said with each of the variants."""
        # The largest model shows at once if all is too big.
        written = self._all(NONE)
        for variant in variants:
            if variant != NONE:
                for props, said in self._all(variant).items():
                    self._same(variant, props, said, written)
        self._note(written)

    def compare_with(self, specification: Specification) -> None:
        """Compare what the engine says with the result of running the functions in Python."""
        found, models = self.found, self._models
        try:
            beside = Beside(specification, self.scenario.name, self.constants, _IN_PYTHON)
            differs = beside.states_differ(models[0], _OF_THE_ENGINE)
        except DoesNotFitError:
            found.notes["too much for Python"] += 1
            return
        found.same("states, by Python", self.name, differs, None)
        for model in models:
            for p in model.properties:
                ask = go_round if p.kind.temporal else explore
                said = beside.engine_differs(p.name, ask(model, p.name, stuck=True))
                found.same("verdicts, by Python", self.name, said, None)

    def _same(
        self,
        variant: str,
        props: tuple[str, ...],
        said: _Said | None,
        written: Mapping[tuple[str, ...], _Said | None],
    ) -> None:
        (plain,) = [s for s in written.values() if s is not None]
        same, where = self.found.same, f"{variant}, {', '.join(props)}"
        if said is None:
            self.found.kinds["nothing that matters is left"] += 1
            return
        same("bounds, reduced or not", where, said.ill_typed, plain.ill_typed)
        if said.ill_typed or plain.ill_typed:
            # All that follows has no meaning, and which one comes first may differ.
            return
        same("who is stuck, reduced or not", where, sorted(said.stuck), sorted(plain.stuck))
        for p, violated in said.verdicts.items():
            kind = next(f.property for f in self.asked if f.name == p)
            assert kind is not None
            same(f"{kind.value}, reduced or not", f"{where}: {p}", violated, plain.verdicts[p])

    def _note(self, written: Mapping[tuple[str, ...], _Said | None]) -> None:
        (plain,) = [s for s in written.values() if s is not None]
        notes = self.found.notes
        notes["an integer leaves its bounds"] += plain.ill_typed
        notes["somebody is stuck"] += bool(plain.stuck)
        for p, violated in plain.verdicts.items():
            kind = next(f.property for f in self.asked if f.name == p)
            assert kind is not None
            notes[f"{kind.value} {'found' if violated else 'not found'}"] += 1

    def _all(self, variant: str) -> dict[tuple[str, ...], _Said | None]:
        """Return what is said with a variant, for each of the models that it takes."""
        given = VARIANTS[variant]
        groups: dict[Reductions, list[Function]] = {}
        for fn in self.asked:
            fit = reductions_for(fn, self.spec.reader.program, given)
            groups.setdefault(fit, []).append(fn)
        said = {}
        for fit, asked in groups.items():
            names = tuple(f.name for f in asked)
            key = names, fit
            if key not in self._said:
                self._said[key] = self._model_says(asked, fit, variant)
            said[names] = self._said[key]
        return said

    def _model_says(self, asked: Sequence[Function], fit: Reductions, variant: str) -> _Said | None:
        name = f"{self.name}_{len(self._said)}"
        try:
            model = lowered(self.spec, self.scenario, self.constants, asked, name, fit, self._parts)
        except SpecError as error:
            if error.code != _NOTHING_MATTERS:
                raise
            return None
        _check_size(model)
        return self._said_of(model, f"{variant}, {', '.join(f.name for f in asked)}", variant)

    def _said_of(self, model: Model, where: str, variant: str) -> _Said:
        """Return what the engine says of a model; compare it with the reference semantics."""
        found, same = self.found, self.found.same
        compiled = compile_model(model)
        # Models that are too large are found here, before the slow comparisons.
        props = [p.name for p in model.properties if not p.kind.temporal]
        apart = Search(compiled, symmetry=False).all_violated(props, limit=_OF_THE_ENGINE)
        if not apart.complete:
            raise TooBigError("states")
        together = Search(compiled).all_violated(props)
        same("violations, with symmetry", where, dict(together.violated), dict(apart.violated))
        ill_typed = TYPE_OK in apart.violated
        verdicts = {p: p in apart.violated for p in props}
        stuck: frozenset[str] = frozenset()
        # Only these variants are compared with the slowest, the reference semantics.
        thorough = variant in ALONE
        if not ill_typed:
            verdicts |= self._behaviours(compiled, where, thorough=thorough)
            stuck = self._stuck(compiled, where, thorough=thorough)
        if thorough:
            reached = self._by_reference(compiled, apart, together, where)
            if not ill_typed:
                who = {name for name, _ in reached.stuck}
                same("who is stuck, engine and reference", where, stuck, who)
            if variant in (DEFAULT, NONE):
                self._models.append(model)
                kept = reached.orbits(SYMMETRIC)
                found.parts.append(part_of(model, reached, kept, verdicts))
        return _Said(ill_typed, stuck, verdicts)

    def _stuck(self, compiled: Compiled, where: str, *, thorough: bool) -> frozenset[str]:
        """Return who is stuck by the engine, with symmetry and, if `thorough`, also without."""
        stuck = explore(compiled, (), stuck=True).stuck
        assert stuck is not None
        if thorough:
            apart = explore(compiled, (), stuck=True, symmetry=False).stuck
            assert apart is not None
            self.found.same("who is stuck, with symmetry", where, apart.actors, stuck.actors)
            for one in (stuck, apart):
                if one.who:
                    self._replayed(compiled.model, None, one.trace, None, where)
        return frozenset(stuck.actors)

    def _by_reference(
        self, compiled: Compiled, apart: Census, together: Census, where: str
    ) -> Reached:
        """Return all that the reference semantics reaches, and compare the engine with it."""
        model, same = compiled.model, self.found.same
        try:
            reached = reach(model, MOST_STATES)
        except TooManyError as error:
            raise TooBigError("states") from error
        until = reached.ill_typed
        violated = {p: n for p, n in reached.violated.items() if until is None or n < until}
        wrong = {} if until is None else {TYPE_OK: until}
        same("violations, engine and reference", where, dict(apart.violated), violated | wrong)
        if until is None:
            numbers = apart.distinct, apart.generated, apart.depth
            known = reached.distinct, reached.generated, reached.depth
            same("states and steps, engine and reference", where, numbers, known)
            kept = len(reached.orbits(SYMMETRIC))
            same("states, with symmetry", where, together.distinct, kept)
        for p, steps in violated.items():
            outcome = explore(compiled, p)
            if outcome.name == p:
                self._replayed(model, p, outcome.trace, None, where)
                same("length of a counterexample", where, len(outcome.trace) - 1, steps)
        return reached

    def _behaviours(self, compiled: Compiled, where: str, *, thorough: bool) -> dict[str, bool]:
        """Return which properties of behaviours are violated; if `thorough`, replay the loops."""
        verdicts = {}
        model = compiled.model
        for p in model.properties:
            if p.kind.temporal:
                outcome = go_round(compiled, p.name)
                verdicts[p.name] = outcome.verdict is Verdict.VIOLATED
                if verdicts[p.name] and thorough:
                    self._replayed(model, p.name, outcome.trace, outcome.loop, where)
        return verdicts

    def _replayed(
        self, model: Model, prop: str | None, trace: Trace, loop: int | None, where: str
    ) -> None:
        """Compare a counterexample of the engine with the reference: it must be one there, too."""
        try:
            follow(model, trace, prop, loop)
            said = "follows"
        except ReplayError as error:
            said = str(error)
        self.found.same("counterexample, engine and reference", f"{where}: {prop}", said, "follows")


def _check_size(model: Model) -> None:
    trees = (model.initial, *(a.tree for a in model.actions))
    parts = [*(e for t in trees for e in expressions(t)), *(d.body for d in model.definitions)]
    if sum(_nodes(e, model.sizes) for e in parts) > _MOST_NODES:
        raise TooBigError("expressions")


def _nodes(e: Expr, sizes: Mapping[str, int]) -> int:
    """Return the size of an expression once its binders are written out."""
    times = (
        len(elements(e.var.type, sizes)) if isinstance(e, x.Quant | x.MapOf | x.SetFilter) else 1
    )
    return 1 + times * sum(_nodes(c, sizes) for c in x.children(e))
