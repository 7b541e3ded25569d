"""Reads from the source of a property which fields of the shared state and which spans it names.

A step invariant is about the steps that change some of these. Which they are must not depend on how
the property happens to come out, so they are read from the source and not observed.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from kvmtla.oracle.code import definition_of
from kvmtla.oracle.functions import Function, Span


def asked(prop: Function) -> tuple[frozenset[str], frozenset[Span]]:
    """Return the fields and the spans that a property names, itself or in functions it calls."""
    fields: set[str] = set()
    spans: set[Span] = set()
    todo = [prop]
    done: set[Function] = set()
    while todo:
        fn = todo.pop()
        done.add(fn)
        states = {n for n, t in fn.params if t is None}
        for node in ast.walk(definition_of(inspect.unwrap(fn.python).__code__)):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Name) and node.value.id in states:
                    fields.add(node.attr)
                elif node.attr == "active":
                    spans |= {s for s in _meant(node.value, fn) if isinstance(s, Span)}
            if isinstance(node, ast.Call):
                called = [f for f in _meant(node.func, fn) if isinstance(f, Function)]
                todo += [f for f in called if f not in done]
    return frozenset(fields), frozenset(spans)


def _meant(node: ast.expr, fn: Function) -> Iterator[Any]:
    """Yield what a global name, or a name of a module, means in a function."""
    if isinstance(node, ast.Name):
        names = fn.python.__globals__
        if node.id in names:
            yield names[node.id]
    elif isinstance(node, ast.Attribute):
        for base in _meant(node.value, fn):
            if isinstance(base, ModuleType) and hasattr(base, node.attr):
                yield getattr(base, node.attr)
