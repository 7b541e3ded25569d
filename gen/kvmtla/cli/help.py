"""`kvmtla help`: explains the codes of errors, and commands."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent, wrap

import click

from kvmtla.cli.spec import PlainCommand
from kvmtla.errors import CommandError, did_you_mean
from kvmtla.errors.registry import Area, Code, all_codes, areas

_WIDTH = 78


@click.pass_context
def _help(ctx: click.Context, /, *, name: str | None) -> int:
    for line in _lines(ctx, name):
        click.echo(line)
    return 0


def _lines(ctx: click.Context, name: str | None) -> Iterator[str]:
    if name is None:
        yield from (f"{a.prefix}..  {a.title}" for a in areas())
        yield ""
        yield "`kvmtla help KT5` lists the codes of a group, `kvmtla help KT501` explains one;"
        yield "`kvmtla --help` is about the command."
        return
    asked = name.upper().strip("[]")
    if (code := all_codes().get(asked)) is not None:
        yield from _explained(code)
        return
    area = next((a for a in areas() if a.prefix == asked.rstrip(".X")), None)
    if area is not None:
        yield from _listed(area)
        return
    commands = ctx.find_root().command
    assert isinstance(commands, click.Group)
    if name in commands.list_commands(ctx):
        command = commands.get_command(ctx, name)
        assert command is not None
        yield command.get_help(click.Context(command, parent=ctx.find_root(), info_name=name))
        return
    known = [*all_codes(), *commands.list_commands(ctx)]
    hint = did_you_mean(asked, known) or did_you_mean(name, known)
    raise CommandError(
        "KT912", f"there is no code {name!r}", hint=hint or "kvmtla help lists the groups"
    )


def _listed(area: Area) -> Iterator[str]:
    yield click.style(f"{area.prefix}: {area.title}", bold=True)
    yield from wrap(area.about, _WIDTH)
    yield ""
    yield from (f"{c.code}  {c.title}" for c in area.codes)


def _explained(code: Code) -> Iterator[str]:
    yield click.style(f"{code.code}: {code.title}", bold=True)
    yield ""
    yield from wrap(code.text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    for word, example in (("Wrong", code.wrong), ("Right", code.right)):
        yield from ("", f"{word}:", "", indent(example, "    "))


command = PlainCommand(
    "help",
    callback=_help,
    help="Explain the code of an error: what is wrong, an example, and what would be right.\n\n"
    "NAME is a code such as KT501, as it stands in the brackets behind `error`; the beginning that "
    "the codes of a group share, such as KT5; or a command. Without it, the groups are listed.",
    params=[click.Argument(["name"], metavar="[NAME]", required=False)],
    examples=lambda _: ["kvmtla help", "kvmtla help KT501"],
)
