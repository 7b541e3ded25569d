"""`kvmtla verify` on a small spec with every sort of verdict in it, and on the real one."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from kvmtla.tlc import Toolchain

KEYS = [
    *("claim", "way", "property", "expected", "verdict", "reason", "depth", "distinct"),
    *("generated", "premise", "stuck", "seconds", "cached", "loop", "trace"),
]

# What TLC writes is changed, its exit status is not.
ALTERED = '"$JAVA" "$@" >"$0.out"; status=$?; sed'


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.partition("\n\n")[0].splitlines()]


def test_table(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "--long", "--no-cache", "--vacuity", "ignore", spec=counter)
    assert done.returncode == 1
    head, *found = rows(done.stdout)
    assert head == ["claim", "way", "property", "expected", "verdict", "steps", "states", "seconds"]
    assert [r[:-2] if r[0] != "?" else r[:-3] for r in found] == [
        ["L1", "lost", "plain", "nothing_lost", "violated", "violated", "6"],
        ["L1", "lost", "atomic", "nothing_lost", "holds", "holds"],
        ["L1", "lost", "plain", "nothing_counted", "violated", "violated", "2"],
        ["L1b", "found", "atomic", "nothing_lost", "holds", "holds"],
        ["?", "L2", "crossed", "plain", "nothing_lost", "holds", "unknown"],
        ["!", "L3", "wrong", "plain", "nothing_lost", "holds", "violated", "6"],
    ]
    assert done.stdout.partition("\n\n")[2].splitlines() == [
        "? L2 crossed, way plain: nothing_lost is unknown:",
        "    forth and back can never go on: stuck in the middle of an operation after 2 steps",
        "! L3 wrong, way plain: nothing_lost is violated, expected holds",
        "Of 6 verdicts 4 are as expected, 1 is not, 1 is unknown.",
        "To see a counterexample: kvmtla show L3 --spec ./some_spec.py --way plain",
    ]
    # Claims that ask the same of the same module share a run, and are told one by one.
    assert sorted(line[:4] for line in done.stderr.splitlines()) == [f"{n}/6 " for n in range(1, 7)]


def test_a_default_is_an_empty_cell(kvmtla: Any, counter: str) -> None:
    spec = counter.replace('is written")', 'is written", default=Way.ATOMIC)')
    done = kvmtla("verify", "--long", "L1", spec=spec)
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if "L1 lost" in line]
    assert [line.split()[2] for line in lines] == ["plain", "nothing_lost", "plain"]


MATRIX = """\
a mail
                        plain         atomic
  L1 lost  (2 tasks; each task once)
     nothing_lost       violated 6    holds 24
     nothing_counted    violated 2    -
  L1b found  (2 tasks; each task once)
     nothing_lost       -             holds 24
  L2 crossed  (1 task; forth once; back once)
     nothing_lost       ? unknown     -
  L3 wrong  (2 tasks; each task once)
     nothing_lost       ! violated 6  -

violated N: in N steps; holds N: in all N states
"""


def test_matrix(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", spec=counter)
    assert done.returncode == 1
    assert done.stdout.startswith(MATRIX)


def test_json(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "L1", "L2", "--json", "out ä.json", spec=counter)
    assert done.returncode == 3
    report = json.loads((kvmtla.folder / "out ä.json").read_text(encoding="utf-8"))
    assert report["schema_version"] == 1
    lost, safe, counted, crossed = report["results"]
    assert all(list(r) == KEYS for r in report["results"])
    assert (lost["claim"], lost["way"], lost["property"]) == ("L1 lost", "plain", "nothing_lost")
    assert (lost["expected"], lost["verdict"], lost["reason"]) == ("violated", "violated", None)
    assert lost["depth"] == len(lost["trace"]) == 6
    assert counted["property"] == "nothing_counted"
    assert counted["depth"] == 2
    assert (safe["verdict"], safe["trace"]) == ("holds", None)
    assert isinstance(safe["depth"], int)
    assert safe["generated"] >= safe["distinct"] > safe["depth"]
    assert crossed["verdict"] == "unknown"
    assert "can never go on" in crossed["reason"]
    assert (crossed["stuck"], lost["stuck"]) == (["forth", "back"], [])
    assert {s["text"] for s in crossed["trace"]} == {"write_lock(one)", "write_lock(two)"}
    step = lost["trace"][-1]
    assert step["operation"] == "add"
    assert step["actor"].startswith("task ")
    assert step["file"] == "some_spec.py"
    assert step["kernel_source"] == "lib/counter.c:add"
    assert counter.splitlines()[step["line"] - 1].strip() == "WRITE_ONCE(m.done[me], True)"
    change = next(c for c in step["changes"] if c["local"] is None)
    assert list(change) == ["place", "field", "before", "after", "local"]
    assert change["place"].startswith("done[task ")
    assert (change["field"], change["before"], change["after"]) == ("", "0", "1")


def test_json_on_standard_output_has_it_for_itself(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "L1b", "--json", "-", spec=counter)
    assert len(json.loads(done.stdout)["results"]) == 1
    assert "L1b found" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "claims", "status"),
    [
        (["l1"], {"L1 lost"}, 0),
        (["L1*"], {"L1 lost", "L1b found"}, 0),
        (["L1b found"], {"L1b found"}, 0),
        (["wrong", "L1b"], {"L1b found", "L3 wrong"}, 1),
        (["L2"], {"L2 crossed"}, 3),
        (["L2", "L3"], {"L2 crossed", "L3 wrong"}, 1),
        (["L1b", "L3", "--way", "atomic", "--way", "plain"], {"L1b found", "L3 wrong"}, 1),
    ],
)
def test_selection_and_exit_status(
    kvmtla: Any, counter: str, arguments: list[str], claims: set[str], status: int
) -> None:
    done = kvmtla("verify", *arguments, "--json", "-", spec=counter)
    assert {r["claim"] for r in json.loads(done.stdout)["results"]} == claims
    assert done.returncode == status


def test_a_claim_without_the_setting_is_named(kvmtla: Any, counter: str) -> None:
    done = kvmtla("verify", "L1", "L3", "--way", "atomic", spec=counter)
    assert done.returncode == 0
    assert "note: L3 wrong claims nothing for way atomic" in done.stderr
    # Of a pattern that means others as well, nothing is missed.
    done = kvmtla("verify", "L*", "--way", "atomic", spec=counter)
    assert done.returncode == 0
    assert "note:" not in done.stderr


def test_cache(kvmtla: Any, counter: str) -> None:
    # A name that no other test has, so that nothing is known yet.
    text = counter.replace('Actor("adder"', 'Actor("cached_adder"')
    assert text != counter
    first = kvmtla.results("L1", "L2", spec=text)
    again = kvmtla.results("L1", "L2", spec=text)
    assert [r["cached"] for r in first][:3] == [False] * 3
    # That somebody is stuck in L2, TLC is not asked about: what it says is kept.
    assert [r["verdict"] for r in again][3] == "unknown"
    assert [r["cached"] for r in again] == [True] * 4
    for a, b in zip(first, again, strict=True):
        assert {**a, "cached": True, "seconds": b["seconds"]} == b
    done = kvmtla("verify", "L1", "-l", spec=text)
    assert done.stdout.count("  cached\n") == 3
    assert "All 3 verdicts are as expected (all from the cache)." in done.stdout
    assert not done.stderr


def test_no_cache_neither_reads_nor_writes(kvmtla: Any, counter: str) -> None:
    text = counter.replace('Actor("adder"', 'Actor("uncached_adder"')
    assert text != counter
    for options in (["--no-cache"], [], ["--no-cache"]):
        found = kvmtla.results("L1b", *options, spec=text)
        assert [r["cached"] for r in found] == [False]


def test_no_reduction_changes_no_verdict(kvmtla: Any, counter: str) -> None:
    plain = kvmtla.results("L1", spec=counter)
    full = kvmtla.results("L1", "--no-reduction", spec=counter)
    assert [r["verdict"] for r in full] == [r["verdict"] for r in plain]
    assert sum(r["distinct"] for r in full) > sum(r["distinct"] for r in plain)


def test_timeout_is_unknown(kvmtla: Any, endless: str) -> None:
    found = kvmtla.results("--timeout", "2", spec=endless)
    assert [r["verdict"] for r in found] == ["unknown", "unknown"]
    assert {r["reason"] for r in found} == {"TLC did not finish within 2 seconds"}
    assert [r["trace"] for r in found] == [None, None]


def test_an_integer_that_leaves_its_bounds_is_unknown(kvmtla: Any, counter: str) -> None:
    text = counter.replace("Between(0, 2)", "Between(0, 1)").replace("m.count, 2)", "m.count, 1)")
    (found,) = kvmtla.results("lost", "--way", "plain", spec=text)[:1]
    assert found["verdict"] == "unknown"
    line = 1 + text.splitlines().index("            WRITE_ONCE(m.count, old + 1)")
    assert found["reason"] == (
        f"count gets the value 2, beyond its bounds 0 and 1, at some_spec.py:{line}"
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -9 $$;", "killed by signal 9"),
        ("status=0; echo rubbish;", "rubbish"),
        # A module with a variable of another name is not the one that was given.
        (f"{ALTERED} 's/ adder = / other = /'", "other"),
        # What was said of one configuration is not an answer for another.
        (f"{ALTERED} s/nothing_counted/TypeOK/", "defect of the generated module"),
        # A step that the model does not have.
        (f"{ALTERED} 's/count = 1/count = 2/'", "does not replay"),
    ],
)
def test_java_that_goes_wrong_is_unknown(
    kvmtla: Any, counter: str, toolchain: Toolchain, script: str, reason: str
) -> None:
    java = kvmtla.folder / "some java"
    java.write_text(
        f"#!/bin/sh\nJAVA='{toolchain.java.path}'\n"
        'case "$*" in *-version*|*Nothing) exec "$JAVA" "$@";; esac\n'
        f'{script} "$0.out"; exit $status\n',
        encoding="utf-8",
    )
    java.chmod(0o755)
    arguments = ("--no-cache", "--java", java)
    text = counter.replace("violated(nothing_lost", "holds(nothing_lost")
    text = text.replace("holds(nothing_lost, way=Way.PLAIN),", "", 1)
    done = kvmtla("verify", "lost", "--way", "plain", "--long", *arguments, spec=text)
    assert done.returncode == 3
    assert done.stdout.splitlines()[1].split()[:7] == (
        ["?", "L1", "lost", "plain", "nothing_counted", "violated", "unknown"]
    )
    assert reason in done.stdout
    assert "The verdict is unknown." in done.stdout


def test_two_at_once_in_one_folder(kvmtla: Any, counter: str) -> None:
    own = {**kvmtla.environment, "KVMTLA_CACHE": str(kvmtla.folder / "cache")}
    line = kvmtla.line("verify", "L1b", "--json", "same.json", spec=counter)
    both = [
        subprocess.Popen(line, cwd=kvmtla.folder, env=own, stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    for process in both:
        out, _ = process.communicate(timeout=100)
        assert process.returncode == 0
        assert "The verdict is as expected." in out
    assert len(json.loads((kvmtla.folder / "same.json").read_text())["results"]) == 1
