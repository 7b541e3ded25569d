"""Reading scenarios and claims: names are looked up, functions typed, everything checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kvmtla.errors import Loc
from kvmtla.front.messages import functions as of_functions
from kvmtla.front.messages import scenarios as says
from kvmtla.front.messages.types import label_of_nothing
from kvmtla.front.program import ProgramReader
from kvmtla.front.types import class_location
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.stmt import Function
from kvmtla.ir.types import BOOL, ERROR, BoolT, DomainT, EnumT, SharedT
from kvmtla.lang.decorators import ConstantDecl, mark_of
from kvmtla.lang.scenario import Actor, Claim, Expect, Project, Scenario


@dataclass(frozen=True)
class ActorRead:
    """An actor with its operations typed."""

    name: str
    label: str
    operations: tuple[Function, ...]
    domain: DomainT | None
    times: int | None
    fair: bool
    loc: Loc


@dataclass(frozen=True)
class ScenarioRead:
    """A scenario with everything in it typed."""

    name: str
    doc: str
    machine: SharedT
    labels: Mapping[str, str]
    sizes: Mapping[str, int]
    domains: Mapping[str, DomainT]
    initial: Function
    actors: tuple[ActorRead, ...]
    hardware: tuple[Function, ...]
    loc: Loc


@dataclass(frozen=True)
class ClaimPoint:
    """One expected verdict: on a property, for one value of each constant."""

    property: Function
    constants: Mapping[str, Enum]
    expected: str
    nothing: str | None = None
    """Why the property holds of nothing, where that is meant; None elsewhere."""
    loc: Loc | None = None
    """The place that expects it."""


@dataclass(frozen=True)
class ClaimRead:
    """A claim with its scenario and its expectations read.

    Several claims may share a number: one sentence, tested in several scenarios.
    """

    number: str
    name: str
    quote: str
    source: str
    note: str
    scenario: ScenarioRead
    points: tuple[ClaimPoint, ...]
    loc: Loc

    @property
    def full_name(self) -> str:
        """Number and name, under which results are filed."""
        return _full_name(self)


@dataclass(frozen=True)
class Spec:
    """A project that has been read."""

    project: Project
    reader: ProgramReader
    constants: Mapping[str, ConstantDecl[Any]]
    scenarios: Mapping[str, ScenarioRead]
    claims: tuple[ClaimRead, ...]

    def spoken(self, constants: Mapping[str, Enum]) -> dict[str, Enum]:
        """Return the constants that are worth a word: those that do not have their default."""
        return {n: constants[n] for n, d in self.constants.items() if constants[n] is not d.default}

    def declared(self, scenario: str) -> Scenario | None:
        """Return the scenario of this name as the author declared it; None where nobody has."""
        known = [*self.project.scenarios, *(c.scenario for c in self.project.claims)]
        named = (s for s in known if isinstance(s, Scenario) and s.name == scenario)
        return next(named, None)

    def constant_of(self, value: Enum) -> str:
        """Return the name of the one constant of which this is a value."""
        return next(n for n, d in self.constants.items() if isinstance(value, d.kind))


def read_project(project: Project) -> Spec:
    """Read all scenarios and claims of a project; raise SpecError for all that is wrong in them."""
    reader = ProgramReader()
    constants = _constants(project, reader)
    claims = _listed_claims(project, reader)
    declared: dict[str, Scenario] = {}
    for s in [*project.scenarios, *(c.scenario for c in claims)]:
        if isinstance(s, Scenario) and declared.setdefault(s.name, s) is not s:
            reader.mistakes.note(says.two_scenarios(s.name), s.loc)
    scenarios = {n: _ScenarioReader(s, reader).read() for n, s in declared.items()}
    for name, t in reader.program.constants.items():
        if name not in constants:
            reader.mistakes.note(says.constant_not_listed(name, t), project.loc)
    _check_lives(reader, constants)
    read = [_ClaimReader(c, reader, scenarios, constants).read() for c in claims]
    reader.settle()
    return Spec(project, reader, constants, _all(scenarios), tuple(c for c in read if c))


def _all(scenarios: Mapping[str, ScenarioRead | None]) -> dict[str, ScenarioRead]:
    """Return the scenarios that could be read, which are all where nothing is wrong."""
    return {n: s for n, s in scenarios.items() if s is not None}


def _constants(project: Project, reader: ProgramReader) -> dict[str, ConstantDecl[Any]]:
    """Return the constants of a project; note what is wrong with them."""
    constants: dict[str, ConstantDecl[Any]] = {}
    for decl in project.constants:
        if not isinstance(decl, ConstantDecl):
            reader.mistakes.note(says.no_constant(decl), project.loc)
            continue
        reader.constant(decl, project.loc)
        if decl.name in constants:
            reader.mistakes.note(says.two_constants(decl.name), project.loc)
        constants[decl.name] = decl
    return constants


def _listed_claims(project: Project, reader: ProgramReader) -> list[Claim]:
    """Return the claims of a project; note where there is something else, or two of one name."""
    listed = project.claims if isinstance(project.claims, list | tuple) else None
    claims = [c for c in listed or () if isinstance(c, Claim)]
    if listed is None or len(claims) < len(listed):
        reader.mistakes.note(says.claims_are_a_list(), project.loc)
    names = Counter(_full_name(c) for c in claims)
    first = {_full_name(c): c for c in reversed(claims)}
    for name, claim in first.items():
        if names[name] > 1:
            reader.mistakes.note(says.two_claims(name), claim.loc)
    return claims


def _check_lives(reader: ProgramReader, constants: Mapping[str, ConstantDecl[Any]]) -> None:
    """Note where a function's since or until is no value of exactly one constant."""
    for fn in reader.program.functions.values():
        border = fn.since or fn.until
        if border is None:
            continue
        names = [n for n, d in constants.items() if isinstance(border, d.kind)]
        if len(names) != 1:
            message = says.life_of_no_constant(fn.name, border, names)
            reader.mistakes.note(message, fn.loc)


class _ScenarioReader:
    """A reader for one scenario."""

    def __init__(self, scenario: Scenario, reader: ProgramReader) -> None:
        self._scenario = scenario
        self._reader = reader
        self._mistakes = reader.mistakes
        self._sizes: dict[str, int] = {}
        self._domains: dict[str, DomainT] = {}

    def read(self) -> ScenarioRead | None:
        """Return the scenario; None where it has no machine or no first states to speak of."""
        scenario, loc = self._scenario, self._scenario.loc
        machine = self._machine()
        for cls, size in scenario.sizes.items():
            t = self._reader.types.read(cls, loc)
            if isinstance(t, DomainT):
                self._sizes[t.name], self._domains[t.name] = size, t
        initial = self._function(scenario.initial, "initial", loc)
        hardware = _known(self._function(h, "hardware", loc) for h in scenario.hardware)
        actors = tuple(self._actor(a) for a in scenario.actors)
        if not actors and not scenario.hardware:
            self._mistakes.note(says.nothing_happens(scenario.name), loc)
        if machine is None or initial is None:
            return None
        self._check_machine(
            machine, [initial, *hardware, *(o for a in actors for o in a.operations)]
        )
        return ScenarioRead(
            scenario.name,
            scenario.doc,
            machine,
            scenario.machine.labels,
            self._sizes,
            self._domains,
            initial,
            actors,
            hardware,
            loc,
        )

    def _machine(self) -> SharedT | None:
        """Return the shared state; None where there is none."""
        scenario, loc = self._scenario, self._scenario.loc
        given: object = scenario.machine
        if not isinstance(given, type):
            self._mistakes.note(says.machine_is_no_class(scenario.name), loc)
            return None
        machine = self._reader.types.read(given, loc)
        if not isinstance(machine, SharedT):
            if machine != ERROR:
                self._mistakes.note(says.machine_is_not_shared(machine), loc)
            return None
        for name in scenario.machine.labels:
            if name not in machine.fields:
                untyped = hasattr(scenario.machine, name)
                message = label_of_nothing(machine.name, name, untyped, machine.fields)
                self._mistakes.note(message, class_location(scenario.machine) or loc)
        return machine

    def _check_machine(self, machine: SharedT, functions: Sequence[Function]) -> None:
        """Note functions about another machine, and domains without a size."""
        name = self._scenario.name
        for fn in functions:
            if fn.shared is not None and fn.shared != machine:
                message = says.works_on_another(fn.name, fn.shared, name, machine)
                self._mistakes.note(message, fn.loc)
        self._reader.sizes.check(name, self._sizes, machine, functions, self._scenario.loc)

    def _function(self, function: Any, kind: str, loc: Loc) -> Function | None:
        """Return a function of a kind; None where it is not, or cannot be read."""
        mark = mark_of(function)
        if mark is None or mark.kind != kind:
            name = getattr(function, "__name__", repr(function))
            marked = mark.kind if mark is not None else None
            self._mistakes.note(says.function_of_another_kind(name, kind, marked), loc)
            return None
        with self._mistakes.noting():
            return self._reader.function(function, loc)
        return None

    def _actor(self, actor: Actor) -> ActorRead:
        if not actor.operations:
            self._mistakes.note(says.runs_nothing(actor.name), actor.loc)
        operations = (self._function(o, "operation", actor.loc) for o in actor.operations)
        return ActorRead(
            actor.name,
            actor.label,
            _known(operations),
            self._each(actor),
            actor.times,
            actor.fair,
            actor.loc,
        )

    def _each(self, actor: Actor) -> DomainT | None:
        """Return the domain that an actor is one for each of; None where there is one of it."""
        if actor.each is None:
            return None
        t = self._reader.types.read(actor.each, actor.loc)
        if isinstance(t, DomainT) and t.name in self._sizes:
            return t
        if t != ERROR:
            message = says.size_of_actors_missing(actor.name, t)
            about = ("size", self._scenario.name, str(t))
            self._mistakes.note(message, actor.loc, about)
        return None


def _known(functions: Iterable[Function | None]) -> tuple[Function, ...]:
    return tuple(f for f in functions if f is not None)


class _ClaimReader:
    """A reader for one claim."""

    def __init__(
        self,
        claim: Claim,
        reader: ProgramReader,
        scenarios: Mapping[str, ScenarioRead | None],
        constants: Mapping[str, ConstantDecl[Any]],
    ) -> None:
        self._claim = claim
        self._reader = reader
        self._mistakes = reader.mistakes
        self._scenarios = scenarios
        self._constants = constants
        self._points: dict[tuple[str, tuple[Enum, ...]], ClaimPoint] = {}

    def read(self) -> ClaimRead | None:
        """Return the claim; None where its scenario cannot be read."""
        claim = self._claim
        name = claim.scenario if isinstance(claim.scenario, str) else claim.scenario.name
        if name not in self._scenarios:
            message = says.no_such_scenario(claim.number, name, self._scenarios)
            self._mistakes.note(message, claim.loc)
        scenario = self._scenarios.get(name)
        for expect in claim.expect:
            self._expect(expect, scenario)
        if scenario is None:
            return None
        return ClaimRead(
            claim.number,
            claim.name,
            claim.quote,
            claim.source,
            claim.note,
            scenario,
            tuple(self._points.values()),
            claim.loc,
        )

    def _expect(self, expect: Expect, scenario: ScenarioRead | None) -> None:
        """Read what is expected of one property."""
        claim = self._claim
        mark = mark_of(expect.property)
        if mark is None or mark.kind not in PROPERTIES:
            what = getattr(expect.property, "__name__", repr(expect.property))
            self._mistakes.note(says.no_property(claim.number, what), expect.loc)
            prop = None
        else:
            prop = _property(expect.property, self._reader, scenario, expect.loc)
        fits = prop is not None and self._fits_verdict(prop, expect)
        if self._fits_constants(expect) and prop is not None and fits:
            self._add_points(prop, expect)

    def _add_points(self, prop: Function, expect: Expect) -> None:
        defaults = {n: d.default for n, d in self._constants.items() if d.default is not None}
        for given in expect.configs():
            config = {n: given.get(n) or defaults[n] for n in self._constants}
            key = (prop.name, tuple(config[c] for c in self._constants))
            point = ClaimPoint(prop, config, expect.verdict, expect.nothing, expect.loc)
            known = self._points.setdefault(key, point)
            if known.expected != expect.verdict:
                message = says.both_verdicts(
                    self._claim.number, prop.name, known.expected, expect.verdict
                )
                self._mistakes.note(message, expect.loc)

    def _fits_verdict(self, prop: Function, expect: Expect) -> bool:
        """Note a verdict that does not fit: goals are reached or not, all else holds or not."""
        goal = prop.property is PropertyKind.GOAL
        words = ("reached", "unreached") if goal else ("holds", "violated")
        if expect.verdict not in words:
            message = says.verdict_of_another_kind(
                self._claim.number, expect.verdict, prop.name, goal, words
            )
            self._mistakes.note(message, expect.loc)
        return expect.verdict in words

    def _fits_constants(self, expect: Expect) -> bool:
        """Note where an expectation is for values that there are not; is all well with it?"""
        number, given = self._claim.number, expect.constants
        messages = []
        for name, values in given.items():
            decl = self._constants.get(name)
            if decl is None:
                messages.append(says.no_such_constant(number, name, self._constants))
                continue
            if not values:
                messages.append(says.for_no_value(number, name, decl.kind))
            wrong = (v for v in values if not isinstance(v, decl.kind))
            messages += [says.no_such_value(number, name, v, decl.kind) for v in wrong]
        missing = [n for n, d in self._constants.items() if n not in given and d.default is None]
        if missing and not messages:
            messages.append(says.for_which_values(number, missing))
        for message in messages:
            self._mistakes.note(message, expect.loc)
        return not messages


def read_property(
    function: Any, reader: ProgramReader, scenario: ScenarioRead, loc: Loc
) -> Function:
    """Read a property that is to be checked in `scenario`; `loc` is where that is said.

    Raises SpecError for all that is wrong in it, and where it does not fit the scenario.
    """
    fn = _property(function, reader, scenario, loc)
    reader.settle()
    assert fn is not None
    return fn


def _property(
    function: Any, reader: ProgramReader, scenario: ScenarioRead | None, loc: Loc
) -> Function | None:
    """Return a property; None where it cannot be read. Note what is wrong in it.

    Without a scenario, it is not asked whether it fits.
    """
    fn: Function | None = None
    with reader.mistakes.noting():
        fn = reader.function(function, loc)
    if fn is None or scenario is None:
        return fn
    with reader.mistakes.noting():
        _check_property(fn, function, reader, scenario, loc)
    return fn


def _check_property(
    fn: Function, function: Any, reader: ProgramReader, scenario: ScenarioRead, loc: Loc
) -> None:
    """Raise SpecError where a property does not fit its kind or its scenario."""
    assert fn.property is not None
    what = "invariant" if fn.property is PropertyKind.INVARIANT else f"@{fn.property.value}"
    if fn.key not in reader.wrong:
        _check_form(fn, what, reader.signature(function).later_name, scenario.machine)
    if fn.key != fn.name:
        other = reader.program.functions[fn.name].loc
        raise of_functions.property_of_two_names(fn.name, other).at(fn.loc)
    if fn.shared != scenario.machine:
        raise says.property_of_another(
            what, fn.name, fn.shared, scenario.name, scenario.machine
        ).at(loc)
    reader.sizes.check(scenario.name, scenario.sizes, scenario.machine, [fn], scenario.loc)
    fair = any(a.fair for a in scenario.actors) or any(h.fair for h in scenario.hardware)
    if fn.property.temporal and not fair:
        raise says.nobody_is_fair(scenario.name, fn.name).at(scenario.loc)


def _check_form(fn: Function, what: str, later: str | None, machine: SharedT) -> None:
    """Raise SpecError where a property's function does not take and give what its kind wants."""
    kind = fn.property
    takes, head = "the shared state", "m: {0}"
    right = fn.shared is not None and not fn.params
    if kind is PropertyKind.STEP:
        takes, head = "the shared state before the step and after it", "before: {0}, after: {0}"
        right = later is not None and not fn.params
    elif kind is not None and kind.temporal:
        head = "m: {0}, ..."
        right = fn.shared is not None
        for p in fn.params:
            if not isinstance(p.type, DomainT | EnumT | BoolT):
                raise of_functions.property_parameter(p.name, fn.name, p.type).at(p.loc)
    two = kind is PropertyKind.LEADS_TO
    if not right or fn.results != (BOOL,) * (1 + two):
        message = of_functions.form_of_property(what, fn.name, takes, head, two, machine)
        raise message.at(fn.loc)


def _full_name(claim: Claim | ClaimRead) -> str:
    """Return number and name of a claim."""
    return f"{claim.number} {claim.name}".strip()
