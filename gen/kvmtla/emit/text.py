"""Lines of text: comments, records, and what is broken after its commas."""

from __future__ import annotations

from collections.abc import Sequence

from kvmtla.emit.expressions import WIDTH, wrapped


def record_lines(name: str, sign: str, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Return the definition of a record, or of a set of them, with a line for each field."""
    lines = [f"{name} =="]
    for i, (field, value) in enumerate(fields):
        head = f"{'     ' if i else '    ['}{field}{sign}"
        tail = "]" if i == len(fields) - 1 else ","
        lines += broken(f"{head}{value}{tail}", len(head))
    return lines


def broken(line: str, indent: int) -> list[str]:
    """Break a long line with a set in it after its commas; `indent` is where the set begins."""
    if len(line) <= WIDTH or "{" not in line:
        return [line]
    start = line.index("{") + 1
    return (line[:start] + wrapped(line[start:].split(", "), start, max(start, indent))).split("\n")


def in_comment(line: str) -> str:
    """Return a line without what would end the comment that it stands in, or begin another."""
    return line.replace("*)", "* )").replace("(*", "( *")


def comment_lines(text: str, width: int = 93) -> list[str]:
    """Return a text as lines of a comment."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines
