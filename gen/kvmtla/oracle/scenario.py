"""The scenarios and claims of a specification."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kvmtla.oracle.functions import Function


class Actor:
    """An actor, which runs operations."""

    def __init__(
        self,
        name: str,
        *operations: Function,
        each: Any = None,
        times: int | None = None,
        label: str | None = None,
        fair: bool = False,
    ) -> None:
        self.name = name
        self.operations = operations
        self.each = each
        self.times = times
        self.label = label
        self.fair = fair


class Scenario:
    """A scenario: the actors, the hardware and the first states."""

    def __init__(
        self,
        name: str,
        doc: str,
        *,
        machine: Any,
        sizes: Mapping[Any, int],
        initial: Function,
        actors: Sequence[Actor],
        hardware: Sequence[Function] = (),
        when: Callable[[Any], bool] | None = None,
    ) -> None:
        self.name = name
        self.doc = doc
        self.machine = machine
        self.sizes = dict(sizes)
        self.initial = initial
        self.actors = tuple(actors)
        self.hardware = tuple(hardware)
        self.when = when


@dataclass(frozen=True)
class Expect:
    """A verdict that a claim expects, for each combination of constants."""

    property: Function
    verdict: str
    constants: Mapping[str, Sequence[Any]]

    def of_nothing(self, why: str) -> Expect:
        """Return the same: why it holds does not matter here."""
        return self

    def configs(self) -> Iterator[dict[str, Any]]:
        """Yield each combination of constants."""
        for values in itertools.product(*self.constants.values()):
            yield dict(zip(self.constants, values, strict=True))


def _expect(verdict: str, prop: Function, constants: Mapping[str, Any]) -> Expect:
    given = {n: [*v] if isinstance(v, Iterable) else [v] for n, v in constants.items()}
    return Expect(prop, verdict, given)


def holds(prop: Function, **constants: Any) -> Expect:
    """Expect a property to hold."""
    return _expect("holds", prop, constants)


def violated(prop: Function, **constants: Any) -> Expect:
    """Expect a property to be violated."""
    return _expect("violated", prop, constants)


def reached(goal: Function, **constants: Any) -> Expect:
    """Expect a goal to be reached."""
    return _expect("reached", goal, constants)


def unreached(goal: Function, **constants: Any) -> Expect:
    """Expect a goal not to be reached."""
    return _expect("unreached", goal, constants)


class Claim:
    """A claim: a sentence, and the verdicts that it expects."""

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


@dataclass
class Project:
    """All that a specification offers."""

    name: str
    claims: Sequence[Claim]
    constants: Sequence[Any]
    scenarios: Sequence[Scenario] = ()
    word_format: Any = None
    preface: str = ""
    lead: Sequence[str] = ()
    accepts: Sequence[Any] = ()
    c: Any = None
    recorded: Any = None
    loc: Any = field(default=None)


def never_runs(function: Function, why: str) -> None:
    """Do nothing: code that never runs does not matter here."""


def never_true(function: Function, test: str, why: str) -> None:
    """Do nothing: tests that are never true do not matter here."""


def never_false(function: Function, test: str, why: str) -> None:
    """Do nothing: tests that are never false do not matter here."""
