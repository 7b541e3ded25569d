"""KT5: messages about shared state and steps."""

from __future__ import annotations

from kvmtla.errors.message import Message
from kvmtla.ir.types import MapT, Type


def read_outside_primitive(place: str) -> Message:
    """Say that an operation reads a place of the shared state as if it were its own."""
    return Message(
        "KT501",
        "shared state is touched outside a primitive",
        f"read it with READ_ONCE({place}): one access, one step",
    )


def written_outside_primitive(place: str) -> Message:
    """Say that an operation assigns to a place of the shared state."""
    return Message(
        "KT501",
        "shared state is touched outside a primitive",
        f"write it with WRITE_ONCE({place}, ...), one access and one step, "
        "or with xchg, try_cmpxchg, set_bit, ...",
    )


def function_reads_outside_primitive(function: str) -> Message:
    """Say that an operation calls a pure function that reads the shared state."""
    return Message(
        "KT501",
        f"{function} reads shared state outside a primitive",
        "read what it needs with READ_ONCE first, and pass that",
    )


def step_in_one_step(name: str) -> Message:
    """Say that a primitive stands in a function that is one step."""
    return Message(
        "KT502",
        f"{name} is a step of its own; this function is one step as a whole",
        "read and assign shared state directly here",
    )


def steps_in_one_step(function: str, kind: str) -> Message:
    """Say that a function that takes steps is called by one of a `kind` that has none."""
    return Message(
        "KT502",
        f"{function}() takes steps, and this function is @{kind}",
        "call it from an @operation",
    )


def state_as_value(name: str, field: str) -> Message:
    """Say that the shared state stands where a value is wanted."""
    return Message(
        "KT503", f"{name} is the shared state as a whole", f"name one of its fields: {name}.{field}"
    )


def state_as_local(name: str) -> Message:
    """Say that a local is called like the shared state."""
    return Message("KT503", f"{name!r} is the shared state", "give the local another name")


def state_is_wanted() -> Message:
    """Say that a call has something else in the place of the shared state."""
    return Message("KT503", "the shared state is wanted here", "pass it on as it is")


def step_not_just_once(name: str) -> Message:
    """Say that a step stands where it may not happen, or happen several times."""
    return Message(
        "KT504",
        f"{name} is a step, and would not happen exactly once here",
        "give its result a name on a line of its own, under an `if` where it needs one",
    )


def require_or_wait(name: str, other: str) -> Message:
    """Say that require() stands in an operation, or wait_until() outside of one."""
    return Message("KT505", f"{name}() has no place here", f"use {other}()")


def text_of_wait() -> Message:
    """Say that the text of a wait is something else than a string."""
    return Message("KT505", "the text of a wait is a string", 'text="..."')


def wait_for_nothing() -> Message:
    """Say that a wait is for something that is read before it."""
    return Message(
        "KT506",
        "what is read before the wait does not change during it",
        "name the shared state in the condition itself: wait_until(not m.busy)",
    )


def bit_primitive(name: str, t: Type, place: str) -> Message:
    """Say that a primitive for one bit has another place."""
    return Message(
        "KT507",
        f"{name} wants one bit of a bitmap, this is {t}",
        f"{name}({place}[...])"
        if isinstance(t, MapT)
        else "use atomic_fetch_or, atomic_fetch_and or cmpxchg for a word",
    )


def word_primitive(name: str, t: Type) -> Message:
    """Say that a primitive for words has another place."""
    return Message(
        "KT507",
        f"{name} wants a word, this is {t}",
        "use WRITE_ONCE, xchg, cmpxchg or set_bit",
    )


def place_is_wanted(example: str) -> Message:
    """Say that a primitive has something else than a place in the shared state."""
    return Message("KT507", "a primitive wants a place in the shared state", f"such as {example}")


def lock_as_place(text: str) -> Message:
    """Say that a lock stands where a value or a place is wanted."""
    return Message(
        "KT508",
        "a lock is taken by `with read_lock(...)` or `with write_lock(...)`, nothing else",
        f"with write_lock({text}):",
    )


def lock_is_wanted(t: Type, hint: str | None = None) -> Message:
    """Say that a lock is wanted where something else stands."""
    return Message("KT508", f"a RwLock is wanted, this is {t}", hint)


def held_already(lock: str, readers: bool) -> Message:
    """Say that a lock is taken by who holds it; `readers` if it is taken to read both times."""
    # Behind a writer that waits, the kernel's readers wait, too (queued_read_lock).
    writer = ", once a writer waits" if readers else ""
    return Message(
        "KT509",
        f"{lock} is held already: this would wait for itself{writer}",
        "take it once, around all that needs it",
    )


def when_is_a_condition() -> Message:
    """Say that `when` of a span is no lambda."""
    return Message("KT510", "`when` is a condition on locals", "when=lambda: ...")


def when_takes(span: str, parameters: str) -> Message:
    """Say that the lambda of a span takes some of its parameters only."""
    return Message(
        "KT510",
        f"the lambda takes all parameters of {span}, or none",
        f"when=lambda {parameters}: ...",
    )


def operation_asks_for_span() -> Message:
    """Say that an operation asks whether another one is in a span."""
    return Message("KT511", "an operation cannot ask where another one is", "use shared state")


def active_when() -> Message:
    """Say that a property of steps asks about a span without saying at which end of the step."""
    return Message(
        "KT511",
        "active before the step, or after it?",
        "write a @pure function of the shared state that asks, and call that of either",
    )


_ONLY_PROPERTIES = "only properties ask whether a lock is held"


def calls_who_asks_about_lock(function: str) -> Message:
    """Say that a function is called that asks about a lock, by what is no property."""
    return Message("KT512", f"{function}() asks about a lock", _ONLY_PROPERTIES)


def asks_about_lock(name: str) -> Message:
    """Say that it is asked about a lock in what is no property."""
    return Message("KT512", f"{name}() has no place here", _ONLY_PROPERTIES)


def changes_what_it_is_index_of(base: str, text: str) -> Message:
    """Say that the index `text` changes the map that it is an index of."""
    return Message(
        "KT513",
        f"this changes {base}, into which it is an index",
        f"give it a name on a line of its own: i = {text}",
    )


def changes_what_is_set(whole: str, text: str) -> Message:
    """Say that the value `text` changes the variable of which a part is set."""
    return Message(
        "KT513",
        f"this changes {whole} too, a part of which is set here",
        f"give it a name on a line of its own: value = {text}",
    )
