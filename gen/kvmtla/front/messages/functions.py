"""KT2: messages about functions as a whole, and KT002 about a quoted one."""

from __future__ import annotations

from collections.abc import Sequence

from kvmtla.errors import Loc
from kvmtla.errors.message import Message
from kvmtla.ir.types import SharedT, Type


def no_python(why: str, hint: str | None) -> Message:
    """Say that a quoted property is not an expression of Python."""
    return Message("KT002", why, hint)


def says_nothing(origin: str) -> Message:
    """Say that a quoted property is empty."""
    return Message("KT002", f"{origin} says nothing", "write a condition, such as all(...)")


def not_of_the_spec(name: str) -> Message:
    """Say that a function without a decorator is named where one of the spec is wanted."""
    return Message(
        "KT201",
        f"{name} is not a function of the spec",
        "decorate it with @operation, @hardware, @pure, @invariant, ...",
    )


def call_outside_the_spec(name: str, is_function: bool) -> Message:
    """Say that what is called is no function of the spec; `is_function` if one of Python."""
    return Message(
        "KT201",
        f"{name} is not a function of the spec",
        "decorate it with @pure, @operation or @atomic, or write it out" if is_function else None,
    )


def no_source(name: str) -> Message:
    """Say that the source of a function cannot be found."""
    return Message(
        "KT203",
        f"the source of {name} cannot be found",
        "write it as a def in a file of its own; lambdas and exec'd code do not work",
    )


def method(name: str) -> Message:
    """Say that a function belongs to a class."""
    return Message("KT203", f"{name}() belongs to a class", "write it as a function of the module")


def closure(name: str, variable: str) -> Message:
    """Say that a function uses a variable of the function around it."""
    return Message(
        "KT203",
        f"{name}() uses {variable!r} of the function around it",
        "write it as a function of the module, and give it what it needs as a parameter",
    )


def parameter_without_type(name: str) -> Message:
    """Say that a parameter has no annotation."""
    return Message("KT204", f"parameter {name!r} has no type", f"write {name}: ...")


def odd_parameter(function: str) -> Message:
    """Say that a parameter has a default, or is given by position or by name only."""
    return Message(
        "KT205",
        f"{function}() has a parameter of a kind that is not part of the language",
        "plain parameters, without defaults",
    )


def second_shared_state(of_step: bool) -> Message:
    """Say that a function takes the shared state once too often; `of_step` if twice is right."""
    return Message(
        "KT206",
        "there is one shared state",
        None if of_step else "only a @step_invariant takes it twice",
    )


def hardware_parameter(parameter: str, function: str, t: Type) -> Message:
    """Say that hardware has a parameter that could be too many things."""
    return Message(
        "KT207",
        f"parameter {parameter!r} of {function}() could be any {t}",
        "give @hardware parameters of a Domain, an Enum or bool",
    )


def property_parameter(parameter: str, function: str, t: Type) -> Message:
    """Say that a property has a parameter that stands for too many things."""
    return Message(
        "KT207",
        f"parameter {parameter!r} of {function}() stands for all {t}",
        "give a property parameters of a Domain, an Enum or bool",
    )


def nobody_takes_the_value(kind: str, function: str) -> Message:
    """Say that hardware or the first states give a value."""
    return Message(
        "KT208",
        f"@{kind} {function}() has nobody to give a value to",
        "annotate it with -> None, and store into the shared state",
    )


def initial_parameter(function: str, parameter: str, t: Type) -> Message:
    """Say that the first states take more than the shared state."""
    return Message(
        "KT208",
        f"@initial {function}() takes the shared state only",
        f"{parameter} = choose({t})",
    )


def not_one_value(function: str) -> Message:
    """Say that a pure function does not give one value."""
    return Message(
        "KT209",
        f"{function}() has no value, or several",
        "a pure function gives one value: annotate it with -> bool, -> Spte, ...",
    )


def ends_without_value(function: str, t: Type) -> Message:
    """Say that a function may end without a return."""
    return Message(
        "KT210",
        f"{function}() ends without a value on some path",
        f"return one of type {t}",
    )


def value_is_to_be_returned(types: Sequence[Type]) -> Message:
    """Say that a return gives nothing."""
    return Message(
        "KT211",
        "a value is to be returned here",
        f"return ..., of type {', '.join(map(str, types))}",
    )


def returns_nothing(function: str, is_property: bool) -> Message:
    """Say that a function without a result returns a value."""
    return Message(
        "KT211",
        f"{function}() returns nothing",
        f"annotate its result: -> {'bool' if is_property else '...'}",
    )


def one_value_is_returned(here: int) -> Message:
    """Say that several values are returned by a function that has one result."""
    return Message(
        "KT211", f"one value is to be returned here, not {here}", "-> tuple[...] gives several"
    )


def several_values_are_returned(number: int) -> Message:
    """Say that another number of values is to be returned."""
    names = ", ".join("abcdefgh"[:number])
    return Message("KT211", f"{number} values are to be returned here", f"return {names}")


def recursion(chain: Sequence[str]) -> Message:
    """Say that a function calls itself, by way of the others in `chain`."""
    name = chain[0]
    return Message(
        "KT212",
        f"{name}() calls itself: {' -> '.join([*chain, name])}",
        "write the recursion as a loop; there is no stack in a spec",
    )


def two_functions(name: str, other: Loc) -> Message:
    """Say that two functions of different modules have one name."""
    return Message(
        "KT213",
        f"there are two functions {name!r}",
        f"rename this one, or the one at {other.file}:{other.line}",
    )


def two_functions_here(name: str, line: int) -> Message:
    """Say that two functions of one module have one name; the other is in `line`."""
    return Message(
        "KT213",
        f"there are two functions {name!r} in this module",
        f"rename this one, or the one in line {line}",
    )


def property_of_two_names(name: str, other: Loc) -> Message:
    """Say that a property is called like another function."""
    return Message(
        "KT213",
        f"there are two functions {name!r}, and one of them is a property",
        f"rename this one, or the one at {other.file}:{other.line}",
    )


def form_of_property(
    what: str, function: str, takes: str, head: str, two: bool, machine: SharedT
) -> Message:
    """Say that a property takes or gives something else; `two` if it should give two bools."""
    gives, result = ("two bools", "tuple[bool, bool]") if two else ("a bool", "bool")
    return Message(
        "KT214",
        f"{what} {function}() takes {takes} and gives {gives}",
        f"def {function}({head.format(machine)}) -> {result}:",
    )


def pure_changes_nothing() -> Message:
    """Say that a pure function assigns to shared state."""
    return Message("KT215", "a pure function changes nothing", "make it @atomic or @hardware")


def pure_only_computes() -> Message:
    """Say that a pure function does what is no value."""
    return Message(
        "KT215",
        "a pure function decides, computes and returns, nothing else",
        "make it an @operation or @atomic",
    )


def property_is_not_called(function: str, kind: str) -> Message:
    """Say that a property of this kind is called."""
    return Message(
        "KT216",
        f"{function}() is not to be called: it is @{kind}",
        "write what both need as a @pure function",
    )


def step_is_not_called(function: str, kind: str) -> Message:
    """Say that hardware or the first states are called."""
    return Message(
        "KT216",
        f"{function}() is not to be called: it is @{kind}",
        "it happens by itself, between any two steps"
        if kind == "hardware"
        else "make what both need an @atomic function",
    )


def computes_too_much(function: str) -> Message:
    """Say that a pure function is too long for an expression."""
    return Message(
        "KT217",
        f"{function}() computes too much",
        "make a @pure function of a part of it, and call that",
    )
