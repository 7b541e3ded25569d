"""The site that is made of the pages: all of them are in it, and so is all that they lead to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from .conftest import ROOT

DOCS = ROOT / "docs"


def build(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` does."""
    dry = subprocess.run(
        ["make", "-n", "--no-print-directory", "docs"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    (line,) = (w for w in dry.stdout.splitlines() if "sphinx-build" in w)
    _, *options = line.split()
    assert options[-2:] == ["docs", "site"]
    options[options.index("-d") + 1] = str(site.with_suffix(".doctrees"))
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options[:-2], str(docs), str(site)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


class Reader(HTMLParser):
    """The links of a page, what it loads, and the places in it that a link can lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {n: v for n, v in attributes if v is not None}
        self.ids |= {given[n] for n in ("id", "name") if n in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given or (tag == "link" and "href" in given):
            self.loads.append(given.get("src", given.get("href", "")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = build(DOCS, folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_all_is_there(site: Path) -> None:
    pages = {p: Reader(p.read_text(encoding="utf-8")) for p in site.rglob("*.html")}
    made = {p.relative_to(site).with_suffix(".md").as_posix() for p in pages}
    assert {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")} <= made
    broken = []
    for page, read in pages.items():
        for link in read.links + read.loads:
            parts = urlsplit(link)
            if parts.scheme:
                if parts.scheme == "data":
                    continue
                # Where there is no network, the site is as good.
                assert link in read.links, f"{page.name} loads {link}"
                continue
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            ids = pages[there].ids if there in pages else set()
            known = not parts.fragment or unquote(parts.fragment) in ids
            if not there.exists() or not known:
                broken.append(f"{page.relative_to(site)}: {link}")
    assert not broken, "\n".join(broken)
    start = pages[site / "index.html"]
    reached = {urlsplit(link).path for link in start.links}
    assert {p.relative_to(DOCS).with_suffix(".html").as_posix() for p in DOCS.glob("*.md")} - {
        "index.html"
    } <= reached


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("conf.py", "site.css"):
        shutil.copy(DOCS / name, docs)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    text = "# A\n\n## B\n\n- [C](c.md)\n- [D](c.md#{})\n"
    (docs / "c.md").write_text("# C\n\n## Here\n", encoding="utf-8")
    for anchor, wrong in (("here", False), ("there", True)):
        (docs / "index.md").write_text(text.format(anchor), encoding="utf-8")
        done = build(docs, tmp_path / "site")
        assert (done.returncode != 0) is wrong, done.stderr
        assert ("there" in done.stderr) is wrong
