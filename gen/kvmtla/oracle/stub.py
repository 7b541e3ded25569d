"""The stub in the place of `kvmtla` when a specification is run, with all of its names."""

from __future__ import annotations

from types import ModuleType

from kvmtla.oracle import functions as f
from kvmtla.oracle import primitives as p
from kvmtla.oracle import scenario as s
from kvmtla.oracle import values as v
from kvmtla.oracle.states import Shared
from kvmtla.oracle.types import Between, Record

_TYPES = (Between, v.Bit, v.Domain, v.Map, v.OrderedEnum, Record, v.RwLock, v.Set, Shared, v.Word)
_FUNCTIONS = (f.atomic, f.hardware, f.initial, f.operation, f.pure, f.Span, f.constant)
_PROPERTIES = (f.eventually, f.invariant, f.leads_to, f.reachable, f.step_invariant)
_PRIMITIVES = (
    p.READ_ONCE,
    p.WRITE_ONCE,
    p.xchg,
    p.cmpxchg,
    p.try_cmpxchg,
    p.atomic_fetch_and,
    p.atomic_fetch_or,
    p.test_bit,
    p.set_bit,
    p.clear_bit,
    p.test_and_set_bit,
    p.test_and_clear_bit,
    p.read_lock,
    p.write_lock,
    p.held_for_read,
    p.held_for_write,
    p.wait_until,
    p.require,
    p.choose,
)
_CLAIMS = (s.Actor, s.Claim, s.Project, s.Scenario, s.holds, s.reached, s.unreached, s.violated)
_NEVER = (s.never_runs, s.never_true, s.never_false)

NAMES = {
    thing.__name__: thing
    for thing in (*_TYPES, *_FUNCTIONS, *_PROPERTIES, *_PRIMITIVES, *_CLAIMS, *_NEVER)
}
"""The object that stands for each name."""


def stub() -> ModuleType:
    """Return a module with all names that a specification imports."""
    made = ModuleType("kvmtla")
    vars(made).update(NAMES, Expect=s.Expect, __all__=sorted(NAMES))
    return made


class _Said:
    """Something that is said of the C or of recordings, which is nothing to a run."""

    def __init__(self, *given: object, **named: object) -> None:
        self.given = given
        self.named = named


def evidence() -> ModuleType:
    """Return a module with any name that a specification says its evidence with."""
    made = ModuleType("kvmtla.evidence")
    vars(made)["__getattr__"] = lambda name: _Said
    return made
