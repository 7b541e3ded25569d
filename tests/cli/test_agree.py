"""`kvmtla agree` on a small spec with every sort of verdict in it."""

from __future__ import annotations

from typing import Any

from kvmtla.tlc import Toolchain


def test_table(kvmtla: Any, counter: str) -> None:
    done = kvmtla("agree", spec=counter)
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.partition("\n\n")[0].splitlines()]
    assert rows[0] == [
        *("claim", "way", "property", "verdict", "states", "depth", "steps", "TLC", "engine"),
    ]
    assert [r[:5] for r in rows[1:]] == [
        ["L1", "lost", "plain", "nothing_lost", "violated"],
        ["L1", "lost", "atomic", "nothing_lost", "holds"],
        ["L1", "lost", "plain", "nothing_counted", "violated"],
        ["L1b", "found", "atomic", "nothing_lost", "holds"],
        ["L2", "crossed", "plain", "nothing_lost", "stuck"],
        ["L3", "wrong", "plain", "nothing_lost", "violated"],
    ]
    assert done.stdout.splitlines()[-1] == "TLC and the second engine agree on all 6 verdicts."


def test_a_difference(kvmtla: Any, counter: str, toolchain: Toolchain) -> None:
    java = kvmtla.folder / "java"
    java.write_text(
        f"#!/bin/sh\nJAVA='{toolchain.java.path}'\n"
        'case "$*" in *-version*|*Nothing|*-dump*) exec "$JAVA" "$@";; esac\n'
        '"$JAVA" "$@" >"$0.out"; status=$?\n'
        "sed 's/[0-9]* distinct states found/3 distinct states found/' \"$0.out\"; exit $status\n",
        encoding="utf-8",
    )
    java.chmod(0o755)
    done = kvmtla("agree", "L1b", "--no-cache", "--java", java, spec=counter)
    assert done.returncode == 1
    assert "! L1b found, way atomic: nothing_lost: states: TLC 3, the engine " in done.stdout
    assert "So does TLC; what they say of them is what differs." in done.stdout
    assert done.stdout.splitlines()[-1] == "TLC and the second engine agree on 0 of 1 verdicts."


def test_what_cannot_be_compared(kvmtla: Any, endless: str) -> None:
    done = kvmtla("agree", "--timeout", "2", spec=endless)
    assert done.returncode == 3
    assert "cannot be compared:" in done.stdout


def test_selection(kvmtla: Any, counter: str) -> None:
    done = kvmtla("agree", "L1b", "--no-reduction", spec=counter)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "TLC and the second engine agree on the verdict."
    assert kvmtla("agree", "L9", spec=counter).returncode == 2


def test_algorithms(kvmtla: Any, counter: str) -> None:
    done = kvmtla("agree", "--pluscal", "--most", "20", spec=counter)
    assert done.returncode == 0
    table, _, said = done.stdout.partition("\n\n")
    assert [line.split(maxsplit=3) for line in table.splitlines()] == [
        ["module", "states", "steps", "graphs"],
        ["adders_plain", "too", "many", "states"],
        ["adders_atomic", "too", "many", "states"],
        ["crossed_plain", "9", "10", "the same"],
    ]
    assert said.splitlines() == [
        "The algorithms of 1 of 3 modules have the state graph of their models: "
        "9 states, 10 steps.",
        "2 have more than 20 states, and were left out.",
    ]


def test_an_algorithm_that_differs(kvmtla: Any, counter: str, toolchain: Toolchain) -> None:
    java = kvmtla.folder / "java"
    java.write_text(
        f"#!/bin/sh\n'{toolchain.java.path}' \"$@\"; status=$?\n"
        'for a; do test -f "$a.dot" && sed -i "s/one = -1/one = 0/" "$a.dot"; done\n'
        "exit $status\n",
        encoding="utf-8",
    )
    java.chmod(0o755)
    done = kvmtla("agree", "L2", "--pluscal", "--java", java, spec=counter)
    assert done.returncode == 1
    assert "! crossed_plain:" in done.stdout
    assert " of 9 states are not the algorithm's, such as:" in done.stdout
    assert "    one       " in done.stdout
    assert "The algorithms of 0 of 1 modules have the state graph" in done.stdout


def test_an_algorithm_that_tlc_does_not_get_through(kvmtla: Any, counter: str) -> None:
    done = kvmtla("agree", "L2", "--pluscal", "--timeout", "0.3", spec=counter)
    assert done.returncode == 3
    assert "? crossed_plain cannot be compared:" in done.stdout


def test_a_constant_that_has_its_default_in_some_points(kvmtla: Any, counter: str) -> None:
    """It is not mentioned in the settings of these."""
    spec = counter.replace(
        'way = constant("way", Way, ', 'way = constant("way", Way, default=Way.PLAIN, doc='
    )
    assert spec != counter
    done = kvmtla("agree", "L1", spec=spec)
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.split("\n\n")[0].splitlines()
    at = head.index("way")
    assert [row[at : at + 6].strip() for row in rows] == ["", "atomic", ""]
