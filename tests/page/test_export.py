"""Counterexamples in the forms of other tools."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import itf_py
import jsonschema
import pytest

from kvmtla.engine import explore
from kvmtla.errors import ToolError
from kvmtla.export import dot, graph, itf, mermaid, states, svg
from kvmtla.export.layout import layered
from kvmtla.export.states import state_graph
from kvmtla.ir.types import MapT, RecordT
from kvmtla.sem import Meaning
from kvmtla.trace import Trace, build_trace, follow, path_trace, trace_of
from kvmtla.trace.around import around
from support.counterexamples import C3, C4, IN_PLACE, ZAP, point, violation

from .conftest import HERE, ROOT

CASES = pytest.mark.parametrize("case", [C3, C4, IN_PLACE, ZAP], ids=lambda c: f"{c[0]}-{c[1]}")
Case = tuple[str, str, str, str]
SVG = "{http://www.w3.org/2000/svg}"
_MESSAGE = r"[A-Za-z0-9 _.,()\[\]=*+/|'-]|#\d+;|<br/>"
_LINE = re.compile(
    "sequenceDiagram|    (?:"
    rf"accTitle: (?:{_MESSAGE})+"
    rf"|participant [LS]\d* as (?:{_MESSAGE})+"
    rf"|Note (?:over|right of) [LS]\d*(?:,S)?: (?:{_MESSAGE})+"
    rf"|[LS]\d*--?>>[LS]\d*: (?:{_MESSAGE})+"
    "|loop again and again|end)"
)


def trace(case: Case) -> Trace:
    found = violation(*case)
    return build_trace(found.model, found.raw, found.prop)


def is_diagram(lines: Sequence[str]) -> None:
    """Fails where a line is none of a diagram, or a loop does not come to its end."""
    for line in lines:
        assert _LINE.fullmatch(line), line
    assert sum("    loop " in x for x in lines) == lines.count("    end")


def _form(environment: dict[str, str], form: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "kvmtla", *words, "--as", form],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _hostile(environment: dict[str, str], form: str) -> str:
    return _form(environment, form, "--spec", str(HERE / "specs" / "hostile.py"), "show", "H1")


@CASES
def test_the_picture_has_every_step(case: Case) -> None:
    t = trace(case)
    root = ElementTree.fromstring(svg(t))
    texts = [e.text or "" for e in root.iter(f"{SVG}text")]
    assert [x for x in texts if x.isdecimal()] == [str(s.number) for s in t.steps]
    for lane in t.lanes:
        assert lane in texts
    assert t.failure[0] in texts
    width = float(root.attrib["width"])
    for e in root.iter(f"{SVG}text"):
        assert float(e.attrib["x"]) + 7.4 * len(e.text or "") <= width
        assert float(e.attrib["y"]) < float(root.attrib["height"])


def test_a_picture_of_nothing() -> None:
    found = violation(*ZAP)
    t = trace(ZAP)
    none = path_trace(found.model, t.first, [], found.prop)
    assert "page_tagged is true in the end" in svg(none)
    assert mermaid(none).startswith("sequenceDiagram\n")
    assert len(json.loads(itf(found.model, none, "kvmtla"))["states"]) == 1


@CASES
def test_the_diagram_has_every_step_and_is_well_formed(case: Case) -> None:
    t = trace(case)
    text = mermaid(t)
    is_diagram(text.splitlines())
    numbers = {int(n) for n in re.findall(r": (\d+)\. ", text)}
    assert numbers == {s.number for s in t.steps}
    # A decision that is all there is to a step is told; & is written as its number.
    decided = {s.number for s in t.steps if s.decides}
    assert {int(n) for n in re.findall(r": (\d+)\. if \(", text)} >= decided


def test_the_graph_of_a_small_model() -> None:
    found = violation(*ZAP)
    t = trace(ZAP)
    text = dot(found.model, t)
    states = re.findall(r"^    (s\d+) \[label=", text, re.M)
    edges = re.findall(r"^    (s\d+) -> (s\d+) \[label=.*\];$", text, re.M)
    marked = re.findall(r'^    s(\d+) -> s(\d+) .*color="#b3121d"', text, re.M)
    assert {a for e in edges for a in e} == set(states)
    assert sorted(map(tuple, marked)) == [(str(n), str(n + 1)) for n in range(len(t.steps))]


def test_a_graph_that_nobody_could_read_is_refused_and_what_is_advised_is_not() -> None:
    for case in (C3, C4):
        model, t = violation(*case).model, trace(case)
        for draw in (dot, graph):
            with pytest.raises(ToolError) as refused:
                draw(model, t)
            said = refused.value.render()
            assert "KT911" in said
            assert "more than 150" in said
            assert "--as html" in said
            words = shlex.split(" ".join(said.split()))
            by = words[words.index("--fields") + 1].split(",")
            count = int(words[words.index("makes") + 1])
            drawn = draw(model, t, by)
        boxes, _ = _boxes(drawn)
        assert len(boxes) == count <= 150


def test_too_many_groups_are_refused_too() -> None:
    with pytest.raises(ToolError, match=r"[\d,]+ states, in [\d,]+ groups by PML, \*sptep, TLB"):
        everything = ["PML", "*sptep", "TLB", "ager", "dirty log", "vCPU", "fault->slot"]
        graph(violation(*C3).model, trace(C3), everything)
    with pytest.raises(ToolError, match="KT915"):
        graph(violation(*C3).model, trace(C3), ["TLB", "tlb"])


def test_what_is_advised_for_a_large_model_can_be_drawn_too() -> None:
    """Three vCPUs: more than a hundred thousand states."""
    prop, variant = "unlinked_table_is_empty", "child_removed_without_retry"
    p = point("removed_children_3_vcpus", "6.4", "pml", prop, variant=variant)
    model = p.module.model
    found = explore(model, p.prop)
    t = trace_of(model, follow(model, found.trace, p.prop), p.prop)
    with pytest.raises(ToolError) as refused:
        state_graph(model, t)
    words = shlex.split(" ".join((refused.value.hint or "").split()))
    drawn = state_graph(model, t, words[words.index("--fields") + 1].split(","))
    assert len(drawn.groups) == int(words[words.index("makes") + 1])
    assert sum(g.states for g in drawn.groups) == drawn.total > 100_000
    # The way of the counterexample is in it, and ends where the property is false.
    assert {n for g in drawn.groups for n in g.steps} == set(range(len(t.steps) + 1))
    assert all(g.bad for g in drawn.groups if len(t.steps) in g.steps)


def test_of_a_model_without_end_so_much_is_advised_as_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(states, "_MOST_STATES", 300)
    with pytest.raises(ToolError) as refused:
        state_graph(violation(*C3).model, trace(C3))
    assert "states and more, too many for a picture" in refused.value.message
    assert "--minimise looks for a smaller scenario" in str(refused.value.hint)
    assert "may do" in str(refused.value.hint)


_Rect = tuple[float, float, float, float]


def _boxes(picture: str) -> tuple[list[tuple[_Rect, set[str], list[str]]], list[set[str]]]:
    """The boxes of a picture of a graph, with their classes and lines; the classes of its edges."""
    root = ElementTree.fromstring(picture)
    boxes = []
    for g in root.iter(f"{SVG}g"):
        rect = g.find(f"{SVG}rect")
        assert rect is not None
        left, top, width, height = (float(rect.attrib[n]) for n in ("x", "y", "width", "height"))
        assert 0 <= left <= left + width <= float(root.attrib["width"])
        lines = [e.text or "" for e in g.iter(f"{SVG}text")]
        assert all(len(line) * 6.8 <= width for line in lines)
        boxes.append(((left, top, width, height), set(rect.attrib["class"].split()), lines))
    edges = [set(p.attrib["class"].split()) for p in root.iter(f"{SVG}path") if "class" in p.attrib]
    for (ax, ay, aw, ah), _, _ in boxes:
        inside = [
            b
            for b, _, _ in boxes
            if ax < b[0] + b[2] and b[0] < ax + aw and ay < b[1] + b[3] and b[1] < ay + ah
        ]
        assert len(inside) == 1
    return boxes, edges


def test_the_picture_of_all_states() -> None:
    found, t = violation(*ZAP), trace(ZAP)
    boxes, edges = _boxes(graph(found.model, t))
    text = dot(found.model, t)
    assert len(boxes) == len(re.findall(r"^    s\d+ \[", text, re.M))
    assert len(edges) == text.count(" -> ")
    assert sum("taken" in e for e in edges) == len(t.steps)
    passed = [b for b in boxes if "passed" in b[1]]
    assert len(passed) == len(t.steps) + 1
    # The counterexample goes straight down, from the first state to one that is bad.
    assert len({round(x + w / 2) for (x, _, w, _), _, _ in passed}) == 1
    assert passed[0][2] == ["the first state"]
    assert [b for b in passed if "broken" in b[1]] == [max(passed, key=lambda b: b[0][1])]


def test_states_that_are_alike_are_one() -> None:
    found, t = violation(*C3), trace(C3)
    boxes, edges = _boxes(graph(found.model, t, ["TLB", "*sptep.D", "ager"]))
    counts = [
        int(n)
        for _, _, lines in boxes
        for n in re.findall(r"^(\d+) states", "\n".join(lines), re.M)
    ]
    nodes, _ = around(Meaning(found.model), [t.first], 10**6)
    assert sum(counts) == len(nodes)
    keys = [tuple(line for line in lines if ":" in line or " at " in line) for _, _, lines in boxes]
    assert len(set(keys)) == len(boxes)
    assert all(len(k) == 3 for k in keys)
    # Of the steps, those that change none of these are not seen.
    assert sum("taken" in e for e in edges) == 4
    assert any("steps 1-4 inside" in lines for _, _, lines in boxes)
    broken = {line for _, kinds, lines in boxes if "broken" in kinds for line in lines}
    assert any(re.fullmatch(r"\d+ states, \d+ bad", line) for line in broken)


def test_where_boxes_go() -> None:
    sizes = [(40.0, 20.0)] * 7
    edges = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6), (6, 0), (1, 2)]
    drawn = layered(sizes, edges, [0], [0, 2, 4, 6], gap=10, between=30)
    assert [drawn.y[n] for n in (0, 1, 3, 5)] == [10, 60, 110, 160]
    assert len({drawn.x[n] for n in (0, 2, 4, 6)}) == 1
    assert (drawn.width, drawn.height) == (90, 170)
    # Nothing crosses: what belongs together is on one side.
    assert len({drawn.x[n] for n in (1, 3, 5)}) == 1


@CASES
def test_itf_is_read_back(case: Case) -> None:
    found = violation(*case)
    t = trace(case)
    read = itf_py.trace_from_json(json.loads(itf(found.model, t, "kvmtla")))
    assert read.vars == list(found.model.variables)
    states = [t.first, *(s.after for s in t.steps)]
    assert [s.meta["index"] for s in read.states] == list(range(len(states)))
    assert [s.meta["action"] for s in read.states[1:]] == [s.action for s in t.steps]
    spte = found.model.variables["spte"].type
    assert isinstance(spte, MapT)
    assert isinstance(spte.value, RecordT)
    for mine, theirs in zip(states, read.states, strict=True):
        assert set(theirs.values) == set(found.model.variables)
        words: Any = mine["spte"]
        for gfn, word in enumerate(words):
            entry = theirs.values["spte"][gfn]
            assert tuple(getattr(entry, f.name) for f in spte.value.fields) == word
        assert theirs.values["mmu_lock"] == mine["mmu_lock"]
    # Nothing is lost on the way there and back, but for how integers are written.
    again = itf_py.trace_from_json(itf_py.trace_to_json(read))
    assert again.states == read.states


def _schema() -> Any:
    return json.loads((ROOT / "docs" / "results.schema.json").read_text(encoding="utf-8"))


def test_the_published_schema_is_what_json_is_like(environment: dict[str, str]) -> None:
    schema = _schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    single = json.loads(_form(environment, "json", "show", "C1", "--kernel", "5.18"))
    check.validate(single)
    for key in ("verdict", "trace", "schema_version"):
        wrong = {**single, key: 7}
        assert not check.is_valid(wrong), key
    del single["claim"]
    assert not check.is_valid(single)


@pytest.mark.parametrize("form", ["svg", "graph"])
def test_hostile_names_in_a_picture(
    form: str, environment: dict[str, str], reader: Any, tmp_path: Path
) -> None:
    text = _hostile(environment, form)
    root = ElementTree.fromstring(text)
    kinds = {e.tag.removeprefix(SVG) for e in root.iter()}
    more = {"g", "defs", "marker", "path"} if form == "graph" else {"line"}
    assert kinds == {"svg", "title", "desc", "style", "rect", "text"} | more
    names = {n for e in root.iter() for n in e.attrib}
    assert not any(n.startswith("on") or n.endswith("href") for n in names)
    assert not re.search("[\u202a-\u202e\u2028\u2029]", text)
    file = tmp_path / "hostile.svg"
    file.write_text(text, encoding="utf-8")
    reader.page.goto(file.as_uri())
    assert not reader.complaints


def test_hostile_names_in_a_diagram_and_a_graph(environment: dict[str, str]) -> None:
    is_diagram(_hostile(environment, "mermaid").splitlines())
    string = r'"(?:[^"\\\n]|\\.)*"'
    attributes = rf"\w+=(?:{string}|\w+)(?:, \w+=(?:{string}|\w+))*"
    known = re.compile(
        rf"digraph {string} {{|}}|    label={string};|    (?:node|edge) \[{attributes}\];"
        rf"|    s\d+(?: -> s\d+)? \[{attributes}\];"
    )
    for line in _hostile(environment, "dot").splitlines():
        assert known.fullmatch(line), line


def test_hostile_names_in_data(environment: dict[str, str]) -> None:
    read = itf_py.trace_from_json(json.loads(_hostile(environment, "itf")))
    assert len(read.states) > 2
    found = json.loads(_hostile(environment, "json"))
    check = jsonschema.Draft202012Validator(_schema())
    check.validate(found)
    assert any("alert(5)</script>\nend\n" in s["text"] for s in found["trace"])


def test_hostile_names_in_text(environment: dict[str, str]) -> None:
    """What goes to a terminal or into a mail: no line that is not ours, nothing turned around."""
    told = {form: _hostile(environment, form) for form in ("story", "commit")}
    for text in told.values():
        assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in text)
        assert not re.search("[\u2028\u2029]", text)
        assert not re.search(r"^lines", text, re.M)
    assert all(len(line) <= 75 for line in told["commit"].split("\n"))
    known = re.compile(
        r"|H1 hostile|nothing_lost is (false|violated: .*)|adders: .*|At first.*|  .*"
    )
    for line in told["story"].split("\n"):
        assert known.fullmatch(line), line


def test_hostile_names_among_all_claims(
    environment: dict[str, str], reader: Any, tmp_path: Path
) -> None:
    file = tmp_path / "claims.svg"
    spec = str(HERE / "specs" / "hostile.py")
    line = [sys.executable, "-m", "kvmtla", "--spec", spec, "verify", "--svg", str(file)]
    done = subprocess.run(
        line, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    kinds = {e.tag.removeprefix(SVG) for e in ElementTree.parse(file).iter()}
    assert kinds <= {"svg", "g", "title", "style", "rect", "line", "circle", "text"}
    assert not re.search("[\u202a-\u202e\u2028\u2029]", file.read_text(encoding="utf-8"))
    # The command that it names is one, whatever a constant's value is called.
    named = next(x for x in done.stdout.splitlines() if x.startswith("To see"))
    words = shlex.split(named.partition(": ")[2])
    assert words == ["kvmtla", "show", "H1", "--spec", spec, "--way", "</title><b>"]
    reader.page.goto(file.as_uri())
    assert not reader.complaints
