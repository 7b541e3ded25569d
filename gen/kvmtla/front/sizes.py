"""Whether a scenario says how many there are of everything that is counted off in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kvmtla.errors import Loc, SpecError
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, SharedT, Type


def check_sizes(
    scenario: str,
    sizes: Mapping[str, int],
    machine: SharedT,
    functions: Iterable[s.Function],
    program: s.Program,
    loc: Loc,
) -> None:
    """A SpecError at `loc` for a domain without a size that the functions or the state need."""
    for what, t in _needed(machine, functions, program):
        if t.name not in sizes:
            raise SpecError(
                "KT606",
                f"{what} needs {t}, and scenario {scenario!r} does not say how many there are",
                loc=loc,
                hint=f"add it to sizes: {{{t}: 1}}",
            )


def _needed(
    machine: SharedT, functions: Iterable[s.Function], program: s.Program
) -> Iterator[tuple[str, DomainT]]:
    for name, t in machine.fields.items():
        yield from ((f"{machine}.{name}", d) for d in _domains(t))
    todo, seen = list(functions), set[str]()
    while todo:
        fn = todo.pop()
        if fn.key in seen:
            continue
        seen.add(fn.key)
        types = [p.type for p in fn.params] + [t.type for t in s.targets(fn.body)]
        for e in s.expressions(fn.body):
            for y in x.walk(e):
                if isinstance(y, x.Quant | x.MapOf | x.SetFilter):
                    types.append(y.var.type)
                elif isinstance(y, x.Call):
                    todo.append(program.functions[y.function])
        todo += [program.functions[key] for key in s.calls(fn.body)]
        yield from ((f"{fn.name}()", d) for t in types for d in _domains(t))


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
