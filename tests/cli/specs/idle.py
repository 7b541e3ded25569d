"""A small spec in which much does nothing."""

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Claim,
    Domain,
    Project,
    Scenario,
    Shared,
    hardware,
    holds,
    initial,
    invariant,
    never_runs,
    never_true,
    operation,
    require,
    violated,
    wait_until,
)


class Cpu(Domain, label="CPU"):
    """One of them."""


class World(Shared):
    ready: bool
    broken: bool
    used: bool


@initial
def fresh(m: World) -> None:
    """Nothing has happened."""
    m.ready = False


@operation()
def use(m: World) -> None:
    """Uses it; it never breaks."""
    if READ_ONCE(m.broken):
        WRITE_ONCE(m.ready, False)
    WRITE_ONCE(m.ready, True)
    if READ_ONCE(m.ready):
        WRITE_ONCE(m.used, True)


@operation()
def mend(m: World) -> None:
    """Waits for what never comes."""
    wait_until(m.broken)
    WRITE_ONCE(m.broken, False)


@hardware("it breaks when it was never used, after having been used")
def wear(m: World, cpu: Cpu) -> None:
    """Cannot be."""
    require(m.used and not m.ready)
    m.broken = True


@invariant
def used_when_ready(m: World) -> bool:
    """Is about something."""
    return m.ready or not m.used


@invariant
def broken_is_unused(m: World) -> bool:
    """Is about nothing, for nothing breaks."""
    return not (m.broken and m.used)


@invariant
def same(m: World) -> bool:
    """Cannot be false."""
    return m.ready or not m.ready or m.broken or m.used


@invariant
def never_used(m: World) -> bool:
    """Is violated."""
    return not m.used


world = Scenario(
    "world",
    "Somebody uses it.",
    machine=World,
    sizes={Cpu: 1},
    initial=fresh,
    actors=[Actor("user", use, times=1), Actor("mender", mend, times=1)],
    hardware=[wear],
)

project = Project(
    name="idle",
    constants=[],
    claims=[
        Claim(
            "V1",
            "idle",
            quote="",
            source="a mail",
            scenario=world,
            expect=[
                holds(used_when_ready).of_nothing("It is said in vain."),
                holds(broken_is_unused),
                holds(same).of_nothing("It is a tautology."),
            ],
        ),
        Claim(
            "V2",
            "used",
            quote="",
            source="a mail",
            scenario=world,
            expect=[violated(never_used)],
        ),
    ],
    accepts=[
        never_runs(wear, "Nothing wears out."),
        never_runs(use, "It is said in vain."),
        never_true(use, "READ_ONCE(m.broken)", "Nothing breaks."),
    ],
)
