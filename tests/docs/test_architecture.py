"""The rooms of the tool are those of docs/architecture.md, and import in one direction."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kvmtla

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "gen" / "kvmtla"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# From the top to the bottom: who may import whom.
ROOMS = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
FACADE = "__init__"
# Two readings of a model that have nothing in common with the one that TLC is given.
INDEPENDENT = {"engine", "sem", "oracle"}
# Examples in docstrings are about KVM; nothing that runs is.
KERNEL = re.compile(r"\b(sptes?|tdp_\w+|kvm_\w+|mmu_lock|vmexit|vmx|ept)\b", re.IGNORECASE)


def imported(file: Path) -> Iterator[str]:
    """Yield the full names of the modules that a file imports, of this project only."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("kvmtla."))
        elif isinstance(node, ast.ImportFrom) and node.module == "kvmtla":
            yield from (f"kvmtla.{a.name}" for a in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kvmtla."):
            yield node.module or ""


def room_of(file: Path) -> str:
    return file.relative_to(TOOL).parts[0].removesuffix(".py")


FILES = [f for f in sorted(TOOL.rglob("*.py")) if room_of(f) not in (FACADE, "__main__")]


def test_every_room_has_its_row() -> None:
    rooms = {room_of(f) for f in FILES} - {"starter"}
    assert set(ROOMS) == rooms
    assert len(ROOMS) == len(rooms)


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_imported_from_above(room: str) -> None:
    below = set(ROOMS[ROOMS.index(room) :])
    found = {
        f"{file.relative_to(TOOL)}: {name}"
        for file in FILES
        if room_of(file) == room
        for name in imported(file)
        if name.split(".")[1] not in below and name.split(".")[1] in ROOMS
    }
    assert found == set()


@pytest.mark.parametrize("room", sorted(INDEPENDENT))
def test_the_second_opinions_are_independent(room: str) -> None:
    """Nothing of `emit` or `tlc` is in what they import, nor in what that imports."""
    todo, seen = [f for f in FILES if room_of(f) == room], set[Path]()
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in imported(file):
            path = TOOL.joinpath(*name.split(".")[1:])
            todo += [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.exists()]
    assert {room_of(f) for f in seen} & {"emit", "tlc"} == set()


def test_a_trace_is_told_without_the_text_of_a_module() -> None:
    # What TLC prints is read as the module has it; nothing else knows how that is written.
    told = [f for f in FILES if room_of(f) == "trace" and f.stem != "reading"]
    found = {name for f in told for name in imported(f)}
    assert "kvmtla.sem" in found
    assert not [name for name in found if name.split(".")[1] == "emit"]


def test_specifications_import_the_facade_only() -> None:
    offered = {f"kvmtla.{name}" for name in (*kvmtla.__all__, "Expect", "evidence")}
    files = sorted((ROOT / "spec").rglob("*.py"))
    assert set().union(*map(imported, files)) <= offered
    assert len(files) > 10


def test_the_tool_knows_no_word_of_kvm() -> None:
    found = []
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [getattr(node, n, None) for n in ("id", "attr", "name", "arg")]
            found += [f"{file}: {n}" for n in names if isinstance(n, str) and KERNEL.search(n)]
    assert found == []
