"""Answers: at once where the model is small, and from TLC where it is not."""

from __future__ import annotations

from collections.abc import Sequence

from kvmtla.check.engine_results import Answer, answer_of, ask
from kvmtla.cli.progress import asking, watching
from kvmtla.cli.running import Running, checker
from kvmtla.cli.searching import searching
from kvmtla.engine import Limits
from kvmtla.modules.point import Point
from kvmtla.verdict import Verdict

SMALL = 200_000
"""A model with more states than this is not small."""

# Whether a model is compiled; None means from some size on.
_NATIVE = {"auto": None, "python": False, "compiled": True}


def answers(points: Sequence[Point], running: Running, engine: str = "auto") -> list[Answer]:
    """Return answers from the second engine, from TLC, or from TLC where the engine gives up.

    `engine` is `python`, `compiled` (the same as C), `tlc` or `auto`.
    """
    found: dict[int, Answer] = {}
    if engine != "tlc":
        limit = Limits(seconds=running["timeout"], in_python=SMALL if engine == "auto" else None)
        with searching() as watcher, asking(len(points)) as tell:
            for i, p in enumerate(points):
                found[i] = ask(p, limit, _NATIVE[engine], watcher)
                tell(found[i])
    left = [i for i in range(len(points)) if i not in found]
    if engine == "auto":
        left = [i for i, a in found.items() if a.verdict is Verdict.UNKNOWN and a.steps is None]
    if left:
        check = checker(running)
        with watching(err=True) as watcher:
            results = check.check([points[i] for i in left], watcher)
        found |= {i: answer_of(r) for i, r in zip(left, results, strict=True)}
    return [found[i] for i in range(len(points))]
