"""Pages, made by the command as a user makes them, and a browser to open them in."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from kvmtla.ir.property import PropertyKind
from support.claims import SPEC, shuffled

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Taken now: other tests give themselves a cache of their own while they run.
GIVEN_CACHE = os.environ.get("KVMTLA_CACHE")
C3 = "C3-missed_dirty_page_pml-5.19-pml-dirty_implies_logged.html"
C4 = "C4-missed_dirty_page_wp-5.19-wp-dirty_implies_logged.html"
# Of which tests open pages, and of which the report needs some for every kernel.
_OPENED = ("clobbered_dirty_zap", "missed_dirty_page_pml", "missed_dirty_page_wp")
# A claim is chosen among those that are quickly checked.
_MOST_POINTS = 8


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for this run of pytest, the same in all of its processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pages"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def environment(shared_folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ("gen", "spec")),
        # Compiled once for all commands, and beside no source.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(shared_folder.parent / "bytecode"),
        # Where the tests of the documentation keep the same verdicts.
        "KVMTLA_CACHE": GIVEN_CACHE or str(shared_folder.parent / "docs" / "cache"),
    }


def _made(folder: Path, environment: dict[str, str], *words: object) -> Path:
    """What `kvmtla report` writes, made once for all processes."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "index.html").exists():
            line = [sys.executable, "-m", "kvmtla", *words, "-o", folder]
            done = subprocess.run(
                list(map(str, line)),
                env=environment,
                cwd=ROOT,
                capture_output=True,
                encoding="utf-8",
                timeout=600,
                check=False,
            )
            assert done.returncode in (0, 1), done.stderr
    return folder


def of_each_kind() -> list[str]:
    """The names of a claim for each kind of counterexample that the project's own spec has.

    A kind is that of the property, with the number of vCPUs. Which claim it is, the seed says; with
    `KVMTLA_ALL`, it is every claim.
    """
    if os.environ.get("KVMTLA_ALL"):
        return [c.name for c in SPEC.claims]
    found: dict[tuple[PropertyKind | None, int], str] = {}
    for claim in shuffled(SPEC.claims):
        if len(claim.points) <= _MOST_POINTS:
            for p in claim.points:
                if p.expected in ("violated", "reached"):
                    vcpus = claim.scenario.sizes.get("Vcpu", 1)
                    found.setdefault((p.property.property, vcpus), claim.name)
    return [*dict.fromkeys([*_OPENED, *found.values()])]


@pytest.fixture(scope="session")
def report(shared_folder: Path, environment: dict[str, str]) -> Path:
    """The report on claims of the project's own spec, of each kind that is violated."""
    return _made(shared_folder / "report", environment, "report", *of_each_kind())


@pytest.fixture(scope="session")
def hostile(shared_folder: Path, environment: dict[str, str]) -> Path:
    """The report on a spec whose every text means harm."""
    spec = HERE / "specs" / "hostile.py"
    return _made(shared_folder / "hostile", environment, "--spec", spec, "report")


@pytest.fixture(scope="session")
def chromium(shared_folder: Path) -> str:
    """The program; installed where it is missing, and an error where that cannot be done."""
    with (shared_folder / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["sh", ROOT / "tools" / "chromium.sh"],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    # The sandbox needs rights that a container does not give; only our own pages are opened.
    started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield started
    started.close()


@dataclass
class Reader:
    """Somebody who reads a page; `complaints` is whatever the browser did not like."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, file: Path, place: str = "") -> None:
        """Opens a file, at a place in it."""
        self.page.goto("about:blank")
        self.page.goto(file.as_uri() + place)
        self.page.wait_for_selector("#main:visible, .index")

    @property
    def step(self) -> int:
        """The number of the step that is shown, which all parts of the page agree on."""
        rows = self.page.locator("#lanes tbody tr[aria-current=step]")
        assert rows.count() == 1
        number = int(rows.locator("th").inner_text())
        assert self.page.locator("#slider").input_value() == str(number)
        assert self.page.locator("#count").inner_text().startswith(f"{number}/")
        assert f"#step={number}" in self.page.url
        return number

    def text(self, selector: str) -> str:
        """The visible text of an element."""
        return self.page.locator(selector).inner_text()

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    """A reader with a large screen, who must not see a single error."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, color_scheme="light")
    found = Reader(context.new_page())

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    found.page.on("console", console)
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda r: _seen(found, r.url))
    found.page.on("dialog", lambda d: (found.complaints.append(d.message), d.dismiss()))
    found.page.set_default_timeout(10_000)
    yield found
    context.close()
    assert not found.complaints


def _seen(reader: Reader, url: str) -> None:
    if not url.startswith(("file:", "about:")):
        reader.complaints.append(f"asks for {url}")
