"""The same spec gives the same bytes, whatever order Python keeps its sets in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.golden import SPECS

TREE = SPECS.parents[2]


@pytest.mark.parametrize(
    ("spec", "there", "seed"),
    [
        (SPECS / "values.py", SPECS / "values", "1"),
        (SPECS / "values.py", SPECS / "values", "20"),
    ],
    ids=["values", "values again"],
)
def test_hashes_do_not_matter(spec: Path, there: Path, seed: str) -> None:
    path = os.pathsep.join(str(TREE / source) for source in ("gen", "spec"))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "kvmtla", "--spec", str(spec)),
            *("gen", "--all", "--check", "--output", there),
        ],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
