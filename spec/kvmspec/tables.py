"""Two levels: a non-leaf SPTE, the page table that it points to, and one leaf SPTE in that."""

from typing import ClassVar

from kvmspec.constants import Variant, variant
from kvmspec.machine import Vcpu
from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Map,
    Record,
    RwLock,
    Shared,
    Span,
    atomic,
    hardware,
    initial,
    invariant,
    operation,
    require,
    set_bit,
    try_cmpxchg,
    write_lock,
    xchg,
)
from kvmtla import read_lock as mmu_read_lock


class Entry(Record):
    """An SPTE of either level. Of a non-leaf one, the CPU does not know D."""

    present: bool = True
    accessed: bool = True
    dirty: bool = False

    labels: ClassVar = {"present": "P", "accessed": "A", "dirty": "D"}


class Tables(Shared):
    """A page table that is linked, zapped, and freed after an RCU grace period."""

    upper: Entry
    leaf: Entry
    table_cached: Map[Vcpu, bool]
    mmu_lock: RwLock
    rcu_read_lock: bool
    unlinked: bool
    unlinked_twice: bool
    freed: bool
    page_written: bool
    page_dirty: bool

    labels: ClassVar = {
        "upper": "*sptep (non-leaf)",
        "leaf": "*sptep (leaf)",
        "table_cached": "paging-structure cache",
        "rcu_read_lock": "RCU read side",
        "unlinked": "call_rcu(tdp_mmu_free_sp)",
        "unlinked_twice": "call_rcu() a second time",
        "freed": "page table freed",
        "page_written": "page written",
        "page_dirty": "backing page dirty",
    }


flushing = Span("A running operation will flush the TLBs.")
tagging = Span("A running operation will tag the backing page dirty.")


@initial
def linked(m: Tables) -> None:
    """The table is linked, the page mapped; neither was written through. Nothing is cached."""
    m.upper = Entry(present=True)
    m.leaf = Entry(present=True)


@hardware("the CPU walks both levels: sets A in each", source="SDM vol. 3, 29.3.5 and 29.4.3")
def walk(m: Tables, cpu: Vcpu) -> None:
    """It caches where the table is; with the mutant's CPU, a non-leaf SPTE has D, too."""
    require(m.upper.present and not m.table_cached[cpu])
    m.upper = m.upper.but(accessed=True)
    m.table_cached[cpu] = True


@hardware("write: the CPU sets A and D in the leaf", source="SDM vol. 3, 29.3.5 and 29.4.3")
def write(m: Tables, cpu: Vcpu) -> None:
    """A write by way of the table that it has cached, whether or not that is still linked."""
    require(m.table_cached[cpu] and m.leaf.present)
    if variant == Variant.NONLEAF_DIRTY:
        require(m.upper.present)
        m.upper = m.upper.but(dirty=True)
        m.leaf = m.leaf.but(accessed=True)
    else:
        m.leaf = m.leaf.but(accessed=True, dirty=True)
    m.page_written = True


@atomic(kernel="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs", text="kvm_flush_remote_tlbs(kvm)")
def flush(m: Tables) -> None:
    """Every vCPU forgets where the table is."""
    m.table_cached = Map({cpu: False for cpu in Vcpu})


@atomic(text="call_rcu(&sp->rcu_head, tdp_mmu_free_sp_rcu_callback)")
def free_later(m: Tables) -> None:
    """The table goes when all RCU readers of now are done."""
    m.unlinked_twice = m.unlinked
    m.unlinked = True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt")
def handle_removed_pt(m: Tables, old_upper: Entry) -> None:
    """Clear the SPTEs of a table that has been unlinked, atomically; tag what was written."""
    with tagging():
        old_leaf = xchg(m.leaf, Entry(present=False, accessed=False))
        if old_leaf.dirty or (variant == Variant.NONLEAF_DIRTY and old_upper.dirty):
            set_bit(m.page_dirty)
    free_later(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_sp")
def kvm_tdp_mmu_zap_sp(m: Tables) -> None:
    """Zap the table, mmu_lock held for write: the non-leaf SPTE is written plainly."""
    with write_lock(m.mmu_lock):
        old = READ_ONCE(m.upper)
        if old.present:
            with flushing():
                WRITE_ONCE(m.upper, Entry(present=False, accessed=False))
                handle_removed_pt(m, old)
                flush(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic")
def tdp_mmu_zap_spte_atomic(m: Tables) -> None:
    """Zap the table, mmu_lock held for read; without it in the mutant."""
    if variant == Variant.NONLEAF_LOCKLESS:
        zap_if_unchanged(m)
    else:
        with mmu_read_lock(m.mmu_lock):
            zap_if_unchanged(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic")
def zap_if_unchanged(m: Tables) -> None:
    """If the CPU has set A meanwhile, it is tried again."""
    while True:
        old = READ_ONCE(m.upper)
        if not old.present:
            return
        ok, _ = try_cmpxchg(m.upper, old, Entry(present=False, accessed=False))
        if ok:
            with flushing():
                handle_removed_pt(m, old)
                flush(m)
            return


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range")
def age(m: Tables) -> None:
    """Age the page. The mutant also ages the non-leaf SPTE, to skip what is below next time."""
    with write_lock(m.mmu_lock):
        old = READ_ONCE(m.upper)
        if old.present:
            leaf = READ_ONCE(m.leaf)
            if leaf.accessed:
                with tagging():
                    leaf = xchg(m.leaf, leaf.but(accessed=False))
                    if leaf.dirty:
                        set_bit(m.page_dirty)
            if variant == Variant.NONLEAF_ACCESSED:
                WRITE_ONCE(m.upper, old.but(accessed=False))


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched")
def zap_and_yield(m: Tables) -> None:
    """Zap the table as part of a walk, and yield: flush before the RCU read side ends."""
    WRITE_ONCE(m.rcu_read_lock, True)
    with flushing(), mmu_read_lock(m.mmu_lock):
        old = xchg(m.upper, Entry(present=False, accessed=False))
        handle_removed_pt(m, old)
        if variant == Variant.PARENT:
            WRITE_ONCE(m.rcu_read_lock, False)
        flush(m)
    if variant != Variant.PARENT:
        WRITE_ONCE(m.rcu_read_lock, False)


@hardware("RCU: the grace period is over, the page table is freed")
def grace_period(m: Tables) -> None:
    """No reader is left that might use the table."""
    require(m.unlinked and not m.rcu_read_lock and not m.freed)
    m.freed = True


@invariant
def unlinked_once(m: Tables) -> bool:
    """No page table is given to RCU twice, which would free it twice."""
    return not m.unlinked_twice


@invariant
def written_implies_tagged(m: Tables) -> bool:
    """A page that was written is tagged dirty, or a D says so that KVM will look at."""
    seen = m.leaf.dirty or (variant == Variant.NONLEAF_DIRTY and m.upper.dirty)
    return m.page_dirty or seen or tagging.active() or not m.page_written


@invariant
def leaf_accessed_implies_upper(m: Tables) -> bool:
    """Where a leaf was accessed, so was the non-leaf SPTE above: else skipping by it is wrong."""
    return m.upper.accessed or not m.leaf.accessed or not m.upper.present


@invariant
def no_cpu_uses_freed_table(m: Tables) -> bool:
    """No CPU has a page table in its paging-structure cache that has been freed."""
    return not (m.freed and any(m.table_cached[cpu] for cpu in Vcpu))
