"""The specs in `tests/lower/cases`: one for each construct of the language."""

from pathlib import Path

from kvmtla import Project
from support.specs import HEADER, load, project_of

_FOLDER = Path(__file__).parents[1] / "lower" / "cases"

CASES = {
    f"{file.stem}: {name}": code
    for file in sorted(_FOLDER.glob("*.txt"))
    for part in file.read_text(encoding="utf-8").split("### ")[1:]
    for name, _, code in [part.partition("\n")]
}


def project(name: str, folder: Path) -> Project:
    """The project of a case, its file in `folder`."""
    return project_of(load(folder, HEADER + CASES[name], f"case_{[*CASES].index(name)}.py"))
