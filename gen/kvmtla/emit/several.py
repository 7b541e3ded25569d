"""Several modules as one, for one run of TLC: its behaviours are those of all of them.

Each module is taken as it stands, by INSTANCE. The first state says which of them is meant, and no
step changes that; what the others have variables for stays 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kvmtla.emit.expressions import wrapped
from kvmtla.emit.names import RESERVED
from kvmtla.templates import environment


@dataclass(frozen=True)
class Part:
    """One of the modules: its name, its variables, and the operators that are to be invariants."""

    name: str
    variables: Sequence[str]
    invariants: Sequence[str]


@dataclass(frozen=True)
class Several:
    """A module, and the names of the operators that are to be its invariants, one of each part."""

    name: str
    text: str
    invariants: Sequence[str]


def several(parts: Sequence[Part], constants: Sequence[str], taken: Collection[str]) -> Several:
    """`parts` as one module. All declare the same `constants`; `taken` are other names in use."""
    variables = sorted({v for p in parts for v in p.variables})
    used = RESERVED | {*variables, *constants, *taken, *(p.name for p in parts)}
    mark = ""
    while used & set(_own(mark, len(parts))):
        mark += "_"
    name, chosen = _fixed(mark)
    others = [[v for v in variables if v not in set(p.variables)] for p in parts]
    text = (
        environment(__package__, escaped=False)
        .get_template("several.tla.jinja")
        .render(
            name=name,
            chosen=chosen,
            mark=mark,
            parts=list(zip(parts, others, strict=True)),
            constants=constants,
            variables=[chosen, *variables],
            wrap=wrapped,
        )
    )
    return Several(name, text, _numbered("Holds", mark, len(parts)))


def _own(mark: str, count: int) -> list[str]:
    """The names that the module defines."""
    kinds = ("M", "Init", "Next", "Holds")
    return [*_fixed(mark), *(name for kind in kinds for name in _numbered(kind, mark, count))]


def _fixed(mark: str) -> tuple[str, str]:
    return f"Several{mark}", f"which{mark}"


def _numbered(kind: str, mark: str, count: int) -> list[str]:
    return [f"{kind}{mark}{i}" for i in range(1, count + 1)]
