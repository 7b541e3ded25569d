"""Asks the second engine which claims notice a mutant."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from kvmtla.engine import TYPE_OK, Compiled, Limits, Outcome, compile_model, explore
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec
from kvmtla.ir.model import Model
from kvmtla.ir.stmt import Function
from kvmtla.mutate.change import Mutant
from kvmtla.mutate.compare import Graph, essence, graph_of, same_graph
from kvmtla.mutate.program import with_mutant
from kvmtla.mutate.worlds import World, in_order
from kvmtla.tlc import Kind, Verdict

DEADLOCK = "deadlock"

# A mutant that reaches more states than this is not followed any further.
_LIMIT = Limits(states=50_000)


class Fate(Enum):
    """What becomes of a mutant, in one world or in all."""

    KILLED = "killed"
    NOTICED = "noticed"
    """No invariant is violated, but a claim that expects a violation does not get it."""
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    UNKNOWN = "unknown"
    NO_PROGRAM = "no program"


@dataclass(frozen=True)
class Seen:
    """What is seen of a mutant in one world.

    `kills` are the properties that are violated, and do hold of the original, with the steps that
    it takes; so are `deadlock` and `TypeOK`. `lost` are those that are to be violated, and are not.
    """

    world: str
    fate: Fate
    kills: Mapping[str, int] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What became of a mutant, with what was seen of it; `asked` are all worlds that were asked."""

    mutant: str
    seen: tuple[Seen, ...]
    asked: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate:
        """The strongest of what was seen; equivalent is what is so everywhere."""
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
        """Where this was seen of it."""
        return [s for s in self.seen if s.fate is fate]

    def and_also(self, other: Finding) -> Finding:
        """What was seen of it in other worlds as well."""
        known = {s.world for s in self.seen}
        more = (s for s in other.seen if s.world not in known and s.kills)
        asked = dict.fromkeys((*self.asked, *other.asked))
        return Finding(self.mutant, (*self.seen, *more), tuple(asked))


class _Original:
    """A world as it is; what is expected of it is taken for true."""

    def __init__(self, world: World) -> None:
        self.world = world

    def sees(self, mutant: Mutant) -> bool:
        """Does the mutant change anything in the code that runs here, and matters here?"""
        if mutant.function not in self.world.runs:
            return False
        before, after = self._functions[mutant.function], mutant.replaced
        return self.world.plain.differ(before, after) and self.world.sliced.differ(before, after)

    @property
    def _functions(self) -> Mapping[str, Function]:
        return self.world.spec.reader.program.functions

    @cached_property
    def _model(self) -> Model:
        return self.world.lowered(self.world.spec)

    @cached_property
    def essence(self) -> Hashable:
        """What the model says."""
        return essence(self._model)

    @cached_property
    def graph(self) -> Graph:
        """Its state graph."""
        return graph_of(compile_model(self._model))


_Asked = tuple[_Original, Compiled | None, Outcome | None]
"""A world, with the mutant there and what came of the search; None where it is no program."""


class Judge:
    """Judges mutants of one spec in the worlds of its claims."""

    def __init__(self, spec: Spec, worlds: Sequence[World]) -> None:
        self.spec = spec
        self._originals = [_Original(w) for w in in_order(worlds)]

    def judge(
        self, mutant: Mutant, *, everywhere: bool = False, prop: str | None = None
    ) -> Finding:
        """What becomes of a mutant; with `prop`, what of it is killed where this is to hold.

        Once it is killed nothing more is asked, unless `everywhere`. Whether it is equivalent takes
        longer to find out, and matters only if no claim notices it.
        """
        mutated = with_mutant(self.spec, mutant)
        killed: list[Seen] = []
        others: list[_Asked] = []
        for o in self._originals:
            if (prop is not None and prop not in o.world.to_hold) or not o.sees(mutant):
                continue
            try:
                compiled = compile_model(o.world.lowered(mutated))
            except SpecError:
                others.append((o, None, None))
                continue
            outcome = explore(compiled, o.world.to_hold, limit=_LIMIT)
            if outcome.verdict is not Verdict.VIOLATED:
                others.append((o, compiled, outcome))
                continue
            killed.append(Seen(o.world.name, Fate.KILLED, _kills(compiled, o.world, outcome)))
            if not everywhere:
                break
        if killed or prop is not None:
            return Finding(mutant.name, tuple(killed), _names(killed, others))
        seen = list(_lost(others, everywhere)) or list(_compared(others, everywhere))
        return Finding(mutant.name, tuple(seen), _names(killed, others))


def _names(killed: Sequence[Seen], others: Sequence[_Asked]) -> tuple[str, ...]:
    """The worlds that were asked."""
    return (*(s.world for s in killed), *(o.world.name for o, _, _ in others))


def _lost(asked: Sequence[_Asked], everywhere: bool) -> Iterator[Seen]:
    """Where a violation or a goal that is claimed does not happen: the first such world, or all."""
    for original, compiled, outcome in asked:
        if compiled is not None and outcome is not None and outcome.verdict is Verdict.HOLDS:
            world = original.world
            lost = tuple(p for p in world.to_fail if _steps(compiled, p) is None)
            if lost:
                yield Seen(world.name, Fate.NOTICED, lost=lost)
                if not everywhere:
                    return


def _compared(asked: Sequence[_Asked], everywhere: bool) -> Iterator[Seen]:
    """Where it is the same as the original, up to the first world in which it is not, or all."""
    for original, compiled, outcome in asked:
        seen = Seen(original.world.name, _fate(original, compiled, outcome))
        yield seen
        if seen.fate is Fate.SURVIVED and not everywhere:
            return


def _fate(original: _Original, compiled: Compiled | None, outcome: Outcome | None) -> Fate:
    if compiled is None or outcome is None:
        return Fate.NO_PROGRAM
    if outcome.verdict is Verdict.UNKNOWN:
        return Fate.UNKNOWN
    if essence(compiled.model) == original.essence:
        return Fate.EQUIVALENT
    same = same_graph(original.graph, graph_of(compiled))
    return Fate.EQUIVALENT if same else Fate.SURVIVED


def _kills(compiled: Compiled, world: World, first: Outcome) -> dict[str, int]:
    """All that is violated, with the steps that it takes."""
    found: dict[str, int] = {}
    if first.name == TYPE_OK:
        found[TYPE_OK] = len(first.trace) - 1
    elif first.kind is Kind.DEADLOCK:
        found[DEADLOCK] = len(first.trace) - 1
    for prop in world.to_hold:
        steps = _steps(compiled, prop)
        if steps is not None:
            found[prop] = steps
    return found


def _steps(compiled: Compiled, prop: str) -> int | None:
    """In how many steps a property is violated; None where it is not."""
    outcome = explore(compiled, prop, limit=_LIMIT, deadlock=False)
    violated = outcome.verdict is Verdict.VIOLATED and outcome.name == prop
    return len(outcome.trace) - 1 if violated else None
