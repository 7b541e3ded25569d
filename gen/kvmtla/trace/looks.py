"""What a step depends on: the conditions that let it happen, and what it chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr, children
from kvmtla.ir.model import Branch, Guard, Leaf, Let, Pick, Tree
from kvmtla.ir.types import Value
from kvmtla.sem import Meaning, State, Taken


def conditions(meaning: Meaning, taken: Taken, before: State) -> Iterator[Expr]:
    """Yield the conditions on the way that a step took through its action in the state `before`."""
    for tree in _way(meaning, taken, before):
        if isinstance(tree, Guard | Branch):
            yield tree.cond


def choices(meaning: Meaning, taken: Taken, before: State) -> Iterator[x.Local]:
    """Yield what was chosen freely on that way; the place of each is where it is chosen."""
    for tree in _way(meaning, taken, before):
        if isinstance(tree, Pick) and meaning.value(tree.when, before, taken.bound):
            yield tree.var


def _way(meaning: Meaning, taken: Taken, before: State) -> Iterator[Tree]:
    """Yield the parts of an action's tree that a step came through."""
    tree = taken.action.tree
    while not isinstance(tree, Leaf):
        yield tree
        match tree:
            case Branch(cond, then, other):
                tree = then if meaning.value(cond, before, taken.bound) else other
            case Guard(_, body) | Pick(_, body) | Let(_, body):
                tree = body


def shared_parts(e: Expr, bound: Mapping[str, Value]) -> Iterator[Expr]:
    """Yield the parts of shared state that an expression refers to, as precisely as it does.

    A part goes no further than an index that depends on a variable that is not in `bound`.
    """
    if isinstance(e, x.Field | x.Index | x.Shared):
        root: Expr = e
        keys: list[Expr] = []
        while isinstance(root, x.Field | x.Index):
            if isinstance(root, x.Index):
                keys.append(root.key)
            root = root.base
        known = all(
            part.name in bound for k in keys for part in x.walk(k) if isinstance(part, x.Local)
        )
        if isinstance(root, x.Shared) and known:
            yield e
            return
    for child in children(e):
        yield from shared_parts(child, bound)
