"""Models that nobody has thought of: the tests make them, and this runs those tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from kvmtla.trust.section import Found, Ground, Section

_TESTS = Path("tests", "engine", "test_random.py")
_MODELS = 3000
# In the short form: as many as one of those tests compares.
_FEW = 75
_PATIENCE = 3600.0


def _run(ground: Ground) -> Found:
    checkout = Path(__file__).parents[3]
    if not (checkout / _TESTS).is_file() or find_spec("hypothesis") is None:
        return Found((f"Not run: that takes a checkout of the project, with {_TESTS}.",))
    try:
        done = _tests(checkout, _FEW if ground.short else _MODELS, ground.checker.jobs)
    except subprocess.TimeoutExpired:
        return Found((), (f"not done after {_PATIENCE:.0f} s",))
    said = re.findall(r"^random models .*", done.stdout, re.M)
    faults = re.findall(r"^FAILED .*", done.stdout, re.M)
    if not faults and (done.returncode or not said):
        faults = [f"pytest ended with status {done.returncode}: {done.stderr.strip()[-300:]}"]
    return Found(tuple(said), tuple(faults))


def _tests(checkout: Path, models: int, jobs: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), str(_TESTS)],
        cwd=checkout,
        env={**os.environ, "KVMTLA_RANDOM_MODELS": str(models)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_PATIENCE,
        check=False,
    )


SECTION = Section(
    "random",
    "Random models",
    "Specs made by chance, on which both engines and the reference semantics have to agree, with "
    "TLC's lazy values and without.",
    _run,
)
