"""Everything that a spec's scenarios use, read and typed, each thing once."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kvmtla.errors import Loc, SpecError
from kvmtla.front.functions import FunctionReader
from kvmtla.front.sizes import Sizes
from kvmtla.front.source import definition, location, lost_definition
from kvmtla.front.types import TypeReader, hints_of
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.stmt import Function, Program, SpanDecl
from kvmtla.ir.types import DomainT, EnumT, FieldT, MapT, NoneT, RecordT, SharedT, TupleT, Type
from kvmtla.ir.types import default as type_default
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of


@dataclass(frozen=True)
class Signature:
    """A function's parameters, the one for the shared state apart, and its result.

    `later_name` names the state after the step, where the function is about a step.
    """

    params: tuple[tuple[str, Type], ...]
    shared_name: str | None
    shared_index: int
    shared: SharedT | None
    result: Type
    later_name: str | None = None


class ProgramReader:
    """A reader of functions as they are asked for, with all that they call."""

    def __init__(self) -> None:
        self.types = TypeReader()
        self.program = Program()
        self.sizes = Sizes(self.program)
        self._signatures: dict[int, Signature] = {}
        self._keys: dict[int, str] = {}
        self._reading: list[Callable[..., Any]] = []
        self._numbers = itertools.count(1)
        self._spans: dict[int, SpanDecl] = {}

    def fresh(self, name: str) -> str:
        """Return a name that nothing else has; what follows the # is not for people."""
        return f"{name}#{next(self._numbers)}"

    def default(self, f: FieldT, loc: Loc) -> Expr:
        """Return the value of a field that a record's construction does not mention."""
        if f.default is not None:
            return x.Const(f.default, f.type, loc)
        return self._default(f.type, loc)

    def _default(self, t: Type, loc: Loc) -> Expr:
        match t:
            case MapT(key, value):
                var = x.Local(self.fresh(key.name.lower()), key, loc)
                return x.MapOf(var, self._default(value, loc), t, loc)
            case RecordT(_, fields):
                return simplify(x.Make(tuple(self.default(f, loc) for f in fields), t, loc))
        return x.Const(type_default(t, {}), t, loc)

    def constant(self, decl: ConstantDecl[Any], loc: Loc) -> x.Constant:
        """Return a constant of the scenario as an expression."""
        t = self.types.read(decl.kind, loc)
        if not isinstance(t, EnumT):
            raise SpecError(
                "KT116",
                f"constant {decl.name!r} is a {t}, not an enumeration",
                loc=loc,
                hint="list what it can be in an Enum",
            )
        self.program.constants[decl.name] = t
        return x.Constant(decl.name, t, loc)

    def signature(self, function: Callable[..., Any], used: Loc) -> Signature:
        """Return the types of a function's parameters and result; `used` is where it was named."""
        known = self._signatures.get(id(function))
        if known is not None:
            return known
        file, node = definition(function)
        loc = location(file, node)
        a = node.args
        odd: list[ast.AST] = [*a.posonlyargs, *([a.vararg] if a.vararg else []), *a.kwonlyargs]
        odd += [*([a.kwarg] if a.kwarg else []), *a.defaults]
        if odd:
            raise SpecError(
                "KT205",
                f"{node.name}() has a parameter of a kind that is not part of the language",
                loc=location(file, odd[0]),
                hint="plain parameters, without defaults",
            )
        hints = hints_of(function, loc)
        params: list[tuple[str, Type]] = []
        shared_name, shared_index, shared, later_name = None, 0, None, None
        mark = mark_of(function)
        two = mark is not None and mark.kind == PropertyKind.STEP.value
        for i, arg in enumerate(a.args):
            where = location(file, arg)
            if arg.arg not in hints:
                raise SpecError(
                    "KT204",
                    f"parameter {arg.arg!r} has no type",
                    loc=where,
                    hint=f"write {arg.arg}: ...",
                )
            t = self.types.read(hints[arg.arg], where)
            if isinstance(t, SharedT):
                if shared is None:
                    shared_name, shared_index, shared = arg.arg, i, t
                elif two and later_name is None and t == shared:
                    later_name = arg.arg
                else:
                    raise SpecError(
                        "KT206",
                        "there is one shared state",
                        loc=where,
                        hint=None if two else "only a @step_invariant takes it twice",
                    )
            else:
                params.append((arg.arg, self.types.value(hints[arg.arg], where)))
        given = hints.get("return")
        where = location(file, node.returns) if node.returns is not None else loc
        result = self.types.read(given, where)
        if not isinstance(result, NoneT | TupleT):
            result = self.types.value(given, where)
        made = Signature(tuple(params), shared_name, shared_index, shared, result, later_name)
        self._signatures[id(function)] = made
        return made

    def function(self, function: Callable[..., Any], used: Loc) -> Function:
        """Return a function of the spec, read with all that it calls; `used` is where it was named.

        Raises SpecError for anything wrong in it, and for recursion.
        """
        mark = mark_of(function)
        if mark is None:
            raise SpecError(
                "KT201",
                f"{getattr(function, '__name__', function)!r} is not a function of the spec",
                loc=used,
                hint="decorate it with @operation, @hardware, @pure, @invariant, ...",
            )
        key = self._keys.get(id(function))
        if key is not None:
            return self.program.functions[key]
        if function in self._reading:
            chain = [f.__name__ for f in self._reading[self._reading.index(function) :]]
            raise SpecError(
                "KT212",
                f"{function.__name__}() calls itself: {' -> '.join([*chain, function.__name__])}",
                loc=used,
                hint="write the recursion as a loop; there is no stack in a spec",
            )
        key = function.__name__
        if key in self.program.functions:
            key = f"{function.__module__.rsplit('.', 1)[-1]}_{key}"
        if key in self.program.functions:
            other = self.program.functions[key].loc
            raise SpecError(
                "KT213",
                f"there are two functions {key!r}",
                loc=used,
                hint=f"rename this one, or the one at {other.file}:{other.line}",
            )
        file, node = definition(function)
        if (lost := lost_definition(file, node)) is not None:
            raise SpecError(
                "KT213",
                f"there are two functions {node.name!r} in this module",
                loc=location(file, max(node, lost, key=lambda n: n.lineno)),
                hint=f"rename this one, or the one in line {min(node.lineno, lost.lineno)}",
            )
        kind = "pure" if mark.kind in PROPERTIES else mark.kind
        self._reading.append(function)
        try:
            made = FunctionReader(self, function, kind).read(key)
        finally:
            self._reading.pop()
        self._keys[id(function)] = key
        self.program.functions[key] = made
        return made

    def span(self, span: Span, used: Loc) -> SpanDecl:
        """Return the declaration of a span, under the name that its module gives it."""
        known = self._spans.get(id(span))
        if known is not None:
            return known
        loc = span.loc
        name = _global_name(span)
        if name is None:
            raise SpecError(
                "KT117", "this span has no name", loc=loc, hint="assign it to a name of the module"
            )
        params = []
        for parameter, kind in span.params.items():
            t = self.types.read(kind, loc)
            if not isinstance(t, DomainT):
                raise SpecError(
                    "KT117",
                    f"a span's parameter is of a Domain, not {t}",
                    loc=loc,
                    hint=f"{parameter}=... names a Domain",
                )
            params.append((parameter, t))
        made = SpanDecl(name, name, span.doc, tuple(params), loc)
        self._spans[id(span)] = made
        self.program.spans[name] = made
        return made


def _global_name(thing: Span) -> str | None:
    """Return the name of `thing` in the module that made it; None where it has none."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == thing.loc.file:
            for name, value in vars(module).items():
                if value is thing:
                    return name
    return None
