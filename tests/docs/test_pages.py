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
    apply,
    brought_up_to_date,
    made_as_a_whole,
    matches,
    page_id,
    pages,
)

Change = tuple[int, int, list[str]]

# A figure of states or steps in a sentence; those belong where they are compared with real ones.
_FIGURE = re.compile(r"\b\d[\d,]*( distinct)? (states|steps)\b")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize(
    "path", [p for p in pages() if not made_as_a_whole(p) and Page.read(p).blocks()], ids=page_id
)
def test_blocks_are_real(
    path: Path, session: Session, updating: bool, request: pytest.FixtureRequest
) -> None:
    page = Page.read(path)
    if "$ make verify" in page.lines:
        # Found out once, and not at the same time by several.
        request.getfixturevalue("verdicts")
    changes: list[Change] = []
    faults: list[str] = []
    for block in page.blocks():
        where = f"{page_id(path)}:{block.first}"
        if block.language == "console":
            for change, fault in _console(block, session):
                changes.append(change)
                faults.append(f"{where}: {fault}")
        elif not (_is_definition(block) or _is_cell(block)):
            apply(block, session, where)
    # By now, commands have written the modules.
    for block in filter(_is_definition, page.blocks()):
        for change, fault in _definitions(block, session):
            changes.append(change)
            faults.append(f"{page_id(path)}:{block.first}: {fault}")
    for change, fault in _cells(page.blocks(), session):
        changes.append(change)
        faults.append(f"{page_id(path)}:{fault}")
    if updating:
        page.replace(changes)
    else:
        assert not faults, "\n".join(faults)


def _is_cell(block: Block) -> bool:
    return "cell" in block.options or "out" in block.options


def _cells(blocks: list[Block], session: Session) -> Iterator[tuple[Change, str]]:
    """What would have to be changed in what the cells of a page show, and why."""
    cells = [b for b in blocks if "cell" in b.options]
    if not cells:
        return
    shown = session.cells(["\n".join(c.lines) for c in cells])
    for cell, one in zip(cells, shown, strict=True):
        out = blocks[blocks.index(cell) + 1]
        assert "out" in out.options, f"{cell.first}: what does this cell show?"
        real = [line.rstrip() for line in (one["text"] or "").splitlines()]
        for change, fault in _compared(out.lines, real, out.first):
            yield change, f"{cell.first}: {fault}"


def _is_definition(block: Block) -> bool:
    return block.language == "tla" and "of" in block.options


def _definitions(block: Block, session: Session) -> Iterator[tuple[Change, str]]:
    """What would have to be changed in a block of definitions, and why."""
    names = block.options["of"].split(",")
    found = [session.definition(block.options["in"], name) for name in names]
    real = [line for one in found for line in ["", *one]][1:]
    yield from _compared(block.lines, real, block.first)


def _compared(shown: list[str], real: list[str], first: int) -> Iterator[tuple[Change, str]]:
    """What would have to be changed in lines of which the first has this number, and why."""
    if not matches(shown, real):
        new = brought_up_to_date(shown, real)
        difference = difflib.unified_diff(shown, new, "shown", "real", lineterm="")
        yield (first, first + len(shown), new), "\n".join(difference)


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
        for change, fault in _compared(shown, real, block.first + start + 1):
            yield change, f"$ {command}\n{fault}"


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
