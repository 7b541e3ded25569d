"""All shortest ways to a violation, as layers of states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from kvmtla.engine.compile import Compiled
from kvmtla.engine.mixing import Mixer
from kvmtla.engine.tables import Changes, Verdicts, gathered
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.sem import State

_SAMPLE = 2_000
# From this many states on it pays to find out which steps go together.
_GATHER_FROM = 2_000


class Shortest:
    """The states on the ways of `depth` steps from a first state to where `prop` is false.

    For a property of steps, the last step is the one that violates it, and the states are those
    before it. Layer n of `layers` has the states that are reached in n steps and not in fewer, and
    that lead on to the end. There are no layers if there is no such way, or if more than `most`
    states have to be looked at. States that differ in the names of symmetric elements are different
    here.
    """

    def __init__(self, compiled: Compiled, prop: Property, depth: int, most: int) -> None:
        self.compiled = compiled
        self._mixer = Mixer(compiled.layout.bits)
        self._tables = [Changes([s], self._mixer) for s in compiled.stages]
        self.layers: list[set[int]] = []
        depth -= prop.kind is PropertyKind.STEP
        found = self._forward(depth, most)
        if len(found) > depth:
            self.layers = self._backward(found, self._ends(found[-1], prop))

    def number(self, state: State) -> int:
        """Return the number that stands for a state in `layers`."""
        return self._mixer.mixed(self.compiled.layout.pack(state))

    def state(self, number: int) -> State:
        """Return the state that a number stands for."""
        return self.compiled.layout.unpack(number)

    def _forward(self, depth: int, most: int) -> list[list[int]]:
        blank = self.compiled.blank
        layer = {self._mixer.mixed(blank ^ c) for c, _ in self.compiled.first(blank)}
        seen = set(layer)
        layers = [list(layer)]
        while len(layers) <= depth and layer and len(seen) <= most:
            if len(self._tables) > 1 and len(layers[-1]) > _GATHER_FROM:
                self._gather(layers[-1])
            layer = {s ^ c for s, c in self._steps(layers[-1])} - seen
            seen |= layer
            layers.append(list(layer))
        return layers if len(seen) <= most else []

    def _ends(self, layer: Sequence[int], prop: Property) -> set[int]:
        if prop.kind is PropertyKind.STEP:
            kept = self.compiled.steps[prop.name]
            return {s for s, c in self._steps(layer) if not kept.of(s, s ^ c)}
        return set(Verdicts(self.compiled.invariants[prop.name]).having(layer, False))

    def _backward(self, layers: Sequence[list[int]], ends: set[int]) -> list[set[int]]:
        kept = [ends]
        for layer in reversed(layers[:-1]):
            ahead = kept[-1]
            kept.append({s for s, c in self._steps(layer) if s ^ c in ahead})
        kept.reverse()
        return kept if kept[-1] else []

    def _steps(self, states: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield each state with each of the changes that its steps make."""
        made = [table.of(states) for table in self._tables]
        for s, *ways in zip(states, *made, strict=True):
            for c in chain.from_iterable(ways):
                yield s, c

    def _gather(self, states: Sequence[int]) -> None:
        apart = max(1, len(states) // _SAMPLE)
        self._tables = gathered(self.compiled.stages, self._mixer, states[::apart])
