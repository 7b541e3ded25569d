"""`kvmtla trace`: what a running kernel has done, held against the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kvmtla.cli.spec import PlainCommand, constant_option, package_of, settings_of
from kvmtla.errors import CommandError
from kvmtla.front.scenario import read_project
from kvmtla.ftrace.check import Check, Report
from kvmtla.ftrace.choose import Choice
from kvmtla.ftrace.tell import lines, whole
from kvmtla.ftrace.text import read
from kvmtla.lang.recorded import Recorded, Truth
from kvmtla.load import SpecPackage, spec_functions
from kvmtla.verdict import Verdict

_STATUS = {Verdict.HOLDS: 0, Verdict.VIOLATED: 1, Verdict.UNKNOWN: 3}
_MOST = 5


def _recorded(package: SpecPackage) -> Recorded:
    recorded = package.project.recorded
    if recorded is None:
        raise CommandError(
            "KT926",
            f"{package.name} does not say what a trace shows of it",
            hint="give its Project recorded=Recorded(...)",
        )
    return recorded


class _TraceCommand(PlainCommand):
    """A command with options for the constants that a trace leaves open, and for the release."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        package = package_of(ctx)
        recorded = package.project.recorded
        if recorded is None:
            return own
        open_ = {n for layout in recorded.layouts for n in layout.constants}
        taken = {flag for p in own for flag in p.opts}
        options = [
            constant_option(d, taken, package)
            for d in package.project.constants
            if getattr(d, "name", None) in open_
        ]
        return [*options, *own]


def _truth(recorded: Recorded, file: Path) -> Truth | None:
    beside = file.with_suffix(".truth")
    if recorded.read_truth is None or beside == file or not beside.is_file():
        return None
    return recorded.read_truth(beside.read_text(encoding="utf-8", errors="replace"))


@click.pass_context
def _check(
    ctx: click.Context, /, *, files: tuple[Path, ...], kernel: str, most: int, classes: bool
) -> int:
    package = package_of(ctx)
    recorded = _recorded(package)
    spec = read_project(package.project)
    choice = Choice(spec, package.root, recorded, kernel, settings_of(ctx))
    reports: list[Report] = []
    for file in files:
        trace = read(file)
        if not any(e.name == recorded.changed[0] for e in trace.events):
            report = Report(str(file), len(trace.events), flaws=trace.flaws)
            report.flaws = report.flaws or [f"there is no event {recorded.changed[0]} in it"]
            click.echo("\n".join(lines(report, None, most)))
        else:
            with spec_functions(package.root):
                known = choice.of(trace)
                report = Check(trace, known, _truth(recorded, file)).run()
            click.echo("\n".join(lines(report, known, most)))
        reports.append(report)
        if classes:
            for (level, old, new, who), count in sorted(
                report.classes.items(), key=lambda c: (str(c[0][0]), -c[1])
            ):
                click.echo(f"  {count:6}  level {level}: {old} -> {new}: {who}")
    return _STATUS[whole(reports)]


_KERNEL = click.Option(
    ["--kernel"], required=True, metavar="RELEASE", help="The release it was recorded with: 6.1."
)


def _examples(package: SpecPackage) -> list[str]:
    return ["kvmtla trace check FILE --kernel 6.1"] if package.project.recorded else []


_check_command = _TraceCommand(
    "check",
    callback=_check,
    help="Hold recorded traces of KVM's events against what the model's operations can do.\n\n"
    "FILE is what ftrace prints (trace, trace_pipe, trace-cmd report), or a trace.dat or perf.data "
    "where trace-cmd or perf is there. Beside it may lie a file of the same name that ends with "
    ".truth, with what the guest wrote and user space was told. Exit status: 0 it conforms; 1 it "
    "deviates; 3 unknown, as where the trace is not whole.",
    params=[
        _KERNEL,
        click.Option(
            ["--most"],
            type=click.IntRange(min=0),
            default=_MOST,
            show_default=True,
            help="How many problems to tell of each trace.",
        ),
        click.Option(
            ["--classes"], is_flag=True, help="List each kind of change, and who explains it."
        ),
        click.Argument(
            ["files"],
            nargs=-1,
            required=True,
            metavar="FILE...",
            type=click.Path(path_type=Path),
        ),
    ],
    examples=_examples,
)


class _Group(click.Group):
    """The commands about traces."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise CommandError(
                "KT901",
                f"there is no command 'trace {cmd_name}'",
                hint="kvmtla trace --help lists them",
            )
        return found


_commands: dict[str, Any] = {"check": _check_command}
command = _Group(
    "trace", commands=_commands, help="Hold what a running kernel has done against the model."
)
