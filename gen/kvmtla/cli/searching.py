"""The display while the second engine goes through a large model."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

import click

from kvmtla.engine import Watcher
from kvmtla.engine.native import Progress

# On a terminal and in a log, a line after so many seconds, then again and again.
_ON_TERMINAL, _IN_LOG = 0.5, 10.0


@contextlib.contextmanager
def searching() -> Iterator[Watcher]:
    """Yield a watcher that tells standard error how far the engine is; a terminal gets one line."""
    shown = _Shown(sys.stderr.isatty())
    try:
        yield Watcher(shown.progress, shown.note)
    finally:
        shown.clear()


class _Shown:
    def __init__(self, live: bool) -> None:
        self._live = live
        self._next = time.monotonic() + (_ON_TERMINAL if live else _IN_LOG)
        self._width = 0

    def progress(self, now: Progress) -> None:
        """Say how far it is, if it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (_ON_TERMINAL if self._live else _IN_LOG)
        self.clear()
        line = told(now)
        click.echo(line, err=True, nl=not self._live)
        self._width = len(line) if self._live else 0

    def note(self, text: str) -> None:
        """Say something that stays."""
        self.clear()
        click.echo(f"kvmtla: {text}", err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", err=True, nl=False)
            self._width = 0


def told(now: Progress) -> str:
    """Return in words how far a search is."""
    rate = now.generated / max(now.seconds, 0.001)
    about = f" of about {now.expected:,}" if now.expected is not None else ""
    return (
        f"{now.states:,}{about} states, depth {now.depth}, {rate / 1e6:.1f} M steps a second, "
        f"{now.megabytes:,} MiB, {now.seconds:.0f} s"
    )
