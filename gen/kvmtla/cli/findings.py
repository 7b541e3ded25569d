"""`kvmtla findings`: writes what came out for all claims as a page."""

from __future__ import annotations

from typing import Unpack

import click

from kvmtla.check.results import Tally
from kvmtla.check.select import Selection
from kvmtla.cli.progress import watching
from kvmtla.cli.running import (
    Running,
    announce,
    checker,
    deliver,
    memo_of,
    output_file,
    read,
    running_options,
    selected,
)
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.report.findings import findings
from kvmtla.verdict import Verdict


@click.pass_context
def _findings(ctx: click.Context, /, *, output: str | None, **running: Unpack[Running]) -> int:
    target = output_file(output)
    package = package_of(ctx)
    spec = read(package, running)
    memo = memo_of(spec, package.root, running)
    points = selected(spec, package.root, Selection(), running)
    check = checker(running)
    with watching(err=True) as watcher:
        results = check.check(points, watcher, memo)
    for r in results:
        if r.differs:
            announce(f"{r.point.label} is {r.said}, expected {r.point.expected}")
        elif r.verdict is Verdict.UNKNOWN:
            announce(f"{r.point.label} is unknown: {r.reason}")
    deliver(findings(results, spec), target)
    return Tally.of(results).exit_status


command = PlainCommand(
    "findings",
    callback=_findings,
    help="Check all claims, and write what came out as a page in Markdown: below each "
    "sentence the claims that test it, with their verdicts, a line for each.\n\n"
    "Exit status as for verify; the page is written all the same.",
    params=[
        click.Option(
            ["--output", "-o"],
            metavar="FILE",
            help="The file to write instead of standard output.",
        ),
        *running_options(),
    ],
    examples=lambda _: ["kvmtla findings -o docs/findings.md"],
)
