"""A spec whose mutants are all known: what becomes of each, for real, and what TLC says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvmtla.check.run import Checker
from kvmtla.front.scenario import Spec, read_project
from kvmtla.mutate import Campaign, Fate, confirm, killed_by
from kvmtla.tlc import RunOptions, find_toolchain
from support.specs import load, project_of
from support.watching import Silent

HERE = Path(__file__).parent
GEN = HERE.parents[1] / "gen"

Mutate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, box_text: str) -> Path:
    made = tmp_path_factory.mktemp("box")
    (made / "box.py").write_text(box_text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def mutate(folder: Path) -> Mutate:
    """Runs `kvmtla mutate` on the box."""

    def run(*arguments: str, spec: str = "./box.py") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kvmtla", "--spec", spec, "mutate", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(GEN), "KVMTLA_CACHE": str(folder / "cache")},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def first(mutate: Mutate) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """The whole of it, with TLC, and its JSON."""
    done = mutate("--json", "-")
    return done, json.loads(done.stdout)


def fates(report: dict[str, Any]) -> str:
    """What became of each mutant, as in `box.txt`."""
    lines = []
    for m in report["mutants"]:
        lines += [f"{m['function']}: {m['operator']}", f"  - {m['before']}"]
        lines += [f"  + {m['after']}"] if m["after"] else []
        lost = sorted({p for w in m["seen"] for p in w["lost"]})
        kills = [f"{p} in {n}" for p, n in m["kills"].items()]
        lines.append(f"  {m['fate']}{': ' if kills or lost else ''}{', '.join(kills + lost)}")
    return "\n".join(lines) + "\n"


def test_what_becomes_of_each(first: tuple[Any, dict[str, Any]]) -> None:
    assert fates(first[1]) == (HERE / "box.txt").read_text(encoding="utf-8")


def test_tlc_confirms_all_that_survive(first: tuple[Any, dict[str, Any]]) -> None:
    for m in first[1]["mutants"]:
        said = m["tlc"]
        assert (said is not None) is (m["fate"] == "survived")
        assert said is None or (said["verdict"], said["agrees"]) == ("holds", True)


def test_the_report(first: tuple[subprocess.CompletedProcess[str], Any]) -> None:
    done, report = first
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert "26 mutants of 5 functions, in 1 world" in lines
    at = next(i for i, line in enumerate(lines) if line.endswith("take()  not atomic"))
    assert lines[at + 1 : at + 6] == [
        "  - old = xchg(m.slot, EMPTY)",
        "  + old = __xchg(m.slot, EMPTY)",
        "  differs in world",
        "  asked in 1 world of 1 scenario",
        "  TLC: said_if_full holds in all 31 states",
    ]
    assert lines[-2:] == [
        "Of 26 mutants, 5 are the same as the original.",
        "Of 21 that differ, killed: 7, noticed: 4: 52.4 %.",
    ]
    assert report["counts"]["killed"] == 7


def test_what_is_known_is_not_judged_again(
    first: tuple[Any, dict[str, Any]], mutate: Mutate
) -> None:
    again = mutate("--json", "-", "--at-least", "45")
    assert again.returncode == 0
    assert json.loads(again.stdout) == first[1]
    fewer = mutate("--sample", "5", "--no-tlc", "--json", "-")
    other = mutate("--sample", "5", "--no-tlc", "--seed", "1", "--json", "-")
    known = {m["name"]: m["fate"] for m in first[1]["mutants"]}
    chosen = [
        {m["name"]: m["fate"] for m in json.loads(d.stdout)["mutants"]} for d in (fewer, other)
    ]
    assert [len(c) for c in chosen] == [5, 5]
    assert chosen[0] != chosen[1]
    assert all(c.items() <= known.items() for c in chosen)


def test_mistakes(mutate: Mutate) -> None:
    done = mutate("wrold")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'world'?" in done.stderr


def test_api(box: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each property kills is known once a campaign has been run, and not before."""
    monkeypatch.setenv("KVMTLA_CACHE", str(tmp_path))
    assert killed_by(box, tmp_path, "said_if_full") is None
    campaign = Campaign(box, tmp_path)
    found = campaign.run(jobs=1)
    assert campaign.idle(found) == []
    kills = killed_by(box, tmp_path, "said_if_full")
    assert kills is not None
    assert [(k.mutant.change.operator, k.steps) for k in kills] == [
        ("left out", 2),
        ("moved", 2),
        ("nothing stored", 6),
        ("lock not taken", 9),
        ("not atomic", 9),
        ("lock not taken", 9),
    ]
    # In two processes and in all worlds, the same.
    assert Campaign(box, tmp_path, everywhere=True, cached=False).run(jobs=2) == found
    assert sum(f.fate is Fate.KILLED for f in found.values()) == 7


def test_what_is_claimed_wrongly_is_not_disputed(box_text: str, tmp_path: Path) -> None:
    """TLC is compared with what the second engine says of the mutant, not with what is claimed."""
    whole = "[holds(said_if_full), holds(sealed_if_full), violated(never_sealed)]"
    assert whole in box_text
    text = box_text.replace(whole, "[violated(sealed_if_full)]")
    spec = read_project(project_of(load(tmp_path, text)))
    campaign = Campaign(spec, tmp_path, cached=False)
    found = campaign.run(jobs=1)
    survivors = [
        (m, found[m.name]) for m in campaign.mutants if found[m.name].fate is Fate.SURVIVED
    ]
    checker = Checker(find_toolchain(), RunOptions(), 1, cached=False)
    said = confirm(spec, tmp_path, campaign.worlds, survivors[:3], checker, Silent())
    assert [(c.result.said, c.found, c.result.expected) for c in said] == [
        ("holds", "holds", "violated")
    ] * 3
    assert all(c.agrees and not c.disputed for c in said)
