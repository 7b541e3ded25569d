"""Random specs: the models that they are lowered to do what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.compare import Comparison
from support.random_specs import RandomSpec
from support.specs import load, project_of

# Those among the first that have some states, but not many: 15 to 400, without reductions.
SEEDS = """
    1 3 4 6 8 12 13 17 18 21 24 26 27 28 33 36 37 41 42 43 44 45 47 50 53 58 59 60 62 65 67 69 75
    77 78 83 84 85
"""


@pytest.mark.parametrize("seed", [int(n) for n in SEEDS.split()])
def test_the_model_does_what_is_written(seed: int, tmp_path: Path) -> None:
    module = load(tmp_path, RandomSpec(seed).text(), f"random_{seed}.py")
    assert Comparison(project_of(module), most=400).all_differences() == {}
