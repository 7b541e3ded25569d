"""`kvmtla verify`: finds the verdicts of claims, and says which are not the expected ones."""

from __future__ import annotations

import shutil
import sys
from typing import Unpack

import click

from kvmtla.check.results import Result, Tally, with_stuck
from kvmtla.check.select import Selection
from kvmtla.cli.matrix import matrix
from kvmtla.cli.progress import watching
from kvmtla.cli.running import (
    Running,
    checker,
    deliver,
    memo_of,
    output_file,
    read,
    running_options,
    selected,
)
from kvmtla.cli.spec import SpecCommand, example_claim, example_settings, package_of, settings_of
from kvmtla.cli.table import summary, table
from kvmtla.cli.vacuity import (
    ERROR,
    complaints,
    counting_for,
    counts_of,
    status_of,
    vacuity_option,
)
from kvmtla.cli.version import version
from kvmtla.errors import CommandError
from kvmtla.export import claims
from kvmtla.insight.vacuity import empty_properties, idle
from kvmtla.load import SpecPackage
from kvmtla.report.ci import Idle, github, junit, sarif
from kvmtla.report.json import check_names, report


def _examples(package: SpecPackage) -> list[str]:
    claim = example_claim(package)
    return [
        "kvmtla verify                    all claims",
        "kvmtla verify --long             with seconds, a line for each verdict",
        f"kvmtla verify {claim} {example_settings(package)}",
        f"kvmtla verify '{claim}*'             all claims whose number begins so",
        "kvmtla verify --format junit -o results.xml",
        "kvmtla verify --json - | jq '.results[] | select(.verdict == \"unknown\")'",
    ]


@click.pass_context
def _verify(
    ctx: click.Context,
    /,
    *,
    names: tuple[str, ...],
    json_file: str | None,
    svg_file: str | None,
    form: str | None,
    output: str | None,
    long: bool,
    vacuity: str,
    **running: Unpack[Running],
) -> int:
    if json_file is not None:
        if form is not None or output is not None:
            raise CommandError("KT904", "--json is --format json --output", hint="leave one out")
        form, output = "json", json_file
    elif form is None and output is not None:
        raise CommandError("KT904", "--output without --format", hint="add --format junit")
    target, picture = output_file(output), output_file(svg_file)
    package = package_of(ctx)
    check_names(package.project)
    spec = read(package, running)
    memo = memo_of(spec, package.root, running)
    points = selected(spec, package.root, Selection(names, settings_of(ctx)), running)
    check = checker(running)
    # With something else on standard output, the table is for whoever looks on.
    beside = svg_file == "-" or (form is not None and target is None)
    counting = counting_for(points, memo, running)
    with watching(err=beside) as watcher:
        results = check.check(points, watcher, memo, counting)
    counts = counts_of(counting, vacuity)
    results = [with_stuck(r, counting.stuck(r.point.module, whole=False)) for r in results]
    findings = empty_properties(results, counts)
    if len(points) == sum(len(c.points) for c in spec.claims):
        # What is dead in the claims asked for may be alive in the others.
        findings += idle(points, counts, spec, whole=True)
    stream = sys.stderr if beside else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else None
    try:
        if form == "json":
            text = report(results, check.toolchain, version(), package.root, counts, findings)
            deliver(text, target)
        elif form is not None:
            did_nothing = Idle(findings, vacuity == ERROR)
            deliver(_formatted(form, results, did_nothing, package), target)
        if svg_file is not None:
            deliver(claims(results, spec), picture)
    finally:
        # What took minutes to find is shown, whatever becomes of the file.
        lines = table(results, width, counts) if long else matrix(results, spec, width)
        idle_lines = complaints(findings, vacuity, package.root, None if long else "verify --long")
        for line in (*lines, "", *summary(results, spec.claims), *idle_lines):
            click.echo(line, err=beside)
    return status_of(findings, vacuity, Tally.of(results).exit_status)


def _formatted(form: str, results: list[Result], idle: Idle, package: SpecPackage) -> str:
    match form:
        case "junit":
            return junit(results, package.project.name, package.root, idle)
        case "sarif":
            return sarif(results, version(), package.root, idle)
        case _:
            return github(results, package.root, idle)


command = SpecCommand(
    "verify",
    callback=_verify,
    help="Check claims with TLC, and compare the verdicts with the expected ones.\n\n"
    "What holds only because nothing happens is told as well: a property whose premise is true in "
    "no state, and, where all claims are checked, what never ran in any of them.\n\n"
    "NAME is a claim's number, its name, or a pattern with * in it; without any, all claims are "
    "checked.\n\n"
    "Exit status: 0 all as expected; 1 some verdict differs; 2 a mistake in the command, the spec "
    "or a file; 3 none differs, and some verdict could not be found.",
    params=[
        click.Argument(["names"], metavar="[NAME]...", nargs=-1),
        click.Option(
            ["--json", "json_file"],
            metavar="FILE",
            help="Write the results as JSON too; - is standard output, and the table then goes to "
            "standard error.",
        ),
        click.Option(
            ["--svg", "svg_file"],
            metavar="FILE",
            help="Write a picture of the verdicts too, a row for each claim; - as for --json.",
        ),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["json", "junit", "sarif", "github"]),
            help="Write the results in a form that other programs read, to standard output unless "
            "--output names a file; the table then goes to standard error.",
        ),
        click.Option(["--output", "-o"], metavar="FILE", help="Where --format writes to."),
        click.Option(
            ["--long", "-l"],
            is_flag=True,
            help="One line for each verdict, with the expected one and the seconds it took.",
        ),
        vacuity_option(),
        *running_options(),
    ],
    examples=_examples,
)
