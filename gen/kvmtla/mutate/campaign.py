"""Judges all mutants of a spec, or some of them, several at a time."""

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
"""A function that is told how many mutants are judged, and how many there are."""

# The most mutants that a process gets at once, all of one function, to meet the same worlds.
_CHUNK = 6
# Findings are stored each time that there are so many new ones.
_KEEP = 60


@dataclass(frozen=True)
class Campaign:
    """A choice of mutants of a spec, and of the worlds to judge them in.

    `root` is as for `points`. Only `scenarios` and what runs there are judged; empty means all.
    `sample` is how many mutants are judged, always the same for the same `seed`; None means all.
    With `everywhere`, a mutant is asked about after its first kill, too. Without `cached`, no
    earlier findings are used and none are stored.
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
        """The worlds to judge them in."""
        names = {s.name for s in self.scenarios}
        return [w for w in worlds(self.spec) if not names or w.scenario.name in names]

    @cached_property
    def mutants(self) -> list[Mutant]:
        """The mutants to judge, in the order of their places."""
        found = self._all
        if self.sample is None:
            return [m for m in found if self._counts(m)]
        ranked = filter(self._counts, sorted(found, key=self._rank))
        chosen = {m.name for m in islice(ranked, self.sample)}
        return [m for m in found if m.name in chosen]

    def _counts(self, mutant: Mutant) -> bool:
        """Can the mutant be seen in any world where the code is meant to be right?"""
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
        """Return a key for sampling: a mutant keeps its place when others come and go."""
        return hashlib.sha256(f"{self.seed} {mutant.name}".encode()).hexdigest()

    @cached_property
    def _store(self) -> Store:
        return Store(self.spec, self.root, self.scenarios, everywhere=self.everywhere)

    def known(self) -> dict[str, Finding]:
        """Return what is known of the mutants without judging any."""
        if not self._store:
            # Making all worlds and mutants takes seconds.
            return {}
        return {m.name: self._store[m.name] for m in self.mutants if m.name in self._store}

    def run(self, jobs: int, progress: Progress = lambda done, total: None) -> dict[str, Finding]:
        """Return what becomes of each mutant, by its name, using `jobs` processes."""
        found = self.known() if self.cached else {}
        left = [m for m in self.mutants if m.name not in found]
        # A few mutants do not see all worlds.
        facts = self._facts(jobs) if len(left) > len(self.worlds) else {}
        judge = Judge(self.spec, self.worlds, facts, everywhere=self.everywhere)
        self._judge(judge, left, None, found, jobs, progress)
        if self.sample is None:
            # A property may also kill mutants that others killed first.
            for prop in self.idle(found):
                self._second_chance(judge, prop, found, jobs)
        return found

    def idle(self, found: Mapping[str, Finding]) -> list[str]:
        """Return the properties that are claimed to hold and kill nothing."""
        killing = {p for f in found.values() for s in f.seen for p in s.kills}
        held = dict.fromkeys(p for w in self.worlds for p, v in w.expected.items() if v in HOLDING)
        return [p for p in held if p not in killing]

    def _facts(self, jobs: int) -> dict[str, Facts]:
        def of_world(world: World) -> tuple[str, Facts]:
            return world.name, facts_of(world, everywhere=self.everywhere)

        return dict(in_parallel(of_world, self.worlds, jobs))

    def _second_chance(self, judge: Judge, prop: str, found: dict[str, Finding], jobs: int) -> None:
        """Judge mutants killed by others, in worlds where `prop` holds, until it kills one too."""
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
        """Judge mutants, those of a function together, and add the findings to `found`."""
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
