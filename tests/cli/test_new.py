"""A spec of one's own begins with one that works."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
MATRIX = """\
the author
                              plain       atomic
  A1 no_write_is_lost  (ager once)
     written_implies_dirty    violated 3  holds 7
     dirty_implies_written    holds 9     holds 7
"""


def test_new_spec(kvmtla: Any) -> None:
    made = kvmtla("new", "spec", "mine")
    assert made.returncode == 0
    assert made.stdout.splitlines()[1:] == [
        "  kvmtla verify --spec mine",
        "  kvmtla show A1 --spec mine",
    ]
    done = kvmtla("verify", "--spec", "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(MATRIX)
    assert "To see a counterexample: kvmtla show A1 --spec mine --way plain\n" in done.stdout
    shown = kvmtla("show", "A1", "--spec=mine", "--way", "plain")
    assert shown.returncode == 0
    assert "(mine/model.py:65, mm/example.c:age_page)" in shown.stdout
    # What the author does next goes to the same place as what he has.
    assert kvmtla("gen", "--spec", "./mine").returncode == 0
    assert (kvmtla.folder / "tla" / "aging" / "aging_plain.tla").is_file()


ADDED = """\
+@invariant
+def clean_before_write(m: Machine) -> bool:
+    \"\"\"Nothing is dirty out of nowhere.\"\"\"
+    return m.pte.accessed or not m.pte.dirty or m.page_written
+@operation(kernel="mm/example.c:again")
+def age_again(m: Machine) -> None:
+    \"\"\"TODO: what it does, and where it stands in the kernel.\"\"\"
+    old = READ_ONCE(m.pte)
+    WRITE_ONCE(m.pte, old)
+    age_again,
+    clean_before_write,
-    actors=[Actor("ager", age_page, times=1)],
+    actors=[Actor("ager", age_page, times=1), Actor("age_again", age_again, times=1)],
+        Claim(
+            "A2",
+            "clean",
+            quote="",
+            source="the author",
+            scenario=aging,
+            expect=[violated(clean_before_write, way=Way.PLAIN)],
+        ),
"""


def test_add_to_a_spec(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    before = {f: f.read_text() for f in (kvmtla.folder / "mine").glob("*.py")}
    to = ("--spec", "mine")
    condition = "m.pte.accessed or not m.pte.dirty or m.page_written"
    doc = ("--doc", "Nothing is dirty out of nowhere.")
    made = [
        kvmtla("new", "invariant", "clean_before_write", condition, *doc, *to),
        kvmtla("new", "operation", "age_again", "--in=aging", "--kernel=mm/example.c:again", *to),
        kvmtla(
            "new",
            "claim",
            "A2",
            "clean",
            "aging",
            "clean_before_write",
            "--violated",
            "--way=plain",
            *to,
        ),
    ]
    assert [m.stderr for m in made] == ["", "", ""]
    assert made[2].stdout == ("mine/__init__.py:45: added. Next:\n  kvmtla verify A2 --spec mine\n")
    changed = [
        line
        for file in sorted(before, reverse=True)
        for line in difflib.ndiff(before[file].splitlines(), file.read_text().splitlines())
        if line[0] in "+-" and line[2:]
    ]
    assert [f"{line[0]}{line[2:]}" for line in changed] == ADDED.splitlines()
    _check_python(kvmtla, "mine")
    # It holds, so the claim that it does not is wrong.
    done = kvmtla("verify", "A2", *to)
    assert done.returncode == 1
    assert "expected violated" in done.stdout


FOUND = """\
        Claim(
            "A2",
            "found",
            quote="It is said that 'some' \\"written\\" pages are dirty, all of them, at any time, "
            "and before anybody looks.",
            source="the author",
            scenario=aging,
            expect=[
                violated(a_name_that_is_so_long_that_there_is_no_room, way=Way.PLAIN),
                holds(a_name_that_is_so_long_that_there_is_no_room, way=Way.ATOMIC),
            ],
        ),
        Claim(
            "A3",
            "goal",
            quote="",
            source="the author",
            scenario=aging,
            expect=[reached(is_written, way=[Way.PLAIN, Way.ATOMIC])],
        ),
        Claim(
            "A4",
            "chosen",
            quote="",
            source="the author",
            scenario=aging,
            expect=[violated(dirty_implies_written, way=Way.ATOMIC)],
        ),
"""


def test_claim_what_is_found(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    model = kvmtla.folder / "mine" / "model.py"
    goal = '\n\n@reachable\ndef is_written(m: Machine) -> bool:\n    """."""\n'
    text = model.read_text().replace("    operation,\n", "    operation,\n    reachable,\n")
    model.write_text(f"{text}{goal}    return m.page_written\n")
    to = ("--spec", "mine")
    name = "a_name_that_is_so_long_that_there_is_no_room"
    doc = 'All that is written, by "whom\\ever" it may be, is dirty, or has been dirty, and "done"'
    quote = (
        "It is said that 'some' \"written\" pages are dirty, all of them, at any time, and before "
        "anybody looks."
    )
    done = [
        kvmtla("new", "invariant", name, "written_implies_dirty(m)", "--doc", doc, *to),
        kvmtla(
            "new",
            "claim",
            "A4",
            "chosen",
            "aging",
            "dirty_implies_written",
            "--way=atomic",
            "--violated",
            *to,
        ),
        kvmtla("new", "claim", "A3", "goal", "aging", "is_written", "--found", *to),
        kvmtla("new", "claim", "A2", "found", "aging", name, "--found", "--quote", quote, *to),
    ]
    assert [d.stderr for d in done] == [""] * len(done)
    assert FOUND in (kvmtla.folder / "mine" / "__init__.py").read_text()
    _check_python(kvmtla, "mine")
    assert kvmtla("verify", "A2", "A3", *to).returncode == 0
    both = kvmtla("new", "claim", "A5", "x", "aging", name, "--found", "--violated", *to)
    assert both.stderr.startswith("error[KT904]: --violated says what --found is to say")


def test_what_is_not_found_out_is_not_claimed(kvmtla: Any, counter: str) -> None:
    claim = ("new", "claim", "L4", "x", "crossed", "nothing_lost", "--found")
    done = kvmtla(*claim, spec=counter)
    assert done.returncode == 3
    assert done.stderr.startswith(
        "error[KT921]: crossed, way plain: nothing_lost is unknown: forth and back can never go on"
    )
    assert (kvmtla.folder / "some_spec.py").read_text() == counter


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["invariant", "a-b", "True"], "error[KT909]: 'a-b' is no name for a function"),
        (["invariant", "way", "True"], "error[KT808]: there is a way in this spec already"),
        (
            ["invariant", "new", "m.pt.dirty"],
            "EXPR:1: error[KT302]: the shared state has no field 'pt'",
        ),
        (["operation", "new", "--in", "agin"], "error[KT908]: there is no scenario 'agin'"),
        (["claim", "A1", "no_write_is_lost", "aging", "dirty_implies_written"], "there is a claim"),
        (["claim", "A2", "x", "aging", "dirty_implies"], "error[KT906]: there is no property"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    kvmtla: Any, arguments: list[str], message: str
) -> None:
    kvmtla("new", "spec", "mine")
    before = {f: f.read_bytes() for f in (kvmtla.folder / "mine").glob("*.py")}
    done = kvmtla("new", *arguments, "--spec", "mine")
    assert done.returncode == 2
    assert message in done.stderr
    assert {f: f.read_bytes() for f in (kvmtla.folder / "mine").glob("*.py")} == before


def test_a_new_spec_is_good_python(kvmtla: Any) -> None:
    kvmtla("new", "spec", "other")
    _check_python(kvmtla, "other")


def _check_python(kvmtla: Any, package: str) -> None:
    for line in (
        ["mypy", "--strict", "--cache-dir", "/dev/null", package],
        ["ruff", "check", "--isolated", "--line-length", "100", "--no-cache", package],
        ["ruff", "format", "--isolated", "--line-length", "100", "--no-cache", "--check", package],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *line],
            cwd=kvmtla.folder,
            env={**kvmtla.environment, "MYPYPATH": str(REPOSITORY / "gen")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a-b", "'a-b' is no name for a package\n  help: use letters"),
        ("class", "'class' is no name for a package"),
        ("json", "'json' is the name of another package\n  help: choose another one"),
        ("kvmspec", "'kvmspec' is the name of another package"),
    ],
)
def test_names_that_would_not_work(kvmtla: Any, name: str, message: str) -> None:
    done = kvmtla("new", "spec", name)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (kvmtla.folder / name).exists()


def test_nothing_is_overwritten(kvmtla: Any) -> None:
    (kvmtla.folder / "there").mkdir()
    done = kvmtla("new", "spec", "there")
    assert done.returncode == 2
    assert done.stderr == (
        "error[KT808]: there is a there already\n  help: choose another name, or move it away\n"
    )
    assert not list((kvmtla.folder / "there").iterdir())


def test_add_to_a_copy(kvmtla: Any) -> None:
    """Only the copy is changed: where it imports the original, it is not taken for it."""
    original = REPOSITORY / "spec" / "kvmspec"
    files = sorted(original.rglob("*.py"))
    before = {f: f.read_bytes() for f in files}
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(original, kvmtla.folder / "renamed", ignore=ignored)
    condition = ("True or m.write_tracked == m.write_tracked", "--spec")
    wrong = kvmtla("new", "invariant", "mine", *condition, "./renamed")
    assert wrong.returncode == 2
    assert "error[KT008]: kvmspec.claims is " in wrong.stderr
    assert "help: call the folder 'kvmspec', or write `from . import claims`" in wrong.stderr

    shutil.copytree(original, kvmtla.folder / "kvmspec", ignore=ignored)
    done = kvmtla("new", "invariant", "mine", *condition, "./kvmspec")
    assert done.stdout.startswith("kvmspec/invariants.py:"), done.stderr
    done = kvmtla("new", "claim", "X1", "mine", "age", "mine", "--spec", "./kvmspec")
    assert done.stdout.startswith("kvmspec/claims.py:"), done.stderr
    listed = kvmtla("list", "X1", "--spec", "./kvmspec")
    assert "mine  holds" in listed.stdout
    assert {f: f.read_bytes() for f in files} == before


def test_add_beside_what_is_imported(kvmtla: Any) -> None:
    """A spec of one file about the state and operations of another package."""
    kvmtla("new", "spec", "base")
    base = {f: f.read_bytes() for f in (kvmtla.folder / "base").glob("*.py")}
    (kvmtla.folder / "more.py").write_text(
        "from base import aging\nfrom base.model import way\nfrom kvmtla import Project\n\n"
        'project = Project("more", claims=[], scenarios=[aging], constants=[way],\n'
        '                  word_format=lambda config: "x86")\n',
        encoding="utf-8",
    )
    done = kvmtla("new", "invariant", "mine", "not m.page_written", "--spec", "./more.py")
    assert done.stdout.startswith("more.py:"), done.stderr
    found = kvmtla("check", "aging", "-i", "mine", "--way", "plain", "--spec", "./more.py")
    assert found.stdout.startswith("aging, way plain: violated in 1 step\n"), found.stderr
    claimed = kvmtla("new", "claim", "X", "x", "aging", "mine", "--spec", "./more.py")
    assert "error[KT913]" in claimed.stderr
    assert {f: f.read_bytes() for f in base} == base


def test_an_installed_package_stays_as_it_is(kvmtla: Any) -> None:
    kvmtla("new", "spec", "mine")
    site = kvmtla.folder / "lib" / "site-packages"
    site.mkdir(parents=True)
    (kvmtla.folder / "mine").rename(site / "mine")
    path = f"{site}{os.pathsep}{kvmtla.environment['PYTHONPATH']}"
    done = kvmtla("new", "invariant", "more", "True", "--spec", "mine", PYTHONPATH=path)
    assert done.returncode == 2
    assert "error[KT920]: " in done.stderr
    assert f"help: cp -r {site / 'mine'} . and add --spec ./mine" in done.stderr
