"""Verdicts in words."""

from __future__ import annotations

import json
import re
from typing import Protocol

from kvmtla.ir.property import PropertyKind
from kvmtla.modules.point import Point
from kvmtla.verdict import Verdict

_WORD = re.compile(r"[\w.+-]+")


class Found(Protocol):
    """A point with what was found out about it, by either engine."""

    @property
    def point(self) -> Point:
        """The point that was asked about."""

    @property
    def verdict(self) -> Verdict:
        """The verdict that came out."""

    @property
    def reason(self) -> str | None:
        """The reason where the verdict is unknown."""

    @property
    def distinct(self) -> int | None:
        """The number of states, as far as it is known."""

    @property
    def steps(self) -> int | None:
        """The number of steps to see, if there are any."""

    @property
    def expected(self) -> str | None:
        """The verdict that is claimed, in the word for it; None where nothing is claimed."""


def in_words(found: Found) -> str:
    """Return the verdict with its number: violated in 4 steps, unreached in all 29 states."""
    word = said(found.verdict, found.point.kind)
    if found.verdict is Verdict.UNKNOWN:
        return f"{word}: {found.reason}"
    if found.verdict is Verdict.VIOLATED:
        return f"{word} in {found.steps} step{'' if found.steps == 1 else 's'}"
    return f"{word} in all {found.distinct:,} state{'' if found.distinct == 1 else 's'}"


def said(verdict: Verdict, kind: PropertyKind) -> str:
    """Return a verdict in the word that expectations use for this kind of property."""
    if kind is PropertyKind.GOAL:
        words = {Verdict.VIOLATED: "reached", Verdict.HOLDS: "unreached"}
        return words.get(verdict, verdict.value)
    return verdict.value


def unmistakable(value: str) -> str:
    """Return the value of a constant, quoted where it could be taken for more than one word."""
    return value if _WORD.fullmatch(value) else json.dumps(value)


def differs(found: Found) -> bool:
    """Return whether the verdict is known, and another one is claimed."""
    known = found.verdict is not Verdict.UNKNOWN and found.expected is not None
    return known and said(found.verdict, found.point.kind) != found.expected
