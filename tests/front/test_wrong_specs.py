"""Wrong specs, each with the whole message that its author gets (the files in `wrong/`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.specs import complaint

WRONG = Path(__file__).parent / "wrong"


def _cases() -> list[tuple[str, str, str]]:
    found = []
    for file in sorted(WRONG.glob("*.txt")):
        for part in file.read_text(encoding="utf-8").split("### ")[1:]:
            name, _, rest = part.partition("\n")
            code, _, message = rest.partition("--- says\n")
            found.append((f"{file.stem}: {name}", code.strip("\n"), message.strip("\n")))
    return found


CASES = _cases()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize(("name", "code", "message"), CASES, ids=[c[0] for c in CASES])
def test_the_message(tmp_path: Path, name: str, code: str, message: str) -> None:
    assert complaint(tmp_path, f"\n{code}\n") == message
