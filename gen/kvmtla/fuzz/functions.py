"""Random functions of a specification, as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from kvmtla.fuzz.expressions import Expressions, World, field_of
from kvmtla.fuzz.kinds import (
    BOOL,
    CHOSEN,
    CPU,
    LOCALS,
    MEMBERS,
    ORDERED,
    PAGE,
    PTE,
    SMALL,
    WORDS,
    T,
    map_of,
)
from kvmtla.fuzz.scope import Callee, Scope, is_domain, keys

Lines = list[str]
Made = tuple[Lines, bool]
"""Statements, and whether their end is never reached."""

_NAMES = ("x", "y", "n", "old", "new", "result", "left", "page", "cpu", "pc", "self")
_LEAVE = ("break", "continue")
_READ_LOCK = re.compile(r"read_lock\(m\.(\w+)")
# A decision without any step in it.
_DECISION = re.compile(r"if (?!.*(?:_|choose\()).*:")


def indented(lines: Sequence[str]) -> Lines:
    """Return lines indented as a block."""
    return [f"    {line}" for line in lines]


class Functions(Expressions):
    """A writer of functions of a world."""

    def __init__(self, world: World, size: int) -> None:
        super().__init__(world)
        self.size = size
        self._types: dict[str, T] = {}
        """The locals of the function that is being written, with their types."""
        self._left = 0
        """The number of steps that it may still have."""
        self.decisions: list[tuple[str, str]] = []
        """The conditions at the top level of operations, each with the name of the operation."""

    # -- names

    def reset(self, params: Sequence[tuple[str, T]], steps: int = 0) -> None:
        """Begin another function, with these parameters and at most about `steps` steps."""
        self._types = dict(params)
        self._left = steps

    def params(self, kinds: Sequence[T], most: int) -> tuple[tuple[str, T], ...]:
        """Return at most `most` parameters, of some of these types."""
        w = self.world
        chosen = [w.pick(kinds) for _ in range(w.r.randint(0, most))]
        return tuple((f"{_ARGUMENTS.get(t, 'arg')}{i or ''}", t) for i, t in enumerate(chosen))

    def _local(self, t: T, scope: Scope) -> str:
        """Return a name for a local of this type: an existing one, or a new one."""
        w = self.world
        old = [n for n, u in self._types.items() if u == t and n not in scope.known]
        if old and w.chance(50):
            return w.pick(old)
        free = [n for n in _NAMES if n not in self._types and n not in scope.names]
        name = w.pick(free) if free else f"v{len(self._types)}"
        self._types[name] = t
        return name

    def head(self, f: Callee) -> str:
        """Return the line that begins the function."""
        params = [f"{n}: {t}" for n, t in f.params]
        if f.place is not None:
            params.insert(f.place, f"{f.state}: Machine")
        many = f"tuple[{', '.join(map(str, f.results))}]"
        result = many if len(f.results) > 1 else str(f.results[0]) if f.results else "None"
        return f"def {f.name}({', '.join(params)}) -> {result}:"

    # -- pure functions

    def pure(self, name: str) -> Lines:
        """Return a pure function."""
        w = self.world
        params = self.params((BOOL, PAGE, CPU, PTE, *SMALL), 2)
        place = w.r.randint(0, len(params)) if w.chance(60) else None
        asks = place is not None and bool(w.spans) and w.chance(30)
        results = (w.pick((BOOL, BOOL, *SMALL[2:6], map_of(PAGE, BOOL))),)
        f = Callee(name, params, results, place, "pure", w.pick(["m", "m", "state"]), asks)
        scope = Scope("pure", dict(params), (f.state,) if place is not None else ())
        self.reset(params)
        if asks:
            # This is how a step asks who is where.
            f = replace(f, results=(BOOL,))
        scope.results = f.results
        body = self._decided(scope)
        if asks:
            body[-1] = f"return {self.active(scope)}"
        w.callees.append(f)
        return ["@pure", self.head(f), *indented(body)]

    def _decided(self, scope: Scope) -> Lines:
        """Return the body of a function that decides, computes and returns."""
        w = self.world
        body: Lines = []
        if w.chance(25):
            body.append('"""Says something."""')
        while w.chance(35):
            body.append(self.assignment(scope))
        if w.chance(40):
            body += [f"if {self.cond(scope)}:", *indented([self._leave(scope)])]
            if w.chance(25):
                body += [f"elif {self.cond(scope)}:", *indented([self._leave(scope)])]
        return [*body, self._leave(scope)]

    def _leave(self, scope: Scope) -> str:
        if scope.results == (BOOL,) and self.world.chance(15):
            return self.world.pick(["return False", "return True"])
        return f"return {', '.join(self._part(t, scope, 2) for t in scope.results)}".rstrip()

    # -- code that is one step

    def one_step(self, kind: str, name: str, decorator: str) -> Lines:
        """Return an atomic function, a hardware step, or the function of the first states."""
        w = self.world
        params: tuple[tuple[str, T], ...] = ()
        results: tuple[T, ...] = ()
        if kind == "atomic":
            params = self.params((PAGE, CPU, *SMALL, map_of(PAGE, BOOL)), 2)
            results = tuple(w.pick(SMALL) for _ in range(w.pick([0, 0, 1, 1, 1, 2])))
        elif kind == "hardware":
            params = self.params(CHOSEN, 2)
        f = Callee(name, params, results, w.r.randint(0, len(params)), kind)
        scope = Scope(kind, dict(params), ("m",), results=results)
        self.reset(params, 3)
        body: Lines = []
        if w.chance(30):
            body.append('"""One step."""')
        if kind != "initial" and w.chance(60 if kind == "hardware" else 35):
            body.append(f"require({self.cond(scope)})")
        if kind == "initial":
            # A domain has no first element.
            body += [f"m.{n} = choose({t})" for n, t in w.fields.items() if is_domain(t)]
        made, ended = self._stores(scope, w.r.randint(1, 3))
        body += made
        if kind == "atomic" and not ended and w.chance(15):
            body.append(f"require({self.cond(scope)})")
        if results and not ended:
            body.append(self._leave(scope))
        if kind == "atomic":
            called = [c.name for c in w.callees if c.waits]
            waits = any(word in line for line in body for word in ("require(", *called))
            w.callees.append(replace(f, waits=waits))
        return [decorator, self.head(f), *indented(body)]

    def _stores(self, scope: Scope, count: int) -> Made:
        w = self.world
        lines: Lines = []
        for _ in range(count):
            kinds: list[tuple[int, Callable[[Scope], Made]]] = [
                (6, self._store),
                (3, self._if_stores),
                (2, self._one_assignment),
                (2, self._one_choice),
                (1, self._for_stores),
            ]
            if self.steps(scope) and self._left > 0:
                kinds.append((4, self._one_call))
            if scope.kind == "atomic" and lines:
                kinds.append((1, self._one_return))
            if w.chance(2):
                lines.append("pass")
            made, ended = w.weighted(kinds)(scope)
            lines += made
            if ended:
                return lines, True
        return lines, False

    def _store(self, scope: Scope) -> Made:
        w = self.world
        places = self.places(scope)
        if not places:
            return self._one_assignment(scope)
        text, t = w.pick(places)
        if t.name == "set" and w.chance(50):
            return [f"{text} {w.pick('|&-')}= {self.of(t, scope, 1)}"], False
        if t in WORDS and w.chance(20):
            return [f"{text} {w.pick('|&')}= {self.of(t, scope, 1)}"], False
        if t.name == "int" and w.chance(30):
            sign = w.pick("+-")
            cond = f"{text} < {t.high}" if sign == "+" else f"{text} > {t.low}"
            line = f"{text} {sign}= 1"
            return ([line] if w.chance(15) else [f"if {cond}:", *indented([line])]), False
        return [f"{text} = {self.stored(t, scope, 2, text)}"], False

    def _if_stores(self, scope: Scope) -> Made:
        return self._if(scope, lambda inside: self._stores(inside, 1))

    def _for_stores(self, scope: Scope) -> Made:
        if self.depth_of(scope) > 1:
            return self._store(scope)
        return self._for(scope, lambda inside: self._stores(inside, 1))

    @staticmethod
    def depth_of(scope: Scope) -> int:
        """Return 1 outside of loops, 2 inside of one."""
        return 1 + scope.loop

    def _one_return(self, scope: Scope) -> Made:
        return [self._leave(scope)], True

    # -- statements of both

    def _one_assignment(self, scope: Scope) -> Made:
        return [self.assignment(scope)], False

    def assignment(self, scope: Scope) -> str:
        """Return an assignment to a local."""
        w = self.world
        own = self._types.keys() - set(scope.known)
        alike = [(n, t) for n, t in scope.names.items() if n in own]
        if alike and w.chance(20):
            name, t = w.pick(alike)
            if t.name == "set" or t in WORDS:
                return f"{name} {w.pick('|&')}= {self.of(t, scope, 1)}"
            if t == BOOL:
                value = w.pick([self.of(t, scope, 1), f"not {self.of(t, scope, 1)}"])
                return f"{name} {w.pick('|&')}= {value}"
            if t.name == "int":
                return f"{name} = {self.stored(t, scope, 1, '')}"
        t = w.pick([u for u in LOCALS if self.can(u, scope)])
        new = len(self._types)
        name = self._local(t, scope)
        value = "False" if t == BOOL and w.chance(10) else self._part(t, scope, 2)
        scope.setting(name, t)
        # For some types, the first value does not say which one it is.
        said = t.name in ("optional", "int", "map", "set") or w.chance(20)
        return f"{name}: {t} = {value}" if said or len(self._types) == new else f"{name} = {value}"

    def _one_choice(self, scope: Scope) -> Made:
        t = self.world.pick(CHOSEN)
        name = self._local(t, scope)
        scope.setting(name, t)
        return [f"{name} = choose({t})"], False

    def _one_call(self, scope: Scope) -> Made:
        w = self.world
        found = self.steps(scope)
        self._left -= 1
        f = w.pick(found)
        call = self.call(f, scope)
        if not f.results or w.chance(15):
            return [call], False
        targets = []
        for t in f.results:
            if len(f.results) > 1 and w.chance(25):
                targets.append("_")
                continue
            name = self._local(t, scope)
            if name in targets:
                name = "_"
            targets.append(name)
        for name, t in zip(targets, f.results, strict=True):
            if name != "_":
                scope.setting(name, t)
        return [f"{', '.join(targets)} = {call}"], False

    def _if(self, scope: Scope, block: Callable[[Scope], Made]) -> Made:
        w = self.world
        maybe = [n for n, t in scope.names.items() if t.name == "optional" and n not in scope.known]
        if maybe and w.chance(30):
            name = w.pick(maybe)
            knowing = replace(scope.inner(), known=(*scope.known, name))
            lines, _ = block(knowing)
            return [f"if {name} is not None:", *indented(lines)], False
        then = scope.inner()
        lines = [f"if {self.cond(scope)}:"]
        inside, ended = block(then)
        lines += indented(inside)
        ways = [(then, ended)]
        if w.chance(15):
            other = scope.inner()
            lines.append(f"elif {self.cond(other.lazily())}:")
            inside, ended = block(other)
            lines += indented(inside)
            ways.append((other, ended))
        if not w.chance(45):
            return lines, False
        other = scope.inner()
        inside, ended = block(other)
        lines += ["else:", *indented(inside)]
        ways.append((other, ended))
        left = [s.names for s, done in ways if not done]
        if not left:
            return lines, True
        for n in set.intersection(*(set(names) for names in left)):
            scope.names.setdefault(n, left[0][n])
        return lines, False

    def _for(self, scope: Scope, block: Callable[[Scope], Made]) -> Made:
        w = self.world
        # A local that has a value already cannot run over the domain.
        free = [n for n, t in self._types.items() if t == PAGE and n not in scope.names]
        var = w.pick(free) if free else f"page{len(self._types)}"
        self._types[var] = PAGE
        inside = replace(scope.inner(), loop=True, known=())
        inside.setting(var, PAGE)
        body, ended = block(inside)
        if not ended and w.chance(30):
            body += [f"if {self.cond(inside, 1)}:", f"    {w.pick(_LEAVE)}"]
        return [f"for {var} in Page:", *indented(body)], False

    # -- operations

    def operation(self, name: str, helper: bool, params: tuple[tuple[str, T], ...]) -> Lines:
        """Return an operation; a helper is one that others call."""
        w = self.world
        many = w.pick([0, 1, 1, 1, 2, 2]) if helper else 0
        results = tuple(w.pick(SMALL) for _ in range(many))
        place = w.r.randint(0, len(params)) if w.chance(20) else 0
        f = Callee(name, params, results, place, "helper" if helper else "operation")
        scope = Scope("operation", dict(params), results=results)
        self.reset(params, 2 if helper else 2 + self.size)
        body: Lines = ['"""Does something."""'] if w.chance(25) else []
        first, _ = self._access(scope, plain=True)
        made, ended = self._statements(scope, w.r.randint(1, 2 if helper else 3))
        body += [*first, *made]
        if results and not ended:
            body.append(self._leave(scope))
        text = "\n".join(body)
        reads = set(_READ_LOCK.findall(text))
        reads = reads.union(*(c.reads for c in w.callees if f"{c.name}(" in text))
        w.callees.append(replace(f, reads=frozenset(reads)))
        self.decisions += [(name, line[3:-1]) for line in body if _DECISION.fullmatch(line)]
        marks = ["", "", 'kernel="mm/x.c:f"']
        # An operation that exists from the first value on always exists.
        marks += [f"since={k}.{MEMBERS[k][0]}" for k in w.constants.values() if k in ORDERED]
        return [f"@operation({w.pick(marks)})", self.head(f), *indented(body)]

    def _statements(self, scope: Scope, count: int) -> Made:
        lines: Lines = []
        for _ in range(count):
            made, ended = self._statement(scope)
            lines += made
            if ended:
                return lines, True
        return lines, False

    def _statement(self, scope: Scope) -> Made:
        w = self.world
        if self._left <= 0:
            return self._one_assignment(scope)
        kinds: list[tuple[int, Callable[[Scope], Made]]] = [
            (6, self._access),
            (2, self._bits),
            (4, lambda s: self._if(s, lambda inside: self._statements(inside, 1))),
            (2, self._one_assignment),
            (2, self._wait),
            (2, self._one_choice),
            (1, self._steps_for),
            (2, self._while),
        ]
        if self.steps(scope):
            kinds.append((4, self._one_call))
        if w.locks:
            kinds.append((5, self._lock))
        if w.spans:
            kinds.append((3, self._span))
        if scope.loop:
            kinds.append((1, self._out_of_loop))
        if len(scope.names) > 1:
            kinds.append((1, self._early))
        return w.weighted(kinds)(scope)

    def _access(self, scope: Scope, plain: bool = False) -> Made:
        """Return a primitive, used for its effect or its result; with `plain`, certainly one."""
        w = self.world
        self._left -= 1
        places = self.places(scope)
        # Most of what a kernel does to memory is to change bits.
        text, t = w.pick([*places, *(p for p in places if p[1] in (BOOL, *WORDS))])
        if w.chance(20):
            old, new = self.of(t, scope.lazily(), 1), self.stored(t, scope.lazily(), 1, text)
            call = f"try_cmpxchg({text}, {old}, {new})"
            if w.chance(15):
                return [call], False
            ok, was = self._local(BOOL, scope), self._local(t, scope)
            ok = "_" if ok == was or w.chance(10) else ok
            if ok != "_":
                scope.setting(ok, BOOL)
            scope.setting(was, t)
            return [f"{ok}, {was} = {call}"], False
        if w.chance(50):
            return [self.access(text, t, scope, 2)], False
        if not plain and w.chance(20):
            # The assignment may use it together with something else.
            return [self.assignment(scope)], False
        call = self.access(text, t, scope, 2, gives=True)
        name = self._local(t, scope)
        scope.setting(name, t)
        return [f"{name} = {call}"], False

    def _bits(self, scope: Scope) -> Made:
        """Return a primitive for bits, used for its effect."""
        w = self.world
        places = [p for p in self.places(scope) if p[1] in (BOOL, *WORDS)]
        if not places:
            return self._access(scope)
        self._left -= 1
        text, t = w.pick(places)
        if t == BOOL:
            return [f"{w.pick(['set_bit', 'clear_bit'])}({text})"], False
        mask = self.of(t, scope.lazily(), 1)
        return [f"{w.pick(['atomic_fetch_or', 'atomic_fetch_and'])}({text}, {mask})"], False

    def _wait(self, scope: Scope) -> Made:
        w = self.world
        self._left -= 1
        seeing = replace(scope, states=("m",), lazy=True)
        text = ', text="synchronize_rcu()"' if w.chance(25) else ""
        return [f"wait_until({self.cond(seeing)}{text})"], False

    def _lock(self, scope: Scope) -> Made:
        w = self.world
        self._left -= 1
        items = []
        held = list(scope.held)
        for _ in range(w.pick([1, 1, 2])):
            found = []
            for name, t in w.locks.items():
                if t.name == "map":
                    found += [f"m.{name}[{k}]" for k in keys(scope, t.of[0])]
                else:
                    found.append(f"m.{name}")
            kind = w.pick(["write", "read"])
            free = [
                p
                for p in found
                if all(p != other for other, _ in held)
                and not any(kind == how == "read" and field_of(p) == field_of(o) for o, how in held)
            ]
            if free:
                place = w.pick(free)
                held.append((place, kind))
                items.append(f"{kind}_lock({place})")
        if not items:
            return self._access(scope)
        outer, scope.held = scope.held, tuple(held)
        # The index of a held lock must not change under it.
        body, ended = self._statements(scope, w.r.randint(1, 2))
        scope.held = outer
        return [f"with {', '.join(items)}:", *indented(body)], ended

    def _span(self, scope: Scope) -> Made:
        w = self.world
        name, params = w.pick(list(w.spans.items()))
        first: Lines = []
        if params and w.chance(35):
            if w.chance(30):
                t = map_of(params[0][1], BOOL)
                mask = self._local(t, scope)
                first.append(f"{mask}: {t} = {self.of(t, scope, 1)}")
                scope.setting(mask, t)
            inside = scope
            names = []
            for _, t in params:
                names.append(self._variable(inside))
                inside = inside.binding(names[-1], t)
            maps = [n for n, t in scope.names.items() if t == map_of(params[0][1], BOOL)]
            when = f"{w.pick(maps)}[{names[0]}]" if maps else self.cond(inside, 1)
            given = f"when=lambda {', '.join(names)}: {when}"
        elif all(keys(scope, t) for _, t in params):
            args = [w.pick(keys(scope, t)) for _, t in params]
            if w.chance(30):
                args.append(f"when=lambda: {self.cond(scope.lazily(), 1)}")
            given = ", ".join(args)
        else:
            return self._access(scope)
        body, ended = self._statements(scope, w.r.randint(1, 2))
        return [*first, f"with {name}({given}):", *indented(body)], ended

    def _steps_for(self, scope: Scope) -> Made:
        return self._for(scope, lambda inside: self._statements(inside, 1))

    def _while(self, scope: Scope) -> Made:
        w = self.world
        self._left -= 1
        inside = replace(scope.inner(), loop=True, known=())
        bits = [p for p, t in self.places(scope) if t == BOOL]
        way = w.r.randrange(4)
        if way == 0 and bits:
            test = w.pick(["test_bit", "test_and_set_bit", "test_and_clear_bit", "READ_ONCE"])
            body, _ = self._statements(inside, 1)
            return [f"while {w.pick(['', 'not '])}{test}({w.pick(bits)}):", *indented(body)], False
        first, _ = self._access(inside, plain=True)
        if way == 1:
            # It must not be known to be false from the start: what is known of names may change.
            cond = self.cond(replace(scope, lazy=True, known=()), 1)
            more, _ = self._statements(inside, 1)
            return [f"while {cond}:", *indented([*first, *more])], False
        leave = w.pick(["break", self._leave(inside)]) if way == 2 else "break"
        body = [*first, f"if {self.cond(inside)}:", f"    {leave}"]
        more, _ = self._statements(inside, 1)
        return ["while True:", *indented([*body, *more])], "break" not in leave

    def _out_of_loop(self, scope: Scope) -> Made:
        w = self.world
        if scope.results and w.chance(20):
            return [self._leave(scope)], True
        return [w.pick(_LEAVE)], True

    def _early(self, scope: Scope) -> Made:
        """Return code that leaves the operation under some condition."""
        return [f"if {self.cond(scope)}:", *indented([self._leave(scope)])], False


_ARGUMENTS = {BOOL: "flag", PAGE: "page", CPU: "cpu"}
