"""More states than anybody can wait for."""

from enum import Enum
from typing import Annotated

from kvmtla import (
    WRITE_ONCE,
    Actor,
    Between,
    Claim,
    Domain,
    Map,
    Project,
    Scenario,
    Shared,
    constant,
    hardware,
    holds,
    initial,
    invariant,
    operation,
    require,
)


class Size(Enum):
    BIG = "big"
    BIGGER = "bigger"


size = constant("size", Size, "how many states")


class Task(Domain, label="task"):
    """Somebody."""


class World(Shared):
    count: Map[Task, Annotated[int, Between(0, 30)]]
    flag: bool


@initial
def nothing(m: World) -> None:
    """Where the constant is read, so that the modules are not the same."""
    m.flag = size == Size.BIG


@hardware("tick")
def tick(m: World, t: Task) -> None:
    """Counts."""
    require(m.count[t] < 30)
    m.count[t] = m.count[t] + 1


@operation()
def touch(m: World) -> None:
    """Does something."""
    WRITE_ONCE(m.flag, False)


@invariant
def fine(m: World) -> bool:
    """All is well."""
    return m.flag or all(m.count[t] <= 30 for t in Task)


endless = Scenario(
    "endless",
    "Six count to thirty.",
    machine=World,
    sizes={Task: 6},
    initial=nothing,
    actors=[Actor("toucher", touch, times=1)],
    hardware=[tick],
)
project = Project(
    name="endless",
    constants=[size],
    claims=[
        Claim(
            "E1",
            "endless",
            quote="All is well.",
            source="a mail",
            scenario=endless,
            expect=[holds(fine, size=list(Size))],
        )
    ],
)
