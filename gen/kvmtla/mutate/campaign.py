"""Judges all mutants of a spec, or some of them, several side by side."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.code import Varying, operations
from kvmtla.mutate.judge import Fate, Finding, Judge
from kvmtla.mutate.operators import mutants
from kvmtla.mutate.store import Store
from kvmtla.mutate.worlds import World, worlds

Progress = Callable[[int, int], None]
"""Is told how many of how many mutants are judged."""

# So many mutants are given to a process at once: of one function, so that it meets the same worlds.
_CHUNK = 6
# What has been found is kept each time that there are so many more.
_KEEP = 60


@dataclass(frozen=True)
class Campaign:
    """Which mutants of a spec are judged, and where.

    `root` as for `points`. `scenarios`: only in these, and only what runs there; empty means all.
    `sample`: only so many mutants, always the same for the same `seed`; None means all.
    `everywhere`: ask on after the first kill. Without `cached`, nothing is known and nothing kept.
    """

    spec: Spec
    root: Path
    scenarios: Sequence[ScenarioRead] = ()
    sample: int | None = None
    seed: int = 0
    everywhere: bool = False
    cached: bool = True

    @cached_property
    def worlds(self) -> list[World]:
        """The worlds that are asked."""
        names = {s.name for s in self.scenarios}
        return [w for w in worlds(self.spec) if not names or w.scenario.name in names]

    @cached_property
    def mutants(self) -> list[Mutant]:
        """The mutants that are judged, in the order of their places."""
        found = self._all
        if self.sample is not None:
            chosen = {m.name for m in sorted(found, key=self._rank)[: self.sample]}
            found = [m for m in found if m.name in chosen]
        return found

    @cached_property
    def _all(self) -> list[Mutant]:
        functions = self.spec.reader.program.functions
        varying = Varying(functions)
        runs = frozenset().union(*(w.runs for w in self.worlds))
        return [
            m
            for fn in operations(self.spec)
            if fn.key in runs
            for m in mutants(fn, functions, varying)
        ]

    def _rank(self, mutant: Mutant) -> str:
        """A mutant keeps its place in a sample when others come and go."""
        return hashlib.sha256(f"{self.seed} {mutant.name}".encode()).hexdigest()

    @cached_property
    def _judge_of_all(self) -> Judge:
        return Judge(self.spec, self.worlds)

    @cached_property
    def _store(self) -> Store:
        return Store(self.spec, self.root, self.worlds, everywhere=self.everywhere)

    def known(self) -> dict[str, Finding]:
        """What is known of the mutants without judging any."""
        return {m.name: self._store[m.name] for m in self.mutants if m.name in self._store}

    def run(self, jobs: int, progress: Progress = lambda done, total: None) -> dict[str, Finding]:
        """What becomes of each mutant, by its name; `jobs` processes find out."""
        found = self.known() if self.cached else {}
        left = [m for m in self.mutants if m.name not in found]
        self._judge(left, None, found, jobs, progress)
        if self.sample is None:
            # What others kill first, an invariant may kill as well.
            for prop in self.idle(found):
                self._second_chance(prop, found, jobs)
        return found

    def idle(self, found: dict[str, Finding]) -> list[str]:
        """The properties that kill nothing."""
        killing = {p for f in found.values() for s in f.seen for p in s.kills}
        held = dict.fromkeys(p for w in self.worlds for p in w.to_hold)
        return [p for p in held if p not in killing]

    def _second_chance(self, prop: str, found: dict[str, Finding], jobs: int) -> None:
        """Judges what is killed by others where `prop` is to hold, until it kills one too."""
        places = [w for w in self.worlds if prop in w.to_hold]
        runs = frozenset().union(*(w.runs for w in places))
        names = {w.name for w in places}
        left = [
            m
            for m in self.mutants
            if m.function in runs
            and found[m.name].fate is Fate.KILLED
            and not names <= set(found[m.name].asked)
        ]
        for i in range(0, len(left), 2 * _CHUNK):
            self._judge(left[i : i + 2 * _CHUNK], prop, found, jobs, lambda done, total: None)
            if prop not in self.idle(found):
                return

    def _judge(
        self,
        left: Sequence[Mutant],
        prop: str | None,
        found: dict[str, Finding],
        jobs: int,
        progress: Progress,
    ) -> None:
        """Judges mutants, those of a function together, and adds to what is found."""
        chunks = list(_chunks(left))
        new: list[Finding] = []
        done = 0
        try:
            for findings in _side_by_side(self._judge_of_all, chunks, prop, self, jobs):
                for f in findings:
                    before = found.get(f.mutant)
                    found[f.mutant] = f if before is None else before.and_also(f)
                    new.append(found[f.mutant])
                done += len(findings)
                progress(done, len(left))
                if self.cached and len(new) >= _KEEP:
                    self._store.keep(new)
                    new = []
        finally:
            if self.cached and new:
                self._store.keep(new)


def _chunks(left: Sequence[Mutant]) -> Iterator[list[Mutant]]:
    for _, of_function in groupby(left, key=lambda m: m.function):
        alike = list(of_function)
        for i in range(0, len(alike), _CHUNK):
            yield alike[i : i + _CHUNK]


def _side_by_side(
    judge: Judge,
    chunks: Sequence[list[Mutant]],
    prop: str | None,
    campaign: Campaign,
    jobs: int,
) -> Iterator[list[Finding]]:
    everywhere = campaign.everywhere
    if jobs == 1 or len(chunks) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        for chunk in chunks:
            yield _of_chunk(judge, chunk, prop, everywhere)
        return
    global _work  # noqa: PLW0603 - a forked process finds it there
    _work = (judge, chunks, prop, everywhere)
    # Forked, so that nothing is read and typed again.
    context = multiprocessing.get_context("fork")
    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(jobs, len(chunks)), context, _begin) as pool:
        try:
            futures: list[Future[list[Finding]]] = [
                pool.submit(_numbered, i) for i in range(len(chunks))
            ]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise


_work: tuple[Judge, Sequence[list[Mutant]], str | None, bool]


def _begin() -> None:
    """The parent says when it is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What is there already stays, and most of what is made is soon gone.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _numbered(i: int) -> list[Finding]:
    judge, chunks, prop, everywhere = _work
    return _of_chunk(judge, chunks[i], prop, everywhere)


def _of_chunk(
    judge: Judge, chunk: Sequence[Mutant], prop: str | None, everywhere: bool
) -> list[Finding]:
    return [judge.judge(m, everywhere=everywhere, prop=prop) for m in chunk]
