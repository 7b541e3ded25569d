"""`kvmtla show`: tells a counterexample."""

from __future__ import annotations

from typing import Unpack

import click

from kvmtla.check.results import Result
from kvmtla.check.select import Selection
from kvmtla.cli.forms import FORMS, HELP, OF_STATES, Telling
from kvmtla.cli.progress import watching
from kvmtla.cli.running import (
    Running,
    announce,
    checker,
    deliver,
    memo_of,
    output_file,
    read,
    reductions,
    running_options,
    selected,
)
from kvmtla.cli.spec import SpecCommand, example_claim, example_settings, package_of, settings_of
from kvmtla.cli.table import show_command
from kvmtla.cli.terminal import present
from kvmtla.insight.minimise import minimise
from kvmtla.ir.property import PropertyKind
from kvmtla.load import SpecPackage
from kvmtla.report.json import check_names
from kvmtla.trace import Trace, path_trace
from kvmtla.trace.fields import only_fields
from kvmtla.verdict import Verdict

# No counterexample, since all that was asked for holds; or it could not be found out.
_NOTHING, _UNKNOWN = 1, 3


def _examples(package: SpecPackage) -> list[str]:
    asked = f"{example_claim(package)} {example_settings(package)}"
    return [
        f"kvmtla show {asked}",
        f"kvmtla show {asked} --step",
        f"kvmtla show {asked} --as commit",
        f"kvmtla show {asked} --as html -o page.html",
        f"kvmtla show {asked} --as json -o trace.json",
    ]


@click.pass_context
def _show(
    ctx: click.Context,
    /,
    *,
    name: str,
    properties: tuple[str, ...],
    form: str,
    full: bool,
    fields: tuple[str, ...],
    step: bool,
    smallest: bool,
    path: tuple[int, ...] | None,
    output: str | None,
    **running: Unpack[Running],
) -> int:
    target = output_file(output)
    package = package_of(ctx)
    check_names(package.project)
    spec = read(package, running)
    selection = Selection((name,), settings_of(ctx), properties)
    memo = memo_of(spec, package.root, running)
    points = selected(spec, package.root, selection, running)
    check = checker(running)
    with watching(err=True) as watcher:
        results = check.check(points, watcher, memo)
    shown = next((r for r in results if r.verdict is Verdict.VIOLATED), None)
    # That somebody is stuck is no verdict, but worth a look where there is nothing else.
    shown = shown or next((r for r in results if r.shows), None)
    for r in results:
        if r.verdict is Verdict.UNKNOWN:
            announce(f"{r.point.label} is unknown: {r.reason}")
    if shown is None:
        return _nothing(results)
    first = shown
    command = show_command(shown, results, spec.claims)
    if running["no_reduction"]:
        command += " --no-reduction"
    if smallest and shown.verdict is Verdict.VIOLATED:
        command += " --minimise"
        found = minimise(shown.point, spec, package.root, reductions(running))
        announce(f"left out: {'; '.join(found.left_out) or 'nothing, all of it is needed'}")
        if found.left_out:
            with watching(err=True) as watcher:
                (shown,) = check.check([found.point], watcher)
            if shown.verdict is not Verdict.VIOLATED:
                return _unconfirmed(shown)
    trace = _trace(shown, path)
    if fields and (step or form not in OF_STATES):
        trace = only_fields(shown.point.module.model, trace, fields)
    if step:
        from kvmtla.cli.stepping import step_through  # noqa: PLC0415 - with all of the page

        step_through(shown.point.module.model, trace, package.root)
        return 0
    telling = Telling(shown, trace, full, command, package.root, check.toolchain, fields)
    if form == "story" and target is None:
        present(FORMS[form](telling))
    else:
        deliver(FORMS[form](telling), target)
    others = [r for r in results if r.shows and r is not first]
    if others:
        announce("There are other counterexamples:")
        for r in others:
            announce(f"  {show_command(r, results, spec.claims)}")
    return _UNKNOWN if shown.verdict is Verdict.UNKNOWN else 0


def _unconfirmed(result: Result) -> int:
    """Say that TLC has not found what the second engine has; return the exit status."""
    said = f"is unknown: {result.reason}" if result.reason else "holds"
    announce(f"{result.point.label} {said}: TLC does not confirm the smallest scenario")
    return _UNKNOWN


def _nothing(results: list[Result]) -> int:
    for r in results:
        if r.verdict is Verdict.HOLDS:
            goal = r.point.kind is PropertyKind.GOAL
            what = "is not reached in any of" if goal else "holds in all"
            announce(f"{r.point.label} {what} {r.distinct:,} states")
    if any(r.verdict is Verdict.UNKNOWN for r in results):
        return _UNKNOWN
    announce("There is no counterexample to show.")
    return _NOTHING


def _trace(result: Result, path: tuple[int, ...] | None) -> Trace:
    """Return the counterexample, or the path in its model that the user wants to see."""
    trace = result.trace
    assert trace is not None
    if path is None:
        return trace
    prop = result.point.prop if result.verdict is Verdict.VIOLATED else None
    return path_trace(result.point.module.model, trace.first, path, prop)


def _numbers(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Return the numbers of a text with commas between them; None without a text."""
    if value is None:
        return None
    parts = value.split(",") if value else []
    if not all(p.isdecimal() and p.isascii() and len(p) < 10 for p in parts):
        raise click.BadParameter(f"{value!r} is not a list of numbers such as 0,2,1")
    return tuple(int(p) for p in parts)


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the names of a text with commas between them."""
    return tuple(n for part in (value or "").split(",") if (n := part.strip()))


command = SpecCommand(
    "show",
    callback=_show,
    help="Show the counterexample to a claim: the steps that lead to where it fails.\n\n"
    "NAME is a claim's number, its name, or a pattern. Where several of its properties are "
    "violated, or for several values of the constants, the first is shown and the others are "
    "named on standard error.\n\n"
    "Exit status: 0 shown; 1 there is none, for all that is asked for holds; 2 a mistake in the "
    "command, the spec or a file; 3 it could not be found out.",
    params=[
        click.Argument(["name"], metavar="NAME"),
        click.Option(
            ["--property", "-p", "properties"],
            multiple=True,
            metavar="P",
            help="Only this property of the claim. May be given several times.",
        ),
        click.Option(
            ["--as", "form"],
            type=click.Choice(list(FORMS)),
            default="story",
            show_default=True,
            help=HELP,
        ),
        click.Option(
            ["--path"],
            callback=_numbers,
            metavar="N,N,...",
            help="Not the counterexample, but a path from where it begins: at each state, which of "
            "the possible steps, counted from 0. The page says which are possible.",
        ),
        click.Option(
            ["--full"],
            is_flag=True,
            help="In the story, also the changes of local variables and every decision.",
        ),
        click.Option(
            ["--fields"],
            callback=_names,
            metavar="F,F,...",
            help="Only the values of these fields and places, such as D,TLB or TLB.D. In a graph, "
            "states that are alike in them are one; there it may be an actor, too: where it "
            "stands.",
        ),
        click.Option(
            ["--minimise", "smallest"],
            is_flag=True,
            help="Leave out of the scenario what is not needed: actors, elements, times that an "
            "actor runs. Who is fair stays where that matters. Then show the counterexample in "
            "what is left.",
        ),
        click.Option(
            ["--step"],
            is_flag=True,
            help="Step through it in the terminal, with the arrow keys; q leaves.",
        ),
        click.Option(
            ["--output", "-o"], metavar="FILE", help="Write it there, not to standard output."
        ),
        *running_options(),
    ],
    examples=_examples,
)
