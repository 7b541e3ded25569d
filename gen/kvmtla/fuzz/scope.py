"""The names that the code of random specifications may use at some place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kvmtla.fuzz.kinds import DOMAINS, LOCK, PARTS, T, optional


@dataclass(frozen=True)
class Callee:
    """A function that others can call.

    `place` is the position of the shared state among its parameters, under the name `state`; None
    if it has none. `waits`: it waits where a condition is false, itself or in a function it calls.
    `asks`: it asks who is in which span. `reads` are the fields with the locks that it takes for
    reading.
    """

    name: str
    params: tuple[tuple[str, T], ...]
    results: tuple[T, ...]
    place: int | None
    kind: str
    state: str = "m"
    asks: bool = False
    waits: bool = False
    reads: frozenset[str] = frozenset()


@dataclass
class Scope:
    """The names that an expression or a statement may use.

    `kind` is the function's. `names` are the locals that have a value, `states` the names of the
    shared state where it may be read. `lazy`: the code might not be run exactly once. `held` are
    the locks that are held, `known` the names that are not None. `loop`: there is a loop to leave.
    """

    kind: str
    names: dict[str, T] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    lazy: bool = False
    loop: bool = False
    held: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()
    results: tuple[T, ...] = ()

    def inner(self) -> Scope:
        """Return the same scope for a block: names set in it are not set after it."""
        return replace(self, names=dict(self.names))

    def lazily(self) -> Scope:
        """Return the same scope for code that might not be run exactly once."""
        return replace(self, lazy=True)

    def binding(self, name: str, t: T) -> Scope:
        """Return the same scope inside a comprehension with this variable."""
        known = tuple(k for k in self.known if k != name)
        return replace(self, names={**self.names, name: t}, known=known, lazy=True)

    def setting(self, name: str, t: T) -> None:
        """Note that a local has got a value."""
        self.names[name] = t
        self.known = tuple(k for k in self.known if k != name)


def paths(scope: Scope, fields: dict[str, T], states: tuple[str, ...]) -> Iterator[tuple[str, T]]:
    """Yield all places that can be read, locals and shared fields, with their types."""
    todo = list(scope.names.items())
    todo += [(f"{m}.{n}", t) for m in states for n, t in fields.items()]
    while todo:
        text, t = todo.pop(0)
        yield text, t
        if t.name == "optional" and text in scope.known:
            t = t.of[0]
            if t.name != "int":
                yield text, t
        todo += [(f"{text}.{part}", inner) for part, inner in PARTS.get(t, {}).items()]
        if t.name == "map":
            todo += [(f"{text}[{k}]", t.of[1]) for k in keys(scope, t.of[0])]


def keys(scope: Scope, t: T) -> list[str]:
    """Return the locals that are elements of a domain."""
    found = [n for n, u in scope.names.items() if u == t]
    return found + [n for n, u in scope.names.items() if u == optional(t) and n in scope.known]


def is_lock(t: T) -> bool:
    """Is it a lock, or a map of locks?"""
    return t == LOCK or (t.name == "map" and is_lock(t.of[1]))


def is_domain(t: T) -> bool:
    """Is it the type of the elements of a domain?"""
    return t in DOMAINS
