"""How the labels of a process are put into one another, and what may keep a value too long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from kvmtla.agree.pluscal import compare_graphs
from kvmtla.emit.pluscal import PlusCalWriter
from kvmtla.emit.pluscal_needed import places
from kvmtla.emit.pluscal_nesting import laid_out
from kvmtla.emit.pluscal_statements import (
    Await,
    Goto,
    If,
    Labelled,
    Put,
    Statement,
    While,
    walk,
)
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Local
from kvmtla.ir.types import BOOL
from kvmtla.modules.module import Module
from kvmtla.tlc import find_toolchain
from support.specs import load, modules, project_of

REPOSITORY = Path(__file__).parents[2]
# Jumps that PlusCal has no other word for: back into a loop that is left in several ways, and out
# over what comes next.
MOST_JUMPS = 4
"""The most jumps in 500 lines of the algorithms that are checked in."""


def cond(name: str) -> Local:
    return Local(name, BOOL)


def does(name: str) -> Statement:
    return Put(((cond(name), x.TRUE),))


def laid(bodies: Mapping[str, tuple[Statement, ...]]) -> tuple[Labelled, dict[str, str]]:
    return laid_out(bodies, "Done", lambda label: f"{label}_2")


def jumps(whole: Labelled) -> list[str]:
    return [s.label for s in walk((whole,)) if isinstance(s, Goto)]


def test_each_way_has_its_steps_in_it_and_what_is_common_behind() -> None:
    whole, copies = laid(
        {
            "a": (If(cond("c"), (Goto("b"),), (Goto("d"),)),),
            "b": (does("b"), Goto("e")),
            "d": (does("d"), Goto("e")),
            "e": (does("e"), Goto("Done")),
        }
    )
    assert not copies
    assert whole == Labelled(
        "a",
        (
            If(
                cond("c"),
                (Labelled("b", (does("b"),)),),
                (Labelled("d", (does("d"),)),),
            ),
            Labelled("e", (does("e"),)),
        ),
    )


def test_a_step_that_leads_back_to_itself_is_a_loop() -> None:
    whole, _ = laid(
        {
            "a": (does("a"), Goto("b")),
            "b": (If(cond("c"), (does("b"), Goto("b")), (Goto("e"),)),),
            "e": (does("e"), Goto("Done")),
        }
    )
    assert not jumps(whole)
    (loop,) = (s for s in walk((whole,)) if isinstance(s, While))
    assert loop == While(cond("c"), (does("b"),))


def test_a_loop_with_two_ways_out_has_one_jump() -> None:
    whole, _ = laid(
        {
            "a": (If(cond("c"), (Goto("b"),), (Goto("e"),)),),
            "b": (If(cond("d"), (Goto("a"),), (Goto("e"),)),),
            "e": (does("e"), Await(cond("e")), does("f"), does("g"), does("h"), Goto("Done")),
        }
    )
    assert len(jumps(whole)) == 1


def test_a_short_step_is_written_again_instead_of_a_jump_over_others() -> None:
    bodies = {
        "a": (If(cond("c"), (Goto("b"),), (Goto("d"),)),),
        "b": (If(cond("e"), (Goto("f"),), (Goto("g"),)),),
        "d": (If(cond("h"), (Goto("f"),), (Goto("g"),)),),
        "f": (does("f"), Goto("g")),
        "g": (does("g"), Goto("Done")),
    }
    whole, copies = laid(bodies)
    assert not jumps(whole)
    assert copies == {"f_2": "f"}
    long = {**bodies, "f": (*(does(f"f{i}") for i in range(9)), Goto("g"))}
    whole, copies = laid(long)
    assert not copies
    assert jumps(whole) == ["g", "g"]


def test_what_nothing_leads_to_is_left_out() -> None:
    whole, _ = laid({"a": (does("a"), Goto("Done")), "b": (does("b"), Goto("a"))})
    assert whole == Labelled("a", (does("a"),))


def test_the_samples_have_few_jumps() -> None:
    found = 0
    for file in (REPOSITORY / "tla" / "pluscal").rglob("*.tla"):
        text = file.read_text(encoding="utf-8")
        lines = text[text.index("--algorithm") : text.index("\n} *)")].splitlines()
        count = sum(bool(re.search(r"\bgoto\b", line)) for line in lines)
        assert count * 500 <= MOST_JUMPS * len(lines), file.name
        found += 1
    assert found


KEEPS = """
from kvmtla import *


class Word(Record):
    a: bool = False
    b: bool = False


class World(Shared):
    word: Word
    flag: bool


@initial
def any_first(m: World) -> None:
    m.word = Word(a=choose(bool), b=choose(bool))
    m.flag = False


@operation()
def look(m: World) -> None:
    old = READ_ONCE(m.word)
    if old.a:
        WRITE_ONCE(m.flag, old.b)
        WRITE_ONCE(m.word, old.but(a=False))
    else:
        WRITE_ONCE(m.flag, True)


@hardware("turned by others")
def turn(m: World) -> None:
    m.word = m.word.but(a=True, b=not m.word.b)


@invariant
def never(m: World) -> bool:
    return not (m.flag and m.word.a and m.word.b)
"""


def kept(tmp_path: Path) -> tuple[Module, str, frozenset[str]]:
    """A model with a local that its algorithm does not reset, and where."""
    (module,) = modules(project_of(load(tmp_path, KEEPS)), tmp_path).values()
    writer = PlusCalWriter(module.model, tmp_path)
    writer.module()
    ((name, where),) = writer.kept.items()
    assert where < frozenset(writer.names.places("task"))
    return module, name, where


def differences(module: Module, root: Path) -> tuple[str, ...]:
    found = compare_graphs(module, root, find_toolchain())
    assert found.undecided is None
    assert found.states > 10
    return found.differences


def test_a_value_that_is_still_of_use_may_not_be_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, where = kept(tmp_path)
    assert not differences(module, tmp_path)
    everywhere = where | set(places(module.model, "task"))
    monkeypatch.setattr(PlusCalWriter, "kept", {name: everywhere})
    assert "are not the algorithm's" in differences(module, tmp_path)[0]


def test_nothing_may_depend_on_a_value_that_is_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, _ = kept(tmp_path)
    plain = PlusCalWriter.module
    last = "WRITE_ONCE(flag, TRUE);"

    def depending(writer: PlusCalWriter) -> str:
        text = plain(writer)
        assert text.count(last) == 1
        return text.replace(last, f"await {writer.names.locals[name].text}.b; {last}")

    monkeypatch.setattr(PlusCalWriter, "module", depending)
    assert any("of no more use" in line for line in differences(module, tmp_path))


CALLS = """
from kvmtla import *


class Page(Domain, label="page"):
    \"\"\"A page.\"\"\"


class World(Shared):
    dirty: Map[Page, bool]
    seen: Map[Page, bool]
    count: bool


@initial
def first(m: World) -> None:
    for p in Page:
        m.dirty[p] = choose(bool)


@atomic(text="clean(page)")
def clean(m: World, page: Page) -> None:
    m.dirty[page] = False
    m.seen[page] = True


@atomic(text="reset()")
def reset(m: World, to: bool) -> None:
    m.count = to


@operation()
def look(m: World, page: Page) -> None:
    reset(m, True)
    flush = False
    if test_bit(m.dirty[page]):
        clean(m, page)
        flush = True
        set_bit(m.seen[page])
    elif not test_bit(m.count):
        set_bit(m.dirty[page])
        flush = True
    else:
        return
    if flush:
        clean(m, page)
    reset(m, False)


@invariant
def few(m: World) -> bool:
    return any(not m.dirty[p] or not m.seen[p] or m.count for p in Page)
"""


def test_functions_that_are_one_step_and_flags_that_are_always_set(tmp_path: Path) -> None:
    (module,) = modules(project_of(load(tmp_path, CALLS), {"Page": 2}), tmp_path).values()
    assert not differences(module, tmp_path)
    text = PlusCalWriter(module.model, tmp_path).module()
    # One macro with a parameter, used twice; what is called with several values stands there. To
    # return early is a jump.
    assert "macro clean(p) {\n    dirty[p] := FALSE;\n    seen[p] := TRUE;\n}" in text
    assert len(re.findall(r"^ +clean\(page\);$", text, re.M)) == 2
    assert "macro reset" not in text
    assert len(re.findall(r"\\\* reset\(\)\n +count := (TRUE|FALSE);$", text, re.M)) == 2
    assert "if (flush" not in text
    assert text.count("goto") == 1
