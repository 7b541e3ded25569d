"""The accesses to shared memory: in an operation, each is exactly one step.

`place` is always a path into the shared state, such as `m.spte[gfn]`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TypeVar

from kvmtla.lang.types import NotRunError, RwLock, Word

T = TypeVar("T")
W = TypeVar("W", bound=Word)


def held_for_write(lock: RwLock) -> bool:
    """Does somebody hold the lock for writing? Only properties may ask."""
    raise NotRunError("held_for_write")


def held_for_read(lock: RwLock) -> bool:
    """Does anybody hold the lock for reading? Only properties may ask."""
    raise NotRunError("held_for_read")


def READ_ONCE(place: T) -> T:
    """Load the value of a place, once."""
    raise NotRunError("READ_ONCE")


def WRITE_ONCE(place: T, value: T) -> None:
    """Store plainly, once: what anyone else has put there in the meantime is gone."""
    raise NotRunError("WRITE_ONCE")


def xchg(place: T, value: T) -> T:
    """Store `value` and return what was there, in one atomic step."""
    raise NotRunError("xchg")


def cmpxchg(place: T, old: T, new: T) -> T:
    """Store `new` if `old` is there; return what was there."""
    raise NotRunError("cmpxchg")


def try_cmpxchg(place: T, old: T, new: T) -> tuple[bool, T]:
    """Store `new` if `old` is there; return whether it was, and what was there.

    C hands the second result back through the pointer to `old`: `ok, old = try_cmpxchg(...)`.
    """
    raise NotRunError("try_cmpxchg")


def atomic_fetch_and(place: W, mask: W) -> W:
    """Clear the bits that are not in `mask`, atomically; return what was there."""
    raise NotRunError("atomic_fetch_and")


def atomic_fetch_or(place: W, mask: W) -> W:
    """Set the bits of `mask`, atomically; return what was there."""
    raise NotRunError("atomic_fetch_or")


def set_bit(place: bool) -> None:
    """Set one bit of a bitmap, atomically."""
    raise NotRunError("set_bit")


def clear_bit(place: bool) -> None:
    """Clear one bit of a bitmap, atomically."""
    raise NotRunError("clear_bit")


def test_bit(place: bool) -> bool:
    """Read one bit of a bitmap."""
    raise NotRunError("test_bit")


def test_and_set_bit(place: bool) -> bool:
    """Set one bit and return what it was, atomically."""
    raise NotRunError("test_and_set_bit")


def test_and_clear_bit(place: bool) -> bool:
    """Clear one bit and return what it was, atomically."""
    raise NotRunError("test_and_clear_bit")


def wait_until(condition: bool, text: str = "") -> None:
    """Block until `condition`, which may read shared state, is true; one step.

    `text` is what a story says of it, in the kernel's words: `"synchronize_srcu(&kvm->srcu)"`.
    """
    raise NotRunError("wait_until")


def require(condition: bool) -> None:
    """Allow the step of a function that is one step as a whole only where `condition` is true."""
    raise NotRunError("require")


def choose(of: type[T]) -> T:
    """Return any one value of `bool`, a domain or an enumeration: all of them are explored."""
    raise NotRunError("choose")


def read_lock(lock: RwLock) -> AbstractContextManager[None]:
    """Hold `lock` for reading over a `with` block; wait while somebody holds it for writing."""
    raise NotRunError("read_lock")


def write_lock(lock: RwLock) -> AbstractContextManager[None]:
    """Hold `lock` for writing over a `with` block; wait while anybody holds it."""
    raise NotRunError("write_lock")
