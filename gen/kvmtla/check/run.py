"""Finding the verdicts of many points: from the cache, or by running TLC, several side by side."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from kvmtla.check.confirm import Confirmation, differ, is_sampled
from kvmtla.check.result_cache import ResultCache
from kvmtla.check.results import Result, conclude, replayed, with_stuck
from kvmtla.check.runs import Run, answer, asked_together
from kvmtla.insight.kept_counts import Counting
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.patience import TooLongError
from kvmtla.tlc import (
    ARCHIVE_PAYS_FROM,
    Progress,
    Residents,
    RunOptions,
    TlcOutcome,
    Toolchain,
    prepare_archive,
)
from kvmtla.verdict import Verdict

T = TypeVar("T")
_Key = tuple[Module, str]

# For fewer questions, a process in which TLC stays takes longer to start than it saves.
_STAYING_PAYS_FROM = 6
_STARTED_ANEW = "TLC was started anew for each question, which takes longer"


class Watcher(Protocol):
    """A listener that is told how the runs go on; always in the thread that asked for them."""

    def begin(self, total: int) -> None:
        """Note that so many verdicts are to be found."""

    def skipped(self) -> None:
        """Note that one of them is known already."""

    def started(self, point: Point, others: int) -> None:
        """Note that a run of TLC has begun, for this point and so many others."""

    def progressed(self, point: Point, progress: Progress) -> None:
        """Note how far the run that has begun for this point has got."""

    def finished(self, result: Result) -> None:
        """Note that a verdict has been found."""

    def remarked(self, text: str) -> None:
        """Note a remark that changes no verdict."""


def default_jobs() -> int:
    """Return four more than the processors that this process may use.

    A run also waits: for its results to be read, which Python does one after the other, and, when
    it is done, 0.3 s for Java to end, because of threads that TLC has left. Measured for 450
    verdicts on two processors: 125 s with two more, 119 s with four.
    """
    return processors() + 4


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Checker:
    """A way of checking points: `jobs` runs side by side, with one thread of TLC each.

    With `cached`, what is known is not run again, and what comes out is kept. With `apart`, each
    run of TLC is a process of its own, and answers from processes that stay are not used.
    """

    toolchain: Toolchain
    options: RunOptions
    jobs: int
    cached: bool = True
    apart: bool = False

    def check(
        self,
        points: Sequence[Point],
        watcher: Watcher,
        memo: Memo | None = None,
        counting: Counting | None = None,
    ) -> list[Result]:
        """Return the results, in the order of `points`; however this ends, no process is left.

        What `memo` knows is not compiled again. `counting` knows who gets stuck, and goes on
        counting while TLC is waited for, and no longer. Raises ToolError where TLC cannot be run at
        all, or there is no room for the files it reads, and SpecError where a point cannot be
        compiled.
        """
        cache = ResultCache(self.toolchain, self.options)
        for point in points:
            point.module.give(self.options.time_limit)
        memo = memo or Memo(None)
        stuck = counting or Counting(points, memo, self.options.time_limit)
        found: dict[_Key, Result] = {}
        # Several claims may ask the same.
        unknown: dict[_Key, list[Point]] = {}
        for point in points:
            result = self._known_by(memo, cache, point) if self.cached else None
            if result is not None:
                found[_key(point)] = _judged(result, stuck)
            else:
                unknown.setdefault(_key(point), []).append(point)
        if unknown:
            watcher.begin(sum(map(len, unknown.values())))
            try:
                for result in self._run(unknown, cache, memo, watcher, stuck):
                    found[_key(result.point)] = result
            finally:
                memo.save()
        else:
            # What was known of other specs may be noted for this one.
            memo.save()
        if counting is None:
            stuck.save()
        return [replace(found[_key(p)], point=p) for p in points]

    def _known_by(self, memo: Memo, cache: ResultCache, point: Point) -> Result | None:
        """Return what is kept of `point`, if it is the result that had replayed when noted."""
        files = memo.files(point.module, point.prop)
        kept = self._recalled(cache, files) if files is not None else None
        if kept is None or kept[1] != memo.result(point.module, point.prop):
            return None
        return replace(replayed(point, kept[0]), cached=True)

    def _recalled(self, cache: ResultCache, digest: str) -> tuple[TlcOutcome, str] | None:
        kept = cache.recall(digest)
        return None if kept is not None and kept[0].resident and self.apart else kept

    def _known(self, cache: ResultCache, memo: Memo, point: Point) -> Result | None:
        """Return what is kept of `point`, if it replays."""
        digest = point.module.digest(point.prop)
        kept = self._recalled(cache, digest)
        if kept is None:
            return None
        result = conclude(point, kept[0])
        # An answer that no longer replays is none.
        if result.verdict is Verdict.UNKNOWN:
            return None
        memo.note(point.module, point.prop, digest, kept[1])
        return replace(result, cached=True)

    def _run(
        self,
        asking: Mapping[_Key, Sequence[Point]],
        cache: ResultCache,
        memo: Memo,
        watcher: Watcher,
        counting: Counting,
    ) -> list[Result]:
        """Return a result for the first of each of `asking`; the watcher hears of all of them."""
        points = [first for first, *_ in asking.values()]
        # What the threads report is passed on in this one, where a watcher may do as it likes.
        said: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        cancel = threading.Event()
        results: list[Result] = []
        skipped: list[Result] = []
        # Keyed by the hash of what TLC is given: modules may differ only in what it does not read.
        answers: dict[str, TlcOutcome] = {}
        waiting: dict[str, list[Point]] = {}
        archive: Future[object] | None = None

        def listen() -> None:
            while not said.empty():
                said.get()()

        def settle(result: Result) -> None:
            results.append(result)
            for p in asking[_key(result.point)]:
                watcher.finished(replace(result, point=p))

        def conclude_on(point: Point, digest: str) -> None:
            outcome = answers[digest]
            result = conclude(point, outcome)
            if self.cached and result.verdict is not Verdict.UNKNOWN:
                memo.note(point.module, point.prop, digest, cache.remember(digest, outcome))
            settle(_judged(result, counting))

        def done(future: Future[Sequence[tuple[Point, TlcOutcome]]]) -> None:
            for point, outcome in future.result():
                digest = point.module.digest(point.prop)
                answers[digest] = outcome
                for other in waiting.pop(digest):
                    conclude_on(other, digest)

        with (
            self._residents(points) as residents,
            ThreadPoolExecutor(min(self.jobs, len(points))) as threads,
        ):
            asking_tlc = partial(
                self._ask,
                residents=residents,
                confirmation=Confirmation(counting.countables.compiled),
                watcher=watcher,
                said=said,
                cancel=cancel,
            )
            try:
                # One is compiled while others run.
                for group in asked_together(points):
                    asked = []
                    for point in group:
                        try:
                            digest = point.module.digest(point.prop)
                        except TooLongError as error:
                            settle(Result(point, Verdict.UNKNOWN, error.message))
                            continue
                        if digest in answers:
                            conclude_on(point, digest)
                        elif digest in waiting:
                            waiting[digest].append(point)
                        elif self.cached and (known := self._known(cache, memo, point)):
                            skipped.append(_judged(known, counting))
                            for _ in asking[_key(point)]:
                                watcher.skipped()
                        else:
                            waiting[digest] = [point]
                            asked.append(point)
                    if asked:
                        stays = residents is not None and residents.trouble is None
                        if len(points) >= ARCHIVE_PAYS_FROM and archive is None and not stays:
                            archive = threads.submit(prepare_archive, self.toolchain)
                        future = threads.submit(asking_tlc, Run(asked), archive)
                        future.add_done_callback(partial(_queue, said, done))
                    listen()
                for _ in counting.steps:
                    listen()
                    if not waiting:
                        break
                while waiting:
                    said.get()()
                if residents is not None and residents.trouble is not None:
                    watcher.remarked(f"{_STARTED_ANEW}: {residents.trouble}")
            except BaseException as error:
                cancel.set()
                threads.shutdown(wait=False, cancel_futures=True)
                wanted = len(points) - len(skipped)
                error.add_note(f"{len(results)} of {wanted} verdicts had been found")
                raise
        return results + skipped

    def _ask(
        self,
        run: Run,
        archive: Future[object] | None,
        *,
        residents: Residents | None,
        confirmation: Confirmation,
        watcher: Watcher,
        said: queue.SimpleQueue[Callable[[], None]],
        cancel: threading.Event,
    ) -> Sequence[tuple[Point, TlcOutcome]]:
        """Return what TLC says of all it is asked at once; of each point alone where it must be."""
        if archive is not None:
            # A run started meanwhile would take half as long again, and the processors are not
            # idle: modules are being compiled.
            archive.result()
        ask = partial(self._run_tlc, run, watcher, said, cancel)
        outcome = ask(residents)
        answers = run.answers(outcome)
        if outcome.resident and not cancel.is_set():
            if answers is None or not confirmation.holds_out(run.points, answers):
                outcome = ask(None)
                answers = run.answers(outcome)
            elif is_sampled(run.points[0]) and (fault := differ(outcome, ask(None))):
                answers = [TlcOutcome(Verdict.UNKNOWN, reason=fault)] * len(run.points)
        if answers is not None:
            return list(zip(run.points, answers, strict=True))
        again = partial(
            self._ask,
            archive=None,
            residents=residents,
            confirmation=confirmation,
            watcher=watcher,
            said=said,
            cancel=cancel,
        )
        return [answer for smaller in run.smaller() for answer in again(smaller)]

    def _run_tlc(
        self,
        run: Run,
        watcher: Watcher,
        said: queue.SimpleQueue[Callable[[], None]],
        cancel: threading.Event,
        residents: Residents | None,
    ) -> TlcOutcome:
        first, *others = run.points
        said.put(partial(watcher.started, first, len(others)))
        return answer(
            run,
            self.toolchain,
            self.options,
            on_progress=partial(_queue, said, partial(watcher.progressed, first)),
            cancel=cancel,
            residents=residents,
        )

    @contextlib.contextmanager
    def _residents(self, points: Sequence[Point]) -> Iterator[Residents | None]:
        """Yield processes in which TLC stays, or None where there is not enough for them to do."""
        if self.apart or len(points) < _STAYING_PAYS_FROM:
            yield None
            return
        with Residents(self.toolchain, self.options, min(processors(), self.jobs)) as made:
            yield made


def _queue(said: queue.SimpleQueue[Callable[[], None]], say: Callable[[T], None], what: T) -> None:
    said.put(partial(say, what))


def _judged(result: Result, counting: Counting) -> Result:
    """Return the verdict, with who gets stuck in the scenario."""
    holds = result.verdict is Verdict.HOLDS
    return with_stuck(result, counting.stuck(result.point.module, whole=holds))


def _key(point: Point) -> _Key:
    return point.module, point.prop
