"""The TDP MMU's operations on leaf SPTEs (arch/x86/kvm/mmu/tdp_mmu.c)."""

from kvmspec.constants import PML, V6_4, kernel, method
from kvmspec.machine import FaultSlot, Gfn, Kvm, Vcpu, flush_owed, tag_owed
from kvmspec.spte import (
    NOT_PRESENT,
    PT_WRITABLE_MASK,
    Spte,
    is_accessed_spte,
    is_dirty_spte,
    is_shadow_present_pte,
    is_writable_pte,
    make_spte,
    shadow_accessed_mask,
    shadow_dirty_mask,
)
from kvmspec.tdp_iter import kvm_tdp_mmu_write_spte, tdp_mmu_clear_spte_bits
from kvmtla import READ_ONCE, operation, set_bit, try_cmpxchg


@operation(kernel="virt/kvm/kvm_main.c:kvm_set_pfn_dirty")
def kvm_set_pfn_dirty(m: Kvm, gfn: Gfn) -> None:
    """Tag the backing page dirty."""
    set_bit(m.page_dirty[gfn])


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:__handle_changed_spte")
def handle_changed_spte(m: Kvm, gfn: Gfn, old_spte: Spte, new_spte: Spte) -> None:
    """What follows a change of a leaf SPTE: a page that was written is tagged."""
    if is_dirty_spte(old_spte) and not (
        is_shadow_present_pte(new_spte) and is_dirty_spte(new_spte)
    ):
        with tag_owed(gfn):
            kvm_set_pfn_dirty(m, gfn)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:__tdp_mmu_set_spte")
def tdp_mmu_set_spte(m: Kvm, gfn: Gfn, old_spte: Spte, new_spte: Spte) -> Spte:
    """Set an SPTE with mmu_lock held for write."""
    old_spte = kvm_tdp_mmu_write_spte(m, gfn, old_spte, new_spte)
    handle_changed_spte(m, gfn, old_spte, new_spte)
    return old_spte


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic")
def tdp_mmu_set_spte_atomic(m: Kvm, gfn: Gfn, old_spte: Spte, new_spte: Spte) -> bool:
    """Set an SPTE with mmu_lock held for read; gives False if it has changed, and was not set."""
    ok, _ = try_cmpxchg(m.spte[gfn], old_spte, new_spte)
    if ok:
        handle_changed_spte(m, gfn, old_spte, new_spte)
    return ok


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_leafs")
def tdp_mmu_zap_leafs(m: Kvm, gfn: Gfn) -> tuple[bool, Spte]:
    """Zap the leaf SPTE; gives whether a flush is needed, and what KVM believes it has zapped.

    The kernel keeps the second to itself; here the caller, who flushes, shows it to properties.
    """
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte):
        return False, old_spte
    with flush_owed(gfn):
        old_spte = tdp_mmu_set_spte(m, gfn, old_spte, NOT_PRESENT)
    return True, old_spte


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range")
def age_gfn_range(m: Kvm, gfn: Gfn) -> bool:
    """Mark the page unaccessed; gives whether it had been accessed."""
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte) or not is_accessed_spte(old_spte):
        return False
    if kernel >= V6_4:
        tdp_mmu_clear_spte_bits(m, gfn, old_spte, shadow_accessed_mask)
    else:
        tdp_mmu_set_spte(m, gfn, old_spte, old_spte & ~shadow_accessed_mask)
    return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:wrprot_gfn_range")
def wrprot_gfn_range(m: Kvm, gfn: Gfn) -> bool:
    """Write-protect for dirty logging, mmu_lock held for read; gives whether anything changed."""
    while True:
        old_spte = READ_ONCE(m.spte[gfn])
        if not is_shadow_present_pte(old_spte) or not is_writable_pte(old_spte):
            return False
        if tdp_mmu_set_spte_atomic(m, gfn, old_spte, old_spte & ~PT_WRITABLE_MASK):
            return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range")
def clear_dirty_gfn_range(m: Kvm, gfn: Gfn) -> bool:
    """Clear Dirty for PML, mmu_lock held for read; gives whether anything changed."""
    while True:
        old_spte = READ_ONCE(m.spte[gfn])
        if not is_shadow_present_pte(old_spte) or not is_dirty_spte(old_spte):
            return False
        if tdp_mmu_set_spte_atomic(m, gfn, old_spte, old_spte & ~shadow_dirty_mask):
            return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked")
def clear_dirty_pt_masked(m: Kvm, gfn: Gfn) -> None:
    """Re-arm a page that has been harvested, mmu_lock held for write: clear D (PML) or W."""
    dbit = shadow_dirty_mask if method == PML else PT_WRITABLE_MASK
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
        return
    if kernel >= V6_4:
        old_spte = tdp_mmu_clear_spte_bits(m, gfn, old_spte, dbit)
        kvm_set_pfn_dirty(m, gfn)
    else:
        tdp_mmu_set_spte(m, gfn, old_spte, old_spte & ~dbit)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level")
def tdp_mmu_map_handle_target_level(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """Install a writable leaf SPTE for a fault, mmu_lock held for read.

    make_spte() marks the page in the dirty log before the SPTE is there (since v5.16). The slot is
    the one that the fault looked up when it began. If the SPTE has changed, the fault is retried:
    the guest runs into it again.
    """
    old_spte = READ_ONCE(m.spte[gfn])
    if READ_ONCE(m.fault_slot[cpu]) == FaultSlot.LOGGED:
        set_bit(m.dirty_bitmap[gfn])
    tdp_mmu_set_spte_atomic(m, gfn, old_spte, make_spte())
