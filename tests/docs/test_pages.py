"""What the pages show is what happens."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import (
    ROOT,
    Block,
    Page,
    Session,
    brought_up_to_date,
    matches,
    page_id,
    pages,
)

Change = tuple[int, int, list[str]]

# A figure of states or steps in a sentence; those belong where they are compared with real ones.
_FIGURE = re.compile(r"\b\d[\d,]*( distinct)? (states|steps)\b")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("path", [p for p in pages() if Page.read(p).blocks()], ids=page_id)
def test_blocks_are_real(path: Path, session: Session, updating: bool) -> None:
    page = Page.read(path)
    changes: list[Change] = []
    faults: list[str] = []
    for block in page.blocks():
        where = f"{page_id(path)}:{block.first}"
        if block.language == "console":
            for change, fault in _console(block, session):
                changes.append(change)
                faults.append(f"{where}: {fault}")
        else:
            _do(block, session, where)
    if updating:
        page.replace(changes)
    else:
        assert not faults, "\n".join(faults)


def _do(block: Block, session: Session, where: str) -> None:
    text = "".join(f"{line}\n" for line in block.lines)
    if "from" in block.options:
        source = (session.folder / block.options["from"]).read_text(encoding="utf-8")
        assert text in source, f"{where}: this is not in {block.options['from']}"
    elif "file" in block.options and block.language == "diff":
        _patch(session.file(block.options["file"]), block.lines, where)
    elif "file" in block.options:
        session.file(block.options["file"]).write_text(text, encoding="utf-8")
    elif "append" in block.options:
        target = session.file(block.options["append"])
        before = target.read_text(encoding="utf-8")
        # As ruff has it between two definitions.
        target.write_text(f"{before}\n\n{text}", encoding="utf-8")
    else:
        assert block.language == "text", f"{where}: nothing says what this block is"


def _patch(target: Path, lines: list[str], where: str) -> None:
    """Makes the change; blank lines may have lost the space in front of them."""
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = target.read_text(encoding="utf-8")
    assert text.count(old) == 1, (
        f"{where}: {target.name} has this {text.count(old)} times, not once"
    )
    target.write_text(text.replace(old, new), encoding="utf-8")


def _console(block: Block, session: Session) -> Iterator[tuple[Change, str]]:
    """What would have to be changed in a block, and why."""
    starts = [i for i, line in enumerate(block.lines) if line.startswith("$ ")]
    assert starts[:1] == [0], "a console block begins with a command"
    expected = int(block.options.get("status", "0"))
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        command = block.lines[start][2:]
        shown = block.lines[start + 1 : end]
        while shown and not shown[-1]:
            shown.pop()
        status, real = session.run(command)
        while real and not real[-1]:
            real.pop()
        last = start == starts[-1]
        assert status == (expected if last else 0), "\n".join(
            [f"$ {command}", *real, f"ends with status {status}"]
        )
        if not matches(shown, real):
            new = brought_up_to_date(shown, real)
            first = block.first + start + 1
            difference = difflib.unified_diff(shown, new, "shown", "real", lineterm="")
            yield (
                (first, first + len(shown), new),
                "\n".join([f"$ {command}", *difference]),
            )


@pytest.mark.parametrize("path", pages(), ids=page_id)
def test_figures_stand_where_they_are_checked(path: Path) -> None:
    loose = [
        f"{page_id(path)}:{number}: {found[0]}"
        for number, line in Page.read(path).prose()
        if not line.startswith("|") and (found := _FIGURE.search(line))
    ]
    assert not loose, "\n".join(loose)


def test_links_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for number, line in Page.read(path).prose():
            for target in _LINK.findall(line):
                if re.match(r"https?:|mailto:", target):
                    continue
                file, _, anchor = target.partition("#")
                there = (path.parent / file).resolve() if file else path
                if not there.exists() or (anchor and anchor not in _anchors(there)):
                    broken.append(f"{page_id(path)}:{number}: {target}")
    assert not broken, "\n".join(broken)


def test_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    named = {
        (page_id(path), target)
        for path in pages()
        for _, line in Page.read(path).prose()
        for target in re.findall(r"`make (\w+)", line)
    }
    assert {t for t in named if t[1] not in targets} == set()


def _anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = [line.lstrip("#") for _, line in Page.read(path).prose() if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in heads}


def test_changelog_knows_the_version() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.*)"', project, re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
