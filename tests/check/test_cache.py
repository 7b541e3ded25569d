"""What is kept is used, and never believed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.check.cache import ResultCache
from kvmtla.check.points import Point
from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.tlc import Progress, RunOptions, Toolchain, Verdict


class Silent:
    """A watcher that counts the runs."""

    def __init__(self) -> None:
        self.runs = 0

    def begin(self, total: int) -> None: ...

    def started(self, point: Point) -> None:
        self.runs += 1

    def progressed(self, point: Point, progress: Progress) -> None: ...

    def finished(self, result: Result) -> None: ...


@pytest.fixture(scope="module")
def known(
    toolchain: Toolchain, some_points: list[Point], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Result]]:
    """A cache, and the results that are in it."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVMTLA_CACHE", str(folder))
        found = Checker(toolchain, RunOptions(), jobs=2).check(some_points, Silent())
    return folder, found


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "results").glob("*/*.json"))


def altered(alter: Callable[[Any], None]) -> Callable[[str], str]:
    """An entry whose checksum is right and whose content is not."""

    def change(text: str) -> str:
        entry = json.loads(text.partition("\n")[2])
        alter(entry)
        body = json.dumps(entry, sort_keys=True)
        return f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}"

    return change


def other_state(entry: Any) -> None:
    if entry["trace"]:
        entry["trace"][-1][2]["count"] = 2


def shorter(entry: Any) -> None:
    entry["trace"] = entry["trace"][:-1]
    entry["verdict"] = "violated"


@pytest.mark.parametrize(
    ("damage", "used"),
    [
        (lambda text: text, 2),
        (lambda text: text[:-1], 0),
        (lambda text: text.replace("1", "2"), 0),
        (lambda text: "", 0),
        (lambda text: "\0", 0),
        (altered(lambda entry: None), 2),
        (altered(lambda entry: entry.pop("distinct")), 0),
        (altered(lambda entry: entry.update(verdict="unknown")), 0),
        (altered(other_state), 1),
        (altered(shorter), 0),
    ],
)
def test_damaged_entries_are_as_good_as_none(
    toolchain: Toolchain,
    some_points: list[Point],
    known: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[str], str],
    used: int,
) -> None:
    folder, first = known
    assert [r.verdict.value for r in first] == ["violated", "holds"]
    shutil.copytree(folder, tmp_path / "cache")
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    kept = entries(tmp_path / "cache")
    assert len(kept) == 2
    for file in kept:
        file.write_text(damage(file.read_text()))
    # What is not known remains so: there is no time to find it out.
    checker = Checker(toolchain, RunOptions(time_limit=0.001), jobs=2)
    second = checker.check(some_points, Silent())
    assert [r.cached for r in second].count(True) == used
    for before, now in zip(first, second, strict=True):
        if now.cached:
            assert now == replace(before, cached=True)
        else:
            assert now.verdict is Verdict.UNKNOWN


def test_a_damaged_entry_is_mended(
    toolchain: Toolchain,
    some_points: list[Point],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path))
    checker, one = Checker(toolchain, RunOptions(), jobs=1), some_points[:1]
    for expected in (1, 0):
        watcher = Silent()
        assert not checker.check(one, watcher)[0].differs
        assert watcher.runs == expected
    (kept,) = entries(tmp_path)
    kept.write_text("")
    assert not checker.check(one, watcher)[0].cached
    assert checker.check(one, watcher)[0].cached


def test_the_key_depends_on_all_that_matters(
    toolchain: Toolchain, some_points: list[Point]
) -> None:
    violated, holds = some_points
    plain = ResultCache(toolchain, RunOptions())
    module = violated.module
    other_cfg = {**module.cfgs, violated.prop: module.cfgs[violated.prop] + "\n"}
    keys = [
        plain.key(violated),
        plain.key(holds),
        plain.key(replace(violated, prop="nothing_counted")),
        plain.key(replace(violated, module=replace(module, text=module.text + "\n"))),
        plain.key(replace(violated, module=replace(module, cfgs=other_cfg))),
    ]
    for options in (RunOptions(lazy_values=False), RunOptions(workers=2)):
        keys.append(ResultCache(toolchain, options).key(violated))
    jar = replace(toolchain.jar, sha256="0" * 64)
    keys.append(ResultCache(replace(toolchain, jar=jar), RunOptions()).key(violated))
    java = replace(toolchain.java, version="1")
    keys.append(ResultCache(replace(toolchain, java=java), RunOptions()).key(violated))
    assert len(set(keys)) == len(keys)
    # Where things are, who claims them and how long they may take changes nothing.
    same = replace(violated, expected="holds", claim=replace(violated.claim, number="X"))
    moved = replace(toolchain, java=replace(toolchain.java, path=Path("/elsewhere")))
    limited = RunOptions(time_limit=5, heap_mb=100)
    assert ResultCache(moved, limited).key(same) == plain.key(violated)
