"""The values of the constants for which a scenario is asked, and those for which it has no meaning.

A world is a value for each constant. A world does not exist where an operation that the scenario
runs does not exist, or where the scenario itself rules it out. All choices of worlds are made here.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from kvmtla.errors import KvmtlaError, Loc, SpecError, did_you_mean, together
from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.ir.stmt import Function, calls
from kvmtla.lang.decorators import ConstantDecl
from kvmtla.lower.reached import reached
from kvmtla.lower.specialise import Specialiser

World = dict[str, Enum]
Settings = Mapping[str, Sequence[str]]
"""The values of constants that a user has chosen, in his spelling; empty means all."""


class WorldError(KvmtlaError):
    """The world that is asked for does not exist."""


@dataclass(frozen=True)
class Absence:
    """The reason why a world does not exist, in words, and its place in the spec."""

    why: str
    loc: Loc


_Missing = tuple[World, Absence]


@dataclass(frozen=True)
class Asked:
    """The worlds that are asked, in the order of the constants, and in words those that are not."""

    worlds: tuple[World, ...]
    left_out: tuple[str, ...]

    def line(self) -> str | None:
        """Return a line on what is left out; None where that is nothing."""
        return f"not asked: {'; '.join(self.left_out)}" if self.left_out else None


class Worlds:
    """The worlds of a scenario."""

    def __init__(self, spec: Spec, scenario: ScenarioRead) -> None:
        self._spec = spec
        self._scenario = scenario
        self._known: dict[tuple[Enum, ...], Absence | None] = {}

    def absence(self, world: Mapping[str, Enum]) -> Absence | None:
        """Return why this world does not exist; None where it does."""
        key = tuple(world[n] for n in self._spec.constants)
        if key not in self._known:
            self._known[key] = self._refused(world) or self._gone(world)
        return self._known[key]

    def asked(self, settings: Settings) -> Asked:
        """Return the worlds that `settings` ask for: each combination of the values that they name.

        A constant that they do not name has its default, where it has one and there is a world with
        it, else any value. Raises WorldError for a constant or value that does not exist, and for a
        named combination that is in no world.
        """
        chosen = members(self._spec, settings)
        found: dict[tuple[Enum, ...], World] = {}
        absent: list[_Missing] = []
        varied: set[str] = set()
        for named in combinations(chosen):
            worlds, missing, free = self._of(named)
            if not worlds:
                raise self._error(named, missing)
            found |= {tuple(w.values()): w for w in worlds}
            absent += missing
            varied |= free
        order = [all_values(d) for d in self._spec.constants.values()]
        worlds = sorted(
            found.values(),
            key=lambda w: [o.index(v) for o, v in zip(order, w.values(), strict=True)],
        )
        return Asked(tuple(worlds), tuple(self._left_out(worlds, absent, chosen, varied)))

    def check(self, world: Mapping[str, Enum], what: str, loc: Loc | None = None) -> None:
        """Raise SpecError where this world does not exist; `what` says who asks, at `loc`."""
        absent = self.absence(world)
        if absent is not None:
            raise self.refusal([dict(world)], absent.why, what, loc or absent.loc)

    def refusal(self, worlds: Sequence[World], why: str, what: str, loc: Loc) -> SpecError:
        """Return the error that says why these worlds do not exist, which `what` at `loc` asks."""
        return SpecError(
            "KT625",
            f"{what} {words(self._spec, worlds)}, and that has no meaning: {why}",
            loc=loc,
            hint=self._hint(),
        )

    @cached_property
    def _all(self) -> list[World]:
        """The worlds in which constants have their defaults; others only if there are none."""
        return self._of({})[0]

    def _of(self, named: Mapping[str, Enum]) -> tuple[list[World], list[_Missing], set[str]]:
        """Return the worlds with these values, the missing ones, and the constants that vary.

        Of the constants that have a default and are not named, as few vary as possible.
        """
        constants = self._spec.constants
        usual = [n for n, d in constants.items() if d.default is not None and n not in named]
        missing: list[_Missing] = []
        for size in range(len(usual) + 1):
            found: dict[tuple[Enum, ...], World] = {}
            free: set[str] = set()
            for some in itertools.combinations(usual, size):
                values = {n: _values(n, d, named, some) for n, d in constants.items()}
                for world in combinations(values):
                    absent = self.absence(world)
                    if absent is None:
                        found[tuple(world.values())] = world
                        free.update(some)
                    elif size == 0:
                        missing.append((world, absent))
            if found:
                return list(found.values()), missing, free
        return [], missing, set()

    def _left_out(
        self,
        worlds: Sequence[World],
        absent: Sequence[_Missing],
        chosen: Collection[str],
        varied: Collection[str],
    ) -> Iterator[str]:
        """Yield what is not asked, in words: missing worlds, and values that nobody has named."""
        for why, some in _by_reason(absent).items():
            yield f"{words(self._spec, some, always=varied)} ({why})"
        usual = [
            n
            for n, d in self._spec.constants.items()
            if d.default is not None
            and n not in chosen
            and {w[n] for w in worlds} != {*all_values(d)}
        ]
        if usual:
            yield f"other values of {_and(usual)}"

    def _error(self, named: Mapping[str, Enum], missing: Sequence[_Missing]) -> WorldError:
        at = ", ".join(f"{n} {v.value}" for n, v in named.items())
        by_reason = _by_reason(missing)
        whys = list(by_reason)
        if len(whys) > 1:
            parts = {why: words(self._spec, some, without=named) for why, some in by_reason.items()}
            whys = [f"{why} ({part})" if part else why for why, part in parts.items()]
        return WorldError(
            "KT922",
            f"there is no scenario {self._scenario.name!r}{f' with {at}' if at else ''}: "
            f"{'; '.join(whys)}",
            hint=self._hint(),
        )

    def _hint(self) -> str:
        there = words(self._spec, self._all) if self._all else ""
        if not self._all:
            return "there is none with any value: see its since=, until= and when="
        return f"there is: {there or 'all else'}"

    # -- why there is none

    def _refused(self, world: Mapping[str, Enum]) -> Absence | None:
        """Return the absence of a world that the scenario's own condition rules out."""
        declared, loc = self._spec.declared(self._scenario.name), self._scenario.loc
        if declared is None or declared.when is None:
            return None
        name = declared.name
        try:
            fits = declared.when(world)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise SpecError(
                "KT624",
                f"when of scenario {name!r} cannot be worked out: {what}",
                loc=loc,
                hint='it is given the values of the constants by name: config["name"]',
            ) from error
        if not isinstance(fits, bool):
            raise SpecError(
                "KT624",
                f"when of scenario {name!r} gives {fits!r}, neither True nor False",
                loc=loc,
                hint="compare: config[...] == ...",
            )
        return None if fits else Absence(f"the scenario {name} is not meant for that", loc)

    @cached_property
    def roots(self) -> list[Function]:
        """The functions that somebody starts: operations, hardware functions, the initial one."""
        scenario = self._scenario
        return [
            *(o for a in scenario.actors for o in a.operations),
            *scenario.hardware,
            scenario.initial,
        ]

    @cached_property
    def _not_always(self) -> Sequence[Function]:
        """The functions that do not always exist, of all that are called anywhere."""
        functions = self._spec.reader.program.functions
        todo, seen = [f.key for f in self.roots], set[str]()
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                todo += calls(functions[key].body)
        return [functions[k] for k in seen if functions[k].since or functions[k].until]

    def _gone(self, world: Mapping[str, Enum]) -> Absence | None:
        """Return the absence of a world in which a function that is reached does not exist."""
        if not any(self._how_gone(fn, world) for fn in self._not_always):
            # There is no need to find out what is reached with these values.
            return None
        program = self._spec.reader.program
        special = Specialiser(program, {n: v.name for n, v in world.items()})
        for key, caller in reached(self.roots, special).items():
            fn = program.functions[key]
            if (how := self._how_gone(fn, world)) is not None:
                by = program.functions[caller].name if caller is not None else None
                return Absence(f"{fn.name}(){f', which {by}() calls,' if by else ''} {how}", fn.loc)
        return None

    def _how_gone(self, fn: Function, world: Mapping[str, Enum]) -> str | None:
        """Return why a function does not exist with these values, in words; None where it does."""
        for border, gone in ((fn.since, False), (fn.until, True)):
            if border is None:
                continue
            name = self._spec.constant_of(border)
            if (world[name] < border) is not gone:  # type: ignore[operator]
                how = "is gone" if gone else "is there only"
                return f"{how} from {name} {border.value} on"
        return None


def check_claims(spec: Spec) -> None:
    """Raise SpecError for all claims about worlds that do not exist."""
    of: dict[str, Worlds] = {}
    found: list[SpecError] = []
    for claim in spec.claims:
        worlds = of.setdefault(claim.scenario.name, Worlds(spec, claim.scenario))
        missing: dict[tuple[Loc, str], list[World]] = {}
        try:
            for p in claim.points:
                if (absent := worlds.absence(p.constants)) is not None:
                    key = p.loc or claim.loc, absent.why
                    missing.setdefault(key, []).append(dict(p.constants))
        except SpecError as error:
            found.append(error)
        what = f"claim {claim.number} is about"
        found += [worlds.refusal(some, why, what, loc) for (loc, why), some in missing.items()]
    if found:
        raise together(found)


def members(spec: Spec, settings: Settings) -> dict[str, list[Enum]]:
    """Return the values that a user's spellings mean, for the constants that he has named.

    Raises WorldError for a constant or a value that does not exist.
    """
    found: dict[str, list[Enum]] = {}
    for name, spelt in settings.items():
        if name not in spec.constants:
            raise WorldError(
                "KT923",
                f"there is no constant {name!r}",
                hint=did_you_mean(name, spec.constants) or f"there is: {', '.join(spec.constants)}",
            )
        known: dict[str, Enum] = {str(m.value): m for m in spec.constants[name].kind}
        for value in spelt:
            if value not in known:
                raise WorldError(
                    "KT919",
                    f"{name} has no value {value!r}",
                    hint=did_you_mean(value, known) or f"there is: {', '.join(known)}",
                )
        if spelt:
            found[name] = list(dict.fromkeys(known[v] for v in spelt))
    return found


def words(
    spec: Spec,
    worlds: Iterable[Mapping[str, Enum]],
    always: Collection[str] = (),
    without: Collection[str] = (),
) -> str:
    """Return worlds in words: kernel 5.18, 5.19, method pml.

    A constant that takes every value is left out. So is a default beside other constants, except
    for those that are `always` said. Constants in `without` are left out in any case.
    """
    said = []
    for box in boxes(worlds):
        some = {
            n: v
            for n, v in box.items()
            if n not in without and len(v) < len(all_values(spec.constants[n]))
        }
        told = {n: v for n, v in some.items() if n in always or v != [spec.constants[n].default]}
        said.append(", ".join(f"{n} {_listed(v)}" for n, v in (told or some).items()))
    return "; ".join(filter(None, said))


def boxes(worlds: Iterable[Mapping[str, Enum]]) -> list[dict[str, list[Enum]]]:
    """Return the worlds merged into boxes: each combination of values within a box is one world."""
    made = [{n: [v] for n, v in w.items()} for w in worlds]
    for name in dict.fromkeys(n for box in made for n in box):
        alike: dict[tuple[object, ...], list[dict[str, list[Enum]]]] = {}
        for box in made:
            rest = [(n, *values) for n, values in box.items() if n != name]
            alike.setdefault((name in box, *rest), []).append(box)
        made = [
            {**same[0], name: [v for b in same for v in b[name]]} if name in same[0] else same[0]
            for same in alike.values()
        ]
    return made


def all_values(decl: ConstantDecl[Any]) -> list[Enum]:
    """Return the values that a constant can have."""
    kind: Any = decl.kind
    return list(kind)


def _values(
    name: str, decl: ConstantDecl[Any], named: Mapping[str, Enum], free: Sequence[str]
) -> list[Enum]:
    if name in named:
        return [named[name]]
    return [decl.default] if decl.default is not None and name not in free else all_values(decl)


def combinations(values: Mapping[str, Sequence[Enum]]) -> Iterator[World]:
    """Yield each combination of these values; the empty one where there are none."""
    for one in itertools.product(*values.values()):
        yield dict(zip(values, one, strict=True))


def _by_reason(missing: Iterable[_Missing]) -> dict[str, list[World]]:
    found: dict[str, list[World]] = {}
    for world, absent in missing:
        found.setdefault(absent.why, []).append(world)
    return found


def _listed(values: Sequence[Enum]) -> str:
    return ", ".join(str(v.value) for v in values)


def _and(some: Sequence[str]) -> str:
    *most, last = some
    return f"{', '.join(most)} and {last}" if most else last
