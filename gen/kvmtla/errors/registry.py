"""The meaning of each error code: the mistake in words, an example, and what would be right.

The codes are in `codes/`, one file for each area. They are stable: a code that is no longer used is
not given to another mistake.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Code:
    """A kind of mistake.

    `wrong` is an example that gets this code, `right` what would be right. `kind` says what both
    are: "module", lines of a spec; "body", lines of an operation; "property", the text after
    --invariant; "command", a command line; "none", something that only shows what is meant.
    """

    code: str
    title: str
    text: str
    kind: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Area:
    """Codes that begin with the same digit; `about` says in a sentence what they have in common."""

    prefix: str
    title: str
    about: str
    codes: tuple[Code, ...]


@cache
def areas() -> tuple[Area, ...]:
    """Return all areas with their codes, in order."""
    folder = files(__package__) / "codes"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(_area(tomllib.loads(f.read_text(encoding="utf-8"))) for f in found)


def _area(table: dict[str, Any]) -> Area:
    title, about = table.pop("title"), table.pop("about")
    codes = tuple(
        Code(
            code,
            entry["title"],
            " ".join(entry["text"].split()),
            entry["kind"],
            entry["wrong"].strip("\n"),
            entry["right"].strip("\n"),
        )
        for code, entry in table.items()
    )
    return Area(codes[0].code[:3], title, about, codes)


def all_codes() -> dict[str, Code]:
    """Return all codes by name."""
    return {c.code: c for a in areas() for c in a.codes}
