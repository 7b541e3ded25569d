"""A turnstile: locks, early returns, a loop, a span, and interchangeable CPUs."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Between,
    Claim,
    Domain,
    Map,
    Project,
    RwLock,
    Scenario,
    Set,
    Shared,
    Span,
    atomic,
    constant,
    hardware,
    holds,
    initial,
    invariant,
    operation,
    pure,
    read_lock,
    require,
    test_and_set_bit,
    violated,
    wait_until,
    write_lock,
)


class Cpu(Domain, symmetric=True, label="CPU"):
    """Who wants in."""


class Gate(Domain, label="gate"):
    """Through which they go, one after the other."""


class Turnstile(Shared):
    lock: RwLock
    taken: Map[Gate, bool]
    inside: Set[Cpu]
    count: Annotated[int, Between(0, 3)]


class Way(Enum):
    CAREFUL = "careful"
    HASTY = "hasty"


way = constant("way", Way, "whether the lock is taken")
entering = Span("Somebody is between a gate and the hall.", gate=Gate)


@pure
def crowd(m: Turnstile) -> bool:
    """Two are inside."""
    return any(a in m.inside and b in m.inside for a in Cpu for b in Cpu if a != b)


@atomic(kernel="hall.c:enter", text="enter()")
def enter(m: Turnstile, cpu: Cpu) -> None:
    m.inside = m.inside | Set({cpu})
    if crowd(m):
        m.count = m.count + 1


@operation(kernel="hall.c:gate")
def gate_is_free(m: Turnstile, gate: Gate) -> bool:
    """Take a gate, if nobody else has."""
    return not test_and_set_bit(m.taken[gate])


@operation(kernel="hall.c:go")
def go(m: Turnstile, cpu: Cpu) -> None:
    """Through the first gate that is free."""
    if way == Way.CAREFUL:
        with write_lock(m.lock):
            for gate in Gate:
                free = gate_is_free(m, gate)
                if free:
                    with entering(gate):
                        enter(m, cpu)
                    return
        return
    for gate in Gate:
        if READ_ONCE(m.taken[gate]):
            continue
        with entering(gate):
            WRITE_ONCE(m.taken[gate], True)
            enter(m, cpu)
        break


@operation(kernel="hall.c:watch")
def watch(m: Turnstile) -> None:
    """Empties the hall once somebody is there."""
    wait_until(any(cpu in m.inside for cpu in Cpu), "for somebody")
    with read_lock(m.lock):
        WRITE_ONCE(m.inside, Set())


@hardware("the lights go out")
def dark(m: Turnstile, gate: Gate) -> None:
    require(m.taken[gate] and not entering.active(gate) and not crowd(m))
    m.taken[gate] = False


@initial
def closed(m: Turnstile) -> None:
    m.taken = Map({gate: False for gate in Gate})


@invariant
def few_at_once(m: Turnstile) -> bool:
    """No more than one crowd was ever counted."""
    return m.count < 2


@invariant
def gates_are_taken(m: Turnstile) -> bool:
    """Whoever goes through a gate has taken it."""
    return all(m.taken[gate] or not entering.active(gate) for gate in Gate)


hall = Scenario(
    "hall",
    "Two CPUs go through two gates (*) while somebody empties the hall.",
    machine=Turnstile,
    sizes={Cpu: 2, Gate: 2},
    initial=closed,
    actors=[Actor("visitor", go, each=Cpu, times=1), Actor("guard", watch, times=2)],
    hardware=[dark],
)

project = Project(
    "turnstile",
    [
        Claim(
            "T1",
            "few",
            quote="There are never two crowds.",
            source="none",
            scenario=hall,
            expect=[holds(few_at_once, way=Way)],
        ),
        Claim(
            "T1",
            "gates",
            quote="Whoever goes through a gate has taken it.",
            source="none",
            scenario=hall,
            expect=[
                holds(gates_are_taken, way=Way.CAREFUL),
                violated(gates_are_taken, way=Way.HASTY),
            ],
        ),
    ],
    [way],
)
