"""Many models in one run of TLC, which takes longer to start than to explore a small one.

The modules are instances in one that frames them. A variable says which of them a state belongs
to, others are what the models' own variables stand for in turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvmtla.emit.module import ModuleWriter
from kvmtla.ir.model import Model
from kvmtla.tlc import RunOptions, TlcOutcome, Toolchain, Verdict, run_tlc

SYMMETRIC = "Cpu"
"""The domain whose elements may be swapped; it is as large in all models of a batch."""


@dataclass(frozen=True)
class Counted:
    """What TLC found in one of the models: its distinct states, and where invariants are false."""

    distinct: int
    false: Mapping[str, int]


def count(
    toolchain: Toolchain, folder: Path, models: Sequence[Model], *, lazy_values: bool = True
) -> tuple[TlcOutcome, list[Counted]]:
    """What TLC finds in each of the models, none of which deadlocks or breaks a type.

    `folder` is where files go; it should be empty.
    """
    size = models[0].sizes[SYMMETRIC]
    assert {m.sizes[SYMMETRIC] for m in models} == {size}
    named = [replace(m, name=f"M{i}") for i, m in enumerate(models)]
    for m in named:
        text = ModuleWriter(m, folder).module()
        (folder / f"{m.name}.tla").write_text(text, encoding="utf-8")
    (folder / "Batch.tla").write_text(_frame(named, size), encoding="utf-8")
    values = [*(f"cpu{i} = cpu{i}" for i in range(size)), "None = None"]
    lines = ["INIT Init", "NEXT Next", "INVARIANT TypeOK", "CONSTANTS", *values]
    if size > 1:
        lines.append("SYMMETRY Symmetry")
    (folder / "Batch.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    dump = folder / "states.dump"
    options = RunOptions(lazy_values=lazy_values, dump=str(dump))
    beside = [m.name for m in named]
    outcome = run_tlc(toolchain, folder, "Batch.tla", "Batch.cfg", beside=beside, options=options)
    if outcome.verdict is not Verdict.HOLDS:
        return outcome, []
    return outcome, _counted(named, dump.read_text(encoding="utf-8"))


def _frame(models: Sequence[Model], size: int) -> str:
    slots = [f"v{i}" for i in range(max(len(m.variables) for m in models))]
    cpus = "{" + ", ".join(f"cpu{i}" for i in range(size)) + "}"
    lines = [
        "---- MODULE Batch ----",
        "EXTENDS Integers, TLC",
        f"CONSTANTS None, {cpus[1:-1]}",
        f"VARIABLES which, true, {', '.join(slots)}",
    ]
    for m in models:
        used = dict(zip(m.variables, slots, strict=False))
        given = [f"{n} <- {v}" for n, v in used.items()]
        for domain, many in m.sizes.items():
            elements = "{" + ", ".join(map(str, range(many))) + "}"
            given.append(f"{domain} <- {cpus if domain == SYMMETRIC else elements}")
        lines.append(f"{m.name} == INSTANCE {m.name} WITH {', '.join(given)}")
    init, step, typed = [], [], []
    for i, m in enumerate(models):
        unused = slots[len(m.variables) :]
        zeros = "".join(f" /\\ {v} = 0" for v in unused)
        same = "".join(f", {v}" for v in unused)
        now = ", ".join(f"{m.name}!{p}" for p in m.invariants)
        then = ", ".join(f"{m.name}!{p}'" for p in m.invariants)
        init.append(f"    \\/ which = {i} /\\ {m.name}!Init{zeros} /\\ true = <<{now}>>")
        step.append(
            f"    \\/ which = {i} /\\ {m.name}!Next /\\ UNCHANGED <<which{same}>> "
            f"/\\ true' = <<{then}>>"
        )
        typed.append(f"    \\/ which = {i} /\\ {m.name}!TypeOK")
    for name, parts in (("Init", init), ("Next", step), ("TypeOK", typed)):
        lines += [f"{name} ==", *parts]
    return "\n".join([*lines, f"Symmetry == Permutations({cpus})", "====", ""])


def _counted(models: Sequence[Model], dump: str) -> list[Counted]:
    distinct: Counter[int] = Counter()
    false: Counter[tuple[int, int]] = Counter()
    for state in dump.split("State ")[1:]:
        which = re.search(r"^/\\ which = (\d+)$", state, re.MULTILINE)
        true = re.search(r"^/\\ true = <<(.*?)>>$", state, re.MULTILINE | re.DOTALL)
        assert which is not None
        assert true is not None
        number = int(which[1])
        distinct[number] += 1
        for i, value in enumerate(re.findall("TRUE|FALSE", true[1])):
            false[number, i] += value == "FALSE"
    return [
        Counted(distinct[i], {p: false[i, k] for k, p in enumerate(m.invariants)})
        for i, m in enumerate(models)
    ]
