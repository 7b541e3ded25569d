"""`kvmtla trust`: a report on every link of the chain, each checked by something else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Unpack

import click

from kvmtla.check.results import Result
from kvmtla.check.select import Selection
from kvmtla.cli.progress import watching
from kvmtla.cli.running import Running, checker, memo_of, read, running_options, selected
from kvmtla.cli.spec import PlainCommand, package_of
from kvmtla.patience import TooLongError
from kvmtla.trust import SECTIONS, Found, Ground

_WIDTH = 80
_INDENT = "  "


@click.pass_context
def _trust(
    ctx: click.Context, /, *, sections: tuple[str, ...], short: bool, **running: Unpack[Running]
) -> int:
    package = package_of(ctx)
    spec = read(package, running)
    memo = memo_of(spec, package.root, running)
    points = selected(spec, package.root, Selection(), running)
    check = checker(running, apart=True)

    def ask() -> list[Result]:
        with watching(err=True) as watcher:
            return check.check(points, watcher, memo)

    ground = Ground(package, spec, ask, memo, check, short)
    chosen = [s for s in SECTIONS if not sections or s.name in sections]
    faults = 0
    for section in chosen:
        started = time.monotonic()
        click.echo(click.style(section.title, bold=True))
        click.echo(click.style(_wrapped(section.about), dim=True))
        try:
            found = section.run(ground)
        except TooLongError as error:
            found = Found((), (error.message,))
        for line in _said(found):
            click.echo(line)
        click.echo(click.style(f"{_INDENT}({time.monotonic() - started:.1f} s)", dim=True))
        click.echo()
        faults += len(found.faults)
    click.echo(_conclusion(len(chosen), faults))
    return 1 if faults else 0


def _said(found: Found) -> Iterator[str]:
    for line in found.lines:
        yield _wrapped(line)
    for fault in found.faults:
        yield click.style(_wrapped(f"! {fault}", "    "), fg="red", bold=True)


def _wrapped(text: str, more: str = _INDENT) -> str:
    return click.wrap_text(text, _WIDTH, _INDENT, more)


def _conclusion(sections: int, faults: int) -> str:
    if not faults:
        return f"Nothing speaks against it, in {_several(sections, 'section')}."
    return click.style(
        f"{_several(faults, 'thing')} {'speak' if faults > 1 else 'speaks'} against it.",
        fg="red",
        bold=True,
    )


def _several(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _names() -> Sequence[str]:
    return [s.name for s in SECTIONS]


command = PlainCommand(
    "trust",
    callback=_trust,
    help="Check every link of the chain from the spec to the story with something that is "
    "independent of it, and report what was checked, with figures.\n\n"
    "SECTION is one of: " + ", ".join(_names()) + ". Without any, all are run.\n\n"
    "Exit status: 0 nothing speaks against it; 1 something does; 2 a mistake in the command, the "
    "spec or a file.",
    params=[
        click.Argument(["sections"], metavar="[SECTION]...", nargs=-1, type=click.Choice(_names())),
        click.Option(
            ["--short"], is_flag=True, help="Less of everything that takes long, as CI does."
        ),
        *running_options(),
    ],
    examples=lambda _: ["kvmtla trust", "kvmtla trust --short engines replay"],
)
