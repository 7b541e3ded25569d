"""KT6: messages about scenarios, claims and the project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from kvmtla.errors import did_you_mean
from kvmtla.errors.message import Message
from kvmtla.ir.types import SharedT, Type

_ANOTHER_NAME = "give one of them another name"


def machine_is_no_class(scenario: str) -> Message:
    """Say that the machine of a scenario is not a class."""
    return Message(
        "KT601",
        f"the machine of scenario {scenario!r} is not a class",
        "machine=... names the class of the shared state",
    )


def machine_is_not_shared(t: Type) -> Message:
    """Say that the machine of a scenario is a class of something else."""
    return Message(
        "KT601", f"the machine is a {t}, not a class of shared state", f"class {t}(Shared): ..."
    )


def claims_are_a_list() -> Message:
    """Say that the claims of a project are something else than a list of them."""
    return Message(
        "KT602", "the claims of a project are a list of Claim", "claims=[Claim(...), ...]"
    )


def two_constants(name: str) -> Message:
    """Say that two constants have one name."""
    return Message("KT604", f"two constants are called {name!r}", _ANOTHER_NAME)


def two_scenarios(name: str) -> Message:
    """Say that two scenarios have one name."""
    return Message("KT604", f"two scenarios are called {name!r}", _ANOTHER_NAME)


def two_claims(name: str) -> Message:
    """Say that two claims have one name."""
    return Message(
        "KT604", f"two claims are called {name!r}", "give one of them another number or name"
    )


def size_missing(what: str, domain: Type, scenario: str) -> Message:
    """Say that a scenario has no size for a domain that `what` needs."""
    return Message(
        "KT606",
        f"{what} needs {domain}, and scenario {scenario!r} does not say how many there are",
        f"add it to sizes: {{{domain}: 1}}",
    )


def size_of_actors_missing(actor: str, t: Type) -> Message:
    """Say that a scenario has no size for the domain that an actor is one for each of."""
    return Message(
        "KT606",
        f"actor {actor!r}: the scenario does not say how many {t} there are",
        f"add it to sizes: {{{t}: 1}}",
    )


def nothing_happens(scenario: str) -> Message:
    """Say that a scenario has no actor and no hardware."""
    return Message("KT608", f"nothing happens in scenario {scenario!r}", "give it an Actor")


def runs_nothing(actor: str) -> Message:
    """Say that an actor has no operations."""
    return Message("KT608", f"actor {actor!r} runs nothing", f"Actor({actor!r}, operation, ...)")


def function_of_another_kind(name: str, kind: str, marked: str | None) -> Message:
    """Say that a function is not of the `kind` that a scenario wants, but `marked` as another."""
    return Message(
        "KT609",
        f"{name} is not @{kind}",
        f"it is @{marked}" if marked is not None else f"decorate it with @{kind}",
    )


def works_on_another(function: str, on: SharedT, scenario: str, machine: SharedT) -> Message:
    """Say that a function of a scenario is about another shared state."""
    return Message(
        "KT610",
        f"{function}() works on {on}, scenario {scenario!r} on {machine}",
        f"give it a parameter of type {machine}",
    )


def property_of_another(
    what: str, function: str, of: SharedT | None, scenario: str, machine: SharedT
) -> Message:
    """Say that a property is about another shared state than its scenario."""
    return Message(
        "KT610",
        f"{what} {function}() is about {of}, scenario {scenario!r} has {machine}",
        "name a property of this scenario's shared state, or another scenario",
    )


def no_such_scenario(claim: str, name: str, known: Iterable[str]) -> Message:
    """Say that a claim names a scenario that does not exist."""
    return Message(
        "KT611",
        f"claim {claim} names scenario {name!r}, which does not exist",
        did_you_mean(name, known),
    )


def no_property(claim: str, name: str) -> Message:
    """Say that a claim is about something that is no property."""
    return Message(
        "KT612",
        f"claim {claim}: {name} is not a property",
        "name a function that is decorated with @invariant",
    )


def no_such_constant(claim: str, name: str, known: Iterable[str]) -> Message:
    """Say that a claim sets a constant that does not exist."""
    return Message(
        "KT613",
        f"claim {claim} sets {name!r}, which is not a constant of the project",
        did_you_mean(name, known),
    )


def for_no_value(claim: str, name: str, kind: type[Enum]) -> Message:
    """Say that a claim is made for none of a constant's values."""
    return Message(
        "KT614",
        f"claim {claim} is for no {name} at all",
        f"{name}=[{next(iter(kind.__members__.values()))}]",
    )


def no_such_value(claim: str, name: str, value: object, kind: type[Enum]) -> Message:
    """Say that a claim is made for what is no value of a constant."""
    return Message(
        "KT614",
        f"claim {claim}: {name} is one of {kind.__name__}, "
        f"not {str(value) if isinstance(value, Enum) else repr(value)}",
        f"there is: {', '.join(str(m) for m in kind)}",
    )


def for_which_values(claim: str, missing: Sequence[str]) -> Message:
    """Say that a claim leaves open for which values of some constants it is made."""
    return Message(
        "KT614",
        f"claim {claim} does not say for which {', '.join(missing)}",
        f"{missing[0]}=[...]",
    )


def both_verdicts(claim: str, prop: str, one: str, other: str) -> Message:
    """Say that a claim expects two verdicts of the same."""
    return Message(
        "KT615",
        f"claim {claim} expects {prop} to be both {one} and {other}",
        "say it once, or for other values of the constants",
    )


def no_constant(decl: Any) -> Message:
    """Say that what a project lists is no constant."""
    return Message("KT617", f"{decl!r} is not a constant", "use constant()")


def constant_not_listed(name: str, t: Type) -> Message:
    """Say that a constant is used and not listed."""
    return Message(
        "KT617",
        f"constant {name!r} ({t}) is used, but the project does not list it",
        f"add it: constants=[..., {name}]",
    )


def verdict_of_another_kind(
    claim: str, verdict: str, prop: str, goal: bool, words: tuple[str, str]
) -> Message:
    """Say that a goal does not hold, or that something else is not reached."""
    return Message(
        "KT620",
        f"claim {claim} says {verdict}({prop}), and that {'is a goal' if goal else 'is no goal'}",
        f"{words[0]}(...) or {words[1]}(...)",
    )


def nobody_is_fair(scenario: str, prop: str) -> Message:
    """Say that a property of behaviours is asked of a scenario in which nothing has to happen."""
    return Message(
        "KT621",
        f"nothing has to happen in scenario {scenario!r}: nobody is fair, and {prop} "
        "is about what happens in the end",
        "say of whom it relies on: Actor(..., fair=True)",
    )


def life_of_no_constant(function: str, border: Enum, names: Sequence[str]) -> Message:
    """Say that since or until of a function is a value of no constant, or of several."""
    what = f"a value of {' and of '.join(names)}" if names else "no value of a constant"
    return Message(
        "KT627",
        f"since or until when {function}() exists, {border} says, which is {what}",
        "one constant of the project says it: its type is the enumeration",
    )
