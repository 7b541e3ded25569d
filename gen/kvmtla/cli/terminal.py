"""A story in a terminal: as wide as that is, in colours where it has any, a screen at a time."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator

import click

_HEADING = re.compile(r" *\d+  \S")
_CHANGE = re.compile(r"(\s+\S.*?: )(.*)( -> )(.*)")
_SOURCE = re.compile(r"\s+\(\S+:\d+\b.*\)")
_LOST = re.compile(r"\s+stores .* undoes |\S+ is false\b|.* is violated\b")
# As git has it: colours, no paging of what fits on a screen, and what was shown stays there.
_LESS = "FRX"
# Nobody reads lines as long as some screens are wide.
_WIDEST = 120


def present(text: str) -> None:
    """Print a story; to anything but a terminal, just as it is."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    size = shutil.get_terminal_size()
    lines = [styled(part) for line in text.splitlines() for part in fitted(line, size.columns)]
    whole = "".join(f"{line}\n" for line in lines)
    if len(lines) < size.lines or is_dumb() or not sys.stdin.isatty():
        click.echo(whole, nl=False)
        return
    os.environ.setdefault("LESS", _LESS)
    click.echo_via_pager(whole)


def is_dumb() -> bool:
    """Can the terminal do no more than print lines?"""
    return os.environ.get("TERM", "") in ("", "dumb")


def fitted(line: str, width: int) -> Iterator[str]:
    """Break a line into as many as the width asks for, all but the first further in."""
    # What a step does is indented by four columns more than who takes it.
    heading = _HEADING.match(line)
    indent = " " * (heading.end() + 3 if heading else len(line) - len(line.lstrip(" ")) + 2)
    width = max(20, min(width, _WIDEST))
    yield from textwrap.wrap(
        line, width, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True
    ) or [""]


def styled(line: str) -> str:
    """Return a line of a story in colours: what changed, what is lost, and where it stands."""
    if _LOST.match(line):
        return click.style(line, fg="red")
    if _SOURCE.fullmatch(line):
        return click.style(line, dim=True)
    if change := _CHANGE.fullmatch(line):
        place, before, arrow, after = change.groups()
        return f"{place}{before}{arrow}{click.style(after, fg='yellow', bold=True)}"
    return click.style(line, bold=True) if _HEADING.match(line) else line
