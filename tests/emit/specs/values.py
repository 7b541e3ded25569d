"""A value of every type, in every place: words, records in maps in maps, optional ones, sets."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Between,
    Bit,
    Claim,
    Domain,
    Map,
    OrderedEnum,
    Project,
    Record,
    Scenario,
    Set,
    Shared,
    Word,
    atomic_fetch_and,
    atomic_fetch_or,
    choose,
    hardware,
    holds,
    initial,
    invariant,
    operation,
    pure,
    require,
    try_cmpxchg,
    violated,
    xchg,
)


class Cpu(Domain, symmetric=True, label="CPU"):
    """Who has something cached."""


class Page(Domain):
    """What is mapped."""


class Level(OrderedEnum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"


class Zone(Enum):
    DMA = 0
    NORMAL = 1


class Pte(Word):
    """A word with two formats."""

    present: bool = Bit(ept=0, npt=0, label="P")
    writable: bool = Bit(ept=1, npt=1, label="W", default=True)
    dirty: bool = Bit(ept=9, npt=6, label="D")


class Entry(Record):
    pte: Pte = Pte(present=True)
    level: Level = Level.MID
    owner: Cpu | None = None
    age: Annotated[int, Between(-1, 1)] = -1


class Memory(Shared):
    pte: Map[Page, Pte]
    cache: Map[Cpu, Map[Page, Entry]]
    last: Cpu | None
    zones: Set[Zone]
    level: Level


MASK = Pte(present=True, writable=False, dirty=True)


@pure
def newer(entry: Entry, level: Level) -> bool:
    """Is it above a level, or old and dirty?"""
    if entry.level > level:
        return True
    return entry.age < 0 and entry.pte.dirty and entry.pte.writable and not entry.pte.present


@operation(kernel="mm/cache.c:fill")
def fill(m: Memory, cpu: Cpu, page: Page) -> None:
    """Fill a cache with what is mapped, or with what was there if that is newer."""
    old = atomic_fetch_or(m.pte[page], MASK)
    entry = READ_ONCE(m.cache[cpu][page])
    level = READ_ONCE(m.level)
    if newer(entry, level):
        WRITE_ONCE(m.cache[cpu][page].owner, cpu)
        return
    ok, last = try_cmpxchg(m.last, None, cpu)
    if not ok and last != cpu:
        entry = entry.but(owner=last, age=entry.age if entry.age > 0 else -entry.age)
    new = Entry(pte=(old & ~MASK) | entry.pte, level=level, owner=entry.owner, age=entry.age)
    was = xchg(m.cache[cpu][page], new)
    if was == new or was.pte & MASK:
        atomic_fetch_and(m.pte[page], was.pte)


@operation(kernel="mm/cache.c:raise_level")
def raise_level(m: Memory, zone: Zone) -> None:
    level = choose(Level)
    WRITE_ONCE(m.level, level)
    zones = READ_ONCE(m.zones)
    both = Set({z for z in Zone if z in zones or z == zone})
    WRITE_ONCE(m.zones, both - zones if level == Level.HIGH else both & Set({zone}))


@hardware("the cache forgets")
def forget(m: Memory, cpu: Cpu, page: Page) -> None:
    require(m.cache[cpu][page].owner is not None and m.level == Level.MID)
    m.cache[cpu] = Map({p: Entry() if p == page else m.cache[cpu][p] for p in Page})
    m.last = None


@initial
def empty(m: Memory) -> None:
    some = choose(bool)
    m.pte = Map({page: Pte(dirty=some) for page in Page})
    m.cache = Map({cpu: Map({page: Entry(pte=Pte()) for page in Page}) for cpu in Cpu})
    m.level = Level.LOW if some else Level.HIGH
    m.zones = Set({Zone.NORMAL})


@invariant
def owners_are_known(m: Memory) -> bool:
    """What a CPU has cached belongs to it, or to nobody."""
    return all(
        m.cache[cpu][page].owner is None or m.cache[cpu][page].owner == cpu
        for cpu in Cpu
        for page in Page
    )


@invariant
def ages_are_small(m: Memory) -> bool:
    return all(
        m.cache[cpu][page].age <= 1 and (m.level >= Level.LOW or Zone.DMA in m.zones)
        for cpu in Cpu
        for page in Page
    )


world = Scenario(
    "values",
    "Caches are filled.",
    machine=Memory,
    sizes={Cpu: 2, Page: 1},
    initial=empty,
    actors=[Actor("cpu", fill, each=Cpu, times=1), Actor("zoner", raise_level, times=1)],
    hardware=[forget],
)

project = Project(
    "values",
    [
        Claim(
            "V1",
            "owners",
            quote="What a CPU has cached belongs to it.",
            source="none",
            scenario=world,
            expect=[violated(owners_are_known), holds(ages_are_small)],
        )
    ],
    [],
    word_format=lambda config: "ept",
)
