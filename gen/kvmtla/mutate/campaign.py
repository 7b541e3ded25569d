"""Judges all mutants of a spec, or some of them, several side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from pathlib import Path

from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.code import Varying, operations
from kvmtla.mutate.judge import Facts, Fate, Finding, Judge, facts_of
from kvmtla.mutate.operators import mutants
from kvmtla.mutate.parallel import in_parallel
from kvmtla.mutate.store import Store
from kvmtla.mutate.worlds import HOLDING, World, worlds

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
        if self.sample is None:
            return [m for m in found if self._counts(m)]
        ranked = filter(self._counts, sorted(found, key=self._rank))
        chosen = {m.name for m in islice(ranked, self.sample)}
        return [m for m in found if m.name in chosen]

    def _counts(self, mutant: Mutant) -> bool:
        """Is it seen anywhere where the code is meant to be right?"""
        return any(w.counts and w.sees(mutant) for w in self.worlds)

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
    def _store(self) -> Store:
        return Store(self.spec, self.root, self.scenarios, everywhere=self.everywhere)

    def known(self) -> dict[str, Finding]:
        """What is known of the mutants without judging any."""
        if not self._store:
            # To make all worlds and mutants takes seconds.
            return {}
        return {m.name: self._store[m.name] for m in self.mutants if m.name in self._store}

    def run(self, jobs: int, progress: Progress = lambda done, total: None) -> dict[str, Finding]:
        """What becomes of each mutant, by its name; `jobs` processes find out."""
        found = self.known() if self.cached else {}
        left = [m for m in self.mutants if m.name not in found]
        # A few mutants do not see all worlds.
        facts = self._facts(jobs) if len(left) > len(self.worlds) else {}
        judge = Judge(self.spec, self.worlds, facts, everywhere=self.everywhere)
        self._judge(judge, left, None, found, jobs, progress)
        if self.sample is None:
            # What others kill first, an invariant may kill as well.
            for prop in self.idle(found):
                self._second_chance(judge, prop, found, jobs)
        return found

    def idle(self, found: Mapping[str, Finding]) -> list[str]:
        """The properties that are claimed to hold and kill nothing."""
        killing = {p for f in found.values() for s in f.seen for p in s.kills}
        held = dict.fromkeys(p for w in self.worlds for p, v in w.expected.items() if v in HOLDING)
        return [p for p in held if p not in killing]

    def _facts(self, jobs: int) -> dict[str, Facts]:
        def of_world(world: World) -> tuple[str, Facts]:
            return world.name, facts_of(world, everywhere=self.everywhere)

        return dict(in_parallel(of_world, self.worlds, jobs))

    def _second_chance(self, judge: Judge, prop: str, found: dict[str, Finding], jobs: int) -> None:
        """Judges what is killed by others where `prop` holds, until it kills one too."""
        places = [w for w in self.worlds if prop in w.asked]
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
            chunk = left[i : i + 2 * _CHUNK]
            self._judge(judge, chunk, prop, found, jobs, lambda done, total: None)
            if prop not in self.idle(found):
                return

    def _judge(
        self,
        judge: Judge,
        left: Sequence[Mutant],
        prop: str | None,
        found: dict[str, Finding],
        jobs: int,
        progress: Progress,
    ) -> None:
        """Judges mutants, those of a function together, and adds to what is found."""
        new: list[Finding] = []
        done = 0

        def of_chunk(chunk: Sequence[Mutant]) -> list[Finding]:
            return [judge.judge(m, prop=prop) for m in chunk]

        try:
            for findings in in_parallel(of_chunk, list(_chunks(left)), jobs):
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
