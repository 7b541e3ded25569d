"""The model of DirtyLog.tla, dirtylog.pml and dirtylog.m in the language of kvmtla.

One page with write protection. vCPUs read and write it and repair a page that is read-only, an
ager ages it twice, a zapper takes it away once, and user space logs its dirtying twice and asks
twice for what is dirty. The same variables and the same atomic steps, so that there are the same
states.
"""

from enum import Enum
from typing import Annotated, ClassVar

from kvmtla import (
    Actor,
    Between,
    Bit,
    Claim,
    Domain,
    Map,
    Project,
    Record,
    Scenario,
    Shared,
    Span,
    Word,
    atomic,
    choose,
    constant,
    hardware,
    holds,
    initial,
    invariant,
    operation,
    pure,
    require,
)


class Write(Enum):
    """How an SPTE is written that may change meanwhile."""

    ATOMIC = "atomic"


write = constant("write", Write, "how an SPTE is written", default=Write.ATOMIC)

Count = Annotated[int, Between(0, 2)]


class Vcpu(Domain, symmetric=True, label="vCPU"):
    """A virtual CPU."""


class Spte(Word):
    """The bits that matter."""

    present: bool = Bit(x86=0, label="P")
    writable: bool = Bit(x86=1, label="W")
    mmu_writable: bool = Bit(x86=58, label="MMU_W")
    accessed: bool = Bit(x86=5, label="A")
    dirty: bool = Bit(x86=6, label="D")


class Tlb(Record):
    """What a CPU keeps of the SPTE."""

    valid: bool = False
    writable: bool = False
    dirty: bool = False

    labels: ClassVar = {"valid": "V", "writable": "W", "dirty": "D"}


class Machine(Shared):
    """What all share."""

    spte: Spte
    tlb: Map[Vcpu, Tlb]
    in_fault: Map[Vcpu, bool]
    bitmap: bool
    unreported: bool
    written: bool
    write_locked: bool
    read_locked: bool
    page_dirty: bool
    slot_logs: bool

    labels: ClassVar = {"spte": "*sptep"}


logging = Span("User space relies on the log.")
marking = Span("A vCPU is about to mark the page.", cpu=Vcpu)
harvesting = Span("The page is being reported.")
flushing = Span("The zapper is about to flush.")


@initial
def nothing_is_mapped(m: Machine) -> None:
    """Nothing is mapped."""
    m.spte = Spte()


@pure
def is_volatile(s: Spte) -> bool:
    """May it change without a lock?"""
    repaired = not s.writable and s.mmu_writable
    dirtied = s.writable and not s.dirty
    return s.present and (repaired or not s.accessed or dirtied)


@pure
def current(m: Machine, old: Spte) -> Spte:
    """What an atomic update works on: where it may change, what is there now."""
    return m.spte if is_volatile(old) else old


@atomic()
def flush(m: Machine) -> None:
    """No CPU keeps anything."""
    m.tlb = Map({cpu: Tlb() for cpu in Vcpu})


@atomic()
def wrote(m: Machine) -> None:
    """A guest has written to the page."""
    if logging.active():
        m.unreported = True
    m.written = True


@hardware("walk")
def walk(m: Machine, cpu: Vcpu) -> None:
    """A walk for a read."""
    s = m.spte
    require(not m.in_fault[cpu] and s.present and not m.tlb[cpu].valid)
    m.spte = s.but(accessed=True)
    m.tlb[cpu] = Tlb(valid=True, writable=s.writable, dirty=s.dirty)


@hardware("hit")
def hit(m: Machine, cpu: Vcpu) -> None:
    """A write through the TLB."""
    t = m.tlb[cpu]
    require(not m.in_fault[cpu] and t.valid and t.writable and t.dirty)
    wrote(m)


@hardware("assist")
def assist(m: Machine, cpu: Vcpu) -> None:
    """A write that walks, and sets D."""
    t = m.tlb[cpu]
    require(not m.in_fault[cpu] and not (t.writable and t.dirty))
    require(m.spte.present and m.spte.writable)
    m.spte = m.spte.but(accessed=True, dirty=True)
    m.tlb[cpu] = Tlb(valid=True, writable=True, dirty=True)
    wrote(m)


@hardware("evict")
def evict(m: Machine, cpu: Vcpu) -> None:
    """An entry goes."""
    require(m.tlb[cpu].valid)
    m.tlb[cpu] = Tlb()


@hardware("map")
def map_page(m: Machine, cpu: Vcpu) -> None:
    """A fault maps the page, all in one."""
    require(not m.in_fault[cpu] and not m.spte.present and not m.write_locked)
    m.spte = Spte(present=True, writable=True, mmu_writable=True, accessed=True, dirty=True)
    m.bitmap = m.bitmap or m.slot_logs


@atomic()
def fault_read(m: Machine, cpu: Vcpu) -> Spte:
    """A write fault begins; the CPU's entry is dropped."""
    s = m.spte
    require(s.present and not s.writable and s.mmu_writable and not m.tlb[cpu].writable)
    m.tlb[cpu] = Tlb()
    m.in_fault[cpu] = True
    return s


@atomic()
def fault_cmpxchg(m: Machine, cpu: Vcpu, old: Spte) -> bool:
    """Make it writable, if it is as it was."""
    if m.spte == old:
        m.spte = m.spte.but(writable=True)
        return True
    m.in_fault[cpu] = False
    return False


@atomic()
def fault_mark(m: Machine, cpu: Vcpu) -> None:
    """Mark the page."""
    m.in_fault[cpu] = False
    if m.slot_logs:
        m.bitmap = True


@operation()
def fast_page_fault(m: Machine, cpu: Vcpu) -> None:
    """A write fault, repaired without a lock."""
    old = fault_read(m, cpu)
    if fault_cmpxchg(m, cpu, old):
        with marking(cpu):
            fault_mark(m, cpu)


@atomic()
def age_lock(m: Machine) -> Spte:
    """Lock, and look."""
    require(not m.write_locked and not m.read_locked and m.spte.present and m.spte.accessed)
    m.write_locked = True
    return m.spte


@atomic()
def age_write(m: Machine, old: Spte) -> None:
    """Clear A."""
    m.spte = current(m, old).but(accessed=False)


@atomic()
def write_unlock(m: Machine) -> None:
    """Unlock."""
    m.write_locked = False


@operation()
def age(m: Machine) -> None:
    """Age the page."""
    old = age_lock(m)
    age_write(m, old)
    write_unlock(m)


@atomic()
def zap_lock(m: Machine) -> Spte:
    """Lock, and look."""
    require(not m.write_locked and not m.read_locked and m.spte.present)
    m.write_locked = True
    return m.spte


@atomic()
def zap_write(m: Machine, old: Spte) -> None:
    """Take it away."""
    if current(m, old).dirty:
        m.page_dirty = True
    m.spte = Spte()


@atomic()
def zap_flush(m: Machine) -> None:
    """Flush, and unlock."""
    m.write_locked = False
    flush(m)


@operation()
def zap(m: Machine) -> None:
    """Unmap the page."""
    old = zap_lock(m)
    zap_write(m, old)
    with flushing():
        zap_flush(m)


@atomic()
def log_enable(m: Machine) -> None:
    """The slot logs."""
    require(not m.write_locked)
    m.slot_logs = True
    m.read_locked = True


@atomic()
def protect_read(m: Machine) -> tuple[bool, Spte]:
    """Look; without anything to protect, unlock."""
    s = m.spte
    if s.present and s.writable:
        return True, s
    m.read_locked = False
    return False, Spte()


@atomic()
def protect_cmpxchg(m: Machine, old: Spte) -> bool:
    """Make it read-only and unlock, if it is as it was."""
    if m.spte == old:
        m.spte = old.but(writable=False)
        m.read_locked = False
        return True
    return False


@atomic()
def protect_flush(m: Machine, changed: bool) -> None:
    """Flush if something changed."""
    if changed:
        flush(m)


@atomic()
def get_or_disable(m: Machine, gets: Count, enables: Count) -> bool:
    """User space asks, or has the slot log no more."""
    get = choose(bool)
    if get:
        require(gets < 2)
    else:
        require(enables < 2)
        m.slot_logs = False
        m.bitmap = False
        m.unreported = False
    return get


@atomic()
def get_bitmap(m: Machine) -> tuple[bool, bool, Spte]:
    """Take the bitmap; lock if there is something to protect again."""
    require(not m.write_locked and not m.read_locked)
    mask = m.bitmap
    m.bitmap = False
    if mask and m.spte.present and m.spte.writable:
        m.write_locked = True
        return mask, True, m.spte
    return mask, False, Spte()


@atomic()
def get_protect(m: Machine, old: Spte) -> None:
    """Protect it again, and unlock."""
    m.spte = current(m, old).but(writable=False)
    m.write_locked = False


@atomic()
def get_flush(m: Machine, mask: bool) -> None:
    """Flush, and tell user space."""
    if mask:
        flush(m)
        m.unreported = False


@operation()
def log(m: Machine) -> None:
    """Dirty logging: up to two sessions, and up to two questions in all."""
    gets: Count = 0
    enables: Count = 0
    while True:
        log_enable(m)
        enables = enables + 1 if enables < 2 else 2
        changed = False
        while True:
            found, old = protect_read(m)
            if not found:
                break
            if protect_cmpxchg(m, old):
                changed = True
                break
        protect_flush(m, changed)
        with logging():
            while get_or_disable(m, gets, enables):
                gets = gets + 1 if gets < 2 else 2
                mask = False
                with harvesting(when=lambda: mask):  # noqa: B023 - it is never called
                    mask, again, seen = get_bitmap(m)
                    if again:
                        get_protect(m, seen)
                    get_flush(m, mask)


@invariant
def no_miss(m: Machine) -> bool:
    """What was written and not reported will be."""
    marked = any(marking.active(cpu) for cpu in Vcpu)
    return not m.unreported or m.bitmap or harvesting.active() or marked


@invariant
def mmu_writable_or_flushed(m: Machine) -> bool:
    """Who may write through a TLB entry may do so by the SPTE, or is about to be flushed."""
    return all(
        (m.spte.present and m.spte.mmu_writable) or flushing.active()
        for cpu in Vcpu
        if m.tlb[cpu].writable
    )


@invariant
def page_tagged(m: Machine) -> bool:
    """A write is in the SPTE, or the page has been marked dirty."""
    return not m.written or m.spte.present or m.page_dirty or flushing.active()


def scenario(vcpus: int) -> Scenario:
    """With so many vCPUs."""
    return Scenario(
        f"dirty_log_{vcpus}",
        "Nobody is missed.",
        machine=Machine,
        sizes={Vcpu: vcpus},
        initial=nothing_is_mapped,
        actors=[
            Actor("ager", age, times=2),
            Actor("zapper", zap, times=1),
            Actor("dirty_log", log, times=1),
            Actor("vcpu", fast_page_fault, each=Vcpu),
        ],
        hardware=[walk, hit, assist, evict, map_page],
    )


project = Project(
    name="dirtylog",
    constants=[write],
    word_format=lambda _: "x86",
    claims=[
        Claim(
            f"V{n}",
            f"with_{n}_vcpus",
            quote="no write is missed",
            source="bench/dirtylog/DirtyLog.tla",
            scenario=scenario(n),
            expect=[
                holds(prop, write=Write.ATOMIC)
                for prop in (no_miss, mmu_writable_or_flushed, page_tagged)
            ],
        )
        for n in range(1, 6)
    ],
)
