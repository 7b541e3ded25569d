"""Every key and control of a page, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import C3

LAST = 19


@pytest.fixture
def c3(reader: Any, report: Path) -> Any:
    reader.open(report / C3)
    return reader


def test_it_begins_at_the_beginning(c3: Any) -> None:
    assert c3.step == 0
    assert "*sptep: P=1 W=1 MMU_W=1 HOST_W=1 A=1 D=1" in c3.text("#step")
    assert (
        c3.page.title() == "C3 missed_dirty_page_pml: dirty_implies_logged, kernel 5.19, method pml"
    )


def test_keys_step(c3: Any) -> None:
    for key, step in (
        ("ArrowRight", 1),
        ("ArrowDown", 2),
        ("j", 3),
        ("ArrowLeft", 2),
        ("ArrowUp", 1),
        ("k", 0),
        ("k", 0),
        ("End", LAST),
        ("ArrowRight", LAST),
        ("Home", 0),
    ):
        c3.press(key)
        assert c3.step == step, key


def test_buttons_step(c3: Any) -> None:
    for button, step in (("#on", 1), ("#on", 2), ("#back", 1), ("#last", LAST), ("#first", 0)):
        c3.page.click(button)
        assert c3.step == step, button
    assert c3.page.locator("#back").is_disabled()
    assert c3.page.locator("#first").is_disabled()


def test_the_slider_steps(c3: Any) -> None:
    c3.page.locator("#slider").fill("6")
    assert c3.step == 6
    c3.page.locator("#slider").press("ArrowRight")
    assert c3.step == 7
    assert c3.page.locator("#slider").get_attribute("aria-valuetext") == f"step {c3.step} of 19"


def test_a_row_and_its_number_lead_to_the_step(c3: Any) -> None:
    c3.page.locator("#lanes tbody tr").nth(5).locator("td.who").click()
    assert c3.step == 5
    c3.page.locator("#lanes tbody tr").nth(7).locator("a").click()
    assert c3.step == 7


def test_play_plays_and_stops(c3: Any) -> None:
    c3.press("End", "ArrowLeft", " ")
    assert c3.text("#play") == "stop"
    expect(c3.page.locator("#play")).to_have_text("play")
    assert c3.step == LAST
    c3.page.click("#play")
    assert (c3.step, c3.text("#play")) == (0, "stop")
    c3.press("j")
    assert (c3.step, c3.text("#play")) == (1, "play")


def test_a_link_leads_to_its_step(c3: Any, report: Path) -> None:
    c3.open(report / C3, "#step=15")
    assert c3.step == 15
    c3.page.evaluate("location.hash = '#step=3'")
    expect(c3.page.locator("#count")).to_have_text("3/19")
    for place, step in (("#step=99", LAST), ("#step=-4", 0), ("#step=x", 0), ("#lanes", 0)):
        c3.open(report / C3, place)
        assert c3.step == step


def test_a_step_is_shown_in_full(c3: Any, report: Path) -> None:
    c3.open(report / C3, "#step=15")
    step = c3.text("#step")
    assert "Step 15 of 19: ager" in step
    assert "age_gfn_range() > tdp_mmu_set_spte() > kvm_tdp_mmu_write_spte()" in step
    assert "xchg(*sptep, new_spte)" in step
    assert "*sptep: A=1 D=1 -> A=0 D=0" in step
    assert "arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte" in step
    changed = c3.page.locator("#state .bit.changed")
    assert [t.split() for t in changed.all_inner_texts()] == [["9", "D", "1→0"], ["8", "A", "1→0"]]
    assert "0x0600000000000802" in c3.text("#state")
    lines = c3.page.locator("#source .src").first.locator(".l.at").all_inner_texts()
    assert len(lines) == 1
    assert "old_spte = xchg(m.spte[gfn], new_spte)" in lines[0]
    assert "mmu_lock" in c3.text("#state")


def test_invariants_are_lights_and_the_end_says_what_is_wrong(c3: Any) -> None:
    dots = c3.page.locator("#lanes tbody .dot")
    # One for each of the two invariants that the model has.
    assert dots.count() == 2 * (LAST + 1)
    assert c3.page.locator("#lanes tbody tr").last.locator(".dot.off").count() >= 1
    assert c3.page.locator("#lanes tbody tr").first.locator(".dot.off").count() == 0
    assert "true" in c3.text("#state .lights")
    c3.press("End")
    assert "FALSE" in c3.text("#state .lights")
    assert "dirty_implies_logged is false for gfn 0" in c3.text("#step .why")
    assert "false:  slot->dirty_bitmap" in c3.text("#lanes .why")


def test_search(c3: Any) -> None:
    c3.press("/")
    assert c3.page.evaluate("document.activeElement.id") == "search"
    c3.page.keyboard.type("TRY_cmpxchg")
    assert c3.text("#found") == "1 found"
    assert c3.step == 5
    c3.page.locator("#search").fill("synchronize_srcu")
    assert c3.text("#found") == "3 found"
    c3.press("Enter")
    second = c3.step
    c3.press("Shift+Enter")
    assert c3.step < second
    c3.press("Escape")
    assert c3.text("#found") == ""
    assert c3.page.locator("#lanes tr.hit").count() == 0
    c3.press("j")
    assert c3.page.locator("#search").input_value() == ""


def test_search_goes_on_outside_its_field(c3: Any) -> None:
    c3.page.locator("#search").fill("READ_ONCE")
    c3.page.locator("#search").blur()
    first = c3.step
    c3.press("n")
    assert c3.step > first
    c3.press("N")
    assert c3.step == first
    c3.page.locator("#search").fill("no such thing")
    c3.page.locator("#search").blur()
    c3.press("n")
    assert (c3.step, c3.text("#found")) == (first, "0 found")


def _rows(reader: Any) -> list[int]:
    return [int(t) for t in reader.page.locator("#lanes tbody tr:visible th").all_inner_texts()]


def test_filters(c3: Any) -> None:
    c3.page.select_option("#actor", label="vCPU 0")
    assert _rows(c3) == [0, 14, 19]
    c3.press("Home", "j")
    assert c3.step == 14
    c3.page.select_option("#actor", value="")
    c3.page.select_option("#field", label="*sptep.D")
    assert _rows(c3) == [0, 5, 14, 15]
    c3.page.select_option("#field", label="*sptep")
    assert _rows(c3) == [0, 4, 5, 13, 14, 15, 17]
    c3.page.select_option("#field", value="")
    assert len(_rows(c3)) == LAST + 1


def test_idle_actors_are_hidden(reader: Any, hostile: Path) -> None:
    (file,) = hostile.glob("H1-*")
    reader.open(file)
    lanes = reader.page.locator("#lanes thead th.lane")
    acting = lanes.count()
    reader.press("j", "i")
    assert reader.page.locator("#idle").is_checked()
    assert lanes.count() == acting + 1
    assert reader.step == 1
    reader.page.locator("#idle").uncheck()
    assert lanes.count() == acting


def test_help(c3: Any) -> None:
    c3.press("?")
    assert c3.page.locator("#help").is_visible()
    keys = c3.text("#help")
    for word in ("Home", "Backspace", "search", "play"):
        assert word in keys
    c3.press("j")
    c3.press("Escape")
    assert not c3.page.locator("#help").is_visible()
    assert c3.step == 0
    c3.page.click("#keys")
    c3.page.click("#help button")
    assert not c3.page.locator("#help").is_visible()


def _background(reader: Any) -> str:
    return str(reader.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_light_and_dark(c3: Any) -> None:
    light = _background(c3)
    c3.press("t")
    dark = _background(c3)
    assert dark != light
    c3.page.click("#theme")
    assert _background(c3) == light


def test_the_system_says_light_or_dark(c3: Any) -> None:
    light = _background(c3)
    c3.page.emulate_media(color_scheme="dark")
    assert _background(c3) != light
    c3.press("t")
    assert _background(c3) == light


def test_controls_keep_their_own_keys(c3: Any) -> None:
    c3.page.locator("#on").focus()
    c3.press(" ")
    assert (c3.step, c3.text("#play")) == (1, "play")
    c3.press("Control+j")
    assert c3.step == 1


def test_a_screen_reader_is_told(c3: Any) -> None:
    live = c3.page.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    c3.press("End", "k", "k", "k", "k")
    assert live.inner_text().startswith("Step 15 of 19. ager. xchg(*sptep")
    assert "*sptep A=1 D=1 becomes A=0 D=0" in live.inner_text()
    c3.press("End")
    assert "dirty_implies_logged and used_implies_accessed are false" in live.inner_text()
    named = c3.page.evaluate(
        "[...document.querySelectorAll('button, input, select')].every("
        "e => e.textContent.trim() || e.ariaLabel || e.labels?.length)"
    )
    assert named
    assert c3.page.locator("#lanes thead th[scope=col]").count() == 5
    assert c3.page.get_by_role("img", name="*sptep: P=1 W=1 MMU_W=1 HOST_W=1 A=0 D=0").count() == 1
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    c3.page.locator("#on").focus()
    c3.press("Tab")
    assert c3.page.evaluate(outline) == "solid"


def test_paper(c3: Any) -> None:
    c3.page.emulate_media(media="print")
    assert not c3.page.locator("#bar").is_visible()
    assert not c3.page.locator("#next").is_visible()
    assert c3.page.locator("#lanes tbody tr:visible").count() == LAST + 1
    assert c3.page.locator("#lanes .why").is_visible()


@pytest.mark.parametrize("width", [400, 800, 1600])
def test_nothing_is_wider_than_the_screen(c3: Any, width: int) -> None:
    c3.page.set_viewport_size({"width": width, "height": 800})
    for key in ("Home", "End", "k", "k", "k", "k"):
        c3.press(key)
        wide = c3.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


def test_without_scripts_there_is_the_story(browser: Any, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((report / C3).as_uri())
    assert "dirty_implies_logged is false for gfn 0" in page.locator("noscript").inner_text()
    context.close()


def test_what_is_not_in_question_is_not_in_the_way(c3: Any) -> None:
    """Another property of the model is false as well, from step 15 on."""
    c3.press("End")
    for place in ("#step", "#lanes"):
        assert "dirty_implies_logged is false for gfn 0" in c3.text(f"{place} .why")
        assert "used_implies_accessed" not in c3.text(f"{place} .why")
    lights = c3.text("#state .lights")
    assert "FALSE" in lights
    assert "used_implies_accessed is false for vCPU 0, gfn 0" in lights
    assert "This claim is not about it." in lights
    c3.press("ArrowLeft")
    assert c3.page.locator("#step .why").count() == 0
    dots = c3.page.locator("#lanes tr[aria-current] .dot.off")
    assert dots.count() == dots.and_(c3.page.locator(".beside")).count() == 1


def test_the_decision_not_to_flush_is_told(c3: Any) -> None:
    """It is all that happens in its step, and the reason why the exchange does not help."""
    decision = "if (spte_set && !always_flushes()): no"
    assert decision in c3.text("#step .digest")
    c3.press("End", "ArrowLeft")
    assert decision in c3.text("#step")


def test_the_keyboard_stays_where_it_is(c3: Any, report: Path) -> None:
    """Also where what had it is drawn anew."""
    active = "document.activeElement.closest('section')?.id"
    for place, chosen in (("next", "#next li button"), ("step", "#step .digest a")):
        c3.open(report / C3)
        c3.page.locator(chosen).first.focus()
        c3.press("Enter")
        assert c3.step > 0
        assert c3.page.evaluate(active) == place
        c3.press("Tab")
        assert c3.page.evaluate("document.activeElement.closest('#next, #step, #source') !== null")


def test_what_no_step_changes_is_aside(c3: Any) -> None:
    aside = c3.page.locator("#state details")
    assert aside.count() == 0
    assert "host PTE read-only" in c3.text("#state")
