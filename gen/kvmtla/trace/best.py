"""The search for the shortest counterexample that is easiest to follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kvmtla.engine import compile_model
from kvmtla.engine.shortest import Shortest
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.sem import Meaning, Taken, enabled
from kvmtla.trace.replay import Walk

# With more states than this, or more on ways to the violation, the search is not worth its time:
# the counterexample stays as it is.
MOST_STATES = 300_000
MOST_ON_THE_WAY = 5_000

_Who = tuple[str, frozenset[str]]
"""The lane of the last step, and the lanes of all steps so far."""


@dataclass(frozen=True, slots=True)
class _Way:
    """The best way so far to a state, among those with the same `_Who`."""

    switches: int
    before: tuple[int, _Who] | None
    taken: Taken | None


def easiest(meaning: Meaning, walk: Walk, prop: Property, lane: Callable[[Taken], str]) -> Walk:
    """Return a walk as long as `walk` to where the same comes about, with the fewest switches
    between lanes, and among those with the fewest lanes. `walk` has to be a shortest one.

    The result is the same whichever of the shortest walks `walk` is. Where the model is too large
    to be searched, it is `walk` itself.
    """
    search = Shortest(compile_model(meaning.model), prop, len(walk.path), MOST_STATES)
    if not search.layers or sum(map(len, search.layers)) > MOST_ON_THE_WAY:
        return walk
    layers = [{n: {("", frozenset[str]()): _Way(0, None, None)} for n in sorted(search.layers[0])}]
    for ahead in search.layers[1:]:

        def on_the_way(_: int, after: int, ahead: set[int] = ahead) -> bool:
            return after in ahead

        layers.append(_next(meaning, search, layers[-1], on_the_way, lane))
    if prop.kind is PropertyKind.STEP:

        def broken(before: int, after: int) -> bool:
            return meaning.ends(prop, search.state(after), search.state(before))

        layers.append(_next(meaning, search, layers[-1], broken, lane))
    _, _, number, who = min(
        (
            (way.switches, len(who[1]), number, who)
            for number, ways in layers[-1].items()
            for who, way in ways.items()
        ),
        key=lambda found: found[:3],
    )
    return _back(search, layers, (number, who))


_Layer = dict[int, dict[_Who, _Way]]


def _next(
    meaning: Meaning,
    search: Shortest,
    layer: _Layer,
    is_wanted: Callable[[int, int], bool],
    lane: Callable[[Taken], str],
) -> _Layer:
    """Return the best ways one step further; `is_wanted` says which steps between states count."""
    found: _Layer = {}
    for number, ways in layer.items():
        for taken in enabled(meaning, search.state(number)):
            after = search.number(taken.after)
            if not is_wanted(number, after):
                continue
            now = lane(taken)
            known = found.setdefault(after, {})
            for (last, all_), way in ways.items():
                who = now, all_ | {now}
                switches = way.switches + (last not in ("", now))
                if who not in known or switches < known[who].switches:
                    known[who] = _Way(switches, (number, (last, all_)), taken)
    return found


def _back(search: Shortest, layers: Sequence[_Layer], end: tuple[int, _Who]) -> Walk:
    """Return the way that was found to an end."""
    path: list[Taken] = []
    place = end
    for layer in reversed(layers):
        way = layer[place[0]][place[1]]
        if way.before is None or way.taken is None:
            break
        path.insert(0, way.taken)
        place = way.before
    return Walk(search.state(place[0]), path)
