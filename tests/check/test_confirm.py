"""What a TLC says that stays in its process is believed only where something else says the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvmtla.check import run
from kvmtla.check.confirm import differ
from kvmtla.check.results import Result
from kvmtla.check.run import Checker
from kvmtla.modules.point import Point
from kvmtla.tlc import Residents, RunOptions, TlcOutcome, Toolchain
from kvmtla.verdict import Kind, Verdict
from support.watching import Silent

from .test_joint import asked

EXPECT = (
    "holds(upwards), holds(low), violated(never_two), violated(not_from_one), "
    "holds(not_negative), holds(one_by_one), reached(two)"
)

Alter = Callable[[TlcOutcome], TlcOutcome]


def more_states(o: TlcOutcome) -> TlcOutcome:
    return replace(o, distinct=(o.distinct or 0) + 1)


def less_deep(o: TlcOutcome) -> TlcOutcome:
    return replace(o, depth=(o.depth or 0) - 1)


def all_is_well(o: TlcOutcome) -> TlcOutcome:
    return replace(o, verdict=Verdict.HOLDS, kind=None, name=None, trace=())


def nothing_is_well(o: TlcOutcome) -> TlcOutcome:
    return replace(o, verdict=Verdict.VIOLATED, kind=Kind.INVARIANT, name="low")


def not_known(o: TlcOutcome) -> TlcOutcome:
    return replace(o, verdict=Verdict.UNKNOWN, reason="it got lost")


def one_state_less(o: TlcOutcome) -> TlcOutcome:
    return replace(o, trace=o.trace[:-1], depth=(o.depth or 1) - 1)


def a_state_twice(o: TlcOutcome) -> TlcOutcome:
    twice = (*o.trace, *(replace(s, number=s.number + 1) for s in o.trace[-1:]))
    return replace(o, trace=twice, depth=(o.depth or 0) + 1)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[TlcOutcome]:
    """What those that stay have said, as it is asked for."""
    heard: list[TlcOutcome] = []
    real = Residents.run

    def listening(self: Residents, *args: Any) -> TlcOutcome | None:
        outcome = real(self, *args)
        if outcome is not None:
            heard.append(outcome)
        return outcome

    monkeypatch.setattr(Residents, "run", listening)
    return heard


def check(toolchain: Toolchain, points: list[Point], *, apart: bool = False) -> list[Result]:
    checker = Checker(toolchain, RunOptions(), jobs=2, cached=False, apart=apart)
    return list(map(essence, checker.check(points, Silent())))


def essence(result: Result) -> Result:
    """What is relied upon; how many states a search has seen that was ended early is not."""
    counted = result.verdict is Verdict.HOLDS
    return replace(
        result,
        seconds=0.0,
        distinct=result.distinct if counted else None,
        generated=None,
        searched=result.searched if counted else None,
    )


def test_it_says_what_each_says_alone(
    toolchain: Toolchain, tmp_path: Path, answers: list[TlcOutcome]
) -> None:
    points = asked(tmp_path, EXPECT)
    found = check(toolchain, points)
    assert len(answers) == 4
    assert found == check(toolchain, points, apart=True)
    assert len(answers) == 4


@pytest.mark.parametrize(
    "alter",
    [
        more_states,
        less_deep,
        all_is_well,
        nothing_is_well,
        not_known,
        one_state_less,
        a_state_twice,
    ],
)
def test_what_is_not_confirmed_is_asked_again(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alter: Alter
) -> None:
    points = asked(tmp_path, EXPECT)
    alone = check(toolchain, points, apart=True)
    real = Residents.run
    altered: list[bool] = []

    def lying(self: Residents, *args: Any) -> TlcOutcome | None:
        outcome = real(self, *args)
        assert outcome is not None
        altered.append(alter(outcome) != outcome)
        return alter(outcome)

    monkeypatch.setattr(Residents, "run", lying)
    assert check(toolchain, points) == alone
    assert any(altered)


def test_a_sample_is_asked_both_ways(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the second engine says the same."""
    points = asked(tmp_path, EXPECT)
    monkeypatch.setattr(run, "is_sampled", lambda _: True)
    assert check(toolchain, points) == check(toolchain, points, apart=True)

    def confirmed(*_: object) -> bool:
        return True

    real = Residents.run

    def lying(self: Residents, *args: Any) -> TlcOutcome | None:
        outcome = real(self, *args)
        assert outcome is not None
        return more_states(outcome)

    monkeypatch.setattr(Residents, "run", lying)
    monkeypatch.setattr(run.Confirmation, "holds_out", confirmed)
    found = check(toolchain, points)
    assert {r.verdict for r in found} == {Verdict.UNKNOWN}
    assert found[0].reason is not None
    assert found[0].reason.startswith(
        "TLC in a process that stays and in one of its own differ: distinct "
    )


def test_what_differs_is_named() -> None:
    one = TlcOutcome(Verdict.HOLDS, distinct=3, depth=2)
    assert differ(one, replace(one, seconds=2.0)) is None
    other = TlcOutcome(Verdict.VIOLATED, kind=Kind.INVARIANT, name="low", distinct=3, depth=2)
    said = differ(one, other)
    assert said is not None
    assert "verdict holds and violated" in said


def test_without_them_it_is_said(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = asked(tmp_path, EXPECT)
    alone = check(toolchain, points, apart=True)
    nowhere = tmp_path / "nowhere.jar"
    monkeypatch.setattr("kvmtla.tlc.residents.RESIDENT_JAR", nowhere)
    watcher = Silent()
    found = Checker(toolchain, RunOptions(), jobs=2, cached=False).check(points, watcher)
    assert list(map(essence, found)) == alone
    assert watcher.remarks == [
        "TLC was started anew for each question, which takes longer: "
        "Java ended before it gave an answer"
    ]
