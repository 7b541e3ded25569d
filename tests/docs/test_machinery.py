"""The tests of the pages would notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Page, brought_up_to_date, line_matches, masked, matches

REAL = ["one", "two", "three", "four", "five"]


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ("a ... c", "a b c", True),
        ("a ... c", "a b d", False),
        ("... c", "a b c", True),
        ("a.c", "abc", False),
        ("a", "a b", False),
    ],
)
def test_elision_in_a_line(shown: str, real: str, same: bool) -> None:
    assert line_matches(shown, real) is same


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        (REAL, True),
        (["one", "...", "five"], True),
        (["...", "five"], True),
        (["one", "..."], True),
        (["..."], True),
        (["one", "...", "three"], False),
        (["one", "two", "...", "two", "..."], False),
        (["one", "two", "...", "three", "four", "five"], True),
        (REAL[:4], False),
        ([*REAL, "six"], False),
        ([], False),
    ],
)
def test_elision_of_lines(shown: list[str], same: bool) -> None:
    assert matches(shown, REAL) is same


@pytest.mark.parametrize(
    ("shown", "new"),
    [
        (["one", "...", "five"], ["one", "...", "five"]),
        ([], REAL),
        (["ONE", "two"], REAL),
        (["o...", "two"], ["o...", *REAL[1:]]),
        (["one", "TWO", "three", "..."], ["one", "two", "three", "..."]),
        (["...", "four", "FIVE"], ["...", "four", "five"]),
        (["one", "...", "four", "FIVE"], ["one", "...", "four", "five"]),
    ],
)
def test_what_is_elided_stays_so(shown: list[str], new: list[str]) -> None:
    assert brought_up_to_date(shown, REAL) == new
    assert matches(new, REAL)


def test_seconds_are_elided() -> None:
    assert masked("   C1 a  5.18    pml  holds      29     12.3") == (
        "   C1 a  5.18    pml  holds      29      ..."
    )
    assert line_matches("   C1  29      ...", "   C1  29     12.3")
    assert not line_matches("   C1  29      ...", "   C1  30     12.3")
    assert masked("  kernel 5.18") == "  kernel 5.18"
    assert masked('  "seconds": 1.25,') == '  "seconds": ...,'


def test_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("x\n```python file=a.py\n1\n2\n```\ny\n```text\n```\n", encoding="utf-8")
    page = Page.read(path)
    found = [(b.language, b.options, b.first, b.lines) for b in page.blocks()]
    assert found == [("python", {"file": "a.py"}, 2, ["1", "2"]), ("text", {}, 7, [])]
    assert [line for _, line in page.prose()] == ["x", "y", ""]
    page.replace([(2, 3, ["3", "4"])])
    expected = "x\n```python file=a.py\n3\n4\n2\n```\ny\n```text\n```\n"
    assert path.read_text(encoding="utf-8") == expected
