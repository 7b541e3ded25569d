"""The values of fields that have been given none, and who asks for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.types import DomainT, MapT, Type, default

_MARK = "#nothing"

_Path = tuple[int, ...]


def names_element(t: Type) -> bool:
    """Does every value of the type name an element of a domain?"""
    return isinstance(t, DomainT) or (isinstance(t, MapT) and names_element(t.value))


def nothing(field: str, t: Type, sizes: Mapping[str, int]) -> Expr:
    """Return the value of a field that has not been given one.

    Where it names elements of a domain, each part is a local named after the field and its place.
    """
    value: Expr = x.Const(default(t, sizes), t)
    if not names_element(t):
        return value
    keys: list[DomainT] = []
    inner = t
    while isinstance(inner, MapT):
        keys.append(inner.key)
        inner = inner.value
    for path in itertools.product(*(range(sizes[k.name]) for k in keys)):
        part = x.Local(f"{field} {' '.join(map(str, path))}{_MARK}", inner)
        if not path:
            return part
        at = tuple(x.Const(i, k) for i, k in zip(path, keys, strict=True))
        value = x.Update(value, at, part, t)
    return value


class Asked:
    """Finds the fields that are asked for a value that they have not been given.

    `names` has the values that have names.
    """

    def __init__(self, names: Mapping[str, Expr]) -> None:
        self._names = names
        self._known: dict[tuple[Expr, frozenset[_Path]], frozenset[str]] = {}

    def of(self, e: Expr, given: frozenset[_Path] = frozenset()) -> frozenset[str]:
        """Return these fields for `e`; what is at the paths that are `given` is not asked for."""
        key = e, given
        if key not in self._known:
            self._known[key] = frozenset[str]().union(*self._in(e, given))
        return self._known[key]

    def _in(self, e: Expr, given: frozenset[_Path]) -> Iterator[frozenset[str]]:
        match e:
            case x.Local(name) if name.endswith(_MARK):
                field, *path = name.removesuffix(_MARK).split()
                at = tuple(map(int, path))
                if not any(at[: len(known)] == known for known in given):
                    yield frozenset({field})
            case x.Local(name) if name in self._names:
                yield self.of(self._names[name], given)
            case x.Update(base, path, value):
                yield from (self.of(p) for p in path if not isinstance(p, str))
                known = [p.value for p in path if isinstance(p, x.Const)]
                at = tuple(i for i in known if isinstance(i, int))
                if len(at) < len(path):
                    # It may be anywhere.
                    yield self.of(value)
                    yield self.of(base, given)
                elif any(at[: len(g)] == g for g in given):
                    yield self.of(base, given)
                else:
                    inside = (g[len(at) :] for g in given if g[: len(at)] == at)
                    yield self.of(value, frozenset(inside))
                    yield self.of(base, given | {at})
            case x.If(cond, then, other):
                yield self.of(cond)
                yield from (self.of(part, given) for part in (then, other))
            case _:
                yield from (self.of(part) for part in x.children(e))
