"""Locks, and what each says about where actors are.

A lock is taken and dropped by `with` blocks only. So its value follows from where all actors are,
which a state of the right types need not respect. `holders` follows the steps of an actor to find
out at which places it holds the lock; whoever uses that still has to show that every step keeps to
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvmtla.ir import expr as x
from kvmtla.ir.expr import Expr
from kvmtla.ir.model import IDLE, Action, Model, leaves
from kvmtla.ir.types import WRITE_HELD, LockT


@dataclass(frozen=True, slots=True)
class Holders:
    """A lock, and the places of each actor at which it is held for read, for write, or not at all.

    An actor is never at a place that is none of the three.
    """

    lock: str
    reading: dict[str, frozenset[str]]
    writing: dict[str, frozenset[str]]
    without: dict[str, frozenset[str]]


_FREE, _READ, _WRITE = "free", "read", "write"


def holders(model: Model) -> Iterator[Holders]:
    """Yield the locks of a model for which the places of the actors say who holds them."""
    for v in model.variables.values():
        if isinstance(v.type, LockT):
            found = _holders(model, v.name)
            if found is not None:
                yield found


def _holders(model: Model, lock: str) -> Holders | None:
    found: dict[str, dict[str, frozenset[str]]] = {how: {} for how in (_READ, _WRITE, _FREE)}
    for actor in model.actors:
        if actor.hardware:
            continue
        held = _held(model, actor.name, lock)
        if held is None:
            return None
        for how, places in found.items():
            places[actor.name] = frozenset(p for p, h in held.items() if h == how)
    return Holders(lock, found[_READ], found[_WRITE], found[_FREE])


def _held(model: Model, actor: str, lock: str) -> dict[str, str] | None:
    """Return how an actor holds the lock at each place; None where that is not one way only."""
    actions: dict[str, list[Action]] = {}
    for a in model.actions:
        if a.actor == actor and a.at is not None:
            actions.setdefault(a.at, []).append(a)
    held = {IDLE: _FREE}
    todo = [IDLE]
    while todo:
        at = todo.pop()
        for leaf in (leaf for a in actions.get(at, ()) for leaf in leaves(a.tree)):
            how = _after(held[at], leaf.updates.get(lock), lock)
            to = leaf.updates.get(f"{actor}_pc")
            place = to.value if isinstance(to, x.Const) else at
            assert isinstance(place, str)
            if how is None:
                return None
            if place not in held:
                todo.append(place)
            if held.setdefault(place, how) != how:
                return None
    return held


def _after(before: str, stored: Expr | None, lock: str) -> str | None:
    """Return how a lock is held after a step that stores this in it; None where that is unclear."""
    if stored is None:
        return before
    match stored:
        case x.Const(value) if value == WRITE_HELD and before == _FREE:
            return _WRITE
        case x.Const(0) if before == _WRITE:
            return _FREE
        case x.Bin("+", x.Shared(name), x.Const(1)) if name == lock and before == _FREE:
            return _READ
        case x.Bin("-", x.Shared(name), x.Const(1)) if name == lock and before == _READ:
            return _FREE
    return None
