"""`kvmtla check`: an invariant from the command line, in a scenario of the spec."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Unpack

import click

from kvmtla.check.engine_results import Answer
from kvmtla.check.question import question
from kvmtla.check.select import Selection
from kvmtla.check.words import in_words, said
from kvmtla.cli.asking import SMALL, answers
from kvmtla.cli.matrix import grid
from kvmtla.cli.running import Running, read, running_options, selected
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.cli.vacuity import (
    ERROR,
    complaints,
    counting_for,
    counts_of,
    status_of,
    vacuity_option,
)
from kvmtla.engine import PAYS
from kvmtla.front.scenario import Spec
from kvmtla.insight.counts import Counts
from kvmtla.insight.vacuity import empty_properties, idle, premise_of
from kvmtla.load import SpecPackage
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Module
from kvmtla.modules.worlds import Worlds
from kvmtla.trace import commit_form, story
from kvmtla.verdict import Verdict

_OPTION = "--invariant"
# Answers that are not as they should be.
_BAD = {"violated", "unreached"}


def _examples(package: SpecPackage) -> list[str]:
    claims = package.project.claims
    scenario = claims[0].scenario if claims else "SCENARIO"
    name = scenario if isinstance(scenario, str) else scenario.name
    return [
        f"kvmtla check {name} {_OPTION} 'True' {example_settings(package)}",
        f'kvmtla check {name} -i "$(cat my_invariant.txt)"',
    ]


@click.pass_context
def _check(
    ctx: click.Context,
    /,
    *,
    scenario: str,
    invariant: str,
    form: str,
    engine: str,
    step: bool,
    long: bool,
    vacuity: str,
    **running: Unpack[Running],
) -> int:
    package = package_of(ctx)
    spec = read(package, running)
    text = sys.stdin.read() if invariant == "-" else invariant
    settings = settings_of(ctx)
    asked = question(spec, package.name, scenario, text, _OPTION, settings=settings)
    if (left_out := Worlds(spec, asked.scenario).asked(settings).line()) is not None:
        click.echo(click.style(left_out, dim=True))
    points = selected(replace(spec, claims=(asked,)), package.root, Selection(), running)
    found = answers(points, running, engine)
    holding = [a for a in found if a.verdict is Verdict.HOLDS]
    counting = counting_for([a.point for a in holding], Memo(None), running)
    counts = counts_of(counting, vacuity)
    findings = [
        *empty_properties(holding, counts),
        *idle([a.point for a in holding], counts, spec, whole=False),
    ]
    for line in _lines(found, counts, spec, long=long or len(found) == 1):
        click.echo(line)
    all_of_them = None if vacuity == ERROR else f"--vacuity {ERROR}"
    for line in complaints(findings, vacuity, package.root, all_of_them):
        click.echo(line)
    shown = next((a for a in found if a.steps is not None), None)
    trace = shown.trace() if shown is not None else None
    if step and shown is not None and trace is not None:
        from kvmtla.cli.stepping import step_through  # noqa: PLC0415 - with all of the page

        step_through(shown.point.module.model, trace, package.root)
    elif trace is not None:
        click.echo()
        click.echo(commit_form(trace) if form == "commit" else story(trace, root=package.root))
    words = {said(a.verdict, a.point.kind) for a in found}
    status = 1 if words & _BAD else 3 if Verdict.UNKNOWN.value in words else 0
    return status_of(findings, vacuity, status)


def _lines(
    found: Sequence[Answer], counts: Mapping[Module, Counts], spec: Spec, *, long: bool
) -> Iterator[str]:
    """Yield the answers, in `long` form a line for each, else a matrix and why some are unknown."""
    if long:
        yield from (f"{_verdict(a)}{_premise(a, counts)}" for a in found)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    yield from grid(found, spec, width)
    if unknown := [a for a in found if a.verdict is Verdict.UNKNOWN]:
        yield ""
        yield from map(_verdict, unknown)


def _verdict(answer: Answer) -> str:
    settings = ", ".join(f"{n} {v}" for n, v in answer.point.settings.items())
    start = f"{answer.point.claim.scenario.name}{', ' if settings else ''}{settings}: "
    shown = f"{start}{in_words(answer)}"
    if answer.verdict is Verdict.VIOLATED:
        return click.style(shown, bold=True)
    return click.style(shown, fg="yellow") if answer.verdict is Verdict.UNKNOWN else shown


def _premise(answer: Answer, counts: Mapping[Module, Counts]) -> str:
    """Return in how many states the premise is true, in words; "" for all or unknown."""
    premise = premise_of(answer, counts)
    return "" if premise in (None, answer.distinct) else f", its premise in {premise:,} of them"


command = SpecCommand(
    "check",
    callback=_check,
    help="Check an invariant of your own in a scenario of the spec, and show the first "
    "counterexample.\n\n"
    "SCENARIO is the name of a scenario, or of a claim whose scenario is meant. The invariant is "
    "an expression in the language of the spec, in which m is the shared state; all that the "
    "modules of the spec define can be used in it.\n\n"
    "It is asked for each combination of the values that the options name, and for all values of "
    "the other constants, but for the default where there is one. What is not asked, such as where "
    "an operation does not exist, is said first; several answers come as a matrix.\n\n"
    "Exit status: 0 it holds, or is a goal that is reached; 1 it is violated, or a goal that is "
    "not; 2 a mistake in the command or the invariant; 3 it could not be found out.",
    params=[
        click.Argument(["scenario"], metavar="SCENARIO"),
        click.Option(
            [_OPTION, "-i"],
            required=True,
            metavar="EXPR",
            help="The invariant; - reads it from standard input.",
        ),
        click.Option(
            ["--as", "form"],
            type=click.Choice(["story", "commit"]),
            default="story",
            show_default=True,
            help="How the counterexample is shown, as for show.",
        ),
        click.Option(
            ["--engine"],
            type=click.Choice(["auto", "python", "compiled", "tlc"]),
            default="auto",
            show_default=True,
            help="python: the second engine, which answers at once; compiled: the same as C; "
            "tlc: TLC; auto: the second engine, compiled where it meets more than "
            f"{PAYS:,} states, or TLC where it meets more than {SMALL:,} and there is no compiler.",
        ),
        click.Option(
            ["--step"],
            is_flag=True,
            help="Step through the counterexample in the terminal, as with show.",
        ),
        click.Option(
            ["--long", "-l"],
            is_flag=True,
            help="A line for each answer, with how often the premise is true, and no matrix.",
        ),
        vacuity_option(),
        *running_options(),
    ],
    examples=_examples,
)
