"""The pictures in the documentation are what the commands make, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT, command, pages

# With what each is made; the overview of all claims is made beside their verdicts.
PICTURES = {
    "c3.svg": "kvmtla show C3 --kernel 5.19 --as svg",
    "c3-states.svg": "kvmtla show C3 --kernel 5.19 --as graph --fields TLB,*sptep.D,ager",
    "claims.svg": "kvmtla verify --svg",
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_real(
    name: str,
    verdicts: dict[str, Any],
    shared_folder: Path,
    environment: dict[str, str],
    updating: bool,
    tmp_path: Path,
) -> None:
    made, kept = shared_folder / name, ROOT / "docs" / name
    if "show" in PICTURES[name]:
        # The verdict is known already.
        assert verdicts["results"]
        made = tmp_path / name
        done = command([*PICTURES[name].split(), "-o", str(made)], environment)
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
