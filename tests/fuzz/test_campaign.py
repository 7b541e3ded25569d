"""Random specifications: whoever answers, and whatever is reduced, says the same.

`KVMTLA_RANDOM_SPECS` says how many there are to be (300 if it is not set), `KVMTLA_RANDOM_SEED`
which is the first.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kvmtla.errors import SpecError
from kvmtla.fuzz import campaign
from kvmtla.fuzz.compare import ALONE, DEFAULT, NONE, Compared, TooBigError, compare
from kvmtla.fuzz.specification import seeded, specification
from kvmtla.tlc import find_toolchain

MODELS = int(os.environ.get("KVMTLA_RANDOM_SPECS", "300"))
SEED = int(os.environ.get("KVMTLA_RANDOM_SEED", "0"))
CHUNK = 25
ALL = bool(os.environ.get("KVMTLA_ALL"))
# About which not all said the same, once: TLC could not parse what was printed, or took for
# constant what a condition left unread.
ONCE_DIFFERENT = (458, 527, 549, 604, 818)


def _variants(chunk: int) -> tuple[str, ...]:
    """With the default reductions, with none, and with two of those alone, in turn."""
    always, alone = (DEFAULT, NONE), [v for v in ALONE if v not in (DEFAULT, NONE)]
    if ALL:
        return ALONE
    return (*always, *(alone[(2 * chunk + i) % len(alone)] for i in range(2)))


@pytest.mark.parametrize("chunk", range(-(-MODELS // CHUNK)))
def test_all_agree(chunk: int, record_property: Callable[[str, object], None]) -> None:
    first = SEED + chunk * CHUNK
    found = campaign.run(
        find_toolchain(), range(first, first + CHUNK), jobs=1, variants=_variants(chunk)
    )
    assert list(found.faults()) == []
    assert found.compared > CHUNK // 2
    record_property("random models of the whole language compared", found.compared)


def test_what_once_differed_does_not() -> None:
    found = campaign.run(find_toolchain(), ONCE_DIFFERENT, jobs=1, variants=ALONE)
    assert list(found.faults()) == []
    assert found.compared == len(ONCE_DIFFERENT)


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False), st.integers(0, 1))
def test_a_small_one_is_found_where_they_do_not(
    tmp_path_factory: pytest.TempPathFactory, r: random.Random, size: int
) -> None:
    """Hypothesis makes a specification smaller on which they differ."""
    folder = tmp_path_factory.mktemp("spec")
    try:
        found = compare(specification(r, size), folder.name, folder)
    except (SpecError, TooBigError):
        assume(False)
    assert found.differences == []


def _small() -> int:
    """The first specification that can be compared."""
    found = campaign.run(find_toolchain(), range(4), jobs=1)
    return next(r.seed for r in found.records if r.status == campaign.COMPARED)


def test_what_is_known_is_not_found_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain = find_toolchain()
    said: list[str] = []
    first = campaign.run(toolchain, range(3), jobs=1, kept=tmp_path, said=said.append)
    assert (first.known, len(said)) == (0, 1)
    assert said[0].startswith("3 of 3, 0 with differences, about ")
    (file,) = tmp_path.iterdir()
    # A line that was cut short is as none.
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole[:-20], encoding="utf-8")
    again = campaign.run(toolchain, range(3), jobs=1, kept=tmp_path)
    assert again.known == 2
    assert [r.status for r in again.records] == [r.status for r in first.records]
    assert [r.kinds for r in again.records] == [r.kinds for r in first.records]


def test_what_is_too_big_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "_MOST_SECONDS", 0.0)
    found = campaign.run(find_toolchain(), range(2), jobs=1)
    assert found.compared == 0
    assert "2 too big: not done in 0 s: 0, 1" in list(found.lines())


def test_a_wrong_answer_is_told(tmp_path: Path) -> None:
    """Of what TLC says, too, in a run with others, which are not blamed."""
    seed = _small()
    found = {}
    for number in (0, 1):
        one = compare(seeded(seed), f"wrong{number}", tmp_path)
        assert one.differences == []
        found[number] = one
    parts = found[1].parts
    parts[0] = replace(parts[0], false=tuple(n + 1 for n in parts[0].false))
    campaign.by_tlc(find_toolchain(), found)
    assert found[0].differences == []
    (told,) = {d.split(":")[0] for d in found[1].differences}
    assert told == "invariants and goals, TLC"


def test_two_answers_are_compared() -> None:
    one = Compared()
    one.same("kind", "where", 1, 1)
    assert one.differences == []
    one.same("kind", "where", 1, 2)
    assert one.differences == ["kind: where: 1 and 2"]
    assert one.kinds["kind"] == 2
