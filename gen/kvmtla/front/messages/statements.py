"""KT4: messages about statements, and about all that is not part of the language."""

from __future__ import annotations

from kvmtla.errors.message import Message
from kvmtla.ir.types import Type


def not_in_language(what: str, instead: str | None) -> Message:
    """Say that something of Python is not part of the language."""
    return Message("KT401", f"{what} is not part of the language", instead)


def stars() -> Message:
    """Say that the arguments of a call are not written out."""
    return Message("KT401", "* and ** are not part of the language", "write the arguments out")


def only_names_are_called() -> Message:
    """Say that something without a name is called."""
    return Message("KT401", "only what has a name is called", "name(...)")


def no_effect() -> Message:
    """Say that a statement changes nothing."""
    return Message("KT402", "this has no effect", "use its value, or remove it")


def unreachable() -> Message:
    """Say that nothing leads to a statement."""
    return Message("KT403", "this can never be reached", "remove it")


def one_assignment() -> Message:
    """Say that an assignment has several targets."""
    return Message("KT404", "one assignment sets one thing", "write two")


def declaration() -> Message:
    """Say that a local is annotated without a value."""
    return Message("KT404", "a declaration without a value", "give it its first value")


def part_of_local() -> Message:
    """Say that a part of a local is assigned to."""
    return Message(
        "KT404",
        "a part of a local cannot be assigned to",
        "give the local a whole new value, with but(...) or Map(...)",
    )


def stands_in_with(name: str, call: str) -> Message:
    """Say that a lock or span is called outside a `with`."""
    return Message("KT405", f"{name}() stands in a `with`", f"with {call}:")


def with_belongs_into_operation() -> Message:
    """Say that one step has a `with`."""
    return Message(
        "KT405", "`with` belongs into an @operation", "remove it: one step needs no lock"
    )


def with_something_else(text: str) -> Message:
    """Say that a `with` holds something that is neither lock nor span."""
    return Message(
        "KT405",
        f"`with {text}` is not part of the language",
        "use read_lock(...), write_lock(...) or a Span",
    )


def pure_does_not_loop() -> Message:
    """Say that a pure function has a loop."""
    return Message("KT406", "a pure function does not loop", "use all(), any() or a comprehension")


def one_step_does_not_loop() -> Message:
    """Say that one step has a `while`."""
    return Message("KT406", "one step does not loop", "use `for ... in` a domain")


def one_variable(hint: str) -> Message:
    """Say that several variables run over a domain at once."""
    return Message("KT407", "one variable runs over a domain", hint)


def symmetric_loop(domain: Type, one_step: bool) -> Message:
    """Say that a loop takes the elements of a symmetric domain in some order."""
    return Message(
        "KT408",
        f"the elements of {domain} have no order: it is symmetric",
        "do it for all at once, with Map(...), Set(...), all() or any()"
        if one_step
        else "loop over a Domain that is not symmetric; or do it in one step, with @atomic",
    )


def idle_loop() -> Message:
    """Say that a loop goes around without a step."""
    return Message(
        "KT409",
        "this loop can go around without a step",
        "let every way around it read shared state",
    )
