"""Leaving the counterexample: other steps, the way back, and the comparison."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from kvmtla.trace import build_trace
from kvmtla.trace.links import digest
from support.counterexamples import C3 as C3_CASE
from support.counterexamples import C4 as C4_CASE
from support.counterexamples import violation

from .conftest import C3, C4

LAST = 19


@pytest.fixture
def c3(reader: Any, report: Path) -> Any:
    reader.open(report / C3, "#step=13")
    return reader


def _choices(reader: Any) -> list[str]:
    return [" ".join(t.split()) for t in reader.page.locator("#next li").all_inner_texts()]


def _other(reader: Any) -> int:
    """The number of a step that the counterexample does not take here."""
    taken = reader.page.locator("#next li")
    for i in range(taken.count()):
        if taken.nth(i).get_attribute("class") != "taken":
            return i + 1
    raise AssertionError("there is no other step")


def test_the_steps_that_are_possible(c3: Any) -> None:
    choices = _choices(c3)
    assert any("CPU of vCPU 0 write: the CPU sets D" in c for c in choices)
    assert any("ager xchg(*sptep" in c for c in choices)
    assert c3.page.locator("#next li.taken").inner_text().split()[1:3] == ["CPU", "of"]


def test_taking_the_step_that_is_taken_only_steps_on(c3: Any) -> None:
    c3.page.click("#next li.taken button")
    assert c3.step == 14
    assert not c3.page.locator("#own").is_visible()


def test_another_step_and_back_again(c3: Any) -> None:
    c3.press(str(_other(c3)))
    assert c3.step == 14
    assert "parts from the counterexample after step 13" in c3.text("#own")
    assert c3.page.locator("#lanes tbody tr").count() == 15
    assert c3.page.locator("#lanes tr.part").count() == 1
    c3.press("ArrowRight")
    assert c3.step == 14
    c3.page.locator("#next li button").first.click()
    assert c3.step == 15
    c3.press("Backspace")
    assert c3.step == 14
    c3.press("o")
    assert c3.text("#count") == f"13/{LAST}"
    assert "path of your own" in c3.text("#own")
    c3.press("o")
    assert c3.text("#count") == "14/14"
    c3.page.click("#drop")
    assert c3.text("#count") == f"13/{LAST}"
    command = "kvmtla show missed_dirty_page_pml --kernel 5.19 --method pml"
    assert c3.page.locator("#command").inner_text() == command


def test_it_is_compared_with_the_counterexample(c3: Any) -> None:
    c3.press(str(_other(c3)))
    assert "Compared with step 14 of the counterexample" in c3.text("#compare")
    assert "write: the CPU sets D" in c3.text("#compare")
    assert "TLB" in c3.text("#compare table")
    c3.press("ArrowLeft")
    assert not c3.page.locator("#compare").is_visible()


def test_the_page_links_steps_as_the_story_does(reader: Any, report: Path) -> None:
    """The page finds out by itself what a step undoes, since it can do so on any path."""
    for case, name in ((C3_CASE, C3), (C4_CASE, C4)):
        found = violation(*case)
        steps = build_trace(found.model, found.raw, found.prop).steps
        for s in steps:
            reader.open(report / name, f"#step={s.number}")
            shown = reader.page.locator("#step > div .undoes, #step > div .found")
            assert shown.all_inner_texts() == [n.text for n in s.links]
        reader.press("Home")
        numbers = reader.page.locator("#step .digest li > a").all_inner_texts()
        assert numbers == [str(n) for n in digest(steps)]


def test_a_step_that_is_undone_is_marked_and_one_click_away(c3: Any) -> None:
    c3.press("ArrowRight", "ArrowRight")
    assert c3.step == 15
    assert c3.page.locator("#lanes tr.undone .num").inner_text() == "14"
    c3.page.locator("#step .undoes a", has_text="step 14").first.click()
    assert c3.step == 14
    assert not c3.page.locator("#lanes tr.undone").count()
    c3.press("Home")
    c3.page.locator("#step .digest li > a", has_text="17").click()
    assert c3.step == 17


def test_a_link_to_a_path_of_ones_own(c3: Any, report: Path) -> None:
    c3.press(str(_other(c3)), "1")
    url, rows = c3.page.url, c3.text("#lanes")
    assert "&path=" in url
    c3.open(report / C3, url[url.index("#") :])
    assert c3.step == 15
    assert c3.text("#lanes") == rows
    c3.open(report / C3, "#step=2&path=1,1,77,1")
    assert c3.text("#count") == f"2/{LAST}"
    c3.open(report / C3, "#step=2&path=0,x")
    assert c3.step == 1


def test_the_command_tells_the_same(c3: Any, environment: dict[str, str]) -> None:
    c3.press(str(_other(c3)), "1")
    command = c3.text("#command")
    words = shlex.split(command)
    assert words[:2] == ["kvmtla", "show"]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--as", "json"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert '"depth": 15,' in done.stdout
    last = c3.page.locator("#lanes tbody tr").last.locator(".who .text").last.inner_text()
    assert last in done.stdout


def test_the_page_of_a_path_names_its_own_command(
    reader: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "own.html"
    line = ["show", "C1", "--kernel", "5.18", "--path", "0,2", "--as", "html", "-o", str(file)]
    subprocess.run([sys.executable, "-m", "kvmtla", *line], env=environment, check=True)
    reader.open(file)
    command = "kvmtla show C1 --kernel 5.18 --method pml --path 0,2"
    assert reader.page.locator("#command").inner_text() == command


def _way_out(file: Path) -> list[int]:
    """The choices that lead to where the page holds no more."""
    found = re.search(r'id="data">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    states = json.loads(found[1])["states"]
    ways: dict[int, list[int]] = {0: []}
    todo = deque([0])
    while todo:
        now = todo.popleft()
        if states[now]["next"] is None:
            return ways[now]
        for i, (to, _) in enumerate(states[now]["next"]):
            if to not in ways:
                ways[to] = [*ways[now], i]
                todo.append(to)
    raise AssertionError("the page holds everything")


def test_where_the_page_ends_it_says_so(reader: Any, report: Path) -> None:
    way = _way_out(report / C3)
    reader.open(report / C3, f"#step=999&path={','.join(map(str, way))}")
    assert reader.step == len(way)
    assert "ends here" in reader.text("#next")
    assert f"--path {','.join(map(str, way))}" in reader.text("#next .command")


def test_stepping_is_quick(c3: Any) -> None:
    c3.press("Home")
    took = c3.page.evaluate(
        """() => {
        const times = [];
        for (let i = 0; i < 19; i++) {
            const begin = performance.now();
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true}));
            document.body.getBoundingClientRect();
            times.push(performance.now() - begin);
        }
        return times.sort((a, b) => a - b)[9];
    }"""
    )
    assert c3.step == LAST
    assert took < 50
