"""The labels of a process inside one another, so that most jumps are falling through.

A step that only one decision leads to stands inside that decision; a step where several ways meet
again stands behind the innermost block that all of them are in. What is left is written as a jump:
back to where a loop begins, or out of something over what comes next.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from kvmtla.emit.pluscal_order import in_order
from kvmtla.emit.pluscal_statements import (
    Any,
    Either,
    Goto,
    If,
    Labelled,
    Let,
    Note,
    Statement,
    While,
    decision,
    negated,
    walk,
)
from kvmtla.ir import expr as x

Body = tuple[Statement, ...]


def laid_out(
    bodies: Mapping[str, Body], after: str | None, fresh: Callable[[str], str]
) -> tuple[Labelled, dict[str, str]]:
    """Return the steps of a process, and the labels of steps that are written more than once.

    The first of `bodies`, by label, is where it begins; what nothing leads to is left out. `after`
    comes behind the last step. A short step may be written wherever something leads to it, if that
    makes for fewer jumps; `fresh` gives a label for it, which comes back with that of the first. In
    each block of a step, only the last statement may lead to another label.
    """
    reached = _reached(bodies)
    bodies = {label: body for label, body in bodies.items() if label in reached}
    best = _nested(bodies, after)
    copies: dict[str, str] = {}
    for label in list(bodies):
        if not _is_short(bodies, label) or not _jumps(best):
            continue
        numbers = itertools.count(2)
        trial = _copied(bodies, label, lambda one: f"{one}#{next(numbers)}")  # noqa: B023
        if _jumps(_nested(trial, after)) <= _jumps(best) - (len(trial) - len(bodies)):
            bodies = _copied(bodies, label, lambda one: _noted(fresh(one), one, copies))
            best = _nested(bodies, after)
    return best, copies


_SHORT, _FEW = 4, 4
"""The most statements and the most uses of a step that may be written more than once."""


def _is_short(bodies: Mapping[str, Body], label: str) -> bool:
    body = [s for s in bodies[label] if not isinstance(s, Note)]
    if len(body) > _SHORT or any(isinstance(s, If | Either | Let | Any) for s in body):
        return False
    uses = sum(_targets(other).count(label) for other in bodies.values())
    return label != next(iter(bodies)) and label not in _targets(body) and 1 < uses <= _FEW


def _noted(copy: str, label: str, copies: dict[str, str]) -> str:
    copies[copy] = label
    return copy


def _copied(bodies: Mapping[str, Body], label: str, name: Callable[[str], str]) -> dict[str, Body]:
    """Return the steps with a copy of one of them for each goto to it but the first."""
    made: dict[str, Body] = {}
    first = True

    def renamed(s: Statement) -> Statement:
        nonlocal first
        match s:
            case Goto(to) if to == label:
                if first:
                    first = False
                    return s
                copy = name(label)
                made[copy] = bodies[label]
                return Goto(copy)
            case If(cond, then, other):
                return If(cond, tuple(map(renamed, then)), tuple(map(renamed, other)))
            case Either(ways):
                return Either(tuple(tuple(map(renamed, way)) for way in ways))
            case Let(var, value, inner):
                return Let(var, value, tuple(map(renamed, inner)))
            case Any(vars_, inner, when):
                return Any(vars_, tuple(map(renamed, inner)), when)
        return s

    return {one: tuple(map(renamed, body)) for one, body in bodies.items()} | made


def _nested(bodies: Mapping[str, Body], after: str | None) -> Labelled:
    whole = _Nesting(bodies).whole()
    return Labelled(whole.label, falling_through(whole.body, after))


def falling_through(body: Sequence[Statement], label: str | None) -> Body:
    """Return statements without a goto to what comes after them anyway; `label` comes last.

    A step that something leads back to becomes a loop where that makes for fewer jumps.
    """
    kept: list[Statement] = []
    after = label
    for s in reversed(body):
        kept[:0] = _fallen(s, after)
        after = s.label if isinstance(s, Labelled) else None
    return tuple(kept)


def _fallen(s: Statement, label: str | None) -> Body:
    match s:
        case Goto(to) if to == label:
            return ()
        case If(cond, then, other):
            s = decision(cond, falling_through(then, label), falling_through(other, label))
            return () if s.is_empty else (s,)
        case Either(ways):
            return (Either(tuple(falling_through(way, label) for way in ways)),)
        case Let(var, value, inner):
            return (Let(var, value, falling_through(inner, label)),)
        case Any(vars_, inner, when):
            return (Any(vars_, falling_through(inner, label), when),)
        case Labelled():
            return (min(_loops(s, label), key=_jumps),)
    return (s,)


def _loops(s: Labelled, label: str | None) -> Iterator[Labelled]:
    """Yield a step without a loop that begins with it, then with each that it may be written as."""
    name, body = s.label, s.body
    yield Labelled(name, falling_through(body, label))
    if name not in _targets(body):
        return
    yield Labelled(name, (While(x.TRUE, falling_through(body, name)),))
    notes = list(itertools.takewhile(lambda one: isinstance(one, Note), body))
    first, *behind = body[len(notes) :]
    if isinstance(first, If):
        for cond, again, leave in (
            (first.cond, first.then, first.other),
            (negated(first.cond), first.other, first.then),
        ):
            loop = While(cond, falling_through(again, name))
            yield Labelled(name, (*notes, loop, *falling_through((*leave, *behind), label)))


def _jumps(s: Statement) -> int:
    return len(_targets((s,)))


def sources_once(body: Body) -> Body:
    """Return statements that say which function they are in only where it is another one."""
    last: Note | None = None

    def kept(body: Body) -> Body:
        nonlocal last
        found: list[Statement] = []
        for s in body:
            if isinstance(s, Note) and s.source:
                if s == last:
                    continue
                last = s
            found.append(_with_blocks(s, [kept(block) for block in _blocks(s)]))
        return tuple(found)

    return kept(body)


class _Nesting:
    """The steps of a process, by label, on their way into one another."""

    def __init__(self, bodies: Mapping[str, Body]) -> None:
        self._bodies = bodies
        ways = {label: _targets(body) for label, body in bodies.items()}
        order = in_order(ways)
        self._sources: dict[str, list[str]] = {label: [] for label in order}
        for label in order:
            for to in ways[label]:
                if to in self._sources:
                    self._sources[to].append(label)
        self._before = _dominators(order, self._sources)
        self._children: dict[str, list[str]] = {label: [] for label in order}
        for label in order[1:]:
            self._children[self._before[label]].append(label)
        self._first = order[0]

    def whole(self) -> Labelled:
        return self._labelled(self._first)

    def _labelled(self, label: str) -> Labelled:
        return Labelled(label, self._block(self._bodies[label], self._children[label], label))

    def _block(self, body: Body, pending: Sequence[str], at: str) -> Body:
        """Return a block of the step at `at` with the `pending` labels in it or behind it."""
        if not pending:
            return body
        *front, last = body
        placed = self._placed(_blocks(last), pending, at)
        inner = [
            self._block(block, [p for p in pending if placed[p] == i], at)
            for i, block in enumerate(_blocks(last))
        ]
        behind = (self._labelled(p) for p in pending if placed[p] is None)
        return (*front, _with_blocks(last, inner), *behind)

    def _placed(
        self, blocks: Sequence[Body], pending: Sequence[str], at: str
    ) -> dict[str, int | None]:
        """Return for each label the only block that leads to it; None where several do."""
        placed: dict[str, int | None] = {}
        leads = [set(_targets(block)) for block in blocks]
        for label in pending:
            found: set[int | None] = {i for i, to in enumerate(leads) if label in to}
            for source in self._sources[label]:
                child = self._child(source, at)
                if child in placed:
                    found.add(placed[child])
            placed[label] = found.pop() if len(found) == 1 else None
        return placed

    def _child(self, label: str, at: str) -> str | None:
        """Return the step right below `at` that has to be taken to get to `label`."""
        while label != at:
            before = self._before.get(label)
            if before is None or before == at:
                return label
            label = before
        return None


def _targets(body: Sequence[Statement]) -> list[str]:
    return [s.label for s in walk(body) if isinstance(s, Goto)]


def _blocks(s: Statement) -> Sequence[Body]:
    """Return the blocks of a statement that may have labels in them."""
    match s:
        case Labelled(_, body) | While(_, body):
            return (body,)
        case If(_, then, other):
            return (then, other)
        case Either(ways):
            return ways
    return ()


def _with_blocks(s: Statement, blocks: Sequence[Body]) -> Statement:
    match s:
        case Labelled(label):
            return Labelled(label, *blocks)
        case While(cond):
            return While(cond, *blocks)
        case If(cond):
            return If(cond, *blocks)
        case Either():
            return Either(tuple(blocks))
    return s


def _dominators(order: Sequence[str], sources: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return for each label but the first the last one on all ways to it from the first."""
    every = {label: set(order) for label in order}
    every[order[0]] = {order[0]}
    changed = True
    while changed:
        changed = False
        for label in order[1:]:
            now = set.intersection(*(every[s] for s in sources[label])) | {label}
            changed = changed or now != every[label]
            every[label] = now
    return {
        label: max(every[label] - {label}, key=lambda one: len(every[one])) for label in order[1:]
    }


def _reached(bodies: Mapping[str, Body]) -> set[str]:
    """Return the labels that the first one leads to."""
    found: set[str] = set()
    todo = [next(iter(bodies))]
    while todo:
        label = todo.pop()
        if label not in found and label in bodies:
            found.add(label)
            todo += _targets(bodies[label])
    return found
