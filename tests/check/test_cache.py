"""What is kept is used, and never believed."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.check.result_cache import ResultCache
from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.front.scenario import Spec, read_project
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules import memo
from kvmtla.modules.memo import Memo
from kvmtla.modules.module import Compiled, Module
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.tlc import RunOptions, Toolchain
from kvmtla.verdict import Verdict
from support.specs import load
from support.watching import Silent

SPECS = Path(__file__).parents[1] / "cli" / "specs"


@pytest.fixture(scope="module")
def known(
    toolchain: Toolchain,
    some_points: list[Point],
    spec: Spec,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, list[Result]]:
    """A cache, and the results that are in it."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVMTLA_CACHE", str(folder))
        kept = Memo.of(spec, SPECS, None)
        found = Checker(toolchain, RunOptions(), jobs=2).check(some_points, Silent(), kept)
    return folder, found


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "results").glob("*/*.json"))


def altered(alter: Callable[[Any], None]) -> Callable[[str], str]:
    """An entry whose checksum is right and whose content is not."""

    def change(text: str) -> str:
        _, question, body = text.split("\n", 2)
        entry = json.loads(body)
        alter(entry)
        sealed = f"{question}\n{json.dumps(entry, sort_keys=True)}"
        return f"{hashlib.sha256(sealed.encode()).hexdigest()}\n{sealed}"

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
@pytest.mark.parametrize("noted", [False, True])
def test_damaged_entries_are_as_good_as_none(
    toolchain: Toolchain,
    some_points: list[Point],
    spec: Spec,
    known: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[str], str],
    used: int,
    noted: bool,
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
    second = checker.check(some_points, Silent(), Memo.of(spec, SPECS, None) if noted else None)
    assert [r.cached for r in second].count(True) == used
    for before, now in zip(first, second, strict=True):
        if now.cached:
            # Nor is there time to find out who is stuck, where that is not kept either.
            assert now.stuck in (None, before.stuck)
            assert now == replace(before, cached=True, stuck=now.stuck)
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
    made, prop = violated.module, violated.prop

    def with_text(text: str) -> str:
        other = Module(made.name, made.folder, lambda: Compiled(made.model, text, made.cfgs))
        return other.digest(prop)

    def with_cfg(text: str) -> str:
        cfgs = {**made.cfgs, prop: text}
        other = Module(made.name, made.folder, lambda: Compiled(made.model, made.text, cfgs))
        return other.digest(prop)

    digest = made.digest(prop)
    renamed = made.text.replace(f"MODULE {made.name} -", "MODULE Another ---")
    same = [
        with_text(made.text),
        with_text(renamed + "\n\\* Said beside it."),
        with_cfg(made.cfgs[prop]),
    ]
    assert set(same) == {digest}
    digests = [
        digest,
        holds.module.digest(holds.prop),
        made.digest("nothing_counted"),
        with_text(made.text.replace(" = 0", " = 1", 1)),
        with_cfg(made.cfgs[prop] + "CHECK_DEADLOCK FALSE\n"),
    ]
    entries = [plain.entry(d) for d in digests]
    for options in (RunOptions(lazy_values=False), RunOptions(workers=2)):
        entries.append(ResultCache(toolchain, options).entry(digest))
    jar = replace(toolchain.jar, sha256="0" * 64)
    entries.append(ResultCache(replace(toolchain, jar=jar), RunOptions()).entry(digest))
    java = replace(toolchain.java, version="1")
    entries.append(ResultCache(replace(toolchain, java=java), RunOptions()).entry(digest))
    assert len(set(entries)) == len(entries)
    # Where things are and how long they may take changes nothing.
    moved = replace(toolchain, java=replace(toolchain.java, path=Path("/elsewhere")))
    limited = RunOptions(time_limit=5, heap_mb=100)
    assert ResultCache(moved, limited).entry(digest) == plain.entry(digest)


def test_nothing_is_compiled_where_all_is_known(
    toolchain: Toolchain,
    some_points: list[Point],
    spec: Spec,
    known: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, first = known
    monkeypatch.setenv("KVMTLA_CACHE", str(folder))

    def fail() -> Compiled:
        raise AssertionError("compiled")

    given = [replace(p, module=_like(p.module, fail)) for p in some_points]
    checker = Checker(toolchain, RunOptions(), jobs=1)
    found = checker.check(given, Silent(), Memo.of(spec, SPECS, None))
    assert [(r.verdict, r.states, r.cached) for r in found] == [
        (r.verdict, r.states, True) for r in first
    ]
    for other in (
        Memo.of(spec, SPECS, Reductions.none()),
        Memo.of(spec, SPECS.parent, None),
        Memo.of(replace(spec, claims=spec.claims[1:]), SPECS, None),
        Memo(None),
    ):
        with pytest.raises(AssertionError, match="compiled"):
            checker.check(given, Silent(), other)


def _like(module: Module, compiled: Callable[[], Compiled]) -> Module:
    return Module(module.name, module.folder, compiled, key=module.key)


def test_another_version_of_the_code_knows_nothing(
    some_points: list[Point], spec: Spec, known: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(known[0]))
    module, prop = some_points[0].module, some_points[0].prop
    assert Memo.of(spec, SPECS, None).files(module, prop) is not None
    code = memo.code()
    for file in ("lower/build.py", "emit/templates/module.tla.jinja", "sem/evaluate.py"):
        assert any(f.as_posix().endswith(f"kvmtla/{file}") for f in code)
    monkeypatch.setattr(memo, "code", lambda: code[1:])
    assert Memo.of(spec, SPECS, None).files(module, prop) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": [1]}', "\0"])
def test_a_damaged_memo_is_as_good_as_none(
    some_points: list[Point],
    spec: Spec,
    known: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
) -> None:
    shutil.copytree(known[0], tmp_path / "cache")
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    for kept in (tmp_path / "cache" / "memos").iterdir():
        kept.write_text(text)
    module, prop = some_points[0].module, some_points[0].prop
    assert Memo.of(spec, SPECS, None).files(module, prop) is None


def test_only_what_a_change_touches_is_compiled(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path / "cache"))
    text = (SPECS / "counter.py").read_text(encoding="utf-8")
    # Python keeps the source of a file that it has read.
    numbers = itertools.count()

    def check(text: str) -> tuple[set[str], int]:
        """Which modules are compiled for L1 and L1b, and how often TLC runs."""
        spec = read_project(load(tmp_path, text, f"v{next(numbers)}.py").project)
        mine = [p for p in points(spec, tmp_path) if p.claim.number in ("L1", "L1b")]
        watcher = Silent()
        found = Checker(toolchain, RunOptions(), jobs=2).check(
            mine, watcher, Memo.of(spec, tmp_path, None)
        )
        assert all(r.verdict is not Verdict.UNKNOWN for r in found)
        compiled = {p.module.name for p in mine if "_compiled" in vars(p.module)}
        return compiled, watcher.runs

    everything, runs = check(text)
    assert everything == {"adders_plain", "adders_atomic"}
    assert runs > 0
    elsewhere = text.replace("WRITE_ONCE(m.count, 2)", "WRITE_ONCE(m.count, 0)")
    assert elsewhere != text
    # Of what holds, who is stuck is kept with the counts of a spec as it is, and found out anew.
    assert check(f"# A line more.\n{elsewhere}") == ({"adders_atomic"}, 0)
    # What has been noted for this one, too.
    assert check(f"# A line more.\n{elsewhere}") == ({"adders_atomic"}, 0)
    atomic = text.replace("done, old = try_cmpxchg(m.count, old, old + 1)", "done = True")
    # The function is in both worlds, of which it leaves one as it is.
    assert check(atomic) == (everything, 1)
