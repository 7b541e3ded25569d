"""The code of an operation: its statements, and the locals that are still read.

The state of an operation that waits for its turn is its frame, with its locals. Two that differ
only in locals that are no longer read behave the same. Python does not say which locals those are;
the syntax tree does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from types import CodeType

Names = frozenset[str]
_NONE: Names = frozenset()

_sources: dict[str, ast.Module] = {}


def give_source(file: str, tree: ast.Module) -> None:
    """Keep the syntax tree of a file that is run."""
    _sources[file] = tree


class Code:
    """The statements of one function."""

    def __init__(self, code: CodeType) -> None:
        self.node = definition_of(code)
        self._positions = list(code.co_positions())
        self._places: dict[int, ast.stmt] = {}
        self.live: dict[ast.stmt, Names] = {}
        """The locals that may be read from each statement on."""
        _Liveness(self.live).block(self.node.body, _NONE, _NONE)

    def statement(self, last: int) -> ast.stmt:
        """Return the statement that an instruction belongs to; for a head, the compound one."""
        if last not in self._places:
            line, end, column, end_column = self._positions[last // 2]
            assert line is not None
            assert end is not None
            where = (line, column or 0), (end, end_column or 0)
            self._places[last] = _innermost(self.node.body, where)
        return self._places[last]


def definition_of(code: CodeType) -> ast.FunctionDef:
    """Return the syntax tree of a function of a specification; raise KeyError if there is none."""
    for node in ast.walk(_sources[code.co_filename]):
        if isinstance(node, ast.FunctionDef):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if first == code.co_firstlineno:
                return node
    raise KeyError(code.co_name)


_Span = tuple[tuple[int, int], tuple[int, int]]


def _innermost(body: Sequence[ast.stmt], where: _Span) -> ast.stmt:
    for st in body:
        assert st.end_lineno is not None
        assert st.end_col_offset is not None
        if (st.lineno, st.col_offset) <= where[0] and where[1] <= (
            st.end_lineno,
            st.end_col_offset,
        ):
            for inner in _blocks(st):
                try:
                    return _innermost(inner, where)
                except LookupError:
                    continue
            return st
    raise LookupError(where)


def _blocks(st: ast.stmt) -> list[list[ast.stmt]]:
    return [b for b in (getattr(st, "body", []), getattr(st, "orelse", [])) if b]


def _reads(*nodes: ast.AST | None) -> Names:
    return frozenset(
        n.id
        for node in nodes
        if node is not None
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )


def _sets(targets: Iterable[ast.expr]) -> Names:
    """Return the names that an assignment gives a whole new value."""
    found: set[str] = set()
    for t in targets:
        parts = t.elts if isinstance(t, ast.Tuple) else [t]
        found |= {p.id for p in parts if isinstance(p, ast.Name)}
    return frozenset(found)


class _Liveness:
    """A backward pass over a function that finds the locals which are still read."""

    def __init__(self, live: dict[ast.stmt, Names]) -> None:
        self._live = live
        self._loops: list[tuple[Names, Names]] = []
        """For each loop around, what is read from its next round on, and after it."""

    def block(self, body: Sequence[ast.stmt], after: Names, always: Names) -> Names:
        """Return what is read from the beginning of a block on.

        `after` is what is read after the block, `always` what is read at any point of it.
        """
        for st in reversed(body):
            after = self._statement(st, after, always) | always
            self._live[st] = self._live.get(st, _NONE) | after
        return after

    def _statement(self, st: ast.stmt, after: Names, always: Names) -> Names:
        match st:
            case ast.Assign(targets, value):
                return (after - _sets(targets)) | _reads(value, *targets)
            case ast.AnnAssign(target, _, value):
                return (after - _sets([target])) | _reads(value, target)
            case ast.AugAssign(target, _, value):
                return after | _sets([target]) | _reads(value, target)
            case ast.If(test, body, orelse):
                then = self.block(body, after, always)
                return _reads(test) | then | self.block(orelse, after, always)
            case ast.While(test, body):
                return self._loop(body, _reads(test), _NONE, after, always)
            case ast.For(target, every, body):
                return _reads(every) | self._loop(body, _NONE, _sets([target]), after, always)
            case ast.With(items, body):
                # The condition of a span is asked at any point of the block. And where the block
                # is left, a value read in it may be on the way out, as with `return`.
                heads = _reads(*(i.context_expr for i in items))
                inner = self.block(body, after, always | heads)
                return inner | heads | after | _reads(*body)
            case ast.Return(value):
                return _reads(value)
            case ast.Break():
                return self._loops[-1][1]
            case ast.Continue():
                return self._loops[-1][0]
        return after | _reads(st)

    def _loop(
        self, body: Sequence[ast.stmt], head: Names, sets: Names, after: Names, always: Names
    ) -> Names:
        around = head | after
        while True:
            self._loops.append((around, after))
            inner = self.block(body, around, always) - sets
            self._loops.pop()
            if inner <= around:
                return around
            around |= inner
