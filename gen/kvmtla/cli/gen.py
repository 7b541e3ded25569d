"""`kvmtla gen`: writes the TLA+ modules."""

from __future__ import annotations

from pathlib import Path

import click

from kvmtla.check.points import points
from kvmtla.cli.running import announce
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.front.scenario import read_project
from kvmtla.generate import Difference, compare, generated_files, update

_STALE = 1


@click.pass_context
def _gen(ctx: click.Context, *, check: bool, output: str) -> int:
    folder = Path(output)
    package = package_of(ctx)
    spec = read_project(package.project)
    files = generated_files(points(spec, package.root))
    difference = compare(folder, files)
    if check:
        return _check(folder, difference)
    update(folder, files, difference)
    written = len(difference.missing) + len(difference.changed)
    removed = len(difference.obsolete)
    click.echo(
        f"{folder}: {written} written, {removed} removed, {len(files) - written} as they were"
    )
    return 0


def _check(folder: Path, difference: Difference) -> int:
    for paths, what in (
        (difference.missing, "missing"),
        (difference.changed, "changed"),
        (difference.obsolete, "obsolete"),
    ):
        for path in paths:
            click.echo(f"{what.ljust(8)}  {folder / path}")
    if not difference:
        return 0
    announce(f"{folder} is not what the spec says: run kvmtla gen")
    return _STALE


command = PlainCommand(
    "gen",
    callback=_gen,
    help="Write the spec as TLA+ modules with configurations, to be read, and run by hand.\n\n"
    "Only what changed is written; generated files that are no longer made are removed.",
    short_help="Write the TLA+ modules.",
    params=[
        click.Option(
            ["--check"],
            is_flag=True,
            help="Change nothing; list what is not up to date, with exit status 1 if there is any.",
        ),
        click.Option(
            ["--output"],
            metavar="DIR",
            default="tla",
            show_default=True,
            help="The folder to write to; it is made if necessary.",
        ),
    ],
    examples=lambda _: ["kvmtla gen", "kvmtla gen --check", "kvmtla gen --output build/tla"],
)
