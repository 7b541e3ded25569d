"""What somebody gets of a page who cannot see it well, or at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from .conftest import C3

STEPS = 19


def _complaints(page: Page) -> list[str]:
    """What axe-core says: contrast, roles, names, landmarks, and much else."""
    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {v['help']}: {n['html'][:100]}: {n['failureSummary']}"
        for v in found
        for n in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, report: Path, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto((report / C3).as_uri() + f"#step={STEPS}")
    assert _complaints(page) == []
    # On a way of one's own, with all that there is to show, something found, and idle actors.
    page.keyboard.press("Home")
    page.locator("#next li:not(.taken) button").first.click()
    page.locator("#idle").check()
    page.locator("#search").fill("sptep")
    assert page.locator("#own").is_visible()
    assert _complaints(page) == []
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator("#keys").click()
    assert page.locator("dialog").is_visible()
    assert _complaints(page) == []
    page.goto((report / "index.html").as_uri())
    assert _complaints(page) == []
    context.close()


def _said(page: Page) -> str:
    """What Chromium's accessibility tree has for a screen reader to say of a change."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    by_id = {n["nodeId"]: n for n in nodes}
    (status,) = (
        n
        for n in nodes
        if n.get("role", {}).get("value") == "status"
        and {"name": "live", "value": {"type": "token", "value": "polite"}} in n["properties"]
        and _inside(n, by_id).startswith(("Step", "The first"))
    )
    return _inside(status, by_id)


def _inside(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> str:
    if node.get("role", {}).get("value") == "StaticText":
        return str(node["name"]["value"])
    return "".join(_inside(by_id[c], by_id) for c in node.get("childIds", []) if c in by_id)


def test_each_step_is_announced(browser: Browser, report: Path) -> None:
    """Which it is, who takes it, and what it changes, as it stands in the lanes."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto((report / C3).as_uri())
    lanes = page.locator("#lanes thead th.lane").all_inner_texts()
    changed = 0
    for n in range(1, STEPS + 1):
        page.keyboard.press("ArrowRight")
        said = _said(page)
        row = page.locator("#lanes tbody tr").nth(n)
        cells = row.locator("td.lane").all_inner_texts()
        (acting,) = (lane for lane, cell in zip(lanes, cells, strict=True) if cell.strip())
        assert said.startswith(f"Step {n} of {STEPS}. ")
        assert acting.removesuffix(" CPU") in said
        for mark in row.locator("mark").all_inner_texts():
            changed += 1
            assert f"becomes {mark}" in said
    assert changed > STEPS / 2
    assert "dirty_implies_logged is false" in said or "are false" in said
    context.close()
