"""Accesses to the shared state: who reads or writes what, how, and under which locks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Expr
from kvmtla.ir.stmt import root
from kvmtla.lower.reached import Held, running
from kvmtla.lower.specialise import Specialiser

_READS = ("READ_ONCE", "test_bit")
_WRITES = ("WRITE_ONCE", "set_bit", "clear_bit")


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """One way in which a function touches a field of the shared state.

    `how` is the primitive, or "store", "read" in code that is one step as a whole, or "wait".
    `locks` are those held there, by this function or by its callers: (field, "read" or "write").
    """

    field: str
    function: str
    kernel: str | None
    hardware: bool
    reads: bool
    writes: bool
    how: str
    locks: Held


def touches(functions: Iterable[s.Function], special: Specialiser) -> Iterator[Touch]:
    """Yield what these functions and all that they call touch, each way once.

    Code that a decision on constants never leads to does not count. Taking a lock does not count as
    touching it.
    """
    found: dict[Touch, None] = {}
    seen: set[tuple[str, Held, bool]] = set()
    for fn in functions:
        _function(fn, (), False, special, found, seen)
    yield from found


def _function(
    fn: s.Function,
    held: Held,
    one_step: bool,
    special: Specialiser,
    found: dict[Touch, None],
    seen: set[tuple[str, Held, bool]],
) -> None:
    one_step = one_step or fn.kind in ("atomic", "hardware")
    if (fn.key, held, one_step) in seen:
        return
    seen.add((fn.key, held, one_step))

    def note(
        field: str, how: str, locks: Held, *, reads: bool = False, writes: bool = False
    ) -> None:
        hardware = fn.kind == "hardware"
        touch = Touch(field, fn.name, fn.kernel, hardware, reads, writes, how, locks)
        found.setdefault(touch, None)

    def read(e: Expr, how: str, locks: Held) -> None:
        for field in sorted(special.reads(special.expr(e))):
            note(field, how, locks, reads=True)

    for st, locks in running(fn.body, special.expr, held):
        match st:
            case s.Store(place, value):
                note(root(place), "store", locks, writes=True)
                read(value, "read", locks)
            case s.Primitive(name, place):
                reads, writes = name not in _WRITES, name not in _READS
                note(root(place), name, locks, reads=reads, writes=writes)
            case s.Wait(cond):
                read(cond, "wait", locks)
            case s.Require(cond) | s.Assign(_, cond) | s.IfStmt(cond) | s.While(cond):
                read(cond, "read", locks)
            case s.CallStmt(function, args):
                for a in args:
                    read(a, "read", locks)
                callee = special.program.functions[function]
                _function(callee, locks, one_step, special, found, seen)
            case s.Return(values):
                for v in values:
                    read(v, "read", locks)
