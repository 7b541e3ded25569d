"""`kvmtla explain`: what a property says, what can change it, and how near it is to being false."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from kvmtla.check.question import QuestionError, question, scenario_of
from kvmtla.check.select import Selection
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.engine import Limits
from kvmtla.errors import did_you_mean
from kvmtla.front.scenario import ScenarioRead, Spec, read_project
from kvmtla.insight.accesses import lines, rows
from kvmtla.insight.near_misses import Near, nearness
from kvmtla.ir import expr as x
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.stmt import Function
from kvmtla.load import SpecPackage
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.modules.worlds import Asked, Worlds
from kvmtla.mutate import Kill, killed_by
from kvmtla.trace import commit_form

_WIDTH = 80
_STATES = 200_000
_MUTANTS = 5
_VALUES = 4


def _examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    prop = claims[0].expect[0].property.__name__ if claims else "PROPERTY"
    return [f"kvmtla explain {prop}", f"kvmtla explain {prop} {example_settings(package)}"]


def _nothing_claimed(spec: Spec, prop: str) -> QuestionError:
    """Return the error for a property about which the claims asked for say nothing."""
    made = [p for c in spec.claims for p in c.points if p.property.name == prop]
    said = f"nothing is claimed of a property {prop!r}"
    if not made:
        known = {p.property.name for c in spec.claims for p in c.points}
        return QuestionError("KT906", said, hint=did_you_mean(prop, known))
    values = {
        tuple(f"{n} {v.value}" for n, v in spec.spoken(p.constants).items()): None for p in made
    }
    some = "; ".join(", ".join(v) for v in list(values)[:_VALUES])
    more = "; ..." if len(values) > _VALUES else ""
    return QuestionError("KT907", f"{said} for these values", hint=f"there is: {some}{more}")


@click.pass_context
def _explain(ctx: click.Context, /, *, prop: str, scenario: str | None, states: int) -> int:
    package = package_of(ctx)
    spec = read_project(package.project)
    settings = settings_of(ctx)
    about = scenario_of(spec, scenario) if scenario is not None else None
    asked = [
        p
        for p in Selection((), settings).choose(points(spec, package.root), spec)
        if p.prop == prop and about in (None, p.claim.scenario)
    ]
    candidates = asked
    if not asked:
        if scenario is None or prop not in spec.reader.program.functions:
            raise _nothing_claimed(spec, prop)
        # A property that nobody claims can be looked at, if it is said where.
        own = question(spec, package.name, scenario, prop, "PROPERTY", settings=settings)
        candidates = points(replace(spec, claims=(own,)), package.root)
    point = next((p for p in candidates if p.expected in ("holds", "reached")), candidates[0])
    in_it = Worlds(spec, point.claim.scenario).asked(settings)
    function = spec.reader.program.functions[prop]
    for paragraph in (
        _meaning(function, package.root),
        _parts(spec, function, point.claim.scenario),
        _changes(spec, function, point.claim.scenario, in_it),
        _claims(asked),
        _mutants(spec, package.root, prop),
        _near(point, states),
    ):
        said = list(paragraph)
        if said:
            click.echo("\n".join([*said, ""]))
    return 0


def _meaning(function: Function, root: Path) -> Iterator[str]:
    place = Path(function.loc.file)
    where = place.relative_to(root) if place.is_relative_to(root) else place
    yield f"{click.style(function.name, bold=True)}  ({where.as_posix()}:{function.loc.line})"
    for line in inspect.cleandoc(function.doc).split("\n"):
        yield f"  {line}".rstrip()


def _asked(spec: Spec, function: Function) -> tuple[set[str], set[str]]:
    """Return the shared fields and the spans that a property asks about, also through its calls."""
    fields, spans = set[str](), set[str]()
    for y in (y for e in function.values for y in x.walk(e)):
        if isinstance(y, x.Shared):
            fields.add(y.name)
        elif isinstance(y, x.Active):
            spans.add(y.span)
        elif isinstance(y, x.Call):
            more_fields, more_spans = _asked(spec, spec.reader.program.functions[y.function])
            fields |= more_fields
            spans |= more_spans
    return fields, spans


def _parts(spec: Spec, function: Function, scenario: ScenarioRead) -> Iterator[str]:
    fields, spans = _asked(spec, function)
    yield "It asks about"
    told = {n: scenario.labels.get(n, "") for n in scenario.machine.fields if n in fields}
    told |= {s: spec.reader.program.spans[s].doc for s in sorted(spans)}
    width = max(map(len, told), default=0)
    yield from (f"  {name.ljust(width)}  {text}".rstrip() for name, text in told.items())


def _changes(
    spec: Spec,
    function: Function,
    scenario: ScenarioRead,
    asked: Asked,
) -> Iterator[str]:
    fields, _ = _asked(spec, function)
    found = [r for r in rows(spec, scenario, asked.worlds) if r.writes and r.field in fields]
    yield f"What can change that in scenario {scenario.name}"
    if (left_out := asked.line()) is not None:
        yield f"  {left_out}"
    yield from (f"  {line}".rstrip() for line in lines(found, scenario.labels))


def _claims(asked: Sequence[Point]) -> Iterator[str]:
    yield "What is claimed of it"
    if not asked:
        yield "  nothing there, for these values"
        return
    groups: dict[tuple[str, str], list[str]] = {}
    for p in asked:
        settings = " ".join(p.settings.values())
        groups.setdefault((p.claim.full_name, p.expected), []).append(settings)
    names = max(len(c) for c, _ in groups)
    for (claim, expected), where in groups.items():
        text = f"{claim.ljust(names)}  {expected.ljust(8)}  "
        listed = ", ".join(filter(None, where))
        yield click.wrap_text(text + listed, _WIDTH, "  ", " " * (len(text) + 2)).rstrip()


def _mutants(spec: Spec, root: Path, prop: str) -> Iterator[str]:
    kills = killed_by(spec, root, prop)
    yield "Which mutants of the operations it kills"
    if kills is None:
        yield "  not known: kvmtla mutate"
        return
    quickest = f", {_MUTANTS} of them in the fewest steps" if len(kills) > _MUTANTS else ""
    yield f"  {len(kills)} of those that it was asked about{quickest}"
    for k in kills[:_MUTANTS]:
        loc = k.mutant.change.loc
        place = Path(loc.file)
        where = place.relative_to(root) if place.is_relative_to(root) else place
        yield f"  {k.steps:>4} steps  {where.as_posix()}:{loc.line}, {k.mutant.change.operator}"
        yield from (f"              {line}" for line in _change(k))


def _change(kill: Kill) -> Iterator[str]:
    change = kill.mutant.change
    yield f"- {change.before}"
    if change.after:
        yield f"+ {change.after}"


def _near(point: Point, states: int) -> Iterator[str]:
    settings = "".join(f", {n} {v}" for n, v in point.settings.items())
    where = f"{point.claim.scenario.name}{settings}"
    if point.kind is not PropertyKind.INVARIANT:
        return
    if point.expected != "holds":
        yield f"It is expected to be violated: kvmtla show {point.claim.number}"
        return
    found = nearness(point.module.model, point.prop, Limits(states=states))
    yield f"How near it comes to be false in {where}"
    if found.unknown is not None:
        yield f"  not known: {found.unknown}"
        return
    if found.premise is not None:
        yield f"  It has something to say in {found.premise:,} of {found.states:,} states."
    else:
        yield f"  It has something to say in all {found.states:,} states."
    if len(found.parts) == 1:
        yield f"  One thing keeps it true: {found.parts[0].part}"
        return
    yield "  In so many of these, one thing alone keeps it true:"
    width = max((len(f"{n.states:,}") for n in found.parts), default=0)
    for n in found.parts:
        after = f", first after {_steps(n)}" if n.steps is not None else ""
        yield f"    {n.states:>{width},}  {n.part}{after}"
    nearest = min((n for n in found.parts if n.steps), key=lambda n: n.steps or 0, default=None)
    trace = nearest.trace() if nearest is not None else None
    if nearest is not None and trace is not None:
        yield ""
        yield f"The nearest: {_steps(nearest)} to where only this is left: {nearest.part}"
        yield ""
        yield commit_form(trace).rstrip()


def _steps(near: Near) -> str:
    return f"{near.steps} step{'' if near.steps == 1 else 's'}"


command = SpecCommand(
    "explain",
    callback=_explain,
    help="Explain a property: what it means, what it asks about, what can change that and under "
    "which lock, what is claimed of it, which mutants it kills (as far as kvmtla mutate has found "
    "out), and how near it comes to be false.\n\n"
    "A near miss is a state in which all but one of the things that can make the property true "
    "are false. Without SCENARIO, it is the first in which the property is claimed to hold.",
    params=[
        click.Argument(["prop"], metavar="PROPERTY"),
        click.Argument(["scenario"], metavar="[SCENARIO]", required=False),
        click.Option(
            ["--states"],
            type=click.IntRange(min=1),
            default=_STATES,
            metavar="N",
            help=f"Look for near misses in at most so many states; {_STATES:,} if not given.",
        ),
    ],
    examples=_examples,
)
