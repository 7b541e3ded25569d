"""Reading scenarios and claims: names are looked up, functions typed, everything checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kvmtla.errors import Loc, SpecError, did_you_mean
from kvmtla.front.program import ProgramReader
from kvmtla.front.types import class_location
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.stmt import Function
from kvmtla.ir.types import BOOL, BoolT, DomainT, EnumT, SharedT
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
        return f"{self.number} {self.name}".strip()


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
    """Read all scenarios and claims of a project; raise SpecError for anything wrong in them."""
    if not (
        isinstance(project.claims, list | tuple)
        and all(isinstance(c, Claim) for c in project.claims)
    ):
        raise SpecError(
            "KT602",
            "the claims of a project are a list of Claim",
            loc=project.loc,
            hint="claims=[Claim(...), ...]",
        )
    reader = ProgramReader()
    constants: dict[str, ConstantDecl[Any]] = {}
    for decl in project.constants:
        if not isinstance(decl, ConstantDecl):
            raise SpecError(
                "KT617", f"{decl!r} is not a constant", loc=project.loc, hint="use constant()"
            )
        reader.constant(decl, project.loc)
        if decl.name in constants:
            raise SpecError(
                "KT604",
                f"two constants are called {decl.name!r}",
                loc=project.loc,
                hint="give one of them another name",
            )
        constants[decl.name] = decl
    declared: dict[str, Scenario] = {}
    for s in [*project.scenarios, *(c.scenario for c in project.claims)]:
        if isinstance(s, Scenario) and declared.setdefault(s.name, s) is not s:
            raise SpecError(
                "KT604",
                f"two scenarios are called {s.name!r}",
                loc=s.loc,
                hint="give one of them another name",
            )
    scenarios = {n: _scenario(s, reader) for n, s in declared.items()}
    for name, decl_ in reader.program.constants.items():
        if name not in constants:
            raise SpecError(
                "KT617",
                f"constant {name!r} ({decl_}) is used, but the project does not list it",
                loc=project.loc,
                hint=f"add it: constants=[..., {name}]",
            )
    _check_lives(reader, constants)
    claims = tuple(_claim(c, reader, scenarios, constants) for c in project.claims)
    names = [c.full_name for c in claims]
    for c in claims:
        if names.count(c.full_name) > 1:
            raise SpecError(
                "KT604",
                f"two claims are called {c.full_name!r}",
                loc=c.loc,
                hint="give one of them another number or name",
            )
    return Spec(project, reader, constants, scenarios, claims)


def _check_lives(reader: ProgramReader, constants: Mapping[str, ConstantDecl[Any]]) -> None:
    """Raise SpecError where a function's since or until is no value of exactly one constant."""
    for fn in reader.program.functions.values():
        border = fn.since or fn.until
        if border is None:
            continue
        names = [n for n, d in constants.items() if isinstance(border, d.kind)]
        if len(names) != 1:
            what = f"a value of {' and of '.join(names)}" if names else "no value of a constant"
            raise SpecError(
                "KT627",
                f"since or until when {fn.name}() exists, {border} says, which is {what}",
                loc=fn.loc,
                hint="one constant of the project says it: its type is the enumeration",
            )


def _scenario(scenario: Scenario, reader: ProgramReader) -> ScenarioRead:
    loc = scenario.loc
    if not isinstance(scenario.machine, type):
        raise SpecError(
            "KT601",
            f"the machine of scenario {scenario.name!r} is not a class",
            loc=loc,
            hint="machine=... names the class of the shared state",
        )
    machine = reader.types.read(scenario.machine, loc)
    if not isinstance(machine, SharedT):
        raise SpecError(
            "KT601",
            f"the machine is a {machine}, not a class of shared state",
            loc=loc,
            hint=f"class {machine}(Shared): ...",
        )
    for name in scenario.machine.labels:
        if name not in machine.fields:
            raise SpecError(
                "KT115",
                f"{machine.name}.labels names {name!r}, which is not a field",
                loc=class_location(scenario.machine) or loc,
                hint=f"it has no type: write {name}: bool, for example"
                if hasattr(scenario.machine, name)
                else did_you_mean(name, machine.fields),
            )
    sizes, domains = {}, {}
    for cls, size in scenario.sizes.items():
        t = reader.types.read(cls, loc)
        assert isinstance(t, DomainT)
        sizes[t.name], domains[t.name] = size, t
    initial = _function(scenario.initial, "initial", reader, loc)
    hardware = tuple(_function(h, "hardware", reader, loc) for h in scenario.hardware)
    actors = tuple(_actor(a, reader, sizes) for a in scenario.actors)
    for fn in (initial, *hardware, *(o for a in actors for o in a.operations)):
        if fn.shared is not None and fn.shared != machine:
            raise SpecError(
                "KT610",
                f"{fn.name}() works on {fn.shared}, scenario {scenario.name!r} on {machine}",
                loc=fn.loc,
                hint=f"give it a parameter of type {machine}",
            )
    functions = [initial, *hardware, *(o for a in actors for o in a.operations)]
    reader.sizes.check(scenario.name, sizes, machine, functions, loc)
    if not actors and not hardware:
        raise SpecError(
            "KT608",
            f"nothing happens in scenario {scenario.name!r}",
            loc=loc,
            hint="give it an Actor",
        )
    return ScenarioRead(
        scenario.name,
        scenario.doc,
        machine,
        scenario.machine.labels,
        sizes,
        domains,
        initial,
        actors,
        hardware,
        loc,
    )


def _function(function: Any, kind: str, reader: ProgramReader, loc: Loc) -> Function:
    mark = mark_of(function)
    name = getattr(function, "__name__", repr(function))
    if mark is None or mark.kind != kind:
        marked = f"it is @{mark.kind}" if mark is not None else f"decorate it with @{kind}"
        raise SpecError("KT609", f"{name} is not @{kind}", loc=loc, hint=marked)
    return reader.function(function, loc)


def _actor(actor: Actor, reader: ProgramReader, sizes: Mapping[str, int]) -> ActorRead:
    if not actor.operations:
        raise SpecError(
            "KT608",
            f"actor {actor.name!r} runs nothing",
            loc=actor.loc,
            hint=f"Actor({actor.name!r}, operation, ...)",
        )
    operations = tuple(_function(o, "operation", reader, actor.loc) for o in actor.operations)
    domain = None
    if actor.each is not None:
        t = reader.types.read(actor.each, actor.loc)
        if not isinstance(t, DomainT) or t.name not in sizes:
            raise SpecError(
                "KT606",
                f"actor {actor.name!r}: the scenario does not say how many {t} there are",
                loc=actor.loc,
                hint=f"add it to sizes: {{{t}: 1}}",
            )
        domain = t
    return ActorRead(
        actor.name, actor.label, operations, domain, actor.times, actor.fair, actor.loc
    )


def _claim(
    claim: Claim,
    reader: ProgramReader,
    scenarios: Mapping[str, ScenarioRead],
    constants: Mapping[str, ConstantDecl[Any]],
) -> ClaimRead:
    name = claim.scenario if isinstance(claim.scenario, str) else claim.scenario.name
    scenario = scenarios.get(name)
    if scenario is None:
        raise SpecError(
            "KT611",
            f"claim {claim.number} names scenario {name!r}, which does not exist",
            loc=claim.loc,
            hint=did_you_mean(name, scenarios),
        )
    points: dict[tuple[str, tuple[Enum, ...]], ClaimPoint] = {}
    for expect in claim.expect:
        mark = mark_of(expect.property)
        if mark is None or mark.kind not in PROPERTIES:
            what = getattr(expect.property, "__name__", repr(expect.property))
            raise SpecError(
                "KT612",
                f"claim {claim.number}: {what} is not a property",
                loc=expect.loc,
                hint="name a function that is decorated with @invariant",
            )
        prop = read_property(expect.property, reader, scenario, expect.loc)
        _check_verdict(claim, prop, expect)
        _check_constants(claim, expect.constants, constants, expect.loc)
        defaults = {n: d.default for n, d in constants.items() if d.default is not None}
        for given in expect.configs():
            config = {n: given.get(n) or defaults[n] for n in constants}
            key = (prop.name, tuple(config[c] for c in constants))
            point = ClaimPoint(prop, config, expect.verdict, expect.nothing, expect.loc)
            known = points.setdefault(key, point)
            if known.expected != expect.verdict:
                raise SpecError(
                    "KT615",
                    f"claim {claim.number} expects {prop.name} to be both "
                    f"{known.expected} and {expect.verdict}",
                    loc=expect.loc,
                    hint="say it once, or for other values of the constants",
                )
    return ClaimRead(
        claim.number,
        claim.name,
        claim.quote,
        claim.source,
        claim.note,
        scenario,
        tuple(points.values()),
        claim.loc,
    )


def _check_verdict(claim: Claim, prop: Function, expect: Expect) -> None:
    """Check a verdict: goals are reached or not, all else holds or is violated."""
    goal = prop.property is PropertyKind.GOAL
    words = ("reached", "unreached") if goal else ("holds", "violated")
    if expect.verdict not in words:
        what = "is a goal" if goal else "is no goal"
        raise SpecError(
            "KT620",
            f"claim {claim.number} says {expect.verdict}({prop.name}), and that {what}",
            loc=expect.loc,
            hint=f"{words[0]}(...) or {words[1]}(...)",
        )


def read_property(
    function: Any, reader: ProgramReader, scenario: ScenarioRead, loc: Loc
) -> Function:
    """Read a property that is to be checked in `scenario`; `loc` is where that is said.

    Raises SpecError for anything wrong in it, and where it does not fit the scenario.
    """
    fn = reader.function(function, loc)
    assert fn.property is not None
    what = "invariant" if fn.property is PropertyKind.INVARIANT else f"@{fn.property.value}"
    _check_form(fn, what, reader.signature(function, loc).later_name, scenario.machine)
    if fn.key != fn.name:
        other = reader.program.functions[fn.name].loc
        raise SpecError(
            "KT213",
            f"there are two functions {fn.name!r}, and one of them is a property",
            loc=fn.loc,
            hint=f"rename this one, or the one at {other.file}:{other.line}",
        )
    if fn.shared != scenario.machine:
        raise SpecError(
            "KT610",
            f"{what} {fn.name}() is about {fn.shared}, scenario {scenario.name!r} has "
            f"{scenario.machine}",
            loc=loc,
            hint="name a property of this scenario's shared state, or another scenario",
        )
    reader.sizes.check(scenario.name, scenario.sizes, scenario.machine, [fn], scenario.loc)
    fair = any(a.fair for a in scenario.actors) or any(h.fair for h in scenario.hardware)
    if fn.property.temporal and not fair:
        raise SpecError(
            "KT621",
            f"nothing has to happen in scenario {scenario.name!r}: nobody is fair, and {fn.name} "
            "is about what happens in the end",
            loc=scenario.loc,
            hint="say of whom it relies on: Actor(..., fair=True)",
        )
    return fn


def _check_form(fn: Function, what: str, later: str | None, machine: SharedT) -> None:
    """Raise SpecError where a property's function does not take and give what its kind wants."""
    kind = fn.property
    if kind is PropertyKind.STEP:
        takes, head = "the shared state before the step and after it", "before: {0}, after: {0}"
        right = later is not None and not fn.params
    elif kind is not None and kind.temporal:
        takes, head = "the shared state", "m: {0}, ..."
        right = fn.shared is not None
        for p in fn.params:
            if not isinstance(p.type, DomainT | EnumT | BoolT):
                raise SpecError(
                    "KT207",
                    f"parameter {p.name!r} of {fn.name}() stands for all {p.type}",
                    loc=p.loc,
                    hint="give a property parameters of a Domain, an Enum or bool",
                )
    else:
        takes, head = "the shared state", "m: {0}"
        right = fn.shared is not None and not fn.params
    two = kind is PropertyKind.LEADS_TO
    gives, result = ("two bools", "tuple[bool, bool]") if two else ("a bool", "bool")
    if not right or fn.results != (BOOL,) * (1 + two):
        raise SpecError(
            "KT214",
            f"{what} {fn.name}() takes {takes} and gives {gives}",
            loc=fn.loc,
            hint=f"def {fn.name}({head.format(machine)}) -> {result}:",
        )


def _check_constants(
    claim: Claim,
    given: Mapping[str, Sequence[Enum]],
    constants: Mapping[str, ConstantDecl[Any]],
    loc: Loc,
) -> None:
    for name, values in given.items():
        decl = constants.get(name)
        if decl is None:
            raise SpecError(
                "KT613",
                f"claim {claim.number} sets {name!r}, which is not a constant of the project",
                loc=loc,
                hint=did_you_mean(name, constants),
            )
        if not values:
            raise SpecError(
                "KT614",
                f"claim {claim.number} is for no {name} at all",
                loc=loc,
                hint=f"{name}=[{next(iter(decl.kind.__members__.values()))}]",
            )
        for v in values:
            if not isinstance(v, decl.kind):
                raise SpecError(
                    "KT614",
                    f"claim {claim.number}: {name} is one of {decl.kind.__name__}, "
                    f"not {str(v) if isinstance(v, Enum) else repr(v)}",
                    loc=loc,
                    hint=f"there is: {', '.join(str(m) for m in decl.kind)}",
                )
    missing = [n for n, d in constants.items() if n not in given and d.default is None]
    if missing:
        raise SpecError(
            "KT614",
            f"claim {claim.number} does not say for which {', '.join(missing)}",
            loc=loc,
            hint=f"{missing[0]}=[...]",
        )
