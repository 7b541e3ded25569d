"""Results of compiled functions, kept by the bits that they look at.

The loops over states here run inside Python's own functions (`map`, `zip`, `set`), which is where
the engine's speed comes from: a step costs one look-up and one exclusive or.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from operator import and_, xor

from kvmtla.engine.compile import Predicate, Stage, StepPredicate
from kvmtla.engine.mixing import Mixer
from kvmtla.engine.symmetry import Symmetry

# Asking one table less for each of this many states is worth working out one more entry.
_STATES_PER_ENTRY = 10
# A table with more entries than this is begun anew: it is of little use, and memory is scarce.
_MOST_ENTRIES = 1_000_000


class Verdicts(dict[int, bool]):
    """The verdicts of a predicate."""

    def __init__(self, predicate: Predicate) -> None:
        super().__init__()
        self.name = predicate.name
        self._test = predicate.test
        self._mask = predicate.mask

    def __missing__(self, key: int) -> bool:
        made = self[key] = bool(self._test(key))
        return made

    def of(self, states: Sequence[int]) -> Iterator[bool]:
        """Return what it says of each state."""
        return map(self.__getitem__, map(self._mask.__and__, states))

    def having(self, states: Sequence[int], wanted: bool) -> list[int]:
        """Return the states of which it says `wanted`."""
        keys = set(map(self._mask.__and__, states))
        if wanted not in map(self.__getitem__, keys):
            return []
        return [s for s, is_so in zip(states, self.of(states), strict=True) if is_so is wanted]


class Made:
    """The changes that are possible in some states, as one table gives them."""

    def __init__(self, states: Sequence[int], changes: Sequence[tuple[int, ...]]) -> None:
        self.states = states
        self.changes = changes
        self.ids = list(map(id, changes))
        self.distinct = dict(zip(self.ids, changes, strict=True))


class StepVerdicts(dict[tuple[int, int], bool]):
    """The verdicts of a predicate on steps, by the bits of a state that it looks at and the tuple
    of changes that are possible there, by identity: is it true of all of these steps?"""

    def __init__(self, predicate: StepPredicate) -> None:
        super().__init__()
        self.name = predicate.name
        self.predicate = predicate
        self._looked = predicate.mask | predicate.after
        # The changes that it looks at, and the others. They are kept, so that nothing else can get
        # their addresses.
        self._telling: dict[int, tuple[int, ...]] = {}
        self._silent: dict[int, tuple[int, ...]] = {}

    def __missing__(self, key: tuple[int, int]) -> bool:
        bits, changes = key
        made = self[key] = all(
            self.predicate.of(bits, bits ^ c) for c in self._telling[changes] if c & self._looked
        )
        return made

    def broken_by(self, made: Made) -> list[tuple[int, int]]:
        """Return the steps that it is false of, each as the states before and after it."""
        left = made.distinct.keys() - self._silent.keys()
        for i in left - self._telling.keys():
            changes = made.distinct[i]
            kept = self._telling if any(c & self._looked for c in changes) else self._silent
            kept[i] = changes
        telling = left - self._silent.keys()
        if not telling:
            return []
        keys = zip(map(self._looked.__and__, made.states), made.ids, strict=True)
        if all(map(self.__getitem__, set(compress(keys, map(telling.__contains__, made.ids))))):
            return []
        return [
            (s, s ^ change)
            for s, changes in zip(made.states, made.changes, strict=True)
            for change in changes
            if change & self._looked and not self.predicate.of(s, s ^ change)
        ]


class Changes(dict[int, tuple[int, ...]]):
    """The changes that the steps of some stages make, each once."""

    def __init__(self, stages: Sequence[Stage], mixer: Mixer) -> None:
        super().__init__()
        self.stages = tuple(stages)
        self._mixer = mixer
        self._masks = _Masks(self.stages)
        self._taken: dict[int, tuple[int, ...]] = {}
        self._alike: dict[tuple[tuple[int, int], ...], tuple[int, ...]] = {}
        self._asked: Counter[int] = Counter()

    def __missing__(self, key: int) -> tuple[int, ...]:
        if len(self) > _MOST_ENTRIES:
            self.clear()
        found = tuple(step for stage in self.stages for step in stage.from_state(key))
        made = self._alike.get(found)
        if made is None:
            changes = dict.fromkeys(change for change, _ in found)
            made = self._alike[found] = tuple(map(self._mixer.mixed, changes))
            if found:
                # Nothing else can get this address as long as the table is there.
                self._taken[id(made)] = tuple(end for _, end in found)
        self[key] = made
        return made

    def keys_of(self, states: Sequence[int]) -> Iterator[int]:
        """Return the bits that matter of each state."""
        masks = self._masks
        if not masks.places:
            return map(masks[0].__and__, states)
        return map(and_, states, map(masks.__getitem__, map(masks.places.__and__, states)))

    def of(self, states: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Return the changes that are possible in each state."""
        return map(self.__getitem__, self.keys_of(states))

    def count(self, made: Sequence[tuple[int, ...]]) -> None:
        """Note that these steps have been taken."""
        self._asked.update(map(id, made))

    def fired(self) -> Counter[int]:
        """Return how often the noted steps came to each end."""
        found: Counter[int] = Counter()
        for address, times in self._asked.items():
            for end in self._taken.get(address, ()):
                found[end] += times
        return found


class _Masks(dict[int, int]):
    """The bits that some stages look at, by the bits that say which steps of them are possible."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        super().__init__()
        self.stages = stages
        self.places = 0
        for stage in stages:
            self.places |= stage.places

    def __missing__(self, place: int) -> int:
        mask = self.places
        for stage in self.stages:
            if found := stage.steps.get(place & stage.places):
                mask |= found[0]
        self[place] = mask
        return mask


def gathered(stages: Sequence[Stage], mixer: Mixer, sample: Sequence[int]) -> list[Changes]:
    """Return the stages in as few tables as pays.

    A table for several stages is asked once instead of once for each of them, but it has more
    entries, each of which has to be worked out. A `sample` of states tells how many there are.
    """

    def entries(group: Sequence[Stage]) -> int:
        return len(set(Changes(group, mixer).keys_of(sample)))

    most = len(sample) // _STATES_PER_ENTRY
    groups: list[list[Stage]] = []
    for stage in sorted(stages, key=lambda s: entries([s])):
        for group in groups:
            if entries([*group, stage]) <= most:
                group.append(stage)
                break
        else:
            groups.append([stage])
    return [Changes(group, mixer) for group in groups]


class Canonical(dict[int, int]):
    """The changes that make states canonical."""

    def __init__(self, symmetry: Symmetry, mixer: Mixer) -> None:
        super().__init__()
        self.symmetry = symmetry
        self._mixer = mixer

    def __missing__(self, key: int) -> int:
        if len(self) > _MOST_ENTRIES:
            self.clear()
        made = self[key] = self._mixer.mixed(key ^ self.symmetry.canonical(key))
        return made

    def of(self, states: Sequence[int]) -> Iterator[int]:
        """Return the canonical form of each state."""
        changes = map(self.__getitem__, map(self.symmetry.mask.__and__, states))
        return map(xor, states, changes)
