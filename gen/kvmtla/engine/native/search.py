"""Searching by compiled C, with the same answers as `kvmtla.engine.search`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kvmtla.engine.compile import Compiled, StepPredicate
from kvmtla.engine.memory import megabytes
from kvmtla.engine.mixing import MIXED_BITS
from kvmtla.engine.native.compiler import Compiler, NoCompilerError, library
from kvmtla.engine.native.emit import c_source, word_count
from kvmtla.engine.native.estimate import expected
from kvmtla.engine.native.translate import WORD, words
from kvmtla.engine.outcome import Limits, Outcome
from kvmtla.sem import State
from kvmtla.verdict import Kind, Verdict

# The seconds that C goes on before Python sees whether somebody wants it to stop.
_SLICE = 0.1
_RUNNING, _HOLDS, _VIOLATED, _TOO_MANY, _TOO_LARGE, _FULL, _NO_MEMORY, _MISFIT = range(8)
_NEVER = (1 << 64) - 1
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a search: states, steps, layers, MiB and seconds.

    `expected` is about how many states there will be, if that can be told.
    """

    states: int
    generated: int
    depth: int
    megabytes: int
    seconds: float
    expected: int | None


Watch = Callable[[Progress], None]


class DisagreementError(Exception):
    """The compiled engine disagrees with the one in Python; the message says where, in one line."""


class Native:
    """A compiled model as C, compiled once more.

    Raises Untranslatable for a model that there is no C for, and NoCompilerError if the compiler
    does not do what it should.
    """

    def __init__(self, compiled: Compiled, compiler: Compiler) -> None:
        self.compiled = compiled
        self.words = word_count(compiled)
        with library(c_source(compiled), compiler) as path:
            try:
                self._c = ctypes.CDLL(str(path))
                self._declare()
            except (OSError, AttributeError) as error:
                # It is made again the next time.
                with contextlib.suppress(OSError):
                    path.unlink()
                said = f"what {compiler.name} makes cannot be loaded: {error}"
                raise NoCompilerError(said.splitlines()[0][:300]) from None

    def _declare(self) -> None:
        c, run, u64, integer = self._c, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int
        numbers = ctypes.POINTER(u64)
        for name, result, *arguments in (
            ("search_begin", run, integer, integer, ctypes.c_char_p, u64, u64),
            ("search_on", integer, run, ctypes.c_double),
            ("search_end", None, run),
            ("search_seek", None, run, u64, numbers),
            ("search_bad", integer, run, integer, numbers),
            ("search_counts", None, run, numbers),
            ("search_ended", integer, run),
            ("search_layer", u64, run, u64),
            ("search_state", None, run, u64, numbers),
            ("search_canonical", None, run, numbers),
        ):
            function = getattr(c, name)
            function.restype, function.argtypes = result, arguments

    def explore(
        self,
        props: str | Sequence[str] | None = None,
        *,
        limit: Limits | None = None,
        symmetry: bool = True,
        threads: int | None = None,
        watch: Watch | None = None,
        layers: Sequence[int] = (),
        since: float | None = None,
    ) -> Outcome:
        """Search as `kvmtla.engine.explore` does, with `threads`: None is one for each processor.

        `watch` is told now and then how far the search is. `layers` are the sizes of the first
        layers, as the engine in Python has found them. Raises DisagreementError if they differ.
        The time is counted from `since` on, if that is given.
        """
        if isinstance(props, str):
            props = (props,)
        elif props is None:
            props = (*self.compiled.invariants, *self.compiled.steps)
        asked = [(p, self._number(p)) for p in props]
        search = _Search(self, asked, limit or Limits(), symmetry, threads or _threads())
        if since is not None:
            search.since = since
        try:
            return search.run(watch, layers)
        finally:
            search.end()

    def _number(self, prop: str) -> int:
        """Return the number of the test of a property. Raises KeyError."""
        of_states, of_steps = list(self.compiled.invariants), list(self.compiled.steps)
        if prop in of_states:
            return of_states.index(prop)
        if prop not in of_steps:
            raise KeyError(prop)
        return len(of_states) + 1 + of_steps.index(prop)


def _threads() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Search:
    """One search, with the memory that C has for it."""

    def __init__(
        self,
        native: Native,
        asked: Sequence[tuple[str, int]],
        limit: Limits,
        symmetry: bool,
        threads: int,
    ) -> None:
        self._native = native
        self._compiled = native.compiled
        self._c = native._c
        self._asked = asked
        self._limit = limit
        self._megabytes = limit.megabytes if limit.megabytes is not None else megabytes()
        self.since = time.monotonic()
        invariants, steps = len(self._compiled.invariants), len(self._compiled.steps)
        self._typed, self._sought = invariants, invariants + 1 + steps
        flags = bytearray(self._sought + 1)
        for _, i in asked:
            flags[i] = 1
        flags[self._typed] = 1
        most = limit.states if limit.states is not None else _NEVER
        self._run = self._c.search_begin(
            threads, symmetry, bytes(flags), most, self._megabytes * _MIB
        )

    def end(self) -> None:
        """Give the memory back."""
        if self._run is not None:
            self._c.search_end(self._run)
            self._run = None

    def run(self, watch: Watch | None, layers: Sequence[int]) -> Outcome:
        if self._run is None:
            return Outcome(Verdict.UNKNOWN, _NO_ROOM, None, None, 0, 0, 0)
        status = _RUNNING
        while status == _RUNNING:
            if self._is_late():
                seconds = self._limit.seconds
                return self._unknown(f"the search did not end within {seconds:g} seconds")
            status = self._c.search_on(self._run, _SLICE)
            if watch is not None:
                watch(self._progress())
        self._compare(layers)
        if status == _HOLDS:
            return self._outcome(self._counts(), Verdict.HOLDS)
        if status == _VIOLATED:
            return self._violation()
        return self._unknown(
            {
                _TOO_MANY: f"there are more than {self._limit.states} states",
                _TOO_LARGE: "there are more states than the compiled engine can number",
                _FULL: f"the states take more than {self._megabytes} MiB",
                _NO_MEMORY: _NO_ROOM,
                _MISFIT: "a value does not fit into the bits that there are for it",
            }[status]
        )

    def _is_late(self) -> bool:
        seconds = self._limit.seconds
        return seconds is not None and time.monotonic() - self.since > seconds

    def _compare(self, layers: Sequence[int]) -> None:
        """Raise DisagreementError unless the layers known in full have these sizes."""
        begun = self._counts()[2]
        for i, size in enumerate(layers):
            if i + 1 >= begun:
                return
            found = self._start(i + 1) - self._start(i)
            if found != size:
                raise DisagreementError(f"{found} states are {i} steps away, not {size}")

    def _start(self, layer: int) -> int:
        return int(self._c.search_layer(self._run, layer))

    # -- what was found

    def _counts(self) -> list[int]:
        size = 6 + len(self._compiled.ends) + len(self._compiled.watched)
        numbers = (ctypes.c_uint64 * size)()
        self._c.search_counts(self._run, numbers)
        return list(numbers)

    def _progress(self) -> Progress:
        counts = self._counts()
        generated = sum(counts[4 : 6 + len(self._compiled.ends)])
        seconds = time.monotonic() - self.since
        starts = [self._start(i) for i in range(counts[2])]
        layers = [after - before for before, after in pairwise(starts)]
        return Progress(
            counts[1], generated, counts[2], counts[3] // _MIB, seconds, expected(layers)
        )

    def _unknown(self, reason: str) -> Outcome:
        counts = self._counts()
        return self._outcome([counts[1], *counts[1:]], Verdict.UNKNOWN, reason)

    def _violation(self) -> Outcome:
        counts = self._counts()
        name, state, kind, steps = self._which()
        # A step is looked at once everything is known about the layer that it leads to, if any.
        back = steps is not None and not self._c.search_ended(self._run)
        counts[2] -= back
        way = self._way(state, counts[2] - 1)
        if steps is not None:
            way.append(self._last_step(way[-1][1], steps))
        unpack = self._compiled.layout.unpack
        trace = tuple((action, unpack(s)) for action, s in way)
        return self._outcome(counts, Verdict.VIOLATED, None, kind, name, trace)

    def _which(self) -> tuple[str, int, Kind, StepPredicate | None]:
        """Return what is violated, and where: types first, then steps, then states, as asked."""
        of_steps = self._compiled.steps
        steps = [(p, i) for p, i in self._asked if p in of_steps]
        states = [(p, i) for p, i in self._asked if p not in of_steps]
        for p, i in [(self._compiled.typed.name, self._typed), *steps, *states]:
            if (state := self._bad(i)) is not None:
                kind = Kind.ACTION if p in of_steps else Kind.INVARIANT
                return p, state, kind, of_steps.get(p)
        raise AssertionError("nothing is violated")

    def _outcome(
        self,
        counts: Sequence[int],
        verdict: Verdict,
        reason: str | None = None,
        kind: Kind | None = None,
        name: str | None = None,
        trace: tuple[tuple[str | None, State], ...] = (),
    ) -> Outcome:
        ends: dict[str, list[int]] = {}
        fired = counts[6 : 6 + len(self._compiled.ends)]
        for action, times in zip(self._compiled.ends, fired, strict=True):
            ends.setdefault(action, []).append(times)
        true = counts[6 + len(fired) :]
        return Outcome(
            verdict,
            reason,
            kind,
            name,
            counts[0],
            sum(counts[4:6]) + sum(fired),
            counts[2],
            trace,
            {n: tuple(times) for n, times in ends.items()},
            dict(zip(self._compiled.watched, true, strict=True)),
            time.monotonic() - self.since,
        )

    # -- states

    def _packed(self, state: int) -> ctypes.Array[ctypes.c_uint64]:
        return (ctypes.c_uint64 * self._native.words)(
            *words(state >> MIXED_BITS, self._native.words)
        )

    @staticmethod
    def _number(packed: Iterable[int]) -> int:
        return sum(w << i * WORD for i, w in enumerate(packed)) << MIXED_BITS

    def _bad(self, test: int) -> int | None:
        found = (ctypes.c_uint64 * self._native.words)()
        return self._number(found) if self._c.search_bad(self._run, test, found) else None

    def _canonical(self, state: int) -> int:
        packed = self._packed(state)
        self._c.search_canonical(self._run, packed)
        return self._number(packed)

    def _way(self, end: int, layer: int) -> list[tuple[str | None, int]]:
        """Return a shortest way to a state in a layer: each state with what led to it."""
        # The state need not be one that stands for others.
        way = [end]
        for before in range(layer - 1, -1, -1):
            self._c.search_seek(self._run, before, self._packed(self._canonical(way[-1])))
            while self._c.search_on(self._run, _SLICE) == _RUNNING:
                pass
            found = self._bad(self._sought)
            assert found is not None
            way.append(found)
        way.reverse()
        compiled = self._compiled
        starts = (compiled.blank ^ change for change, _ in compiled.first(compiled.blank))
        now = min(s for s in starts if self._canonical(s) == self._canonical(way[0]))
        told: list[tuple[str | None, int]] = [(None, now)]
        # Going along it with real steps gives real states.
        for state in way[1:]:
            wanted = self._canonical(state)
            action, now = next(s for s in self._steps_from(now) if self._canonical(s[1]) == wanted)
            told.append((action, now))
        return told

    def _steps_from(self, state: int) -> Iterator[tuple[str, int]]:
        for stage in self._compiled.stages:
            for change, end in stage.from_state(state):
                yield self._compiled.ends[end], state ^ change

    def _last_step(self, state: int, wanted: StepPredicate) -> tuple[str | None, int]:
        return next(step for step in self._steps_from(state) if not wanted.of(state, step[1]))


_NO_ROOM = "there is not enough memory for the states"
