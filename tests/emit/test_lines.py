"""What a module says does not depend on where in the spec something stands."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping
from pathlib import Path

import pytest

from kvmtla.front.scenario import read_project
from kvmtla.load import load_package
from kvmtla.modules.points import points
from support.golden import NAMES, SPECS

TURNSTILE = (SPECS / "turnstile.py").read_text(encoding="utf-8")


def _texts(folder: Path, text: str) -> Mapping[str, str]:
    file = folder / "some_spec.py"
    file.write_text(text, encoding="utf-8")
    package = load_package(str(file))
    return {
        p.module.name: p.module.text for p in points(read_project(package.project), package.root)
    }


def _with_comments(text: str) -> str:
    """The same with a comment in front of every line that is not inside a string."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    ends = {t.end[0] for t in tokens if t.type in (tokenize.NEWLINE, tokenize.NL)}
    lines = text.splitlines()
    return "\n".join(
        f"{line}\n# One more line." if i in ends else line for i, line in enumerate(lines, 1)
    )


@pytest.mark.parametrize("name", NAMES)
def test_comments_change_no_line(tmp_path: Path, name: str) -> None:
    text = (SPECS / f"{name}.py").read_text(encoding="utf-8")
    more = _with_comments(text)
    assert len(more.splitlines()) > len(text.splitlines()) + 50
    (tmp_path / "more").mkdir()
    plain, commented = _texts(tmp_path, text), _texts(tmp_path / "more", more)
    assert plain == commented
    assert not any(".py" in module for module in plain.values())


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("READ_ONCE(m.taken[gate])", "test_and_set_bit(m.taken[gate])", {"hall_hasty"}),
        ("return not test_and_set_bit", "return test_and_set_bit", {"hall_careful"}),
        ("cpu in m.inside for cpu", "cpu not in m.inside for cpu", {"hall_careful", "hall_hasty"}),
    ],
)
def test_a_function_changes_the_modules_that_run_it(
    tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    assert old in TURNSTILE
    (tmp_path / "new").mkdir()
    before, after = (
        _texts(tmp_path, TURNSTILE),
        _texts(tmp_path / "new", TURNSTILE.replace(old, new)),
    )
    assert {n for n in before if before[n] != after[n]} == changed
