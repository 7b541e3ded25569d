"""Text without characters that are invisible, break its lines or turn them around."""

from __future__ import annotations

import unicodedata

_LINE_ENDS = ("Zl", "Zp")


def plain(text: str) -> str:
    """Return `text` with control and format characters replaced, such as those that reverse it."""
    return "".join("\ufffd" if _is_unseen(c) else c for c in text)


def _is_unseen(c: str) -> bool:
    category = unicodedata.category(c)
    return category[0] == "C" or category in _LINE_ENDS
