"""Two questions are two, whatever they are called, and whatever else is asked with them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.check.agreement import Second
from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.check.words import unmistakable
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec, read_project
from kvmtla.generate import generated_files
from kvmtla.insight.kept_counts import Counting
from kvmtla.modules.memo import Memo
from kvmtla.modules.points import points
from kvmtla.mutate.worlds import worlds
from kvmtla.report.layout import Layout
from kvmtla.tlc import RunOptions, Toolchain
from kvmtla.verdict import Verdict
from support.specs import load
from support.watching import Silent

# Texts that look like each other once they are part of a name, and like other parts of one.
_VALUES = [
    "a",
    "A",
    "b",
    "a_b",
    "a.b",
    "a-b",
    "a b",
    "b_a",
    "",
    "_",
    "a, q b",
    'a"',
    "lock_by_lock",
]
_SCENARIOS = ["s", "S", "s_a", "s_a_b", "s_", "s_b", "s_lock_by_lock"]


def _spec_text(
    values: Sequence[Sequence[str]], defaults: Sequence[int | None], names: Sequence[str]
) -> str:
    """A spec in which a task takes a number as long as the place of scenario and constants."""
    lines = ["from enum import Enum", "from typing import Annotated", "from kvmtla import *", ""]
    for name, texts, default in zip("pq", values, defaults, strict=True):
        lines.append(f"class {name.upper()}(Enum):")
        lines += [f"    M{i} = {text!r}" for i, text in enumerate(texts)]
        given = f", default={name.upper()}.M{default}" if default is not None else ""
        lines.append(f'{name} = constant("{name}", {name.upper()}, "a constant"{given})')
    lines += ["class Machine(Shared):", "    x: Annotated[int, Between(0, 63)]", "", "@initial"]
    lines += ["def start(m: Machine) -> None:", "    ''", "    m.x = 0", ""]
    for i, name in enumerate(names):
        lines += ["@operation()", f"def up_{i}(m: Machine) -> None:", "    ''"]
        for a, b in itertools.product(*(range(len(v)) for v in values)):
            lines.append(f"    if p == P.M{a} and q == Q.M{b}:")
            lines.append(f"        WRITE_ONCE(m.x, {_number(i, a, b)})")
        lines += [
            f'scene_{i} = Scenario("{name}", "Counts.", machine=Machine, sizes={{}},',
            f'    initial=start, actors=[Actor("task", up_{i})])',
        ]
    even = " and ".join(f"m.x != {n}" for n in range(1, 64, 2))
    lines += ["@invariant", "def small(m: Machine) -> bool:", "    ''", f"    return {even}", ""]
    return "\n".join(lines)


def _number(scenario: int, a: int, b: int) -> int:
    """What is stored: another number for each question."""
    return scenario * 9 + a * 3 + b + 1


@st.composite
def _adversarial(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, int]]]:
    """The text of a spec, and its questions: scenario and members of the constants, by place."""
    values = [
        draw(st.lists(st.sampled_from(_VALUES), min_size=2, max_size=3, unique=True))
        for _ in range(2)
    ]
    defaults = [draw(st.one_of(st.none(), st.integers(0, len(v) - 1))) for v in values]
    names = draw(st.lists(st.sampled_from(_SCENARIOS), min_size=1, max_size=3, unique=True))
    asked = [*itertools.product(range(len(names)), *(range(len(v)) for v in values))]
    return _spec_text(values, defaults, names), asked


_files = itertools.count()


def _spec(folder: Path, text: str, asked: Sequence[tuple[int, int, int]]) -> Spec:
    """The spec with a claim for each question, in this order."""
    claims = [
        f'Claim("{n}", "c", quote="", source="me", scenario=scene_{s}, '
        f"expect=[holds(small, p=P.M{a}, q=Q.M{b})])"
        for n, (s, a, b) in enumerate(asked)
    ]
    listed = ",\n    ".join(claims)
    scenes = ", ".join(f"scene_{i}" for i in range(text.count("= Scenario(")))
    end = f"""project = Project("t", constants=[p, q], scenarios=[{scenes}], claims=[
    {listed}])
"""
    return read_project(load(folder, f"{text}\n{end}", f"v{next(_files)}.py").project)


def _verdict(question: tuple[int, int, int]) -> str:
    return "violated" if _number(*question) % 2 else "holds"


@settings(max_examples=15)
@given(_adversarial(), st.randoms(use_true_random=False))
def test_names_and_verdicts_do_not_depend_on_what_else_is_asked(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: tuple[str, list[tuple[int, int, int]]],
    r: random.Random,
) -> None:
    folder = tmp_path_factory.mktemp("names")
    text, asked = drawn
    found = points(_spec(folder, text, asked), folder)
    names = {q: p.module.name for q, p in zip(asked, found, strict=True)}
    assert len({n.casefold() for n in names.values()}) == len(asked)
    assert len({p.module.key for p in found}) == len({p.module.digest("small") for p in found})
    some = r.sample(asked, r.randint(1, len(asked)))
    spec = _spec(folder, text, some)
    found = points(spec, folder)
    for question, p in zip(some, found, strict=True):
        assert p.module.name == names[question]
        stored = _number(*question)
        assert f"x' = {stored}" in p.module.text.replace("  ", " ")
    # Whatever is filed, is filed apart.
    files = generated_files(found)
    assert sum(f.endswith(".tla") for f in files) == len(some)
    counts = Counting(found, Memo(None)).result()
    assert [counts[p.module].states for p in found] == [2] * len(some)
    second = Second()
    for question, p in zip(some, found, strict=True):
        outcome = second.compare(Result(p, Verdict(_verdict(question)))).outcome
        assert outcome.verdict.value == _verdict(question)
    rows = Layout.of([Result(p, Verdict.HOLDS) for p in found], spec).rows(
        Result(p, Verdict.HOLDS) for p in found
    )
    told = {(p.claim.scenario.name, *p.settings.items()) for p in found}
    by_scenario = [p.claim.scenario.name for p in found]
    cells = sum(map(len, rows.values()))
    assert cells == len({t[1:] for t in told}), by_scenario
    known = worlds(spec)
    assert len({w.name for w in known}) == len(known)


_SETTINGS = st.lists(st.tuples(st.sampled_from(["p", "lock"]), st.text('ab, "lockby', max_size=9)))


@given(_SETTINGS, _SETTINGS)
def test_settings_in_words_are_not_taken_for_others(
    some: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    def said(values: list[tuple[str, str]]) -> str:
        return ", ".join(f"{n} {unmistakable(v)}" for n, v in values)

    assert (said(some) == said(others)) == (some == others)
    assert said(some).split(", ")[-1:] != ["lock by lock"]


def test_tlc_is_asked_each_question_once(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    # One of gcc-12 and gcc.12 is violated, one of s with value b and s_b.
    values, names = [["gcc-12", "gcc.12", "none"], ["n", "m", "b"]], ["s", "s_b"]
    text = _spec_text(values, [2, 0], names)
    asked = [(0, 0, 0), (0, 1, 0), (0, 2, 2), (1, 2, 0)]
    assert {_verdict(q) for q in asked[:2]} == {_verdict(q) for q in asked[2:]}
    for order in (asked, asked[::-1], asked[2:]):
        spec = _spec(tmp_path, text, order)
        found = Checker(toolchain, RunOptions(), jobs=2).check(
            points(spec, tmp_path), Silent(), Memo.of(spec, tmp_path, None)
        )
        assert [r.verdict.value for r in found] == list(map(_verdict, order))
    assert all(r.cached for r in found)


def test_points_of_two_specs_are_not_taken_for_each_other(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    text = _spec_text([["a"], ["b"]], [0, 0], ["s"])
    good = points(_spec(tmp_path, text.replace("m.x, 1)", "m.x, 2)"), [(0, 0, 0)]), tmp_path)
    bad = points(_spec(tmp_path, text, [(0, 0, 0)]), tmp_path)
    assert good[0].module.name == bad[0].module.name
    found = Checker(toolchain, RunOptions(), jobs=1, cached=False).check([*good, *bad], Silent())
    assert [r.verdict.value for r in found] == ["holds", "violated"]
    with pytest.raises(SpecError, match=r"two modules would be written to s/s\.tla"):
        generated_files([*good, *bad])
