"""The TDP MMU's operations on leaf SPTEs (arch/x86/kvm/mmu/tdp_mmu.c)."""

from kvmspec.constants import (
    PML,
    V6_4,
    V6_13,
    V6_15,
    Variant,
    kernel,
    method,
    variant,
)
from kvmspec.machine import FaultSlot, Gfn, Kvm, Vcpu, flush_owed, tag_owed
from kvmspec.spte import (
    NOT_PRESENT,
    PT_WRITABLE_MASK,
    Spte,
    is_access_allowed,
    is_accessed_spte,
    is_dirty_spte,
    is_shadow_present_pte,
    is_writable_pte,
    kvm_mmu_changed_pte_notifier_make_spte,
    make_spte,
    mark_spte_for_access_track,
    shadow_accessed_mask,
    shadow_dirty_mask,
    shadow_mmu_writable_mask,
    spte_ad_enabled,
)
from kvmspec.tdp_iter import kvm_tdp_mmu_write_spte, tdp_mmu_clear_spte_bits
from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    atomic_fetch_and,
    operation,
    pure,
    set_bit,
    try_cmpxchg,
)


@operation(kernel="virt/kvm/kvm_main.c:kvm_set_pfn_dirty")
def kvm_set_pfn_dirty(m: Kvm, gfn: Gfn) -> None:
    """Tag the backing page dirty. From v6.13 on that is done once, when the page is mapped."""
    if kernel < V6_13:
        set_bit(m.page_dirty[gfn])


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:__handle_changed_spte")
def handle_changed_spte(m: Kvm, gfn: Gfn, old_spte: Spte, new_spte: Spte) -> None:
    """What follows a change of a leaf SPTE: a page that was written is tagged (until v6.12)."""
    if kernel >= V6_13:
        return
    if (is_shadow_present_pte(old_spte) and is_dirty_spte(old_spte)) and not (
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
    """Mark the page unaccessed; gives whether it had been accessed.

    From v6.15 on kvm_tdp_mmu_age_spte(): nothing is locked, and an SPTE that has changed meanwhile
    is left as it is.
    """
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte) or not is_accessed_spte(old_spte):
        return False
    new_spte = mark_spte_for_access_track(old_spte)
    if kernel >= V6_15:
        if spte_ad_enabled(old_spte):
            atomic_fetch_and(m.spte[gfn], ~shadow_accessed_mask)
        elif variant == Variant.AGED_PLAINLY:
            WRITE_ONCE(m.spte[gfn], new_spte)
        else:
            try_cmpxchg(m.spte[gfn], old_spte, new_spte)
        return True
    if not spte_ad_enabled(old_spte) and is_writable_pte(old_spte):
        kvm_set_pfn_dirty(m, gfn)
    if kernel < V6_4:
        tdp_mmu_set_spte(m, gfn, old_spte, new_spte)
    elif spte_ad_enabled(old_spte):
        tdp_mmu_clear_spte_bits(m, gfn, old_spte, shadow_accessed_mask)
    else:
        kvm_tdp_mmu_write_spte(m, gfn, old_spte, new_spte)
    return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:set_spte_gfn", until=V6_13)
def set_spte_gfn(m: Kvm, gfn: Gfn) -> bool:
    """Map the read-only page that the primary MMU now has; gives whether a flush is needed.

    Gone in v6.10, with the notifier that calls it.
    """
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte):
        return False
    with flush_owed(gfn):
        old_spte = tdp_mmu_set_spte(m, gfn, old_spte, NOT_PRESENT)
        new_spte = kvm_mmu_changed_pte_notifier_make_spte(old_spte)
        tdp_mmu_set_spte(m, gfn, old_spte, new_spte)
    return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:write_protect_gfn")
def write_protect_gfn(m: Kvm, gfn: Gfn) -> bool:
    """Take write access away for good: W and MMU_W; gives whether a flush is needed."""
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte):
        return False
    if variant == Variant.WITHOUT_7C8A4742C4AB and not is_writable_pte(old_spte):
        return False
    new_spte = old_spte & ~PT_WRITABLE_MASK & ~shadow_mmu_writable_mask
    if new_spte == old_spte:
        return False
    with flush_owed(gfn):
        tdp_mmu_set_spte(m, gfn, old_spte, new_spte)
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


@pure
def dirty_bit() -> Spte:
    """The bit by which KVM re-arms an SPTE: D with PML, else W. Nested guests: see roots.py."""
    return shadow_dirty_mask if method == PML else PT_WRITABLE_MASK


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range")
def clear_dirty_gfn_range(m: Kvm, gfn: Gfn) -> bool:
    """Clear Dirty for PML, mmu_lock held for read; gives whether anything changed."""
    dbit = dirty_bit()
    while True:
        old_spte = READ_ONCE(m.spte[gfn])
        if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
            return False
        if tdp_mmu_set_spte_atomic(m, gfn, old_spte, old_spte & ~dbit):
            return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked")
def clear_dirty_pt_masked(m: Kvm, gfn: Gfn) -> None:
    """Re-arm a page that has been harvested, mmu_lock held for write: clear D (PML) or W."""
    dbit = dirty_bit()
    old_spte = READ_ONCE(m.spte[gfn])
    if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
        return
    if kernel >= V6_4:
        old_spte = tdp_mmu_clear_spte_bits(m, gfn, old_spte, dbit)
        with tag_owed(gfn, when=lambda: kernel < V6_13):
            kvm_set_pfn_dirty(m, gfn)
    else:
        tdp_mmu_set_spte(m, gfn, old_spte, old_spte & ~dbit)


@pure
def asks_whether_present(old_spte: Spte) -> bool:
    """Does the variant tell that it is no SPTE of a page that is overwritten?"""
    return variant == Variant.OLD_SPTE_PRESENT and not is_shadow_present_pte(old_spte)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level")
def tdp_mmu_map_handle_target_level(m: Kvm, cpu: Vcpu, gfn: Gfn, write: bool) -> bool:
    """Install a leaf SPTE for a fault, mmu_lock held for read; writable, unless write-tracked.

    make_spte() marks the page in the dirty log before the SPTE is there (since v5.16). The slot is
    the one that the fault looked up when it began. Gives False (RET_PF_RETRY) if the SPTE has
    changed meanwhile: the guest runs into the fault again.
    """
    old_spte = READ_ONCE(m.spte[gfn])
    if kernel >= V6_13 and is_shadow_present_pte(old_spte) and is_access_allowed(old_spte, write):
        return True
    new_spte = make_spte(old_spte)
    tracked = False
    # make_spte() does not ask where a writable SPTE is overwritten: see M3.
    if not is_writable_pte(old_spte) or asks_whether_present(old_spte):
        tracked = READ_ONCE(m.write_tracked[gfn])
    if tracked:
        new_spte = new_spte & ~PT_WRITABLE_MASK & ~shadow_mmu_writable_mask & ~shadow_dirty_mask
    elif READ_ONCE(m.fault_slot[cpu]) == FaultSlot.LOGGED:
        set_bit(m.dirty_bitmap[gfn])
    return tdp_mmu_set_spte_atomic(m, gfn, old_spte, new_spte)
