"""Where a tree comes from, what changes between two, and the command."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from csource.conftest import FILE
from kvmtla.cli import main
from kvmtla.csource.parse import parser
from kvmtla.csource.trees import open_tree
from kvmtla.errors import ToolError
from kvmtla.front.scenario import read_project
from kvmtla.load import load_package

TREE = FILE.with_name("tree")
RESULTS = Path(__file__).parents[2] / "docs" / "source"
FILES = ("mm.h", "mm.c")

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """What the command says of trees, and its status."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(["--spec", str(FILE), "source", *arguments])
        out = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, out.out + out.err

    return run


def test_folder_tarball_and_tag_are_the_same(tmp_path: Path) -> None:
    folder = open_tree(str(TREE), FILES)
    assert folder.version == (1, 0)
    with tarfile.open(tmp_path / "tree.tar.xz", "w:xz") as archive:
        archive.add(TREE, "linux-source-1.0")
    tarball = open_tree(str(tmp_path / "tree.tar.xz"), FILES)
    git = tmp_path / "git"
    git.mkdir()
    for name in (*FILES, "Makefile"):
        (git / name).write_bytes((TREE / name).read_bytes())
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", "-C", str(git), *command], check=True)
    (git / "mm.c").write_text("later", encoding="utf-8")
    tag = open_tree(f"git:{git}@v1", FILES)
    assert folder.texts == tarball.texts == tag.texts
    assert folder.version == tarball.version == tag.version
    for where, why in {
        f"git:{git}@v2": "git does not know",
        f"git:{git}": "does not say which tag",
        str(tmp_path / "none"): "there is no tree",
        str(tmp_path): "has none of the files",
        str(TREE / "mm.c"): "no tarball",
    }.items():
        with pytest.raises(ToolError, match=why):
            open_tree(where, FILES)


def test_status_and_what_is_asked_for(said: Said, tmp_path: Path) -> None:
    status, text = said("--tree", str(TREE))
    assert (status, text.count("same  ")) == (0, 5)
    status, text = said("--tree", str(TREE), "fix")
    assert status == 0
    assert "ways gone on both sides" in text
    assert "protect" not in text
    status, text = said("--tree", str(TREE), "fixx")
    assert (status, "did you mean" in text) == (2, True)
    assert "warnings\n    WARN_ON  (protect)" in said("--tree", str(TREE), "--left-out")[1]
    for name in FILES:
        (tmp_path / name).write_bytes((TREE / name).read_bytes())
    status, text = said("--tree", str(tmp_path))
    assert (status, "KT814" in text) == (2, True)
    assert said("--tree", str(tmp_path), "--release", "1.0")[0] == 0
    status, text = said("--tree", str(tmp_path), "--release", "2.0")
    assert status == 1
    assert re.search(r"\n    > write_pte|\n    > atomic_fetch_and\(pte", text)


@pytest.mark.parametrize(
    ("right", "wrong", "said_of_it"),
    [
        ('pte["present"] or', 'pte["there"] or', "error[KT004]: KeyError: 'there'"),
        ("else Release.V1", "else nowhere", "error[KT004]: NameError: name 'nowhere'"),
        ("words=words,", 'words=lambda p, w, c: "x",', "error[KT602]: a number is wanted, and 'x'"),
        ('r"\\*mm->log"', 'r"(*mm->log"', "error[KT602]: '(*mm->log' is no regular expression"),
        ('Left("tracing")', '"tracing"', "error[KT602]: 'tracing' is not a Left"),
        ("c=SOURCE", "c=5", "error[KT602]: 5 is not a CSource"),
    ],
)
def test_what_is_wrong_in_the_mapping_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, right: str, wrong: str, said_of_it: str
) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(right) == 1
    (tmp_path / "tree").symlink_to(TREE)
    file = tmp_path / "small.py"
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["--spec", str(file), "source", "--tree", str(TREE)])
    told = capsys.readouterr().err
    assert end.value.code == 2
    assert re.match(rf"\S*small\.py:\d+: {re.escape(said_of_it)}", told), told


def test_what_changed_between_two_trees(said: Said, tmp_path: Path) -> None:
    for name in (*FILES, "Makefile"):
        text = (TREE / name).read_text(encoding="utf-8")
        text = text.replace("\treturn set;", "\t/* why */\n\treturn   set;")
        text = text.replace("set_bit(page, mm->log);", "set_bit(page, mm->log), page = 0;")
        text = text.replace("return !!(pte & PTE_PRESENT);", "return (pte & PTE_PRESENT) != 0;")
        (tmp_path / name).write_text(text, encoding="utf-8")
    status, text = said("--tree", str(TREE), "--tree", str(tmp_path))
    assert status == 0
    head, *rest = text.split("\n")
    assert head.endswith("2 functions, 1 claim")
    assert "changed  zap()  mm.c" in rest
    assert "changed  pte_present()  mm.h" in rest
    assert "    operations: clean, fix, protect, write_pte, zap" in rest
    assert not any("protect()" in line for line in rest)
    assert (
        "+\treturn (pte & PTE_PRESENT) != 0;"
        in said("--tree", str(TREE), "--tree", str(tmp_path), "--diff")[1]
    )
    code = tmp_path / "mm.c"
    code.write_text(
        code.read_text(encoding="utf-8").replace("write_lock", "read_lock"), encoding="utf-8"
    )
    status, text = said("--tree", str(TREE), "--tree", str(tmp_path))
    assert status == 1
    assert "neither the same nor listed" in text


def test_without_the_parser_it_says_which_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_c", None)
    with pytest.raises(ToolError, match="not installed") as error:
        parser()
    assert error.value.code == "KT812"
    assert "kvmtla[source]" in str(error.value.hint)


@pytest.fixture(scope="module")
def kvm() -> Any:
    """KVM's specification, and what it says of its C."""
    project = load_package("kvmspec").project
    return read_project(project), project.c


def test_the_mapping_names_what_there_is(kvm: Any) -> None:
    spec, source = kvm
    functions = spec.reader.program.functions.values()
    keys = {f.key for f in functions} | {f.name for f in functions}
    kernel = {f.kernel.partition(":")[2] for f in functions if f.kernel}
    for name in source.operations:
        assert name in keys | kernel, name
    # Helpers of C are listed by their own name.
    helpers = {"is_last_spte", "__kvm_handle_hva_range", "kvm_set_page_dirty"}
    assert not set(source.apart) - keys - kernel - helpers
    for operation in source.operations.values():
        assert operation.follow <= kernel
    for fields in source.masks.values():
        assert fields


@pytest.mark.parametrize("version", ["6.1", "6.12", "7.3"])
def test_results_are_of_what_is_modelled(kvm: Any, version: str) -> None:
    spec, source = kvm
    text = (RESULTS / f"{version}.txt").read_text(encoding="utf-8")
    assert text.startswith(f"linux-source-{version} ({version}), as ")
    told = dict(re.findall(r"^\w+\*? +(\w+)\(\).*?  (\S+):\d+$", text, re.MULTILINE))
    modelled = {
        f.kernel.partition(":")[2] for f in spec.reader.program.functions.values() if f.kernel
    }
    assert set(told) <= modelled
    assert len(re.findall(r"^same ", text, re.MULTILINE)) >= 25
    assert not re.search(r"^(differs|gone|new|not compared) ", text, re.MULTILINE)
    # Operations that are compared, and are not among them, have come since: run it again.
    compared = {
        f.kernel.partition(":")[2]
        for f in spec.reader.program.functions.values()
        if f.kernel
        and f.kind == "operation"
        and f.kernel.partition(":")[0] in source.files
        and f.kernel.partition(":")[2] not in source.apart
        and f.key not in source.apart
    }
    absent = {n for n in compared - set(told) if not source.operations.get(n)}
    assert not absent
