"""`kvmtla doctor`: what there is to work with, and where."""

from __future__ import annotations

import platform

import click

from kvmtla.check.cache import results_folder
from kvmtla.check.run import default_jobs
from kvmtla.cli.running import announce, tool_options
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.cli.version import version
from kvmtla.errors import KvmtlaError
from kvmtla.tlc import describe, find_toolchain


@click.pass_context
def _doctor(ctx: click.Context, *, jar: str | None, java: str | None) -> int:
    status = 0
    rows = [
        ("kvmtla", version()),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("jobs", str(default_jobs())),
    ]
    problems = []
    try:
        package = package_of(ctx)
        rows.append(("spec", f"{package.root / package.name} ({package.project.name})"))
    except KvmtlaError as error:
        problems.append(error)
    try:
        rows += describe(find_toolchain(java, jar, announce=announce))
    except KvmtlaError as error:
        problems.append(error)
    rows.append(("results", _results()))
    width = max(len(n) for n, _ in rows)
    for name, value in rows:
        click.echo(f"{name.ljust(width)}  {value}")
    for problem in problems:
        announce(problem.render())
        status = problem.exit_status
    return status


def _results() -> str:
    folder = results_folder()
    kept = list(folder.glob("*/*.json"))
    size = sum(f.stat().st_size for f in kept)
    return f"{folder} ({len(kept)} kept, {size / 1e6:.1f} MB; may be deleted at any time)"


command = PlainCommand(
    "doctor",
    callback=_doctor,
    help="Show which Java and which tla2tools.jar are used, what this TLC can do, and where "
    "things are kept. Exit status 2 where something is missing.",
    short_help="Show what there is to run TLC with.",
    params=tool_options(),
    examples=lambda _: ["kvmtla doctor", "kvmtla doctor --jar tla2tools.jar"],
)
