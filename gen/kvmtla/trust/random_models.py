"""Specifications that nobody has thought of, on which everything that answers has to agree."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from kvmtla.fuzz import campaign
from kvmtla.trust.section import Found, Ground, Section

_MODELS = 3000
# In the short form: enough for each sort of comparison to occur.
_FEW = 10


def _run(ground: Ground) -> Found:
    checker = ground.checker
    kept = Path(platformdirs.user_cache_dir("kvmtla")) / "fuzz" if checker.cached else None
    found = campaign.run(
        checker.toolchain,
        range(_FEW if ground.short else _MODELS),
        jobs=min(checker.jobs, campaign.default_jobs()),
        kept=kept,
    )
    return Found(tuple(found.lines()), tuple(found.faults()))


SECTION = Section(
    "random",
    "Random specifications",
    "Specs made by chance that contain the whole language: whatever is reduced, both engines and "
    "the reference semantics have to agree, and TLC with its lazy values and without.",
    _run,
)
