"""Two levels: the SPTE of 2 MiB, which maps them or points to a page table, and one SPTE in that.

What tdp_mmu.py has for leaf SPTEs of 4 KiB, here once more, under the kernel's names, for a walk
that may end at either level.
"""

from kvmspec.constants import NO_AD, V6_4, V6_13, V6_15, Variant, kernel, method, variant
from kvmspec.cpu import in_guest, kvm_flush_remote_tlbs, translates
from kvmspec.faults import kvm_mmu_finish_page_fault, mark_page_dirty_in_slot, vmentry
from kvmspec.machine import (
    FaultSlot,
    Gfn,
    Kvm,
    NonLeaf,
    PageTable,
    Vcpu,
    flush_owed,
    marking,
    tag_owed,
)
from kvmspec.spte import (
    NOT_PRESENT,
    PT_PAGE_SIZE_MASK,
    PT_WRITABLE_MASK,
    REMOVED_SPTE,
    Spte,
    is_access_allowed,
    is_dirty_spte,
    is_mmu_writable_spte,
    is_removed_spte,
    is_shadow_present_pte,
    make_spte,
    shadow_accessed_mask,
    shadow_dirty_mask,
)
from kvmspec.tdp_iter import kvm_tdp_mmu_spte_need_atomic_write
from kvmspec.tdp_mmu import kvm_set_pfn_dirty
from kvmspec.walks import is_leaf, points_to_table
from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    atomic,
    atomic_fetch_and,
    choose,
    hardware,
    operation,
    pure,
    read_lock,
    require,
    set_bit,
    try_cmpxchg,
    write_lock,
    xchg,
)


@hardware("RCU: the grace period is over, page tables are freed")
def grace_period(m: Kvm, table: PageTable) -> None:
    """No reader is left that might use the table."""
    require(m.unlinked[table] and not m.rcu_read_lock and not m.freed[table])
    m.freed[table] = True


@atomic(text="call_rcu(&sp->rcu_head, tdp_mmu_free_sp_rcu_callback)")
def call_rcu(m: Kvm, table: PageTable) -> None:
    """The table goes when all RCU readers of now are done."""
    m.unlinked_twice = m.unlinked_twice or m.unlinked[table]
    m.unlinked[table] = True


@operation(kernel="arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte")
def kvm_tdp_mmu_write_spte(m: Kvm, table: PageTable, old_spte: Spte, new_spte: Spte) -> Spte:
    """Write a leaf SPTE, mmu_lock held for write; gives what KVM believes was there."""
    if kvm_tdp_mmu_spte_need_atomic_write(old_spte):
        old_spte = xchg(m.table[table], new_spte)
    else:
        WRITE_ONCE(m.table[table], new_spte)
    return old_spte


@operation(kernel="arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits")
def tdp_mmu_clear_spte_bits(m: Kvm, table: PageTable, old_spte: Spte, mask: Spte) -> Spte:
    """Clear the bits of `mask` there, and no others, with mmu_lock held for write (v6.4)."""
    if kvm_tdp_mmu_spte_need_atomic_write(old_spte):
        old_spte = atomic_fetch_and(m.table[table], ~mask)
    else:
        WRITE_ONCE(m.table[table], old_spte & ~mask)
    return old_spte


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:__handle_changed_spte")
def handle_changed_leaf(m: Kvm, old_spte: Spte, new_spte: Spte) -> None:
    """A leaf SPTE that was dirty, and is so no more: the page is tagged (until v6.12)."""
    if kernel >= V6_13:
        return
    if (is_shadow_present_pte(old_spte) and is_dirty_spte(old_spte)) and not (
        is_shadow_present_pte(new_spte) and is_dirty_spte(new_spte)
    ):
        for gfn in Gfn:
            with tag_owed(gfn):
                kvm_set_pfn_dirty(m, gfn)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt")
def handle_removed_pt(m: Kvm, table: PageTable, shared: bool) -> None:
    """Clear the SPTEs of a table that has been unlinked, and tag what was written through them.

    Where others may be at it, an SPTE that is REMOVED is one that somebody is about to clear: it is
    set again until something else was there.
    """
    if shared:
        while True:
            old_spte = xchg(m.table[table], REMOVED_SPTE)
            if not is_removed_spte(old_spte) or variant == Variant.REMOVED_ONCE:
                break
    else:
        old_spte = READ_ONCE(m.table[table])
        if is_shadow_present_pte(old_spte):
            old_spte = kvm_tdp_mmu_write_spte(m, table, old_spte, REMOVED_SPTE)
    handle_changed_leaf(m, old_spte, REMOVED_SPTE)
    call_rcu(m, table)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:__handle_changed_spte")
def handle_changed_spte(m: Kvm, old: NonLeaf, new: NonLeaf, shared: bool) -> None:
    """What follows a change of the SPTE of 2 MiB: a table that was there is taken apart."""
    if is_leaf(old) or variant == Variant.NONLEAF_DIRTY:
        handle_changed_leaf(m, old.spte, new.spte if is_leaf(new) else NOT_PRESENT)
    if old.child is not None:
        handle_removed_pt(m, old.child, shared)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic")
def tdp_mmu_set_spte_atomic(m: Kvm, old: NonLeaf, new: NonLeaf) -> bool:
    """Replace it by something of another kind, mmu_lock held for read; False if it has changed."""
    ok, _ = try_cmpxchg(m.upper, old, new)
    if ok:
        handle_changed_spte(m, old, new, True)
    return ok


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic", until=V6_13)
def tdp_mmu_zap_spte_atomic(m: Kvm, old: NonLeaf) -> bool:
    """Zap it, mmu_lock held for read; REMOVED until the flush, so that nobody maps anything there.

    As until v6.9. In v6.10 the page table was taken apart after the flush; in v6.13 this went.
    """
    removed = NOT_PRESENT if variant == Variant.NOT_REMOVED else REMOVED_SPTE
    with flush_owed(when=lambda gfn: True):
        ok = tdp_mmu_set_spte_atomic(m, old, NonLeaf(spte=removed))
        if ok:
            kvm_flush_remote_tlbs(m)
    if ok and variant != Variant.NOT_REMOVED:
        WRITE_ONCE(m.upper, NonLeaf())
    return ok


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_sp")
def kvm_tdp_mmu_zap_sp(m: Kvm) -> None:
    """Zap the table, mmu_lock held for write: the non-leaf SPTE is written plainly.

    The flush is its caller's, kvm_recover_nx_huge_pages(), before it drops mmu_lock. Gone in v6.18.
    """
    with write_lock(m.mmu_lock):
        old = READ_ONCE(m.upper)
        if is_shadow_present_pte(old.spte):
            with flush_owed(when=lambda gfn: True):
                WRITE_ONCE(m.upper, NonLeaf())
                handle_changed_spte(m, old, NonLeaf(), False)
                kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:zap_collapsible_spte_range", until=V6_13)
def zap_collapsible_spte_range(m: Kvm) -> None:
    """Zap the table; if the SPTE has changed meanwhile, as when a CPU has set A, try again."""
    while True:
        old = READ_ONCE(m.upper)
        if not points_to_table(old):
            return
        if tdp_mmu_zap_spte_atomic(m, old):
            return


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_zap_collapsible_sptes", until=V6_13)
def kvm_mmu_zap_collapsible_sptes(m: Kvm) -> None:
    """Zap what keeps pages from being huge, mmu_lock held for read; the mutant holds no lock."""
    if variant == Variant.NONLEAF_LOCKLESS:
        zap_collapsible_spte_range(m)
    else:
        with read_lock(m.mmu_lock):
            zap_collapsible_spte_range(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic", until=V6_13)
def zap_lower(m: Kvm) -> None:
    """The same one level below: zap the SPTE in the table, REMOVED first.

    As a fault does that finds a huge page where it needs a page table, with 1 GiB above.
    """
    with read_lock(m.mmu_lock):
        upper = READ_ONCE(m.upper)
        table = upper.child
        if table is not None:
            old_spte = READ_ONCE(m.table[table])
            if is_shadow_present_pte(old_spte):
                with flush_owed(when=lambda gfn: True):
                    ok, _ = try_cmpxchg(m.table[table], old_spte, REMOVED_SPTE)
                    if ok:
                        handle_changed_leaf(m, old_spte, REMOVED_SPTE)
                        kvm_flush_remote_tlbs(m)
                if ok:
                    WRITE_ONCE(m.table[table], NOT_PRESENT)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched")
def zap_and_yield(m: Kvm) -> None:
    """Zap the table as part of a walk, and yield: flush before the RCU read side ends.

    The parent ended it first. If the SPTE has changed, it is left alone here.
    """
    WRITE_ONCE(m.rcu_read_lock, True)
    with read_lock(m.mmu_lock):
        old = READ_ONCE(m.upper)
        tdp_mmu_set_spte_atomic(m, old, NonLeaf())
        if variant == Variant.PARENT:
            WRITE_ONCE(m.rcu_read_lock, False)
        kvm_flush_remote_tlbs(m)
    if variant != Variant.PARENT:
        WRITE_ONCE(m.rcu_read_lock, False)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range")
def age_gfn_range(m: Kvm) -> None:
    """Age the page, with A/D bits; mmu_lock is held for write until v6.14.

    The mutant ages the non-leaf SPTE, too, to skip what is below next time.
    """
    upper = READ_ONCE(m.upper)
    table = upper.child
    if table is not None:
        old_spte = READ_ONCE(m.table[table])
        if is_shadow_present_pte(old_spte) and old_spte.accessed:
            if kernel >= V6_15:
                atomic_fetch_and(m.table[table], ~shadow_accessed_mask)
            elif kernel >= V6_4:
                tdp_mmu_clear_spte_bits(m, table, old_spte, shadow_accessed_mask)
            else:
                new_spte = old_spte & ~shadow_accessed_mask
                old_spte = kvm_tdp_mmu_write_spte(m, table, old_spte, new_spte)
                handle_changed_leaf(m, old_spte, new_spte)
        if variant == Variant.NONLEAF_ACCESSED:
            WRITE_ONCE(m.upper, upper.but(spte=upper.spte & ~shadow_accessed_mask))


@operation(kernel="virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young")
def kvm_mmu_notifier_clear_young(m: Kvm) -> None:
    """Age the page, without a flush; from v6.15 on without mmu_lock."""
    if kernel >= V6_15:
        age_gfn_range(m)
    else:
        with write_lock(m.mmu_lock):
            age_gfn_range(m)


@pure
def make_nonleaf_spte() -> Spte:
    """An SPTE that points to a page table; everything is allowed there."""
    return Spte(present=True, writable=True, accessed=method != NO_AD)


@pure
def make_small_spte(huge_spte: Spte) -> Spte:
    """The SPTE of a page of 4 KiB, split off a huge one; was make_huge_page_split_spte()."""
    if variant == Variant.SPLIT_FORGETS:
        return huge_spte & ~PT_PAGE_SIZE_MASK & ~PT_WRITABLE_MASK & ~shadow_dirty_mask
    return huge_spte & ~PT_PAGE_SIZE_MASK


@pure
def make_huge_spte(small_spte: Spte) -> Spte:
    """The SPTE of a huge page that a page of 4 KiB becomes part of (v6.13)."""
    if variant == Variant.RECOVERED_WRITE_PROTECTED:
        return (small_spte | PT_PAGE_SIZE_MASK) & ~PT_WRITABLE_MASK
    return small_spte | PT_PAGE_SIZE_MASK


@atomic(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_link_sp", text="try_cmpxchg64(sptep, new table)")
def try_to_link(m: Kvm, old: NonLeaf, small_spte: Spte) -> bool:
    """Let the SPTE of 2 MiB point to a new table, in which nobody could see what was written.

    Where it fails, the table that it was for is free again: it takes none.
    """
    linked = m.upper == old
    if linked:
        table = choose(PageTable)
        require(not m.allocated[table])
        m.upper = NonLeaf(spte=make_nonleaf_spte(), child=table)
        m.table[table] = small_spte
        m.allocated[table] = True
    return linked


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_link_sp")
def tdp_mmu_link_sp(m: Kvm, old: NonLeaf, small_spte: Spte) -> bool:
    """Link a new table, mmu_lock held for read."""
    linked = try_to_link(m, old, small_spte)
    if linked:
        handle_changed_spte(m, old, NonLeaf(), True)
    return linked


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_split_huge_page")
def tdp_mmu_split_huge_page(m: Kvm, huge: NonLeaf) -> bool:
    """Put a table in the place of a huge page, without a flush: it translates to the same."""
    return tdp_mmu_link_sp(m, huge, make_small_spte(huge.spte))


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level")
def map_huge_page(m: Kvm, old: NonLeaf) -> bool:
    """Install a huge page, for a slot that does not log; flushed if there was a table."""
    if kernel >= V6_13 and is_leaf(old) and is_access_allowed(old.spte, True):
        return True
    new_spte = make_spte(old.spte if is_leaf(old) else NOT_PRESENT) | PT_PAGE_SIZE_MASK
    with flush_owed(when=lambda gfn: old.child is not None):
        mapped = tdp_mmu_set_spte_atomic(m, old, NonLeaf(spte=new_spte))
        if mapped and old.child is not None:
            kvm_flush_remote_tlbs(m)
    return mapped


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level")
def map_small_page(m: Kvm, table: PageTable, gfn: Gfn, slot: FaultSlot) -> bool:
    """Install a page of 4 KiB; make_spte() marks it in the dirty log first, if the slot logs."""
    old_spte = READ_ONCE(m.table[table])
    if is_removed_spte(old_spte):
        return False
    if kernel >= V6_13 and is_shadow_present_pte(old_spte) and is_access_allowed(old_spte, True):
        return True
    new_spte = make_spte(old_spte)
    if slot == FaultSlot.LOGGED:
        set_bit(m.dirty_bitmap[gfn])
    ok, _ = try_cmpxchg(m.table[table], old_spte, new_spte)
    if ok:
        handle_changed_leaf(m, old_spte, new_spte)
    return ok


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_hugepage_adjust")
def kvm_mmu_hugepage_adjust(m: Kvm, slot: FaultSlot) -> bool:
    """Is the page to be mapped as a huge one? If the host has one there, and the slot logs not."""
    if slot == FaultSlot.LOGGED:
        return False
    return READ_ONCE(m.host_page_is_huge)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_map")
def kvm_tdp_mmu_map(m: Kvm, gfn: Gfn, slot: FaultSlot) -> bool:
    """Map the page for a fault, mmu_lock held for read; False (RET_PF_RETRY) if that fails.

    A huge page in the way is zapped until v6.2; from v6.3 on it is split.
    """
    huge = kvm_mmu_hugepage_adjust(m, slot)
    upper = READ_ONCE(m.upper)
    if not huge and is_leaf(upper) and kernel < V6_4:
        if not tdp_mmu_zap_spte_atomic(m, upper):
            return False
        upper = READ_ONCE(m.upper)
    if is_removed_spte(upper.spte):
        return False
    if huge:
        return map_huge_page(m, upper)
    if not points_to_table(upper):
        small_spte = make_small_spte(upper.spte) if is_leaf(upper) else NOT_PRESENT
        if not tdp_mmu_link_sp(m, upper, small_spte):
            return False
        # The walk reads it again before it steps down.
        upper = READ_ONCE(m.upper)
    mapped = False
    if upper.child is not None:
        mapped = map_small_page(m, upper.child, gfn, slot)
    return mapped


@operation(kernel="arch/x86/kvm/mmu/mmu.c:fast_page_fault")
def fast_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn, slot: FaultSlot) -> bool:
    """Set W where KVM took it away for logging; not in a huge page of a slot that logs."""
    while True:
        upper = READ_ONCE(m.upper)
        table = upper.child
        spte = upper.spte
        if table is not None:
            spte = READ_ONCE(m.table[table])
        if not is_shadow_present_pte(spte):
            return False
        if is_access_allowed(spte, True):
            return True
        if not is_mmu_writable_spte(spte):
            return False
        if table is not None:
            ok, _ = try_cmpxchg(m.table[table], spte, spte | PT_WRITABLE_MASK)
            if ok:
                with marking(gfn):
                    mark_page_dirty_in_slot(m, cpu, gfn)
                return True
        else:
            if slot == FaultSlot.LOGGED:
                return False
            fixed = NonLeaf(spte=spte | PT_WRITABLE_MASK)
            ok, _ = try_cmpxchg(m.upper, upper, fixed)
            if ok:
                return True


@atomic(text="fault: VM-Exit, the CPU drops its translation")
def vmexit(m: Kvm, cpu: Vcpu, gfn: Gfn) -> FaultSlot:
    """A write that some level does not allow, by a fresh walk or from what the CPU has cached."""
    require(in_guest(m, cpu) and not m.tlb[cpu][gfn].writable)
    cached = m.walk_cache[cpu]
    child = m.upper.child
    fresh = m.table[child] if child is not None else m.upper.spte
    stale = m.table[cached] if cached is not None else fresh
    require(not (translates(fresh, True) and translates(stale, True)))
    slot = FaultSlot.LOGGED if m.slot_logs else FaultSlot.PLAIN
    m.walk_cache[cpu] = None
    m.fault_slot[cpu] = slot
    return slot


@operation(kernel="arch/x86/kvm/mmu/mmu.c:direct_page_fault")
def direct_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A write fault."""
    slot = vmexit(m, cpu, gfn)
    if not fast_page_fault(m, cpu, gfn, slot):
        with read_lock(m.mmu_lock):
            mapped = False
            with tag_owed(gfn, when=lambda: kernel >= V6_13 and mapped):
                mapped = kvm_tdp_mmu_map(m, gfn, slot)
                kvm_mmu_finish_page_fault(m, gfn, mapped)
    vmentry(m, cpu)
