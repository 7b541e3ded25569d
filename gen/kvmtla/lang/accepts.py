"""What in a spec never happens, and is meant not to, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kvmtla.errors import Loc, SpecError
from kvmtla.lang.decorators import mark_of
from kvmtla.lang.types import caller

Function = Callable[..., Any]


@dataclass(frozen=True)
class Never:
    """Something that never happens, whatever runs; see the functions that make it.

    `test` is the text of a condition in the function, None where all of it never runs; `way` is
    which value the condition never has.
    """

    function: Function
    test: str | None
    way: bool | None
    why: str
    loc: Loc = field(compare=False)


def never_runs(function: Function, why: str) -> Never:
    """An operation or a hardware action that no scenario comes to."""
    return _never(function, None, None, why)


def never_true(function: Function, test: str, why: str) -> Never:
    """A condition in a function, as it is written there, that is never true when it is asked."""
    return _never(function, test, True, why)


def never_false(function: Function, test: str, why: str) -> Never:
    """A condition in a function, as it is written there, that is always true when it is asked."""
    return _never(function, test, False, why)


def _never(function: Function, test: str | None, way: bool | None, why: str) -> Never:
    loc = caller()
    if mark_of(function) is None:
        what = getattr(function, "__name__", repr(function))
        raise SpecError("KT201", f"{what} is not a function of the spec", loc=loc)
    if not (isinstance(why, str) and why.strip()):
        raise SpecError(
            "KT622",
            "what never happens needs a reason",
            loc=loc,
            hint='never_true(f, "old.dirty", "...")',
        )
    return Never(function, " ".join(test.split()) if test is not None else None, way, why, loc)
