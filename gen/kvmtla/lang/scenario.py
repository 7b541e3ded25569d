"""Who runs, how often, with which sizes and constants; and what is claimed of it."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from kvmtla.errors import Loc, SpecError
from kvmtla.lang.types import Domain, Shared

Function = Callable[..., Any]
Config = Mapping[str, Enum]


def _caller() -> Loc:
    """Where the spec called the constructor that calls this."""
    here = str(Path(__file__).parent)
    frame = inspect.currentframe()
    while frame is not None and (
        frame.f_code.co_filename.startswith((here, "<")) or frame.f_code.co_name == "<listcomp>"
    ):
        frame = frame.f_back
    return Loc(frame.f_code.co_filename, frame.f_lineno) if frame is not None else Loc("", 0)


class Actor:
    """One task, or one for each element of a domain, that runs operations one after the other.

    `operations` are alternatives: each time, any of them. `each` is the domain with one such actor
    per element; an operation's first parameter of that type is then the actor itself, all other
    parameters may be anything. `times`: how many operations it runs, None for no end.
    """

    def __init__(
        self,
        name: str,
        *operations: Function,
        each: type[Domain] | None = None,
        times: int | None = None,
        label: str | None = None,
    ) -> None:
        self.name = name
        self.operations = operations
        self.each = each
        self.times = times
        self.label = label or (each.label if each is not None else name.replace("_", " "))
        self.loc = _caller()
        if not name.isidentifier():
            raise SpecError(
                f"{name!r} is no name for an actor",
                loc=self.loc,
                hint="use letters, digits and underscores",
            )
        if times is not None and times < 1:
            raise SpecError(
                f"actor {name!r} runs {times} times",
                loc=self.loc,
                hint="leave the actor out, or say times=1",
            )


class Scenario:
    """A closed world that TLC explores: shared state, sizes, first states, actors, hardware.

    `doc` says in a sentence what is going on in it.
    """

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        machine: type[Shared],
        sizes: Mapping[type[Domain], int],
        initial: Function,
        actors: Sequence[Actor],
        hardware: Sequence[Function] = (),
    ) -> None:
        self.name = name
        self.doc = doc
        self.machine = machine
        self.sizes = dict(sizes)
        self.initial = initial
        self.actors = tuple(actors)
        self.hardware = tuple(hardware)
        self.loc = _caller()
        if not name.isidentifier():
            raise SpecError(
                f"{name!r} is no name for a scenario",
                loc=self.loc,
                hint="use letters, digits and underscores",
            )
        for domain, size in self.sizes.items():
            if not (isinstance(domain, type) and issubclass(domain, Domain)):
                raise SpecError(f"sizes: {domain!r} is not a domain", loc=self.loc)
            if size < 1:
                raise SpecError(
                    f"scenario {name!r} has {size} {domain.__name__}",
                    loc=self.loc,
                    hint="a domain has at least one element",
                )
        names = [a.name for a in self.actors]
        for a in self.actors:
            if names.count(a.name) > 1:
                raise SpecError(f"two actors are called {a.name!r}", loc=a.loc)


@dataclass(frozen=True)
class Expect:
    """The verdict that a property is expected to have, for all combinations of `constants`."""

    property: Function
    verdict: str
    constants: Mapping[str, Sequence[Enum]]
    loc: Loc

    def configs(self) -> Iterator[dict[str, Enum]]:
        """Each combination, as constant name -> value."""
        names = list(self.constants)
        for values in itertools.product(*self.constants.values()):
            yield dict(zip(names, values, strict=True))


def _expect(verdict: str, prop: Function, constants: Mapping[str, Enum | Sequence[Enum]]) -> Expect:
    lists = {k: [v] if isinstance(v, Enum) else list(v) for k, v in constants.items()}
    return Expect(prop, verdict, lists, _caller())


def holds(prop: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """`prop` is expected to hold for these values of the constants (each one value or several)."""
    return _expect("holds", prop, constants)


def violated(prop: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """`prop` is expected to be violated for these values of the constants."""
    return _expect("violated", prop, constants)


class Claim:
    """A sentence that somebody wrote, the scenario that tests it, and what should come out.

    `number` is its short name (`C3`), which several may share that test one sentence in different
    scenarios; `name` tells them apart. `quote` the sentence word for word, `source` where it stands,
    `note` what the model adds to it or leaves out.
    """

    def __init__(
        self,
        number: str,
        name: str,
        *,
        quote: str,
        source: str,
        scenario: Scenario | str,
        expect: Sequence[Expect],
        note: str = "",
    ) -> None:
        self.number = number
        self.name = name
        self.quote = quote
        self.source = source
        self.scenario = scenario
        self.expect = tuple(expect)
        self.note = note
        self.loc = _caller()


@dataclass
class Project:
    """What a spec package offers: its claims, the scenarios they use, and its constants.

    `word_format` says, for the values of the constants, in which of a word's formats it is laid out
    (a key of the positions given to `Bit`).
    """

    name: str
    claims: Sequence[Claim]
    constants: Sequence[Any]
    scenarios: Sequence[Scenario] = ()
    word_format: Callable[[Config], str] | None = None
    loc: Loc = field(default_factory=_caller)
