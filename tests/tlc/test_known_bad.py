"""In how many ways the driver is attacked, and that what no guard could see is never generated."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kvmtla.tlc import Toolchain
from kvmtla.trust.known_bad import KNOWN_BAD, try_one

from . import test_attacks, test_process

ROOT = Path(__file__).parents[2]

# Each of these is an attack, or one for each of its parameters but for the run that is damaged.
ATTACKS: tuple[Callable[..., None], ...] = (
    test_attacks.test_damaged_success_does_not_hold,
    test_attacks.test_truncated_output_is_unknown,
    test_attacks.test_a_run_that_read_other_modules_is_unknown,
    test_attacks.test_success_without_one_message_or_with_one_twice,
    test_attacks.test_damaged_violation_gives_no_other_trace,
    test_attacks.test_violation_without_one_message_or_with_one_twice,
    test_attacks.test_another_exit_status_is_no_verdict,
    test_attacks.test_success_with_an_error_in_it_is_unknown,
    test_attacks.test_success_with_something_else_beside_it_is_unknown,
    test_attacks.test_liveness_with_a_reduction_is_unknown,
    test_attacks.test_liveness_with_two_workers_is_unknown,
    test_attacks.test_liveness_where_steps_were_asked_about_is_unknown,
    test_attacks.test_liveness_of_a_part_of_the_states_is_unknown,
    test_attacks.test_counts_that_do_not_fit_are_unknown,
    test_attacks.test_java_in_trouble_is_unknown,
    test_attacks.test_coverage_that_was_asked_for_must_come,
    test_process.test_cancelled,
    test_process.test_out_of_time,
    test_process.test_an_exception_in_the_callers_code,
    test_process.test_interrupted_from_the_keyboard,
    test_process.test_killed,
    test_process.test_good_output_of_a_process_that_ends_badly,
    test_process.test_a_process_that_does_not_end,
    test_process.test_two_runs_at_once_in_one_folder,
    test_process.test_options_of_java_from_outside_do_not_count,
    test_process.test_liveness_with_a_reduction_is_refused,
)


def ways(attack: Callable[..., None]) -> int:
    """In how many ways a test attacks."""
    marks = [m for m in getattr(attack, "pytestmark", ()) if m.name == "parametrize"]
    return math.prod(len(m.args[1]) for m in marks if m.args[0] != "name")


def test_the_page_says_how_many_attacks_there_are() -> None:
    number = sum(map(ways, ATTACKS)) + len(KNOWN_BAD)
    assert number >= 40
    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    assert f"in {number} ways" in page


@pytest.mark.parametrize("bad", [b for b in KNOWN_BAD if b.unwritten], ids=lambda b: b.what)
def test_what_nothing_tells_of_is_not_generated(bad, toolchain: Toolchain) -> None:
    """This TLC misses a violation, and says nothing that a guard could see."""
    assert try_one(toolchain, bad).said == "no error, exit status 0"
    pattern = re.compile(bad.unwritten)
    assert pattern.search(bad.text)
    modules = sorted((ROOT / "tla").rglob("*.tla"))
    assert modules
    for module in modules:
        code = re.sub(r"\\\*[^\n]*", "", module.read_text(encoding="utf-8"))
        assert not pattern.search(code), module
