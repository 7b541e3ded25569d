"""`kvmtla gen`: the folder it writes, and that TLC needs nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from kvmtla.tlc import Toolchain


@pytest.fixture
def made(kvmtla: Any, counter: str) -> Path:
    """The folder, made for the spec of `counter`."""
    assert kvmtla("gen", spec=counter).returncode == 0
    return Path(kvmtla.folder / "tla")


def content(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*.*")}


def test_what_is_made(kvmtla: Any, made: Path, counter: str) -> None:
    assert set(content(made)) == {
        "README.md",
        "manifest.txt",
        "adders/adders_plain.tla",
        "adders/adders_plain.nothing_lost.cfg",
        "adders/adders_plain.nothing_counted.cfg",
        "adders/adders_atomic.tla",
        "adders/adders_atomic.nothing_lost.cfg",
        "crossed/crossed_plain.tla",
        "crossed/crossed_plain.nothing_lost.cfg",
    }
    assert str(kvmtla.folder) not in "".join(t.decode() for t in content(made).values())
    before = {f: f.stat().st_mtime_ns for f in made.rglob("*")}
    done = kvmtla("gen", spec=counter)
    assert done.stdout == "tla: 0 written, 0 removed, 9 as they were\n"
    assert {f: f.stat().st_mtime_ns for f in made.rglob("*")} == before
    assert kvmtla("gen", "--check", spec=counter).stdout == ""


def test_stale_files_are_listed_then_mended(kvmtla: Any, made: Path, counter: str) -> None:
    whole = content(made)
    adders = made / "adders"
    (adders / "adders_plain.tla").write_text("changed")
    (adders / "adders_atomic.tla").unlink()
    module = (made / "crossed" / "crossed_plain.tla").read_text()
    (made / "gone").mkdir()
    (made / "gone" / "gone_plain.tla").write_text(module)
    (adders / "by_hand.tla").write_text("---- MODULE by_hand ----\n====\n")
    (adders / "by_hand.cfg").write_text("SPECIFICATION Spec\n")
    changed = content(made)
    done = kvmtla("gen", "--check", spec=counter)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "missing   tla/adders/adders_atomic.tla",
        "changed   tla/adders/adders_plain.tla",
        "obsolete  tla/gone/gone_plain.tla",
    ]
    assert content(made) == changed
    assert kvmtla("gen", spec=counter).stdout == "tla: 2 written, 1 removed, 7 as they were\n"
    assert not (made / "gone").exists()
    for name in ("by_hand.tla", "by_hand.cfg"):
        (adders / name).unlink()
    assert content(made) == whole


def test_a_foreign_readme_is_left_alone(kvmtla: Any, counter: str) -> None:
    folder = kvmtla.folder / "mine"
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    done = kvmtla("gen", "--output", "mine", spec=counter)
    assert done.returncode == 2
    assert "mine/README.md was not written by `kvmtla gen`" in done.stderr
    assert content(folder) == {"README.md": b"mine"}


@pytest.mark.parametrize("output", ["/proc/tla", "some_spec.py"])
def test_a_folder_that_cannot_be(kvmtla: Any, counter: str, output: str) -> None:
    done = kvmtla("gen", "--output", output, spec=counter)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error[KT806]: cannot write {output}")
    assert "Traceback" not in done.stderr


def test_readme_says_how_to_run_one(made: Path, toolchain: Toolchain) -> None:
    lines = [
        line.strip() for line in (made / "README.md").read_text().splitlines() if line[:4] == "    "
    ]
    (cd, folder), java = lines[0].split(), lines[1].split()
    assert (cd, java[0]) == ("cd", "java")
    java[0] = str(toolchain.java.path)
    java[java.index("-cp") + 1] = str(toolchain.jar.path)
    done = subprocess.run(
        java, cwd=made / folder, capture_output=True, encoding="utf-8", check=False
    )
    assert "Invariant nothing_lost is violated" in done.stdout


def test_pluscal(kvmtla: Any, counter: str) -> None:
    done = kvmtla("gen", "--pluscal", "L2", spec=counter)
    assert done.stdout == "tla/pluscal: 2 written, 0 removed, 0 as they were\n"
    module = kvmtla.folder / "tla" / "pluscal" / "crossed" / "crossed_plain.tla"
    assert "process (forth = FORTH)" in module.read_text()
    assert "Init ==" not in module.read_text()
    assert kvmtla("gen", "--pluscal", "--check", "L2", spec=counter).returncode == 0
    assert kvmtla("gen", "--pluscal", "--translate", "L2", spec=counter).returncode == 0
    assert "Init ==" in module.read_text()
    # The others know nothing of it.
    assert kvmtla("gen", spec=counter).returncode == 0
    assert module.exists()


def test_all(kvmtla: Any, made: Path, counter: str) -> None:
    done = kvmtla("gen", "--all", spec=counter)
    assert done.stdout == "build/tla: 8 written, 0 removed, 0 as they were\n"
    whole = content(made)
    del whole["manifest.txt"]
    assert content(kvmtla.folder / "build" / "tla") == whole
    assert kvmtla("gen", "--all", "--check", spec=counter).stdout == ""
    done = kvmtla("gen", "--all", "--pluscal", spec=counter)
    assert (done.returncode, "--all is about the TLA+ modules" in done.stderr) == (2, True)


@pytest.mark.parametrize("options", [["L2"], ["--way", "plain"], ["--translate"]])
def test_what_goes_with_pluscal_only(kvmtla: Any, counter: str, options: list[str]) -> None:
    done = kvmtla("gen", *options, spec=counter)
    assert done.returncode == 2
    assert "goes with --pluscal only" in done.stderr
