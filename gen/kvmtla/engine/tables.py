"""What compiled functions gave, kept by the bits that they look at.

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

# To ask one table less for each of so many states is worth working out one more entry.
_STATES_PER_ENTRY = 10
# A table is begun anew when it has so many entries: then it is of little use, and memory is scarce.
_MOST_ENTRIES = 1_000_000


class Verdicts(dict[int, bool]):
    """What a predicate says."""

    def __init__(self, predicate: Predicate) -> None:
        super().__init__()
        self.name = predicate.name
        self._test = predicate.test
        self._mask = predicate.mask

    def __missing__(self, key: int) -> bool:
        made = self[key] = bool(self._test(key))
        return made

    def of(self, states: Sequence[int]) -> Iterator[bool]:
        """What it says of each state."""
        return map(self.__getitem__, map(self._mask.__and__, states))

    def having(self, states: Sequence[int], wanted: bool) -> list[int]:
        """The states of which it says `wanted`."""
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
    """What a predicate on steps says: of the bits of a state that it looks at, and all changes
    that are possible there, by their identity, whether it is true of each of these steps."""

    def __init__(self, predicate: StepPredicate) -> None:
        super().__init__()
        self.name = predicate.name
        self.predicate = predicate
        self._looked = predicate.mask | predicate.after
        # The changes that it looks at, and the others. They are kept, so that nothing else comes
        # to be at their addresses.
        self._telling: dict[int, tuple[int, ...]] = {}
        self._silent: dict[int, tuple[int, ...]] = {}

    def __missing__(self, key: tuple[int, int]) -> bool:
        bits, changes = key
        made = self[key] = all(
            self.predicate.of(bits, bits ^ c) for c in self._telling[changes] if c & self._looked
        )
        return made

    def broken_by(self, made: Made) -> list[tuple[int, int]]:
        """The steps that it is false of, each as the states before and after it."""
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
                # Nothing else is at this address as long as the table is there.
                self._taken[id(made)] = tuple(end for _, end in found)
        self[key] = made
        return made

    def keys_of(self, states: Sequence[int]) -> Iterator[int]:
        """The bits that matter of each state."""
        masks = self._masks
        if not masks.places:
            return map(masks[0].__and__, states)
        return map(and_, states, map(masks.__getitem__, map(masks.places.__and__, states)))

    def of(self, states: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The changes that are possible in each state."""
        return map(self.__getitem__, self.keys_of(states))

    def count(self, made: Sequence[tuple[int, ...]]) -> None:
        """Note that these steps have been taken."""
        self._asked.update(map(id, made))

    def fired(self) -> Counter[int]:
        """How often each end was come to, of the steps noted."""
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
    """The stages in as few tables as pays.

    A table for several stages is asked once instead of once for each of them, but has more entries,
    each of which has to be worked out. How many of them there are, a `sample` of states tells.
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
        """The canonical form of each state."""
        changes = map(self.__getitem__, map(self.symmetry.mask.__and__, states))
        return map(xor, states, changes)
