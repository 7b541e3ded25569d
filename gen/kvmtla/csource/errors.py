"""Why a function could not be compared."""

from __future__ import annotations


class NotUnderstoodError(Exception):
    """Something that a run came by and that is not understood, with its line."""

    def __init__(self, what: str, file: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.file = file
        self.line = line


class DifferenceError(Exception):
    """The first place at which the two sides of a run part."""
