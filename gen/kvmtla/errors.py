"""What can go wrong, said so that the reader knows what, where and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Loc:
    """A place in a spec: file name, 1-based line, 0-based columns as in `ast`."""

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def source_line(self) -> str | None:
        """The text of the line, or None where the file cannot be read."""
        try:
            lines = Path(self.file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return None
        return lines[self.line - 1] if 0 < self.line <= len(lines) else None

    def excerpt(self) -> list[str]:
        """The line and a caret line under it; empty where there is no text to show."""
        text = self.source_line()
        if text is None:
            return []
        # A caret line must line up under tabs too, so it repeats the white space.
        lead = "".join("\t" if c == "\t" else " " for c in text[: self.column])
        end = self.end_column if self.end_line in (0, self.line) else len(text)
        width = max(1, min(end, len(text)) - self.column)
        number = str(self.line)
        return [f" {number} | {text}", f" {' ' * len(number)} | {lead}{'^' * width}"]


class KvmtlaError(Exception):
    """Something that the user can mend. Carries the facts; `render` words them.

    `message` says what is wrong, `hint` what to do, `loc` where (None: nowhere in a file).
    The command line ends with `exit_status` when one of these reaches it.
    """

    exit_status = 2

    def __init__(self, message: str, *, loc: Loc | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.loc = loc
        self.hint = hint

    def render(self) -> str:
        """The whole message: place, what, excerpt with caret, what to do."""
        lines = []
        if self.loc is not None:
            lines.append(f"{self.loc.file}:{self.loc.line}: error: {self.message}")
            lines.extend(self.loc.excerpt())
        else:
            lines.append(f"error: {self.message}")
        if self.hint:
            lines.append(f"  help: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class SpecError(KvmtlaError):
    """A spec does not say something that can be checked."""


class ToolError(KvmtlaError):
    """Java, the jar, a file or a folder is not what it has to be."""
