"""Names that mean something else in TLA+, or nearly the same as another: all of them may be used.

Words of TLA+ in another case, operators of modules that are not extended, names of variables of a
module for locals and in comprehensions, names with one letter, without a letter, and long ones.
"""

from __future__ import annotations

from enum import Enum

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Claim,
    Domain,
    Map,
    Project,
    Record,
    Scenario,
    Set,
    Shared,
    atomic,
    holds,
    initial,
    invariant,
    operation,
    pure,
    test_and_set_bit,
)


class Head(Domain, symmetric=True):
    """As an operator of Sequences."""


class Tail(Domain):
    """Another one."""


class Cardinality(Enum):
    Len = 1
    len = 2
    self = 3
    idle = 4
    next = 5


class Append(Record):
    i: bool = False
    I: bool = False  # noqa: E741
    self: bool = False
    a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others: bool = False
    a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s: bool = False


class Module(Shared):
    choose: Map[Head, Append]
    next: Map[Tail, Set[Head]]
    h: bool
    t: Cardinality
    head: Head | None
    init: bool
    spec_: bool
    a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line: bool


@pure
def Seq(m: Module, h: Head, self: Tail) -> bool:
    """Binders with the names of fields, of parameters and of each other."""
    return any(
        all(h in m.next[t] and h != x for t in Tail) or m.choose[x].i != m.choose[h].I
        for x in Head
        if m.h or any(m.choose[i].self for i in Head if i != h) or h in m.next[self]
    )


@atomic()
def let(m: Module, self: Head, _: Tail) -> bool:
    before = m.choose[self]
    m.choose[self] = before.but(
        a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others=before.i,
        a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s=not before.i,
        self=True,
    )
    m.next = Map({t: Set({self}) if t == _ else m.next[t] - Set({self}) for t in Tail})
    return Seq(m, self, _)


@operation()
def self(m: Module, self: Head, pc: Tail, left: bool) -> None:
    """An operation whose parameters have the names of what every actor has."""
    h = test_and_set_bit(m.h)
    lets = let(m, self, pc)
    t = READ_ONCE(m.t)
    if h and lets and left:
        WRITE_ONCE(m.t, Cardinality.self if t == Cardinality.next else Cardinality.idle)
    WRITE_ONCE(m.choose[self].I, lets and any(h != self for h in Head))
    WRITE_ONCE(m.head, self if t != Cardinality.len else None)


@operation()
def _(
    m: Module, a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x: Tail
) -> None:
    WRITE_ONCE(m.a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line, True)
    heads = READ_ONCE(
        m.next[a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x]
    )
    WRITE_ONCE(
        m.next[a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x],
        heads | Set({head for head in Head if head not in heads}),
    )


@initial
def init(m: Module) -> None:
    m.choose = Map({choose: Append() for choose in Head})
    m.t = Cardinality.next


@invariant
def Inv(m: Module) -> bool:
    return not (
        m.a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line
        and m.t == Cardinality.idle
        and any(
            m.choose[h].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others
            != m.choose[h].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s
            and m.choose[h].I
            for h in Head
        )
    )


@invariant
def inv(m: Module) -> bool:
    return all(m.head != h or m.choose[h].self for h in Head) and (m.h or m.head is None)


spec = Scenario(
    "case",
    "Names.",
    machine=Module,
    sizes={Head: 2, Tail: 1},
    initial=init,
    actors=[Actor("vars_", self, each=Head, times=1), Actor("Vars", _, times=1)],
)

project = Project(
    "hazards",
    [
        Claim(
            "N1",
            "names",
            quote="Names do not matter.",
            source="none",
            scenario=spec,
            expect=[holds(inv), holds(Inv)],
        )
    ],
    [],
)
