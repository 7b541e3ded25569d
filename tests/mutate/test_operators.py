"""Every operator: the mutants of small functions, all of them, as a reader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.front.scenario import read_project
from kvmtla.mutate.code import Varying, operations
from kvmtla.mutate.operators import OPERATORS, mutants
from support.specs import HEADER, load, project_of

FILE = Path(__file__).with_name("operators.txt")
CASES = {
    name: (code, expected)
    for part in FILE.read_text(encoding="utf-8").split("### ")[1:]
    for name, _, rest in [part.partition("\n")]
    for code, _, expected in [rest.partition("--- mutants\n")]
}


def listing(code: str, folder: Path) -> str:
    """The mutants of the functions in `code`: the operator, the line before and after."""
    spec = read_project(project_of(load(folder, f"{HEADER}\n{code}")))
    functions = spec.reader.program.functions
    varying = Varying(functions)
    lines = []
    for fn in operations(spec):
        if Path(fn.loc.file).parent == folder:
            for m in mutants(fn, functions, varying):
                lines += [f"{fn.name}: {m.change.operator}", f"  - {m.change.before}"]
                lines += [f"  + {m.change.after}"] if m.change.after else []
    return "\n".join(lines)


@pytest.mark.parametrize("name", CASES)
def test_listing(name: str, tmp_path: Path) -> None:
    code, expected = CASES[name]
    assert listing(code, tmp_path) == expected.strip()


def test_every_operator_is_there() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert [o for o in OPERATORS if f": {o}\n" not in text] == []
