"""Names in a TLA+ module: what is taken, and what a bound variable is called where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvmtla.ir.model import Model
from kvmtla.ir.types import DomainT, EnumT, MapT, OptionalT, RecordT, SetT, Type, Value

NONE = "None"
_RESERVED = frozenset(
    [
        "ASSUME",
        "ASSUMPTION",
        "AXIOM",
        "CASE",
        "CHOOSE",
        "CONSTANT",
        "CONSTANTS",
        "DOMAIN",
        "ELSE",
        "ENABLED",
        "EXCEPT",
        "EXTENDS",
        "IF",
        "IN",
        "INSTANCE",
        "LET",
        "LOCAL",
        "MODULE",
        "OTHER",
        "SUBSET",
        "THEN",
        "THEOREM",
        "UNCHANGED",
        "UNION",
        "VARIABLE",
        "VARIABLES",
        "WITH",
        "BOOLEAN",
        "TRUE",
        "FALSE",
        "STRING",
        "Init",
        "Next",
        "Spec",
        "TypeOK",
        "Quiescent",
        "Symmetry",
        "vars",
        "Nat",
        "Int",
    ]
)


def model_value(domain: DomainT, index: int) -> str:
    """The name of an element of a symmetric domain."""
    return f"{domain.name.lower()}{index}"


def named_types(model: Model) -> dict[str, RecordT | EnumT]:
    """The records and enumerations that the model's variables hold, inner ones first."""
    found: dict[str, RecordT | EnumT] = {}

    def visit(t: Type) -> None:
        match t:
            case RecordT(name, fields):
                for f in fields:
                    visit(f.type)
                found.setdefault(name, t)
            case EnumT(name):
                if not name.endswith("_pc"):
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
    return found


class Scope:
    """The names of bound variables: as their author wrote them, unless that is taken here."""

    def __init__(self, taken: Iterable[str], bound: Mapping[str, str] | None = None) -> None:
        self._taken = frozenset(taken)
        self.bound = dict(bound or {})

    def bind(self, name: str) -> tuple[Scope, str]:
        """The scope inside a binder of the variable `name`, and what it is called there."""
        base = name.split("@", maxsplit=1)[0].split("#", maxsplit=1)[0]
        used = self._taken | set(self.bound.values())
        candidates = [base, base[0], *(f"{base}_{i}" for i in range(1, 100))]
        chosen = next(c for c in candidates if c not in used)
        return Scope(self._taken, {**self.bound, name: chosen}), chosen


def taken_names(model: Model) -> frozenset[str]:
    """Every name that a module of this model declares."""
    return (
        _RESERVED
        | set(model.variables)
        | set(model.sizes)
        | {d.name for d in model.definitions}
        | {a.name for a in model.actions}
        | set(named_types(model))
        | {NONE}
    )


class Spelling:
    """Values in TLA+. `named` says which records have a name of their own."""

    def __init__(self, named: Mapping[tuple[str, Value], str]) -> None:
        self.named = named

    def of(self, value: Value, t: Type, bound: str = "") -> str:
        """A value of type `t`; `bound` are the letters that are variables around it."""
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
                if len(set(value)) == 1:
                    letter = key.name[0].lower()
                    letter = letter if letter not in bound else chr(ord("i") + len(bound))
                    body = self.of(value[0], inner, bound + letter)
                    return f"[{letter} \\in {key.name} |-> {body}]"
                pairs = [
                    f"{self.of(i, key)} :> {self.of(v, inner, bound)}" for i, v in enumerate(value)
                ]
                return f"({' @@ '.join(pairs)})"
            case SetT(element):
                assert isinstance(value, frozenset)
                return f"{{{', '.join(sorted(self.of(v, element) for v in value))}}}"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        return NONE if value is None else str(value)

    def record(self, value: tuple[Value, ...], t: RecordT, bound: str = "") -> str:
        """A record written out, whether it has a name or not."""
        inner = [
            f"{f.name} |-> {self.of(v, f.type, bound)}"
            for f, v in zip(t.fields, value, strict=True)
        ]
        return f"[{', '.join(inner)}]"
