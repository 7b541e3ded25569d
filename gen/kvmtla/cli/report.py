"""`kvmtla report`: a page for every counterexample, and one that leads to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Unpack

import click

from kvmtla.check.results import Result, Tally
from kvmtla.check.select import Selection
from kvmtla.cli.forms import Telling, html
from kvmtla.cli.progress import watching
from kvmtla.cli.running import Running, announce, checker, memo_of, read, running_options, selected
from kvmtla.cli.spec import SpecCommand, package_of, settings_of
from kvmtla.cli.table import show_command
from kvmtla.cli.version import version
from kvmtla.files import cannot_write, check_writable, write_file
from kvmtla.page import index
from kvmtla.verdict import Verdict

_INDEX = "index.html"
# Long enough to tell all apart, short enough for every file system.
_LONGEST = 120


@click.pass_context
def _report(
    ctx: click.Context, /, *, names: tuple[str, ...], output: str, **running: Unpack[Running]
) -> int:
    folder = _folder(output)
    package = package_of(ctx)
    spec = read(package, running)
    memo = memo_of(spec, package.root, running)
    points = selected(spec, package.root, Selection(names, settings_of(ctx)), running)
    check = checker(running)
    with watching(err=True) as watcher:
        results = check.check(points, watcher, memo)
    pages: dict[int, str] = {}
    for i, r in enumerate(results):
        if r.verdict is Verdict.UNKNOWN:
            announce(f"{r.point.label} is unknown: {r.reason}")
        elif r.differs:
            announce(f"{r.point.label} is {r.said}, expected {r.point.expected}")
        if r.trace is not None:
            command = show_command(r, results, spec.claims)
            told = Telling(r, r.trace, False, command, package.root, check.toolchain)
            pages[i] = _file(r, set(pages.values()))
            write_file(folder / pages[i], html(told))
    write_file(folder / _INDEX, index(results, spec, pages, f"kvmtla {version()}"))
    count = "one page" if len(pages) == 1 else f"{len(pages)} pages"
    announce(f"{count} written; begin with {folder / _INDEX}")
    return Tally.of(results).exit_status


def _folder(output: str) -> Path:
    """Return the folder to write to, made if need be; raise ToolError where that is impossible."""
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    check_writable(folder / _INDEX)
    return folder


def _file(result: Result, taken: set[str]) -> str:
    """Return a name for the page of a result, which no other has."""
    point = result.point
    words = [point.claim.full_name, *point.settings.values(), point.prop]
    stem = re.sub(r"[^A-Za-z0-9._]+", "-", "-".join(words)).strip("-.")[:_LONGEST]
    name, n = f"{stem}.html", 2
    while name in taken or name == _INDEX:
        name, n = f"{stem}-{n}.html", n + 1
    return name


command = SpecCommand(
    "report",
    callback=_report,
    help="Check claims, and write a page for every counterexample, with an index of all verdicts. "
    "The pages open from the file, and load nothing.\n\n"
    "NAME is a claim's number, its name, or a pattern with * in it; without any, it is all "
    "claims.\n\n"
    "Exit status as for verify; the pages are written all the same.",
    params=[
        click.Argument(["names"], metavar="[NAME]...", nargs=-1),
        click.Option(
            ["--output", "-o"],
            metavar="FOLDER",
            default="report",
            show_default=True,
            help="The folder to write to; other files in it are left alone.",
        ),
        *running_options(),
    ],
    examples=lambda _: ["kvmtla report", "kvmtla report -o /tmp/report 'C*'"],
)
