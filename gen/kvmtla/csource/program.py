"""All that a tree of C defines."""

from __future__ import annotations

from kvmtla.csource import ast as c
from kvmtla.csource.parse import Macro, Reader, Unit, macro, macros_in, without_comments
from kvmtla.csource.trees import SourceTree
from kvmtla.lang.c import CSource


class CProgram:
    """The functions, macros and enumerations of a tree; of a name, the first in its own file."""

    def __init__(self, tree: SourceTree, source: CSource) -> None:
        self.tree = tree
        self.given = {
            one.name: one
            for one in (macro(head, str(left.value)) for head, left in source.macros.items())
        }
        self.why = {head.partition("(")[0]: left.why for head, left in source.macros.items()}
        self.reader = Reader(self.given, source.defined)
        texts = {f: tree.texts[f] for f in source.files if f in tree.texts}
        everywhere: dict[str, Macro] = {}
        for text in texts.values():
            for name, one in macros_in(without_comments(text), source.defined).items():
                everywhere.setdefault(name, one)
        self.units: dict[str, Unit] = {
            f: self.reader.unit(f, text, everywhere) for f, text in texts.items()
        }
        self._everywhere = everywhere
        self._expressions: dict[tuple[str, str, int], c.Expr] = {}

    def function(self, name: str, file: str | None = None) -> c.Function | None:
        """Return a function; `file` is the one that asks. None if the tree has none."""
        if file in self.units and (own := self.units[file].function(name)) is not None:
            return own
        found = (unit.function(name) for unit in self.units.values())
        return next((f for f in found if f is not None), None)

    def macro(self, name: str, file: str) -> Macro | None:
        """Return a macro; one that the mapping gives stands for all others of its name."""
        if name in self.given:
            return self.given[name]
        if file in self.units and name in self.units[file].macros:
            return self.units[file].macros[name]
        return self._everywhere.get(name)

    def expression(self, text: str, file: str, line: int) -> c.Expr:
        """Return an expression that stands for something in a line.

        It is kept: what has been seen is known by the nodes themselves.
        """
        key = (text, file, line)
        if key not in self._expressions:
            self._expressions[key] = self.reader.expression(text, file, line)
        return self._expressions[key]

    def enumerator(self, name: str) -> tuple[str | None, int] | None:
        """Return what is known of a member of an enumeration: a text, and how far behind it."""
        for unit in self.units.values():
            if name in unit.enums:
                return unit.enums[name]
        return None
