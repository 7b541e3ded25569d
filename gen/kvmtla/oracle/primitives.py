"""The primitives, as the functions of a specification call them.

In an operation, each asks the run for its answer, which ends the run if there is none. The effect
of an access on the state is in `steps`.
"""

from __future__ import annotations

import enum
from typing import Any

from kvmtla.oracle.context import Impossible, NotInLanguageError, context
from kvmtla.oracle.runs import Access, LockBlock, Run
from kvmtla.oracle.states import place_of
from kvmtla.oracle.values import Domain, RwLock, alone, elements, unwrapped


def _run() -> Run:
    if context.run is None:
        raise NotInLanguageError("an access in code that is one step")
    return context.run


def _access(kind: str, place: Any, *args: Any) -> Any:
    run = _run()
    given = tuple(alone(unwrapped(a)) for a in args)
    return run.access(Access(kind, place_of(place), given))


def READ_ONCE(place: Any) -> Any:
    """Load once."""
    return _access("READ_ONCE", place)


def WRITE_ONCE(place: Any, value: Any) -> None:
    """Store once."""
    _access("WRITE_ONCE", place, value)


def xchg(place: Any, value: Any) -> Any:
    """Store, and return what was there."""
    return _access("xchg", place, value)


def cmpxchg(place: Any, old: Any, new: Any) -> Any:
    """Store if the old value is there; return what was there."""
    return _access("cmpxchg", place, old, new)


def try_cmpxchg(place: Any, old: Any, new: Any) -> Any:
    """Store if the old value is there; return whether it was, and what was there."""
    return _access("try_cmpxchg", place, old, new)


def atomic_fetch_and(place: Any, mask: Any) -> Any:
    """Clear the bits that are not in the mask; return what was there."""
    return _access("atomic_fetch_and", place, mask)


def atomic_fetch_or(place: Any, mask: Any) -> Any:
    """Set the bits of the mask; return what was there."""
    return _access("atomic_fetch_or", place, mask)


def set_bit(place: Any) -> None:
    """Set a bit."""
    _access("set_bit", place)


def clear_bit(place: Any) -> None:
    """Clear a bit."""
    _access("clear_bit", place)


def test_bit(place: Any) -> Any:
    """Read a bit."""
    return _access("test_bit", place)


def test_and_set_bit(place: Any) -> Any:
    """Set a bit, and return what it was."""
    return _access("test_and_set_bit", place)


def test_and_clear_bit(place: Any) -> Any:
    """Clear a bit, and return what it was."""
    return _access("test_and_clear_bit", place)


def read_lock(lock: Any) -> LockBlock:
    """Hold a lock for reading, over a `with` block."""
    return LockBlock("read", place_of(lock))


def write_lock(lock: Any) -> LockBlock:
    """Hold a lock for writing, over a `with` block."""
    return LockBlock("write", place_of(lock))


def wait_until(condition: Any, text: str = "") -> None:
    """Wait until the condition is true; its value is the one in the current state."""
    run = _run()
    run.touched.clear()
    run.access(Access("wait_until", (), (bool(condition),)))


def require(condition: Any) -> None:
    """Rule out the step, which all of the code is, where the condition is false."""
    if context.run is not None:
        raise NotInLanguageError("require() in an operation")
    if not condition:
        raise Impossible


def choose(of: Any) -> Any:
    """Choose any one value of a type."""
    options: tuple[Any, ...]
    if of is bool:
        options = (False, True)
    elif isinstance(of, type) and issubclass(of, enum.Enum):
        options = tuple(of)
    elif isinstance(of, type) and issubclass(of, Domain):
        options = elements(of)
    else:
        raise NotInLanguageError(f"a choice of {of!r}")
    if context.run is not None:
        return context.run.access(Access("choose", (), options))
    if context.choices is None:
        raise NotInLanguageError("a choice where there is none")
    return context.choices.choose(options)


def held_for_write(lock: Any) -> bool:
    """Does somebody hold a lock for writing?"""
    return _held(lock) == -1


def held_for_read(lock: Any) -> bool:
    """Does somebody hold a lock for reading?"""
    return _held(lock) > 0


def _held(lock: Any) -> int:
    if not isinstance(lock, RwLock):
        raise NotInLanguageError(f"{lock!r} is no lock")
    held: int = lock._content
    return held
