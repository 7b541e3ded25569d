"""Checking that a scenario gives a size to every domain that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kvmtla.errors import Loc
from kvmtla.front.messages.scenarios import size_missing
from kvmtla.front.mistakes import Mistakes
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, SharedT, Type


class Sizes:
    """The domains that each function of a program needs a size of, found out once."""

    def __init__(self, program: s.Program, mistakes: Mistakes) -> None:
        self._program = program
        self._mistakes = mistakes
        self._named: dict[str, tuple[list[DomainT], list[str]]] = {}
        # By identity: each machine is read once, and kept with the types.
        self._fields: dict[int, list[tuple[str, DomainT]]] = {}

    def check(
        self,
        scenario: str,
        sizes: Mapping[str, int],
        machine: SharedT,
        functions: Iterable[s.Function],
        loc: Loc,
    ) -> None:
        """Note at `loc` each domain without a size that functions or state need."""
        missing: dict[DomainT, str] = {}
        for what, t in self._needed(machine, functions):
            if t.name not in sizes:
                missing.setdefault(t, what)
        for t, what in missing.items():
            message = size_missing(what, t, scenario)
            self._mistakes.note(message, loc, about=("size", scenario, t.name))

    def _needed(
        self, machine: SharedT, functions: Iterable[s.Function]
    ) -> Iterator[tuple[str, DomainT]]:
        if id(machine) not in self._fields:
            named = machine.fields.items()
            fields = [(f"{machine}.{name}", d) for name, t in named for d in _domains(t)]
            self._fields[id(machine)] = list(dict.fromkeys(fields))
        yield from self._fields[id(machine)]
        todo, seen = list(functions), set[str]()
        while todo:
            fn = todo.pop()
            if fn.key in seen:
                continue
            seen.add(fn.key)
            if fn.key not in self._named:
                self._named[fn.key] = _named(fn)
            domains, called = self._named[fn.key]
            todo += [self._program.functions[key] for key in called]
            yield from ((f"{fn.name}()", d) for d in domains)


def _named(fn: s.Function) -> tuple[list[DomainT], list[str]]:
    """Return the domains of a function's variables, and the functions that it calls."""
    types = [p.type for p in fn.params] + [t.type for t in s.targets(fn.body)]
    called = list(s.calls(fn.body))
    for e in s.expressions(fn.body):
        for y in x.walk(e):
            if isinstance(y, x.Quant | x.MapOf | x.SetFilter):
                types.append(y.var.type)
            elif isinstance(y, x.Call):
                called.append(y.function)
    return list(dict.fromkeys(d for t in types for d in _domains(t))), list(dict.fromkeys(called))


def _domains(t: Type) -> Iterator[DomainT]:
    match t:
        case DomainT():
            yield t
        case MapT(key, value):
            yield key
            yield from _domains(value)
        case OptionalT(inner):
            yield from _domains(inner)
        case SetT(element):
            yield from _domains(element)
        case RecordT(_, fields):
            for f in fields:
                yield from _domains(f.type)
