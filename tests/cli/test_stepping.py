"""Stepping through a counterexample in a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import threading
import time
from collections.abc import Iterator
from typing import Any

import click
import pytest

from kvmtla.cli import stepping, terminal
from kvmtla.errors import ToolError
from kvmtla.page.places import Places
from kvmtla.trace import build_trace
from kvmtla.trace.fields import only_fields
from support.claims import ROOT
from support.counterexamples import C3, violation


def _trace() -> Any:
    found = violation(*C3)
    return build_trace(found.model, found.raw, found.prop)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (200, 60)])
def test_a_screen_fits(width: int, height: int) -> None:
    trace, places = _trace(), Places(violation(*C3).model)
    for at in range(len(trace.steps) + 1):
        lines = stepping.screen(trace, places, at, width, height, ROOT)
        assert len(lines) <= height
        assert all(len(click.unstyle(line)) <= width for line in lines)
        assert f"step {at} of 19" in lines[0]
        assert sum(click.unstyle(line).startswith("> ") for line in lines) == 1


def test_what_a_step_changed_is_marked() -> None:
    lines = stepping.screen(_trace(), Places(violation(*C3).model), 15, 100, 60, ROOT)
    assert any("A=0 (was 1) D=0 (was 1)" in line for line in lines)


class _Terminal:
    """A terminal with somebody in front of it, in a thread of its own."""

    def __init__(self) -> None:
        self.user, self.program = pty.openpty()
        fcntl.ioctl(self.program, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.program)
        self.streams = [os.fdopen(os.dup(self.program), mode) for mode in ("r", "w")]

    def plug_in(self, monkeypatch: pytest.MonkeyPatch, name: str = "xterm") -> None:
        """Make it the one that the program is in."""
        monkeypatch.setenv("TERM", name)
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("LINES", "30")
        monkeypatch.setattr("sys.stdin", self.streams[0])
        monkeypatch.setattr("sys.stdout", self.streams[1])

    def close(self) -> None:
        """Give back all that is open."""
        for stream in self.streams:
            stream.close()
        os.close(self.user)
        os.close(self.program)

    def read(self, wanted: str) -> str:
        """What is shown until `wanted` comes."""
        shown, end = "", time.monotonic() + 60
        while wanted not in shown:
            assert time.monotonic() < end, shown
            if select.select([self.user], [], [], 1)[0]:
                shown += os.read(self.user, 65536).decode()
        return shown

    def press(self, key: str) -> None:
        os.write(self.user, key.encode())


@pytest.fixture
def screen() -> Iterator[_Terminal]:
    found = _Terminal()
    yield found
    found.close()


def test_keys_move_and_the_terminal_is_put_back(
    screen: _Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen.plug_in(monkeypatch)
    model, trace = violation(*C3).model, _trace()

    def use() -> None:
        screen.read("step 0 of 19")
        for key, at in (
            *(("\x1b[C", 1), (" ", 2), ("j", 3), ("n", 4), ("\x1b[D", 3), ("p", 2)),
            *(("\x1b[F", 19), ("\x1b[B", 19), ("\x1b[A", 18), ("\x1bOH", 0), ("k", 0), ("G", 19)),
        ):
            screen.press(key)
            screen.read(f"step {at} of 19")
        screen.press("x")
        screen.press("q")

    user = threading.Thread(target=use)
    user.start()
    stepping.step_through(model, trace, ROOT)
    user.join()
    assert "\x1b[?1049l" in screen.read("\x1b[?1049l")
    assert termios.tcgetattr(screen.program) == screen.before


def test_the_terminal_is_put_back_whatever_happens(
    screen: _Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:

    screen.plug_in(monkeypatch)

    def broken(*_: Any) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(stepping, "screen", broken)
    with pytest.raises(KeyboardInterrupt):
        stepping.step_through(violation(*C3).model, _trace(), ROOT)
    assert screen.read("\x1b[?1049l")
    assert termios.tcgetattr(screen.program) == screen.before


@pytest.mark.parametrize("name", ["dumb", ""])
def test_without_a_terminal_it_says_so(
    screen: _Terminal, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    screen.plug_in(monkeypatch, name)
    with pytest.raises(ToolError, match="KT917"):
        stepping.step_through(violation(*C3).model, _trace(), ROOT)


def test_lines_are_broken_at_the_width_and_coloured() -> None:
    line = "         *sptep: A=1 D=1 -> A=0 D=0"
    assert click.unstyle(terminal.styled(line)) == line
    assert "\x1b[" in terminal.styled(line)
    parts = list(terminal.fitted("     one two three four five six seven", 20))
    assert all(len(p) <= 20 for p in parts)
    assert parts[1].startswith("       ")


def test_only_some_fields() -> None:
    model, trace = violation(*C3).model, _trace()
    few = only_fields(model, trace, ("D",))
    assert {c.field for s in few.steps for c in s.changes if not c.is_lock} == {"D"}
    assert few.first_words == ("*sptep: D=1",)
    assert {t.value for s in few.steps for t in s.told if t.kind == "READ_ONCE"} == {"D=0", "D=1"}
    tlb = only_fields(model, trace, ("TLB",))
    assert {c.place for s in tlb.steps for c in s.changes if not c.is_lock} == {"TLB"}
    with pytest.raises(ToolError, match="KT915"):
        only_fields(model, trace, ("D", "Q"))
