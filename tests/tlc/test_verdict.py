"""What TLC really does with small modules, and the verdict on it."""

from __future__ import annotations

import re

import pytest

from kvmtla.tlc import ActionCoverage, Lasso, Progress, RawState, RunOptions, run_tlc
from kvmtla.verdict import Kind, Verdict

COUNTER = """
VARIABLES x, y
vars == <<x, y>>
Init == x = 0 /\\ y = "a"
Step == x < 3 /\\ x' = x + 1 /\\ UNCHANGED y
Reset == x = 3 /\\ x' = 1 /\\ UNCHANGED y
Never == x = 9 /\\ UNCHANGED vars
Next == Step \\/ Reset \\/ Never
Spec == Init /\\ [][Next]_vars
Fair == Spec /\\ WF_vars(Next)
Small == x < 5
Smaller == x < 3
Grows == [][x' > x]_vars
Recurs == []<>(x = 2)
Settles == <>[](x = 3)
Ends == <>(x = 7)
Invariant == []Small
View == x
"""


def states(outcome) -> list[tuple[int, str | None, object]]:
    return [(s.number, s.action, s.variables["x"]) for s in outcome.trace]


def test_holds(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nINVARIANT Small\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)
    assert (outcome.kind, outcome.name, outcome.trace, outcome.lasso) == (None, None, (), None)
    assert (outcome.generated, outcome.distinct, outcome.queue) == (5, 4, 0)
    assert (outcome.depth, outcome.initial, outcome.exit_code) == (4, 1, 0)
    assert outcome.collision is not None
    assert 0 < outcome.collision < 1e-15
    assert outcome.coverage == {}
    assert outcome.warnings == ()
    assert outcome.tlc_version is not None
    assert outcome.tlc_version.startswith("TLC2 Version 2.")


def test_holds_with_several_workers_and_the_other_settings(check) -> None:
    cfg = "SPECIFICATION Spec\nINVARIANT Small\n"
    outcome = check(COUNTER, cfg, workers=2, large=True, lazy_values=False, heap_mb=200)
    assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)


def test_invariant_violated(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nINVARIANTS Small Smaller\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert (outcome.kind, outcome.name, outcome.exit_code) == (Kind.INVARIANT, "Smaller", 12)
    assert states(outcome) == [(1, None, 0), (2, "Step", 1), (3, "Step", 2), (4, "Step", 3)]
    assert outcome.lasso is None


def test_invariant_violated_in_an_initial_state(check) -> None:
    outcome = check(
        "VARIABLES x, y\nInit == x \\in 0..3 /\\ y = {}\nNext == UNCHANGED <<x, y>>\nInv == x < 2",
        "INIT Init\nNEXT Next\nINVARIANT Inv\n",
    )
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert (outcome.kind, outcome.name) == (Kind.INVARIANT, "Inv")
    assert outcome.trace == (RawState(1, None, {"x": 2, "y": frozenset()}),)


def test_deadlock(check) -> None:
    text = "VARIABLE x\nInit == x = 0\nUp == x < 2 /\\ x' = x + 1\nNext == Up"
    outcome = check(text, check_deadlock=True)
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert (outcome.kind, outcome.name) == (Kind.DEADLOCK, None)
    assert states(outcome) == [(1, None, 0), (2, "Up", 1), (3, "Up", 2)]
    assert check(text).verdict is Verdict.HOLDS


def test_action_property_violated(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nPROPERTY Grows\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert (outcome.kind, outcome.name) == (Kind.ACTION, "Grows")
    assert states(outcome)[-2:] == [(4, "Step", 3), (5, "Reset", 1)]


def test_temporal_property_holds_with_one_worker_whatever_was_asked(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Fair\nPROPERTY Recurs\n", workers=2)
    assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)


def test_temporal_property_violated_in_a_loop(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Fair\nPROPERTY Settles\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert (outcome.kind, outcome.name) == (Kind.TEMPORAL, None)
    assert states(outcome) == [(1, None, 0), (2, "Step", 1), (3, "Step", 2), (4, "Step", 3)]
    assert outcome.lasso == Lasso(2, "Reset", stuttering=False)


def test_temporal_property_violated_by_stuttering(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nPROPERTY Ends\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert states(outcome)[0] == (1, None, 0)
    assert outcome.lasso == Lasso(len(outcome.trace), None, stuttering=True)


def test_property_that_is_an_invariant(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nPROPERTY Invariant\n")
    assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)


def test_coverage(check) -> None:
    outcome = check(COUNTER, "SPECIFICATION Spec\nINVARIANT Small\n", coverage=True)
    assert (outcome.verdict, outcome.reason) == (Verdict.HOLDS, None)
    assert outcome.coverage == {
        "Step": ActionCoverage(distinct=3, generated=3),
        "Reset": ActionCoverage(distinct=0, generated=1),
        "Never": ActionCoverage(distinct=0, generated=0),
    }


def test_coverage_of_an_action_for_each_actor(check) -> None:
    outcome = check(
        """
VARIABLE x
Init == x = [i \\in {"a", "b"} |-> 0]
Up(i) == x[i] < 2 /\\ x' = [x EXCEPT ![i] = @ + 1]
Next == \\E i \\in {"a", "b"} : Up(i)
Low == x["a"] + x["b"] < 4
""",
        "INIT Init\nNEXT Next\nINVARIANT Low\n",
        coverage=True,
    )
    assert outcome.verdict is Verdict.VIOLATED, outcome.reason
    assert {state.action for state in outcome.trace[1:]} == {"Up"}
    assert set(outcome.coverage) == {"Up"}


UNKNOWN = {
    "parse error": (
        "VARIABLE x\nInit == x = 0 /\\\nNext == x' = x",
        {},
        r"cannot parse the module:\n.*Encountered .* at line 5, column 1",
    ),
    "unknown operator": (
        "VARIABLE x\nInit == x = zz\nNext == x' = x",
        {},
        r"cannot parse the module:\n.*Unknown operator: `zz'",
    ),
    "no such invariant": (
        COUNTER,
        {"cfg": "SPECIFICATION Spec\nINVARIANT Lost\n"},
        "configuration: The invariant Lost specified .* is not defined",
    ),
    "cfg that cannot be read": (
        COUNTER,
        {"cfg": "SPECIFICATION Spec\nSPECIFICATION Fair\n"},
        "configuration: .* at line 2",
    ),
    "constant without a value": (
        "CONSTANT N\nVARIABLE x\nInit == x = N\nNext == x' = x",
        {},
        "configuration: The constant parameter N is not assigned",
    ),
    "choose without a choice": (
        "VARIABLE x\nInit == x = 0\nNext == x' = CHOOSE i \\in {1, x} : i > 3",
        {},
        "could not evaluate the spec: .*no element of S satisfied P",
    ),
    "record compared with a string": (
        'VARIABLE x\nInit == x = [a |-> 1]\nNext == x\' = x\nInv == x = "s"',
        {"cfg": "INIT Init\nNEXT Next\nINVARIANT Inv\n"},
        "could not evaluate the spec: .*equality of record",
    ),
    "invariant that cannot be evaluated": (
        'VARIABLE x\nInit == x = 0\nNext == x\' = x + 1\nInv == x < 2 \\/ x = "s"',
        {"cfg": "INIT Init\nNEXT Next\nINVARIANT Inv\n"},
        "could not evaluate an invariant: Evaluating invariant Inv failed",
    ),
    "successor not specified": (
        "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == x' = x + 1",
        {},
        "not completely specified .*: y",
    ),
    "failed assertion": (
        'VARIABLE x\nInit == x = 0\nNext == Assert(x < 2, "too big") /\\ x\' = x + 1',
        {},
        '"too big" is violated, but .* no trace',
    ),
    "unsatisfiable Init": (
        "VARIABLE x\nInit == x = 0 /\\ x = 1\nNext == x' = x",
        {},
        "no initial state",
    ),
    "false assumption": (
        "ASSUME 1 = 2\nVARIABLE x\nInit == x = 0\nNext == x' = x",
        {},
        "an assumption is false",
    ),
    "stopped by the spec": (
        'VARIABLE x\nInit == x = 0\nNext == x\' = x + 1 /\\ (x < 5 \\/ TLCSet("exit", TRUE))',
        {},
        "stopped with 1 states not looked at",
    ),
    "printing": (
        "VARIABLE x\nInit == x = 0\nNext == x' = 1 - x /\\ PrintT(x)",
        {},
        "a line of unknown origin: '0'",
    ),
    "except that changes nothing": (
        "VARIABLE x\nInit == x = [a |-> 1]\nNext == x' = [x EXCEPT !.b = 2]",
        {},
        "TLC warns .* non-existing fields",
    ),
    "endless recursion": (
        "VARIABLE x\nRECURSIVE F(_)\nF(n) == 1 + F(n + 1)\nInit == x = 0\nNext == x' = F(x)",
        {},
        "Java's stack overflowed",
    ),
    "out of memory": (
        "VARIABLE x\nInit == x = {}\nNext == \\E s \\in SUBSET (1..24) : x' = s",
        {"heap_mb": 20},
        "ran out of memory",
    ),
    "time limit": (
        "VARIABLE x\nInit == x = 0\nNext == x' = x + 1",
        {"time_limit": 1.5},
        "did not finish within 1.5 seconds",
    ),
    "fingerprints that may collide": (
        COUNTER,
        {"cfg": "SPECIFICATION Spec\nINVARIANT Small\n", "collision_limit": 1e-30},
        "two states may have been taken for one",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown(name: str, check) -> None:
    text, options, reason = UNKNOWN[name]
    outcome = check(text, **options)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason is not None
    assert re.search(reason, outcome.reason, re.DOTALL), outcome.reason
    assert (outcome.kind, outcome.name, outcome.trace, outcome.lasso) == (None, None, (), None)


def test_progress_is_reported(toolchain, tmp_path, check) -> None:
    check(COUNTER, "SPECIFICATION Spec\n")
    seen: list[Progress] = []
    run_tlc(toolchain, tmp_path, "X.tla", "X.cfg", options=RunOptions(), on_progress=seen.append)
    # A slow machine sees one more report before it.
    assert seen[-1] == Progress(generated=5, distinct=4, queue=0, depth=4)
