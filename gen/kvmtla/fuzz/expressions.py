"""Random expressions, as text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from kvmtla.fuzz.kinds import (
    BOOL,
    CHOSEN,
    CPU,
    LEVEL,
    MEMBERS,
    ORDERED,
    PAGE,
    PARTS,
    PTE,
    WORDS,
    ZONE,
    T,
)
from kvmtla.fuzz.scope import Callee, Scope, is_domain, is_lock, keys, paths

A = TypeVar("A")

MASKS = {PTE: "DIRTY", T("Flags"): "OFF"}
# The names for variables of comprehensions; no local has them.
_BOUND = ("k", "p", "c", "i", "other")


@dataclass
class World:
    """The contents of a specification so far, and its source of randomness."""

    r: random.Random
    fields: dict[str, T] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()
    """The fields that nothing writes to."""
    unread: frozenset[str] = frozenset()
    """The fields that are read only by what writes to them."""
    constants: dict[str, T] = field(default_factory=dict)
    spans: dict[str, tuple[tuple[str, T], ...]] = field(default_factory=dict)
    callees: list[Callee] = field(default_factory=list)

    def chance(self, percent: int) -> bool:
        """Return True in `percent` of a hundred cases."""
        return self.r.randrange(100) >= 100 - percent

    def pick(self, options: Sequence[A]) -> A:
        """Return any of the options; the first are the simplest."""
        return options[self.r.randrange(len(options))]

    def weighted(self, options: Iterable[tuple[int, A]]) -> A:
        """Return any of the options, each so many times as often as one with weight 1."""
        return self.pick([one for many, one in options for _ in range(many)])

    @property
    def read(self) -> dict[str, T]:
        """The fields that may be read anywhere."""
        return {n: t for n, t in self.fields.items() if n not in self.unread}

    @property
    def written(self) -> dict[str, T]:
        """The fields that may be written, locks aside."""
        return {n: t for n, t in self.fields.items() if n not in self.quiet and not is_lock(t)}

    @property
    def locks(self) -> dict[str, T]:
        """The locks, and the maps of locks."""
        return {n: t for n, t in self.fields.items() if is_lock(t)}


class Expressions:
    """A writer of expressions of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    # -- what there is

    def atoms(self, t: T, scope: Scope) -> list[str]:
        """Return the places of type `t` that can be read."""
        return [
            text
            for text, u in paths(scope, self.world.read, scope.states)
            if u == t or (u.name == t.name == "int")
        ]

    def can(self, t: T, scope: Scope) -> bool:
        """Can any value of type `t` be written here?"""
        return not is_domain(t) or bool(self.atoms(t, scope)) or self._may_step(scope)

    def places(self, scope: Scope) -> list[tuple[str, T]]:
        """Return the parts of the shared state that can be written."""
        index = replace(scope, names={n: t for n, t in scope.names.items() if _indexes(t)})
        found = [p for p in paths(index, self.world.written, ("m",)) if p[0].startswith("m.")]
        # A part of a value that may be None is not a place.
        return [p for p in found if not is_lock(p[1])]

    @staticmethod
    def _may_step(scope: Scope) -> bool:
        return not scope.lazy and scope.kind in ("operation", "atomic", "hardware", "initial")

    # -- of any type

    def of(self, t: T, scope: Scope, depth: int = 2) -> str:
        """Return an expression of type `t`."""
        w = self.world
        atoms = self.atoms(t, scope)
        if depth and w.chance(12):
            step = self.step(t, scope, depth)
            if step is not None:
                return step
        if is_domain(t):
            return w.pick(atoms) if atoms else f"choose({t})"
        if atoms and w.chance(45 if depth else 65):
            return w.pick(atoms)
        calls = [f for f in w.callees if f.results == (t,) and self._callable(f, scope)]
        if depth and calls and w.chance(30):
            return self.call(w.pick(calls), scope, depth - 1)
        if depth and w.chance(10):
            inside = scope.lazily()
            cond = self.cond(scope, depth - 1)
            return f"({self.of(t, inside, depth - 1)} if {cond} else {self.of(t, inside, 0)})"
        return self._made(t, scope, depth)

    def step(self, t: T, scope: Scope, depth: int) -> str | None:
        """Return a step with a result of type `t`; None where there is none."""
        w = self.world
        if not self._may_step(scope):
            return None
        ways: list[Callable[[], str]] = []
        if t in CHOSEN:
            ways.append(lambda: f"choose({t})")
        calls = [f for f in w.callees if f.results == (t,) and self._takes(f, scope)]
        if calls:
            ways += [lambda: self.call(w.pick(calls), scope, max(depth - 1, 0))] * 2
        places = [p for p, u in self.places(scope) if u == t] if scope.kind == "operation" else []
        if places:
            ways += [lambda: self.access(w.pick(places), t, scope, depth, gives=True)] * 3
        return w.pick(ways)() if ways else None

    def access(self, place: str, t: T, scope: Scope, depth: int, gives: bool = False) -> str:
        """Return a primitive on a place of type `t`; with `gives`, it returns what was there."""
        w = self.world
        plain = scope.lazily()
        kinds = ["READ_ONCE", "xchg", "cmpxchg", *(() if gives else ("WRITE_ONCE",) * 3)]
        if t == BOOL:
            kinds += ["test_bit", "test_and_set_bit", "test_and_clear_bit"]
            kinds += [] if gives else ["set_bit", "clear_bit"] * 4
        if t in WORDS:
            kinds += ["atomic_fetch_and", "atomic_fetch_or"] * 3
        kind = w.pick(kinds)
        if kind == "READ_ONCE" or kind.endswith("_bit"):
            return f"{kind}({place})"
        if kind.startswith("atomic_fetch") and w.chance(30):
            return f"{kind}({place}, {w.pick([MASKS[t], f'~{MASKS[t]}'])})"
        # The value to store is rarely a step of its own.
        value = self.stored(t, scope if w.chance(15) else plain, min(depth, 1), place)
        if kind == "cmpxchg":
            if t in WORDS and w.chance(30):
                value = self._record(t, plain, 0)
            return f"{kind}({place}, {self.of(t, plain, 1)}, {value})"
        return f"{kind}({place}, {value})"

    def stored(self, t: T, scope: Scope, depth: int, place: str) -> str:
        """Return a value for a place; for an integer, mostly one within its bounds."""
        if t.name != "int":
            return self.of(t, scope, depth)
        w = self.world
        base = w.pick(self.atoms(t, scope) or [""])
        if not base or w.chance(35):
            return str(w.r.randint(t.low, t.high))
        way = w.r.randrange(10)
        if way < 4:
            return f"({base} + 1 if {base} < {t.high} else {t.low})"
        if way < 6:
            return f"({base} - 1 if {base} > {t.low} else {t.high})"
        if way < 8:
            return f"({base} if {t.low} <= {base} <= {t.high} else {t.low})"
        return f"({base} {w.pick(['+', '-'])} 1)"

    def _made(self, t: T, scope: Scope, depth: int) -> str:
        w = self.world
        less = max(depth - 1, 0)
        match t.name:
            case "bool":
                return self._boolean(scope, depth)
            case "int":
                atoms = self.atoms(t, scope)
                if depth and atoms and w.chance(25):
                    n = w.pick(atoms)
                    if w.chance(20):
                        return f"(-{n})"
                    return f"({n} {w.pick(['+', '-'])} {w.r.randint(0, 1)})"
                return str(w.r.randint(t.low, t.high))
            case "Zone" | "Level":
                return f"{t}.{w.pick(MEMBERS[t])}"
            case "Pte" | "Flags":
                if depth and w.chance(50):
                    a, b = self.of(t, scope, less), self.of(t, scope, 0)
                    mask = MASKS[t]
                    made = self._record(t, scope, 0)
                    return w.pick(
                        [
                            f"({a} & {b})",
                            f"({a} | {b})",
                            f"(~{a})",
                            f"({a} & ~{mask})",
                            f"({made} | {mask})",
                            f"({mask} | {a})",
                            mask,
                        ]
                    )
                return self._record(t, scope, less)
            case "Entry" | "Deep":
                return self._record(t, scope, less)
            case "optional":
                inner = t.of[0]
                if not self.can(inner, scope) or w.chance(40):
                    return "None"
                return self.of(inner, scope, less)
            case "map":
                key = self._variable(scope)
                inside = scope.binding(key, t.of[0])
                return f"Map({{{key}: {self.of(t.of[1], inside, less)} for {key} in {t.of[0]}}})"
            case "set":
                return self._set(t, scope, less)
        raise AssertionError(t)

    def _variable(self, scope: Scope) -> str:
        """Return a name for the variable of a comprehension that nothing around it has."""
        free = [n for n in _BOUND if n not in scope.names]
        return self.world.pick(free) if free else f"k{len(scope.names)}"

    def _record(self, t: T, scope: Scope, depth: int) -> str:
        w, parts = self.world, PARTS[t]
        base = self.atoms(t, scope) or ([MASKS[t]] if t in MASKS else [])
        changed = w.r.sample(list(parts), w.r.randint(0, len(parts)))
        if base and w.chance(60):
            changed = changed or [next(iter(parts))]
            return f"{w.pick(base)}.but({self._given(parts, changed, scope, depth)})"
        return f"{t}({self._given(parts, changed, scope, depth)})"

    def _given(self, parts: dict[str, T], names: list[str], scope: Scope, depth: int) -> str:
        return ", ".join(f"{n}={self._part(parts[n], scope, depth)}" for n in names)

    def _part(self, t: T, scope: Scope, depth: int) -> str:
        return self.stored(t, scope, depth, "") if t.name == "int" else self.of(t, scope, depth)

    def _set(self, t: T, scope: Scope, depth: int) -> str:
        w, element = self.world, t.of[0]
        atoms = self.atoms(t, scope)
        if depth and atoms and w.chance(50):
            return f"({w.pick(atoms)} {w.pick('|&-')} {self.of(t, scope, depth - 1)})"
        ways: list[Callable[[], str]] = []
        if self.can(element, scope):
            some = range(w.r.randint(1, 2))
            ways.append(lambda: f"Set({{{', '.join(self.of(element, scope, 0) for _ in some)}}})")
        ways.append(lambda: self._filter(element, scope, depth))
        return w.pick(ways)()

    def _filter(self, element: T, scope: Scope, depth: int) -> str:
        var = self._variable(scope)
        tests = f" if {self.cond(scope.binding(var, element), depth)}"
        return f"Set({{{var} for {var} in {element}{tests if self.world.chance(85) else ''}}})"

    # -- conditions

    def cond(self, scope: Scope, depth: int = 2) -> str:
        """Return what may be used as a condition: a boolean, or a word."""
        w = self.world
        words = [(n, t) for t in WORDS for n in self.atoms(t, scope)]
        if words and w.chance(10):
            text, t = w.pick(words)
            return w.pick([text, f"({text} & {MASKS[t]})", f"({text} | {MASKS[t]})"])
        return self.of(BOOL, scope, depth)

    def constant(self) -> str:
        """Return a condition on a constant."""
        w = self.world
        name, t = w.pick(list(w.constants.items()))
        signs = ["==", "!=", *(("<", ">=") if t in ORDERED else ())]
        return f"({name} {w.pick(signs)} {t}.{w.pick(MEMBERS[t])})"

    def _boolean(self, scope: Scope, depth: int) -> str:
        w = self.world
        if not depth:
            return self._comparison(scope) if w.chance(85) else w.pick(["True", "False"])
        less = depth - 1
        makers: list[tuple[int, Callable[[], str]]] = [
            (4, lambda: self._comparison(scope)),
            (2, lambda: f"(not {self.step(BOOL, scope, 1) or self.cond(scope, less)})"),
            (3, lambda: self._logic(scope, less)),
            (1, lambda: self._bitwise(scope, less)),
            (2, lambda: self._member(scope)),
            (2, lambda: self._quantified(scope, less)),
            (2, lambda: self._about_none(scope, less)),
        ]
        if w.constants:
            makers.append((2, self.constant))
        if scope.states and scope.kind != "operation":
            if w.spans and len(scope.states) == 1 and scope.kind != "pure":
                makers.append((3, lambda: self.active(scope)))
            if w.locks and scope.kind == "property":
                makers.append((2, lambda: self.held(scope)))
        return w.weighted(makers)()

    def _logic(self, scope: Scope, depth: int) -> str:
        w = self.world
        kind = w.pick(["and", "or"])
        first = self.cond(scope, depth)
        rest = [self.cond(scope.lazily(), depth) for _ in range(w.r.randint(1, 2))]
        return f"({f' {kind} '.join([first, *rest])})"

    def _bitwise(self, scope: Scope, depth: int) -> str:
        a, b = self.of(BOOL, scope, depth), self.of(BOOL, scope, depth)
        return f"({a} {self.world.pick('&|')} {b})"

    def _member(self, scope: Scope) -> str:
        w = self.world
        sets = [p for p in paths(scope, w.read, scope.states) if p[1].name == "set"]
        sets = [(p, t) for p, t in sets if self.can(t.of[0], scope)]
        if not sets:
            return self._comparison(scope)
        text, t = w.pick(sets)
        return f"({self.of(t.of[0], scope, 0)} {w.pick(['in', 'not in'])} {text})"

    def _quantified(self, scope: Scope, depth: int) -> str:
        w = self.world
        inside, text = scope, ""
        for _ in range(w.pick([1, 1, 2])):
            var, over = self._variable(inside), w.pick([PAGE, CPU, CPU, ZONE, LEVEL])
            inside = inside.binding(var, over)
            text += f" for {var} in {over}"
            if w.chance(30):
                text += f" if {self.cond(inside, 0)}"
        return f"{w.pick(['any', 'all'])}({self.cond(inside, depth)}{text})"

    def _about_none(self, scope: Scope, depth: int) -> str:
        w = self.world
        found = [p for p in paths(scope, w.read, scope.states) if p[1].name == "optional"]
        found = [(p, t) for p, t in found if p not in scope.known]
        if not found:
            return self._comparison(scope)
        text, _ = w.pick(found)
        if w.chance(30):
            return f"({text} {w.pick(['is', 'is not', '==', '!='])} None)"
        knowing = replace(scope.inner(), known=(*scope.known, text), lazy=True)
        if w.chance(50):
            return f"({text} is not None and {self.cond(knowing, depth)})"
        return f"({text} is None or {self.cond(knowing, depth)})"

    def _comparison(self, scope: Scope) -> str:
        w = self.world
        found = [p for p in paths(scope, w.read, scope.states) if not is_lock(p[1])]
        found = [(p, t) for p, t in found if t.name != "map" or w.chance(30)]
        if not found:
            return self.constant() if w.constants else w.pick(["True", "False"])
        text, t = w.pick(found)
        if t == BOOL:
            other = self.of(t, scope, 0)
            return text if w.chance(70) else f"({text} {w.pick(['==', '!='])} {other})"
        if t.name == "int" or (t == LEVEL and w.chance(50)):
            sign = w.pick(["==", "!=", "<", "<=", ">", ">="])
            if w.chance(12):
                low = str(t.low) if t.name == "int" else "Level.NONE"
                high = self.of(t, scope.lazily(), 0)
                return f"({low} {w.pick(['<', '<='])} {text} {w.pick(['<', '<='])} {high})"
            return f"({text} {sign} {self.of(t, scope, 1)})"
        if t.name in ("set", "map"):
            return f"({text} {w.pick(['==', '!='])} {w.pick(self.atoms(t, scope))})"
        return f"({text} {w.pick(['==', '!='])} {self.of(t, scope, 1)})"

    def active(self, scope: Scope) -> str:
        """Return a condition that asks whether somebody is in some span."""
        w = self.world
        name, params = w.pick(list(w.spans.items()))
        args, over = [], ""
        for _, t in params:
            known = keys(scope, t)
            if known and w.chance(50):
                args.append(w.pick(known))
            else:
                var = self._variable(scope)
                scope = scope.binding(var, t)
                args.append(var)
                over += f" for {var} in {t}"
        call = f"{name}.active({', '.join(args)})"
        return f"{w.pick(['any', 'all'])}({call}{over})" if over else call

    def held(self, scope: Scope) -> str:
        """Return a condition that asks whether somebody holds a lock."""
        w = self.world
        name, t = w.pick(list(w.locks.items()))
        place, over = f"{w.pick(scope.states)}.{name}", ""
        if t.name == "map":
            var = self._variable(scope)
            place, over = f"{place}[{var}]", f" for {var} in {t.of[0]}"
        call = f"{w.pick(['held_for_write', 'held_for_read'])}({place})"
        return f"any({call}{over})" if over else call

    # -- calls

    def _callable(self, f: Callee, scope: Scope) -> bool:
        """May the pure function be called here?"""
        if f.kind != "pure" or (f.place is not None and not scope.states):
            return False
        if f.asks and scope.kind != "property":
            return False
        return all(self.can(t, scope) for _, t in f.params)

    def _takes(self, f: Callee, scope: Scope) -> bool:
        """May the function, which is a step or takes steps, be called here?"""
        kinds = ("atomic", "helper") if scope.kind == "operation" else ("atomic",)
        if f.waits and scope.kind == "initial":
            # That would mostly leave no first state.
            return False
        # A lock that is held for reading is not taken for reading again.
        if any(how == "read" and field_of(place) in f.reads for place, how in scope.held):
            return False
        return f.kind in kinds and all(self.can(t, scope) for _, t in f.params)

    def steps(self, scope: Scope) -> list[Callee]:
        """Return the functions that are a step, or take steps, and may be called here."""
        return [f for f in self.world.callees if self._takes(f, scope)]

    def call(self, f: Callee, scope: Scope, depth: int = 1) -> str:
        """Return a call of a function."""
        w = self.world
        args = [(n, self._part(t, scope, depth)) for n, t in f.params]
        if f.place is not None:
            args.insert(f.place, (f.state, w.pick(scope.states or ("m",))))
        named = w.r.randint(1, len(args)) if args and w.chance(15) else 0
        plain = len(args) - named
        given = [*(a for _, a in args[:plain]), *(f"{n}={a}" for n, a in args[plain:])]
        return f"{f.name}({', '.join(given)})"


def field_of(place: str) -> str:
    """Return the field of the shared state that a place is in."""
    return place.split(".")[1].split("[", maxsplit=1)[0]


def _indexes(t: T) -> bool:
    return is_domain(t) or (t.name == "optional" and is_domain(t.of[0]))
