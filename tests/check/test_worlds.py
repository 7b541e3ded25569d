"""Which worlds are asked: of random projects, those that plain Python finds as well."""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from kvmtla.check.select import Selection
from kvmtla.errors import SpecError
from kvmtla.front.scenario import Spec, read_project, read_property
from kvmtla.modules.points import module_of, points
from kvmtla.modules.worlds import WorldError, Worlds
from support.specs import load

World = dict[str, int]
"""Constant -> the place of its value among all."""

COMPARE = {">=": operator.ge, "<": operator.lt, "==": operator.eq}
RUNS = 80
_FILES = itertools.count()

HEADER = """
from kvmtla import *

class State(Shared):
    bit: bool

@initial
def off(m: State) -> None:
    m.bit = False

@invariant
def fine(m: State) -> bool:
    return m.bit or not m.bit
"""


@dataclass(frozen=True)
class Compare:
    """A condition on a constant, as it is written and as Python has it."""

    constant: str
    how: str
    value: int

    def true(self, world: World) -> bool:
        return COMPARE[self.how](world[self.constant], self.value)

    def text(self, of: str) -> str:
        return f"{of} {self.how} {self.constant.upper()}.V{self.value}"


@dataclass(frozen=True)
class If:
    cond: Compare
    then: Sequence[Statement]
    other: Sequence[Statement]
    local: bool
    """Is the condition put into a local first?"""


@dataclass(frozen=True)
class Call:
    callee: int


@dataclass(frozen=True)
class CallIf:
    """Hands on what is known of a constant."""

    callee: int
    cond: Compare


@dataclass(frozen=True)
class Write:
    leaves: bool


Statement = If | Call | CallIf | Write


@dataclass
class Operation:
    """`flag`: it takes a bool, and calls `gated` where that is true."""

    body: Sequence[Statement] = ()
    flag: int | None = None
    constant: str | None = None
    since: int | None = None
    until: int | None = None

    def exists(self, world: World) -> bool:
        if self.constant is None:
            return True
        at = world[self.constant]
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass
class Random:
    """A project: sizes of constants, defaults, operations (each calls later ones), a condition."""

    constants: dict[str, int]
    defaults: dict[str, int]
    operations: list[Operation]
    roots: list[int]
    when: Compare | None
    claimed: list[World] = field(default_factory=list)

    # -- what Python finds

    def reached(self, at: int, world: World, flag: bool = False) -> Iterator[int]:
        op = self.operations[at]
        yield at
        if op.flag is not None:
            if flag:
                yield from self.reached(op.flag, world)
            return
        yield from self._reached(op.body, world)

    def _reached(self, body: Sequence[Statement], world: World) -> Iterator[int]:
        for st in body:
            match st:
                case Call(callee):
                    yield from self.reached(callee, world)
                case CallIf(callee, cond):
                    yield from self.reached(callee, world, cond.true(world))
                case If(cond, then, other):
                    way = then if cond.true(world) else other
                    yield from self._reached(way, world)
                    if _leaves(way, world):
                        return
                case Write(leaves):
                    if leaves:
                        return

    def exists(self, world: World) -> bool:
        if self.when is not None and not self.when.true(world):
            return False
        return all(
            self.operations[i].exists(world) for r in self.roots for i in self.reached(r, world)
        )

    def worlds(self, fixed: Mapping[str, Sequence[int]]) -> list[World]:
        values = [fixed.get(n, range(size)) for n, size in self.constants.items()]
        every = (dict(zip(self.constants, v, strict=True)) for v in itertools.product(*values))
        return [w for w in every if self.exists(w)]

    def asked(self, settings: Mapping[str, Sequence[int]]) -> list[World] | None:
        """The worlds that are to be asked, in order; None for an error."""
        found: list[World] = []
        for combination in itertools.product(*settings.values()):
            named = {n: [v] for n, v in zip(settings, combination, strict=True)}
            usual = [n for n in self.defaults if n not in named]
            for size in range(len(usual) + 1):
                some: list[World] = []
                for free in itertools.combinations(usual, size):
                    kept = {n: [self.defaults[n]] for n in usual if n not in free}
                    some += self.worlds({**named, **kept})
                if some:
                    found += [w for w in some if w not in found]
                    break
            else:
                return None
        return sorted(found, key=lambda w: tuple(w.values()))

    # -- what the tool is given

    def text(self) -> str:
        lines = [HEADER]
        for n, size in self.constants.items():
            members = "".join(f"    V{i} = '{n}{i}'\n" for i in range(size))
            default = f", default={n.upper()}.V{self.defaults[n]}" if n in self.defaults else ""
            lines.append(f"class {n.upper()}(OrderedEnum):\n{members}")
            lines.append(f"{n} = constant({n!r}, {n.upper()}, 'which {n}'{default})\n")
        for i, op in reversed(list(enumerate(self.operations))):
            life = "".join(
                f", {word}={op.constant.upper()}.V{v}"
                for word, v in (("since", op.since), ("until", op.until))
                if op.constant is not None and v is not None
            )
            flag = ", flag: bool" if op.flag is not None else ""
            lines.append(f"@operation('f.c:op{i}'{life})\ndef op{i}(m: State{flag}) -> None:")
            if op.flag is not None:
                lines.append(f"    if flag:\n        op{op.flag}(m)\n    WRITE_ONCE(m.bit, True)\n")
            else:
                lines += _lines(op.body, 1, itertools.count())
                lines.append("" if _always_leaves(op.body) else "    WRITE_ONCE(m.bit, True)\n")
        roots = ", ".join(f"op{i}" for i in self.roots)
        when = ""
        if self.when is not None:
            of = f"config[{self.when.constant!r}]"
            when = f", when=lambda config: {self.when.text(of)}"
        lines.append(
            "world = Scenario('world', 'All.', machine=State, sizes={}, initial=off,\n"
            f"                 actors=[Actor('task', {roots}, times=1)]{when})\n"
        )
        expect = "".join(
            f"holds(fine, {', '.join(f'{n}={n.upper()}.V{v}' for n, v in w.items())}), "
            for w in self.claimed
        )
        claim = f"Claim('C', 'c', quote='', source='', scenario=world, expect=[{expect}])"
        claims = f"[{claim}]" if self.claimed else "[]"
        names = ", ".join(self.constants)
        lines.append(f"project = Project('p', {claims}, [{names}], scenarios=[world])\n")
        return "\n".join(lines)


def _leaves(body: Sequence[Statement], world: World) -> bool:
    """Does a block end with a return?"""
    for st in body:
        if isinstance(st, Write) and st.leaves:
            return True
        if isinstance(st, If) and _leaves(st.then if st.cond.true(world) else st.other, world):
            return True
    return False


def _always_leaves(body: Sequence[Statement]) -> bool:
    return any(
        st.leaves
        if isinstance(st, Write)
        else isinstance(st, If) and _always_leaves(st.then) and _always_leaves(st.other)
        for st in body
    )


def _lines(body: Sequence[Statement], depth: int, numbers: Iterator[int]) -> Iterator[str]:
    pad = "    " * depth
    for st in body:
        match st:
            case Call(callee):
                yield f"{pad}op{callee}(m)"
            case CallIf(callee, cond):
                yield f"{pad}op{callee}(m, {cond.text(cond.constant)})"
            case If(cond, then, other, local):
                text = cond.text(cond.constant)
                if local:
                    name = f"known{next(numbers)}"
                    yield f"{pad}{name} = {text}"
                    text = name
                yield f"{pad}if {text}:"
                yield from _lines(then, depth + 1, numbers)
                yield f"{pad}else:"
                yield from _lines(other, depth + 1, numbers)
            case Write(leaves):
                yield f"{pad}WRITE_ONCE(m.bit, False)"
                if leaves:
                    yield f"{pad}return"


def _random(seed: int) -> Random:
    rng = random.Random(seed)
    constants = {n: rng.randint(1, 4) for n in ["age", "base", "kind"][: rng.randint(1, 3)]}
    defaults = {n: rng.randrange(s) for n, s in constants.items() if rng.random() < 0.3}
    count = rng.randint(2, 5)

    def compare() -> Compare:
        name = rng.choice(list(constants))
        return Compare(name, rng.choice(list(COMPARE)), rng.randrange(constants[name]))

    made = [Operation() for _ in range(count)]

    def block(at: int, depth: int) -> list[Statement]:
        found: list[Statement] = []
        for _ in range(rng.randint(1, 2)):
            kind = rng.random()
            if kind < 0.45 and at + 1 < count:
                callee = rng.randrange(at + 1, count)
                flagged = made[callee].flag is not None
                found.append(CallIf(callee, compare()) if flagged else Call(callee))
            elif kind < 0.8 and depth < 2:
                ways = block(at, depth + 1), block(at, depth + 1)
                found.append(If(compare(), *ways, local=rng.random() < 0.3))
            else:
                found.append(Write(leaves=depth > 0 and rng.random() < 0.3))
        # What stands behind a return is no code.
        for i in range(len(found)):
            if _always_leaves(found[: i + 1]):
                return found[: i + 1]
        return found

    for at in reversed(range(count)):
        op = made[at]
        if 0 < at < count - 1 and rng.random() < 0.25:
            later = [i for i in range(at + 1, count) if made[i].flag is None]
            op.flag = rng.choice(later) if later else None
        if op.flag is None:
            op.body = block(at, 0)
        if rng.random() < 0.6:
            op.constant = rng.choice(list(constants))
            size = constants[op.constant]
            op.since = rng.randrange(size) if rng.random() < 0.6 else None
            later_ = range((op.since or 0) + 1, size)
            op.until = rng.choice(later_) if later_ and rng.random() < 0.6 else None
            if op.since is op.until is None:
                op.constant = None
    roots = [0, *([1] if made[1].flag is None and rng.random() < 0.3 else [])]
    project = Random(constants, defaults, made, roots, compare() if rng.random() < 0.4 else None)
    every = [
        dict(zip(constants, v, strict=True))
        for v in itertools.product(*(range(s) for s in constants.values()))
    ]
    project.claimed = rng.sample(every, rng.randint(0, min(3, len(every))))
    return project


def _load(folder: Path, text: str) -> ModuleType:
    return load(folder, text, f"spec_{next(_FILES)}.py")


def _read(folder: Path, project: Random) -> Spec:
    return read_project(_load(folder, project.text()).project)


def _chosen(rng: random.Random, project: Random) -> dict[str, list[int]]:
    names = [n for n in project.constants if rng.random() < 0.5]
    return {
        n: rng.sample(range(project.constants[n]), rng.randint(1, project.constants[n]))
        for n in names
    }


def _places(spec: Spec, world: Mapping[str, object]) -> World:
    return {n: list(d.kind).index(world[n]) for n, d in spec.constants.items()}


def test_the_worlds_are_those_that_python_finds(tmp_path: Path) -> None:
    counted = {"error": 0, "fewer": 0, "relaxed": 0, "all": 0}
    for seed in range(RUNS):
        project = _random(seed)
        claimed, project.claimed = project.claimed, []
        spec = _read(tmp_path, project)
        worlds = Worlds(spec, spec.scenarios["world"])
        rng = random.Random(seed)
        for _ in range(4):
            chosen = _chosen(rng, project)
            settings = {n: [f"{n}{v}" for v in vs] for n, vs in chosen.items()}
            wanted = project.asked(chosen)
            where = f"seed {seed}, {settings}\n{project.text()}"
            if wanted is None:
                counted["error"] += 1
                with pytest.raises(WorldError, match="KT922"):
                    worlds.asked(settings)
                continue
            asked = worlds.asked(settings)
            found = [_places(spec, w) for w in asked.worlds]
            assert found == wanted, where
            # What is left out is told, and nothing is told where nothing is.
            unasked = [w for w in _every(project, chosen) if w not in wanted]
            assert bool(asked.left_out) == bool(unasked), where
            counted["all" if not unasked else "fewer"] += 1
            usual = {n: [d] for n, d in project.defaults.items() if n not in chosen}
            counted["relaxed"] += not project.worlds({**chosen, **usual})
        # A claim for a world that there is not is refused, and only that.
        project.claimed = claimed
        text = _read(tmp_path, project)
        if all(project.exists(w) for w in claimed):
            assert len(points(text, tmp_path)) == len(claimed)
        else:
            with pytest.raises(SpecError, match="KT625"):
                points(text, tmp_path)
    assert all(n > 4 for n in counted.values()), counted


def _every(project: Random, chosen: Mapping[str, Sequence[int]]) -> list[World]:
    values = [chosen.get(n, range(size)) for n, size in project.constants.items()]
    return [dict(zip(project.constants, v, strict=True)) for v in itertools.product(*values)]


def test_no_model_is_made_of_a_world_that_there_is_not(tmp_path: Path) -> None:
    """Whoever asks for it."""
    counted = {True: 0, False: 0}
    for seed in range(25):
        project = _random(seed)
        project.claimed = []
        module = _load(tmp_path, project.text())
        spec = read_project(module.project)
        scenario = spec.scenarios["world"]
        fine = read_property(module.fine, spec.reader, scenario, scenario.loc)
        for world in _every(project, {})[:8]:
            constants = {n: list(d.kind)[world[n]] for n, d in spec.constants.items()}
            made = module_of(spec, scenario, constants, [fine], tmp_path, None)
            exists = project.exists(world)
            counted[exists] += 1
            if exists:
                assert made.model.actions
            else:
                with pytest.raises(SpecError, match="KT625"):
                    _ = made.model
    assert all(n > 20 for n in counted.values()), counted


ALIKE = f"""{HEADER}
class Size(OrderedEnum):
    SMALL = "small"
    LARGE = "large"

size = constant("size", Size, "how much")
kept = constant("kept", Size, "how much of it", default=Size.SMALL)

@operation()
def write(m: State) -> None:
    WRITE_ONCE(m.bit, size == Size.SMALL)

world = Scenario("world", "All.", machine=State, sizes={{}}, initial=off,
                 actors=[Actor("task", write, times=1)])
project = Project("p", [], [size, kept], scenarios=[world])
"""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sise": ["small"]}, "KT923.*there is no constant 'sise'"),
        ({"size": ["smal"]}, "KT919.*size has no value 'smal'"),
        ({"size": ["small", "Size.LARGE"]}, "KT919.*size has no value 'Size.LARGE'"),
    ],
)
def test_what_is_spelt_wrongly(
    tmp_path: Path, settings: dict[str, list[str]], message: str
) -> None:
    spec = read_project(_load(tmp_path, ALIKE).project)
    with pytest.raises(WorldError, match=message):
        Worlds(spec, spec.scenarios["world"]).asked(settings)
    with pytest.raises(WorldError, match=message):
        Selection((), settings).check(spec)


@pytest.mark.parametrize("other", [2.0, True])
def test_values_that_are_written_alike(tmp_path: Path, other: object) -> None:
    text = ALIKE.replace('"small"', repr(other)).replace('"large"', repr(str(other)))
    with pytest.raises(SpecError, match=r"KT604.*two values of constant"):
        read_project(_load(tmp_path, text).project)


def test_the_words_for_what_is_left_out(tmp_path: Path) -> None:
    text = ALIKE.replace("times=1)]", "times=1)], when=lambda c: c['kept'] != c['size']")
    spec = read_project(_load(tmp_path, text).project)
    worlds = Worlds(spec, spec.scenarios["world"])
    assert worlds.asked({}).line() == (
        "not asked: size small (the scenario world is not meant for that); other values of kept"
    )
    only = worlds.asked({"size": ["small"]})
    assert [w["kept"].value for w in only.worlds] == ["large"]
    assert only.line() == (
        "not asked: size small, kept small (the scenario world is not meant for that); "
        "other values of kept"
    )
    assert worlds.asked({"size": ["large"], "kept": ["small"]}).line() is None
