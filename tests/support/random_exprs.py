"""Random well-typed expressions over a state with a variable of every type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from kvmtla.errors import Loc
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, Local
from kvmtla.ir.model import ActorInfo, Definition, Model, Tree, Variable
from kvmtla.ir.property import Property, PropertyKind
from kvmtla.ir.types import (
    BOOL,
    DomainT,
    EnumT,
    FieldT,
    IntT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
    default,
    elements,
)

INT = IntT(-2, 3)
LEVEL = EnumT("Level", ("LOW", "MID", "HIGH"), ordered=True)
PAGE = DomainT("Page", False, "page")
CPU = DomainT("Cpu", False, "CPU")
PTE = RecordT("Pte", tuple(FieldT(n, BOOL, n) for n in ("present", "writable", "dirty")), word=True)
OWNER = OptionalT(CPU)
ENTRY = RecordT(
    "Entry",
    (
        FieldT("valid", BOOL, "valid", default=False),
        FieldT("level", LEVEL, "level", default="MID"),
        FieldT("who", OWNER, "who"),
        FieldT("count", INT, "count", default=0),
    ),
)
BITS = MapT(PAGE, BOOL)
TABLE = MapT(PAGE, ENTRY)
DEEP = MapT(CPU, MapT(PAGE, PTE))
CPUS = SetT(CPU)
LEVELS = SetT(LEVEL)
SIZES = {"Page": 2, "Cpu": 3}
TYPES: dict[str, Type] = {
    "busy": BOOL,
    "number": INT,
    "level": LEVEL,
    "page": PAGE,
    "cpu": CPU,
    "pte": PTE,
    "owner": OWNER,
    "entry": ENTRY,
    "bits": BITS,
    "table": TABLE,
    "deep": DEEP,
    "cpus": CPUS,
    "levels": LEVELS,
}
_NOWHERE = Loc("expressions.py", 1)
_COUNTED = (BOOL, LEVEL, PAGE, CPU)


def value(random: Random, t: Type) -> Value:
    """Any value of a type."""
    match t:
        case OptionalT(inner):
            return random.choice([None, value(random, inner)])
        case RecordT(_, fields):
            return tuple(value(random, f.type) for f in fields)
        case MapT(key, inner):
            return tuple(value(random, inner) for _ in range(SIZES[key.name]))
        case SetT(element):
            return frozenset(v for v in elements(element, SIZES) if random.random() < 0.5)
    return random.choice(elements(t, SIZES))


def state(random: Random) -> dict[str, Value]:
    """Any state."""
    return {n: value(random, t) for n, t in TYPES.items()}


class Expressions:
    """Makes expressions; binders get names that other things have, too."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.bound: list[Local] = []
        self.numbers = 0

    def of(self, t: Type, depth: int) -> Expr:
        """An expression of type `t`."""
        if depth <= 0:
            return self._leaf(t)
        makers = [self._field, self._index, self._if, *self._by_type(t)]
        for maker in self.random.sample(makers, len(makers)):
            if (made := maker(t, depth - 1)) is not None:
                return made
        return self._leaf(t)

    def _leaf(self, t: Type) -> Expr:
        known: list[Expr] = [v for v in self.bound if v.type == t] * 3
        known += [x.Shared(n, u) for n, u in TYPES.items() if u == t] * 2
        # A map that differs from place to place is no constant in the language.
        v = default(t, SIZES) if isinstance(t, MapT) else value(self.random, t)
        return self.random.choice([*known, x.Const(v, t)])

    def _field(self, t: Type, depth: int) -> Expr | None:
        found = [(r, f.name) for r in (PTE, ENTRY) for f in r.fields if f.type == t]
        if not found:
            return None
        record, name = self.random.choice(found)
        return x.Field(self.of(record, depth), name, t)

    def _index(self, t: Type, depth: int) -> Expr | None:
        found = [m for m in (BITS, TABLE, DEEP, DEEP.value) if isinstance(m, MapT) and m.value == t]
        if not found:
            return None
        m = self.random.choice(found)
        return x.Index(self.of(m, depth), self.of(m.key, depth - 1), t)

    def _if(self, t: Type, depth: int) -> Expr:
        return x.If(self.of(BOOL, depth), self.of(t, depth), self.of(t, depth), t)

    def _by_type(self, t: Type) -> list[Callable[[Type, int], Expr | None]]:
        match t:
            case RecordT():
                return [self._make, self._update, self._update]
            case MapT():
                return [self._map, self._update, self._update]
            case SetT():
                return [self._set, self._filter, self._of_sets, self._of_sets]
            case IntT():
                return [self._sum, self._sum, self._minus]
            case OptionalT(inner):
                return [lambda _, depth: self.of(inner, depth)]
        if t == BOOL:
            two = [self._logic, self._logic, self._compare, self._compare]
            return [*two, self._not, self._order, self._in, self._quant, self._quant, self._call]
        return []

    def _make(self, t: Type, depth: int) -> Expr:
        assert isinstance(t, RecordT)
        base = self.of(t, depth - 1)
        values = [
            x.Field(base, f.name, f.type) if self.random.random() < 0.4 else self.of(f.type, depth)
            for f in t.fields
        ]
        return x.Make(tuple(values), t)

    def _update(self, t: Type, depth: int) -> Expr:
        path: list[str | Expr] = []
        inner = t
        while isinstance(inner, RecordT | MapT):
            if isinstance(inner, RecordT):
                f = self.random.choice(inner.fields)
                path.append(f.name)
                inner = f.type
            else:
                path.append(self.of(inner.key, depth - 1))
                inner = inner.value
            if self.random.random() < 0.4:
                break
        return x.Update(self.of(t, depth), tuple(path), self.of(inner, depth), t)

    def _bind(self, t: Type) -> Local:
        self.numbers += 1
        name = self.random.choice(["p", "c", "cpu", "page", "busy", "i", "near", "Page"])
        return Local(f"{name}#{self.numbers}", t)

    def _inside(self, var: Local, t: Type, depth: int) -> Expr:
        self.bound.append(var)
        body = self.of(t, depth)
        self.bound.pop()
        return body

    def _map(self, t: Type, depth: int) -> Expr:
        assert isinstance(t, MapT)
        var = self._bind(t.key)
        return x.MapOf(var, self._inside(var, t.value, depth), t)

    def _set(self, t: Type, depth: int) -> Expr:
        assert isinstance(t, SetT)
        many = self.random.randrange(3)
        return x.SetOf(tuple(self.of(t.element, depth - 1) for _ in range(many)), t)

    def _filter(self, t: Type, depth: int) -> Expr:
        assert isinstance(t, SetT)
        var = self._bind(t.element)
        return x.SetFilter(var, self._inside(var, BOOL, depth), t)

    def _of_sets(self, t: Type, depth: int) -> Expr:
        return x.Bin(self.random.choice("|&-"), self.of(t, depth), self.of(t, depth), t)

    def _sum(self, t: Type, depth: int) -> Expr:
        return x.Bin(self.random.choice("+-"), self.of(t, depth), self.of(t, depth), t)

    def _minus(self, t: Type, depth: int) -> Expr:
        return x.Un("-", self.of(t, depth), t)

    def _logic(self, t: Type, depth: int) -> Expr:
        return x.Bin(self.random.choice(["and", "or"]), self.of(t, depth), self.of(t, depth), t)

    def _not(self, t: Type, depth: int) -> Expr:
        return x.Un("not", self.of(t, depth), t)

    def _compare(self, _: Type, depth: int) -> Expr:
        t = self.random.choice(list(TYPES.values()))
        # Something that may be None is compared with something that is not, too.
        u = CPU if t == OWNER and self.random.random() < 0.5 else t
        return x.Bin(self.random.choice(["==", "!="]), self.of(t, depth), self.of(u, depth), BOOL)

    def _order(self, _: Type, depth: int) -> Expr:
        t, op = self.random.choice([INT, LEVEL]), self.random.choice(["<", "<=", ">", ">="])
        return x.Bin(op, self.of(t, depth), self.of(t, depth), BOOL)

    def _in(self, _: Type, depth: int) -> Expr:
        t = self.random.choice([CPUS, LEVELS])
        return x.Bin("in", self.of(t.element, depth), self.of(t, depth), BOOL)

    def _quant(self, _: Type, depth: int) -> Expr:
        var = self._bind(self.random.choice([PAGE, CPU, LEVEL]))
        return x.Quant(self.random.choice(["all", "any"]), var, self._inside(var, BOOL, depth))

    def _call(self, _: Type, depth: int) -> Expr:
        if self.random.random() < 0.3:
            return x.Call("crowded", (), BOOL)
        args = (self.of(CPU, depth - 1), self.of(ENTRY, depth - 1))
        return x.Call("near", args, BOOL)


def definition(name: str, body: Expr, *params: Local) -> Definition:
    """An operator of a module."""
    return Definition(name, params, body, _NOWHERE, "")


def _functions() -> tuple[Definition, ...]:
    cpu, entry, c = Local("cpu", CPU), Local("e", ENTRY), Local("c#1", CPU)
    who = x.Bin("==", x.Field(entry, "who", OWNER), cpu, BOOL)
    other = x.Bin("!=", c, cpu, BOOL)
    waits = x.Bin("in", c, x.Shared("cpus", CPUS), BOOL)
    some = x.Quant("any", c, x.Bin("and", other, waits, BOOL))
    return (
        definition("near", x.Bin("or", who, some, BOOL), cpu, entry),
        definition("crowded", x.Quant("all", c, waits)),
    )


def model(
    initial: Tree,
    *more: Definition,
    extra: Mapping[str, Type] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Model:
    """A model in which nothing happens, with the variables of `TYPES` and functions over them.

    `extra` are more variables, `sizes` those of their domains.
    """
    types = {**TYPES, **(extra or {})}
    sizes = {**SIZES, **(sizes or {})}
    return Model(
        name="expressions",
        scenario="expressions",
        doc="Expressions.",
        constants={},
        sizes=sizes,
        variables={n: Variable(n, t, default(t, sizes)) for n, t in types.items()},
        initial=initial,
        initial_loc=_NOWHERE,
        actions=(),
        definitions=(*_functions(), *more),
        properties=tuple(
            Property(d.name, PropertyKind.INVARIANT, (), (d.body,), (), d.doc, d.loc)
            for d in more
            if not d.params and d.body.type == BOOL
        ),
        actors=(ActorInfo("nobody", "nobody", None, hardware=True),),
    )
