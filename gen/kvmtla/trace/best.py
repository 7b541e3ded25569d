"""Among the shortest counterexamples, the one that is easiest to follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvmtla.ir.property import Property, PropertyKind
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
    prop: Property,
    lane: Callable[[Taken], str],
) -> list[Taken]:
    """A path as long as `path`, from `first` to where the same comes about, with fewest switches.

    A switch is a step in another lane than the step before. `path` has to be a shortest one. Gives
    `path` itself where the model is too large to be searched.
    """
    search = _Search(meaning, lane)
    # The last step of one that is about steps may well lead to where a way has been before.
    of_step = prop.kind is PropertyKind.STEP
    depth = len(path) - of_step
    layers = list(search.layers(first, depth))
    if len(layers) <= depth:
        return list(path)
    ends = list((search.last_steps if of_step else search.last_states)(prop, layers[-1]))
    if not ends:
        return list(path)
    best = min(ends, key=lambda end: end.switches)
    key: tuple[_Key, str] | None = best.before
    found: list[Taken] = [] if best.taken is None else [best.taken]
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

    def last_states(self, prop: Property, layer: Mapping[tuple[_Key, str], _Way]) -> Iterator[_Way]:
        """The ends in a layer: what leads there is its key."""
        for key, way in layer.items():
            if self.meaning.ends(prop, self.state(key[0]), None):
                yield _Way(way.switches, key, None)

    def last_steps(self, prop: Property, layer: Mapping[tuple[_Key, str], _Way]) -> Iterator[_Way]:
        """The ends one step beyond a layer."""
        for key, way in layer.items():
            before = self.state(key[0])
            for taken in enabled(self.meaning, before):
                if self.meaning.ends(prop, taken.after, before):
                    switches = way.switches + (key[1] not in ("", self.lane(taken)))
                    yield _Way(switches, key, taken)

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
