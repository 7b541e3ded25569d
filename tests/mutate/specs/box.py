"""A box: whoever puts something in says so first, whoever takes it out takes that back."""

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Bit,
    Claim,
    Project,
    RwLock,
    Scenario,
    Shared,
    Word,
    atomic,
    holds,
    initial,
    invariant,
    operation,
    pure,
    set_bit,
    try_cmpxchg,
    violated,
    write_lock,
    xchg,
)


class Slot(Word):
    """What is in the box."""

    full: bool = Bit(ept=0)
    sealed: bool = Bit(ept=1)


class World(Shared):
    slot: Slot
    said: bool
    lock: RwLock


EMPTY = Slot()


@initial
def empty(m: World) -> None:
    """Nothing is in the box."""
    m.slot = EMPTY


@pure
def may_take(slot: Slot) -> bool:
    """Is there something that is not sealed?"""
    return slot.full and not slot.sealed


@operation(kernel="lib/box.c:put")
def put(m: World) -> None:
    """Put something in, if nothing is."""
    with write_lock(m.lock):
        old = READ_ONCE(m.slot)
        if not old.full:
            set_bit(m.said)
            WRITE_ONCE(m.slot, Slot(full=True))


@operation(kernel="lib/box.c:seal")
def seal(m: World) -> None:
    """Without the lock: as it is, but sealed."""
    old = READ_ONCE(m.slot)
    if old.full:
        ok, _ = try_cmpxchg(m.slot, old, old.but(sealed=True))
        if not ok:
            return


@atomic(text="said = false")
def take_back(m: World) -> None:
    """Nothing is in the box any more."""
    m.said = False


@operation(kernel="lib/box.c:take")
def take(m: World) -> None:
    """Take out what is there."""
    with write_lock(m.lock):
        old = READ_ONCE(m.slot)
        if may_take(old):
            old = xchg(m.slot, EMPTY)
            if not old.sealed:
                take_back(m)
            else:
                WRITE_ONCE(m.slot, old)


@invariant
def said_if_full(m: World) -> bool:
    """What is in the box has been said."""
    return m.said or not m.slot.full


@invariant
def sealed_if_full(m: World) -> bool:
    """Only what is in the box is sealed."""
    return m.slot.full or not m.slot.sealed


@invariant
def never_sealed(m: World) -> bool:
    """Not so."""
    return not m.slot.sealed


world = Scenario(
    "world",
    "One puts something in, one seals it, one takes it out.",
    machine=World,
    sizes={},
    initial=empty,
    actors=[Actor("putter", put), Actor("sealer", seal), Actor("taker", take)],
)

project = Project(
    name="box",
    constants=[],
    claims=[
        Claim(
            "B1",
            "box",
            quote="What is in the box has been said.",
            source="a mail",
            scenario=world,
            expect=[holds(said_if_full), holds(sealed_if_full), violated(never_sealed)],
        ),
    ],
)
