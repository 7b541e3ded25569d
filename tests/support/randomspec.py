"""Random specs: the text of a Python module that says something, however senseless, in all of it.

Everything that the language has appears: fields of every type, pure, one-step and hardware
functions, operations with primitives, locks, loops, exits, spans, choices, calls. The specs are
well typed, and small, so that all their states can be visited.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

HEADER = '''\
"""A random spec."""

from enum import Enum
from typing import Annotated

from kvmtla import (
    READ_ONCE, WRITE_ONCE, Actor, Between, Bit, Claim, Domain, Map, OrderedEnum, Project, Record,
    RwLock, Scenario, Set, Shared, Span, Word, atomic, atomic_fetch_and, atomic_fetch_or, choose,
    clear_bit, cmpxchg, constant, hardware, holds, initial, invariant, operation, pure, read_lock,
    require, set_bit, test_and_clear_bit, test_and_set_bit, test_bit, try_cmpxchg, wait_until,
    write_lock, xchg,
)


class Page(Domain, label="page"):
    """Ordered."""


class Cpu(Domain, symmetric=True, label="CPU"):
    """Symmetric."""


class Zone(Enum):
    DMA = "dma"
    LOW = "low"
    HIGH = "high"


class Level(OrderedEnum):
    NONE = "none"
    SOME = "some"
    ALL = "all"


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Pte(Word):
    young: bool = Bit(x86=5)
    dirty: bool = Bit(x86=6)
    # No word that is made has it, but masks do.
    huge: bool = Bit(x86=7)


class Entry(Record):
    valid: bool = False
    level: Level = Level.NONE
    owner: Cpu | None = None


mode = constant("mode", Mode)
DIRTY = Pte(dirty=True)

'''


@dataclass(frozen=True)
class T:
    """A type: its name, and what it is made of."""

    name: str
    of: tuple[T, ...] = ()
    low: int = 0
    high: int = 0

    def __str__(self) -> str:
        match self.name:
            case "int":
                return f"Annotated[int, Between({self.low}, {self.high})]"
            case "map":
                return f"Map[{self.of[0]}, {self.of[1]}]"
            case "set":
                return f"Set[{self.of[0]}]"
            case "optional":
                return f"{self.of[0]} | None"
        return self.name


BOOL, ZONE, LEVEL, PTE, ENTRY, LOCK = (
    T(n) for n in ("bool", "Zone", "Level", "Pte", "Entry", "RwLock")
)
PAGE, CPU = T("Page"), T("Cpu")
MEMBERS = {ZONE: ("DMA", "LOW", "HIGH"), LEVEL: ("NONE", "SOME", "ALL")}
PARTS = {
    PTE: {"young": BOOL, "dirty": BOOL},
    ENTRY: {"valid": BOOL, "level": LEVEL, "owner": T("optional", (CPU,))},
}


def integer(low: int, high: int) -> T:
    return T("int", (), low, high)


def optional(t: T) -> T:
    return T("optional", (t,))


def map_of(key: T, value: T) -> T:
    return T("map", (key, value))


def set_of(element: T) -> T:
    return T("set", (element,))


# The types of shared fields, the more frequent ones more than once.
FIELDS = (
    BOOL,
    BOOL,
    integer(0, 2),
    integer(-1, 1),
    ZONE,
    LEVEL,
    PTE,
    ENTRY,
    optional(CPU),
    optional(PAGE),
    optional(integer(0, 1)),
    set_of(CPU),
    set_of(PAGE),
    set_of(ZONE),
    map_of(PAGE, BOOL),
    map_of(PAGE, PTE),
    map_of(PAGE, PTE),
    map_of(CPU, BOOL),
    map_of(CPU, ENTRY),
    map_of(PAGE, optional(CPU)),
    map_of(CPU, map_of(PAGE, BOOL)),
    map_of(PAGE, set_of(CPU)),
    map_of(CPU, integer(0, 1)),
)
SMALL = (BOOL, ZONE, LEVEL, PTE, integer(0, 2), optional(CPU), ENTRY, map_of(PAGE, BOOL))


@dataclass
class Callee:
    """A function that others can call."""

    name: str
    params: list[tuple[str, T]]
    result: T | None
    shared: bool = True


@dataclass
class Scope:
    """What an expression or a statement may speak of.

    `shared`: shared state may be read. `kind` is the function's; `loop` says whether break and
    continue have a loop to leave, `locked` whether a lock is held.
    """

    kind: str
    names: dict[str, T] = field(default_factory=dict)
    shared: bool = False
    loop: bool = False
    locked: bool = False
    result: T | None = None
    not_none: tuple[str, ...] = ()

    def inner(self) -> Scope:
        return replace(self, names=dict(self.names))


class Writer:
    """Writes one spec."""

    def __init__(self, r: random.Random, size: int, cpus: int) -> None:
        self.r = r
        self.size = size
        self.cpus = cpus
        self.counter = 0
        self.fields: dict[str, T] = {}
        self.pures: list[Callee] = []
        self.atomics: list[Callee] = []
        self.helpers: list[Callee] = []
        self.spans: dict[str, tuple[str, T] | None] = {}
        self.primitives = 0

    def chance(self, percent: int) -> bool:
        return self.r.randrange(100) < percent

    def fresh(self, base: str) -> str:
        self.counter += 1
        return f"{base}{self.counter}"

    # -- expressions

    def paths(self, scope: Scope, shared: bool) -> Iterator[tuple[str, T]]:
        """All places that can be read, with their types."""
        roots = list(scope.names.items())
        if shared:
            roots += [(f"m.{n}", t) for n, t in self.fields.items()]
        todo = roots
        while todo:
            text, t = todo.pop()
            yield text, t
            if t.name == "optional" and text in scope.not_none:
                t = t.of[0]
                yield text, t
            for part, inner in PARTS.get(t, {}).items():
                todo.append((f"{text}.{part}", inner))
            if t.name == "map":
                todo += [(f"{text}[{k}]", t.of[1]) for k in self.keys(scope, t.of[0])]

    def keys(self, scope: Scope, t: T) -> list[str]:
        found = [n for n, u in scope.names.items() if u == t]
        return found + [
            n for n, u in scope.names.items() if u == optional(t) and n in scope.not_none
        ]

    def atoms(self, t: T, scope: Scope) -> list[str]:
        """Places of type `t` that can be read."""
        alike = (lambda u: u.name == "int") if t.name == "int" else (lambda u: u == t)
        return [text for text, u in self.paths(scope, scope.shared) if alike(u)]

    def can(self, t: T, scope: Scope) -> bool:
        """Is there any value of type `t` that can be written here?"""
        return t not in (PAGE, CPU) or bool(self.atoms(t, scope))

    def expr(self, t: T, scope: Scope, depth: int = 2) -> str:
        """An expression of type `t`."""
        atoms = self.atoms(t, scope)
        if t in (PAGE, CPU):
            return self.r.choice(atoms)
        if atoms and self.chance(45 if depth else 65):
            return self.r.choice(atoms)
        calls = [p for p in self.pures if p.result == t and self.callable(p, scope)]
        if depth and calls and self.chance(25):
            return self.call(self.r.choice(calls), scope)
        if depth and self.chance(12):
            cond = self.cond(scope, depth - 1)
            return f"({self.expr(t, scope, depth - 1)} if {cond} else {self.expr(t, scope, 0)})"
        return self.made(t, scope, depth)

    def made(self, t: T, scope: Scope, depth: int) -> str:
        r = self.r
        less = max(depth - 1, 0)
        match t.name:
            case "bool":
                return self.boolean(scope, depth)
            case "int":
                atoms = self.atoms(t, scope)
                if depth and atoms and self.chance(25):
                    return f"({r.choice(atoms)} {r.choice('+-')} {r.randint(0, 1)})"
                return str(r.randint(t.low, t.high))
            case "Zone" | "Level":
                return f"{t}.{r.choice(MEMBERS[t])}"
            case "Pte":
                if depth and self.chance(50):
                    a, b = self.expr(t, scope, less), self.expr(t, scope, 0)
                    return r.choice([f"({a} & {b})", f"({a} | {b})", f"(~{a})", f"({a} & ~DIRTY)"])
                return self.record(t, scope, less)
            case "Entry":
                return self.record(t, scope, less)
            case "optional":
                inner = t.of[0]
                return (
                    "None"
                    if not self.can(inner, scope) or self.chance(40)
                    else self.expr(inner, scope, less)
                )
            case "map":
                key = self.fresh("k")
                inside = scope.inner()
                inside.names[key] = t.of[0]
                return f"Map({{{key}: {self.expr(t.of[1], inside, less)} for {key} in {t.of[0]}}})"
            case "set":
                return self.set(t, scope, less)
        raise AssertionError(t)

    def record(self, t: T, scope: Scope, depth: int) -> str:
        parts = PARTS[t]
        base = self.atoms(t, scope)
        changed = self.r.sample(list(parts), self.r.randint(0, len(parts)))
        if base and self.chance(60):
            changed = changed or [next(iter(parts))]
            return f"{self.r.choice(base)}.but({self.given(parts, changed, scope, depth)})"
        return f"{t}({self.given(parts, changed, scope, depth)})"

    def given(self, parts: dict[str, T], names: list[str], scope: Scope, depth: int) -> str:
        return ", ".join(f"{n}={self.expr(parts[n], scope, depth)}" for n in names)

    def set(self, t: T, scope: Scope, depth: int) -> str:
        element = t.of[0]
        atoms = self.atoms(t, scope)
        if depth and atoms and self.chance(50):
            a = self.r.choice(atoms)
            return f"({a} {self.r.choice('|&-')} {self.expr(t, scope, depth - 1)})"
        ways: list[Callable[[], str]] = []
        if element == ZONE or self.can(element, scope):
            count = self.r.randint(1, 2)
            ways.append(
                lambda: (
                    "Set({" + ", ".join(self.expr(element, scope, 0) for _ in range(count)) + "})"
                )
            )
        if element != ZONE:
            ways.append(lambda: self.filter(element, scope, depth))
        return self.r.choice(ways)()

    def filter(self, element: T, scope: Scope, depth: int) -> str:
        var = self.fresh("k")
        inside = scope.inner()
        inside.names[var] = element
        return f"Set({{{var} for {var} in {element} if {self.cond(inside, depth)}}})"

    def cond(self, scope: Scope, depth: int = 2) -> str:
        """A condition: a boolean, or a word."""
        words = self.atoms(PTE, scope)
        if words and self.chance(8):
            return self.r.choice([self.r.choice(words), f"({self.r.choice(words)} & DIRTY)"])
        return self.expr(BOOL, scope, depth)

    def boolean(self, scope: Scope, depth: int) -> str:
        r = self.r
        if not depth:
            return self.comparison(scope) if self.chance(80) else r.choice(["True", "False"])
        kind = r.choice(
            ["not", "and", "and", "or", "or", "compare", "compare", "in", "any", "none"]
        )
        less = depth - 1
        match kind:
            case "not":
                return f"(not {self.expr(BOOL, scope, less)})"
            case "and" | "or":
                parts = [self.expr(BOOL, scope, less) for _ in range(r.randint(2, 3))]
                return f"({f' {kind} '.join(parts)})"
            case "in":
                sets = [(p, t) for p, t in self.paths(scope, scope.shared) if t.name == "set"]
                sets = [(p, t) for p, t in sets if self.can(t.of[0], scope)]
                if sets:
                    text, t = r.choice(sets)
                    word = r.choice(["in", "not in"])
                    return f"({self.expr(t.of[0], scope, 0)} {word} {text})"
            case "any":
                var, over = self.fresh("k"), r.choice([PAGE, CPU, CPU, ZONE])
                inside = scope.inner()
                inside.names[var] = over
                body = self.expr(BOOL, inside, less)
                test = f" if {self.expr(BOOL, inside, 0)}" if self.chance(30) else ""
                return f"{r.choice(['any', 'all'])}({body} for {var} in {over}{test})"
            case "none":
                return self.about_none(scope, less)
        return self.comparison(scope)

    def about_none(self, scope: Scope, depth: int) -> str:
        found = [(p, t) for p, t in self.paths(scope, scope.shared) if t.name == "optional"]
        # An index that reads shared state makes no name that could be tested.
        if not found:
            return self.comparison(scope)
        text, _ = self.r.choice(found)
        if self.chance(50):
            return f"({text} {self.r.choice(['is', 'is not'])} None)"
        knowing = replace(scope.inner(), not_none=(*scope.not_none, text))
        # Where it is a plain name, it may index maps too.
        if self.chance(50):
            return f"({text} is not None and {self.expr(BOOL, knowing, depth)})"
        return f"({text} is None or {self.expr(BOOL, knowing, depth)})"

    def comparison(self, scope: Scope) -> str:
        found = [p for p in self.paths(scope, scope.shared) if p[1] not in (LOCK, BOOL)]
        found = [(p, t) for p, t in found if t.name != "map" or self.chance(30)]
        if not found:
            return self.r.choice(["True", "False"])
        text, t = self.r.choice(found)
        if t.name == "int" or (t == LEVEL and self.chance(50)):
            sign = self.r.choice(["==", "!=", "<", "<=", ">", ">="])
            return f"({text} {sign} {self.expr(t, scope, 1)})"
        if t.name in ("set", "map"):
            inner = self.atoms(t, scope)
            return f"({text} {self.r.choice(['==', '!='])} {self.r.choice(inner)})"
        return f"({text} {self.r.choice(['==', '!='])} {self.expr(t, scope, 1)})"

    def callable(self, f: Callee, scope: Scope) -> bool:
        if f.shared and not scope.shared and f in self.pures:
            return False
        return all(self.can(t, scope) for _, t in f.params)

    def call(self, f: Callee, scope: Scope) -> str:
        args = ["m"] if f.shared else []
        for name, t in f.params:
            value = self.expr(t, scope, 1)
            args.append(f"{name}={value}" if name == f.params[-1][0] and self.chance(15) else value)
        return f"{f.name}({', '.join(args)})"

    # -- functions

    def params(self, choices: tuple[T, ...], most: int) -> list[tuple[str, T]]:
        names = {BOOL: "flag", ZONE: "zone", PAGE: "page", CPU: "cpu"}
        chosen = [self.r.choice(choices) for _ in range(self.r.randint(0, most))]
        return [(self.fresh(names.get(t, "arg")), t) for t in chosen]

    def head(self, f: Callee) -> str:
        params = (["m: Machine"] if f.shared else []) + [f"{n}: {t}" for n, t in f.params]
        return f"def {f.name}({', '.join(params)}) -> {f.result}:"

    def pure(self) -> list[str]:
        result = self.r.choice([BOOL, BOOL, PTE, LEVEL, ENTRY])
        shared = self.chance(60)
        f = Callee(
            self.fresh("pure"), self.params((BOOL, PAGE, CPU, PTE, ENTRY), 2), result, shared
        )
        scope = Scope("pure", dict(f.params), shared, result=result)
        body = []
        if self.chance(30):
            body.append(f"known = {self.expr(PTE, scope, 1)}")
            scope.names["known"] = PTE
        if self.chance(40):
            body += [f"if {self.cond(scope)}:", f"    return {self.value(result, scope)}"]
        body.append(f"return {self.value(result, scope)}")
        lines = ["@pure", self.head(f), *(f"    {line}" for line in body), "", ""]
        self.pures.append(f)
        return lines

    def value(self, t: T, scope: Scope, depth: int = 2) -> str:
        return self.expr(t, scope, depth)

    def one_step(self, kind: str, decorator: str, params: list[tuple[str, T]]) -> list[str]:
        result = self.r.choice(SMALL) if kind == "atomic" and self.chance(40) else None
        f = Callee(self.fresh(kind), params, result)
        scope = Scope(kind, dict(params), True, result=result)
        body = []
        if kind == "hardware" or self.chance(25):
            body.append(f"require({self.cond(scope)})")
        lines, ended = self.stores(scope, self.r.randint(1, 3))
        body += lines
        if result is not None and not ended:
            body.append(f"return {self.value(result, scope)}")
        text = [decorator, self.head(f), *(f"    {line}" for line in body), "", ""]
        if kind == "atomic":
            self.atomics.append(f)
        return text

    def stores(self, scope: Scope, count: int) -> tuple[list[str], bool]:
        """Statements of a function that is one step, and whether it has ended with them."""
        lines: list[str] = []
        for _ in range(count):
            kind = self.r.choice(
                ["store", "store", "store", "if", "for", "local", "choose", "return"]
            )
            if kind == "return" and (scope.kind != "atomic" or not lines or self.chance(60)):
                kind = "store"
            match kind:
                case "if":
                    lines.append(f"if {self.cond(scope)}:")
                    inside, ended = self.stores(scope.inner(), 1)
                    lines += [f"    {line}" for line in inside]
                    if self.chance(40):
                        lines.append("else:")
                        other, done = self.stores(scope.inner(), 1)
                        lines += [f"    {line}" for line in other]
                        if ended and done:
                            return lines, True
                case "for":
                    var = self.fresh("page")
                    inside = scope.inner()
                    inside.names[var] = PAGE
                    inside.loop = True
                    body, ended = self.stores(inside, 1)
                    if not ended and self.chance(20):
                        body += [f"if {self.cond(inside, 1)}:", f"    {self.r.choice(LEAVE)}"]
                    lines += [f"for {var} in Page:", *(f"    {line}" for line in body)]
                case "local":
                    lines.append(self.local(scope))
                case "choose":
                    t = self.r.choice([BOOL, ZONE, CPU, PAGE])
                    name = self.fresh("any")
                    lines.append(f"{name} = choose({t})")
                    scope.names[name] = t
                case "return":
                    return [*lines, self.leave(scope)], True
                case _:
                    lines.append(self.store(scope))
        return lines, False

    def store(self, scope: Scope) -> str:
        places = self.places(scope)
        text, t = self.r.choice(places)
        if t.name == "set" and self.chance(50):
            return f"{text} {self.r.choice('|&-')}= {self.expr(t, scope, 1)}"
        if t.name == "int" and self.chance(25):
            return f"{text} {self.r.choice('+-')}= 1"
        return f"{text} = {self.value(t, scope)}"

    def places(self, scope: Scope) -> list[tuple[str, T]]:
        """Parts of the shared state that can be written."""
        roots = Scope(scope.kind, {n: t for n, t in scope.names.items() if t in (PAGE, CPU)})
        found = [(p, t) for p, t in self.paths(roots, True) if p.startswith("m.") and t != LOCK]
        # Bits of words are what is most often written in a kernel, but not all there is.
        return [p for p in found if p[1] != BOOL or "." not in p[0][2:] or self.chance(50)] or found

    def local(self, scope: Scope) -> str:
        old = [(n, t) for n, t in scope.names.items() if n.startswith("v") and t.name != "set"]
        if old and self.chance(40):
            name, t = self.r.choice(old)
            return f"{name} = {self.value(t, scope)}"
        t = self.r.choice([u for u in (*SMALL, PAGE, CPU) if self.can(u, scope)])
        name = self.fresh("v")
        value = self.value(t, scope)
        plain = t.name not in ("optional", "int", "map") and t != BOOL and self.chance(70)
        scope.names[name] = t
        return f"{name} = {value}" if plain else f"{name}: {t} = {value}"

    def leave(self, scope: Scope) -> str:
        return "return" if scope.result is None else f"return {self.value(scope.result, scope, 1)}"

    # -- operations

    def operation(self, helper: bool, params: list[tuple[str, T]]) -> list[str]:
        result = self.r.choice(SMALL) if helper and self.chance(60) else None
        f = Callee(self.fresh("helper" if helper else "op"), params, result)
        scope = Scope("operation", dict(params), result=result)
        body, ended = self.steps(scope, self.r.randint(1, 2 if helper else 1 + self.size))
        if self.primitives == 0 or not body:
            body = [self.access(scope), *body] if not ended or body else body
        if result is not None and not ended:
            body.append(f"return {self.value(result, scope)}")
        text = ["@operation()", self.head(f), *(f"    {line}" for line in body), "", ""]
        if helper:
            self.helpers.append(f)
        return text

    def steps(self, scope: Scope, count: int) -> tuple[list[str], bool]:
        """Statements of an operation, and whether it has left with them."""
        lines: list[str] = []
        kinds = ["access"] * 8 + ["if"] * 3 + ["call", "call", "local", "wait", "choose"]
        kinds += ["lock", "for", "while", "span", "leave"]
        for _ in range(count):
            made, ended = self.step(scope, self.r.choice(kinds))
            lines += made
            if ended:
                return lines, True
        return lines, False

    def step(self, scope: Scope, kind: str) -> tuple[list[str], bool]:
        match kind:
            case "if":
                return self.decision(scope)
            case "call":
                found = [f for f in (*self.atomics, *self.helpers) if self.callable(f, scope)]
                if found:
                    return [self.called(self.r.choice(found), scope)], False
            case "local":
                return [self.local(scope)], False
            case "wait":
                seeing = replace(scope, shared=True)
                return [f"wait_until({self.cond(seeing)})"], False
            case "choose":
                t = self.r.choice([BOOL, ZONE, CPU, PAGE])
                name = self.fresh("v")
                line = f"{name} = choose({t})"
                scope.names[name] = t
                return [line], False
            case "lock" if not scope.locked and LOCK in self.fields.values():
                lock = next(n for n, t in self.fields.items() if t == LOCK)
                scope.locked = True
                body, ended = self.steps(scope, self.r.randint(1, 2))
                scope.locked = False
                head = f"with {self.r.choice(['read', 'write'])}_lock(m.{lock}):"
                return [head, *(f"    {line}" for line in body)], ended
            case "for":
                var = self.fresh("page")
                inside = replace(scope.inner(), loop=True)
                inside.names[var] = PAGE
                body, ended = self.steps(inside, self.r.randint(1, 2))
                if not ended and self.chance(30):
                    body += [f"if {self.cond(inside, 1)}:", f"    {self.r.choice(LEAVE)}"]
                return [f"for {var} in Page:", *(f"    {line}" for line in body)], False
            case "while":
                return self.loop(scope)
            case "span" if self.spans:
                return self.span(scope)
            case "leave" if self.chance(35):
                return [self.r.choice(LEAVE) if scope.loop else self.leave(scope)], True
        return [self.access(scope)], False

    def decision(self, scope: Scope) -> tuple[list[str], bool]:
        then, other = scope.inner(), scope.inner()
        bits = [p for p, t in self.places(scope) if t == BOOL]
        if bits and self.chance(35):
            name = self.r.choice(["test_bit", "test_and_set_bit", "test_and_clear_bit"])
            no = self.r.choice(["", "not "])
            lines = [f"if {no}{name}({self.r.choice(bits)}):"]
        else:
            lines = [f"if {self.cond(scope)}:"]
        inside, ended = self.steps(then, 1)
        lines += [f"    {line}" for line in inside]
        if not self.chance(45):
            return lines, False
        inside, done = self.steps(other, 1)
        lines += ["else:", *(f"    {line}" for line in inside)]
        if not (ended and done):
            ways = [s.names for s, left in ((then, ended), (other, done)) if not left]
            for n in set.intersection(*(set(w) for w in ways)):
                scope.names.setdefault(n, ways[0][n])
        return lines, ended and done

    def loop(self, scope: Scope) -> tuple[list[str], bool]:
        inside = replace(scope.inner(), loop=True)
        bits = [p for p, t in self.places(scope) if t == BOOL]
        if bits and self.chance(40):
            head = (
                f"while {self.r.choice(['test_bit', 'test_and_clear_bit'])}({self.r.choice(bits)}):"
            )
            body, _ = self.steps(inside, 1)
            return [head, *(f"    {line}" for line in body)], False
        body = [self.access(inside)]
        body += [f"if {self.cond(inside)}:", "    break"]
        more, _ = self.steps(inside, 1)
        return ["while True:", *(f"    {line}" for line in (*body, *more))], False

    def span(self, scope: Scope) -> tuple[list[str], bool]:
        name, param = self.r.choice(list(self.spans.items()))
        if param is None:
            head = f"with {name}():"
        elif self.chance(40):
            var = self.fresh("k")
            inside = scope.inner()
            inside.names[var] = param[1]
            head = f"with {name}(when=lambda {var}: {self.cond(inside, 1)}):"
        elif self.can(param[1], scope):
            when = f", when=lambda: {self.cond(scope, 1)}" if self.chance(30) else ""
            head = f"with {name}({self.expr(param[1], scope, 0)}{when}):"
        else:
            return [self.access(scope)], False
        body, ended = self.steps(scope, self.r.randint(1, 2))
        return [head, *(f"    {line}" for line in body)], ended

    def called(self, f: Callee, scope: Scope) -> str:
        text = self.call(f, scope)
        if f.result is None or self.chance(20):
            return text
        name = self.fresh("v")
        scope.names[name] = f.result
        return f"{name} = {text}"

    def access(self, scope: Scope) -> str:
        """One primitive."""
        self.primitives += 1
        text, t = self.r.choice(self.places(scope))
        kinds = ["READ_ONCE", "WRITE_ONCE", "WRITE_ONCE", "xchg", "cmpxchg", "try_cmpxchg"]
        if t == BOOL:
            kinds += ["set_bit", "clear_bit", "test_and_set_bit", "test_and_clear_bit"] * 2
        if t == PTE:
            kinds += ["atomic_fetch_and", "atomic_fetch_or"] * 2
        kind = self.r.choice(kinds)
        value = self.expr(t, scope, 1)
        v = self.fresh("v")
        match kind:
            case "READ_ONCE":
                scope.names[v] = t
                return f"{v} = READ_ONCE({text})"
            case "WRITE_ONCE":
                return f"WRITE_ONCE({text}, {value})"
            case "cmpxchg" | "try_cmpxchg":
                old = self.expr(t, scope, 1)
                call = f"{kind}({text}, {old}, {value})"
                if kind == "cmpxchg":
                    scope.names[v] = t
                    return f"{v} = {call}"
                flag = self.fresh("v")
                scope.names |= {v: t, flag: BOOL}
                return f"{flag}, {v} = {call}"
            case "set_bit" | "clear_bit":
                return f"{kind}({text})"
            case "test_and_set_bit" | "test_and_clear_bit":
                scope.names[v] = BOOL
                return f"{v} = {kind}({text})"
        if self.chance(50):
            return f"{kind}({text}, {value})"
        scope.names[v] = t
        return f"{v} = {kind}({text}, {value})"

    # -- the whole

    def module(self) -> str:
        """The text of the spec."""
        r = self.r
        count = r.randint(2, 3 + self.size // 2)
        self.fields = {f"f{i}": r.choice(FIELDS) for i in range(count)}
        if self.chance(50):
            self.fields["lock"] = LOCK
        lines = [
            "class Machine(Shared):",
            *(f"    {n}: {t}" for n, t in self.fields.items()),
            "",
            "",
        ]
        for i in range(r.randint(0, 2)):
            param = r.choice([None, ("page", PAGE), ("cpu", CPU)])
            self.spans[f"span{i}"] = param
            given = f", {param[0]}={param[1]}" if param else ""
            lines.append(f'span{i} = Span("A stretch."{given})')
        lines += ["", ""]
        for _ in range(r.randint(0, 2)):
            lines += self.pure()
        for _ in range(r.randint(0, 2)):
            params = self.params((PAGE, CPU, BOOL), 2)
            lines += self.one_step("atomic", '@atomic(text="one step")', params)
        for _ in range(r.randint(0, 1)):
            lines += self.operation(True, self.params((PAGE, CPU, PTE, BOOL), 2))
        ops = []
        for _ in range(r.randint(1, 2)):
            params = self.params((PAGE, CPU, BOOL, ZONE), 1)
            ops.append(f"op{self.counter + 1}")
            lines += self.operation(False, params)
        own = None
        if self.chance(50):
            params = [(self.fresh("cpu"), CPU), *self.params((PAGE, BOOL), 1)]
            own = f"op{self.counter + 1}"
            lines += self.operation(False, params)
        hardware = []
        for _ in range(r.randint(0, 2)):
            params = self.params((CPU, PAGE), 2)
            hardware.append(f"hardware{self.counter + 1}")
            lines += self.one_step("hardware", '@hardware("something happens")', params)
        scope = Scope("initial", {}, True)
        first, _ = self.stores(scope, r.randint(1, 3))
        lines += [
            "@initial",
            "def first(m: Machine) -> None:",
            *(f"    {x}" for x in first),
            "",
            "",
        ]
        properties = []
        for _ in range(r.randint(1, 2)):
            lines += self.invariant(properties)
        lines += self.project(ops, own, hardware, properties)
        return HEADER + "\n".join(lines) + "\n"

    def invariant(self, properties: list[str]) -> list[str]:
        name = self.fresh("fine")
        properties.append(name)
        scope = Scope("invariant", {}, True)
        bad = [self.cond(scope, 2) for _ in range(self.r.randint(2, 4))]
        for span, param in self.spans.items():
            if self.chance(50) and param is None:
                bad.append(f"{span}.active()")
            elif param is not None and self.chance(50):
                bad.append(f"any({span}.active(k) for k in {param[1]})")
        body = f"return not ({' and '.join(bad)})"
        return ["@invariant", f"def {name}(m: Machine) -> bool:", f"    {body}", "", ""]

    def project(
        self, ops: list[str], own: str | None, hardware: list[str], properties: list[str]
    ) -> list[str]:
        r = self.r
        times = r.choice(["1", "1", "1", "2", "None"])
        actors = [f'Actor("task", {", ".join(ops)}, times={times})']
        if self.chance(30):
            actors.append(f'Actor("other", {r.choice(ops)}, times=1)')
        if own:
            actors.append(f'Actor("cpu", {own}, each=Cpu, times={r.choice(["1", "1", "None"])})')
        sizes = f"{{Page: {r.choice([1, 2, 2, 3])}, Cpu: {self.cpus}}}"
        claims = ", ".join(
            f"holds({p}, mode=Mode.{r.choice(['FAST', 'SLOW'])})" for p in properties
        )
        return [
            "world = Scenario(",
            '    "world",',
            '    "Something happens.",',
            "    machine=Machine,",
            f"    sizes={sizes},",
            "    initial=first,",
            f"    actors=[{', '.join(actors)}],",
            f"    hardware=[{', '.join(hardware)}],",
            ")",
            "project = Project(",
            '    "random",',
            f'    [Claim("C1", "fine", quote="", source="", scenario=world, expect=[{claims}])],',
            "    [mode],",
            ")",
        ]


LEAVE = ("break", "continue")


def random_spec(r: random.Random, size: int, cpus: int) -> str:
    """The text of a spec that depends on `r` only.

    `size`, from 0, is how much there is in it; `cpus` how many elements its symmetric domain has.
    """
    return Writer(r, size, cpus).module()
