"""What the pages of all counterexamples take: to be made, to be opened, to be stepped through.

    PYTHONPATH=gen:spec python bench/pages.py [CLAIM ...] [--slowest 5]

Prints a table in Markdown, the worst of each first: the page's size, the CPU seconds that it takes
to make beyond the counterexample itself, the milliseconds until a browser has drawn it, the longest
of its steps, the complaints of the browser, and the width of the commit form. Needs Chromium, as
the tests do. Verdicts are taken from the cache where they are known.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from kvmspec import project
from kvmtla.api import claims, run
from kvmtla.check.results import Result, label
from kvmtla.cli.forms import Telling, html
from kvmtla.front.scenario import read_project
from kvmtla.tlc import find_toolchain
from kvmtla.trace import commit_form

ROOT = Path(__file__).parents[1]
# What the slowest step takes to be drawn; of each the best of several times, since a machine has
# other things to do as well.
STEPPING = """() => {
    const times = [];
    const steps = Number(document.getElementById("slider").max);
    const press = (key) => {
        const begin = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        document.body.getBoundingClientRect();
        return performance.now() - begin;
    };
    for (let round = 0; round < 4; round++) {
        press("Home");
        for (let i = 0; i < steps; i++) times[i] = Math.min(times[i] ?? Infinity, press("j"));
    }
    return Math.max(...times);
}"""


@dataclass(frozen=True)
class Measured:
    """What one page takes."""

    name: str
    kilobytes: float
    made: float
    opened: float
    step: float
    complaints: int
    columns: int


def measured(result: Result, browser: Browser, folder: Path) -> Measured:
    """The figures of the page of a counterexample."""
    trace = result.trace
    assert trace is not None
    columns = max(map(len, commit_form(trace).splitlines()))
    telling = Telling(result, trace, False, "kvmtla show", ROOT / "spec", find_toolchain())
    begin = time.process_time()
    text = html(telling)
    made = time.process_time() - begin
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1600, "height": 1000})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type != "log" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(file.as_uri())
    page.wait_for_selector("#lanes tbody tr[aria-current]")
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    step = page.evaluate(STEPPING)
    page.close()
    size = len(text.encode()) / 1000
    return Measured(label(result.point), size, made, opened, step, len(complaints), columns)


def rows(found: list[Measured], most: int) -> Iterator[str]:
    """The table: the worst of each kind, and how many there are in all."""
    yield "| counterexample | kB | made, CPU s | opened, ms | step, ms | errors | columns |"
    yield "|---|---|---|---|---|---|---|"
    kinds = ("kilobytes", "made", "opened", "step", "columns")
    worst = [m for k in kinds for m in sorted(found, key=lambda m: -getattr(m, k))[:most]]
    for m in dict.fromkeys(worst):
        figures = f"{m.kilobytes:.0f} | {m.made:.2f} | {m.opened:.0f} | {m.step:.1f}"
        yield f"| {m.name} | {figures} | {m.complaints} | {m.columns} |"
    worst_of = [max(getattr(m, k) for m in found) for k in kinds]
    errors = sum(m.complaints for m in found)
    figures = "{:.0f} | {:.2f} | {:.0f} | {:.1f}".format(*worst_of[:4])
    yield f"| the worst of all {len(found)} | {figures} | {errors} | {worst_of[4]} |"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", nargs="*")
    parser.add_argument("--slowest", type=int, default=1)
    given = parser.parse_args()
    # Read once before anything is measured.
    read_project(project)
    results = [r for r in run(claims(*given.claims)) if r.states]
    chromium = subprocess.run(
        ["sh", ROOT / "tools" / "chromium.sh"], capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = [measured(r, browser, Path(folder)) for r in results]
        browser.close()
    print("\n".join(rows(found, given.slowest)))


if __name__ == "__main__":
    main()
