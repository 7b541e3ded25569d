"""Reading Python functions as typed ones, and what each kind may take and give."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from kvmtla.errors import SpecError
from kvmtla.front.declarations import Declarations, Signature, odd_names
from kvmtla.front.messages import functions as says
from kvmtla.front.rules import (  # noqa: F401
    assignments,
    attributes,
    blocks,
    calls,
    comparisons,
    loops,
    operators,
)
from kvmtla.front.rules.statements import block
from kvmtla.front.rules.syntax import assigned
from kvmtla.front.scope import Code, Scope, Unit
from kvmtla.front.source import definition, doc_of, location
from kvmtla.front.values import with_value
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Local
from kvmtla.ir.property import PROPERTIES, PropertyKind
from kvmtla.ir.types import ERROR, NONE, BoolT, DomainT, EnumT, TupleT
from kvmtla.lang.decorators import Mark, mark_of


def read_function(
    program: Declarations, function: Callable[..., Any], kind: str, key: str
) -> s.Function:
    """Return a function, typed, under a key; note whatever is wrong in it.

    `kind` is as in `kvmtla.ir.stmt.Function`. Raises SpecError where it cannot be read at all.
    """
    return _FunctionReader(program, function, kind).read(key)


def scope_of(program: Declarations, function: Callable[..., Any], kind: str) -> Scope:
    """Return the scope at the beginning of a function."""
    return _FunctionReader(program, function, kind).scope


class _FunctionReader:
    """A reader for one function."""

    def __init__(self, program: Declarations, function: Callable[..., Any], kind: str) -> None:
        self._program, self._mistakes = program, program.mistakes
        self._file, self._node = definition(function)
        self._sig: Signature = program.signature(function)
        mark = mark_of(function)
        assert mark is not None
        self._mark: Mark = mark
        result = self._sig.result
        unit = Unit(
            program,
            self._file,
            location(self._file, self._node),
            self._node.name,
            kind,
            function.__globals__,
            PROPERTIES.get(mark.kind),
            self._sig.shared,
            self._sig.shared_name,
            self._sig.later_name,
            () if result == NONE else result.items if isinstance(result, TupleT) else (result,),
            frozenset(assigned(self._node.body)),
        )
        names = {**dict.fromkeys(odd_names(self._node), ERROR), **dict(self._sig.params)}
        reads = kind != "operation"
        self.scope = Scope(unit, Code(), names, frozenset(names), reads_shared=reads)
        """The scope at the beginning of the function."""

    def read(self, key: str) -> s.Function:
        """Return the function; note whatever is wrong in it."""
        spoilt = self._mistakes.spoilt
        unit = self.scope.unit
        self._check_kind()
        end = block(_without_docstring(self._node.body), self.scope)
        wanted = unit.results and ERROR not in unit.results
        if wanted and end.defined is not None and not end.lost:
            end.note(self._node, says.ends_without_value(unit.name, self._sig.result))
        mark = self._mark
        fn = s.Function(
            key,
            unit.name,
            unit.kind,
            tuple(
                Local(n, t, location(self._file, self._parameter(n))) for n, t in self._sig.params
            ),
            unit.results,
            self.scope.code.made(),
            unit.loc,
            doc_of(self._node),
            unit.shared,
            mark.kernel,
            mark.text,
            property=unit.property_kind,
            fair=mark.fair,
            since=mark.since,
            until=mark.until,
        )
        if unit.kind != "pure" or self._mistakes.spoilt != spoilt:
            return fn
        if len(unit.results) != 1 and unit.property_kind is not PropertyKind.LEADS_TO:
            end.note(self._node, says.not_one_value(unit.name))
            return fn
        try:
            return with_value(fn)
        except SpecError as error:
            self._mistakes.add(error)
            return fn

    def _parameter(self, name: str) -> ast.arg:
        return next(a for a in self._node.args.args if a.arg == name)

    def _check_kind(self) -> None:
        """Note what functions of some kinds cannot take or give."""
        unit, scope = self.scope.unit, self.scope
        if unit.kind not in ("hardware", "initial"):
            return
        if self._sig.result not in (NONE, ERROR):
            scope.note(self._node, says.nobody_takes_the_value(unit.kind, unit.name))
        for name, t in self._sig.params:
            at = self._parameter(name)
            if t == ERROR:
                continue
            if unit.kind == "initial":
                scope.note(at, says.initial_parameter(unit.name, name, t))
            elif not isinstance(t, DomainT | EnumT | BoolT):
                scope.note(at, says.hardware_parameter(name, unit.name, t))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if ast.get_docstring(ast.Module(body, [])) is not None else body
