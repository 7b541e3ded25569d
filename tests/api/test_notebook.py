"""Verdicts and counterexamples as a notebook shows them, and as frames of pandas."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from kvmtla.api import check, claims, verify
from kvmtla.check.notebook import Verdicts
from kvmtla.check.results import Result
from kvmtla.errors import ToolError

SPECS = Path(__file__).parents[1] / "cli" / "specs"
COUNTER = str(SPECS / "counter.py")
SUM = "any(not m.done[t] for t in Task) or m.count == 2"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Verdicts[Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVMTLA_CACHE", str(tmp_path_factory.getbasetemp() / "api-cache"))
        return verify(spec=COUNTER)


def shown(thing: object) -> dict[str, str]:
    """The forms in which IPython shows it; that in HTML is well-formed."""
    forms, _ = DisplayFormatter().format(thing)
    ET.fromstring(f"<p>{forms['text/html']}</p>")
    found: dict[str, str] = forms
    return found


def test_matrix(results: Verdicts[Result]) -> None:
    text = shown(results)["text/plain"]
    assert text.splitlines() == [
        "claim       property           plain         atomic",
        "L1 lost     nothing_lost       violated 6    holds 24",
        "            nothing_counted    violated 2    -",
        "L1b found   nothing_lost       -             holds 24",
        "L2 crossed  nothing_lost       ? unknown     -",
        "L3 wrong    nothing_lost       ! violated 6  -",
    ]
    cells = [e.text for e in ET.fromstring(results._repr_html_()).iter("b")]
    assert cells == ["? unknown", "! violated 6"]
    assert isinstance(results[:2], Verdicts)
    assert [repr(r.point) for r in results] == list(map(repr, claims(spec=COUNTER)))


def test_matrix_of_nothing() -> None:
    assert repr(Verdicts[Result]()) == "claim  property    verdict"
    assert shown(Verdicts[Result]())["text/html"].startswith("<table>")


def test_one_verdict(results: Verdicts[Result]) -> None:
    lost, stuck, wrong = results[0], results[4], results[5]
    assert repr(lost) == "<L1 lost, way plain: nothing_lost is violated in 6 steps>"
    assert repr(wrong).endswith("is violated in 6 steps, expected holds>")
    assert repr(stuck).startswith(
        "<L2 crossed, way plain: nothing_lost is unknown: forth and back can never go on"
    )
    assert repr(lost.point) == "<L1 lost, way plain: nothing_lost>"
    assert "<table>" in shown(lost)["text/html"]
    assert "<table>" in shown(stuck)["text/html"]
    (holding,) = (r for r in results if r.point.claim.number == "L1b")
    assert repr(holding) == "<L1b found, way atomic: nothing_lost holds in all 24 states>"
    assert "<table>" not in shown(holding)["text/html"]


def test_a_counterexample() -> None:
    (answer,) = check("adders", SUM, spec=COUNTER, way="plain")
    assert repr(answer) == "<adders, way plain: invariant is violated in 6 steps>"
    trace = answer.trace()
    assert trace is not None
    assert str(trace).startswith("invariant is violated: way plain\n")
    forms = shown(trace)
    assert forms["text/plain"] == "<invariant in adders, way plain: violated, 6 steps>"
    table = ET.fromstring(f"<p>{forms['text/html']}</p>").find("table")
    assert table is not None
    heads = [h.text for h in table.iter("th")]
    assert heads == [None, *trace.lanes]
    assert len(list(table.iter("tr"))) == 1 + len(trace.steps)
    bold = [b.text for b in table.iter("b")]
    assert "count: 0 -> 1" in bold


def test_frame_of_a_counterexample() -> None:
    trace = check("adders", SUM, spec=COUNTER, way="plain")[0].trace()
    assert trace is not None
    frame: Any = trace.to_frame()
    assert list(frame.index) == list(range(7))
    assert list(frame["count"]) == ["0", "0", "0", "1", "1", "1", "1"]
    writes = frame[frame.text.str.startswith("WRITE_ONCE(count")]
    assert len(writes) == 2
    assert set(frame.lane.iloc[1:]) == set(trace.lanes)


def test_frame_of_verdicts(results: Verdicts[Result]) -> None:
    frame: Any = results.to_frame()
    assert list(frame.query("verdict != expected").claim) == ["L2", "L3"]
    assert frame.steps.sum() > 0
    assert str(frame.steps.dtype) == "Int64"
    assert list(frame.way[:3]) == ["plain", "atomic", "plain"]
    assert list(check("adders", "True", spec=COUNTER).to_frame().expected) == ["", ""]


def test_without_pandas(results: Verdicts[Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ToolError, match="KT812") as said:
        results.to_frame()
    assert "pip install 'kvmtla[pandas]'" in str(said.value)
