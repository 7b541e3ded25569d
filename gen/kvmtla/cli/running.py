"""The options that the commands which run TLC have in common, and what these mean."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import click

from kvmtla.check.run import Checker, default_jobs
from kvmtla.check.select import Selection
from kvmtla.files import check_writable, write_file
from kvmtla.front.scenario import Spec, read_project
from kvmtla.load import SpecPackage
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.memo import Memo
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.patience import within
from kvmtla.tlc import RunOptions, find_toolchain


class Running(TypedDict):
    """The values of `running_options`."""

    jobs: int | None
    timeout: float | None
    no_cache: bool
    no_reduction: bool
    apart: bool
    jar: str | None
    java: str | None


def running_options() -> list[click.Parameter]:
    """Return the options of a command that runs TLC."""
    return [
        click.Option(
            ["--jobs", "-j"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Run TLC so many times side by side; four more than there are processors if "
            "not given.",
        ),
        click.Option(
            ["--timeout"],
            type=click.FloatRange(min=0, min_open=True),
            metavar="S",
            help="Give up on a question after so many seconds in which it is compiled, or in which "
            "TLC or the second engine looks for the answer; its verdict is then unknown. Give up "
            "where to read the spec takes longer.",
        ),
        click.Option(
            ["--no-cache"],
            is_flag=True,
            help="Run TLC even where the result is known, and do not keep what comes out.",
        ),
        click.Option(
            ["--no-reduction"],
            is_flag=True,
            help="Leave out all reductions of the state space; no verdict depends on them.",
        ),
        click.Option(
            ["--apart"],
            is_flag=True,
            help="Start TLC anew for each question; no verdict depends on it.",
        ),
        *tool_options(),
    ]


def tool_options() -> list[click.Parameter]:
    """Return the options that say what to run."""
    return [
        click.Option(
            ["--jar"],
            metavar="FILE",
            help="A tla2tools.jar of your own instead of the one from PyPI (also $KVMTLA_JAR).",
        ),
        click.Option(
            ["--java"], metavar="FILE", help="The Java to run it with (also $KVMTLA_JAVA)."
        ),
    ]


def announce(text: str) -> None:
    """Say something that is not part of what the command is asked for, on standard error."""
    click.echo(text, err=True)


def read(package: SpecPackage, running: Running) -> Spec:
    """Return what the spec says.

    Raises SpecError for anything wrong in it, and TooLongError where reading it takes too long.
    """
    with within(running["timeout"], "reading the specification"):
        return read_project(package.project)


def selected(spec: Spec, root: Path, selection: Selection, running: Running) -> list[Point]:
    """Return the points that a command is about; `root` is as in `points`.

    Raises SelectionError where nothing is selected, and WorldError for what cannot be.
    """
    for line in selection.check(spec):
        announce(f"note: {line}")
    return selection.choose(points(spec, root, reductions(running)), spec)


def memo_of(spec: Spec, root: Path, running: Running) -> Memo:
    """Return what is known of `spec` from earlier, if the user wants to make use of it."""
    return Memo(None) if running["no_cache"] else Memo.of(spec, root, reductions(running))


def reductions(running: Running) -> Reductions | None:
    """Return the reductions that the user wants; None for all that there are."""
    return Reductions.none() if running["no_reduction"] else None


def checker(running: Running, *, apart: bool = False) -> Checker:
    """Return a checker that runs TLC, anew for each question if that is asked for, or `apart`.

    Raises ToolError where there is no Java or no jar.
    """
    return Checker(
        find_toolchain(running["java"], running["jar"], announce=announce),
        RunOptions(time_limit=running["timeout"]),
        running["jobs"] or default_jobs(),
        cached=not running["no_cache"],
        apart=apart or running["apart"],
    )


def output_file(value: str | None) -> Path | None:
    """Return the file that an option names; None for standard output.

    Raises ToolError where it cannot be written: now, and not after minutes of work.
    """
    if value is None or value == "-":
        return None
    check_writable(Path(value))
    return Path(value)


def deliver(text: str, target: Path | None) -> None:
    """Write `text` to where `output_file` said."""
    if target is None:
        click.echo(text, nl=False)
    else:
        write_file(target, text)
