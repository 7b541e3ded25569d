"""A change in one place of the spec, as a reader sees it: the line before and after it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from kvmtla.errors import Loc
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import Function


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its operator, its place, and the line before and after it.

    `after` is "" if the line is gone.
    """

    operator: str
    loc: Loc
    before: str
    after: str

    @property
    def shown(self) -> str:
        """The change in one line."""
        return f"{self.operator}: {self.after or self.before}"


@dataclass(frozen=True)
class Mutant:
    """The spec with one change, made in `replaced`, a function that the spec already has."""

    change: Change
    replaced: Function
    number: int = 1
    """Its number among the mutants of the same function that read alike."""

    @property
    def function(self) -> str:
        """The key of the function that is changed."""
        return self.replaced.key

    @property
    def name(self) -> str:
        """Its name, which is the same as long as neither the function nor the line changes."""
        c = self.change
        said = "\n".join((self.function, c.operator, c.before, c.after, str(self.number)))
        return hashlib.sha256(said.encode()).hexdigest()[:8]


def text_of(loc: Loc | None) -> str:
    """Return the source at a place, on one line; "" where there is none."""
    if loc is None:
        return ""
    return _joined(_lines(loc), loc)


def line_of(loc: Loc) -> str:
    """Return the whole lines that a place is in, as one line."""
    return _one_line("\n".join(_lines(loc)))


def line_with(loc: Loc, text: str) -> str:
    """Return the lines that a place is in, as one line, with `text` instead of the place."""
    lines = _lines(loc)
    if not lines:
        return text
    head = lines[0][: loc.column]
    tail = lines[-1][loc.end_column :]
    return _one_line(f"{head}{text}{tail}")


def without_item(loc: Loc) -> str:
    """Return the line of a `with` without the item at a place; "" if no item is left."""
    line = re.sub(r",\s*,", ",", line_with(loc, ""))
    line = re.sub(r"with(\s*\(?)\s*,\s*", r"with\1 ", line)
    line = re.sub(r",\s*(\)?:)$", r"\1", line)
    line = re.sub(r"with\s+", "with ", line)
    return "" if re.fullmatch(r"with\s*\(?\s*\)?:", line) else line


def negated(e: Expr) -> str:
    """Return the source of a condition, negated; "" where there is none."""
    text = text_of(e.loc)
    if text.startswith("not ") and " and " not in text and " or " not in text:
        return text.removeprefix("not ")
    simple = re.fullmatch(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])*", text)
    return f"not {text}" if simple else f"not ({text})" if text else ""


def _lines(loc: Loc) -> list[str]:
    last = loc.end_line or loc.line
    lines = [Loc(loc.file, n).source_line() for n in range(loc.line, last + 1)]
    return [line for line in lines if line is not None]


def _joined(lines: list[str], loc: Loc) -> str:
    if not lines:
        return ""
    if not loc.end_line:
        return _one_line("\n".join(lines))
    lines = [*lines]
    lines[-1] = lines[-1][: loc.end_column]
    lines[0] = lines[0][loc.column :]
    return _one_line("\n".join(lines))


def _one_line(text: str) -> str:
    joined = " ".join(text.split())
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", joined))
