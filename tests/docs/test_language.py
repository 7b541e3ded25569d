"""The reference of the language: its tables are real, and it leaves nothing out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import kvmtla
from kvmtla.emit.module import ModuleWriter
from kvmtla.emit.names import Scope
from kvmtla.errors import Loc, SpecError
from kvmtla.front.functions import scope_of
from kvmtla.front.program import ProgramReader
from kvmtla.front.rules.core import expr
from kvmtla.lower.specialise import Specialiser
from support.specs import errors_in, load, modules, project_of

from .conftest import ROOT, Page, Session, Table, apply, row

PAGE = ROOT / "docs" / "language.md"
SPEC = "example.py"

# Where a line of a table of refused code stands, {} in its place.
_PARAMETERS = "m: Machine, cpu: Cpu, page: Page"
_FRAMES = {
    "operation": f"@operation()\ndef wrong({_PARAMETERS}) -> None:\n    {{}}\n",
    "atomic": f"@atomic()\ndef wrong({_PARAMETERS}) -> None:\n    {{}}\n",
    "pure": f"@pure\ndef wrong({_PARAMETERS}) -> bool:\n    {{}}\n",
    "signature": "@operation()\n{} pass\n",
    "field": "class Wrong(Shared):\n    {}\n",
    "class": "{}\n",
}


@pytest.fixture
def text(tmp_path: Path) -> str:
    """The specification that the page's blocks make, once all of them are done."""
    session = Session(tmp_path.resolve(), {})
    for block in Page.read(PAGE).blocks():
        if block.options.keys() & {"file", "append"}:
            apply(block, session, "")
    return (tmp_path / SPEC).read_text(encoding="utf-8")


def test_refused(tmp_path: Path, text: str, updating: bool) -> None:
    def made(table: Table) -> list[str]:
        frame = _FRAMES[table.argument]
        found = [row("", "because", "instead"), "|---|---|---|"]
        for code, *_ in table.cells():
            said = _complaint(tmp_path, text, frame.replace("{}", code))
            found.append(row(f"`{code}`", said.message, said.hint or ""))
        return found

    _compare("refused", made, updating)


def _loaded(folder: Path, text: str, more: str) -> ModuleType:
    """The specification with something added to it; its source is kept under its file's name."""
    return load(folder, f"{text}\n\n{more}", f"{len(list(folder.iterdir()))}.py")


def _complaint(folder: Path, text: str, wrong: str) -> SpecError:
    try:
        module = _loaded(folder, text, wrong)
        reader = ProgramReader()
        if "wrong" in vars(module):
            reader.function(module.wrong, Loc("", 1))
        else:
            reader.types.read(module.Wrong, Loc("", 1))
        reader.settle()
    except SpecError as error:
        # What is missing in the function around it is told of its first line.
        return errors_in(error)[-1]
    raise AssertionError(f"nothing is wrong with\n{wrong}")


def test_becomes(tmp_path: Path, text: str, updating: bool) -> None:
    def made(table: Table) -> list[str]:
        parameters = table.argument.replace(":", ": ").replace(",", ", ")
        frame = f"@pure\ndef expression(m: Machine, {parameters}) -> bool:\n    return True\n"
        module = _loaded(tmp_path, text, frame)
        tla = _printer(module, tmp_path)
        found = [row("Python", "TLA+"), "|---|---|"]
        return found + [row(f"`{code}`", f"`{tla(code)}`") for code, *_ in table.cells()]

    _compare("becomes", made, updating)


def _printer(module: ModuleType, root: Path) -> Callable[[str], str]:
    """From an expression over the parameters of `expression` to TLA+."""
    program = ProgramReader()
    function = module.expression
    start = scope_of(program, function, "pure")
    first = next(iter(modules(project_of(module), root).values()))
    writer = ModuleWriter(first.model, root)
    constants = {c.name: next(reversed(list(c.kind))).name for c in module.project.constants}

    def tla(code: str) -> str:
        made = expr(ast.parse(code, mode="eval").body, start)
        program.settle()
        scope = Scope(())
        for name in start.locals:
            scope, _ = scope.bind(name)
        return writer.printer.flat(Specialiser(program.program, constants).expr(made), scope)

    return tla


def _compare(name: str, made: Callable[[Table], list[str]], updating: bool) -> None:
    page = Page.read(PAGE)
    wrong = []
    for table in page.tables(name):
        new = ["", *made(table), ""]
        if new != table.lines:
            wrong.append((table.first, table.first + len(table.lines), new))
    if updating:
        page.replace(wrong)
    else:
        assert not wrong, "\n".join(f"line {w[0]}: not as it is" for w in wrong)


def test_nothing_is_left_out() -> None:
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", PAGE.read_text("utf-8")))))
    assert set(kvmtla.__all__) <= named
