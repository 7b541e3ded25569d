"""Claims of the spec that comes with the program; all of them are checked in tests/docs."""

from __future__ import annotations

import json
from typing import Any


def test_the_commits_own_fix(kvmtla: Any) -> None:
    names = ("C1", "missed_dirty_page_pml")
    done = kvmtla("verify", *names, "--json", "some.json")
    assert done.returncode == 0, done.stdout
    found = json.loads((kvmtla.folder / "some.json").read_text(encoding="utf-8"))["results"]
    assert {r["claim"].split()[0] for r in found} == {"C1", "C3"}
    assert all(r["verdict"] == r["expected"] for r in found)
    again = kvmtla("verify", *names)
    assert f"All {len(found)} verdicts are as expected (all from the cache)." in again.stdout
    assert not again.stderr
