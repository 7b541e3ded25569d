"""What has been tested for None is a plain value from there on."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.specs import HEADER, load, modules, project_of

SPEC = """
@operation()
def op(m: Machine, page: Page) -> None:
    WRITE_ONCE(m.owner[page], choose(Cpu))
    cpu = READ_ONCE(m.owner[page])
    if cpu is not None:
        {statement}

@invariant
def inv(m: Machine) -> bool:
    return all(m.owner[page] is None for page in Page)
"""


@pytest.mark.parametrize(
    "statement",
    [
        "WRITE_ONCE(m.waiting, Set({cpu}))",
        "WRITE_ONCE(m.waiting, READ_ONCE(m.waiting) | Set({cpu}))",
        "WRITE_ONCE(m.tlb[cpu][page], Entry(valid=True))",
    ],
)
def test_it_goes_where_a_value_is_wanted(tmp_path: Path, statement: str) -> None:
    text = HEADER + SPEC.replace("{statement}", statement)
    assert modules(project_of(load(tmp_path, text)), tmp_path)
