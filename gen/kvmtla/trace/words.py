"""Values, places and expressions in the kernel's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmtla.ir import expr as x
from kvmtla.ir.bits import never_set
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import Model
from kvmtla.ir.types import (
    WRITE_HELD,
    BoolT,
    DomainT,
    EnumT,
    LockT,
    MapT,
    OptionalT,
    RecordT,
    SetT,
    Type,
    Value,
    records_in,
    without_none,
)


class Words:
    """The words for the parts of one model's states."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._never_set = never_set(model)

    def is_ever_set(self, t: RecordT, field: str) -> bool:
        """Return whether anything in the model sets a field; one that nothing sets says nothing."""
        return (t.name, field) not in self._never_set

    def element(self, t: DomainT, index: Value) -> str:
        """Return the name of an element of a domain: `vCPU 0`."""
        return f"{t.label} {index}" if index is not None else "none"

    def value(self, value: Value, t: Type) -> str:
        """Return a value in words: `W=1 D=0` for a word, without bits never set; `1` for a bit."""
        match t:
            case BoolT():
                return "1" if value else "0"
            case DomainT():
                return self.element(t, value)
            case RecordT(_, fields):
                assert isinstance(value, tuple)
                if t.word and not any(value):
                    return "0"
                return " ".join(
                    f"{f.label}={self._inner(v, f.type)}"
                    for f, v in zip(fields, value, strict=True)
                    if self.is_ever_set(t, f.name)
                )
            case OptionalT(inner):
                return "none" if value is None else self.value(value, inner)
            case MapT(key, inner):
                assert isinstance(value, tuple)
                if self.model.sizes[key.name] == 1:
                    return self.value(value[0], inner)
                return ", ".join(
                    f"{self.element(key, i)}: {self.value(v, inner)}" for i, v in enumerate(value)
                )
            case SetT(element):
                assert isinstance(value, frozenset)
                names = sorted(self.value(v, element) for v in value)
                return "{" + ", ".join(names) + "}"
            case LockT():
                if value == WRITE_HELD:
                    return "held for write"
                return "free" if value == 0 else f"held for read by {value}"
            case EnumT():
                return str(value)
        return "none" if value is None else str(value)

    def _inner(self, value: Value, t: Type) -> str:
        text = self.value(value, t)
        return f"({text})" if isinstance(t, RecordT) and " " in text else text

    def place(self, name: str, indices: tuple[tuple[DomainT, Value], ...]) -> str:
        """Return the name of a part of the state, with an index only where there are several."""
        label = self.model.labels.get(name, name)
        named = [self.element(t, i) for t, i in indices if self.model.sizes[t.name] > 1]
        return f"{label}[{', '.join(named)}]" if named else label

    def changes(
        self, name: str, t: Type, before: Value, after: Value
    ) -> Iterator[tuple[str, str, str, str]]:
        """Yield what differs between two values of a variable: place, field, before, after."""
        yield from self._changes(name, (), t, before, after)

    def _changes(
        self,
        name: str,
        indices: tuple[tuple[DomainT, Value], ...],
        t: Type,
        before: Value,
        after: Value,
    ) -> Iterator[tuple[str, str, str, str]]:
        if before == after:
            return
        if isinstance(t, MapT):
            assert isinstance(before, tuple)
            assert isinstance(after, tuple)
            for i, (a, b) in enumerate(zip(before, after, strict=True)):
                yield from self._changes(name, (*indices, (t.key, i)), t.value, a, b)
            return
        place = self.place(name, indices)
        if isinstance(t, RecordT):
            for field, a, b in self.field_changes(t, before, after):
                yield place, field, a, b
            return
        yield place, "", self.value(before, t), self.value(after, t)

    def field_changes(
        self, t: RecordT, before: Value, after: Value
    ) -> Iterator[tuple[str, str, str]]:
        """Yield the fields, nested ones too, in which two records differ: label, before, after."""
        assert isinstance(before, tuple)
        assert isinstance(after, tuple)
        for f, a, b in zip(t.fields, before, after, strict=True):
            if isinstance(f.type, RecordT):
                for inner, old, new in self.field_changes(f.type, a, b):
                    yield f"{f.label}.{inner}", old, new
            elif a != b:
                yield f.label, self.value(a, f.type), self.value(b, f.type)

    def legend(self) -> Iterator[str]:
        """Yield the positions of the bits of each word: `Spte, ept: P 11, W 1`."""
        form = self.model.word_format
        types = [v.type for v in self.model.variables.values()]
        for t in dict.fromkeys(r for one in types for r in records_in(one)):
            if t.word and form is not None:
                bits = [
                    f"{f.label} {f.bits[form]}"
                    for f in t.fields
                    if form in f.bits and self.is_ever_set(t, f.name)
                ]
                yield f"{t.name}, {form}: {', '.join(bits)}"

    def expression(self, e: Expr, names: Mapping[str, str]) -> str:
        """Return a condition in words, as far as possible; `names` are those of its locals."""
        match e:
            case x.Field(base, name, _):
                t = without_none(base.type)
                assert isinstance(t, RecordT)
                i = t.index(name)
                assert i is not None
                return f"{self.expression(base, names)}.{t.fields[i].label}"
            case x.Index() | x.Shared():
                return self._path(e, names)
            case x.Local(name):
                return names.get(name, name.split("#")[0])
            case x.Un("not", arg):
                return f"not {self._tight(arg, names)}"
            case x.Bin("==" | ">", a, x.Const(held, LockT())):
                how = "write" if held == WRITE_HELD else "read"
                return f"{self.expression(a, names)} is held for {how}"
            case x.Bin(op, a, b):
                return f"{self._tight(a, names)} {op} {self._tight(b, names)}"
            case x.Quant(kind, var, body):
                assert isinstance(var.type, DomainT | EnumT | BoolT)
                if isinstance(var.type, DomainT) and self.model.sizes[var.type.name] == 1:
                    one = {**names, var.name: self.element(var.type, 0)}
                    return self.expression(body, one)
                who = "every" if kind == "all" else "some"
                label = var.type.label if isinstance(var.type, DomainT) else str(var.type)
                return f"{who} {label}: {self.expression(body, {**names, var.name: label})}"
            case x.Call(name, args) | x.Active(name, args):
                inner = ", ".join(self.expression(a, names) for a in args)
                return f"{name}({inner}){' afterwards' if e.after else ''}"
            case x.Const(value, t):
                return self.value(value, t)
        return "..."

    def _path(self, e: Expr, names: Mapping[str, str]) -> str:
        indices: list[str] = []
        while isinstance(e, x.Index):
            assert isinstance(e.base.type, MapT)
            if self.model.sizes[e.base.type.key.name] > 1:
                indices.insert(0, self.expression(e.key, names))
            e = e.base
        if not isinstance(e, x.Shared):
            return f"{self.expression(e, names)}[{', '.join(indices)}]"
        label = self.model.labels.get(e.name, e.name)
        # As in the kernel's old_spte and new_spte, where the property is about a step.
        label = f"new {label}" if e.after else label
        return f"{label}[{', '.join(indices)}]" if indices else label

    def _tight(self, e: Expr, names: Mapping[str, str]) -> str:
        text = self.expression(e, names)
        return f"({text})" if isinstance(e, x.Bin) and e.op in ("and", "or") else text
