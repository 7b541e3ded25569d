"""The questions and files that one run of TLC on a module is given.

Checking two properties that hold takes no more searching than checking one, and TLC spends most of
its time for a small model on starting.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvmtla.emit.names import operator_of
from kvmtla.files import cannot_write_temporary
from kvmtla.ir.property import PropertyKind
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.tlc import Progress, Residents, RunOptions, TlcOutcome, Toolchain, run_tlc
from kvmtla.verdict import Verdict

_ONE_STATE_OR_STEP = (PropertyKind.INVARIANT, PropertyKind.STEP)


@dataclass(frozen=True)
class Run:
    """A run for points of one module. If there are several, all are expected to hold."""

    points: Sequence[Point]

    @property
    def module(self) -> str:
        """The name of the module's file."""
        return self.points[0].module.file

    @property
    def cfg(self) -> str:
        """The name of the configuration's file."""
        return self.points[0].module.cfg_file(self.points[0].prop)

    def files(self) -> Mapping[str, str]:
        """Return the texts of both files by name."""
        module = self.points[0].module
        return {self.module: module.text, self.cfg: joint_cfg(module, self.points)}

    def options(self, given: RunOptions) -> RunOptions:
        """Return `given`, with whether there are properties of steps."""
        of_steps = any(p.kind is PropertyKind.STEP for p in self.points)
        return replace(given, of_steps=of_steps)

    def answers(self, outcome: TlcOutcome) -> Sequence[TlcOutcome] | None:
        """Return an outcome for each point; None where several have no answer in common.

        Only a verdict that all of them hold is an answer for each of several.
        """
        if len(self.points) > 1 and outcome.verdict is not Verdict.HOLDS:
            return None
        return [outcome] * len(self.points)

    def smaller(self) -> Sequence[Run]:
        """Return a run for each point."""
        return [Run([p]) for p in self.points]


def asked_together(points: Iterable[Point]) -> list[list[Point]]:
    """Return `points` in groups, in the order of the first of each.

    The invariants and step properties of one module that are expected to hold form a group. TLC
    must be asked separately about one that does not hold, since it stops at the first.
    """
    groups: dict[tuple[Module, str | None], list[Point]] = {}
    for point in points:
        joint = point.kind in _ONE_STATE_OR_STEP and point.expected == "holds"
        groups.setdefault((point.module, None if joint else point.prop), []).append(point)
    return list(groups.values())


def joint_cfg(module: Module, points: Sequence[Point]) -> str:
    """Return the text of a configuration that checks all `points` of `module`.

    It ends with the list of invariants, or with a list of other properties after that of
    invariants.
    """
    of_steps = [p for p in points if p.kind is PropertyKind.STEP]
    first, *others = [p for p in points if p.kind is not PropertyKind.STEP] or of_steps
    parts = [module.cfgs[first.prop], *map(_line, others)]
    if of_steps and first is not of_steps[0]:
        parts += ["PROPERTIES\n", *map(_line, of_steps)]
    return "".join(parts)


def _line(point: Point) -> str:
    return f"    {operator_of(point.kind, point.prop)}\n"


def answer(
    run: Run,
    toolchain: Toolchain,
    options: RunOptions,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
    residents: Residents | None = None,
) -> TlcOutcome:
    """Return the outcome of `run`; `options` apply to all runs, the rest is as for `run_tlc`.

    Raises ToolError where TLC cannot be run, or there is no room for the files that it reads.
    """
    with tempfile.TemporaryDirectory(prefix="kvmtla-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for file, text in run.files().items():
            try:
                (folder / file).write_text(text, encoding="utf-8")
            except OSError as error:
                raise cannot_write_temporary(folder / file, error) from error
        return run_tlc(
            toolchain,
            folder,
            run.module,
            run.cfg,
            options=run.options(options),
            on_progress=on_progress,
            cancel=cancel,
            residents=residents,
        )
