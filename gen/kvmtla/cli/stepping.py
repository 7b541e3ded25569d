"""Stepping through a counterexample in the terminal, with the keyboard."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from kvmtla.cli.terminal import fitted, is_dumb, styled
from kvmtla.errors import ToolError
from kvmtla.ir.model import Model
from kvmtla.page.places import Places
from kvmtla.trace import Trace, step_in_words
from kvmtla.trace.commit import clipped
from kvmtla.trace.narration import again

_KEYS = {
    **dict.fromkeys(("\x1b[C", "\x1bOC", "\x1b[B", "\x1bOB", " ", "j", "n", "\r"), "on"),
    **dict.fromkeys(("\x1b[D", "\x1bOD", "\x1b[A", "\x1bOA", "\x7f", "\b", "k", "p"), "back"),
    **dict.fromkeys(("\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "g"), "first"),
    **dict.fromkeys(("\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "G"), "last"),
    **dict.fromkeys(("q", "Q", "\x1b", "\x03", "\x04", ""), "leave"),
}
_HELP = "right, space, n: on   left, p: back   Home, End   q: leave"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
# How long the rest of what a key sends may take, and how soon a new size is seen; seconds.
_REST, _GLANCE = 0.05, 0.3


def step_through(model: Model, trace: Trace, root: Path) -> None:
    """Let the user step through a trace; give the terminal back as it was, whatever happens.

    Raises ToolError where there is no terminal that can be written to anywhere and read from key
    by key.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or is_dumb():
        raise ToolError(
            "KT917",
            "--step needs a terminal",
            hint="without it, the same is told from beginning to end",
        )
    places = Places(model)
    at = 0
    with _keyboard() as keys:
        while True:
            size = shutil.get_terminal_size()
            _draw(screen(trace, places, at, size.columns, size.lines, root))
            key = None
            while key is None and shutil.get_terminal_size() == size:
                key = keys.read(_GLANCE)
            move = _KEYS.get(key, "") if key is not None else ""
            if move == "leave":
                return
            last = len(trace.steps)
            # What goes on for ever goes round.
            on = min(at + 1, last) if at < last or not trace.goes_round else (trace.loop or 0) + 1
            at = {"on": on, "back": max(at - 1, 0), "first": 0, "last": last}.get(move, at)


def screen(trace: Trace, places: Places, at: int, width: int, height: int, root: Path) -> list[str]:
    """Return the lines of the screen that shows the step `at`, 0 for the first state; styled."""
    step = trace.steps[at - 1] if at else None
    if step is None:
        told = [f"At first, {'; '.join(trace.first_words)}." if trace.first_words else "At first."]
    else:
        told = list(step_in_words(step, root=root))
        if at == len(trace.steps):
            if trace.loop is not None:
                told += ["", again(trace)]
            told += ["", *trace.failure]
    below = [styled(part) for line in told for part in fitted(line, width)]
    below += ["", *(clipped(line, width) for line in _state(trace, places, at))]
    head = clipped(f"{trace.property}: step {at} of {len(trace.steps)}", width)
    # The list of steps has what the others leave, but some lines in any case.
    room = max(3, height - len(below) - 4)
    lines = [click.style(head, bold=True), *_list(trace, at, width, room), "", *below]
    return [*lines[: height - 1], click.style(clipped(_HELP, width), dim=True)]


def _list(trace: Trace, at: int, width: int, room: int) -> Iterator[str]:
    """Yield the steps around the one that is shown."""
    lines = ["  0  the first state"]
    for s in trace.steps:
        mark = "*" if trace.goes_round and s.number > (trace.loop or 0) else " "
        lines.append(f"{s.number:>3}{mark} {s.actor}: {s.text}")
    begin = max(0, min(at - room // 2, len(lines) - room))
    for number, line in enumerate(lines[begin : begin + room], begin):
        text = clipped(("> " if number == at else "  ") + line, width)
        yield click.style(text, reverse=True) if number == at else text


def _state(trace: Trace, places: Places, at: int) -> Iterator[str]:
    """Yield the shared state, and where the actors are; what the step changed is marked."""
    states = [trace.first, *(s.after for s in trace.steps)]
    now = list(places.values(states[at]))
    before = list(places.values(states[max(0, at - 1)]))
    slot = 0
    for p in places.places:
        values = []
        for s in p.slots:
            a, b = before[slot], now[slot]
            slot += 1
            if not s.idle:
                value = f"{s.label}={b}" if s.label else b
                values.append(value if a == b else f"{value} (was {a})")
        if p.kind == "at" or not p.actor:
            yield f"  {p.name}: {' '.join(values)}"


def _draw(lines: Sequence[str]) -> None:
    plain = bool(os.environ.get("NO_COLOR"))
    text = "\r\n".join(f"{click.unstyle(line) if plain else line}\x1b[K" for line in lines)
    sys.stdout.write(f"\x1b[H{text}\x1b[J")
    sys.stdout.flush()


class _Keys:
    """A reader of what is typed, a key at a time."""

    def __init__(self, file: int) -> None:
        self.file = file

    def read(self, seconds: float) -> str | None:
        """Return the key as the terminal sends it, "" at the end; None where none comes in time."""
        if not self._ready(seconds):
            return None
        data = os.read(self.file, 1)
        while data.startswith(b"\x1b") and self._ready(_REST) and len(data) < 8:
            data += os.read(self.file, 1)
            if (len(data) > 2 and data[-1:].isalpha()) or data[-1:] == b"~":
                break
        return data.decode(errors="replace")

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self.file], [], [], seconds)[0])


@contextlib.contextmanager
def _keyboard() -> Iterator[_Keys]:
    """Make the terminal a screen to draw on, yield its keys, and put it back at the end."""
    try:
        import termios  # noqa: PLC0415 - not everywhere is there such a thing
        import tty  # noqa: PLC0415
    except ImportError:
        raise ToolError(
            "KT917", "--step needs a Unix terminal", hint="--as html makes a page to step through"
        ) from None
    file = sys.stdin.fileno()
    saved = termios.tcgetattr(file)
    try:
        # Keys that would stop or suspend the program come as keys: it must not leave like this.
        tty.setraw(file)
        sys.stdout.write(_ENTER)
        yield _Keys(file)
    finally:
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()
        termios.tcsetattr(file, termios.TCSADRAIN, saved)
