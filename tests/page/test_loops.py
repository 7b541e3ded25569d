"""Counterexamples that go on for ever, or stop: every form shows where they begin to repeat."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import itf_py
import pytest
from playwright.sync_api import expect

from kvmtla.check.results import way_to_stuck
from kvmtla.cli.stepping import screen
from kvmtla.engine import go_round
from kvmtla.export import itf, mermaid, svg
from kvmtla.ir.model import Model
from kvmtla.page import Shown, page, page_data
from kvmtla.page.model import Claim
from kvmtla.page.places import Places
from kvmtla.trace import Trace, commit_form, follow, path_trace, story, trace_of
from support.golden import points_of
from support.specs import load, modules, project_of

from .conftest import HERE
from .test_export import SVG, is_diagram

ROUND = "stale_is_flushed"
MODELS = {p.prop: p.module.model for p in points_of("kinds") if p.kind.temporal}
SPECS = HERE.parent / "emit" / "specs"


@cache
def _told(name: str, fair: bool) -> tuple[Model, Trace]:
    model = MODELS[name] if fair else replace(MODELS[name], fairness=())
    found = go_round(model, name)
    return model, trace_of(model, follow(model, found.trace, name, found.loop), name)


@pytest.fixture
def goes_round() -> tuple[Model, Trace]:
    """Steps that repeat, one before them."""
    model, trace = _told(ROUND, fair=True)
    assert (trace.loop, len(trace.steps)) == (1, 8)
    return model, trace


@pytest.fixture
def stands_still() -> tuple[Model, Trace]:
    """The same property, where nobody has to go on."""
    model, trace = _told(ROUND, fair=False)
    assert trace.loop == len(trace.steps) == 1
    return model, trace


def _texts(picture: str) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_steps_that_repeat(goes_round: tuple[Model, Trace]) -> None:
    model, t = goes_round
    said = "From here on, again and again: steps 2 to 8."
    assert said in story(t)
    assert "-- again and again ---" in commit_form(t)
    assert said in _texts(svg(t))
    assert len(list(ElementTree.fromstring(svg(t)).iter(f"{SVG}path"))) == 2
    lines = mermaid(t).splitlines()
    is_diagram(lines)
    begin, finish = lines.index("    loop again and again"), lines.index("    end")
    assert [any(f": {n}. " in x for x in lines[begin:finish]) for n in range(1, 9)] == [
        False,
        *[True] * 7,
    ]
    read = itf_py.trace_from_json(json.loads(itf(model, t, "kvmtla")))
    assert read.loop == 1
    assert read.states[read.loop].values == read.states[-1].values
    places = Places(model)
    assert "* flusher: " in "\n".join(screen(t, places, 8, 80, 40, SPECS))
    assert said in screen(t, places, 8, 80, 40, SPECS)


def test_nothing_happens_any_more(stands_still: tuple[Model, Trace]) -> None:
    model, t = stands_still
    said = "From here on, nothing happens any more."
    assert said in story(t)
    assert said in _texts(svg(t))
    assert "-- nothing happens any more" in commit_form(t)
    assert not list(ElementTree.fromstring(svg(t)).iter(f"{SVG}path"))
    assert any("nothing happens any more" in x for x in mermaid(t).splitlines())
    is_diagram(mermaid(t).splitlines())
    assert json.loads(itf(model, t, "kvmtla"))["loop"] == 1


def test_a_path_that_ends_says_nothing_of_it(goes_round: tuple[Model, Trace]) -> None:
    model, t = goes_round
    own = path_trace(model, t.first, [0], ROUND)
    assert own.loop is None
    assert "this comes to an end" in own.failure[0]
    assert "loop" not in json.loads(itf(model, own, "kvmtla"))


def _page(folder: Path, model: Model, trace: Trace) -> Path:
    shown = Shown(
        *(model, trace, Claim("L1 loop", "a sentence", "a source", ""), "violated", "two CPUs"),
        *("kvmtla show L1", "kvmtla", SPECS),
    )
    file = folder / "page.html"
    file.write_text(page(page_data(shown), story(trace)), encoding="utf-8")
    return file


def test_the_page_goes_round(reader: Any, tmp_path: Path, goes_round: tuple[Model, Trace]) -> None:
    reader.open(_page(tmp_path, *goes_round), "#step=8")
    rounds = reader.page.locator("#lanes tr.round")
    assert rounds.all_inner_texts() == [
        "From here on, again and again: steps 2 to 8.",
        "and again from step 2",
    ]
    assert reader.page.locator("#lanes tr.loop .num").all_inner_texts() == [
        str(n) for n in range(2, 9)
    ]
    assert "again and again" in reader.text("#step")
    assert "stale_is_flushed is false for CPU 0" in reader.text("#step")
    reader.press("k", "j")
    assert "again and again" in reader.page.locator("#live").text_content()
    taken = reader.text("#next li.taken")
    reader.press("j")
    assert reader.step == 2
    reader.press("k")
    assert reader.step == 1
    # The same state as behind step 8, but here it is not yet seen that it never ends.
    assert reader.text("#next li.taken") == taken
    assert "is false" not in reader.text("#step")
    reader.press("End")
    reader.page.click("#next li.taken button")
    assert reader.step == 2
    reader.page.click("#lanes tr.round a")
    assert reader.step == 2
    reader.press("End")
    reader.page.click("#play")
    expect(reader.page.locator("#count")).to_have_text("2/8")
    reader.page.click("#play")
    # A path of one's own does not go round.
    reader.press("End")
    reader.page.locator("#next li:not(.taken) button").first.click()
    assert reader.step == 9
    assert rounds.count() == 0
    assert reader.page.locator("#on").is_disabled()


def test_the_page_stands_still(
    reader: Any, tmp_path: Path, stands_still: tuple[Model, Trace]
) -> None:
    reader.open(_page(tmp_path, *stands_still), "#step=1")
    said = "From here on, nothing happens any more."
    assert reader.page.locator("#lanes tr.round").all_inner_texts() == [said]
    assert said in reader.text("#step")
    assert reader.page.locator("#on").is_disabled()
    assert reader.page.locator("#next li.taken").count() == 0


STUCK = """
from kvmtla import *


class M(Shared):
    a: RwLock
    b: RwLock
    x: bool


@operation()
def ab(m: M) -> None:
    with write_lock(m.a), write_lock(m.b):
        set_bit(m.x)


@operation()
def ba(m: M) -> None:
    with write_lock(m.b), write_lock(m.a):
        set_bit(m.x)


@initial
def first(m: M) -> None:
    m.x = False


@invariant
def any_value(m: M) -> bool:
    return m.x or not m.x


world = Scenario("world", "w.", machine=M, sizes={}, initial=first,
                 actors=[Actor("t", ab), Actor("u", ba)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(any_value)])], constants=[])
"""


def test_the_page_of_those_who_are_stuck(reader: Any, tmp_path: Path) -> None:
    (module,) = modules(project_of(load(tmp_path, STUCK)), tmp_path).values()
    trace = way_to_stuck(module.model)
    assert trace is not None
    reader.open(_page(tmp_path, module.model, trace), f"#step={len(trace.steps)}")
    for place in ("#step", "#lanes"):
        why = reader.text(f"{place} .why")
        assert "t can never go on, whatever the others do:" in why
        assert "it is in ba()" in why
    assert reader.text("#next h2") == "No step is possible here"
