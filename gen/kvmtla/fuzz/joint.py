"""Asks TLC about many models in one run: it takes longer to start than to explore a small one.

The modules are instances in one that frames them. One variable says which model a state belongs to,
others stand for the variables of each model in turn. The last one says whether a state keeps to its
types, and which of the properties of states are true in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvmtla.emit.module import ModuleWriter
from kvmtla.emit.names import Scope
from kvmtla.fuzz.orbits import Key
from kvmtla.fuzz.reference import Reached
from kvmtla.ir import expr as x
from kvmtla.ir.model import Model
from kvmtla.ir.property import PropertyKind
from kvmtla.sem import Meaning
from kvmtla.tlc import RunOptions, TlcOutcome, Toolchain, run_tlc
from kvmtla.verdict import Verdict

SYMMETRIC = "Cpu"
_TYPED = "TypeOK"
_FIRST = "some_"
_OF_STATES = (PropertyKind.INVARIANT, PropertyKind.GOAL)


@dataclass(frozen=True)
class Part:
    """A model for TLC, and what TLC should say of it.

    `distinct` is the number of states, counting those that symmetry makes one as one. `asked` are
    the types, invariants and goals. `false` is, for the types, the number of states that do not
    keep to them, and for the others the number of well-typed states where each is false. Each of
    `kept` holds of all steps, each of `come` in all behaviours in which each of `fair` (its steps,
    and the domain that it has one of these for, or None) is fair.
    """

    name: str
    text: str
    variables: tuple[str, ...]
    sizes: Mapping[str, int]
    distinct: int
    depth: int
    asked: tuple[str, ...]
    false: tuple[int, ...]
    kept: tuple[str, ...]
    come: tuple[str, ...]
    fair: tuple[tuple[str, str | None], ...]

    @property
    def group(self) -> int:
        """The number of symmetric elements: it has to be equal for models that are run together."""
        return self.sizes.get(SYMMETRIC, 0)


def part_of(
    model: Model, reached: Reached, states: Sequence[Key], violated: Mapping[str, bool]
) -> Part:
    """Return a model for TLC, with what the reference semantics says of it.

    `states` has one of each of the states that symmetry makes one; `violated` has the verdicts.
    """
    meaning = Meaning(model)
    asked = tuple(p.name for p in model.properties if p.kind in _OF_STATES)
    typed = [
        dict(zip(model.variables, key, strict=True)) for key in states if key not in reached.wrong
    ]
    false = [sum(not meaning.invariant(p, s) for s in typed) for p in asked]
    writer = ModuleWriter(model, Path())
    text = writer.module()
    kept = [
        p.name
        for p in model.properties
        if p.kind is PropertyKind.STEP and not violated[p.name] and not reached.wrong
    ]
    for name in kept:
        text = _with_step(text, name)
    come = [p.name for p in model.properties if p.kind.temporal and violated.get(p.name) is False]
    if come:
        some = dict(zip(model.variables, states[0], strict=True))
        firsts = {s.name: x.Const(s.whole(some), s.type) for s in writer.slots}
        lines = [
            f"{_FIRST}{n} == {writer.printer.flat(e, Scope(writer.taken))}"
            for n, e in firsts.items()
        ]
        text = _with(text, "\n".join([*lines, "", ""]))
    return Part(
        model.name,
        text,
        tuple(s.name for s in writer.slots),
        model.sizes,
        len(states),
        max((reached.depths[s] for s in states), default=0),
        (_TYPED, *asked),
        (len(states) - len(typed), *false),
        tuple(kept),
        tuple(come),
        tuple((writer.fair_name(f), f.each) for f in model.fairness),
    )


def _with_step(text: str, name: str) -> str:
    """Return a module that also says of one step what a property says of all."""
    found = re.search(rf"^{name} ==\n    \[\]\[(.*?)\]_<<(.*?)>>$", text, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    # The body is indented as far as before.
    body = f"{name}_kept ==\n    \\/ UNCHANGED <<{found[2]}>>\n    \\/ {found[1].rstrip()}\n\n"
    return _with(text, body)


def _with(text: str, more: str) -> str:
    """Return a module with more definitions, just before `Init`."""
    head, line, rest = text.partition("-" * 77 + "\n\nInit ==")
    assert line
    return f"{head}{more}{line}{rest}"


@dataclass(frozen=True)
class Said:
    """The findings of TLC in one of the models."""

    distinct: int
    false: tuple[int, ...]


def of_states(
    toolchain: Toolchain, folder: Path, parts: Sequence[Part], *, lazy_values: bool = True
) -> tuple[TlcOutcome, list[Said]]:
    """Return what TLC finds in the states and steps of each of the models.

    Files are put into `folder`, which should be empty. All models must have the same number of
    elements in the symmetric domain. There are no findings unless TLC says that all holds.
    """
    frame = _Frame(parts)
    kept = any(p.kept for p in parts)
    lines = ["INIT Init", "NEXT Next", *frame.constants()]
    lines += ["SYMMETRY Symmetry"] if frame.cpus > 1 else []
    lines += ["PROPERTY Kept"] if kept else []
    dump = folder / "states.dump"
    options = RunOptions(
        lazy_values=lazy_values, dump=str(dump), check_deadlock=False, of_steps=kept
    )
    outcome = _run(toolchain, folder, parts, frame.of_states(), lines, options)
    if outcome.verdict is not Verdict.HOLDS:
        return outcome, []
    return outcome, _counted(parts, dump.read_text(encoding="utf-8"))


def of_behaviours(toolchain: Toolchain, folder: Path, parts: Sequence[Part]) -> TlcOutcome:
    """Return what TLC says of the properties of behaviours that should hold, of all models."""
    frame = _Frame(parts)
    lines = ["SPECIFICATION Spec", *frame.constants(), "PROPERTIES"]
    lines += [f"    {name}" for name in frame.come()]
    options = RunOptions(temporal=True, check_deadlock=False)
    return _run(toolchain, folder, parts, frame.of_behaviours(), lines, options)


def _run(
    toolchain: Toolchain,
    folder: Path,
    parts: Sequence[Part],
    text: str,
    cfg: Sequence[str],
    options: RunOptions,
) -> TlcOutcome:
    for p in parts:
        (folder / f"{p.name}.tla").write_text(p.text, encoding="utf-8")
    (folder / "Joint.tla").write_text(text, encoding="utf-8")
    (folder / "Joint.cfg").write_text("\n".join(cfg) + "\n", encoding="utf-8")
    beside = [f"{p.name}.tla" for p in parts]
    return run_tlc(toolchain, folder, "Joint.tla", "Joint.cfg", beside=beside, options=options)


class _Frame:
    """The module around those of some models."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        (self.cpus,) = {p.group for p in parts}
        self.slots = [f"v{i}" for i in range(max(len(p.variables) for p in parts))]
        self.names = [f"cpu{i}" for i in range(self.cpus)]

    def constants(self) -> list[str]:
        """Return the lines of a configuration that define the constants."""
        return ["CONSTANTS", *(f"{n} = {n}" for n in (*self.names, "None"))]

    def _head(self, variables: Sequence[str]) -> list[str]:
        everything = ["which", *variables, *self.slots]
        cpus = "{" + ", ".join(self.names) + "}"
        lines = [
            "---- MODULE Joint ----",
            "EXTENDS Integers, TLC",
            f"CONSTANTS {', '.join((*self.names, 'None'))}",
            f"VARIABLES {', '.join(everything)}",
            f"vars == <<{', '.join(everything)}>>",
            f"Symmetry == Permutations({cpus})",
        ]
        for p in self.parts:
            given = [f"{n} <- {v}" for n, v in zip(p.variables, self.slots, strict=False)]
            lines.append(self._instance(f"I_{p.name}", p, given))
        return lines

    def _instance(self, name: str, p: Part, given: list[str]) -> str:
        return f"{name} == INSTANCE {p.name} WITH {', '.join(given)}"

    def _unused(self, p: Part, text: str) -> str:
        return "".join(f" /\\ {v}{text}" for v in self.slots[len(p.variables) :])

    def _init(self, i: int, p: Part) -> str:
        return f"which = {i} /\\ I_{p.name}!Init{self._unused(p, ' = 0')}"

    def _step(self, i: int, p: Part, step: str) -> str:
        """Return a step of one model, in a state that belongs to it."""
        same = "".join(f", {v}" for v in self.slots[len(p.variables) :])
        return f"which = {i} /\\ I_{p.name}!{step} /\\ UNCHANGED <<which{same}>>"

    def of_states(self) -> str:
        """Return the text of the module for questions about states and steps."""
        lines = self._head(["true"])
        init, step = [], []
        for i, p in enumerate(self.parts):
            names = ", ".join(f"I_{p.name}!{n}" for n in p.asked)
            said = f"True_{p.name}"
            lines.append(f"{said} == IF I_{p.name}!{_TYPED} THEN <<{names}>> ELSE <<FALSE>>")
            init.append(f"    \\/ {self._init(i, p)} /\\ true = {said}")
            # States after one that does not keep to its types have no meaning.
            step.append(f"    \\/ true[1] /\\ {self._step(i, p, 'Next')} /\\ true' = {said}'")
        lines += ["Init ==", *init, "Next ==", *step]
        kept = [
            f"    /\\ which = {i} => I_{p.name}!{name}_kept"
            for i, p in enumerate(self.parts)
            for name in p.kept
        ]
        if kept:
            lines += ["Kept_now ==", *kept, "Kept == [][Kept_now]_vars"]
        return "\n".join([*lines, "====", ""])

    def come(self) -> list[str]:
        """Return the names of the properties of behaviours."""
        return [f"Come_{p.name}_{n}" for p in self.parts for n in p.come]

    def of_behaviours(self) -> str:
        """Return the text of the module for questions about behaviours.

        Each model has its own fair steps. One of each model make up a common condition: all steps
        of a behaviour stay in one model, so the condition is about that model.
        """
        lines = self._head([])
        for i, p in enumerate(self.parts):
            if p.come:
                # The properties are evaluated in states of other models, too.
                own = zip(p.variables, self.slots, strict=False)
                given = [
                    f"{n} <- IF which = {i} THEN {v} ELSE I_{p.name}!{_FIRST}{n}" for n, v in own
                ]
                lines.append(self._instance(f"A_{p.name}", p, given))
        init = [f"    \\/ {self._init(i, p)}" for i, p in enumerate(self.parts)]
        step = [f"    \\/ {self._step(i, p, 'Next')}" for i, p in enumerate(self.parts)]
        lines += ["Init ==", *init, "Next ==", *step]
        fair: list[list[str]] = []
        for i, p in enumerate(self.parts):
            steps: list[str] = []
            for name, domain in p.fair:
                me = [""]
                if domain is not None:
                    many = range(p.sizes[domain])
                    each = self.names if domain == SYMMETRIC else list(map(str, many))
                    me = [f"({e})" for e in each]
                steps += [self._step(i, p, f"{name}{e}") for e in me]
            for number, text in enumerate(steps):
                fair += [[]] if len(fair) == number else []
                fair[number].append(f"    \\/ {text}")
        for number, any_of in enumerate(fair):
            lines += [f"Fair{number} ==", *any_of]
        conditions = "".join(f" /\\ WF_vars(Fair{n})" for n in range(len(fair)))
        lines.append(f"Spec == Init /\\ [][Next]_vars{conditions}")
        for i, p in enumerate(self.parts):
            lines += [f"Come_{p.name}_{n} == which = {i} => A_{p.name}!{n}" for n in p.come]
        return "\n".join([*lines, "====", ""])


def _counted(parts: Sequence[Part], dump: str) -> list[Said]:
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
        Said(distinct[i], tuple(false[i, k] for k in range(len(p.asked))))
        for i, p in enumerate(parts)
    ]
