"""The time that may be spent on something, checked on the way by all that may take long.

It belongs to the thread that sets it. Code that goes through source, a graph or an expression
checks it at each part; between two of these nothing takes long. So the work ends in time, in any
thread, and leaves nothing behind that still runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from kvmtla.errors import KvmtlaError


class TooLongError(KvmtlaError):
    """Something has taken longer than it may. The message says what, and for how long."""

    exit_status = 3

    def again(self) -> TooLongError:
        """Return the same, to be raised once more."""
        code = self.code
        return TooLongError(code, self.message, hint=self.hint)


@dataclass(slots=True)
class _Patience:
    what: str
    seconds: float
    ends: float
    inside: str | None = None


_now: ContextVar[_Patience | None] = ContextVar("patience", default=None)


@contextmanager
def within(seconds: float | None, what: str = "compiling", spent: float = 0.0) -> Iterator[None]:
    """Let what is done here take no more than so many seconds; None is as long as it takes.

    Raises TooLongError, which begins with `what`, where it takes longer. `spent` is how many of the
    seconds are spent already. Where something around it is given less time, that counts.
    """
    before = _now.get()
    ends = time.monotonic() + (seconds or 0.0) - spent
    if seconds is None or (before is not None and before.ends <= ends):
        yield
        return
    token = _now.set(_Patience(what, seconds, ends))
    try:
        yield
    finally:
        _now.reset(token)


def on_time(inside: str | None = None) -> None:
    """Raise TooLongError where there is no time left.

    `inside` is the function of the spec that is gone through from here on.
    """
    now = _now.get()
    if now is None:
        return
    if inside is not None:
        now.inside = inside
    if time.monotonic() > now.ends:
        where = f", in {now.inside}()" if now.inside is not None else ""
        seconds = "1 second" if now.seconds == 1 else f"{now.seconds:g} seconds"
        raise TooLongError(
            "KT813",
            f"{now.what} took longer than {seconds}{where}",
            hint="give it longer: --timeout",
        )


def left(most: float) -> float:
    """Return how many seconds are left, but no more than `most`."""
    now = _now.get()
    return most if now is None else max(0.0, min(most, now.ends - time.monotonic()))
