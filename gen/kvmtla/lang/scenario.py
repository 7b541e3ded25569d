"""Scenarios, with their actors, sizes and constants, and the claims that they test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from kvmtla.errors import Loc, SpecError
from kvmtla.lang.accepts import Never
from kvmtla.lang.c import CSource
from kvmtla.lang.decorators import check_fair
from kvmtla.lang.recorded import Recorded
from kvmtla.lang.types import Domain, Shared, caller

Function = Callable[..., Any]
Config = Mapping[str, Enum]


class Actor:
    """One task, or one for each element of a domain, that runs operations one after the other.

    `operations` are alternatives: each time, it runs any of them. `each` is the domain with one
    such actor per element. An operation's first parameter of that type is then the actor itself;
    all other parameters may be anything. `times` is how many operations it runs, None for no end.
    An actor that is `fair` does not stop for ever in front of a step that stays possible, which
    matters to properties of behaviours.
    """

    def __init__(
        self,
        name: str,
        *operations: Function,
        each: type[Domain] | None = None,
        times: int | None = None,
        label: str | None = None,
        fair: bool = False,
    ) -> None:
        self.loc = caller()
        _check_name(name, "an actor", self.loc)
        check_fair(fair, f"actor {name!r}", self.loc)
        if each is not None and not _is_domain(each):
            raise SpecError(
                "KT607",
                f"actor {name!r}: {_shown(each)} is not a Domain",
                loc=self.loc,
                hint="each=... names the Domain with one such actor per element",
            )
        if times is not None and not _counts(times):
            raise SpecError(
                "KT607",
                f"actor {name!r} runs {times!r} times",
                loc=self.loc,
                hint="leave the actor out, or say times=1",
            )
        self.name = name
        self.operations = operations
        self.each = each
        self.times = times
        self.fair = fair
        self.label = label or (each.label if each is not None else name.replace("_", " "))


class Scenario:
    """A closed world that TLC explores: shared state, sizes, first states, actors, hardware.

    `doc` says in a sentence what is going on in it. `when` is given the values of the constants by
    name, and gives False for those with which the scenario has no meaning.
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
        when: Callable[[Config], bool] | None = None,
    ) -> None:
        self.loc = caller()
        _check_name(name, "a scenario", self.loc)
        _check_list(actors, f"the actors of scenario {name!r}", "actors=[Actor(...)]", self.loc)
        _check_list(hardware, f"the hardware of scenario {name!r}", "hardware=[...]", self.loc)
        if not isinstance(sizes, Mapping):
            raise SpecError(
                "KT605",
                f"the sizes of scenario {name!r} say how many there are of each Domain",
                loc=self.loc,
                hint="sizes={Vcpu: 2, Gfn: 1}",
            )
        self.name = name
        self.doc = doc
        self.machine = machine
        self.sizes = dict(sizes)
        self.initial = initial
        self.actors = tuple(actors)
        self.hardware = tuple(hardware)
        self.when = when
        if when is not None and not callable(when):
            raise SpecError(
                "KT624",
                f"when of scenario {name!r} is a function of the constants' values",
                loc=self.loc,
                hint='when=lambda config: config["kernel"] >= V6_4',
            )
        for domain, size in self.sizes.items():
            if not _is_domain(domain):
                raise SpecError(
                    "KT605",
                    f"sizes: {_shown(domain)} is not a Domain",
                    loc=self.loc,
                    hint="sizes={Vcpu: 2, Gfn: 1}",
                )
            if not _counts(size):
                raise SpecError(
                    "KT605",
                    f"scenario {name!r} has {size!r} {domain.__name__}",
                    loc=self.loc,
                    hint="a domain has at least one element",
                )
        for a in self.actors:
            if not isinstance(a, Actor):
                raise SpecError(
                    "KT602",
                    f"scenario {name!r}: {_shown(a)} is not an Actor",
                    loc=self.loc,
                    hint='actors=[Actor("name", operation, ...)]',
                )
        names = [a.name for a in self.actors]
        for a in self.actors:
            if names.count(a.name) > 1:
                raise SpecError(
                    "KT604",
                    f"two actors are called {a.name!r}",
                    loc=a.loc,
                    hint="give one of them another name",
                )


@dataclass(frozen=True)
class Expect:
    """The verdict that is expected of a property, for all combinations of `constants`."""

    property: Function
    verdict: str
    constants: Mapping[str, Sequence[Enum]]
    loc: Loc
    nothing: str | None = None
    """Why the property is meant to hold of nothing here; None where it is not meant to."""

    def of_nothing(self, why: str) -> Expect:
        """Return the same expectation, with the reason why the property has nothing to be about.

        One such reason is that an operation no longer does what the property speaks of.
        """
        if self.verdict != "holds" or not why.strip():
            raise SpecError(
                "KT622",
                "only what holds can hold of nothing, and for a reason",
                loc=self.loc,
                hint='holds(prop).of_nothing("...")',
            )
        return replace(self, nothing=why)

    def configs(self) -> Iterator[dict[str, Enum]]:
        """Yield each combination, as constant name -> value."""
        names = list(self.constants)
        for values in itertools.product(*self.constants.values()):
            yield dict(zip(names, values, strict=True))


def _expect(verdict: str, prop: Function, constants: Mapping[str, Enum | Sequence[Enum]]) -> Expect:
    lists: dict[str, list[Any]] = {
        # A whole Enum is a sequence of its members, too.
        k: list(v) if isinstance(v, list | tuple | type) else [v]
        for k, v in constants.items()
    }
    return Expect(prop, verdict, lists, caller())


def holds(prop: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """Expect `prop` to hold for these values of the constants (each one value or several)."""
    return _expect("holds", prop, constants)


def reached(goal: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """Expect `goal` to be reached for these values of the constants."""
    return _expect("reached", goal, constants)


def unreached(goal: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """Expect `goal` never to be reached for these values of the constants."""
    return _expect("unreached", goal, constants)


def violated(prop: Function, **constants: Enum | Sequence[Enum]) -> Expect:
    """Expect `prop` to be violated for these values of the constants."""
    return _expect("violated", prop, constants)


class Claim:
    """A sentence that somebody wrote, the scenario that tests it, and what should come out.

    `number` is its short name (`C3`). Claims that test one sentence in different scenarios may
    share it; `name` tells them apart. `quote` is the sentence word for word, `source` where it
    stands, and `note` what the model adds to it or leaves out.
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
        self.loc = caller()
        for word, what in ((number, "number"), (name, "name")):
            if not (isinstance(word, str) and word and word.split() == [word]):
                raise SpecError(
                    "KT603",
                    f"{word!r} is no {what} for a claim",
                    loc=self.loc,
                    hint="one word, such as C3",
                )
        if not isinstance(scenario, Scenario | str):
            raise SpecError(
                "KT602",
                f"claim {number}: {_shown(scenario)} is no Scenario",
                loc=self.loc,
                hint="scenario=... is what Scenario(...) makes, or its name",
            )
        expected = tuple(expect) if isinstance(expect, list | tuple) else ()
        if not expected or not all(isinstance(e, Expect) for e in expected):
            raise SpecError(
                "KT616",
                f"claim {number} does not say what it expects",
                loc=self.loc,
                hint="expect=[holds(...), violated(...)]",
            )
        self.number = number
        self.name = name
        self.quote = quote
        self.source = source
        self.scenario = scenario
        self.expect = expected
        self.note = note


@dataclass
class Project:
    """The contents of a spec package: its claims, the scenarios they use, and its constants.

    `word_format` gives, for the values of the constants, the format in which a word is laid out (a
    key of the positions given to `Bit`). A page of findings begins with the `preface`, in Markdown,
    and the claims whose numbers are in `lead`. `accepts` lists what never happens in any scenario,
    and is meant not to; it is complained of when it does. `c` says what is to be known of the C
    that is modelled. `recorded` says what traces show.
    """

    name: str
    claims: Sequence[Claim]
    constants: Sequence[Any]
    scenarios: Sequence[Scenario] = ()
    word_format: Callable[[Config], str] | None = None
    preface: str = ""
    lead: Sequence[str] = ()
    accepts: Sequence[Never] = ()
    c: CSource | None = None
    recorded: Recorded | None = None
    loc: Loc = field(default_factory=caller)

    def __post_init__(self) -> None:
        _check_list(self.constants, "the constants of a project", "constants=[kernel]", self.loc)
        _check_list(self.scenarios, "the scenarios of a project", "scenarios=[...]", self.loc)
        _check_list(self.accepts, "what a project accepts", "accepts=[never_runs(...)]", self.loc)
        for a in self.accepts:
            if not isinstance(a, Never):
                raise SpecError("KT602", f"{_shown(a)} is nothing that never happens", loc=self.loc)
        for s in self.scenarios:
            if not isinstance(s, Scenario):
                raise SpecError(
                    "KT602",
                    f"{_shown(s)} is not a Scenario",
                    loc=self.loc,
                    hint="scenarios=[...] takes what Scenario(...) makes",
                )
        for thing, kind, name in ((self.c, CSource, "c"), (self.recorded, Recorded, "recorded")):
            if thing is not None and not isinstance(thing, kind):
                raise SpecError(
                    "KT602",
                    f"{_shown(thing)} is not a {kind.__name__}",
                    loc=self.loc,
                    hint=f"{name}={kind.__name__}(...), from kvmtla.evidence",
                )
        if self.word_format is not None and not callable(self.word_format):
            raise SpecError(
                "KT618",
                "the word_format of a project is a function of the constants' values",
                loc=self.loc,
                hint='word_format=lambda config: "ept"',
            )


def _a(kind: type) -> str:
    """Return the name of a type with its article."""
    return f"a{'n' if kind.__name__[0].lower() in 'aeiou' else ''} {kind.__name__}"


def _check_name(name: object, what: str, loc: Loc) -> None:
    # A name becomes part of names in TLA+, which knows only ASCII.
    if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
        function = getattr(name, "__name__", None)
        hint = "use letters, digits and underscores"
        if function is not None:
            hint = f'the name comes first: "{function}", {function}'
        shown = repr(name) if function is None else function
        raise SpecError("KT603", f"{shown} is no name for {what}", loc=loc, hint=hint)


def _check_list(things: object, what: str, hint: str, loc: Loc) -> None:
    if not isinstance(things, list | tuple):
        raise SpecError(
            "KT602", f"{what}: a list is wanted, not {_a(type(things))}", loc=loc, hint=hint
        )


def _is_domain(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Domain)


def _counts(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1


def _shown(thing: object) -> str:
    return str(getattr(thing, "__name__", None) or repr(thing))
