"""Huge pages: split when a memslot begins to log, recovered when it stops (tdp_mmu.c, x86.c)."""

from kvmspec.constants import PML, V6_4, V6_13, Variant, kernel, method, variant
from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.dirty_log import (
    always_flushes,
    copy_to_user,
    kvm_mmu_update_cpu_dirty_logging,
    kvm_swap_active_memslots,
)
from kvmspec.machine import Gfn, Kvm, NonLeaf, flush_owed, harvesting, relies_on_log
from kvmspec.spte import PT_WRITABLE_MASK, Spte, is_shadow_present_pte, shadow_dirty_mask
from kvmspec.tdp_mmu import dirty_bit
from kvmspec.two_levels import (
    handle_changed_leaf,
    kvm_mmu_zap_collapsible_sptes,
    kvm_tdp_mmu_write_spte,
    make_huge_spte,
    tdp_mmu_clear_spte_bits,
    tdp_mmu_set_spte_atomic,
    tdp_mmu_split_huge_page,
)
from kvmspec.walks import is_leaf
from kvmtla import (
    READ_ONCE,
    Map,
    Set,
    operation,
    pure,
    read_lock,
    try_cmpxchg,
    write_lock,
    xchg,
)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_split_huge_pages_root")
def kvm_mmu_slot_try_split_huge_pages(m: Kvm) -> None:
    """Split what is huge, mmu_lock held for read, without a flush; if eager_page_split says so."""
    if READ_ONCE(m.eager_page_split):
        with read_lock(m.mmu_lock):
            while True:
                upper = READ_ONCE(m.upper)
                if not is_leaf(upper):
                    return
                if tdp_mmu_split_huge_page(m, upper):
                    return


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range")
def clear_dirty_gfn_range(m: Kvm, bit: Spte, huge_only: bool) -> bool:
    """Clear D or W over the slot, mmu_lock held for read; gives whether anything changed.

    Stands for wrprot_gfn_range(), too, which does the same to W, from some level on.
    """
    while True:
        upper = READ_ONCE(m.upper)
        table = upper.child
        spte = upper.spte
        if table is not None:
            if huge_only:
                return False
            spte = READ_ONCE(m.table[table])
        if not is_shadow_present_pte(spte) or not spte & bit:
            return False
        if table is not None:
            ok, _ = try_cmpxchg(m.table[table], spte, spte & ~bit)
        else:
            ok, _ = try_cmpxchg(m.upper, upper, NonLeaf(spte=spte & ~bit))
        if ok:
            handle_changed_leaf(m, spte, spte & ~bit)
            return True


@pure
def warns_of_logging() -> bool:
    """Is WARN_ON_ONCE(kvm_slot_dirty_track_enabled(slot)) there, and its return?"""
    return variant not in Set({Variant.WITHOUT_06C4CD957B5C, Variant.RECOVERED_WRITE_PROTECTED})


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:recover_huge_pages_range", since=V6_13)
def recover_huge_pages_range(m: Kvm) -> None:
    """Put a huge page in the place of the table, mmu_lock held for read, and flush at the end.

    The huge page inherits from whichever SPTE comes first in the table. The parent zapped, likewise
    with one flush at the end (v6.13). Not in a slot that logs (06c4cd957b5c, v6.13).
    """
    if warns_of_logging():
        logs = READ_ONCE(m.slot_logs)
        if logs:
            return
    with read_lock(m.mmu_lock):
        while True:
            upper = READ_ONCE(m.upper)
            table = upper.child
            if table is None:
                return
            small_spte = READ_ONCE(m.table[table])
            if not is_shadow_present_pte(small_spte):
                return
            new = NonLeaf(spte=make_huge_spte(small_spte))
            if variant == Variant.PARENT:
                new = NonLeaf()
            with flush_owed(when=lambda gfn: True):
                if tdp_mmu_set_spte_atomic(m, upper, new):
                    kvm_flush_remote_tlbs(m)
                    return


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty")
def kvm_mmu_slot_leaf_clear_dirty(m: Kvm) -> None:
    """Clear D over the slot, huge pages included; until v5.19, flush if an SPTE changed."""
    spte_set = False
    with flush_owed(when=lambda gfn: spte_set):
        with read_lock(m.mmu_lock):
            spte_set = clear_dirty_gfn_range(m, shadow_dirty_mask, False)
        if spte_set and not always_flushes():
            kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access")
def kvm_mmu_slot_remove_write_access(m: Kvm, huge_only: bool) -> None:
    """Clear W over the slot, from some level on; until v5.19, flush if an SPTE changed."""
    spte_set = False
    with flush_owed(when=lambda gfn: spte_set):
        with read_lock(m.mmu_lock):
            spte_set = clear_dirty_gfn_range(m, PT_WRITABLE_MASK, huge_only)
        if spte_set and not always_flushes():
            kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags")
def kvm_mmu_slot_apply_flags(m: Kvm, log_dirty_pages: bool) -> None:
    """Make KVM see each further write to the slot, and flush; huge pages are split, or lose W.

    Where the slot stops logging, its pages may be huge again: until v6.12, what keeps them from it
    is zapped; then huge pages are recovered in place.
    """
    if not log_dirty_pages:
        if kernel >= V6_13:
            recover_huge_pages_range(m)
        else:
            kvm_mmu_zap_collapsible_sptes(m)
        return
    kvm_mmu_slot_try_split_huge_pages(m)
    with flush_owed(when=lambda gfn: always_flushes()):
        if method == PML:
            kvm_mmu_slot_leaf_clear_dirty(m)
        kvm_mmu_slot_remove_write_access(m, method == PML)
        if always_flushes():
            kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked")
def clear_dirty_pt_masked(m: Kvm, gfn: Gfn) -> None:
    """Re-arm a page that has been harvested, mmu_lock held for write; not one that is huge."""
    dbit = dirty_bit()
    upper = READ_ONCE(m.upper)
    table = upper.child
    if table is None:
        return
    old_spte = READ_ONCE(m.table[table])
    if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
        return
    if kernel >= V6_4:
        old_spte = tdp_mmu_clear_spte_bits(m, table, old_spte, dbit)
    else:
        old_spte = kvm_tdp_mmu_write_spte(m, table, old_spte, old_spte & ~dbit)
    handle_changed_leaf(m, old_spte, old_spte & ~dbit)


@operation(kernel="virt/kvm/kvm_main.c:kvm_get_dirty_log_protect")
def kvm_get_dirty_log_protect(m: Kvm) -> None:
    """KVM_GET_DIRTY_LOG, as in dirty_log.py."""
    mask = Map({gfn: False for gfn in Gfn})
    with harvesting(when=lambda gfn: mask[gfn]), flush_owed(when=lambda gfn: mask[gfn]):
        with write_lock(m.mmu_lock):
            mask = xchg(m.dirty_bitmap, Map({gfn: False for gfn in Gfn}))
            for gfn in Gfn:
                if mask[gfn]:
                    clear_dirty_pt_masked(m, gfn)
        if any(mask[gfn] for gfn in Gfn):
            kvm_flush_remote_tlbs(m)
        copy_to_user(m, mask)


@operation(kernel="virt/kvm/kvm_main.c:__kvm_set_memory_region")
def set_dirty_logging(m: Kvm, on: bool) -> None:
    """KVM_SET_USER_MEMORY_REGION with or without KVM_MEM_LOG_DIRTY_PAGES."""
    kvm_swap_active_memslots(m, on)
    if method == PML:
        kvm_mmu_update_cpu_dirty_logging(m, on)
    kvm_mmu_slot_apply_flags(m, on)


@operation()
def log(m: Kvm) -> None:
    """User space turns dirty logging on, and asks for dirty pages again and again."""
    set_dirty_logging(m, True)
    with relies_on_log():
        while True:
            kvm_get_dirty_log_protect(m)


@operation()
def stop_logging(m: Kvm) -> None:
    """User space turns dirty logging off."""
    set_dirty_logging(m, False)


@operation()
def stop_and_log(m: Kvm) -> None:
    """User space turns dirty logging off, as when a migration is called off; then on again."""
    stop_logging(m)
    log(m)


@operation()
def recover_while_logging(m: Kvm) -> None:
    """Huge pages are recovered in a slot that logs, which nobody in the kernel asks for."""
    with relies_on_log():
        recover_huge_pages_range(m)
        while True:
            kvm_get_dirty_log_protect(m)
