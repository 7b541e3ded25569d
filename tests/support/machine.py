"""A machine that has a field of every type, and something of everything that a spec can hold."""

from enum import Enum
from typing import Annotated

from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Between,
    Bit,
    Domain,
    Map,
    OrderedEnum,
    Record,
    RwLock,
    Set,
    Shared,
    Span,
    Word,
    atomic,
    constant,
    hardware,
    initial,
    invariant,
    operation,
    pure,
    require,
)


class Page(Domain, label="page"):
    """Ordered: operations may loop over it."""


class Cpu(Domain, symmetric=True, label="CPU"):
    """Symmetric: one is as good as another."""


class Pte(Word):
    present: bool = Bit(x86=0)
    writable: bool = Bit(x86=1)
    dirty: bool = Bit(x86=6)


class Zone(Enum):
    DMA = "dma"
    NORMAL = "normal"


class Level(OrderedEnum):
    LOW = "low"
    MID = "mid"
    HIGH = "high"


class Entry(Record):
    valid: bool = False
    level: Level = Level.LOW


class Machine(Shared):
    pte: Map[Page, Pte]
    tlb: Map[Cpu, Map[Page, Entry]]
    bitmap: Map[Page, bool]
    owner: Map[Page, Cpu | None]
    waiting: Set[Cpu]
    zone: Zone
    level: Level
    count: Annotated[int, Between(0, 3)]
    busy: bool
    lock: RwLock


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


mode = constant("mode", Mode)
walking = Span("Somebody walks the page table.", page=Page)

WRITABLE = Pte(writable=True)


@pure
def is_young(entry: Entry) -> bool:
    return entry.valid and entry.level > Level.LOW


@pure
def anybody_waits(m: Machine) -> bool:
    return any(cpu in m.waiting for cpu in Cpu)


@operation(kernel="mm/file.c:lookup")
def lookup(m: Machine, page: Page) -> tuple[bool, Pte]:
    pte = READ_ONCE(m.pte[page])
    return pte.present, pte


@operation(kernel="mm/file.c:note")
def note(m: Machine, page: Page) -> None:
    WRITE_ONCE(m.bitmap[page], True)


@atomic(kernel="mm/file.c:flush", text="flush()")
def flush(m: Machine) -> None:
    m.tlb = Map({cpu: Map({page: Entry() for page in Page}) for cpu in Cpu})


@hardware("the CPU drops a translation")
def evict(m: Machine, cpu: Cpu, page: Page) -> None:
    require(m.tlb[cpu][page].valid)
    m.tlb[cpu][page] = Entry()


@initial
def blank(m: Machine) -> None:
    m.busy = False


@invariant
def fine(m: Machine) -> bool:
    return m.busy or not m.busy
