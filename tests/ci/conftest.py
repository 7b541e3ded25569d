"""A spec of two counting tasks, and a cache for whatever checks it."""

from __future__ import annotations

from pathlib import Path

import pytest

COUNTER = Path(__file__).parents[1] / "cli" / "specs" / "counter.py"


@pytest.fixture
def counting(
    pytester: pytest.Pytester,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.Pytester:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path_factory.getbasetemp() / "ci-cache"))
    pytester.makepyfile(counting=COUNTER.read_text(encoding="utf-8"))
    return pytester
