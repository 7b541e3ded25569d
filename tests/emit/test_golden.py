"""Whole modules, byte for byte, and what TLC says of each.

After a change that is meant, look at the difference that this makes:

    kvmtla --spec tests/emit/specs/turnstile.py gen --all --output tests/emit/specs/turnstile
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kvmtla.check.results import conclude
from kvmtla.fuzz.orbits import representatives
from kvmtla.generate import generated_files
from kvmtla.ir.property import PropertyKind
from kvmtla.load import load_package
from kvmtla.modules.point import Point
from kvmtla.tlc import RunOptions, find_toolchain, run_tlc
from kvmtla.verdict import Verdict
from support.compare import Comparison
from support.explore import explore
from support.golden import NAMES, SPECS, points_of

POINTS = [p for name in NAMES for p in points_of(name)]
# As wide as the code of the tool; brackets that close may come after what just fits.
WIDTH = 100


@pytest.mark.parametrize("name", NAMES)
def test_the_files_are_as_they_were(name: str) -> None:
    made = generated_files(points_of(name))
    there = {
        f.relative_to(SPECS / name).as_posix(): f.read_text(encoding="utf-8")
        for f in (SPECS / name).rglob("*")
        if f.is_file()
    }
    assert sorted(made) == sorted(there)
    for path, text in made.items():
        assert text == there[path], path


@pytest.mark.parametrize("p", POINTS, ids=lambda p: f"{p.module.name} {p.prop}")
def test_tlc_understands_them(p: Point, tmp_path: Path) -> None:
    module = p.module
    (tmp_path / module.file).write_text(module.text, encoding="utf-8")
    (tmp_path / module.cfg_file(p.prop)).write_text(module.cfgs[p.prop], encoding="utf-8")
    options = RunOptions(of_steps=p.kind is PropertyKind.STEP)
    cfg = module.cfg_file(p.prop)
    outcome = run_tlc(find_toolchain(), tmp_path, module.file, cfg, options=options)
    found = explore(module.model, [p.prop])
    result = conclude(p, outcome)
    assert result.reason is None
    assert result.said == p.expected
    if p.kind.temporal:
        return
    if outcome.verdict is Verdict.HOLDS:
        symmetric = [d for d in ("Cpu", "Head") if module.model.sizes.get(d, 1) > 1]
        assert outcome.distinct == len(representatives(module.model, symmetric, found.states))
        assert outcome.depth == found.depth
    else:
        assert len(outcome.trace) == found.violated[p.prop]


def test_they_do_what_is_written() -> None:
    project = load_package(str(SPECS / "turnstile.py")).project
    assert Comparison(project).all_differences() == {}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "hazards"])
def test_their_lines_fit(name: str) -> None:
    for p in points_of(name):
        for line in p.module.text.splitlines():
            assert len(line) <= WIDTH, line
