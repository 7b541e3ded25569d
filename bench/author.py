"""How long an author waits: for a question on the command line, and after a save with --watch.

    PYTHONPATH=gen:spec python bench/author.py [--runs 5]

Prints a table in Markdown: the least of so many runs, in CPU seconds and by the clock. The question
is an invariant of one line, in the scenario that has the number of states that is shown. For
--watch, a module of a copy of the spec is saved; the time is from there to the verdict, without
what the machine does at the same time.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
INVARIANT = (
    "all(m.spte[gfn].mmu_writable or flush_owed.active(gfn) "
    "for cpu in Vcpu for gfn in Gfn if m.tlb[cpu][gfn].writable)"
)
QUESTIONS = [
    ("age", "--kernel", "5.19", "--method", "wp"),
    ("age_and_log_twice", "--kernel", "5.19", "--method", "pml"),
    ("age_and_log_2_vcpus", "--kernel", "6.15", "--method", "no_ad"),
    ("age_and_log_twice_3_vcpus", "--kernel", "6.15", "--method", "wp"),
]


def command(*words: str) -> list[str]:
    """A command line of the tool."""
    return [sys.executable, "-m", "kvmtla", *words]


def asked(question: tuple[str, ...]) -> tuple[float, float, str]:
    """CPU seconds, seconds by the clock, and the number of states."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    line = command("check", *question, "-i", INVARIANT)
    done = subprocess.run(line, capture_output=True, encoding="utf-8", check=True)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    states = re.search(r"all ([\d,]+) states", done.stdout)
    assert states is not None, done.stdout
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall, states[1]


def watched(question: tuple[str, ...], runs: int, folder: Path) -> list[float]:
    """Seconds by the clock from each of so many saves to the verdict."""
    copy = folder / "kvmspec"
    shutil.copytree(ROOT / "spec" / "kvmspec", copy)
    saved = copy / "invariants.py"
    line = command("--watch", "--spec", str(copy), "check", *question, "-i", INVARIANT)
    found = []
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for run in range(runs + 1):
            started = time.monotonic()
            if run:
                with saved.open("a", encoding="utf-8") as file:
                    file.write(f"# {run}\n")
            while "states" not in running.stdout.readline():
                pass
            if run:
                found.append(time.monotonic() - started)
            # What says that it waits again.
            while "waiting" not in running.stderr.readline():
                pass
        running.send_signal(signal.SIGTERM)
        running.communicate()
    return found


def main() -> None:
    """Measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    print("| | states | CPU s | s |\n|---|---|---|---|")
    for question in QUESTIONS:
        times = [asked(question) for _ in range(runs)]
        cpu, wall = min(t[0] for t in times), min(t[1] for t in times)
        print(f"| `check {question[0]}` | {times[0][2]} | {cpu:.2f} | {wall:.2f} |")
    with tempfile.TemporaryDirectory() as folder:
        saves = watched(QUESTIONS[-1], runs, Path(folder))
    print(f"| the last, after a save with `--watch` | | | {min(saves):.2f} |")


if __name__ == "__main__":
    main()
