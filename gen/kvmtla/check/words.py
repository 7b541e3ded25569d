"""Verdicts in words."""

from __future__ import annotations

import json
import re
from typing import Protocol

from kvmtla.check.points import Point
from kvmtla.ir.property import PropertyKind
from kvmtla.tlc import Verdict

_WORD = re.compile(r"[\w.+-]+")


class Found(Protocol):
    """A point with what was found out about it, whoever did."""

    @property
    def point(self) -> Point:
        """What was asked."""

    @property
    def verdict(self) -> Verdict:
        """What came out."""

    @property
    def reason(self) -> str | None:
        """Why it is unknown, where it is."""

    @property
    def distinct(self) -> int | None:
        """How many states there are, as far as is known."""

    @property
    def steps(self) -> int | None:
        """How many steps there are to see, if there are any."""

    @property
    def expected(self) -> str | None:
        """The verdict that is claimed, in the word for it; None where nothing is claimed."""


def in_words(found: Found) -> str:
    """The verdict with its number: violated in 4 steps, unreached in all 29 states."""
    word = said(found.verdict, found.point.kind)
    if found.verdict is Verdict.UNKNOWN:
        return f"{word}: {found.reason}"
    if found.verdict is Verdict.VIOLATED:
        return f"{word} in {found.steps} step{'' if found.steps == 1 else 's'}"
    return f"{word} in all {found.distinct:,} state{'' if found.distinct == 1 else 's'}"


def said(verdict: Verdict, kind: PropertyKind) -> str:
    """A verdict in the word that expectations use for this kind of property."""
    if kind is PropertyKind.GOAL:
        words = {Verdict.VIOLATED: "reached", Verdict.HOLDS: "unreached"}
        return words.get(verdict, verdict.value)
    return verdict.value


def unmistakable(value: str) -> str:
    """The value of a constant, such that in a list nobody takes it for more than one word."""
    return value if _WORD.fullmatch(value) else json.dumps(value)


def differs(found: Found) -> bool:
    """Whether the verdict is known, and another one is claimed."""
    known = found.verdict is not Verdict.UNKNOWN and found.expected is not None
    return known and said(found.verdict, found.point.kind) != found.expected
