"""The claims of the spec that comes with the program."""

from __future__ import annotations

import json
from typing import Any


def test_all_are_as_expected(kvmtla: Any) -> None:
    done = kvmtla("verify", "--json", "all.json")
    assert done.returncode == 0, done.stdout
    report = json.loads((kvmtla.folder / "all.json").read_text(encoding="utf-8"))
    found = report["results"]
    assert {r["claim"].split()[0] for r in found} >= {"C1", "C2", "C3", "C4", "C5"}
    assert all(r["verdict"] == r["expected"] for r in found)
    named = ("claim", "kernel", "method", "property")
    keys = [tuple(v for k, v in r.items() if k in named) for r in found]
    assert len(set(keys)) == len(found)
    assert all(bool(r["trace"]) == (r["verdict"] == "violated") for r in found)
    again = kvmtla("verify")
    assert f"All {len(found)} verdicts are as expected (all from the cache)." in again.stdout
    assert not again.stderr
