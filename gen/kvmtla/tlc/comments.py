"""A TLA+ module or a cfg without its comments, which TLC does not read."""

from __future__ import annotations

import re

_OUTSIDE = re.compile(r'"(?:\\.|[^"\\\n])*"|\\\*[^\n]*|\(\*')
_INSIDE = re.compile(r"\(\*|\*\)")


def without_comments(text: str) -> str:
    """Return `text` without its comments, and without the lines that were nothing else.

    Two texts of which the same is left mean the same to TLC: what stands beside a comment stays in
    its column, on which the meaning of a list of conjuncts depends.
    """
    kept, at, depth = [], 0, 0
    while at < len(text):
        found = (_INSIDE if depth else _OUTSIDE).search(text, at)
        end = found.start() if found else len(text)
        word = found.group() if found else ""
        kept.append(_blank(text[at:end]) if depth else text[at:end])
        if word == "*)":
            depth -= 1
        elif word == "(*":
            depth += 1
        kept.append(word if word.startswith('"') else _blank(word))
        at = end + len(word)
    lines = (line.rstrip() for line in "".join(kept).split("\n"))
    return "\n".join(line for line in lines if line)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
