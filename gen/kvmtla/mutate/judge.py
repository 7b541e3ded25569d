"""Asks the second engine which claims notice a mutant."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from kvmtla.engine import TYPE_OK, Census, Compiled, Limits, census, compile_model
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec
from kvmtla.ir.property import PropertyKind
from kvmtla.lower.parts import Parts
from kvmtla.modules.lowered import finished
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.compare import VisibleGraph, essence, same_graph, same_traces, visible_graph
from kvmtla.mutate.program import with_mutant
from kvmtla.mutate.worlds import World, in_order

STUCK = "stuck"

# A mutant that reaches more than so many times the states of the original is not followed further.
_MORE = 2
# It may have so many states in any case.
_FEW = 20_000
# A graph with more states than this is taken to be the original's if it has as many states, steps
# and levels. Smaller ones are compared.
_LARGE = 3_000
# After so many worlds, a mutant that is noticed is not asked about any more, though it might be
# killed, too.
_PATIENCE = 4
# The most worlds asked in which a mutant has different states, and the most in which it has not, no
# two of one family: what can be seen of it is seen in one of the first, which differ most.
_MOST = 30
_MOST_ALIKE = 40
# The mutant is compared with the original in so many of them, the smallest ones.
_MOST_COMPARED = 6
# Worlds with more states than this are not asked: each also exists with fewer vCPUs.
_TOO_LARGE = Limits(states=20_000)


class Fate(Enum):
    """The fate of a mutant, in one world or in all."""

    KILLED = "killed"
    NOTICED = "noticed"
    """No property that should hold is violated, but an expected violation or goal is missing."""
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    UNKNOWN = "unknown"
    NO_PROGRAM = "no program"


@dataclass(frozen=True)
class Seen:
    """The fate of a mutant in one world.

    `kills` has the properties that the mutant violates and the original does not, each with the
    number of steps it takes; `stuck`, where nobody is stuck in the original, and `TypeOK` may be
    among them. `lost` are the properties that should be violated, or reached, and are not.
    """

    world: str
    fate: Fate
    kills: Mapping[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The fate of a mutant, with what was seen of it; `asked` are all worlds that were asked."""

    mutant: str
    seen: tuple[Seen, ...]
    asked: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate:
        """The strongest fate that was seen; it is equivalent if it is so everywhere."""
        fates = {s.fate for s in self.seen}
        for fate in (Fate.KILLED, Fate.NOTICED, Fate.UNKNOWN, Fate.SURVIVED, Fate.EQUIVALENT):
            if fate in fates:
                return fate
        return Fate.NO_PROGRAM if fates else Fate.EQUIVALENT

    @property
    def kills(self) -> dict[str, int]:
        """The properties that it violates, each with the fewest steps that were seen."""
        found: dict[str, int] = {}
        for s in self.seen:
            for prop, steps in s.kills.items():
                found[prop] = min(steps, found.get(prop, steps))
        return found

    def at(self, fate: Fate) -> list[Seen]:
        """Return what was seen where this was its fate."""
        return [s for s in self.seen if s.fate is fate]

    def and_also(self, other: Finding) -> Finding:
        """Return the finding together with the kills that `other` saw in other worlds."""
        known = {s.world for s in self.seen}
        more = (s for s in other.seen if s.world not in known and s.kills)
        asked = dict.fromkeys((*self.asked, *other.asked))
        return Finding(self.mutant, (*self.seen, *more), tuple(asked))


@dataclass(frozen=True)
class Facts:
    """The facts about a world without a mutant.

    `hold` are the properties that hold, and the goals that are claimed not to be reached and are
    not; `happen` are the goals that are reached, and the properties that are claimed to be violated
    and are. `size` is the number of states, steps and levels, and `says` is a hash of all that the
    model says. `stuck` says that somebody gets stuck. `known` is false if there are more states
    than the limit: then none of this is known.
    """

    hold: tuple[str, ...]
    happen: tuple[str, ...]
    size: tuple[int, int, int]
    says: int
    stuck: bool = False
    known: bool = True


def facts_of(world: World, *, everywhere: bool = False) -> Facts:
    """Find out what is true of a world; this takes about as long as asking it about a mutant.

    With `everywhere`, there is no limit on its number of states.
    """
    model = finished(world.spec, world.as_it_is)
    kinds = {p.name: p.kind for p in model.properties}
    limit = None if everywhere else _TOO_LARGE
    found = census(model, [*kinds], limit=limit, stuck=True)
    if not found.complete:
        return Facts((), (), _size(found), 0, known=False)
    goals = {p for p, kind in kinds.items() if kind is PropertyKind.GOAL}
    told = [p for p in kinds if p not in goals or p in world.expected]
    happen = [p for p in kinds if p in goals or p in world.expected]
    return Facts(
        tuple(p for p in told if p not in found.violated),
        tuple(p for p in happen if p in found.violated),
        _size(found),
        hash(essence(model)),
        found.stuck is not None,
    )


def _size(found: Census) -> tuple[int, int, int]:
    return found.distinct, found.generated, found.depth


class _Original:
    """A world without a mutant."""

    def __init__(self, world: World, facts: Facts | None, everywhere: bool) -> None:
        self.world = world
        self._facts = facts
        self._everywhere = everywhere
        self._graph: VisibleGraph | None = None

    @property
    def facts(self) -> Facts:
        """The facts about it."""
        if self._facts is None:
            self._facts = facts_of(self.world, everywhere=self._everywhere)
        return self._facts

    @property
    def limit(self) -> Limits:
        """The limit up to which a mutant is followed."""
        return Limits(states=max(_FEW, _MORE * self.facts.size[0]))

    def graph(self) -> VisibleGraph:
        """Return its state graph."""
        if self._graph is not None:
            return self._graph
        made = self.graph_by(compile_model(finished(self.world.spec, self.world.as_it_is)))
        if self.facts.size[0] <= _LARGE:
            self._graph = made
        return made

    def graph_by(self, compiled: Compiled) -> VisibleGraph:
        """Return the state graph of a model; locks are seen where properties can be about them."""
        return visible_graph(compiled, locks=not self.world.reductions.locks)


@dataclass(frozen=True)
class _Asked:
    """A mutant in a world where it is not killed; None twice where it is not a program there."""

    original: _Original
    compiled: Compiled | None = None
    found: Census | None = None

    @property
    def lost(self) -> tuple[str, ...]:
        """The properties that happen in the original and no longer do."""
        if self.found is None or not self.found.complete:
            return ()
        happen = self.original.facts.happen
        return tuple(p for p in happen if p not in self.found.violated)

    @property
    def states(self) -> int:
        """The number of states of the mutant or of the original, whichever is larger."""
        mine = self.found.distinct if self.found is not None else 0
        return max(mine, self.original.facts.size[0])

    @property
    def large(self) -> bool:
        """Are there so many states that only their numbers are compared?"""
        return self.states > _LARGE

    @property
    def differs(self) -> bool:
        """Does it differ from the original in the number of states, steps or levels?"""
        return self.found is not None and _size(self.found) != self.original.facts.size

    @cached_property
    def fate(self) -> Fate:
        """Its fate, by comparison with the original."""
        if self.found is None or self.compiled is None:
            return Fate.NO_PROGRAM
        if not self.found.complete:
            return Fate.UNKNOWN
        if self.large:
            return Fate.SURVIVED if self.differs else Fate.EQUIVALENT
        original, mine = self.original.graph(), self.original.graph_by(self.compiled)
        same = same_graph(original, mine) or same_traces(original, mine)
        return Fate.EQUIVALENT if same else Fate.SURVIVED


class Judge:
    """A judge of mutants of one spec in some of its worlds.

    `facts` has what is known of worlds, by their names; the rest is found out. Unless `everywhere`,
    no more worlds are asked once a mutant is killed, nor long after it is noticed.
    """

    def __init__(
        self,
        spec: Spec,
        worlds: Sequence[World],
        facts: Mapping[str, Facts] | None = None,
        *,
        everywhere: bool = False,
    ) -> None:
        self.spec = spec
        self._everywhere = everywhere
        self._parts = worlds[0].parts if worlds else None
        known = facts or {}
        self._originals = [_Original(w, known.get(w.name), everywhere) for w in in_order(worlds)]

    def judge(self, mutant: Mutant, *, prop: str | None = None) -> Finding:
        """Return what becomes of a mutant; with `prop`, only kills in worlds where that holds.

        Whether it is equivalent takes longer to find out, and matters only if nothing notices it.
        """
        everywhere = self._everywhere
        mutated = with_mutant(self.spec, mutant)
        parts = Parts(mutated.reader.program, self._parts)
        names: list[str] = []
        killed: list[Seen] = []
        others: list[_Asked] = []
        alike: set[Hashable] = set()
        differing = 0
        for o in self._originals:
            if (prop is not None and prop not in o.facts.hold) or not o.world.sees(mutant):
                continue
            if not o.facts.known:
                continue
            if not everywhere:
                if differing >= _MOST or len(alike) >= _MOST_ALIKE:
                    break
                if o.world.family in alike:
                    continue
            names.append(o.world.name)
            lowering = o.world.lowering(mutated, parts)
            if lowering.does_the_same_as(o.world.as_it_is):
                continue
            try:
                model = finished(mutated, lowering)
            except SpecError:
                others.append(_Asked(o))
                continue
            if hash(essence(model)) == o.facts.says:
                alike.add(o.world.family)
                continue
            compiled = compile_model(model)
            asked = (*o.facts.hold, *o.facts.happen)
            found = census(compiled, asked, limit=o.limit, stuck=not o.facts.stuck)
            if _size(found) == o.facts.size:
                alike.add(o.world.family)
            else:
                differing += 1
            if kills := _kills(found, o.facts.hold):
                killed.append(Seen(o.world.name, Fate.KILLED, kills))
            else:
                others.append(_Asked(o, compiled, found))
            if everywhere:
                continue
            if killed or (differing >= _PATIENCE and any(a.lost for a in others)):
                break
        seen = killed
        if not killed and prop is None:
            seen = list(_lost(others, everywhere)) or list(_compared(others, everywhere))
        return Finding(mutant.name, tuple(seen), tuple(names))


def _lost(asked: Iterable[_Asked], everywhere: bool) -> Iterator[Seen]:
    """Yield the first world, or all, where a goal is no longer reached or a violation is gone."""
    for a in asked:
        if a.lost:
            yield Seen(a.original.world.name, Fate.NOTICED, lost=a.lost)
            if not everywhere:
                return


def _compared(asked: Iterable[_Asked], everywhere: bool) -> Iterator[Seen]:
    """Yield the fate in each world by comparison, up to the first where it survives, or in all.

    Unless `everywhere`, only worlds in which the code is meant to be right are compared, and at
    most `_MOST_COMPARED`. The quick ones come first: those with few states, and of these the ones
    where the numbers differ.
    """
    order = [
        (a.large, not a.differs, a.states, a)
        for a in asked
        if everywhere or a.original.world.counts
    ]
    order.sort(key=lambda o: o[:3])
    for *_, a in order if everywhere else order[:_MOST_COMPARED]:
        yield Seen(a.original.world.name, a.fate)
        if a.fate is Fate.SURVIVED and not everywhere:
            return


def _kills(found: Census, hold: Sequence[str]) -> dict[str, int]:
    """Return the properties that should hold and are violated, with the steps that it takes.

    Getting stuck, or a value that is not of its type, counts only if it comes first.
    """
    kills: dict[str, int] = {}
    for name, steps in found.violated.items():
        if name in hold or (name == TYPE_OK and not kills):
            kills[name] = steps
    if found.stuck is not None and all(found.stuck < steps for steps in kills.values()):
        kills = {STUCK: found.stuck, **kills}
    return kills
