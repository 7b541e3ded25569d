"""The command as a process: signals, pipes that close, terminals."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def wait_until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.05)


def processes(marker: Path) -> list[str]:
    """The processes whose command line names a folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(marker) in line:
                found.append(line)
    return found


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_nothing(
    kvmtla: Any, endless: str, number: signal.Signals, status: int
) -> None:
    temporary = kvmtla.folder / "temporary"
    temporary.mkdir()
    # As from a terminal, whatever this process itself ignores.
    before = signal.signal(number, signal.SIG_DFL)
    process = subprocess.Popen(
        kvmtla.line("verify", "--jobs", "2", "--json", "x.json", spec=endless),
        cwd=kvmtla.folder,
        env={**kvmtla.environment, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    signal.signal(number, before)
    try:
        wait_until(lambda: len(processes(temporary)) == 2, "two processes of TLC")
        process.send_signal(number)
        # Impatience changes nothing.
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == status
    assert not out
    assert err == "interrupted; 0 of 2 verdicts had been found\n"
    assert processes(temporary) == []
    assert list(temporary.iterdir()) == []
    assert {f.name for f in kvmtla.folder.iterdir()} == {"temporary", "some_spec.py"}


def test_a_closed_pipe_is_no_error(kvmtla: Any, counter: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        kvmtla.line("list", spec=counter),
        cwd=kvmtla.folder,
        env=kvmtla.environment,
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    assert done.stderr == b""
    assert done.returncode == 128 + signal.SIGPIPE


def test_full_standard_output(kvmtla: Any, counter: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            kvmtla.line("list", spec=counter),
            cwd=kvmtla.folder,
            env=kvmtla.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "error[KT806]: cannot write the output: No space left on device\n"


class Screen:
    """A terminal of some width, and all that was written to it.

    The command is interrupted as soon as `until` matches that.
    """

    def __init__(
        self,
        line: list[str],
        folder: Path,
        environment: dict[str, str],
        *,
        width: int = 100,
        until: str | None = None,
    ) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        process = subprocess.Popen(
            line,
            cwd=folder,
            env={**environment, "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.raw = ""
        # Linux says EIO where the other side is closed.
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 65536):
                self.raw += chunk.decode()
                if until is not None and re.search(until, self.text):
                    process.terminate()
                    until = None
        os.close(ours)
        self.status = process.wait(60)

    @property
    def text(self) -> str:
        """Without what steers the terminal."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw).replace("\r\n", "\n")


NARROW = """\
a mail
       plain       atomic
  L1 lost
     (2 tasks; each task once)
     nothing_lost
       violated    holds
"""


def test_a_narrow_matrix(kvmtla: Any, counter: str) -> None:
    kvmtla("verify", "L1", "L3", spec=counter)
    line = kvmtla.line("verify", "L1", "L3", spec=counter)
    screen = Screen(line, kvmtla.folder, kvmtla.environment, width=32)
    assert NARROW in screen.text
    matrix = screen.text.partition("\n\n")[0]
    assert max(map(len, matrix.splitlines())) <= 32
    assert "\x1b[31m" in screen.raw


def test_a_narrow_terminal(kvmtla: Any, counter: str) -> None:
    kvmtla("verify", "L1", "L3", spec=counter)
    line = kvmtla.line("verify", "L1", "L3", "--long", spec=counter)
    screen = Screen(line, kvmtla.folder, kvmtla.environment, width=70)
    assert screen.status == 1
    # All but the command that is to be copied.
    assert max(map(len, screen.text.splitlines()[:-1])) <= 70
    assert "L1 lost: nothing_lost\n   way     expected  verdict" in screen.text
    assert "\x1b[31m" in screen.raw
    plain = Screen(line, kvmtla.folder, {**kvmtla.environment, "NO_COLOR": "1"})
    assert "\x1b[" not in plain.raw
    assert "!  L3 wrong  plain   nothing_lost     holds     violated" in plain.text


def test_progress_is_seen_and_taken_away(kvmtla: Any, endless: str) -> None:
    screen = Screen(
        kvmtla.line("verify", "--size", "big", spec=endless),
        kvmtla.folder,
        kvmtla.environment,
        until=r"E1 endless, size big: fine +[\d,]+ states, depth \d+, queue [\d,]+",
    )
    assert screen.status == 143
    assert "0 of 1 verdicts found" in screen.text
    assert screen.text.endswith("interrupted; 0 of 1 verdicts had been found\n")
    # The cursor is back.
    assert screen.raw.rfind("\x1b[?25h") > screen.raw.rfind("\x1b[?25l")
