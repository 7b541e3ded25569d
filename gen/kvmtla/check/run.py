"""Finds the verdicts of many points: from the cache, or by running TLC, several side by side."""

from __future__ import annotations

import os
import queue
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from kvmtla.check.cache import ResultCache
from kvmtla.check.points import Point
from kvmtla.check.results import Result, conclude
from kvmtla.files import cannot_write
from kvmtla.tlc import (
    ARCHIVE_PAYS_FROM,
    Progress,
    RunOptions,
    TlcOutcome,
    Toolchain,
    Verdict,
    prepare_archive,
    run_tlc,
)

T = TypeVar("T")


class Watcher(Protocol):
    """Is told how the runs go on; always in the thread that asked for them."""

    def begin(self, total: int) -> None:
        """So many runs of TLC are necessary."""

    def started(self, point: Point) -> None:
        """A run has begun."""

    def progressed(self, point: Point, progress: Progress) -> None:
        """A run has got so far."""

    def finished(self, result: Result) -> None:
        """A run is over."""


def default_jobs() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Checker:
    """How points are checked: `jobs` runs side by side, one thread of TLC each.

    With `cached`, what is known is not run again, and what comes out is kept.
    """

    toolchain: Toolchain
    options: RunOptions
    jobs: int
    cached: bool = True

    def check(self, points: Sequence[Point], watcher: Watcher) -> list[Result]:
        """The results, in the order of `points`; whatever ends this, no process is left.

        Raises ToolError where TLC cannot be run at all, or there is no room for the files it reads.
        """
        cache = ResultCache(self.toolchain, self.options)
        found: dict[str, Result] = {}
        pending: dict[str, Point] = {}
        keys = [cache.key(p) for p in points]
        for key, point in zip(keys, points, strict=True):
            if key in found or key in pending:
                continue
            known = self._known(cache, point)
            if known is not None:
                found[key] = known
            else:
                pending[key] = point
        if pending:
            watcher.begin(len(pending))
            if len(pending) >= ARCHIVE_PAYS_FROM:
                prepare_archive(self.toolchain)
            for key, result in self._run(pending, cache, watcher):
                found[key] = result
        return [replace(found[k], point=p) for k, p in zip(keys, points, strict=True)]

    def _known(self, cache: ResultCache, point: Point) -> Result | None:
        outcome = cache.recall(point) if self.cached else None
        if outcome is None:
            return None
        result = conclude(point, outcome)
        # An answer that no longer replays is none.
        return None if result.verdict is Verdict.UNKNOWN else replace(result, cached=True)

    def _run(
        self, pending: dict[str, Point], cache: ResultCache, watcher: Watcher
    ) -> list[tuple[str, Result]]:
        # What the threads have to say is said in this one, where a watcher may do as it likes.
        said: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        cancel = threading.Event()
        results: list[tuple[str, Result]] = []

        def done(key: str, future: Future[tuple[TlcOutcome, Result]]) -> None:
            outcome, result = future.result()
            if self.cached and result.verdict is not Verdict.UNKNOWN:
                cache.remember(result.point, outcome)
            results.append((key, result))
            watcher.finished(result)

        with ThreadPoolExecutor(min(self.jobs, len(pending))) as threads:
            try:
                for key, point in pending.items():
                    future = threads.submit(self._run_one, point, watcher, said, cancel)
                    future.add_done_callback(partial(_queue, said, partial(done, key)))
                while len(results) < len(pending):
                    said.get()()
            except BaseException as error:
                cancel.set()
                threads.shutdown(wait=False, cancel_futures=True)
                error.add_note(f"{len(results)} of {len(pending)} runs of TLC had finished")
                raise
        return results

    def _run_one(
        self,
        point: Point,
        watcher: Watcher,
        said: queue.SimpleQueue[Callable[[], None]],
        cancel: threading.Event,
    ) -> tuple[TlcOutcome, Result]:
        said.put(partial(watcher.started, point))
        module = point.module
        with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            cfg = module.cfg_file(point.prop)
            try:
                (folder / module.file).write_text(module.text, encoding="utf-8")
                (folder / cfg).write_text(module.cfgs[point.prop], encoding="utf-8")
            except OSError as error:
                raise cannot_write(folder / module.file, error) from error
            outcome = run_tlc(
                self.toolchain,
                folder,
                module.file,
                cfg,
                options=self.options,
                on_progress=partial(_queue, said, partial(watcher.progressed, point)),
                cancel=cancel,
            )
        return outcome, conclude(point, outcome)


def _queue(said: queue.SimpleQueue[Callable[[], None]], say: Callable[[T], None], what: T) -> None:
    said.put(partial(say, what))
