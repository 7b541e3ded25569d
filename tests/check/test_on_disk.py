"""The spec is what is on disk: its text, all of it, and nothing that was made of it earlier."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.lower.symbolic import Reductions
from kvmtla.modules.memo import digest_of
from kvmtla.modules.points import points

FILES = {
    "__init__.py": '"""A package."""\nfrom .claims import project\n',
    "deep.py": '"""Imported by what is imported."""\nLIMIT = 2\nOFTEN = 3\n',
    "consts.py": '''
from enum import Enum
from typing import Annotated
from kvmtla import *
from . import deep
LIM = deep.LIMIT

class Kernel(OrderedEnum):
    """Releases."""
    V1 = "v1"
    V2 = "v2"

kernel = constant("kernel", Kernel, "the release")

class Use(OrderedEnum):
    """Uses."""
    FREE = "free"
    MAPPED = "mapped"
    LAST = "last"

class Cpu(Domain, symmetric=True, label="CPU"):
    """A CPU."""

class Page(Domain, label="page"):
    """A page."""

class Pte(Word):
    """An entry."""
    present: bool = Bit(x86=0, arm64=0, label="P", default=False)
    writable: bool = Bit(x86=1, arm64=7, label="W")
    dirty: bool = Bit(x86=6, arm64=55, label="D")

class Tr(Record):
    """A record."""
    valid: bool = False
    n: Annotated[int, Between(0, 3)] = 0

class Machine(Shared):
    """State."""
    pte: Map[Page, Pte]
    tlb: Map[Cpu, Tr]
    use: Use
    cnt: Annotated[int, Between(0, 3)]
    lock: RwLock
''',
    "ops.py": '''
from typing import Annotated
from kvmtla import *
from .consts import *
from .consts import LIM

owed = Span("Owed.", page=Page)
MASK = Pte(writable=True)

@pure
def small_enough(n: Annotated[int, Between(0, 3)]) -> bool:
    """Small."""
    return n <= LIM

@initial
def start(m: Machine) -> None:
    """Begin."""
    m.pte = Map({p: Pte(present=True) for p in Page})
    m.use = Use.FREE

@atomic(text="flush()")
def flush(m: Machine, page: Page) -> None:
    """Flush."""
    m.tlb = Map({c: Tr() for c in Cpu})

@operation()
def up(m: Machine, page: Page) -> None:
    """Count."""
    with write_lock(m.lock):
        n = READ_ONCE(m.cnt)
        if n < 3:
            WRITE_ONCE(m.cnt, n + 1)
        with owed(page):
            atomic_fetch_or(m.pte[page], MASK)
            flush(m, page)

@operation()
def use_it(m: Machine) -> None:
    """Use."""
    u = READ_ONCE(m.use)
    if u < Use.MAPPED and kernel >= Kernel.V2:
        WRITE_ONCE(m.use, Use.MAPPED)

@hardware("walk")
def walk(m: Machine, cpu: Cpu, page: Page) -> None:
    """Walk."""
    require(m.pte[page].present)
    m.pte[page] = m.pte[page].but(dirty=True)
    m.tlb[cpu] = Tr(valid=True, n=1)

@invariant
def count_small(m: Machine) -> bool:
    """Small."""
    return small_enough(m.cnt)

@invariant
def not_last(m: Machine) -> bool:
    """Use."""
    return m.use < Use.LAST and all(m.tlb[c].n < 2 for c in Cpu)

@invariant
def owed_ok(m: Machine) -> bool:
    """Owed only with something written."""
    return all(not owed.active(p) or m.cnt > 0 or m.pte[p].dirty for p in Page)
''',
    "claims.py": """
from kvmtla import *
from . import deep
from .ops import *
from .ops import start, up, use_it, walk
from .consts import *
from .consts import kernel

sc = Scenario("sc", "Scenario.", machine=Machine, sizes={Page: 1, Cpu: 2}, initial=start,
    actors=[Actor("task", up, times=deep.OFTEN), Actor("user", use_it)], hardware=[walk])
two = Scenario("two", "Scenario.", machine=Machine, sizes={Page: 1, Cpu: 2}, initial=start,
    actors=[Actor("task", up, use_it, each=Cpu, times=2)], hardware=[walk])

def form(config):
    return "x86" if config["kernel"] is Kernel.V1 else "arm64"

project = Project("pk", constants=[kernel], word_format=form, claims=[
    Claim("1", n, quote="q", source="me", scenario=s,
      expect=[holds(p, kernel=Kernel) for p in (count_small, not_last, owed_ok)])
    for n, s in (("one", sc), ("two", two))])
""",
}
# Edits, each of which matters to TLC in some world.
EDITS = [
    ("deep.py", "LIMIT = 2", "LIMIT = 1"),
    ("deep.py", "OFTEN = 3", "OFTEN = 2"),
    ("consts.py", 'MAPPED = "mapped"\n    LAST = "last"', 'LAST = "last"\n    MAPPED = "mapped"'),
    ("consts.py", "symmetric=True", "symmetric=False"),
    ("consts.py", "valid: bool = False", "valid: bool = True"),
    ("consts.py", "cnt: Annotated[int, Between(0, 3)]", "cnt: Annotated[int, Between(0, 4)]"),
    ("consts.py", "arm64=55, ", ""),
    ("ops.py", "present=True", "present=False"),
    ("ops.py", "Pte(writable=True)", "Pte(writable=True, dirty=True)"),
    ("ops.py", "Tr() for c", "Tr(n=1) for c"),
    ("ops.py", "n < 3", "n < 2"),
    ("ops.py", "Kernel.V2", "Kernel.V1"),
    ("ops.py", "n=1)\n\n", "n=2)\n\n"),
    ("ops.py", "m.cnt > 0 or m.pte[p].dirty", "m.cnt > 1"),
    ("ops.py", "require(m.pte[page].present)", "require(not m.pte[page].dirty)"),
    ("ops.py", "with write_lock(m.lock)", "with read_lock(m.lock)"),
    ("claims.py", "times=2", "times=1"),
    ("claims.py", "sizes={Page: 1", "sizes={Page: 2"),
    ("claims.py", '"task", up, use_it', '"task", up'),
]
# These do not, by themselves.
OTHERS = [
    ("consts.py", "lock: RwLock", "lock: RwLock\n    more: bool"),
    ("claims.py", '"arm64"', '"x86"'),
    ("claims.py", "\ntwo = ", "\n# Two of them.\ntwo = "),
]


def write(folder: Path, edits: list[tuple[str, str, str]]) -> None:
    """The package with edits, each of which has to be possible."""
    folder.mkdir(exist_ok=True)
    texts = dict(FILES)
    for name, old, new in edits:
        assert old in texts[name], (old, texts[name])
        texts[name] = texts[name].replace(old, new, 1)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def prints(folder: Path) -> tuple[str, dict[tuple[str, str, str], tuple[str, str]]]:
    """The digest of the spec in `folder`; for each question, what it is made of, and becomes.

    A question that cannot be asked becomes the complaint about it.
    """
    package = load_package(str(folder))
    spec = read_project(package.project)
    digest = digest_of(spec, package.root, Reductions())
    assert digest is not None
    found = {}
    for p in points(spec, package.root):
        try:
            becomes = p.module.digest(p.prop)
        except SpecError as error:
            becomes = error.message
        key = (p.claim.name, p.settings["kernel"], p.prop)
        found[key] = (f"{p.module.fingerprint} {p.prop}", becomes)
    return digest, found


@settings(max_examples=8)
@given(st.data())
def test_what_is_made_of_the_same_becomes_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("edits") / "pk"
    known: dict[str, str] = {}
    digests: dict[str, str] = {}
    for _ in range(4):
        edits = data.draw(st.lists(st.sampled_from(EDITS + OTHERS), max_size=2, unique=True))
        if len({old for _, old, _ in edits if "arm64" in old}) > 1:
            continue
        write(folder, edits)
        digest, found = prints(folder)
        text = "".join((folder / n).read_text(encoding="utf-8") for n in FILES)
        assert digests.setdefault(digest, text) == text
        for print_, becomes in found.values():
            assert known.setdefault(print_, becomes) == becomes


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e[1].split("\n")[0])
def test_every_edit_matters_somewhere(tmp_path: Path, edit: tuple[str, str, str]) -> None:
    write(tmp_path / "pk", [])
    digest, before = prints(tmp_path / "pk")
    assert prints(tmp_path / "pk") == (digest, before)
    write(tmp_path / "pk", [edit])
    other, after = prints(tmp_path / "pk")
    assert digest != other
    changed = [k for k in before if before[k][1] != after[k][1]]
    assert changed
    # What it becomes is looked up by what it is made of.
    assert all(before[k][0] != after[k][0] for k in changed)


def test_a_comment_makes_another_spec_of_the_same_modules(tmp_path: Path) -> None:
    write(tmp_path / "pk", [])
    digest, before = prints(tmp_path / "pk")
    write(tmp_path / "pk", OTHERS[-1:])
    other, after = prints(tmp_path / "pk")
    assert (digest != other, before == after) == (True, True)


def test_a_bit_that_has_no_position_is_told_though_all_else_is_known(tmp_path: Path) -> None:
    write(tmp_path / "pk", [("consts.py", "arm64=7, ", "")])
    _, found = prints(tmp_path / "pk")
    said = {k[1]: v[1] for k, v in found.items() if k[2] == "owed_ok"}
    assert "Pte.writable" not in said["v1"]
    assert "Pte.writable can be set in scenario" in said["v2"]


def _stale(folder: Path, name: str, old: str, new: str) -> None:
    """Changes a file so that Python believes bytecode of the file before."""
    file = folder / name
    os.utime(file, (1_700_000_000, 1_700_000_000))
    py_compile.compile(str(file), doraise=True)
    text = file.read_text(encoding="utf-8")
    assert len(old) == len(new)
    file.write_text(text.replace(old, new), encoding="utf-8")
    os.utime(file, (1_700_000_000, 1_700_000_000))


@pytest.mark.parametrize("package", [True, False])
def test_bytecode_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: bool
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = tmp_path / ("pk" if package else "single")
    write(folder, [])
    if not package:
        # A file, with others beside it.
        for file in folder.glob("*.py"):
            text = file.read_text(encoding="utf-8")
            text = text.replace("from . import", "import").replace("from .", "from ")
            file.write_text(text, encoding="utf-8")
    spec = str(folder if package else folder / "claims.py")
    _stale(folder, "deep.py", "LIMIT = 2", "LIMIT = 1")
    made = {f: f.read_bytes() for f in folder.rglob("*.pyc")}
    assert len(made) == 1
    loaded = load_package(spec)
    assert sys.modules[f"{'pk.' if package else ''}deep"].LIMIT == 1
    assert "<= 1" in points(read_project(loaded.project), loaded.root)[0].module.text
    assert {f: f.read_bytes() for f in folder.rglob("*.pyc")} == made
    # The same process sees the next change.
    _stale(folder, "deep.py", "LIMIT = 1", "LIMIT = 0")
    loaded = load_package(spec)
    assert "<= 0" in points(read_project(loaded.project), loaded.root)[0].module.text


def test_two_specs_of_one_name_are_two(tmp_path: Path) -> None:
    for name, limit in (("a", 2), ("b", 1)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "pk", [("deep.py", "LIMIT = 2", f"LIMIT = {limit}")])
    for name, limit in (("a", 2), ("b", 1), ("a", 2)):
        loaded = load_package(str(tmp_path / name / "pk"))
        assert loaded.root == tmp_path / name
        text = points(read_project(loaded.project), loaded.root)[0].module.text
        assert f"<= {limit}" in text


def test_a_spec_that_is_called_like_a_part_of_python(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("from kvmtla import *\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"KT008\]: json is .*, and not this file"):
        load_package(str(tmp_path / "json.py"))


def test_the_source_that_is_read_is_the_one_that_was_compiled(tmp_path: Path) -> None:
    write(tmp_path / "pk", [])
    loaded = load_package(str(tmp_path / "pk"))
    # Functions are read later than constants.
    write(tmp_path / "pk", [("ops.py", "n < 3", "n < 2")])
    spec = read_project(loaded.project)
    assert any("< 3" in p.module.text for p in points(spec, loaded.root))
