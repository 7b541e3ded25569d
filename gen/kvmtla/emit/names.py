"""Names in a TLA+ module: those that are taken, and those that bound variables have."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from kvmtla.errors import Loc, SpecError
from kvmtla.ir import expr as x
from kvmtla.ir.model import Branch, Fair, Guard, Let, Model, Pick, Tree
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.types import (
    DomainT,
    EnumT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
    domains_in,
    without_none,
)


@dataclass(frozen=True)
class Places:
    """Places in the spec of what has no place in a model; None where one is not known.

    `field` is asked for a field of the shared state, `type` for a type, or a field or member of it.
    """

    field: Callable[[str], Loc | None] = lambda _: None
    type: Callable[[str, str], Loc | None] = lambda _, __: None
    scenario: Loc | None = None


NONE = "None"
# The words of the language.
KEYWORDS = frozenset(
    [
        "ACTION",
        "ASSUME",
        "ASSUMPTION",
        "AXIOM",
        "BY",
        "CASE",
        "CHOOSE",
        "CONSTANT",
        "CONSTANTS",
        "COROLLARY",
        "DEF",
        "DEFINE",
        "DEFS",
        "DOMAIN",
        "ELSE",
        "ENABLED",
        "EXCEPT",
        "EXTENDS",
        "HAVE",
        "HIDE",
        "IF",
        "IN",
        "INSTANCE",
        "LAMBDA",
        "LEMMA",
        "LET",
        "LOCAL",
        "MODULE",
        "NEW",
        "OBVIOUS",
        "OMITTED",
        "ONLY",
        "OTHER",
        "PICK",
        "PROOF",
        "PROPOSITION",
        "PROVE",
        "QED",
        "RECURSIVE",
        "STATE",
        "SUBSET",
        "SUFFICES",
        "TAKE",
        "TEMPORAL",
        "THEN",
        "THEOREM",
        "UNCHANGED",
        "UNION",
        "USE",
        "VARIABLE",
        "VARIABLES",
        "WITH",
        "WITNESS",
        "BOOLEAN",
        "TRUE",
        "FALSE",
        "STRING",
    ]
)
# Modules that TLC brings with it.
MODULES = frozenset(
    [
        "Bags",
        "FiniteSets",
        "Integers",
        "Naturals",
        "Randomization",
        "Reals",
        "RealTime",
        "Sequences",
        "TLC",
        "Toolbox",
        "ProtoReals",
    ]
)
# With them, what the extended modules define, and what each module defines itself.
RESERVED = KEYWORDS | frozenset(
    [
        "Nat",
        "Int",
        "Any",
        "Assert",
        "JavaTime",
        "Permutations",
        "Print",
        "PrintT",
        "RandomElement",
        "SortSeq",
        "TLCEval",
        "TLCGet",
        "TLCSet",
        "ToString",
        "Init",
        "Next",
        "Spec",
        "TypeOK",
        "Quiescent",
        "Fairness",
        "FairSpec",
        "Symmetry",
        "vars",
    ]
)


def operator_of(kind: PropertyKind, name: str) -> str:
    """Return the name of the operator that TLC is to find true, for a property of this kind."""
    return f"Never_{name}" if kind is PropertyKind.GOAL else name


def steps_of(fair: Fair) -> str:
    """Return the name of the operator that is true of the steps of somebody who is fair."""
    return f"{fair.name}_steps"


def camel(name: str) -> str:
    """Return a name as TLA+ has it for operators: dirty_log as DirtyLog."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def unused(wanted: Sequence[str], taken: Collection[str]) -> str:
    """Return the first of the names that is not taken, or else the last with a number."""
    numbered = (f"{wanted[-1]}_{i}" for i in itertools.count(2))
    candidates = itertools.chain(wanted, numbered)
    return next(n for n in candidates if n not in taken and why_no_name(n) is None)


def model_value(domain: DomainT, index: int) -> str:
    """Return the name of an element of a symmetric domain."""
    return f"{domain.name.lower()}{index}"


def why_no_name(name: str) -> str | None:
    """Return what TLA+ wants of a name and this one lacks; None where nothing is wrong."""
    if not name.isascii():
        return "letters of ASCII only"
    if not any(c.isalpha() for c in name):
        return "a letter in it"
    return "no WF_ or SF_ in front" if name.startswith(("WF_", "SF_")) else None


def symmetric_domains(model: Model) -> list[DomainT]:
    """Return the symmetric domains whose elements occur in a model."""
    return [t for t in domains(model).values() if t.symmetric]


def domains(model: Model) -> dict[str, DomainT]:
    """Return the domains of which a model's variables or its actions' parameters have elements."""
    types = [v.type for v in model.variables.values()]
    types += [p.type for a in model.actions for p in a.params]
    return {d.name: d for t in types for d in domains_in(t)}


def symmetric_elements(model: Model) -> list[str]:
    """Return the names of the elements of the symmetric domains that a scenario counts."""
    known = domains(model)
    return [
        model_value(known[name], i)
        for name, size in model.sizes.items()
        if name in known and known[name].symmetric
        for i in range(size)
    ]


def _picked(tree: Tree) -> Iterator[Type]:
    match tree:
        case Pick(var, body):
            yield var.type
            yield from _picked(body)
        case Guard(_, body) | Let(_, body):
            yield from _picked(body)
        case Branch(_, then, other):
            yield from _picked(then)
            yield from _picked(other)


def _counted(model: Model) -> Iterator[Type]:
    """Yield the types that something in the model runs over."""
    for a in model.actions:
        yield from (p.type for p in a.params)
        yield from _picked(a.tree)
    yield from _picked(model.initial)
    for asked in model.properties:
        yield from (p.type for p in asked.params)
    for e in model.expressions:
        if isinstance(e, x.Quant | x.MapOf | x.SetFilter):
            yield e.var.type


def compared_enums(model: Model) -> dict[str, EnumT]:
    """Return the enumerations of which two unknown values are compared by their order."""
    found = {}
    for e in model.expressions:
        if isinstance(e, x.Bin) and e.op in ("<", "<=", ">", ">="):
            t = without_none(e.left.type)
            constant = isinstance(e.left, x.Const) or isinstance(e.right, x.Const)
            if isinstance(t, EnumT) and not constant:
                found[t.name] = t
    return found


def order_of(t: EnumT) -> str:
    """Return the name of the function that gives the places of an enumeration's members."""
    return f"{t.name}Order"


def uses_none(model: Model) -> bool:
    """Does None occur in the model?"""
    for v in model.variables.values():
        if _may_be_none(v.type):
            return True
    return any(isinstance(e, x.Const) and _holds_none(e.value) for e in model.expressions)


def _holds_none(value: Value) -> bool:
    return value is None or (isinstance(value, tuple) and any(map(_holds_none, value)))


def _may_be_none(t: Type) -> bool:
    match t:
        case OptionalT():
            return True
        case MapT(_, value):
            return _may_be_none(value)
        case RecordT(_, fields):
            return any(_may_be_none(f.type) for f in fields)
    return False


def named_types(model: Model) -> dict[str, RecordT | EnumT]:
    """Return the records and enumerations that the model's variables hold, inner ones first.

    With them come the enumerations that something runs over.
    """
    found: dict[str, RecordT | EnumT] = {}

    def visit(t: Type) -> None:
        match t:
            case RecordT(name, fields):
                for f in fields:
                    visit(f.type)
                found.setdefault(name, t)
            case EnumT(name):
                if t.actor is None:
                    found.setdefault(name, t)
            case MapT(key, value):
                visit(key)
                visit(value)
            case OptionalT(inner):
                visit(inner)
            case SetT(element):
                visit(element)

    for v in model.variables.values():
        visit(v.type)
    for t in _counted(model):
        if isinstance(t, EnumT):
            visit(t)
    return found


class Scope:
    """The names of bound variables: as their author wrote them, unless that is taken here."""

    def __init__(self, taken: Iterable[str], bound: Mapping[str, str] | None = None) -> None:
        self.bound = dict(bound or {})
        self._taken = frozenset(taken) | set(self.bound.values())

    def bind(self, name: str) -> tuple[Scope, str]:
        """Return the scope inside a binder of the variable `name`, and its name there."""
        base = name.split("@", maxsplit=1)[0].split("#", maxsplit=1)[0]
        if why_no_name(base) is not None:
            base = "x"
        letter = [base[0]] if base[0].isalpha() else []
        candidates = itertools.chain([base], letter, (f"{base}_{i}" for i in itertools.count(1)))
        chosen = next(c for c in candidates if c not in self._taken)
        # The name at a binder of the same variable further out stays taken.
        return Scope(self._taken | {chosen}, {**self.bound, name: chosen}), chosen


def taken_names(model: Model) -> frozenset[str]:
    """Return every name that a module of this model declares."""
    return (
        RESERVED
        | set(model.variables)
        | set(model.sizes)
        | {d.name for d in model.definitions}
        | {n for p in model.properties for n in (p.name, operator_of(p.kind, p.name))}
        | {steps_of(f) for f in model.fairness}
        | {a.name for a in model.actions}
        | set(named_types(model))
        | {order_of(t) for t in compared_enums(model).values()}
        | set(symmetric_elements(model))
        | {NONE}
    )


def check_names(model: Model, places: Places | None = None) -> None:
    """Raise SpecError for names that cannot stand together in a module, or in none at all."""
    at = places or Places()
    seen: dict[str, str] = {}

    def instead(name: str) -> str:
        return f"call it {_like(name, RESERVED | seen.keys())}, for instance"

    def declare(name: str, what: str, loc: Loc | None, own: str | None = None) -> None:
        """Note one more name; `own` is the author's, where it is made of that."""
        if name in RESERVED or name in seen:
            other = seen.get(name, "a word of TLA+")
            raise SpecError(
                "KT702",
                f"{what} is called as {other} is: {name}",
                loc=loc,
                hint=instead(own or name),
            )
        if (why := why_no_name(name)) is not None:
            raise SpecError(
                "KT701",
                f"{what} has a name that TLA+ does not know: {name}",
                loc=loc,
                hint=f"a name has {why}; {instead(own or name)}",
            )
        seen[name] = what

    if model.name in KEYWORDS | MODULES or why_no_name(model.name) is not None:
        raise SpecError(
            "KT701",
            f"a module of TLA+ cannot be called {model.name}",
            loc=at.scenario,
            hint=instead(model.scenario),
        )
    for name in model.sizes:
        declare(name, "a domain", at.type(name, ""))
    for d in symmetric_domains(model):
        for i in range(model.sizes[d.name]):
            # Two domains must not give their elements the same names, or TLC swaps both at once.
            what = f"an element of {d.name}"
            declare(model_value(d, i), what, at.type(d.name, ""), f"{d.name}_")
    for name, t in named_types(model).items():
        declare(name, "a type", at.type(name, ""))
        parts = [f.name for f in t.fields] if isinstance(t, RecordT) else t.members
        for part in parts:
            if part in KEYWORDS or why_no_name(part) is not None:
                raise SpecError(
                    "KT701",
                    f"{name}.{part} has a name that TLA+ does not know",
                    loc=at.type(name, part),
                    hint=f"call it {_like(part, KEYWORDS | set(parts))}, for instance",
                )
        if isinstance(t, RecordT):
            declare(f"No{name}", f"what a {name} begins with", at.type(name, ""), name)
    for t in compared_enums(model).values():
        declare(order_of(t), f"the order of {t.name}", at.type(t.name, ""), t.name)
    for name, v in model.variables.items():
        if v.turn_of is not None:
            declare(name, f"the turn of {v.turn_of}", at.scenario, v.turn_of)
        elif v.actor is None:
            declare(name, "a shared field", at.field(name))
        else:
            own = name.removeprefix(f"{v.actor}_")
            if own == "pc":
                declare(name, f"the place of actor {v.actor}", at.scenario, v.actor)
            else:
                declare(name, f"a local of {v.actor}", v.loc or at.scenario, own)
    for one in model.definitions:
        declare(one.name, "a function", one.loc)
    for p in model.properties:
        if operator_of(p.kind, p.name) not in seen:
            told = operator_of(p.kind, p.name)
            declare(told, f"what TLC is told of {p.name}", p.loc, p.name)
    if model.temporal:
        for f in model.fairness:
            declare(steps_of(f), f"the steps of {f.name}", at.scenario, f.name)
    for a in model.actions:
        declare(a.name, "a step", a.loc, a.name if a.operation.isascii() else a.operation)


def _like(name: str, taken: Collection[str]) -> str:
    """Return a name like this one that a module can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = plain.removeprefix("WF_").removeprefix("SF_")
    if why_no_name(plain) is not None:
        plain = f"x{plain}"
    while plain == name or plain in taken:
        plain += "_"
    return plain


class Spelling:
    """The spelling of values in TLA+.

    `named` says which records have a name of their own, `taken` which names are declared already.
    """

    def __init__(
        self, named: Mapping[tuple[str, Value], str], taken: frozenset[str] = frozenset()
    ) -> None:
        self.named = dict(named)
        self.taken = taken

    def of(self, value: Value, t: Type, bound: str = "") -> str:
        """Return a value of type `t` as text; `bound` is the letters of variables around it."""
        match t:
            case DomainT() if value is not None:
                assert isinstance(value, int)
                return model_value(t, value) if t.symmetric else str(value)
            case EnumT():
                return f'"{value}"'
            case RecordT():
                assert isinstance(value, tuple)
                return self.named.get((t.name, value)) or self.record(value, t, bound)
            case OptionalT(inner):
                return NONE if value is None else self.of(value, inner, bound)
            case MapT(key, inner):
                assert isinstance(value, tuple)
                letters = [key.name[0].lower(), *ascii_lowercase[8:], *ascii_lowercase[:8]]
                letter = next(c for c in letters if c not in bound and c not in self.taken)
                known = bound + letter
                at: dict[str, list[str]] = {}
                for i, v in enumerate(value):
                    at.setdefault(self.of(v, inner, known), []).append(self.of(i, key))
                return f"[{letter} \\in {key.name} |-> {_chosen(letter, at)}]"
            case SetT(element):
                assert isinstance(value, frozenset)
                return f"{{{', '.join(sorted(self.of(v, element) for v in value))}}}"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        return NONE if value is None else str(value)

    def record(self, value: tuple[Value, ...], t: RecordT, bound: str = "") -> str:
        """Return a record written out, whether it has a name or not."""
        inner = [
            f"{f.name} |-> {self.of(v, f.type, bound)}"
            for f, v in zip(t.fields, value, strict=True)
        ]
        return f"[{', '.join(inner)}]"


def _chosen(letter: str, at: Mapping[str, Sequence[str]]) -> str:
    """Return the value of a function at `letter`, given where it has which value."""
    *firsts, (last, _) = at.items()
    if not firsts:
        return last
    arms = [f"{_among(letter, keys)} -> {value}" for value, keys in firsts]
    return f"CASE {' [] '.join([*arms, f'OTHER -> {last}'])}"


def _among(letter: str, keys: Sequence[str]) -> str:
    return f"{letter} = {keys[0]}" if len(keys) == 1 else f"{letter} \\in {{{', '.join(keys)}}}"
