"""Declarations of what is meant never to happen in a spec, each with its reason."""

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

    `test` is the text of a condition in the function; None where the whole function never runs.
    `way` is the value that the condition never has.
    """

    function: Function
    test: str | None
    way: bool | None
    why: str
    loc: Loc = field(compare=False)


def never_runs(function: Function, why: str) -> Never:
    """Declare that no scenario comes to an operation or a hardware action."""
    return _never(function, None, None, why)


def never_true(function: Function, test: str, why: str) -> Never:
    """Declare that a condition in a function, as written there, is never true when it is asked."""
    return _never(function, test, True, why)


def never_false(function: Function, test: str, why: str) -> Never:
    """Declare that a condition in a function, as written there, is always true when it is asked."""
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
