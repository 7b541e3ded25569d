"""What happens in the middle of a line happens in the order in which Python does it.

Random functions, as one step and as an operation that runs alone, are run by Python itself, over
plain objects, and by the reference semantics and the second engine.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from kvmtla.engine import Graph, Limits
from kvmtla.errors import SpecError
from kvmtla.front.scenario import read_project
from kvmtla.ir import stmt as s
from kvmtla.ir.model import Model
from kvmtla.lower.build import lower
from kvmtla.lower.symbolic import Reductions
from kvmtla.sem import Meaning, State, Taken, enabled, first_states
from support.specs import load, project_of

SIZES = "{Page: 2}"
HEADER = '''
from typing import Annotated
from kvmtla import *

Count = Annotated[int, Between(0, 2)]


class Page(Domain, label="page"):
    """A page."""


class Rec(Record):
    ok: bool = False
    n: Count = 0


class M(Shared):
    x: Count
    y: Count
    b: bool
    a: Map[Page, bool]
    c: Map[Page, Count]
    i: Page
    r: Rec


@invariant
def seen(m: M) -> bool:
    return (m.x == m.y and m.b == m.r.ok and m.c[m.i] == m.r.n and all(m.a[p] for p in Page)) or (
        any(m.a[p] or m.c[p] > 0 for p in Page) or m.x > 0 or m.y > 0 or m.r.ok or m.r.n > 0
        or not m.b
    )
'''
# What Python runs and the tool compiles, as it stands.
HELPERS = """
@atomic()
def take(m: M) -> Count:
    old = m.x
    m.x = 0
    return old


@atomic()
def put(m: M, n: Count, p: Page) -> bool:
    m.c[p] = n
    m.b = not m.b
    return m.x == n


@atomic()
def turn(m: M, p: Page) -> Page:
    old = m.i
    m.i = p
    m.a[p] = not m.a[p]
    return old


@atomic()
def both(m: M, n: Count) -> tuple[Count, bool]:
    v = take(m)
    m.y = n
    return m.x, m.b == put(m, v, m.i)


@pure
def same(m: M, n: Count) -> bool:
    return m.x == n or m.c[m.i] == n


@pure
def more(n: Count) -> Count:
    return n + 1 if n < 2 else 0
"""
# So that nothing is left out: something else uses and changes every field.
STIR = """
@hardware("stir")
def stir(m: M, p: Page) -> None:
    m.x = m.y
    m.y = m.c[p]
    m.b = not m.b
    m.a[p] = not m.a[p]
    m.c[p] = more(m.x)
    m.i = p
    m.r = Rec(ok=m.a[p], n=m.x)
"""
WORLD = """
world = Scenario("world", "w.", machine=M, sizes={sizes}, initial=first,
                 actors=[{actors}], hardware=[{hardware}])
project = Project("p", [Claim("C1", "c", quote="", source="", scenario=world,
                              expect=[holds(seen)])], constants=[])
"""


class Text(NamedTuple):
    """Code for the tool, and the same for Python."""

    spec: str
    python: str

    @classmethod
    def of(cls, pattern: str, *parts: Text) -> Text:
        return cls(
            pattern.format(*(p.spec for p in parts)), pattern.format(*(p.python for p in parts))
        )


def _same(text: str) -> Text:
    return Text(text, text)


class Maker:
    """Makes the body of a function, in the end as lines; `steps` is for an operation."""

    def __init__(self, draw: Callable[[Any], Any], steps: bool) -> None:
        self.draw, self.steps = draw, steps
        self.locals = {"count": ["n"], "bool": ["k"], "page": ["p"]}

    def one_of(self, *choices: Callable[[], Text]) -> Text:
        return self.draw(st.sampled_from(choices))()  # type: ignore[no-any-return]

    def place(self, lazy: bool, depth: int, kind: str) -> tuple[str, list[Text]]:
        """The name of a field of this kind, and its index."""
        name = self.draw(st.sampled_from({"count": "xyc", "bool": "ba", "page": "i"}[kind]))
        index = [self.page(lazy, depth - 1)] if name in "ac" else []
        return name, index

    def read(self, lazy: bool, depth: int, kind: str) -> Text:
        if self.steps and lazy:
            return self.local(kind)
        name, index = self.place(lazy, depth, kind)
        if self.steps:
            return self.access("READ_ONCE", name, index)
        return Text.of(f"m.{name}[{{0}}]", *index) if index else _same(f"m.{name}")

    def access(self, how: str, name: str, index: list[Text], *values: Text) -> Text:
        where = f"m.{name}" + "".join(f"[{i.spec}]" for i in index)
        key = index[0].python if index else "None"
        return Text(
            f"{how}({', '.join([where, *(v.spec for v in values)])})",
            f"{how}(m, '{name}', {', '.join([key, *(v.python for v in values)])})",
        )

    def xchg(self, lazy: bool, depth: int, kind: str) -> Text:
        name, index = self.place(lazy, depth, kind)
        return self.access("xchg", name, index, self.value(kind, lazy, depth - 1))

    def local(self, kind: str) -> Text:
        return _same(self.draw(st.sampled_from(self.locals[kind])))

    def value(self, kind: str, lazy: bool, depth: int) -> Text:
        return getattr(self, kind)(lazy, depth)  # type: ignore[no-any-return]

    def some(self, kind: str, lazy: bool, depth: int) -> list[Callable[[], Text]]:
        found = [lambda: self.local(kind), lambda: self.read(lazy, depth, kind)]
        if self.steps and not lazy and depth > 0:
            found.append(lambda: self.xchg(lazy, depth, kind))
        return found

    def page(self, lazy: bool = False, depth: int = 0) -> Text:
        some = self.some("page", lazy, depth)
        if depth > 0 and not lazy:
            some.append(lambda: Text.of("turn(m, {0})", self.page(lazy, depth - 1)))
        return self.one_of(*some)

    def count(self, lazy: bool, depth: int) -> Text:
        some = [lambda: _same("1"), *self.some("count", lazy, depth)]
        if not lazy:
            some += [lambda: _same("take(m)")] * 2
        if depth > 0:
            some.append(lambda: Text.of("more({0})", self.count(lazy, depth - 1)))
            some.append(
                lambda: Text.of(
                    "({1} if {0} else {2})",
                    self.bool(lazy, depth - 1),
                    self.count(True, depth - 1),
                    self.count(True, depth - 1),
                )
            )
        return self.one_of(*some)

    def bool(self, lazy: bool, depth: int) -> Text:
        some = self.some("bool", lazy, depth)
        if not lazy:
            some += [
                lambda: Text.of(
                    "put(m, {0}, {1})", self.count(lazy, depth - 1), self.page(lazy, depth - 1)
                ),
                lambda: Text.of(
                    "put(m, p={0}, n={1})", self.page(lazy, depth - 1), self.count(lazy, depth - 1)
                ),
            ]
        if not self.steps:
            some.append(lambda: Text.of("same(m, {0})", self.count(lazy, depth - 1)))
        if depth > 0:
            down = depth - 1
            some += [
                lambda: Text.of("({0} == {1})", self.count(lazy, down), self.count(lazy, down)),
                lambda: Text.of(
                    "({0} < {1} <= {2})",
                    self.count(lazy, down),
                    self.count(lazy, down),
                    self.count(True, down),
                ),
                lambda: Text.of("({0} != {1})", self.bool(lazy, down), self.bool(lazy, down)),
                lambda: Text.of("({0} & {1})", self.bool(lazy, down), self.bool(lazy, down)),
                lambda: Text.of("({0} and {1})", self.bool(lazy, down), self.bool(True, down)),
                lambda: Text.of("({0} or {1})", self.bool(lazy, down), self.bool(True, down)),
                lambda: Text.of("(not {0})", self.bool(lazy, down)),
                lambda: Text.of(
                    "({0} in Set({{{1}, {2}}}))", *(self.page(lazy, down) for _ in "012")
                ),
                lambda: Text.of(
                    "(Rec(n={0}, ok={1}) == Rec(ok={2}).but(n={3}))",
                    self.count(lazy, down),
                    self.bool(lazy, down),
                    self.bool(lazy, down),
                    self.count(lazy, down),
                ),
                lambda: Text.of("all({0} != q for q in Page)", self.page(True, down)),
                # The innermost variable of a name is meant.
                lambda: Text.of("any({0} == p for p in Page)", self.page(True, down)),
                lambda: Text.of("all({0} for q in Page for p in Page)", self.bool(True, down)),
            ]
        return self.one_of(*some)

    def block(self, depth: int) -> Iterator[Text]:
        for _ in range(self.draw(st.integers(1, 2 + depth))):
            yield from self.draw(
                st.sampled_from(
                    [self.store, self.store, self.assign, self.decide, self.results, self.loop]
                )
            )(depth)

    def store(self, depth: int) -> Iterator[Text]:
        kind = self.draw(st.sampled_from(["count", "bool", "page", "record"]))
        if kind == "record":
            if self.steps:
                value = Text.of("Rec(n={0}, ok={1})", self.count(False, 2), self.bool(False, 2))
                yield self.access("WRITE_ONCE", "r", [], value)
                return
            pattern = self.draw(
                st.sampled_from(["m.r = m.r.but(n={0}, ok={1})", "m.r.n = {0}", "m.r.ok |= {1}"])
            )
            yield Text.of(pattern, self.count(False, 2), self.bool(False, 2))
            return
        name, index = self.place(False, 2, kind)
        value = self.value(kind, False, 3)
        if self.steps:
            yield self.access("WRITE_ONCE", name, index, value)
            return
        sign = self.draw(st.sampled_from(["=", "|=", "&="] if kind == "bool" else ["="]))
        where = Text.of(f"m.{name}[{{0}}]", *index) if index else _same(f"m.{name}")
        yield Text.of(f"{{0}} {sign} {{1}}", where, value)

    def assign(self, depth: int) -> Iterator[Text]:
        kind = self.draw(st.sampled_from(["count", "bool"]))
        yield Text.of("{0} = {1}", self.local(kind), self.value(kind, False, 3))

    def results(self, depth: int) -> Iterator[Text]:
        yield Text.of("n, k = both(m, {0})", self.count(False, 2))

    def loop(self, depth: int) -> Iterator[Text]:
        if depth == 0:
            yield _same("pass")
            return
        yield _same("for p in Page:")
        yield from (Text.of("    {0}", line) for line in self.block(depth - 1))

    def decide(self, depth: int) -> Iterator[Text]:
        if depth == 0:
            yield _same("pass")
            return
        yield Text.of("if {0}:", self.bool(False, 3))
        yield from (Text.of("    {0}", line) for line in self.block(depth - 1))
        if self.draw(st.booleans()):
            yield Text.of("elif {0}:", self.bool(False, 2))
            yield from (Text.of("    {0}", line) for line in self.block(depth - 1))


@dataclass(frozen=True)
class Program:
    """A function, as a spec and for Python, and what the shared state is at first."""

    spec: str
    python: str
    steps: bool
    x: int
    c: tuple[int, int]


@st.composite
def programs(draw: Callable[[Any], Any], steps: bool) -> Program:
    """A function of random lines."""
    # What has no step at all would be left out.
    begin = Text("n: Count = xchg(m.y, 2)", "n = xchg(m, 'y', None, 2)")
    lines = [begin if steps else _same("n: Count = 1"), _same("k = False")]
    lines += Maker(draw, steps).block(1)

    def function(head: str, body: list[str]) -> str:
        return "\n".join([head, *(f"    {line}" for line in body)])

    head = "@operation()\n" if steps else '@hardware("f")\n'
    return Program(
        function(f"{head}def f(m: M, p: Page) -> None:", [t.spec for t in lines]),
        function("def f(m, p):", [t.python for t in lines]),
        steps,
        draw(st.integers(0, 2)),
        (draw(st.integers(0, 2)), draw(st.integers(0, 2))),
    )


# -- by Python


@dataclass
class Rec:
    ok: bool = False
    n: int = 0

    def but(self, **changes: Any) -> Rec:
        return replace(self, **changes)


@dataclass
class Shared:
    x: int
    y: int
    b: bool
    a: list[bool]
    c: list[int]
    i: int
    r: Rec = field(default_factory=Rec)


def _at(m: Shared, name: str, key: int | None) -> Any:
    return getattr(m, name) if key is None else getattr(m, name)[key]


def _xchg(m: Shared, name: str, key: int | None, value: Any) -> Any:
    old = _at(m, name, key)
    if key is None:
        setattr(m, name, value)
    else:
        getattr(m, name)[key] = value
    return old


def by_python(program: Program, first: State, p: int) -> State:
    """What Python makes of the state when it runs the function with this page."""
    names: dict[str, Any] = {
        **dict.fromkeys(("M", "Count", "Page")),
        "Page": (0, 1),
        "Set": set,
        "Rec": Rec,
        "atomic": lambda: lambda f: f,
        "pure": lambda f: f,
        "READ_ONCE": _at,
        "WRITE_ONCE": _xchg,
        "xchg": _xchg,
    }
    text = f"from __future__ import annotations\n{HELPERS}\n{program.python}"
    exec(compile(text, "<python>", "exec"), names)
    m = Shared(**{n: copy.deepcopy(_plain(first[n])) for n in ("x", "y", "b", "a", "c", "i")})
    ok, n = first["r"]  # type: ignore[misc]
    m.r = Rec(bool(ok), n)  # type: ignore[arg-type]
    names["f"](m, p)
    return {**vars(m), "a": tuple(m.a), "c": tuple(m.c), "r": (m.r.ok, m.r.n)}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


# -- by the tool


def _model(program: Program, folder: Path, reductions: Reductions) -> Model:
    initial = (
        "\n\n@initial\ndef first(m: M) -> None:\n"
        f"    m.x = {program.x}\n    m.b = choose(bool)\n    m.i = choose(Page)\n"
        f"    m.c = Map({{p: {program.c[0]} if p == m.i else {program.c[1]} for p in Page}})\n"
    )
    world = WORLD.format(
        sizes=SIZES,
        actors='Actor("one", f, times=1)' if program.steps else "",
        hardware="stir" if program.steps else "stir, f",
    )
    text = "\n\n".join([HEADER, HELPERS, STIR, program.spec, initial, world])
    read = read_project(load(folder, text).project)
    claim = read.claims[0]
    return lower(
        claim.scenario,
        read.reader,
        claim.points[0].constants,
        [read.reader.program.functions["seen"]],
        name="test",
        reductions=reductions,
    )


def _mine(action: str) -> bool:
    return not action.endswith("stir")


def _ends(model: Model, first: State) -> dict[int, State]:
    """Where the function leads from a state, for each page."""
    meaning = Meaning(model)

    def following(state: State) -> list[Taken]:
        return [t for t in enabled(meaning, state) if _mine(t.action.name)]

    found = {}
    for taken in following(first):
        p, after = taken.bound[taken.action.params[0].name], taken.after
        while "one_pc" in after and (on := following(after)):
            (one,) = on
            after = one.after
        assert isinstance(p, int)
        assert p not in found
        found[p] = after
    return found


def _by_engine(model: Model, graph: Graph, first: State) -> list[State]:
    """Where the function leads from a state, for any page, as the second engine has it."""

    def following(state: int) -> set[int]:
        return {state ^ change for change, end, _ in graph.steps(state) if _mine(graph.action(end))}

    todo, ends = following(graph.pack(first)), []
    while todo:
        state = todo.pop()
        on = following(state) if "one_pc" in model.variables else ()
        todo |= set(on)
        if not on:
            ends.append(_shared(model, graph.unpack(state)))
    return ends


def _shared(model: Model, state: State) -> State:
    return {n: state[n] for n, v in model.variables.items() if v.actor is None}


def check(program: Program) -> None:
    """Compare what Python and what the tool makes of a function."""
    folder = Path(tempfile.mkdtemp())
    try:
        for reductions in (Reductions(), Reductions.none()):
            try:
                model = _model(program, folder, reductions)
            except SpecError as error:
                assert error.code == "KT513", error.render()
                return
            graph = Graph(model, Limits(states=1))
            for first in first_states(Meaning(model)):
                expected = {p: by_python(program, first, p) for p in (0, 1)}
                found = {p: _shared(model, end) for p, end in _ends(model, first).items()}
                assert found == expected, first
                ends = _by_engine(model, graph, first)
                assert all(end in expected.values() for end in ends)
                assert all(end in ends for end in expected.values())
    finally:
        shutil.rmtree(folder)


@settings(max_examples=50, derandomize=True)
@given(programs(steps=False))
def test_one_step(program: Program) -> None:
    check(program)


@settings(max_examples=30, derandomize=True)
@given(programs(steps=True))
def test_an_operation_alone(program: Program) -> None:
    check(program)


def test_what_a_with_reads_is_read_while_the_items_before_it_are_held(tmp_path: Path) -> None:
    text = """
from kvmtla import *
from support.machine import *


@operation()
def op(m: Machine, page: Page) -> None:
    with write_lock(m.lock), walking(choose(Page)):
        set_bit(m.bitmap[page])


@invariant
def fine(m: Machine) -> bool:
    return not any(m.bitmap[p] and walking.active(p) for p in Page)
"""
    program = read_project(project_of(load(tmp_path, text))).reader.program
    (lock,) = program.functions["op"].body
    assert isinstance(lock, s.WithLock)
    assert [type(st) for st in lock.body] == [s.Choose, s.WithSpan]
