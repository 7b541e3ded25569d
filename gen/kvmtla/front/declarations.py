"""What a spec declares, read once: types, constants, spans, and the signatures of functions."""

from __future__ import annotations

import ast
import itertools
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kvmtla.errors import Loc
from kvmtla.front.messages import functions as about_functions
from kvmtla.front.messages import types as about_types
from kvmtla.front.mistakes import AlreadySaidError, Mistakes
from kvmtla.front.source import definition, location
from kvmtla.front.types import TypeReader, hints_of
from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.fold import simplify
from kvmtla.ir.property import PropertyKind
from kvmtla.ir.stmt import Function, Program, SpanDecl
from kvmtla.ir.types import (
    ERROR,
    DomainT,
    EnumT,
    ErrorT,
    FieldT,
    MapT,
    NoneT,
    RecordT,
    SharedT,
    TupleT,
    Type,
)
from kvmtla.ir.types import default as type_default
from kvmtla.lang.decorators import ConstantDecl, Span, mark_of


@dataclass(frozen=True)
class Signature:
    """A function's parameters, the one for the shared state apart, and its result.

    `later_name` names the state after the step, where the function is about a step. A signature is
    `odd` if it has parameters that there should not be, so that no call can be right.
    """

    params: tuple[tuple[str, Type], ...]
    shared_name: str | None
    shared_index: int
    shared: SharedT | None
    result: Type
    later_name: str | None = None
    odd: bool = False


class Declarations(ABC):
    """The declarations of a spec, and the functions that are read as they are asked for."""

    def __init__(self) -> None:
        self.mistakes = Mistakes()
        self.types = TypeReader(self.mistakes)
        self.program = Program()
        self._signatures: dict[Callable[..., Any], Signature] = {}
        self._numbers = itertools.count(1)
        self._spans: dict[int, SpanDecl] = {}
        self._no_constants: set[str] = set()

    @abstractmethod
    def function(self, function: Callable[..., Any], used: Loc) -> Function:
        """Return a function of the spec, read with all that it calls; `used` is where it was named.

        Mistakes in it are noted. Raises SpecError where it is none, and for recursion.
        """

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

    def constant(self, decl: ConstantDecl[Any], loc: Loc) -> Expr:
        """Return a constant of the scenario as an expression, named at `loc`."""
        t = self.types.read(decl.kind, loc)
        if not isinstance(t, EnumT):
            if not isinstance(t, ErrorT) and decl.name not in self._no_constants:
                self.mistakes.note(about_types.constant_of(decl.name, t), loc)
            self._no_constants.add(decl.name)
            return x.Const(None, ERROR, loc)
        self.program.constants[decl.name] = t
        return x.Constant(decl.name, t, loc)

    def signature(self, function: Callable[..., Any]) -> Signature:
        """Return the types of a function's parameters and result, with ERROR for what is wrong.

        Raises SpecError where the function cannot be read at all.
        """
        known = self._signatures.get(function)
        if known is None:
            with self.mistakes.apart():
                known = _SignatureReader(self, function).read()
            self._signatures[function] = known
        return known

    def span(self, span: Span) -> SpanDecl:
        """Return the declaration of a span, under the name that its module gives it."""
        known = self._spans.get(id(span))
        if known is not None:
            return known
        loc = span.loc
        name = _global_name(span)
        if name is None:
            raise about_types.nameless_span().at(loc)
        params: list[tuple[str, DomainT]] = []
        wrong = False
        for parameter, kind in span.params.items():
            t = self.types.read(kind, loc)
            if isinstance(t, DomainT):
                params.append((parameter, t))
                continue
            wrong = True
            if not isinstance(t, ErrorT):
                self.mistakes.note(about_types.span_over(parameter, t), loc)
        if wrong:
            raise AlreadySaidError
        made = SpanDecl(name, name, span.doc, tuple(params), loc)
        self._spans[id(span)] = made
        self.program.spans[name] = made
        return made


class _SignatureReader:
    """A reader of one function's parameters and result."""

    def __init__(self, declarations: Declarations, function: Callable[..., Any]) -> None:
        self._types, self._mistakes = declarations.types, declarations.mistakes
        self._function = function
        self._file, self._node = definition(function)

    def read(self) -> Signature:
        """Return the signature."""
        loc = location(self._file, self._node)
        hints = hints_of(self._function, loc, self._mistakes)
        params: list[tuple[str, Type]] = []
        shared_name, shared_index, shared, later_name = None, 0, None, None
        mark = mark_of(self._function)
        two = mark is not None and mark.kind == PropertyKind.STEP.value
        odd = self._odd()
        for i, arg in enumerate(self._node.args.args):
            t = self._parameter(arg, hints)
            if not isinstance(t, SharedT):
                params.append((arg.arg, t))
            elif shared is None:
                shared_name, shared_index, shared = arg.arg, i, t
            elif two and later_name is None and t == shared:
                later_name = arg.arg
            else:
                message = about_functions.second_shared_state(two)
                self._mistakes.note(message, location(self._file, arg))
                params.append((arg.arg, ERROR))
                odd = True
        result = self._result(hints, loc)
        return Signature(tuple(params), shared_name, shared_index, shared, result, later_name, odd)

    def _odd(self) -> bool:
        """Note the first parameter that is of no kind that the language has; is there one?"""
        a = self._node.args
        odd: list[ast.AST] = [*a.posonlyargs, *([a.vararg] if a.vararg else []), *a.kwonlyargs]
        odd += [*([a.kwarg] if a.kwarg else []), *a.defaults]
        if odd:
            message = about_functions.odd_parameter(self._node.name)
            self._mistakes.note(message, location(self._file, odd[0]))
        return bool(odd)

    def _parameter(self, arg: ast.arg, hints: Mapping[str, Any]) -> Type:
        where = location(self._file, arg)
        if arg.arg not in hints:
            self._mistakes.note(about_functions.parameter_without_type(arg.arg), where)
            return ERROR
        t = self._types.read(hints[arg.arg], where)
        return t if isinstance(t, SharedT | ErrorT) else self._types.value(hints[arg.arg], where)

    def _result(self, hints: Mapping[str, Any], loc: Loc) -> Type:
        given, returns = hints.get("return"), self._node.returns
        where = location(self._file, returns) if returns is not None else loc
        result = self._types.read(given, where)
        if isinstance(result, NoneT | TupleT | ErrorT):
            return result
        return self._types.value(given, where)


def odd_names(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the names of a function's parameters that are of no kind that the language has."""
    a = node.args
    for one in (*a.posonlyargs, a.vararg, *a.kwonlyargs, a.kwarg):
        if one is not None:
            yield one.arg


def _global_name(thing: Span) -> str | None:
    """Return the name of `thing` in the module that made it; None where it has none."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == thing.loc.file:
            for name, value in vars(module).items():
                if value is thing:
                    return name
    return None
