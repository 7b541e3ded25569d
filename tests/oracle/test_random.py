"""Specifications made by chance: Python and the tool say the same of each.

`KVMTLA_RANDOM_MODELS` and `KVMTLA_RANDOM_SEED` are as for the tests of the engine; of so many
models only a part is run here.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from kvmtla.check.points import points
from kvmtla.engine import Limits, explore
from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.lower.symbolic import Reductions
from kvmtla.oracle import Budget, DoesNotFitError, run_file
from kvmtla.fuzz.beside import Beside
from support.randomspec import random_spec
from support.specs import load, project_of

MODELS = int(os.environ.get("KVMTLA_RANDOM_MODELS", "300")) // 15
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
BUDGET = Budget(300, 1)
LIMIT = Limits(states=1000)


def test_python_says_the_same(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    fit = 0
    for i in range(MODELS):
        r = random.Random(f"oracle {SEED} {i}")
        text = random_spec(r, r.randint(1, 4), r.randint(1, 2))
        fit += _compared(tmp_path, text, f"r{i}")
    record_property("specifications run by Python", fit)
    assert fit >= MODELS // 3


def _compared(folder: Path, text: str, name: str) -> bool:
    """Compares one; gives whether it fits into the budget."""
    try:
        spec = read_project(project_of(load(folder, text, f"{name}.py")))
        reduced, whole = points(spec, folder), points(spec, folder, Reductions.none())
    except SpecError:
        return False
    specification = run_file(folder / f"{name}.py")
    worlds: dict[object, Beside] = {}
    for p in [*reduced, *whole]:
        key = tuple(p.constants.items())
        try:
            if key not in worlds:
                worlds[key] = Beside(specification, p.claim.scenario.name, p.constants, BUDGET)
            outcome = explore(p.module.model, p.prop, limit=LIMIT, stuck=True)
        except DoesNotFitError:
            return False
        if outcome.reason is not None:
            return False
        said = worlds[key].engine_differs(p.prop, outcome)
        assert said is None, f"{said}\n{text}"
    return True
