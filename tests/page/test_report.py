"""The report: an index, and a page for everything that is violated."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from kvmtla.ir.property import PropertyKind
from support.claims import SPEC

from .conftest import of_each_kind


def test_every_page_opens_without_an_error(reader: Any, report: Path) -> None:
    pages = sorted(p for p in report.glob("*.html") if p.name != "index.html")
    reported = [c for c in SPEC.claims if c.name in of_each_kind()]
    kinds = {p.property.property for c in reported for p in c.points}
    assert kinds == set(PropertyKind) - {PropertyKind.EVENTUALLY}
    assert {c.scenario.sizes.get("Vcpu", 1) for c in reported} == {1, 2, 3}
    others = tuple(
        p.property.name
        for c in reported
        for p in c.points
        if p.property.property is not PropertyKind.INVARIANT
    )
    assert max(p.stat().st_size for p in pages) < 1_000_000
    # One of each claim.
    of_claim = {p.name.split("-")[1]: p for p in pages}
    assert set(of_claim) == {c.name for c in reported}
    for file in of_claim.values():
        reader.open(file)
        reader.press("End")
        assert reader.step > 0
        # A goal that is reached, and what is asked of a step, is no state in which a light is out.
        if not file.stem.endswith(others):
            assert "FALSE" in reader.text("#state .lights")
        assert reader.page.locator("#step .why").is_visible()
        reader.press("Home")
        reader.page.locator("#next li button").last.click()
        assert reader.step == 1
        assert not reader.complaints, file.name


def test_the_index_leads_to_every_page(reader: Any, report: Path) -> None:
    reader.open(report / "index.html")
    links = reader.page.locator("td a")
    there = {links.nth(i).get_attribute("href") for i in range(links.count())}
    assert there == {p.name for p in report.glob("*.html")} - {"index.html"}
    # What holds has no page.
    assert reader.page.locator("td span.holds").count() > 10
    assert not reader.page.locator("td a.holds").count()
    head = reader.page.locator("table").first.locator("thead th").all_inner_texts()
    assert head[2:] == [f"kernel {k}" for k in ("5.18", "5.19", "6.0", "6.4", "6.13", "6.15")]
    links.first.click()
    reader.page.wait_for_selector("#main:visible")
    assert reader.step == 0


def test_hostile_names_do_no_harm(reader: Any, hostile: Path) -> None:
    (file,) = (p for p in hostile.glob("*.html") if p.name != "index.html")
    for page in (file, hostile / "index.html"):
        reader.open(page)
        elements = "script, img, a[href^=javascript], [onerror], [onmouseover], title b"
        scripts = reader.page.locator(elements).count()
        assert scripts == (2 if page is file else 0)
    reader.open(file)
    last = int(reader.page.locator("#slider").get_attribute("max"))
    for n in range(last):
        reader.press("j")
        assert reader.step == n + 1
    assert "</script><script>alert(1)</script>" in reader.text("#state")
    assert "<i onmouseover=alert(4)>" in reader.text("#state .reg:first-of-type .bits")
    reader.page.select_option("#field", index=3)
    reader.press("Home", "1", "1", "o", "t", "i")
    for width in (400, 1600):
        reader.page.set_viewport_size({"width": width, "height": 800})
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
    assert reader.page.evaluate("document.querySelectorAll('#data').length") == 1


def test_hostile_names_are_all_there(hostile: Path) -> None:
    (file,) = (p for p in hostile.glob("*.html") if p.name != "index.html")
    text = file.read_text(encoding="utf-8")
    assert text.count("<script") == 2
    found = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert "x" * 400 in json.dumps(data["places"])
    assert "\u2028" not in found[1]


def test_a_folder_that_cannot_be(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "kvmtla", "report", "C1", "-o", str(tmp_path / "file" / "x")],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert "cannot write" in done.stderr
