"""The input and the output of a section of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.front.scenario import Spec
from kvmtla.load import SpecPackage
from kvmtla.modules.memo import Memo


@dataclass(frozen=True)
class Ground:
    """The material for a section: a spec, and what TLC says of all its claims once it is asked.

    `memo` holds what is known of the spec from earlier. `short` asks for the form that is quick
    enough to be run with every change.
    """

    package: SpecPackage
    spec: Spec
    ask: Callable[[], Sequence[Result]]
    memo: Memo
    checker: Checker
    short: bool

    @cached_property
    def results(self) -> Sequence[Result]:
        """The results of all claims; TLC is asked for them when the first section needs them."""
        return self.ask()


@dataclass(frozen=True)
class Found:
    """The findings of a section: lines with figures, and what speaks against belief, if anything.

    Each of `faults` is a sentence that names what went wrong and where.
    """

    lines: tuple[str, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One link of the chain: its name on the command line, its title, what is checked by what."""

    name: str
    title: str
    about: str
    run: Callable[[Ground], Found]
