"""`kvmtla check`: an invariant from the command line, in a scenario of the spec."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Unpack

import click

from kvmtla.check.question import question
from kvmtla.check.results import Result, Tally
from kvmtla.check.select import Selection
from kvmtla.cli.progress import watching
from kvmtla.cli.running import Running, checker, running_options, selected
from kvmtla.cli.spec import SpecCommand, example_settings, package_of, settings_of
from kvmtla.front.scenario import read_project
from kvmtla.load import SpecPackage
from kvmtla.tlc import Verdict
from kvmtla.trace import commit_form, story

_OPTION = "--invariant"


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
    **running: Unpack[Running],
) -> int:
    package = package_of(ctx)
    spec = read_project(package.project)
    text = sys.stdin.read() if invariant == "-" else invariant
    asked = question(spec, package.name, scenario, text, _OPTION)
    own = replace(spec, claims=(asked,))
    points = selected(own, package.root, Selection((), settings_of(ctx)), running)
    check = checker(running)
    with watching(err=True) as watcher:
        results = check.check(points, watcher)
    for r in results:
        click.echo(_verdict(r))
    shown = next((r for r in results if r.states), None)
    if shown is not None and shown.trace is not None:
        click.echo()
        told = (
            commit_form(shown.trace) if form == "commit" else story(shown.trace, root=package.root)
        )
        click.echo(told)
    return Tally.of(results).exit_status


def _verdict(result: Result) -> str:
    settings = ", ".join(f"{n} {v}" for n, v in result.point.settings.items())
    start = f"{result.point.claim.scenario.name}{', ' if settings else ''}{settings}: "
    if result.verdict is Verdict.HOLDS:
        return f"{start}holds in all {result.distinct:,} states"
    if result.verdict is Verdict.VIOLATED:
        return click.style(f"{start}violated in {result.depth} steps", bold=True)
    return click.style(f"{start}unknown: {result.reason}", fg="yellow")


command = SpecCommand(
    "check",
    callback=_check,
    help="Check an invariant of your own in a scenario of the spec, and show the first "
    "counterexample.\n\n"
    "SCENARIO is the name of a scenario, or of a claim whose scenario is meant. The invariant is "
    "an expression in the language of the spec, in which m is the shared state; all that the "
    "modules of the spec define can be used in it.\n\n"
    "Exit status: 0 it holds; 1 it is violated; 2 a mistake in the command or the invariant; 3 it "
    "could not be found out.",
    short_help="Check an invariant of your own.",
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
        *running_options(),
    ],
    examples=_examples,
)
