"""`kvmtla induct`: asks whether every step keeps a property, from any state in which it is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import click

from kvmtla.check.question import QuestionError, question
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.engine import Limits, Search, compile_model
from kvmtla.front.scenario import read_project
from kvmtla.induct import Broken, Induction, induct
from kvmtla.ir.model import DONE, IDLE, Model
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import MapT, RecordT
from kvmtla.load import SpecPackage
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.modules.worlds import Worlds
from kvmtla.trace import Walk, step_in_words, trace_of
from kvmtla.trace.words import Words
from kvmtla.verdict import Verdict

_SMALL = 200_000
# Where a property that is quoted comes from.
_ORIGINS = ("PROPERTY", "--with")


class _Options(TypedDict):
    prop: str
    scenario: str
    helpers: tuple[str, ...]
    timeout: float


def _examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    scenario = claims[0].scenario if claims else "SCENARIO"
    name = scenario if isinstance(scenario, str) else scenario.name
    prop = claims[0].expect[0].property.__name__ if claims else "PROPERTY"
    return [
        f"kvmtla induct {prop} {name} {example_settings(package)}",
        f"kvmtla induct {prop} {name} --with 'all(...)'",
    ]


@click.pass_context
def _induct(ctx: click.Context, /, **options: Unpack[_Options]) -> int:
    package = package_of(ctx)
    spec = read_project(package.project)
    asked = question(
        spec,
        package.name,
        options["scenario"],
        options["prop"],
        _ORIGINS[0],
        settings=settings_of(ctx),
        helpers=options["helpers"],
        helper_origin=_ORIGINS[1],
    )
    for prop in {p.property.name: p.property for p in asked.points}.values():
        if prop.property is not PropertyKind.INVARIANT:
            raise QuestionError(
                "KT914", f"{prop.name} is no invariant: it is not about a state by itself"
            )
    if (left_out := Worlds(spec, asked.scenario).asked(settings_of(ctx)).line()) is not None:
        click.echo(click.style(left_out, dim=True))
    own = replace(spec, claims=(asked,))
    wanted = [p for p in points(own, package.root) if p.prop == asked.points[0].property.name]
    quoted = {p.property.name: p.property for p in asked.points if p.property.loc.file in _ORIGINS}
    shown = {n: repr(p.doc) for n, p in quoted.items()}
    helpers = tuple(dict.fromkeys(p.property.name for p in asked.points[1:]))
    status = 0
    for point in wanted:
        found = induct(
            point.module.model,
            point.prop,
            [h for h in helpers if h != point.prop],
            seconds=options["timeout"],
        )
        for line in _lines(point, found, shown, package.root):
            click.echo(line)
        status = max(status, 0 if found.is_inductive else 3 if found.unknown else 1)
    return status


def _lines(point: Point, found: Induction, shown: Mapping[str, str], root: Path) -> Iterator[str]:
    """Yield the answer; `shown` has what to call properties that have no name of their own."""
    settings = "".join(f", {n} {v}" for n, v in point.settings.items())
    start = f"{point.claim.scenario.name}{settings}: {shown.get(found.prop, found.prop)}"
    if found.unknown is not None:
        yield click.style(f"{start}: unknown: {found.unknown}", fg="yellow")
        return
    if found.broken is None:
        helpers = " and ".join(shown.get(h, h) for h in found.helpers)
        given = f", given {helpers}" if helpers else ""
        yield f"{start} is inductive: each of {found.sorts} sorts of step keeps it{given}"
        return
    yield click.style(f"{start} is not inductive", bold=True)
    yield ""
    yield from _told(found.model, found.prop, found.broken, root)
    yield ""
    yield from _reached(found.model, found.broken)


def _told(model: Model, prop: str, broken: Broken, root: Path) -> Iterator[str]:
    words = Words(model)
    shown = list(_state(model, broken, words))
    yield "In this state it is true:" if broken.taken else "At first it is false:"
    yield from (f"       {line}" for line in shown or ["all is as a variable is by default"])
    if broken.taken is not None:
        trace = trace_of(model, Walk(broken.before, [broken.taken]), prop, reorder=False)
        yield "One step, and it is not:"
        yield from step_in_words(trace.steps[0], full=True, root=root)
        yield ""
        yield from trace.failure


def _state(model: Model, broken: Broken, words: Words) -> Iterator[str]:
    """Yield the state, as far as it is not the default: who is where, and what is there."""
    labels = {a.name: a.label for a in model.actors}
    for name, v in model.variables.items():
        value = broken.before[name]
        several = v.actor is not None and isinstance(v.type, MapT)
        if v.actor is None:
            if value != v.first or isinstance(v.type, RecordT):
                yield f"{words.place(name, ())}: {words.value(value, v.type)}"
            continue
        label, own = labels[v.actor], name.removeprefix(f"{v.actor}_")
        t = v.type.value if several and isinstance(v.type, MapT) else v.type
        entries = [("", value, v.first)]
        if several:
            assert isinstance(value, tuple)
            assert isinstance(v.first, tuple)
            pairs = zip(value, v.first, strict=True)
            entries = [(f" {i}", held, first) for i, (held, first) in enumerate(pairs)]
        for number, held, first in entries:
            if own == "pc":
                if held not in (IDLE, DONE):
                    yield f"{label}{number} is at {held}"
            elif held != first:
                yield f"{label}{number}'s {own}: {words.value(held, t)}"


def _reached(model: Model, broken: Broken) -> Iterator[str]:
    """Yield whether there is a way into that state, as far as that is quickly found out."""
    if broken.taken is None:
        return
    search = Search(compile_model(model))
    outcome = search.run((), limit=Limits(states=_SMALL))
    if search.has(broken.before):
        yield "The model does get into this state: the property is violated."
    elif outcome.verdict is Verdict.HOLDS:
        yield f"None of the {outcome.distinct:,} states that the model reaches is this one. What"
        yield "rules it out is for a helper to say: --with 'all(...)'."
    else:
        yield "Whether the model gets into this state is not known."


command = SpecCommand(
    "induct",
    callback=_induct,
    help="Ask whether every step keeps a property, from whatever state of the right types in which "
    "it is true, reached or not.\n\n"
    "PROPERTY is an invariant of the spec, or an expression as for check; SCENARIO is the name of "
    "a scenario, or of a claim whose scenario is meant. Where the answer is no, the step is told. "
    "It need not be one that the model ever takes: a helper, an invariant too, can rule it out.\n\n"
    "It needs z3: pip install 'kvmtla[induct]'.\n\n"
    "Exit status: 0 it is inductive; 1 it is not; 2 a mistake in the command or a property; 3 it "
    "could not be found out.",
    params=[
        click.Argument(["prop"], metavar="PROPERTY"),
        click.Argument(["scenario"], metavar="SCENARIO"),
        click.Option(
            ["--with", "helpers"],
            multiple=True,
            metavar="PROPERTY",
            help="A helper: a property that is true in the state before. May be given several "
            "times.",
        ),
        click.Option(
            ["--timeout"],
            type=click.FloatRange(min=0, min_open=True),
            default=60.0,
            metavar="S",
            help="Give up after so many seconds on one sort of step; 60 if not given.",
        ),
    ],
    examples=_examples,
)
