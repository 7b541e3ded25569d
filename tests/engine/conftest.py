"""The C compiler that models are compiled with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kvmtla.engine.native import Compiler, find_compiler

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def compiler() -> Compiler:
    """The compiler; installed where it is missing, and an error where that cannot be done."""
    done = subprocess.run(
        ["sh", ROOT / "tools" / "compiler.sh"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return find_compiler()
