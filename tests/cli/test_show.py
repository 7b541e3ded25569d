"""`kvmtla show`."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_story(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L1", "--property", "nothing_lost", spec=counter)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:3] == ["L1 lost", '  "An update can be lost."', "  a mail"]
    assert done.stdout.count("WRITE_ONCE(count, old + 1)") == 2
    assert "(some_spec.py:" in done.stdout
    assert "other" not in done.stderr


def test_commit_form_is_for_a_mail(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "lost", "--as", "commit", spec=counter)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 75
    assert "L1" not in done.stdout


def test_json_is_the_result(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L1", "--as", "json", "-p", "nothing_lost", spec=counter)
    shown = json.loads(done.stdout)
    (result,) = (
        r
        for r in kvmtla.results("L1", "--way", "plain", spec=counter)
        if r["property"] == "nothing_lost"
    )
    assert shown["schema_version"] == 1
    # Who gets stuck is told where it is known already: here, once `verify` has counted.
    assert shown["stuck"] is None
    assert result["stuck"] == []
    assert {**{k: shown[k] for k in result}, "cached": True, "stuck": []} == result


def test_others_are_named_so_that_they_can_be_shown(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L*", spec=counter)
    assert done.returncode == 0
    assert done.stdout.startswith("L1 lost\n")
    at = done.stderr.splitlines().index("There are other counterexamples:")
    commands = done.stderr.splitlines()[at + 1 :]
    assert commands == [
        "  kvmtla show L1 --spec ./some_spec.py --way plain --property nothing_counted",
        "  kvmtla show L2 --spec ./some_spec.py --way plain",
        "  kvmtla show L3 --spec ./some_spec.py --way plain",
    ]
    again = kvmtla(*commands[0].split()[1:], spec=counter)
    assert "nothing_counted is violated" in again.stdout
    assert not again.stderr


def test_nothing_to_show(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L1b", spec=counter)
    assert done.returncode == 1
    assert not done.stdout
    assert "L1b found, way atomic: nothing_lost holds in all " in done.stderr
    assert done.stderr.endswith("There is no counterexample to show.\n")


def test_who_is_stuck_is_shown_and_is_no_verdict(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L2", spec=counter)
    assert done.returncode == 3
    assert "write_lock(one)" in done.stdout
    assert (
        "L2 crossed, way plain: nothing_lost is unknown: forth and back can never go on"
        in done.stderr
    )


def test_unknown_is_not_nothing(kvmtla: Any, endless: str) -> None:
    done = kvmtla("show", "E1", "--size", "big", "--timeout", "2", spec=endless)
    assert done.returncode == 3
    assert not done.stdout
    assert "did not finish within 2 seconds" in done.stderr
    assert "There is no counterexample" not in done.stderr


def test_output_file(kvmtla: Any, counter: str) -> None:
    target = kvmtla.folder / "story.txt"
    target.write_text("something longer than nothing")
    target.chmod(0o640)
    (kvmtla.folder / "link").symlink_to("story.txt")
    done = kvmtla("show", "L1", "-p", "nothing_counted", "-o", "link", spec=counter)
    assert done.returncode == 0
    assert not done.stdout
    assert target.read_text().startswith("L1 lost\n")
    assert target.stat().st_mode & 0o777 == 0o640
    assert (kvmtla.folder / "link").is_symlink()
    assert {f.name for f in kvmtla.folder.iterdir()} == {"story.txt", "link", "some_spec.py"}


def test_full_story(kvmtla: Any, counter: str) -> None:
    asked = ("show", "L1", "--property", "nothing_lost")
    short = kvmtla(*asked, spec=counter).stdout.splitlines()
    full = kvmtla(*asked, "--full", spec=counter).stdout.splitlines()
    # Whatever it adds, nothing is left out.
    assert [line for line in full if line in set(short)] == short


@pytest.mark.parametrize("form", ["html", "svg", "mermaid", "dot", "itf"])
def test_every_form_goes_to_a_file(kvmtla: Any, counter: str, form: str) -> None:
    done = kvmtla("show", "L1", "-p", "nothing_lost", "--as", form, "-o", "out", spec=counter)
    assert done.returncode == 0, done.stderr
    text = (kvmtla.folder / "out").read_text(encoding="utf-8")
    assert "nothing_lost" in text
    assert text.endswith("\n")


def test_who_is_stuck_has_a_page(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L2", "--as", "html", spec=counter)
    assert done.returncode == 3
    assert "can never go on, whatever the others do" in done.stdout


def test_a_path_of_ones_own(kvmtla: Any, counter: str) -> None:
    asked = ("show", "L1", "-p", "nothing_lost")
    done = kvmtla(*asked, "--path", "0,0,0", spec=counter)
    assert done.returncode == 0
    assert "nothing_lost, along a chosen path: way plain" in done.stdout
    assert done.stdout.endswith("nothing_lost is true in the end\n")
    none = kvmtla(*asked, "--path", "", spec=counter)
    assert none.returncode == 0
    data = json.loads(kvmtla(*asked, "--path", "0,1", "--as", "json", spec=counter).stdout)
    assert (data["depth"], len(data["trace"])) == (2, 2)


@pytest.mark.parametrize("path", ["x", "0,,1", "-1", "1.5", "0," * 3])
def test_a_path_is_numbers(kvmtla: Any, counter: str, path: str) -> None:
    done = kvmtla("show", "L1", f"--path={path}", spec=counter)
    assert done.returncode == 2
    assert "is not a list of numbers such as 0,2,1" in done.stderr


def test_a_path_that_there_is_not(kvmtla: Any, counter: str) -> None:
    done = kvmtla("show", "L1", "-p", "nothing_lost", "--path", "0,99", spec=counter)
    assert done.returncode == 2
    assert (
        "no step 99 is possible as step 2 of the path: there are 2, counted from 0" in done.stderr
    )
