"""The oracle knows nothing of the tool, and has a stand-in for all that the tool offers."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kvmtla
from kvmtla import oracle
from kvmtla.oracle.stub import NAMES

FILES = sorted(Path(oracle.__file__).parent.glob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_it_imports_nothing_of_the_tool(file: Path) -> None:
    for name in imported(file):
        own = name == "kvmtla.oracle" or name.startswith("kvmtla.oracle.")
        assert own or name.split(".")[0] in sys.stdlib_module_names, name


def test_every_name_of_the_language_has_a_stand_in() -> None:
    assert set(NAMES) == set(kvmtla.__all__)


@pytest.mark.parametrize("name", sorted(set(kvmtla.__all__)))
def test_a_stand_in_takes_what_the_real_one_takes(name: str) -> None:
    real, own = getattr(kvmtla, name), NAMES[name]
    if name in ("Domain", "Word", "Record", "Shared", "RwLock", "OrderedEnum", "Map", "Set"):
        assert inspect.isclass(own)
        return
    given, taken = (inspect.signature(f).parameters.values() for f in (real, own))
    anything = [p.kind for p in taken if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if len(anything) < 2:
        assert [(p.name, p.kind, p.default is p.empty) for p in taken] == [
            (p.name, p.kind, p.default is p.empty) for p in given
        ]
