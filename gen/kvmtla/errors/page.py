"""All error codes as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from kvmtla.errors.registry import Code, areas

_WIDTH = 100
_LANGUAGE = {"command": "sh", "property": "python", "body": "python", "module": "python"}
_HEAD = """\
# Errors

Every error has a code. `kvmtla help KT501` explains it in the terminal, `kvmtla help` lists the
groups. A code never changes its meaning. The mistakes in what a specification declares and in its
functions are told all at once, in the order of their places. What only follows from another one is
not told.

The examples below are about the following declarations. Where no function is shown, they stand in
an operation with the parameters `m: Machine`, `cpu: Cpu` and `page: Page`. Where a claim names
`world`, it is a scenario with one task that runs `note`.
"""


def page(declarations: str) -> str:
    """Return the page; `declarations` is the Python that the examples are about."""
    return "\n".join(_lines(declarations))


def _lines(declarations: str) -> Iterator[str]:
    yield _HEAD
    yield from ("```python", declarations.strip("\n"), "```", "")
    for area in areas():
        yield f"- [{area.prefix}: {area.title}](#{_anchor(f'{area.prefix}: {area.title}')})"
    yield ""
    for area in areas():
        yield f"## {area.prefix}: {area.title}"
        yield ""
        yield area.about
        yield ""
        for code in area.codes:
            yield from _code(code)


def _anchor(title: str) -> str:
    """Return the anchor of a heading, as Markdown renderers make it."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _code(code: Code) -> Iterator[str]:
    yield f"### {code.code}: {code.title}"
    yield ""
    yield from wrap(code.text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    for word, example in (("Wrong", code.wrong), ("Right", code.right)):
        yield from ("", f"{word}:", "", f"```{_LANGUAGE.get(code.kind, 'text')}", example, "```")
    yield ""
