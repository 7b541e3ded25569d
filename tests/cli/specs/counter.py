"""Two tasks count. L1 and L1b are as claimed, in L2 both get stuck, L3 is claimed wrongly."""

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
    Shared,
    constant,
    holds,
    initial,
    invariant,
    operation,
    try_cmpxchg,
    violated,
    write_lock,
)


class Way(Enum):
    PLAIN = "plain"
    ATOMIC = "atomic"


way = constant("way", Way, "how the counter is written")


class Task(Domain, label="task"):
    """Somebody who counts."""


class World(Shared):
    count: Annotated[int, Between(0, 2)]
    done: Map[Task, bool]
    one: RwLock
    two: RwLock


@initial
def nothing(m: World) -> None:
    """Nobody has counted."""
    m.count = 0


@operation(kernel="lib/counter.c:add")
def add(m: World, me: Task) -> None:
    """Count, and say so."""
    if way == Way.PLAIN:
        old = READ_ONCE(m.count)
        if old < 2:
            WRITE_ONCE(m.count, old + 1)
    else:
        done = False
        while not done:
            old = READ_ONCE(m.count)
            if old < 2:
                done, old = try_cmpxchg(m.count, old, old + 1)
    WRITE_ONCE(m.done[me], True)


@operation()
def forth(m: World) -> None:
    """One lock, then the other."""
    with write_lock(m.one):  # noqa: SIM117
        with write_lock(m.two):
            WRITE_ONCE(m.count, 1)


@operation()
def back(m: World) -> None:
    """The other lock first."""
    with write_lock(m.two):  # noqa: SIM117
        with write_lock(m.one):
            WRITE_ONCE(m.count, 2)


@invariant
def nothing_lost(m: World) -> bool:
    """When all have counted, all are counted."""
    return m.count == 2 or not all(m.done[t] for t in Task)


@invariant
def nothing_counted(m: World) -> bool:
    """Nobody has counted."""
    return m.count == 0


adders = Scenario(
    "adders",
    "Two tasks count at once.",
    machine=World,
    sizes={Task: 2},
    initial=nothing,
    actors=[Actor("adder", add, each=Task, times=1)],
)
crossed = Scenario(
    "crossed",
    "Two tasks take two locks in opposite order.",
    machine=World,
    sizes={Task: 1},
    initial=nothing,
    actors=[Actor("forth", forth, times=1), Actor("back", back, times=1)],
)

project = Project(
    name="counter",
    constants=[way],
    claims=[
        Claim(
            "L1",
            "lost",
            quote="An update can be lost.",
            source="a mail",
            scenario=adders,
            expect=[
                violated(nothing_lost, way=Way.PLAIN),
                holds(nothing_lost, way=Way.ATOMIC),
                violated(nothing_counted, way=Way.PLAIN),
            ],
        ),
        Claim(
            "L1b",
            "found",
            quote="No update is lost.",
            source="a mail",
            scenario=adders,
            expect=[holds(nothing_lost, way=Way.ATOMIC)],
        ),
        Claim(
            "L2",
            "crossed",
            quote="Order does not matter.",
            source="a mail",
            scenario=crossed,
            expect=[holds(nothing_lost, way=Way.PLAIN)],
        ),
        Claim(
            "L3",
            "wrong",
            quote="No update can be lost.",
            source="a mail",
            scenario=adders,
            expect=[holds(nothing_lost, way=Way.PLAIN)],
        ),
    ],
)
