"""Recorded output of real runs, damaged in every way: no damage makes a verdict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvmtla.tlc import TlcOutcome
from kvmtla.verdict import Verdict

MODULE = """
VARIABLES x, y
vars == <<x, y>>
Init == x = 0 /\\ y = "a"
Step == x < 3 /\\ x' = x + 1 /\\ UNCHANGED y
Reset == x = 3 /\\ x' = 1 /\\ UNCHANGED y
Next == Step \\/ Reset
Spec == Init /\\ [][Next]_vars /\\ WF_vars(Next)
Small == x < 5
Smaller == x < 3
Recurs == []<>(x = 2)
Settles == <>[](x = 3)
Rises == [][x' > x]_x
"""
DEADLOCK = "VARIABLE x\nInit == x = 0\nUp == x < 2 /\\ x' = x + 1\nNext == Up"

GOOD = {
    "safety": (MODULE, "SPECIFICATION Spec\nINVARIANT Small\n"),
    "liveness": (MODULE, "SPECIFICATION Spec\nPROPERTY Recurs\nINVARIANT Small\n"),
}
BAD = {
    "invariant": (MODULE, "SPECIFICATION Spec\nINVARIANT Smaller\n"),
    "loop": (MODULE, "SPECIFICATION Spec\nPROPERTY Settles\n"),
    "step": (MODULE, "SPECIFICATION Spec\nPROPERTY Rises\n"),
    "deadlock": (DEADLOCK, "INIT Init\nNEXT Next\n"),
    "initial": (
        "VARIABLES x, y\nInit == x \\in 0..3 /\\ y = {}\nNext == UNCHANGED <<x, y>>\nInv == x < 2",
        "INIT Init\nNEXT Next\nINVARIANT Inv\n",
    ),
}

# The version, and the words about Java's garbage collector.
SAYS_NOTHING = re.compile(r"TLC2 Version |Please run the Java VM |@!@!@ENDMSG 2401 ")
# The modules that were read, in whatever order.
READ = re.compile(r"(Parsing file|Semantic processing of module) ")


def removed(lines: list[str], index: int) -> list[str]:
    return lines[:index] + lines[index + 1 :]


def doubled(lines: list[str], index: int) -> list[str]:
    return lines[: index + 1] + lines[index:]


def halved(lines: list[str], index: int) -> list[str]:
    return [*lines[:index], lines[index][: len(lines[index]) // 2], *lines[index + 1 :]]


def swapped(lines: list[str], index: int) -> list[str]:
    return lines[:index] + lines[index + 1 : index + 2] + [lines[index]] + lines[index + 2 :]


def polluted(lines: list[str], index: int) -> list[str]:
    return [*lines[:index], "Exception in thread", *lines[index:]]


def messages_of(lines: list[str]) -> list[tuple[int, int]]:
    """Where each outermost message begins and ends."""
    starts = [i for i, line in enumerate(lines) if line.startswith("@!@!@STARTMSG")]
    return [(i, next(j for j in range(i, len(lines)) if "@!@!@ENDMSG" in lines[j])) for i in starts]


def gist(outcome: TlcOutcome) -> tuple[object, ...]:
    return (outcome.kind, outcome.name, outcome.trace, outcome.lasso)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("damage", [removed, doubled, halved, swapped, polluted])
def test_damaged_success_does_not_hold(name: str, damage, record) -> None:
    recorded = record(*GOOD[name])
    lines = recorded.lines
    assert recorded.judged().verdict is Verdict.HOLDS
    for index, line in enumerate(lines):
        damaged = damage(lines, index)
        if damaged == lines:
            continue
        outcome = recorded.judged(damaged)
        assert outcome.verdict is not Verdict.VIOLATED
        if outcome.verdict is Verdict.HOLDS:
            in_order = damage is not swapped or READ.match(line) is None
            assert SAYS_NOTHING.match(line) or not in_order, (line, damage)


def _with_module(lines: list[str], file: Path) -> list[str]:
    """The output of a run that has read one more module."""
    made = list(lines)
    made.insert(made.index("Semantic processing of module X"), f"Parsing file {file}")
    made.insert(
        made.index("Semantic processing of module X"), f"Semantic processing of module {file.stem}"
    )
    return made


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_a_run_that_read_other_modules_is_unknown(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    (file,) = recorded.run.modules
    good = recorded.judged().verdict
    assert good is not Verdict.UNKNOWN
    lines, folder = recorded.lines, file.parent
    cases = {
        "did not read X.tla and read Y.tla, which it was not given": (
            [line.replace(str(file), str(folder / "Y.tla")) for line in lines],
            recorded.run.modules,
        ),
        "did not read X.tla": ([line.replace(str(folder), "/elsewhere") for line in lines], None),
        "read Y.tla, which it was not given": (_with_module(lines, folder / "Y.tla"), None),
        # A module that TLC brings is not one of that name beside the other.
        "read Integers.tla, which it was not given": (
            _with_module(lines, folder / "Integers.tla"),
            None,
        ),
        "did not read Y.tla": (lines, {file, folder / "Y.tla"}),
        "read a module twice": (doubled(lines, lines.index(f"Parsing file {file}")), None),
        "did not make sense of the same modules": (
            [line for line in lines if line != "Semantic processing of module X"],
            None,
        ),
    }
    for reason, (damaged, modules) in cases.items():
        outcome = recorded.judged(damaged, modules=frozenset(modules or recorded.run.modules))
        assert outcome.verdict is Verdict.UNKNOWN, reason
        assert f"TLC {reason}" in str(outcome.reason)
    both = recorded.judged(
        _with_module(lines, folder / "Y.tla"), modules=frozenset({file, folder / "Y.tla"})
    )
    assert both.verdict is good
    # So newer versions write it.
    jar = "(jar:file:/a/tla2tools.jar!/tla2sany/StandardModules/Integers.tla)"
    newer = [re.sub(r"(Parsing file .*/Integers\.tla)", rf"\1 {jar}", line) for line in lines]
    assert newer != lines
    assert recorded.judged(newer).verdict is good


@pytest.mark.parametrize("known", [True, False])
def test_a_temporal_property_that_is_violated_may_be_named(known: bool, record) -> None:
    """TLC of 2026 says which; before, the words were others."""
    recorded = record(*BAD["loop"])
    old, new = "Temporal properties were violated.", "Temporal property Settles was violated."
    assert old in recorded.lines
    lines = [new if line == old else line for line in recorded.lines]
    if not known:
        lines = [line.replace("was violated", "was missed") for line in lines]
    outcome, before = recorded.judged(lines), recorded.judged()
    assert (before.verdict, before.name) == (Verdict.VIOLATED, None)
    if known:
        assert (outcome.verdict, outcome.name) == (Verdict.VIOLATED, "Settles")
        assert (outcome.kind, outcome.trace, outcome.lasso) == (
            before.kind,
            before.trace,
            before.lasso,
        )
    else:
        assert outcome.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_truncated_output_is_unknown(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    lines = recorded.lines
    for index, line in enumerate(lines):
        assert recorded.judged(lines[:index]).verdict is Verdict.UNKNOWN
        if line:
            assert recorded.judged([*lines[:index], line[:-1]]).verdict is Verdict.UNKNOWN, line


# What a whole message may be missing or come twice without any harm: progress, and those above.
OPTIONAL = {2200, 2268, 2401, 2269, 2212}


@pytest.mark.parametrize("name", GOOD)
def test_success_without_one_message_or_with_one_twice(name: str, record) -> None:
    recorded = record(*GOOD[name])
    lines = recorded.lines
    for first, last in messages_of(lines):
        code = int(re.findall(r"\d+", lines[first])[0])
        without = recorded.judged(lines[:first] + lines[last + 1 :])
        twice = recorded.judged(lines[: last + 1] + lines[first:])
        if code not in OPTIONAL:
            assert without.verdict is Verdict.UNKNOWN, lines[first]
            assert twice.verdict is Verdict.UNKNOWN, lines[first]


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("damage", [removed, doubled, halved, swapped, polluted])
def test_damaged_violation_gives_no_other_trace(name: str, damage, record) -> None:
    recorded = record(*BAD[name])
    lines = recorded.lines
    whole = recorded.judged()
    assert whole.verdict is Verdict.VIOLATED
    for index, line in enumerate(lines):
        outcome = recorded.judged(damage(lines, index))
        assert outcome.verdict is not Verdict.HOLDS
        # The only state of a trace has none to be compared with; a replay would see it.
        unseen = name == "initial" and damage is removed and line.startswith("/\\ ")
        if outcome.verdict is Verdict.VIOLATED and not unseen:
            assert gist(outcome) == gist(whole), (line, damage)


@pytest.mark.parametrize("name", BAD)
def test_violation_without_one_message_or_with_one_twice(name: str, record) -> None:
    """The last state of some traces can be missing unseen; a replay would see it."""
    recorded = record(*BAD[name])
    lines = recorded.lines
    whole = recorded.judged()
    for first, last in messages_of(lines):
        final = lines[last + 1 : last + 2] != ["@!@!@STARTMSG 2217:4 @!@!@"]
        for changed in (lines[:first] + lines[last + 1 :], lines[: last + 1] + lines[first:]):
            outcome = recorded.judged(changed)
            assert outcome.verdict is not Verdict.HOLDS
            unseen = "2217" in lines[first] and final and name in ("deadlock", "loop", "step")
            if outcome.verdict is Verdict.VIOLATED and not unseen:
                assert gist(outcome) == gist(whole), lines[first]


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_another_exit_status_is_no_verdict(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    right = recorded.run.exit_code
    # Newer versions end with that of an invariant where a property of steps is violated.
    fit = {right, 12} if name == "step" else {right}
    for status in {*range(16), *range(75, 78), *range(150, 154), 255, -6, -9, -15} - fit:
        outcome = recorded.judged(exit_code=status)
        assert outcome.verdict is Verdict.UNKNOWN, status
        assert outcome.reason


def test_success_with_an_error_in_it_is_unknown(record) -> None:
    """What `-continue` gives: a violation, and then "No error has been found" and status 0."""
    good, bad = record(*GOOD["safety"]), record(*BAD["invariant"])
    at = good.lines.index("@!@!@STARTMSG 2193:0 @!@!@")
    error = bad.lines.index("@!@!@STARTMSG 2110:1 @!@!@")
    for length in (3, 6, 12):
        mixed = good.lines[:at] + bad.lines[error : error + length] + good.lines[at:]
        for status in (0, 12):
            assert good.judged(mixed, exit_code=status).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "message",
    [
        "@!@!@STARTMSG 2110:1 @!@!@\nInvariant I is violated.\n@!@!@ENDMSG 2110 @!@!@",
        "@!@!@STARTMSG 1000:2 @!@!@\nA bug.\n@!@!@ENDMSG 1000 @!@!@",
        "@!@!@STARTMSG 2279:3 @!@!@\nSymmetry.\n@!@!@ENDMSG 2279 @!@!@",
        "@!@!@STARTMSG 2284:3 @!@!@\nConstraints.\n@!@!@ENDMSG 2284 @!@!@",
        "@!@!@STARTMSG 9999:0 @!@!@\nNew.\n@!@!@ENDMSG 9999 @!@!@",
        "@!@!@STARTMSG 9999 @!@!@\nNew.\n@!@!@ENDMSG 9999 @!@!@",
        "@!@!@STARTMSG 2268:1 @!@!@\nThe\n@!@!@ENDMSG 2268 @!@!@",
        "@!@!@STARTMSG 2271:0 @!@!@\nRunning depth-first search\n@!@!@ENDMSG 2271 @!@!@",
        "What is this?",
    ],
)
def test_success_with_something_else_beside_it_is_unknown(message: str, record) -> None:
    recorded = record(*GOOD["safety"])
    lines = recorded.lines
    for first, _ in messages_of(lines):
        mixed = lines[:first] + message.splitlines() + lines[first:]
        assert recorded.judged(mixed).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("warning", [2279, 2284])
@pytest.mark.parametrize("name", ["liveness", "loop"])
def test_liveness_with_a_reduction_is_unknown(warning: int, name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    lines = recorded.lines
    at = lines.index("@!@!@STARTMSG 2189:0 @!@!@")
    said = [f"@!@!@STARTMSG {warning}:3 @!@!@", "Careful.", f"@!@!@ENDMSG {warning} @!@!@"]
    assert recorded.judged(lines[:at] + said + lines[at:]).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("name", ["liveness", "loop"])
def test_liveness_with_two_workers_is_unknown(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    lines = [line.replace("with 1 worker ", "with 2 workers ") for line in recorded.lines]
    assert recorded.judged(lines).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("name", ["liveness", "loop"])
def test_liveness_where_steps_were_asked_about_is_unknown(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    assert recorded.judged(temporal=False, of_steps=True).verdict is Verdict.UNKNOWN


def test_liveness_of_a_part_of_the_states_is_unknown(record) -> None:
    recorded = record(*GOOD["liveness"])
    lines = [
        line.replace("for the complete state", "for the current state") for line in recorded.lines
    ]
    assert recorded.judged(lines).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0 states left", "1 states left"),
        ("5 states generated, 4 distinct", "3 states generated, 4 distinct"),
        ("5 states generated, 4 distinct", "9 states generated, 4 distinct"),
        ("1 distinct state generated", "0 distinct states generated"),
        ("1 distinct state generated", "7 distinct states generated"),
        ("search is 4", "search is 0"),
        ("val = ", "val = 9"),
        ("val = ", "val = nan"),
        ("val = ", "value: "),
        ("breadth-first", "depth-first"),
    ],
)
def test_counts_that_do_not_fit_are_unknown(old: str, new: str, record) -> None:
    recorded = record(*GOOD["safety"])
    assert old in recorded.text
    lines = [
        re.sub(r"E-\d+", "", line.replace(old, new)) if old == "val = " else line.replace(old, new)
        for line in recorded.lines
    ]
    assert recorded.judged(lines).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_java_in_trouble_is_unknown(name: str, record) -> None:
    recorded = record(*{**GOOD, **BAD}[name])
    assert recorded.judged(stderr="warning: this is slow\n").verdict is not Verdict.UNKNOWN
    for trouble in ('Exception in thread "x" java.lang.X', "java.lang.OutOfMemoryError: heap"):
        assert recorded.judged(stderr=trouble).verdict is Verdict.UNKNOWN
    assert recorded.judged(stopped="cancelled").reason == "cancelled"


def test_messages_without_class_are_understood(record) -> None:
    """As newer versions write them."""
    for name, (text, cfg) in {**GOOD, **BAD}.items():
        recorded = record(text, cfg)
        lines = [re.sub(r"(STARTMSG \d+):\d", r"\1", line) for line in recorded.lines]
        outcome = recorded.judged(
            [line for line in lines if "MSG 2401" not in line and "Please run" not in line]
        )
        assert outcome.verdict is recorded.judged().verdict, name


def test_arguments_of_actions_are_understood(record) -> None:
    """As newer versions write them."""
    recorded = record(*BAD["loop"])
    lines = [line.replace("<Step ", "<Step(1, <<2>>) ") for line in recorded.lines]
    assert gist(recorded.judged(lines)) == gist(recorded.judged())


ASSERTION = """@!@!@STARTMSG 2132:1 @!@!@
The first argument of Assert evaluated to FALSE; the second argument was:
"too big"
@!@!@ENDMSG 2132 @!@!@"""


def test_an_assertion_with_a_trace_is_a_violation(record) -> None:
    """As versions write it that have exit status 14; the pinned one gives no trace."""
    recorded = record(*BAD["invariant"])
    text = re.sub(r"@!@!@STARTMSG 2110.*?ENDMSG 2110 @!@!@", ASSERTION, recorded.text, flags=re.S)
    outcome = recorded.judged(text.splitlines(), exit_code=14)
    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, None)
    assert outcome.name == '"too big"'
    assert outcome.trace == recorded.judged().trace


def test_coverage_that_was_asked_for_must_come(record) -> None:
    recorded = record(*GOOD["safety"])
    assert recorded.judged(coverage=True).verdict is Verdict.UNKNOWN
