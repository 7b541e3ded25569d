"""Excerpts from the specification: the functions that the steps are in."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from kvmtla.page.model import Excerpt, Spot

# The lines shown around a line outside of any function, and the most lines of a function.
_AROUND, _MOST = 6, 120


class Sources:
    """The spots seen so far, and their excerpts; files are named relative to `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.excerpts: dict[Excerpt, int] = {}
        self.spots: dict[Spot, int] = {}
        # A few places are asked for again and again.
        self._known: dict[tuple[str, int, str | None, tuple[str, ...]], int] = {}

    def spot(self, file: str, line: int, kernel: str | None, path: tuple[str, ...]) -> int:
        """Return the number of a place in the specification."""
        key = (file, line, kernel, path)
        if key not in self._known:
            self._known[key] = self._number(file, line, kernel, path)
        return self._known[key]

    def _number(self, file: str, line: int, kernel: str | None, path: tuple[str, ...]) -> int:
        found = _excerpt(file, line, self._named(file))
        excerpt = self.excerpts.setdefault(found, len(self.excerpts)) if found is not None else -1
        spot = Spot(excerpt, self._named(file), line, kernel or "", path)
        return self.spots.setdefault(spot, len(self.spots))

    def _named(self, file: str) -> str:
        path = Path(file)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else file


@cache
def _excerpt(file: str, line: int, name: str) -> Excerpt | None:
    """Return the function around a line; None where the file cannot be read."""
    lines, functions = _read(file)
    if not lines:
        return None
    inside = [f for f in functions if f[0] <= line <= f[1]]
    # The innermost one begins last.
    first, last = max(inside, default=(max(1, line - _AROUND), min(len(lines), line + _AROUND)))
    if last - first >= _MOST:
        first, last = max(first, line - _MOST // 2), min(last, line + _MOST // 2)
    return Excerpt(name, first, tuple(lines[first - 1 : last]))


@cache
def _read(file: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the lines of a file, and the first and last line of each function in it."""
    try:
        text = Path(file).read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return [], []
    found = [
        (min([n.lineno, *(d.lineno for d in n.decorator_list)]), n.end_lineno or n.lineno)
        for n in ast.walk(tree)
        if isinstance(n, ast.FunctionDef)
    ]
    return text.splitlines(), found
