"""Random specs, as text: all constructs of the language, in any order and depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

_HEADER = '''
from enum import Enum
from typing import Annotated
from kvmtla import *


class Page(Domain, label="page"):
    """Ordered."""


class Cpu(Domain, symmetric=True, label="CPU"):
    """Symmetric."""


class Pte(Word):
    present: bool = Bit(x86=0, arm=3)
    writable: bool = Bit(x86=1, arm=7)
    # No word that is made has it, but masks do.
    huge: bool = Bit(x86=2, arm=9)


class Level(OrderedEnum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Entry(Record):
    valid: bool = False
    level: Level = Level.MID
    who: Cpu | None = None


class Machine(Shared):
    pte: Map[Page, Pte]
    entry: Map[Page, Entry]
    bits: Map[Page, bool]
    owner: Cpu | None
    waiting: Set[Cpu]
    level: Level
    count: Annotated[int, Between(0, 2)]
    busy: bool
    lock: RwLock
    locks: Map[Page, RwLock]


mode = constant("mode", Mode)
walking = Span("Somebody walks.", page=Page)
resting = Span("Somebody rests.")


@pure
def is_young(e: Entry, level: Level) -> bool:
    if not e.valid:
        return False
    young = e.level > level
    return young or e.level == Level.HIGH


@pure
def crowded(m: Machine, c: Cpu) -> bool:
    return any(o in m.waiting and o != c for o in Cpu) and (m.busy or m.count > 0)


@pure
def masked(a: Pte, b: Pte) -> Pte:
    return a & ~b if mode == Mode.FAST else a | b
'''

_INT = "Annotated[int, Between(0, 2)]"
_LOCALS = {
    "b": "bool",
    "ok": "bool",
    "n": _INT,
    "lv": "Level",
    "o": "Cpu | None",
    "w": "Pte",
    "e": "Entry",
    "s": "Set[Cpu]",
}
_FIRST = {
    "bool": "False",
    _INT: "0",
    "Level": "Level.LOW",
    "Cpu | None": "None",
    "Pte": "Pte()",
    "Entry": "Entry()",
    "Set[Cpu]": "Set()",
}


class RandomSpec:
    """Makes one spec; the same `seed` gives the same one."""

    def __init__(self, seed: int, size: int = 5) -> None:
        self.random = Random(seed)
        self.size = size
        self.locals: dict[str, str] = {}
        self.shared = False
        """May expressions read shared state where we are?"""
        self.spans = False
        self.lines: list[str] = []
        self.depth = 1
        self.results: tuple[str, ...] = ()
        self.loops = 0
        self.left = 0
        self.callable: list[tuple[str, tuple[str, ...]]] = []

    def text(self) -> str:
        """The spec."""
        out = [_HEADER]
        out += [
            self._function("first", "@initial", "", (), self._stores),
            self._function("poke", '@hardware("poked")', "p: Page, c: Cpu", (), self._guarded),
            self._function("sync", "@atomic()", "p: Page", (), self._stores),
            self._function(
                "take", "@atomic()", "p: Page, c: Cpu", ("bool", "Level"), self._guarded
            ),
        ]
        self.callable = [("sync(m, {p})", ()), ("take(m, {p}, {c})", ("bool", "Level"))]
        out.append(self._function("inner", "@operation()", "p: Page", ("Pte",), self._small))
        self.callable.append(("inner(m, {p})", ("Pte",)))
        given = ("bool", "Entry")
        out.append(self._function("middle", "@operation()", "p: Page, b: bool", given, self._small))
        self.callable.append(("middle(m, {p}, {b})", given))
        for name, params in (
            ("task", "p: Page"),
            ("work", "c: Cpu, p: Page"),
            ("rest", "b: bool, p: Page"),
        ):
            out.append(self._function(name, "@operation()", params, (), self._block))
        for name in ("calm", "tidy"):
            out.append(self._property(name))
        one, two = self.random.sample([1, 1, 1, 2, None], 2)
        actors = [
            f'Actor("one", task{self.random.choice(["", ", rest"])}, times={one})',
            f'Actor("each", work, each=Cpu, times={1 if one != 1 else two or 1})',
        ]
        if self.random.random() < 0.3:
            actors.pop(self.random.randrange(2))
        hardware = self.random.choice(["", "poke"])
        sizes = f"Page: {self.random.choice([1, 2, 2])}, Cpu: {self.random.choice([1, 2, 2, 3])}"
        out.append(
            f'world = Scenario("world", "All.", machine=Machine, sizes={{{sizes}}},\n'
            f"    initial=first, actors=[{', '.join(actors)}], hardware=[{hardware}])\n"
        )
        return "\n\n".join(out)

    # -- functions

    def _function(
        self,
        name: str,
        mark: str,
        params: str,
        results: tuple[str, ...],
        body: Callable[[], bool],
    ) -> str:
        given = [(p.split(": ")[0], p.split(": ")[1]) for p in params.split(", ") if p]
        self.locals = dict(given)
        self.results, self.lines, self.depth, self.loops = results, [], 1, 0
        self.shared = self.spans = mark != "@operation()"
        if mark == "@initial":
            self.spans = False
        back = {0: "None", 1: results[0] if results else ""}.get(
            len(results), f"tuple[{', '.join(results)}]"
        )
        for local, t in _LOCALS.items():
            if local not in self.locals and (mark == "@operation()" or local in "bne"):
                self._line(f"{local}: {t} = {_FIRST[t]}")
                self.locals[local] = t
        if mark == "@initial":
            self._line("p = choose(Page)")
            self._line("c = choose(Cpu)")
            self.locals |= {"p": "Page", "c": "Cpu"}
        self.left = self.size
        if name in ("task", "work", "rest"):
            # An operation without any step would be none.
            self._access()
        if not body() and results:
            self._return()
        head = f"def {name}({', '.join(['m: Machine', *([params] if params else [])])}) -> {back}:"
        return "\n".join([mark, head, *self.lines])

    def _property(self, name: str) -> str:
        self.locals, self.shared, self.spans = {}, True, True
        spans = self.random.choice(
            [
                "not resting.active()",
                "all(not walking.active(p) for p in Page)",
                "m.level != Level.HIGH",
            ]
        )
        body = f"all({self._bool(3, {'p': 'Page', 'c': 'Cpu'})} for p in Page for c in Cpu)"
        return f"@invariant\ndef {name}(m: Machine) -> bool:\n    return {spans} or {body}"

    def _line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self.depth += 1
        yield
        self.depth -= 1

    def _some(self, options: Sequence[Callable[[], bool | None]]) -> bool:
        return bool(self.random.choice(options)())

    # -- one-step code

    def _guarded(self) -> bool:
        if self.random.random() < 0.5:
            self._line(f"require({self._bool(2)})")
        return self._stores()

    def _stores(self) -> bool:
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.randrange(6)
            if kind == 0:
                self._line(f"if {self._bool(2)}:")
                with self._inside():
                    self._store()
            elif kind == 1:
                self._assign()
            elif kind == 2:
                # What was there before the stores.
                self._line(f"e = {self._place('Entry')}")
                self._line(
                    "b = " + self.random.choice(["m.busy", "crowded(m, c)"])
                    if "c" in self.locals
                    else "b = m.busy"
                )
            elif kind == 3:
                self._line("b = choose(bool)")
            else:
                self._store()
        return False

    def _store(self) -> None:
        t = self.random.choice(["bool", "Pte", "Entry", "Level", _INT, "Cpu | None", "Set[Cpu]"])
        if self.random.random() < 0.1:
            self._line(f"m.bits = Map({{q: {self._bool(1, {'q': 'Page'})} for q in Page}})")
        else:
            self._line(f"{self._place(t)} = {self._expr(t, 2)}")

    # -- operations

    def _small(self) -> bool:
        self.left = self.random.randint(1, 2)
        return self._block()

    def _block(self) -> bool:
        """Some statements; gives whether the end of them is never reached."""
        for i in range(self.random.randint(1, 3)):
            if self.left <= 0:
                if i == 0:
                    self._assign()
                return False
            if self._statement():
                return True
        return False

    def _statement(self) -> bool:
        options: list[Callable[[], bool | None]] = [
            *[self._access] * 6,
            self._assign,
            self._assign,
            self._choose,
            self._call,
            self._call,
            self._wait,
            self._if,
            self._if,
            self._lock,
            self._lock,
            self._span,
            self._span,
            self._for,
            self._while,
        ]
        if self.depth > 1:
            options += [self._return] + [self._leave] * (2 if self.loops else 0)
        return self._some(options)

    def _access(self) -> None:
        self.left -= 1
        t = self.random.choice(["bool", "bool", "Pte", "Pte", "Entry", "Level", _INT, "Cpu | None"])
        place = self._place(t)
        target = self.random.choice([n for n, u in self.locals.items() if u == t])
        value, old = self._expr(t, 1), self._expr(t, 1)
        options = [
            f"{target} = READ_ONCE({place})",
            f"WRITE_ONCE({place}, {value})",
            f"xchg({place}, {value})",
            f"{target} = xchg({place}, {value})",
            f"{target} = cmpxchg({place}, {old}, {value})",
            f"ok, {target if target != 'ok' else 'b'} = try_cmpxchg({place}, {old}, {value})",
            f"_, {target} = try_cmpxchg({place}, {target}, {value})",
        ]
        if t == "bool":
            options += [
                f"set_bit({place})",
                f"{target} = test_and_clear_bit({place})",
                f"{target} = test_bit({place}) and {old}",
            ]
        if t == "Pte":
            options += [
                f"w = atomic_fetch_and({place}, {value})",
                f"atomic_fetch_or({place}, {value})",
                f"lv = Level.HIGH if READ_ONCE({place}).writable else lv",
            ]
        self._line(self.random.choice(options))

    def _assign(self) -> None:
        settable = [n for n, t in self.locals.items() if t != "Cpu"]
        name = self.random.choice(settable)
        self._line(f"{name} = {self._expr(self.locals[name], 2)}")

    def _choose(self) -> None:
        self._line(self.random.choice(["b = choose(bool)", "lv = choose(Level)"]))

    def _call(self) -> None:
        call, results = self.random.choice(self.callable)
        if "{c}" in call and "Cpu" not in self.locals.values():
            self._access()
            return
        self.left -= 1
        made = call.format(
            p=self._expr("Page", 1),
            b=self._bool(1),
            c=self._expr("Cpu", 0) if "Cpu" in self.locals.values() else "",
        )
        names = {"bool": "b", "Level": "lv", "Pte": "w", "Entry": "e"}
        targets = ", ".join(
            self.random.choice([names[t], "_"]) if len(results) > 1 else names[t] for t in results
        )
        # Alone, or with what it gives.
        self._line(f"{targets} = {made}" if targets and self.random.random() < 0.8 else made)

    def _wait(self) -> None:
        self.left -= 1
        self.shared = True
        self._line(f"wait_until({self._bool(2)})")
        self.shared = False

    def _if(self) -> bool:
        test = self._bool(2)
        if self.random.random() < 0.2:
            test = self.random.choice(
                [f"READ_ONCE({self._place('Pte')})", "w", "w & Pte(writable=True)"]
            )
        self._line(f"if {test}:")
        with self._inside():
            ended = self._block()
        if self.random.random() < 0.4:
            self._line("else:")
            with self._inside():
                return self._block() and ended
        return False

    def _lock(self) -> bool:
        kind = self.random.choice(["read", "write"])
        place = self.random.choice(["m.lock", "m.locks[p]" if "p" in self.locals else "m.lock"])
        if any(f"lock({place})" in line for line in self.lines):
            return bool(self._access())
        self.left -= 1
        self._line(f"with {kind}_lock({place}):")
        with self._inside():
            return self._block()

    def _span(self) -> bool:
        spans = ["resting()", f"resting(when=lambda: {self._bool(1)})"]
        spans.append(f"walking(when=lambda q: {self._bool(1, {'q': 'Page'})})")
        if "p" in self.locals:
            spans += ["walking(p)", f"walking(p, when=lambda: {self._bool(1)})"]
        self._line(f"with {self.random.choice(spans)}:")
        with self._inside():
            return self._block()

    def _for(self) -> bool:
        name = self.random.choice(["p", "q"])
        before = dict(self.locals)
        self._line(f"for {name} in Page:")
        self.locals[name] = "Page"
        self.loops += 1
        with self._inside():
            self._block()
        self.loops -= 1
        self.locals = before
        return False

    def _while(self) -> bool:
        self.left -= 1
        cond = f"test_bit({self._place('bool')})"
        self._line(f"while {self.random.choice(['', 'not '])}{cond}:")
        self.loops += 1
        with self._inside():
            self._block()
        self.loops -= 1
        return False

    def _leave(self) -> bool:
        self._line(self.random.choice(["break", "continue"]))
        return True

    def _return(self) -> bool:
        values = ", ".join(self._expr(t, 1) for t in self.results)
        self._line(f"return {values}".strip())
        return True

    # -- expressions

    def _place(self, t: str) -> str:
        p = self._expr("Page", 0)
        places = {
            "bool": ["m.busy", f"m.bits[{p}]", f"m.entry[{p}].valid", f"m.pte[{p}].present"],
            "Pte": [f"m.pte[{p}]"],
            "Entry": [f"m.entry[{p}]"],
            "Level": ["m.level", f"m.entry[{p}].level"],
            _INT: ["m.count"],
            "Cpu | None": ["m.owner", f"m.entry[{p}].who"],
            "Set[Cpu]": ["m.waiting"],
        }[t]
        return self.random.choice(places)

    def _bool(self, depth: int, more: dict[str, str] | None = None) -> str:
        before = self.locals
        self.locals = {**before, **(more or {})}
        text = self._expr("bool", depth)
        self.locals = before
        return text

    def _expr(self, t: str, depth: int) -> str:
        plain = [n for n, u in self.locals.items() if u == t]
        if self.shared and t not in ("Page", "Cpu"):
            plain.append(self._place(t))
        if t == "Cpu | None":
            plain += ["None", *(n for n, u in self.locals.items() if u == "Cpu")]
        plain += {
            "bool": ["True", "False", "(mode == Mode.FAST)"],
            _INT: ["0", "1", "2"],
            "Level": ["Level.LOW", "Level.MID", "Level.HIGH"],
            "Pte": ["Pte()", "Pte(writable=True)"],
            "Entry": ["Entry()", "Entry(valid=True)"],
            "Set[Cpu]": ["Set({c for c in Cpu})"],
        }.get(t, [])
        if depth <= 0 or self.random.random() < 0.2:
            return self.random.choice(plain)

        def sub(u: str) -> str:
            return self._expr(u, depth - 1)

        if self.random.random() < 0.15:
            return f"({sub(t)} if {sub('bool')} else {sub(t)})"
        if t == "bool":
            return self._test(depth)
        if t == _INT:
            n = self.random.choice([p for p in plain if not p.isdigit()] or ["0"])
            return f"({n} + 1 if {n} < 2 else 0)" if n != "0" else n
        if t == "Pte":
            a, b = sub("Pte"), sub("Pte")
            some = [f"({a} & {b})", f"({a} | {b})", f"~{a}", f"masked({a}, {b})"]
            return self.random.choice([*some, f"{_atom(a)}.but(present={sub('bool')})"])
        if t == "Entry":
            some = [f"{_atom(sub('Entry'))}.but(level={sub('Level')}, valid={sub('bool')})"]
            return self.random.choice(
                [*some, f"Entry(level={sub('Level')}, who={sub('Cpu | None')})"]
            )
        if t == "Level":
            return f"{_atom(sub('Entry'))}.level"
        if t == "Set[Cpu]":
            a, b = sub("Set[Cpu]"), sub("Set[Cpu]")
            some = [f"({a} {self.random.choice('|&-')} {b})"]
            some.append(f"Set({{o for o in Cpu if {self._bool(depth - 1, {'o': 'Cpu'})}}})")
            return self.random.choice(some)
        return self.random.choice(plain)

    def _test(self, depth: int) -> str:
        def sub(u: str, more: dict[str, str] | None = None) -> str:
            before = self.locals
            self.locals = {**before, **(more or {})}
            text = self._expr(u, depth - 1)
            self.locals = before
            return text

        t = self.random.choice(["bool", _INT, "Level", "Pte", "Entry", "Set[Cpu]"])
        optional = [n for n, u in self.locals.items() if u == "Cpu | None"]
        options = [
            f"(not {_atom(sub('bool'))})",
            f"({sub('bool')} {self.random.choice(['and', 'or'])} {sub('bool')})",
            f"({sub(t)} {self.random.choice(['==', '!='])} {sub(t)})",
            f"({sub('Level')} {self.random.choice(['<', '<=', '>', '>='])} {sub('Level')})",
            f"({sub(_INT)} {self.random.choice(['<', '<=', '>', '>='])} {sub(_INT)})",
            f"{_atom(sub('Entry'))}.valid",
            f"is_young({sub('Entry')}, {sub('Level')})",
            f"any({sub('bool', {'c': 'Cpu'})} for c in Cpu)",
            f"all({sub('bool', {'p': 'Page'})} for p in Page if {sub('bool', {'p': 'Page'})})",
            f"any(c in {sub('Set[Cpu]')} for c in Cpu)",
        ]
        if optional:
            o = self.random.choice(optional)
            options.append(f"({o} is not None and {o} in {sub('Set[Cpu]')})")
            options.append(f"({o} is None)")
            options.append(f"({o} == {sub('Cpu | None')})")
        if "Cpu" in self.locals.values():
            c = self._expr("Cpu", 0)
            options.append(f"({c} {self.random.choice(['in', 'not in'])} {sub('Set[Cpu]')})")
            if self.shared:
                options += [f"crowded(m, {c})"] * 2
        if self.spans:
            options += ["resting.active()", "any(walking.active(q) for q in Page)"]
        return self.random.choice(options)


def _atom(text: str) -> str:
    call = text.endswith(")") and text.count("(") == 1 and text[0] != "("
    plain = text.isidentifier() or call
    return text if plain else f"({text})"
