"""Traces against the model: one test for all that need the world, which one process makes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftrace.conftest import HOT
from ftrace.mutations import CHANGE, FIX, KINDS, counted, cut
from kvmspec.spte import Spte
from kvmtla.errors import CommandError, ToolError
from kvmtla.front.scenario import Spec
from kvmtla.ftrace.check import Check, Report
from kvmtla.ftrace.choose import Choice
from kvmtla.ftrace.text import read
from kvmtla.ftrace.world import Known
from kvmtla.ir.types import MapT, RecordT
from kvmtla.lower.build import lower
from kvmtla.sem import Meaning, State, enabled, first_states
from kvmtla.verdict import Verdict

SEEDS = 3


def _checked(folder: Path, text: str, known: Known) -> Report:
    file = folder / "some.trace"
    file.write_text(text, encoding="utf-8")
    return Check(read(file), known).run()


def test_what_a_recorded_kernel_did(known: Known) -> None:
    report = Check(read(HOT), known).run()
    assert report.verdict is Verdict.HOLDS
    assert report.changes == 70
    assert report.marks_checked == 20
    assert report.explained["clear_dirty_pt_masked"] == 20
    assert report.explained["fast_page_fault"] == 16
    assert sum(report.explained.values()) + sum(report.left.values()) == 70


@pytest.mark.parametrize("mutate", KINDS, ids=lambda m: m.__name__)
def test_ten_kinds_of_lies_are_told(tmp_path: Path, known: Known, mutate: Any) -> None:
    lines = HOT.read_text(encoding="utf-8").splitlines()
    for seed in range(SEEDS):
        made = mutate(list(lines), random.Random(seed))
        assert made is not None
        report = _checked(tmp_path, counted(made), known)
        expected = Verdict.UNKNOWN if mutate is cut else Verdict.VIOLATED
        assert report.verdict is expected, (seed, report.problems, report.flaws)


def test_order_in_the_file_is_not_order_in_memory(tmp_path: Path, known: Known) -> None:
    """A fault prints that it has set W after others have taken it away again."""
    lines = HOT.read_text(encoding="utf-8").splitlines()
    for i in [i for i, x in enumerate(lines) if FIX in x]:
        task = lines[i].split()[0]
        gfn = lines[i].partition("gva ")[2][:5]
        j = next(j for j in range(i, len(lines)) if CHANGE in lines[j] and f"gfn {gfn}" in lines[j])
        if task not in " ".join(lines[i + 1 : j + 1]):
            break
    late = [*lines[:i], *lines[i + 1 : j + 1], lines[i], *lines[j + 1 :]]
    report = _checked(tmp_path, counted(late), known)
    assert (report.verdict, report.moved) == (Verdict.HOLDS, 1)


def test_a_trace_that_is_not_whole_is_unknown(tmp_path: Path, known: Known) -> None:
    text = HOT.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    events = [i for i, x in enumerate(lines) if CHANGE in x]
    for made in (
        "",
        "".join(x for x in lines if x.startswith("#")),
        text[:-20],
        "".join(lines[:-1]),
        text.replace("199/199", "199/250"),
        "".join([*lines[:20], "CPU:1 [LOST 12 EVENTS]\n", *lines[20:]]),
        "".join([*lines[:20], "something else\n", *lines[20:]]),
        counted([x.rstrip("\n") for x in lines if "[" in x][30:]),
    ):
        report = _checked(tmp_path, made, known)
        assert report.flaws
        assert report.verdict is not Verdict.HOLDS
    whole = [x for x in lines if not x.startswith("#")]
    assert _checked(tmp_path, "".join(whole), known).verdict is Verdict.HOLDS
    assert events


def test_what_others_do_not_do_is_no_change_of_theirs(known: Known) -> None:
    """A function does what its code does, and not what another one does."""
    none, plain, armed = (known.words.read(raw, 1) for raw in (0, 0xB499E67, 0xB499E65))
    assert none is not None
    assert plain is not None
    assert armed is not None
    assert known.explain("log_masked", plain, armed, 1).name == "clear_dirty_pt_masked"
    assert known.explain("wrprot_slot", plain, armed, 1).name == "wrprot_gfn_range"
    assert known.explain("age", plain, armed, 1).problem == "cannot be"
    assert known.explain("unmap", plain, none, 1).name == "tdp_mmu_zap_leafs"
    assert known.explain("log_masked", plain, none, 1).problem == "cannot be"
    elsewhere = known.words.read(0xB49AE65, 1)
    assert elsewhere is not None
    assert known.explain("log_masked", plain, elsewhere, 1).problem == "cannot be"


@pytest.mark.parametrize("scenario", ["zap_and_fault", "age"])
def test_whatever_happens_in_a_model_is_among_the_changes(
    known: Known, spec: Spec, scenario: str
) -> None:
    """The steps of models, as the reference semantics has them, make no other change."""
    model = lower(spec.scenarios[scenario], spec.reader, known.constants, (), name="M")
    meaning = Meaning(model)
    held = model.variables["spte"].type
    assert isinstance(held, MapT)
    assert isinstance(held.value, RecordT)
    # A model has only those bits that something in it sets.
    bits = [f.name for f in held.value.fields]

    def whole(state: State) -> object:
        (word,) = state["spte"]  # type: ignore[misc]
        return Spte(**dict(zip(bits, word, strict=True))).values()

    changes = known.changes_of("leaf")
    seen = 0
    todo = list(first_states(meaning))
    done = {tuple(s.values()) for s in todo}
    while todo:
        state = todo.pop()
        for step in enabled(meaning, state):
            old, new = whole(state), whole(step.after)
            if old != new:
                assert (old, new) in changes
                seen += 1
            key = tuple(step.after.values())
            if key not in done:
                done.add(key)
                todo.append(step.after)
    assert seen > 10


def test_the_command(tmp_path: Path, known: Known) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kvmtla", "trace", "check", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    bad, empty = tmp_path / "bad.trace", tmp_path / "empty.trace"
    lines = HOT.read_text(encoding="utf-8").splitlines()
    at = [i for i, x in enumerate(lines) if CHANGE in x and "gfn 40001 level 1" in x][3]
    bad.write_text(counted([*lines[:at], *lines[at + 1 :]]), encoding="utf-8")
    empty.write_text("", encoding="utf-8")
    done = run(str(HOT), str(bad), str(empty), "--kernel", "6.1")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{HOT}: conforms\n" in done.stdout
    assert f"{bad}: deviates\n" in done.stdout
    assert ": breaks: the entry was left as P " in done.stdout
    assert done.stdout.endswith(f"{empty}: unknown\n  unknown: the file is empty\n")
    assert run(str(empty), "--kernel", "6.1").returncode == 3


def test_what_cannot_be_answered_is_refused(tmp_path: Path, spec: Spec) -> None:
    recorded = spec.project.recorded
    assert recorded is not None
    hot = read(HOT)
    for release, code in (("4.19", "KT924"), ("6.12", "KT925"), ("new", "KT924")):
        with pytest.raises(CommandError) as error:
            Choice(spec, tmp_path, recorded, release, {}).of(hot)
        assert error.value.code == code
    with pytest.raises(ToolError):
        read(tmp_path / "none")


def test_a_spec_may_say_nothing_of_traces() -> None:
    counter = Path(__file__).parents[1] / "cli" / "specs" / "counter.py"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "kvmtla",
            "--spec",
            str(counter),
            "trace",
            "check",
            "x",
            "--kernel",
            "6.1",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "error[KT926]" in done.stderr
