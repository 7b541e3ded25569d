"""Each error has a code, and each code is explained by examples that are answered as it says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvmtla.author import new_operation
from kvmtla.emit.pluscal import PlusCalWriter
from kvmtla.errors import KvmtlaError, Loc
from kvmtla.errors.message import Message
from kvmtla.errors.registry import Code, all_codes, areas
from kvmtla.front.program import ProgramReader
from kvmtla.front.scenario import read_project
from kvmtla.lang.types import Shared
from kvmtla.load import SpecPackage
from kvmtla.tlc import find_toolchain
from kvmtla.tlc.pcal import translate
from support.specs import HEADER, load, modules, project_of, said

REPOSITORY = Path(__file__).parents[2]
SOURCES = REPOSITORY / "gen" / "kvmtla"
MESSAGES = SOURCES / "front" / "messages"
CODE = re.compile(r"KT\d{3}")
WORLD = (
    'world = Scenario("world", "One task.", machine=Machine, sizes={Page: 1, Cpu: 1},\n'
    '                 initial=blank, actors=[Actor("task", note)])\n'
)
OPERATION = "@operation()\ndef op(m: Machine, cpu: Cpu, page: Page) -> None:\n"
ASKED = "@invariant\ndef asked(m: Machine) -> bool:\n    return "
FINE = """
@invariant
def fine(m: Machine) -> bool:
    return (
        m.busy or m.count < 2 or m.zone == Zone.DMA or m.level == Level.LOW
        or any(m.bitmap[p] or m.pte[p].dirty or m.pte[p].writable or m.pte[p].present for p in Page)
        or any(m.owner[p] is None or m.tlb[c][p].valid or c in m.waiting for c in Cpu for p in Page)
    )
"""
SPECS = [c for c in all_codes().values() if c.kind in ("module", "body", "property")]


def _errors() -> set[str]:
    """The names of the classes whose objects carry a code."""
    found = {KvmtlaError.__name__}
    for tree in _trees():
        found |= {
            c.name
            for c in ast.walk(tree)
            if isinstance(c, ast.ClassDef)
            and any(isinstance(b, ast.Name) and b.id == KvmtlaError.__name__ for b in c.bases)
        }
    return found


def _trees() -> Iterator[ast.Module]:
    for file in sorted(SOURCES.rglob("*.py")):
        yield ast.parse(file.read_text(encoding="utf-8"), str(file))


def _made() -> Iterator[tuple[str, ast.expr]]:
    """The first argument of everything that makes an error, and where."""
    known = _errors()
    for file in sorted(SOURCES.rglob("*.py")):
        errors = known | ({Message.__name__} if file.parent == MESSAGES else set())
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in errors:
                yield f"{file.relative_to(REPOSITORY)}:{node.lineno}", node.args[0]


def test_every_error_has_a_code() -> None:
    used, wrong = set(), []
    for where, first in _made():
        if isinstance(first, ast.Constant) and CODE.fullmatch(str(first.value)):
            used.add(str(first.value))
        elif ast.unparse(first) not in ("code", "self.code"):
            wrong.append(where)
    assert not wrong
    named = {c for f in SOURCES.rglob("*.py") for c in CODE.findall(f.read_text(encoding="utf-8"))}
    assert used <= named
    assert named & {c.code for a in areas() for c in a.codes} == set(all_codes())
    assert used <= set(all_codes())


def test_the_front_end_has_its_messages_in_one_place() -> None:
    """A function makes messages of one code, and stands beside the others of this code."""
    named = {
        file.relative_to(SOURCES).as_posix(): CODE.findall(file.read_text(encoding="utf-8"))
        for file in (SOURCES / "front").rglob("*.py")
    }
    assert {f for f, codes in named.items() if codes} == {
        file.relative_to(SOURCES).as_posix()
        for file in MESSAGES.glob("*.py")
        if file.stem != "__init__"
    }
    for file in MESSAGES.glob("*.py"):
        order = []
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            codes = set(CODE.findall(ast.unparse(node)))
            assert len(codes) <= 1 or not isinstance(node, ast.FunctionDef), node.lineno
            order += codes if isinstance(node, ast.FunctionDef) else []
        assert order == sorted(order), file


def test_codes_stand_where_their_area_is() -> None:
    for area in areas():
        assert [c.code for c in area.codes] == sorted(c.code for c in area.codes)
        assert {c.code[:3] for c in area.codes} == {area.prefix}
    assert len({c.title for c in all_codes().values()}) == len(all_codes())


def test_every_code_is_met_by_a_test() -> None:
    """Those without an example that can be run are in what some test expects."""
    files = [f for kind in ("*.py", "*.txt") for f in (REPOSITORY / "tests").rglob(kind)]
    met = {c for f in files for c in CODE.findall(f.read_text(encoding="utf-8"))}
    assert {c.code for c in all_codes().values() if c.kind == "none"} <= met


def _spec(code: Code, example: str) -> str:
    """The example as a spec, with a property that depends on everything."""
    if code.kind == "body":
        example = OPERATION + "".join(f"    {line}\n" for line in example.splitlines())
    if code.kind == "property":
        example = ASKED + example
    named = "world" in example or ("(Shared)" in example and ": Machine" in example)
    if named and "world =" not in example:
        example = WORLD + example
    if "@invariant" not in example and "(Shared)" not in example:
        example = f"{FINE}\n{example}"
    return f"{HEADER}\n{example}\n"


def _answer(folder: Path, name: str, text: str) -> str | None:
    """What the tool says of a spec; None where nothing is wrong with it."""
    try:
        module = load(folder, text, name)
        if "@operation" in text or "@invariant" in text:
            modules(project_of(module), folder)
        reader = ProgramReader()
        for thing in list(vars(module).values()):
            own = isinstance(thing, type) and thing.__module__ == module.__name__
            if own and issubclass(thing, Shared):
                reader.types.read(thing, Loc("", 1))
        reader.settle()
    except KvmtlaError as error:
        return said(error, folder)
    return None


@pytest.mark.parametrize("code", SPECS, ids=lambda c: c.code)
def test_the_examples(tmp_path: Path, code: Code) -> None:
    found = _answer(tmp_path, "wrong.py", _spec(code, code.wrong))
    assert found is not None
    assert f"error[{code.code}]" in found, found
    # What Python says of its own accord is left as it is.
    assert "\n  help: " in found or code.code in ("KT002", "KT004"), found
    assert _answer(tmp_path, "right.py", _spec(code, code.right)) is None


def test_actors_that_pluscal_cannot_tell_apart(tmp_path: Path) -> None:
    world = WORLD.replace(
        'Actor("task", note)', 'Actor("a", note, each=Cpu), Actor("b", note, each=Cpu)'
    )
    module = load(tmp_path, f"{HEADER}{FINE}{world}")
    (model,) = modules(project_of(module), tmp_path).values()
    with pytest.raises(KvmtlaError, match="KT705"):
        PlusCalWriter(model.model, tmp_path)


def test_a_text_that_is_no_algorithm(tmp_path: Path) -> None:
    with pytest.raises(KvmtlaError, match="KT811"):
        translate(find_toolchain(), "X", "---- MODULE X ----\n====\n")


def test_a_spec_to_which_nothing_can_be_added(tmp_path: Path) -> None:
    module = load(tmp_path, f'{HEADER}project = Project("empty", claims=[], constants=[])\n')
    package = SpecPackage("spec", tmp_path, module.project)
    with pytest.raises(KvmtlaError, match="KT913"):
        new_operation(package, read_project(module.project), "op", None, None)
