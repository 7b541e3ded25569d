"""States that differ only in the names of interchangeable things, which TLC counts as one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from kvmtla.ir.model import Model
from kvmtla.ir.types import DomainT, MapT, OptionalT, RecordT, SetT, Type, Value

Key = tuple[Value, ...]
Renaming = Mapping[str, Sequence[int]]


def representatives(model: Model, symmetric: Iterable[str], states: Iterable[Key]) -> list[Key]:
    """Return one of each of the states that differ only in the names of elements of these domains.

    A state is the values of the model's variables, in their order.
    """
    domains = [d for d in symmetric if d in model.sizes]
    ways = [list(itertools.permutations(range(model.sizes[d]))) for d in domains]
    renamings = [dict(zip(domains, way, strict=True)) for way in itertools.product(*ways)]
    types = [v.type for v in model.variables.values()]
    seen: set[Key] = set()
    found = []
    for state in states:
        if state not in seen:
            found.append(state)
            for r in renamings:
                seen.add(tuple(_renamed(v, t, r) for v, t in zip(state, types, strict=True)))
    return found


def _renamed(value: Value, t: Type, r: Renaming) -> Value:
    match t:
        case DomainT(name) if name in r and isinstance(value, int):
            return r[name][value]
        case OptionalT(inner):
            return None if value is None else _renamed(value, inner, r)
        case SetT(element):
            assert isinstance(value, frozenset)
            return frozenset(_renamed(v, element, r) for v in value)
        case RecordT(_, fields):
            assert isinstance(value, tuple)
            return tuple(_renamed(v, f.type, r) for v, f in zip(value, fields, strict=True))
        case MapT(key, inner):
            assert isinstance(value, tuple)
            items = [_renamed(v, inner, r) for v in value]
            if key.name in r:
                moved = sorted(range(len(items)), key=lambda i: r[key.name][i])
                return tuple(items[i] for i in moved)
            return tuple(items)
    return value
