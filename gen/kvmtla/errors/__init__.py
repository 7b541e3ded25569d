"""Errors that tell the reader what is wrong, where, and what to do."""

from __future__ import annotations

import difflib
import linecache
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kvmtla.value_class import value_class


@value_class(frozen=True, slots=True)
class Loc:
    """A place in a spec: file name, 1-based line, 0-based columns in characters.

    Without an end, it is the whole line.
    """

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    @classmethod
    def of_bytes(cls, file: str, line: int, start: int, end_line: int, end: int) -> Loc:
        """Return a place from columns as Python counts them: in bytes of UTF-8."""
        text = linecache.getline(file, line)
        if not text.isascii():
            raw = text.encode()
            start = len(raw[:start].decode(errors="ignore"))
            if end_line == line:
                end = len(raw[:end].decode(errors="ignore"))
        return cls(file, line, start, end_line, end)

    def source_line(self) -> str | None:
        """Return the text of the line, or None where there is no such file or line."""
        try:
            lines = Path(self.file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            # A spec quoted on the command line is not a file.
            lines = [line.rstrip("\n") for line in linecache.getlines(self.file)]
        return lines[self.line - 1] if 0 < self.line <= len(lines) else None

    def text(self) -> str | None:
        """Return the text there, on one line without needless space; None if it cannot be read."""
        lines = [
            replace(self, line=n).source_line()
            for n in range(self.line, (self.end_line or self.line) + 1)
        ]
        known = [line for line in lines if line is not None]
        if len(known) < len(lines):
            return None
        if self.end_line:
            known[-1] = known[-1][: self.end_column]
            known[0] = known[0][self.column :]
        return " ".join(" ".join(known).split())

    def excerpt(self) -> list[str]:
        """Return the line and a caret line under it; nothing where there is no text to show."""
        text = self.source_line()
        if text is None:
            return []
        start, end = self.column, self.end_column
        if not self.end_line:
            start, end = len(text) - len(text.lstrip()), len(text)
        elif self.end_line != self.line:
            end = len(text)
        # A caret line must line up under tabs too, so it repeats the white space.
        lead = "".join("\t" if c == "\t" else " " for c in text[:start])
        width = max(1, min(end, len(text)) - start)
        number = str(self.line)
        return [f" {number} | {text}", f" {' ' * len(number)} | {lead}{'^' * width}"]


class KvmtlaError(Exception):
    """An error that the user can fix. It carries the facts; `render` puts them into words.

    `code` is the kind of mistake, which `kvmtla.errors.registry` explains; `message` says what is
    wrong, `hint` what to do, `loc` where (None: nowhere in a file). The command line ends with
    `exit_status` when one of these reaches it.
    """

    exit_status = 2

    def __init__(
        self, code: str, message: str, *, loc: Loc | None = None, hint: str | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.loc = loc
        self.hint = hint

    def render(self) -> str:
        """Return the whole message: the place, what is wrong, an excerpt with a caret, the hint."""
        lines = []
        if self.loc is not None:
            lines.append(f"{self.loc.file}:{self.loc.line}: error[{self.code}]: {self.message}")
            lines.extend(self.loc.excerpt())
        else:
            lines.append(f"error[{self.code}]: {self.message}")
        if self.hint:
            lines.append(f"  help: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class SpecError(KvmtlaError):
    """An error in a spec, which does not say something that can be checked."""


class MistakesError(SpecError):
    """Several errors in a spec, of which it is the first to whoever asks for one only."""

    def __init__(self, errors: Sequence[SpecError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.message, loc=first.loc, hint=first.hint)
        self.errors = tuple(errors)

    def render(self) -> str:
        """Return the messages of all errors, and how many there are."""
        texts = [e.render() for e in self.errors]
        return "\n\n".join([*texts, f"{len(texts)} errors"])


def together(errors: Iterable[SpecError]) -> SpecError:
    """Return one or more errors as one, in the order of their places; each is told once."""
    single = {
        (e.code, e.loc, e.message): e
        for error in errors
        for e in (error.errors if isinstance(error, MistakesError) else (error,))
    }
    found = sorted(single.values(), key=_place)
    return found[0] if len(found) == 1 else MistakesError(found)


def _place(error: SpecError) -> tuple[str, int, int]:
    loc = error.loc
    return (loc.file, loc.line, loc.column) if loc is not None else ("", 0, 0)


class ToolError(KvmtlaError):
    """An error for Java, the jar, a file or a folder that is not what it has to be."""


class CommandError(KvmtlaError):
    """An error for a command that is told to do something that makes no sense."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint with the nearest known name, or all known names if they are few; else None."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there is: {', '.join(names)}" if 0 < len(names) <= 12 else None
