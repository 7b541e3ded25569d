"""Steps with many ways: text in proportion to the code, and the same graph."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from kvmtla.engine import compile_model
from kvmtla.engine import explore as search
from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.fuzz.compare import compare
from kvmtla.fuzz.specification import seeded
from kvmtla.ir.model import Branch, Guard, Let, Pick, Tree, leaves
from kvmtla.lower import merged
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.points import points
from support.compare import VARIANTS, Comparison
from support.explore import explore
from support.specs import load, project_of

HEAD = '''
from kvmtla import *
class Page(Domain, label="page"):
    """A page."""
class M(Shared):
    a: Map[Page, bool]
    b: Map[Page, bool]
    c: Map[Page, bool]
    last: Page | None
    x: bool
'''

TAIL = """
@operation()
def op(m: M) -> None:
    sync(m)
@operation()
def op2(m: M, p: Page) -> None:
    set_bit(m.a[p])
@initial
def first(m: M) -> None:
    m.a = Map({p: False for p in Page})
@invariant
def fine(m: M) -> bool:
    return not (all(m.c[p] for p in Page) or m.x) or m.last is None
world = Scenario("world", "w.", machine=M, sizes={Page: SIZE}, initial=first,
                 actors=[Actor("one", op, times=1), Actor("two", op2)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(fine)])], constants=[])
"""

# Each is the body of one step.
BODIES = {
    "one if": """
    for p in Page:
        if m.a[p]:
            m.b[p] = not m.b[p]
""",
    "two ifs": """
    for p in Page:
        if m.a[p]:
            m.b[p] = not m.b[p]
        if m.b[p]:
            m.c[p] = not m.c[p]
""",
    "a value that may be None": """
    for p in Page:
        if m.a[p]:
            m.last = p
        elif m.last is not None and m.b[m.last]:
            m.last = None
        if m.last is not None:
            m.c[m.last] = not m.c[m.last]
""",
    "required on some ways": """
    for p in Page:
        if m.a[p]:
            require(m.last != p)
            m.last = p
        if m.b[p]:
            m.c[p] = m.x
        m.x = m.x != m.a[p]
""",
    "chosen on some ways": """
    if any(m.a[p] for p in Page):
        q = choose(Page)
        m.last = q
        m.b[q] = not m.b[q]
    if m.last is not None:
        m.c[m.last] = True
        if m.x:
            q = choose(Page)
            m.c[q] = False
    for p in Page:
        if m.c[p] and m.b[p]:
            m.x = not m.x
""",
    "returns in a loop": """
    for p in Page:
        if m.a[p]:
            m.x = True
            if m.b[p]:
                return
        if m.c[p]:
            m.b[p] = not m.x
    m.last = None
""",
}
LOOPS = [n for n in BODIES if n != "chosen on some ways"]


def _module(body: str, size: int) -> str:
    return f"{HEAD}@atomic()\ndef sync(m: M) -> None:{body}{TAIL.replace('SIZE', str(size))}"


def _comparison(folder: Path, body: str, size: int) -> Comparison:
    return Comparison(project_of(load(folder, _module(body, size))))


def _counts(comparison: Comparison, reductions: Reductions) -> list[object]:
    VARIANTS["test"] = reductions
    try:
        model = comparison.model("test")
    finally:
        del VARIANTS["test"]
    found, second = explore(model), search(compile_model(model))
    return [
        (found.distinct, found.generated, found.depth, found.violated, found.stuck),
        (second.distinct, second.generated, second.depth, second.verdict),
        _has(model.actions[0].tree, Let),
    ]


def _has(tree: Tree, kind: type) -> bool:
    match tree:
        case Branch(_, then, other):
            return _has(then, kind) or _has(other, kind)
        case Guard(_, body) | Pick(_, body) | Let(_, body):
            return isinstance(tree, kind) or _has(body, kind)
    return isinstance(tree, kind)


@pytest.mark.parametrize("body", BODIES)
def test_ways_that_become_one_make_the_same_graph(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = _comparison(tmp_path, BODIES[body], 3)
    apart = _counts(comparison, replace(Reductions.none(), most_ends=10**6))
    together = _counts(comparison, replace(Reductions.none(), most_ends=0))
    monkeypatch.setattr(merged, "_LONG", 2)
    monkeypatch.setattr(merged, "_LONG_CONDITION", 1)
    named = _counts(comparison, replace(Reductions.none(), most_ends=0))
    assert apart[:2] == together[:2] == named[:2]
    assert not apart[2]
    assert named[2]


@pytest.mark.parametrize("seed", [2, 3, 6, 7, 8, 10])
def test_random_steps_with_names_do_what_is_written(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged, "_LONG", 2)
    monkeypatch.setattr(merged, "_LONG_CONDITION", 1)
    assert compare(seeded(seed), f"named{seed}", tmp_path).differences == []


@pytest.mark.parametrize("body", LOOPS)
def test_the_text_of_a_loop_is_in_proportion_to_it(body: str, tmp_path: Path) -> None:
    sizes = {}
    for size in (32, 64):
        begin = time.process_time()
        project = project_of(load(tmp_path, _module(BODIES[body], size)))
        (point,) = points(read_project(project), tmp_path, Reductions.none())
        sizes[size] = len(point.module.text)
        assert time.process_time() - begin < 4
        assert len(list(leaves(point.module.model.actions[0].tree))) == 1
    assert sizes[64] < 200_000
    assert sizes[64] < 2.2 * sizes[32]


def test_what_is_too_much_for_one_step_is_refused(tmp_path: Path) -> None:
    body = BODIES["two ifs"].replace(
        "    for p in Page:", "    for q in Page:\n      for p in Page:"
    )
    project = project_of(load(tmp_path, _module(body, 64)))
    with pytest.raises(SpecError) as failed:
        (point,) = points(read_project(project), tmp_path, Reductions.none())
        _ = point.module.text
    assert failed.value.code == "KT706"
    assert failed.value.loc is not None


def test_a_local_that_is_chosen_twice_is_another_one(tmp_path: Path) -> None:
    text = """
@operation()
def op(m: M) -> None:
    p = choose(Page)
    q = p
    p = choose(Page)
    if p != q:
        set_bit(m.x)
        set_bit(m.a[p])
@initial
def first(m: M) -> None:
    m.x = False
@invariant
def fine(m: M) -> bool:
    return not any(m.a[p] for p in Page)
world = Scenario("world", "w.", machine=M, sizes={Page: 2}, initial=first,
                 actors=[Actor("one", op, times=1)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[violated(fine)])], constants=[])
"""
    comparison = Comparison(project_of(load(tmp_path, HEAD + text)))
    for variant in ("none", "all", "merged", "all merged"):
        assert comparison.differences(variant) == []
        assert explore(comparison.model(variant)).violated.keys() == {"fine"}


def test_a_chain_of_locals_is_written_once(tmp_path: Path) -> None:
    lines = ["    v0 = m.x", "    v1 = v0 and (v0 or m.b[p])"]
    for i in range(2, 25):
        op, inner = ("or", "and") if i % 2 == 0 else ("and", "or")
        lines.append(
            f"    v{i} = v{i - 1} {op} (v{i - 2} {inner} m.{'a' if i % 2 == 0 else 'b'}[p])"
        )
    text = "\n".join(["@pure", "def f(m: M, p: Page) -> bool:", *lines, "    return v24", ""])
    text += "@atomic()\ndef sync(m: M) -> None:\n    for p in Page:\n        m.b[p] = f(m, p)\n"
    begin = time.process_time()
    comparison = Comparison(project_of(load(tmp_path, HEAD + text + TAIL.replace("SIZE", "2"))))
    model = comparison.model("all")
    assert time.process_time() - begin < 2
    assert sum(len(m) for m in map(str, model.definitions)) < 60_000
    for variant in VARIANTS:
        assert comparison.differences(variant) == []
    ours, second = explore(model), search(compile_model(model))
    assert (ours.distinct, ours.generated) == (second.distinct, second.generated)


def test_a_pure_function_that_is_too_long_is_refused(tmp_path: Path) -> None:
    lines = ["    v0 = m.x", "    v1 = m.b[p]"]
    lines += [f"    v{i} = (v{i - 1} or v{i - 2}) != (v{i - 1} and m.a[p])" for i in range(2, 150)]
    text = "\n".join(["@pure", "def f(m: M, p: Page) -> bool:", *lines, "    return v149", ""])
    text += "@atomic()\ndef sync(m: M) -> None:\n    for p in Page:\n        m.b[p] = f(m, p)\n"
    with pytest.raises(SpecError) as failed:
        read_project(project_of(load(tmp_path, HEAD + text + TAIL.replace("SIZE", "2"))))
    assert failed.value.code == "KT217"


def test_a_field_without_a_first_value_on_some_ways_is_refused(tmp_path: Path) -> None:
    text = """
from kvmtla import *
class Page(Domain, label="page"):
    \"\"\"A page.\"\"\"
class M(Shared):
    a: Map[Page, bool]
    owner: Page
@operation()
def op(m: M, p: Page) -> None:
    WRITE_ONCE(m.owner, p)
@initial
def first(m: M) -> None:
    some = choose(Page)
    m.a = Map({p: p == some for p in Page})
    for p in Page:
        if m.a[p]:
            m.owner = p
@invariant
def fine(m: M) -> bool:
    return m.a[m.owner]
world = Scenario("world", "w.", machine=M, sizes={Page: 20}, initial=first,
                 actors=[Actor("one", op, times=1)])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[violated(fine)])], constants=[])
"""
    with pytest.raises(SpecError) as failed:
        Comparison(project_of(load(tmp_path, text))).model("all")
    assert failed.value.code == "KT703"
