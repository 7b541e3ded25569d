"""The pictures in the documentation are what the commands make, byte for byte."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ROOT, command, pages

PICTURES = {
    "c3.svg": "kvmtla show C3 --kernel 5.19 --as svg",
    "c3-states.svg": "kvmtla show C3 --kernel 5.19 --as graph --fields TLB,*sptep.D,ager",
    "claims.svg": "kvmtla verify",
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_real(
    name: str, verdicts: dict[str, Any], environment: dict[str, str], updating: bool, tmp_path: Any
) -> None:
    made, kept = tmp_path / name, ROOT / "docs" / name
    words = PICTURES[name].split()
    done = command([*words, "--svg" if words[1] == "verify" else "-o", str(made)], environment)
    assert verdicts["results"]
    assert done.returncode == 0, done.stderr
    if updating:
        kept.write_bytes(made.read_bytes())
    else:
        assert kept.read_bytes() == made.read_bytes(), f"docs/{name} is not what is made now"


def test_every_picture_is_made_and_shown() -> None:
    assert {p.name for p in ROOT.glob("docs/**/*.svg")} == set(PICTURES)
    shown = {
        path.rpartition("/")[2]
        for page in pages()
        for path in re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert shown >= set(PICTURES)
