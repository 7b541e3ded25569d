"""The display while TLC runs."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from kvmtla.check.results import Result
from kvmtla.check.run import Watcher
from kvmtla.check.words import Found, said
from kvmtla.modules.point import Point
from kvmtla.tlc import Progress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table


# A wait of so many seconds is not worth a word.
_A_WHILE = 10


@contextlib.contextmanager
def watching(*, err: bool) -> Iterator[Watcher]:
    """Yield a watcher for the terminal that standard output (`err`: error) is, or one for a log."""
    if not (sys.stderr if err else sys.stdout).isatty():
        yield _LineWatcher()
        return
    watcher = _LiveWatcher(err)
    try:
        yield watcher
    finally:
        watcher.close()


@contextlib.contextmanager
def asking(total: int) -> Iterator[Callable[[Found], None]]:
    """Yield a function that is told of each of several answers, and reports progress after a while.

    On a terminal, nothing is left of it afterwards.
    """
    begun = last = time.monotonic()
    shown = sys.stderr.isatty()
    done = 0

    def tell(found: Found) -> None:
        nonlocal done, last
        now = time.monotonic()
        done += 1
        if now - begun > _A_WHILE and total > 1:
            word = said(found.verdict, found.point.kind)
            line = f"{done:>{len(str(total))}}/{total}  {found.point.label} {word}"
            line += f" ({now - last:.1f} s)"
            click.echo(f"\r\x1b[K{line}" if shown else line, err=True, nl=not shown)
        last = now

    yield tell
    if shown and last - begun > _A_WHILE:
        click.echo("\r\x1b[K", err=True, nl=False)


class _LineWatcher:
    """A watcher that writes a line to standard error for each verdict that is found."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0

    def begin(self, total: int) -> None:
        self._total = total

    def skipped(self) -> None:
        self._total -= 1

    def started(self, point: Point, others: int) -> None:
        pass

    def progressed(self, point: Point, progress: Progress) -> None:
        pass

    def finished(self, result: Result) -> None:
        self._done += 1
        count = f"{self._done:>{len(str(self._total))}}/{self._total}"
        said = f"{result.said} ({result.seconds:.1f} s)"
        click.echo(f"{count}  {result.point.label} {said}", err=True)

    def remarked(self, text: str) -> None:
        click.echo(f"note: {text}", err=True)


class _LiveWatcher:
    """A watcher with a line for each run that is going on; nothing is left of them afterwards."""

    def __init__(self, err: bool) -> None:
        self._err = err
        self._total = 0
        self._done = 0
        self._begun = time.monotonic()
        self._running: dict[int, tuple[str, float, Progress | None]] = {}
        self._live: Live | None = None
        self._remarks: list[str] = []

    def begin(self, total: int) -> None:
        # Imported here: nothing of it is needed where all is known already.
        from rich.console import Console  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415

        self._total = total
        self._live = Live(
            console=Console(stderr=self._err),
            get_renderable=self._picture,
            refresh_per_second=5,
            transient=True,
        )
        self._live.start()

    def skipped(self) -> None:
        self._total -= 1

    def started(self, point: Point, others: int) -> None:
        also = f", and {others} more" if others else ""
        self._running[id(point)] = (f"{point.label}{also}", time.monotonic(), None)

    def progressed(self, point: Point, progress: Progress) -> None:
        what, since, _ = self._running[id(point)]
        self._running[id(point)] = (what, since, progress)

    def finished(self, result: Result) -> None:
        self._running.pop(id(result.point), None)
        self._done += 1

    def remarked(self, text: str) -> None:
        self._remarks.append(text)

    def close(self) -> None:
        """Give the terminal back, and print the remarks."""
        if self._live is not None:
            self._live.stop()
        for text in self._remarks:
            click.echo(f"note: {text}", err=True)

    def _picture(self) -> Table:
        from rich.table import Table  # noqa: PLC0415

        now = time.monotonic()
        rows = Table.grid(padding=(0, 2))
        rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        rows.add_column(no_wrap=True, justify="right")
        rows.add_column(no_wrap=True, justify="right")
        # A copy, since this runs in a thread of rich's.
        for what, since, progress in list(self._running.values()):
            far = (
                f"{progress.distinct:,} states, depth {progress.depth}, queue {progress.queue:,}"
                if progress is not None
                else "starting"
            )
            rows.add_row(what, far, f"{now - since:.0f} s")
        done = f"{self._done} of {self._total} verdicts found"
        rows.add_row(done, "", f"{now - self._begun:.0f} s")
        return rows
