"""Confirmation of the answers of a TLC that stays in its process.

Such a TLC should answer each time as if it were the first. That is not taken on trust: a trace has
to replay, and the second engine has to find the same verdict, and as many states, levels and steps.
Some questions are asked once more in a process of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from kvmtla.check.agreement import Second
from kvmtla.check.results import conclude
from kvmtla.engine import Compiled, Limits
from kvmtla.modules.module import Module
from kvmtla.modules.point import Point
from kvmtla.tlc import TlcOutcome
from kvmtla.verdict import Verdict

# The second engine is many times as fast as TLC.
_SHORT = 10.0
# One question in so many is asked twice.
_ONE_IN = 32
# Two runs of TLC with the same question agree in these.
_ALIKE = ("verdict", "kind", "name", "trace", "initial", "distinct", "generated", "depth")


class Confirmation:
    """Compares answers with those of the second engine; may be called from several threads.

    `compiled` is as for `Second`.
    """

    def __init__(self, compiled: Callable[[Module, Limits], Compiled]) -> None:
        self._second = Second(Limits(seconds=_SHORT), compiled)
        self._lock = threading.Lock()

    def holds_out(self, points: Sequence[Point], answers: Sequence[TlcOutcome]) -> bool:
        """Return whether the second engine agrees with TLC's answer to each point."""
        with self._lock:
            return all(map(self._agrees, points, answers))

    def _agrees(self, point: Point, answer: TlcOutcome) -> bool:
        result = conclude(point, answer)
        if result.verdict is Verdict.UNKNOWN:
            return False
        found = self._second.compare(result)
        return found.undecided is None and not found.differences


def is_sampled(point: Point) -> bool:
    """Return whether TLC is to be asked about `point` in both ways.

    It depends on the question alone, so that a question is asked in the same way again.
    """
    return int(point.module.digest(point.prop)[:8], 16) % _ONE_IN == 0


def differ(one: TlcOutcome, other: TlcOutcome) -> str | None:
    """Return how two outcomes of one question differ; None where they say the same."""
    found = [n for n in _ALIKE if getattr(one, n) != getattr(other, n)]
    if not found:
        return None
    pairs = (f"{n} {_shown(one, n)} and {_shown(other, n)}" for n in found)
    return f"TLC in a process that stays and in one of its own differ: {', '.join(pairs)}"


def _shown(outcome: TlcOutcome, name: str) -> str:
    value = getattr(outcome, name)
    return f"{len(value)} states" if name == "trace" else str(getattr(value, "value", value))
