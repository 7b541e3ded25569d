"""Random specifications: the text of a module in the whole language, however senseless.

Everything that the language has appears. The text is well typed, except for errors that only a
reading of the whole could find, and small, so that all its states can be visited. It is biased
towards what makes differences: several actors at the same few fields, locks in different orders,
waiting deep in calls, integers near their bounds, fields that nothing changes or nothing reads.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from kvmtla.fuzz.expressions import World
from kvmtla.fuzz.functions import Functions, Lines, indented
from kvmtla.fuzz.kinds import (
    BOOL,
    CPU,
    FIELDS,
    KERNEL,
    LEVEL,
    LOCK,
    MEMBERS,
    MODE,
    PAGE,
    SMALL,
    ZONE,
    T,
    declarations,
    map_of,
)
from kvmtla.fuzz.scope import Scope

_HEAD = '''"""A random specification."""

from enum import Enum
from typing import Annotated, ClassVar

from kvmtla import *

'''
_MASKS = """
DIRTY = Pte(dirty=True)
OFF = Flags(on=False, off=True)
"""
_CONSTANTS = {"mode": MODE, "kernel": KERNEL}
_NAMES = ("a", "b", "n", "flag", "owner", "bits", "state1", "left_of", "z")


def specification(r: random.Random, size: int = 1) -> str:
    """Return the text of a specification that depends only on `r` and `size` (0: smallest)."""
    return _Writer(r, size).text()


def seeded(seed: int) -> str:
    """Return the text of the specification with this number."""
    r = random.Random(f"specification {seed}")
    return specification(r, r.choice([0, 0, 1, 1, 1, 2]))


class _Writer:
    """A writer of one specification."""

    def __init__(self, r: random.Random, size: int) -> None:
        self.world = World(r)
        self.make = Functions(self.world, size)
        self.size = size
        self.kinds: dict[str, str] = {}
        """The kind of each property."""
        self.fair = False
        self.words = False

    def text(self) -> str:
        """Return the text of the module."""
        w = self.world
        self._machine()
        parts = [self._machine_text(), self._spans(), *self._functions()]
        body = "\n\n\n".join("\n".join(p) for p in parts if p)
        constants = "".join(
            f'{n} = constant("{n}", {t}{self._default(t)})\n' for n, t in w.constants.items()
        )
        masks = _MASKS if "DIRTY" in body or "OFF" in body else ""
        declared = declarations(body + constants + masks + str(list(map(str, w.fields.values()))))
        return f"{_HEAD}\n{declared}\n{masks}{constants}\n\n{body}\n"

    def _default(self, t: T) -> str:
        w = self.world
        text = w.pick(["", "", ', "what differs"'])
        return text + (f", default={t}.{MEMBERS[t][1]}" if w.chance(30) else "")

    # -- state

    def _machine(self) -> None:
        w = self.world
        names = list(_NAMES)
        for _ in range(w.r.randint(2, 3 + self.size // 2)):
            w.fields[names.pop(0)] = w.pick(FIELDS)
        for name in ("lock", "other_lock")[: w.pick([0, 0, 1, 1, 2, 2])]:
            w.fields[name] = LOCK
        if w.chance(10):
            w.fields["locks"] = map_of(PAGE, LOCK)
        if w.chance(25):
            w.fields["fixed"] = w.pick([BOOL, BOOL, LEVEL, FIELDS[4]])
            w.quiet = frozenset({"fixed"})
        if w.chance(25):
            w.fields["unread"] = w.pick([BOOL, FIELDS[4], map_of(PAGE, BOOL)])
            w.unread = frozenset({"unread"})
        for name, t in _CONSTANTS.items():
            if w.chance(35):
                w.constants[name] = t
        for name in ("walking", "resting")[: w.pick([0, 0, 1, 1, 2])]:
            w.spans[name] = w.pick([(), (("page", PAGE),), (("cpu", CPU),)])
            if w.chance(5):
                w.spans[name] = (("page", PAGE), ("cpu", CPU))

    def _machine_text(self) -> Lines:
        w = self.world
        labels = ["", '    labels: ClassVar = {"a": "*ptep"}'] if w.chance(15) else []
        fields = [f"{n}: {t}" for n, t in w.fields.items()]
        return ["class Machine(Shared):", '    """All."""', "", *indented(fields), *labels]

    def _spans(self) -> Lines:
        return [
            f'{n} = Span("A stretch."{"".join(f", {p}={t}" for p, t in params)})'
            for n, params in self.world.spans.items()
        ]

    # -- functions

    def _functions(self) -> list[Lines]:
        w, make = self.world, self.make
        made = [make.pure(f"pure_{i}") for i in range(w.r.randint(0, 2))]
        for i in range(w.pick([0, 1, 1, 2, 2, 3])):
            said = w.pick(["", 'text="one step"', 'kernel="mm/x.c:step"'])
            made.append(make.one_step("atomic", f"atomic_{i}", f"@atomic({said})"))
        for i in range(w.pick([0, 0, 1, 1, 2])):
            params = make.params((PAGE, CPU, *SMALL), 2)
            made.append(make.operation(f"helper_{i}", True, params))
        operations = [f"operation_{i}" for i in range(w.r.randint(1, 2))]
        for name in operations:
            made.append(make.operation(name, False, make.params((PAGE, CPU, BOOL, ZONE), 1)))
        own: dict[str, T] = {}
        for domain in (CPU, PAGE):
            if w.chance(35 if domain == CPU else 15):
                name = f"operation_of_{str(domain).lower()}"
                own[name] = domain
                more = make.params((PAGE, BOOL), 1) if w.chance(30) else ()
                params = (("me", domain), *more)
                made.append(make.operation(name, False, params))
        hardware = [f"hardware_{i}" for i in range(w.pick([0, 0, 0, 1, 1, 2]))]
        actors = self._actors(operations, own)
        for name in hardware:
            fair = ", fair=True" if w.chance(20) else ""
            self.fair |= bool(fair)
            source = ', source="SDM"' if w.chance(20) else ""
            mark = f'@hardware("it happens"{source}{fair})'
            made.append(make.one_step("hardware", name, mark))
        made.append(make.one_step("initial", "first", "@initial"))
        made += self._properties()
        self.words = any(re.search("Pte|Flags|Deep", str(t)) for t in w.fields.values())
        return [*made, *self._project(actors, hardware)]

    def _actors(self, operations: list[str], own: dict[str, T]) -> list[str]:
        w = self.world
        found = []
        tasks = [("task", operations)]
        if w.chance(80 if not own else 50):
            tasks.append(("other_task", w.r.sample(operations, w.r.randint(1, len(operations)))))
        for name, theirs in tasks:
            found.append(f'Actor("{name}", {", ".join(theirs)}{self._how()})')
        for name, domain in own.items():
            found.append(f'Actor("each_{str(domain).lower()}", {name}, each={domain}{self._how()})')
        return found

    def _how(self) -> str:
        w = self.world
        text = w.pick([", times=1", ", times=1", ", times=1", ", times=2", ""])
        if w.chance(35):
            text += ", fair=True"
            self.fair = True
        return text + (', label="somebody"' if w.chance(10) else "")

    # -- properties

    def _properties(self) -> list[Lines]:
        w = self.world
        kinds = ["invariant"] * w.r.randint(1, 2)
        kinds += ["step_invariant"] * w.pick([0, 1]) + ["reachable"] * w.pick([0, 1])
        if self.fair:
            kinds += [w.pick(["eventually", "leads_to"]) for _ in range(w.r.randint(1, 2))]
        return [self._property(kind, i) for i, kind in enumerate(kinds)]

    def _property(self, kind: str, number: int) -> Lines:
        w, make = self.world, self.make
        name = f"{kind}_{number}"
        self.kinds[name] = kind
        states = ("before", "after") if kind == "step_invariant" else ("m",)
        temporal = kind in ("eventually", "leads_to")
        params = make.params((PAGE, CPU, BOOL, ZONE), 1) if temporal else ()
        scope = Scope("property", dict(params), states)
        make.reset(params)
        first = ['"""What is asked."""'] if w.chance(30) else []
        first += [make.assignment(scope) for _ in range(w.pick([0, 0, 1]))]
        asked = [make.cond(scope, 2) for _ in range(w.r.randint(1, 3))]
        if w.spans and kind != "step_invariant" and w.chance(40):
            asked.append(make.active(scope))
        given = [f"{m}: Machine" for m in states] + [f"{n}: {t}" for n, t in params]
        if kind == "leads_to":
            parts = (make.of(BOOL, scope, 2) for _ in range(2))
            result, body = "tuple[bool, bool]", f"return {', '.join(parts)}"
        elif kind in ("invariant", "step_invariant") and w.chance(60):
            result, body = "bool", f"return not ({' and '.join(asked)})"
        else:
            result, body = "bool", f"return {w.pick([' and ', ' or ']).join(asked)}"
        return [
            f"@{kind}",
            f"def {name}({', '.join(given)}) -> {result}:",
            *indented([*first, body]),
        ]

    # -- who, and what is claimed

    def _project(self, actors: Sequence[str], hardware: Sequence[str]) -> list[Lines]:
        w, make = self.world, self.make
        sizes = f"{{Page: {w.pick([1, 2, 2, 2])}, Cpu: {w.pick([1, 2, 2])}}}"
        world = [
            "world = Scenario(",
            '    "world",',
            '    "Something happens.",',
            "    machine=Machine,",
            f"    sizes={sizes},",
            "    initial=first,",
            f"    actors=[{', '.join(actors)}],",
            f"    hardware=[{', '.join(hardware)}],",
            ")",
        ]
        given = "".join(
            f", {n}={w.pick([str(t), *(f'{t}.{v}' for v in MEMBERS[t])])}"
            if w.chance(10)
            else f", {n}={t}.{w.pick(MEMBERS[t])}"
            for n, t in w.constants.items()
        )
        expected = [f"{self._verdict(kind)}({p}{given})" for p, kind in self.kinds.items()]
        if self.kinds and w.chance(5):
            first = next(iter(self.kinds))
            expected[0] = f'holds({first}{given}).of_nothing("It is meant to.")'
        note = ', note="It adds nothing."' if w.chance(20) else ""
        claim = (
            'Claim("R1", "random", quote="", source="", scenario=world, '
            f"expect=[{', '.join(expected)}]{note})"
        )
        more = ', word_format=lambda config: "x86"' if self.words and w.chance(60) else ""
        never = ['never_runs(operation_0, "nobody does")'] if w.chance(10) else []
        if make.decisions and w.chance(25):
            function, cond = w.pick(make.decisions)
            never.append(f'{w.pick(["never_true", "never_false"])}({function}, "{cond}", WHY)')
        more += f", accepts=[{', '.join(never)}]" if never else ""
        constants = ", ".join(w.constants)
        given = f"[{claim}], [{constants}]"
        if w.chance(20):
            given = f"claims=[{claim}], constants=[{constants}]"
        why = ['WHY = "It is meant not to."'] if never else []
        project = [*why, f'project = Project("random", {given}{more})']
        return [world, project]

    def _verdict(self, kind: str) -> str:
        w = self.world
        return w.pick(["unreached", "reached"] if kind == "reachable" else ["holds", "violated"])
