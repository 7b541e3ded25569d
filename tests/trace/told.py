"""Facts that decide, each in a small world: a story has to tell them."""

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
    Scenario,
    Shared,
    atomic,
    choose,
    eventually,
    initial,
    invariant,
    operation,
    violated,
)


class Cpu(Domain, label="CPU"):
    """A CPU."""


class Mem(Shared):
    """Memory."""

    count: Annotated[int, Between(0, 4)]
    seq: Annotated[int, Between(0, 3)]
    taken: bool
    ended: Map[Cpu, bool]
    tried: bool
    done: bool


@operation()
def increment(m: Mem, cpu: Cpu) -> None:
    """Add 1, in a load and a store."""
    n = READ_ONCE(m.count)
    WRITE_ONCE(m.count, n + 1)
    WRITE_ONCE(m.ended[cpu], True)


@operation()
def bump(m: Mem) -> None:
    """Something changes."""
    WRITE_ONCE(m.seq, 1)


@operation()
def get_and_write(m: Mem) -> None:
    """Take it out, and write it down, unless the disk is full."""
    WRITE_ONCE(m.taken, True)
    full = choose(bool)
    if not full:
        WRITE_ONCE(m.done, True)
    WRITE_ONCE(m.tried, True)


@operation()
def lookup(m: Mem) -> bool:
    """Try until nothing has changed meanwhile."""
    while True:
        seq = READ_ONCE(m.seq)
        now = READ_ONCE(m.seq)
        if now == seq:
            return True


@operation()
def use(m: Mem) -> None:
    """What was found is used."""
    found = lookup(m)
    WRITE_ONCE(m.taken, found)


@operation()
def wait_for_other(m: Mem) -> None:
    """Spin until somebody is done; nobody ever is."""
    while True:
        done = READ_ONCE(m.done)
        if done:
            break
    WRITE_ONCE(m.taken, True)


@atomic(text="get_unless_zero(&count)")
def get_unless_zero(m: Mem) -> bool:
    """A reference, if there is one."""
    got = m.count > 0
    if got:
        m.count = m.count + 1
    return got


@operation()
def use_if_there(m: Mem) -> None:
    """Without a reference, nothing is done."""
    got = get_unless_zero(m)
    if got:
        WRITE_ONCE(m.done, True)
    WRITE_ONCE(m.tried, True)


@invariant
def counted(m: Mem) -> bool:
    """Both increments count once both have run."""
    return m.count == 2 or not all(m.ended[c] for c in Cpu)


@invariant
def not_taken(m: Mem) -> bool:
    """What is taken is not old."""
    return not m.taken or m.seq == 0


@eventually
def taken_in_the_end(m: Mem) -> bool:
    """The spinning ends."""
    return m.taken


@invariant
def written(m: Mem) -> bool:
    """What was taken is written."""
    return not m.tried or m.done


@initial
def nothing(m: Mem) -> None:
    """Nothing has happened."""
    m.done = False


def world(name: str, *actors: Actor) -> Scenario:
    return Scenario(name, name, machine=Mem, sizes={Cpu: 2}, initial=nothing, actors=actors)


counting = world("counting", Actor("cpu", increment, each=Cpu, times=1))
choosing = world("choosing", Actor("vmm", get_and_write, times=1))
retrying = world("retrying", Actor("user", use, times=1), Actor("other", bump, times=1))
refusing = world("refusing", Actor("user", use_if_there, times=1))
spinning = world("spinning", Actor("waiter", wait_for_other, times=1, fair=True))


def claim(number: str, scenario: Scenario, prop: object) -> Claim:
    return Claim(
        number, scenario.name, quote="-", source="-", scenario=scenario, expect=[violated(prop)]
    )


project = Project(
    "told",
    claims=[
        claim("lost_update", counting, counted),
        claim("choice", choosing, written),
        claim("success", retrying, not_taken),
        claim("refusal", refusing, written),
        claim("spinning", spinning, taken_in_the_end),
    ],
    constants=[],
)
