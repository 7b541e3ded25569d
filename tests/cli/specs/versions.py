"""A counter whose code changes from version to version: some operations come, and some go."""

from enum import Enum
from typing import Annotated

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Between,
    Claim,
    Domain,
    OrderedEnum,
    Project,
    Scenario,
    Shared,
    atomic,
    constant,
    holds,
    initial,
    invariant,
    operation,
    violated,
)


class Version(OrderedEnum):
    V1 = "1.0"
    V2 = "2.0"
    V3 = "3.0"
    V4 = "4.0"


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Tweak(Enum):
    NONE = "none"
    HASTY = "hasty"


V1, V2, V3, V4 = Version
version = constant("version", Version, "the version of the code")
mode = constant("mode", Mode, "how it counts")
tweak = constant("tweak", Tweak, "what is not as released", default=Tweak.NONE)


class Task(Domain, label="task"):
    """Somebody who counts."""


class World(Shared):
    count: Annotated[int, Between(0, 2)]


@initial
def nothing(m: World) -> None:
    """Nobody has counted."""
    m.count = 0


@atomic(text="count++", since=V3)
def add_at_once(m: World) -> None:
    """Count in one step."""
    if m.count < 2:
        m.count = m.count + 1


@operation(kernel="lib/counter.c:add_slowly", until=V3)
def add_slowly(m: World) -> None:
    """Count in two steps."""
    old = READ_ONCE(m.count)
    if old < 2:
        WRITE_ONCE(m.count, old + 1)


@operation(kernel="lib/counter.c:add")
def add(m: World, me: Task) -> None:
    """Count, as this version does."""
    if version >= V3 or (mode == Mode.FAST and version >= V2):
        add_at_once(m)
    else:
        add_slowly(m)


@operation(kernel="lib/counter.c:reset", since=V2, until=V4)
def reset(m: World) -> None:
    """Begin anew."""
    WRITE_ONCE(m.count, 0)


@invariant
def below_two(m: World) -> bool:
    """One may count, and not another."""
    return m.count < 2


@invariant
def bounded(m: World) -> bool:
    """It does not go on for ever."""
    return m.count <= 2


counters = Scenario(
    "counters",
    "Two tasks count.",
    machine=World,
    sizes={Task: 2},
    initial=nothing,
    actors=[Actor("adder", add, each=Task, times=1)],
)
resets = Scenario(
    "resets",
    "A task counts, and another resets.",
    machine=World,
    sizes={Task: 1},
    initial=nothing,
    actors=[Actor("adder", add, each=Task, times=1), Actor("resetter", reset, times=1)],
    when=lambda config: config["mode"] == Mode.SLOW,
)

project = Project(
    name="versions",
    claims=[
        Claim(
            "V1",
            "counted_twice",
            quote="Both count.",
            source="the manual",
            scenario=counters,
            expect=[violated(below_two, version=[V1, V4], mode=Mode.SLOW)],
        ),
        Claim(
            "V2",
            "bounded",
            quote="There is an end.",
            source="the manual",
            scenario=resets,
            expect=[holds(bounded, version=V2, mode=Mode.SLOW)],
        ),
    ],
    constants=[version, mode, tweak],
    scenarios=[counters, resets],
)
