"""What one run of TLC is asked of several modules, and what it says of each.

See `kvmtla.emit.several` for how they become one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kvmtla.check.joint import OneModule, Run
from kvmtla.check.points import Point
from kvmtla.emit.names import operator_of
from kvmtla.emit.several import Part, Several, several
from kvmtla.engine import Limits, explore
from kvmtla.ir.property import PropertyKind
from kvmtla.tlc import RunOptions, TlcOutcome, Verdict

MOST_MODULES = 8
_SPECIFICATION, _INVARIANTS, _SYMMETRY = "SPECIFICATION Spec\n", "INVARIANTS\n", "SYMMETRY"
_TYPE_OK = "TypeOK"
_CONSTANT = re.compile(r"^ +(\w+) = (.*)$", re.MULTILINE)
_NAME = re.compile(r"\w+")
# The second engine is many times as fast as TLC.
_SHORT = 10.0


@dataclass(frozen=True)
class SeveralModules:
    """A run for invariants of several modules with the same constants, all expected to hold.

    Each of `groups` are the points of one module.
    """

    groups: Sequence[Sequence[Point]]

    @property
    def points(self) -> Sequence[Point]:
        """The points of all."""
        return [p for group in self.groups for p in group]

    @property
    def module(self) -> str:
        """The name of the file of the module that stands for all."""
        return f"{self._several.name}.tla"

    @property
    def cfg(self) -> str:
        """The name of the file of its configuration."""
        return f"{self._several.name}.cfg"

    @cached_property
    def _several(self) -> Several:
        parts = [
            Part(
                group[0].module.name,
                list(group[0].module.model.variables),
                [_TYPE_OK, *(operator_of(p.kind, p.prop) for p in group)],
            )
            for group in self.groups
        ]
        known = _CONSTANT.findall(_constants(self.points[0]))
        values = {word for _, value in known for word in _NAME.findall(value)}
        return several(parts, [name for name, _ in known], values)

    def files(self) -> Mapping[str, str]:
        """The module that stands for all, its configuration, and each of the modules."""
        invariants = "".join(f"    {name}\n" for name in self._several.invariants)
        cfg = f"INIT Init\nNEXT Next\n{_constants(self.points[0])}{_INVARIANTS}{invariants}"
        modules = [group[0].module for group in self.groups]
        return {self.module: self._several.text, self.cfg: cfg, **{m.file: m.text for m in modules}}

    def options(self, given: RunOptions) -> RunOptions:
        """`given`."""
        return given

    def answers(self, outcome: TlcOutcome) -> Sequence[TlcOutcome] | None:
        """That all of them hold is said of each; anything else is about one, or about the run.

        TLC gives the numbers for all modules together. Those of each are what the second engine
        counts, and are taken only if they make TLC's. Of steps, TLC counts some more than once,
        which depends on how they are written: then how many are of each module is not known.
        """
        if outcome.verdict is not Verdict.HOLDS:
            return None
        limit = Limits(seconds=max(_SHORT, outcome.seconds))
        each = []
        for group in self.groups:
            found = explore(group[0].module.model, (), limit=limit)
            if found.verdict is not Verdict.HOLDS or not found.distinct:
                return None
            each.append(found)
        whole = sum(f.distinct for f in each), max(f.depth for f in each)
        if whole != (outcome.distinct, outcome.depth):
            return None
        same = sum(f.generated for f in each) == outcome.generated
        return [
            replace(
                outcome,
                distinct=found.distinct,
                generated=found.generated if same else None,
                depth=found.depth,
                seconds=outcome.seconds / len(each),
                shared=True,
            )
            for group, found in zip(self.groups, each, strict=True)
            for _ in group
        ]

    def smaller(self) -> Sequence[OneModule]:
        """A run for each module."""
        return [OneModule(group) for group in self.groups]


class Gathering:
    """Makes runs of groups of points of one module each, as they come."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Sequence[Point]]] = {}

    def add(self, group: Sequence[Point], most: int) -> Run | None:
        """The run, of up to `most` modules, that this group is, or completes.

        None where it is to wait for others.
        """
        if most < 2 or not _may_wait(group):
            return OneModule(group)
        constants = _constants(group[0])
        names = [g[0].module.name.casefold() for g in self._waiting.get(constants, ())]
        if group[0].module.name.casefold() in names:
            # As of another spec: each has to be a file of its own.
            return OneModule(group)
        self._waiting.setdefault(constants, []).append(group)
        if len(self._waiting[constants]) < most:
            return None
        return _run_of(self._waiting.pop(constants))

    def rest(self) -> Iterator[Run]:
        """The runs that those are which still wait."""
        while self._waiting:
            _, groups = self._waiting.popitem()
            yield _run_of(groups)


def _run_of(groups: Sequence[Sequence[Point]]) -> Run:
    return SeveralModules(groups) if len(groups) > 1 else OneModule(groups[0])


def _may_wait(group: Sequence[Point]) -> bool:
    """Are these invariants that are expected to hold, of a module without symmetry?

    Where elements are swapped, states are so many that the start hardly counts.
    """
    return all(p.kind is PropertyKind.INVARIANT and p.expected == "holds" for p in group) and (
        _SYMMETRY not in _constants(group[0])
    )


def _constants(point: Point) -> str:
    """What the configuration says between the specification and the invariants."""
    _, _, rest = point.module.cfgs[point.prop].partition(_SPECIFICATION)
    return rest.partition(_INVARIANTS)[0]
