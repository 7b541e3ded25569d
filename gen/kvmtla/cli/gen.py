"""`kvmtla gen`: writes the TLA+ modules, or the same as PlusCal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from kvmtla.check.select import Selection
from kvmtla.cli.running import announce, tool_options
from kvmtla.cli.spec import SpecCommand, example_claim, example_settings, package_of, settings_of
from kvmtla.errors import CommandError
from kvmtla.front.scenario import read_project
from kvmtla.generate import (
    Difference,
    compare,
    generated_files,
    pluscal_files,
    reviewed_files,
    update,
)
from kvmtla.insight.kept_counts import Counting
from kvmtla.load import SpecPackage
from kvmtla.manifest import Entries
from kvmtla.modules.memo import Memo
from kvmtla.modules.points import points
from kvmtla.tlc import find_toolchain, translate

_STALE = 1
_FOLDER, _WHOLE_FOLDER, _PLUSCAL_FOLDER = "tla", "build/tla", "tla/pluscal"


@click.pass_context
def _gen(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    check: bool,
    output: str | None,
    whole: bool,
    pluscal: bool,
    translated: bool,
    jar: str | None,
    java: str | None,
) -> int:
    selection = Selection(names, settings_of(ctx))
    if not pluscal and (translated or names or any(selection.settings.values())):
        what = "--translate" if translated else "a choice of claims"
        raise CommandError(
            "KT904",
            f"{what} goes with --pluscal only: TLA+ modules are written of all claims",
            hint="add --pluscal, or leave it out",
        )
    if pluscal and whole:
        raise CommandError(
            "KT904",
            "--all is about the TLA+ modules: with --pluscal, all that is asked for is written",
            hint="leave out one of them",
        )
    package = package_of(ctx)
    spec = read_project(package.project)
    found = points(spec, package.root)
    if whole:
        return _bring_up_to_date(Path(output or _WHOLE_FOLDER), generated_files(found), check)
    if not pluscal:
        memo = Memo.of(spec, package.root, None)
        entries = Entries(found, memo, Counting(found, memo))
        files = reviewed_files(found, entries)
        entries.save()
        return _bring_up_to_date(Path(output or _FOLDER), files, check)
    selection.check(spec)
    translator = None
    if translated:
        translator = partial(translate, find_toolchain(java, jar, announce=announce))
    files = pluscal_files(selection.choose(found, spec), package.root, translator)
    return _bring_up_to_date(Path(output or _PLUSCAL_FOLDER), files, check, alone=False)


def _bring_up_to_date(
    folder: Path, files: dict[str, str], check: bool, *, alone: bool = True
) -> int:
    """Bring `folder` up to date, or only say what is not; `alone`: nothing else may be in it."""
    difference = compare(folder, files)
    if not alone:
        difference = replace(difference, obsolete=())
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


def _examples(package: SpecPackage) -> list[str]:
    claim, settings = example_claim(package), example_settings(package)
    return [
        "kvmtla gen",
        "kvmtla gen --check",
        "kvmtla gen --all",
        f"kvmtla gen --pluscal {claim} {settings}",
        "kvmtla gen --pluscal --translate --output build/pluscal",
    ]


command = SpecCommand(
    "gen",
    callback=_gen,
    help="Write the spec as TLA+ modules with configurations, to be read, and run by hand.\n\n"
    "Of a spec with many modules, one is written for each scenario, the first that a claim needs, "
    "and a line for each of the others: manifest.txt says of all modules what is expected, how "
    "many states they have, and by a hash whether TLC is given the same as before.\n\n"
    "Only what changed is written; generated files that are no longer made are removed.\n\n"
    "With --pluscal, write it as algorithms in PlusCal instead, with a process for each actor: all "
    "claims, or those that are named (NAME is as for verify). Nothing is removed then. To run "
    "one, translate it first, here or with pcal.trans -nocfg, which is in the jar of TLC.",
    params=[
        click.Argument(["names"], metavar="[NAME]...", nargs=-1),
        click.Option(
            ["--check"],
            is_flag=True,
            help="Change nothing; list what is not up to date, with exit status 1 if there is any.",
        ),
        click.Option(
            ["--output", "-o"],
            metavar="DIR",
            help=f"The folder to write to; it is made if necessary. {_FOLDER} if not given, with "
            f"--all {_WHOLE_FOLDER}, with --pluscal {_PLUSCAL_FOLDER}.",
        ),
        click.Option(
            ["--all", "whole"],
            is_flag=True,
            help="Write all modules, with all their configurations, and no manifest.",
        ),
        click.Option(["--pluscal"], is_flag=True, help="Write algorithms in PlusCal."),
        click.Option(
            ["--translate", "translated"],
            is_flag=True,
            help="Have the translator put the TLA+ that it makes of them below the algorithms.",
        ),
        *tool_options(),
    ],
    examples=_examples,
)
