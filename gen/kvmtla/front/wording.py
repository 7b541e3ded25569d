"""Python's messages about mistakes in a spec, put in the words of the language."""

from __future__ import annotations

import inspect
import re

import kvmtla
from kvmtla.errors import did_you_mean

# Python's messages about a call with the wrong arguments.
_CALL = re.compile(r"(\w+)(?:\.__init__)?\(\) (.*)")
_UNKNOWN_KEYWORD = re.compile(r"got an unexpected keyword argument '(\w+)'")
_MISSING = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.*)")
_TYPES_MISSING = re.compile(
    r"Too (?:few|many) arguments for <class '[\w.]+\.(\w+)'>; "
    r"actual (\d+), expected (?:at least )?(\d+)"
)


# What is C and not Python, and what to write instead.
_C = [
    (re.compile(r"^(?!.*\bdef\b).*\w->\w"), "write m.pte: there are no pointers"),
    (re.compile(r"&&"), "write `and`"),
    (re.compile(r"\|\|"), "write `or`"),
    (re.compile(r"!(?!=)"), "write `not`"),
    (re.compile(r"\?.*:"), "write: A if condition else B"),
    (re.compile(r"\+\+|--"), "write: n = n + 1"),
    (re.compile(r"\belse if\b"), "write `elif`"),
    (re.compile(r"[{}]\s*$|;"), "a block is what is indented behind a colon"),
    (re.compile(r"/[/*]"), "a comment begins with #"),
]


def instead_of_c(line: str | None) -> str | None:
    """Return what to write where a line that is not Python is C; None where it is not C."""
    if line is None:
        return None
    return next((hint for found, hint in _C if found.search(line)), None)


def _given(names: str) -> str:
    """Return the arguments that Python lists by these names as they are written in a call."""
    return ", ".join(f"{n}=..." for n in re.findall(r"'(\w+)'", names))


def wrong_call(said: str) -> tuple[str, str | None] | None:
    """Return what is wrong with a call of something that a spec imports, and what to do.

    `said` is the message of Python's TypeError. None where that is about something else.
    """
    if found := _TYPES_MISSING.match(said):
        name, here, wanted = found.groups()
        like = {"Map": "Map[Gfn, Spte]", "Set": "Set[Vcpu]"}.get(name)
        types = "1 type" if wanted == "1" else f"{wanted} types"
        return f"{name} takes {types}, here {'is' if here == '1' else 'are'} {here}", like
    if not (found := _CALL.match(said)):
        return None
    name, rest = found.groups()
    called = getattr(kvmtla, name, None)
    if called is None:
        return None
    known = [p for p in inspect.signature(called).parameters if p != "self"]
    if unknown := _UNKNOWN_KEYWORD.match(rest):
        return f"{name}() has no parameter {unknown[1]!r}", did_you_mean(unknown[1], known)
    if missing := _MISSING.match(rest):
        if missing[1] == "'function'":
            return f"@{name} takes no arguments", f"write @{name}, without parentheses"
        return f"{name}() also wants {missing[1]}", f"add {_given(missing[1])}"
    return None
