"""Among the shortest counterexamples, the one that is easiest to follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kvmtla.ir.types import Value
from kvmtla.sem import Meaning, State, Taken, enabled

# Beyond this many states the search is not worth its time: the counterexample stays as it is.
MOST_STATES = 20_000

_Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """The best way so far to a state, its last step in a given lane."""

    switches: int
    before: tuple[_Key, str] | None
    taken: Taken | None


def fewest_switches(
    meaning: Meaning,
    first: State,
    path: Sequence[Taken],
    invariant: str,
    lane: Callable[[Taken], str],
) -> list[Taken]:
    """A path as long as `path`, from `first` to a violation of `invariant`, with fewest switches.

    A switch is a step in another lane than the step before. `path` has to be a shortest one. Gives
    `path` itself where the model is too large to be searched.
    """
    search = _Search(meaning, lane)
    layers = list(search.layers(first, len(path)))
    if len(layers) <= len(path):
        return list(path)
    bad = [
        (way.switches, len(layers[-1]) - i, key)
        for i, (key, way) in enumerate(layers[-1].items())
        if not meaning.invariant(invariant, search.state(key[0]))
    ]
    if not bad:
        return list(path)
    key: tuple[_Key, str] | None = min(bad, key=lambda b: (b[0], -b[1]))[2]
    found: list[Taken] = []
    for layer in reversed(layers):
        assert key is not None
        way = layer[key]
        if way.taken is not None:
            found.insert(0, way.taken)
        key = way.before
    return found


class _Search:
    def __init__(self, meaning: Meaning, lane: Callable[[Taken], str]) -> None:
        self.meaning = meaning
        self.lane = lane
        self.names = tuple(meaning.model.variables)

    def key(self, state: State) -> _Key:
        return tuple(state[n] for n in self.names)

    def state(self, key: _Key) -> State:
        return dict(zip(self.names, key, strict=True))

    def layers(self, first: State, depth: int) -> Iterator[dict[tuple[_Key, str], _Way]]:
        """For each number of steps up to `depth`: the best ways to the states it first leads to."""
        layer = {(self.key(first), ""): _Way(0, None, None)}
        known: set[_Key] = {self.key(first)}
        yield layer
        for _ in range(depth):
            reached: dict[tuple[_Key, str], _Way] = {}
            steps: dict[_Key, list[tuple[_Key, str, Taken]]] = {}
            for (key, lane), way in layer.items():
                if key not in steps:
                    steps[key] = [
                        (self.key(t.after), self.lane(t), t)
                        for t in enabled(self.meaning, self.state(key))
                    ]
                for after, now, taken in steps[key]:
                    if after in known:
                        continue
                    switches = way.switches + (lane not in ("", now))
                    best = reached.get((after, now))
                    if best is None or switches < best.switches:
                        reached[after, now] = _Way(switches, (key, lane), taken)
            known |= {key for key, _ in reached}
            if len(known) > MOST_STATES:
                return
            layer = reached
            yield layer
