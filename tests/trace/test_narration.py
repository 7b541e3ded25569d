"""All forms tell the same of a step, and leave out nothing that decides.

The forms of each world of `told.py` are in `told/`. After a change that is meant, this writes them:

    KVMTLA_UPDATE_TOLD=1 pytest tests/trace/test_narration.py
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from kvmtla.engine import explore, go_round
from kvmtla.export import mermaid, svg
from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.modules.points import points
from kvmtla.page import Shown, page_data
from kvmtla.page.model import Claim
from kvmtla.trace import Trace, commit_form, follow, story, trace_of
from kvmtla.trace.mail import Subject, mail
from kvmtla.trace.narration import Kind, in_short, lap, narrate
from kvmtla.trace.notebook import html
from kvmtla.trace.replay import replay
from support.counterexamples import C3, violation

HERE = Path(__file__).parent
PACKAGE = load_package(str(HERE / "told.py"))
POINTS = {p.claim.number: p for p in points(read_project(PACKAGE.project), PACKAGE.root)}
# What decides in each world, in one pattern for all forms.
DECIDES = {
    "lost_update": r"undoes count=1 of",
    "choice": r"full = choose\(bool\)[^!]*1[^!]*if \(!full\): no",
    "success": r"if \(now == seq\): yes[^a-z]*now=0, seq=0",
    "refusal": r"got = get_unless_zero\(&count\)[^!]*returns 0",
    "spinning": r"if \(done\): no",
}
WORLDS = pytest.mark.parametrize("world", DECIDES)


@cache
def trace(world: str) -> Trace:
    p = POINTS[world]
    model = p.module.model
    if p.kind.temporal:
        found = go_round(model, p.prop)
        return trace_of(model, follow(model, found.trace, p.prop, found.loop), p.prop)
    return trace_of(model, follow(model, explore(model, p.prop).trace, p.prop), p.prop)


def page_text(world: str) -> str:
    """The lines of a page, for each step of the path."""
    claim = Claim("C0 claim", "a sentence", "a source", "")
    shown = Shown(
        *(POINTS[world].module.model, trace(world), claim, "violated", "", "kvmtla", "kvmtla"),
        PACKAGE.root,
    )
    data = page_data(shown)
    return "\n".join(
        f"{'~' if data.lines[n].minor else ' '} {data.lines[n].kind}: {data.lines[n].text}"
        for said in data.told
        for n in said
    )


FORMS = {
    "story": lambda world: story(trace(world)),
    "commit": lambda world: commit_form(trace(world)),
    "mermaid": lambda world: mermaid(trace(world)),
    "notebook": lambda world: html(trace(world)).replace("<br/>", "\n"),
    "page": page_text,
}


@pytest.mark.parametrize("form", FORMS)
@WORLDS
def test_a_form_is_as_it_was(world: str, form: str) -> None:
    file = HERE / "told" / f"{world}.{form}.txt"
    text = FORMS[form](world).rstrip() + "\n"
    if os.environ.get("KVMTLA_UPDATE_TOLD"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", [*FORMS, "svg"])
@WORLDS
def test_what_decides_is_told_in_every_form(world: str, form: str) -> None:
    text = svg(trace(world)) if form == "svg" else FORMS[form](world)
    for code, character in (("33", "!"), ("38", "&"), ("58", ":"), ("amp", "&")):
        text = text.replace(f"#{code};", character).replace(f"&{code};", character)
    bare = " ".join(re.sub(r"<[^>]*>|S-->>L\d:|Note over L\d: \d\.|[~ ] \w+: ", " ", text).split())
    assert re.search(DECIDES[world], bare), bare


def test_a_round_is_told_once() -> None:
    """A variable that nobody sees makes two rounds of one."""
    t = trace("spinning")
    assert (t.loop, len(t.steps), lap(t)) == (1, 3, 1)
    assert [s.number for s, _ in narrate(t)] == [1, 2]
    assert "From here on, again and again: step 2." in story(t)


def test_every_form_takes_its_words_from_one_place() -> None:
    for world in DECIDES:
        told = {line.text for _, said in narrate(trace(world)) for line in said if not line.minor}
        kept = {line.text for _, said in in_short(trace(world)) for line in said}
        assert kept <= told
        for line in FORMS["notebook"](world).splitlines():
            if (found := re.fullmatch(r"<(b|i|span)>(.*?)</\1>.*", line)) is not None:
                assert found[2].replace("&gt;", ">").replace("&amp;", "&") in told


def test_two_runs_have_two_headings() -> None:
    said = [line for _, lines in narrate(trace("lost_update")) for line in lines]
    assert [n.text for n in said if n.kind is Kind.OPERATION] == ["increment()", "increment()"]


HOSTILE = "two\nlines \u202eevil\u202c \u2028 <b>" + "x" * 200


def _subject(text: str) -> Subject:
    return Subject(text, text, text, "violated", text, "kvmtla show C0")


def test_a_mail_has_the_links_and_the_steps_that_matter() -> None:
    found = violation(*C3)
    t = trace_of(found.model, replay(found.model, found.raw, found.prop), found.prop)
    lines = mail(t, _subject("a claim")).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 75
    text = " ".join(" ".join(lines).split())
    for s, _ in in_short(t):
        assert all(link.text in text for link in s.links if link.kind == "undoes")
    assert "if (spte_set && !always_flushes()): no, spte_set=0" in text
    assert "Steps 1 to 12: dirty log: enable_dirty_logging(), disable_dirty_logging()" in text
    assert "false for gfn 0; true: written, user space not told; false: slot->dirty_bitmap" in text
    # What is folded into a sentence is not in the lanes.
    assert "rcu_assign_pointer" not in text


@pytest.mark.parametrize("world", DECIDES)
def test_a_mail_is_text_whatever_is_in_it(world: str) -> None:
    lines = mail(trace(world), _subject(HOSTILE)).split("\n")
    assert max(map(len, lines)) <= 75
    assert all(unicodedata.category(c)[0] != "C" for line in lines for c in line)
    assert not [line for line in lines if line.startswith("lines")]


def test_a_mail_of_what_goes_on_for_ever_says_so() -> None:
    text = mail(trace("spinning"), _subject("a claim"))
    assert "From here on, again and again: step 2." in text
    assert "if (done): no" in text
