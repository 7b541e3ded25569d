"""What changes only while somebody holds mmu_lock, and what is done before it is dropped."""

from kvmspec.claims import COMMIT
from kvmspec.commits.c226d9b8f1688 import shadow_and_emulate
from kvmspec.constants import PML, V5_18, V6_4, V6_13, V6_15, WP
from kvmspec.machine import Gfn, Kvm, PageTable, Place, Vcpu
from kvmspec.scenarios import (
    age_and_flush,
    change_pte,
    log_by_clear,
    log_nested,
    recover_in_use,
    shadow_over_mmio,
    split,
    zap_in_all_roots,
    zap_table_and_yield,
)
from kvmspec.spte import Spte, is_accessed_spte
from kvmtla import (
    Claim,
    held_for_read,
    held_for_write,
    holds,
    invariant,
    pure,
    step_invariant,
)


@pure
def loses_nothing(before: Spte, after: Spte) -> bool:
    """Does it map what it mapped, and are W, D and A still set that were?"""
    return (
        after.present == before.present
        and after.mmu_writable == before.mmu_writable
        and (after.writable or not before.writable)
        and (after.dirty or not before.dirty)
        and (after.accessed or not before.accessed)
    )


@step_invariant
def only_set_out_of_mmu_lock(before: Kvm, after: Kvm) -> bool:
    """Where nobody holds mmu_lock, W, D and A of an SPTE, at whichever level, are set at most.

    By CPUs, and by a fast page fault. Meant of aging until v6.14, and of all else in all kernels.
    """
    return (
        held_for_write(before.mmu_lock)
        or held_for_read(before.mmu_lock)
        or (
            all(loses_nothing(before.spte[gfn], after.spte[gfn]) for gfn in Gfn)
            and all(loses_nothing(before.table[t], after.table[t]) for t in PageTable)
            and loses_nothing(before.upper.spte, after.upper.spte)
            and after.upper.child == before.upper.child
        )
    )


@step_invariant
def harvested_under_mmu_lock(before: Kvm, after: Kvm) -> bool:
    """A page leaves the dirty bitmap of a slot that logs while mmu_lock is held for write.

    KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG take mmu_lock around both, what they do to the bitmap
    and to SPTEs: so no fault is between marking a page and mapping it, as make_spte() has it. Meant
    of bitmaps in all kernels, and not of dirty rings.
    """
    return all(
        held_for_write(before.mmu_lock)
        for gfn in Gfn
        if before.dirty_bitmap[gfn]
        and not after.dirty_bitmap[gfn]
        and before.slot_logs
        and after.slot_logs
    )


@step_invariant
def tracked_under_mmu_lock(before: Kvm, after: Kvm) -> bool:
    """What says that KVM shadows a page table changes while mmu_lock is held for write.

    The page's gfn_write_track, as __kvm_write_track_add_gfn() asserts, and indirect_shadow_pages,
    which account_shadowed() increments plainly. Meant for all kernels.
    """
    tracked = all(
        held_for_write(before.mmu_lock)
        for gfn in Gfn
        if after.write_tracked[gfn] and not before.write_tracked[gfn]
    )
    counted = all(
        held_for_write(before.mmu_lock)
        for cpu in Vcpu
        if after.store_buffer[cpu] == Place.INDIRECT_SHADOW_PAGES
        and before.store_buffer[cpu] != Place.INDIRECT_SHADOW_PAGES
    )
    return tracked and counted


@invariant
def table_is_forgotten_before_unlock(m: Kvm) -> bool:
    """While a CPU knows of a page table that has been unlinked, somebody holds mmu_lock.

    As `flushed_before_unlock` has it of pages: who takes mmu_lock next may count on it that no CPU
    uses what is not linked. Meant for all kernels, as far as one task at a time unlinks tables.
    """
    return all(
        held_for_write(m.mmu_lock) or held_for_read(m.mmu_lock)
        for cpu in Vcpu
        for t in PageTable
        if m.unlinked[t] and m.walk_cache[cpu] == t
    )


@invariant
def aged_page_is_flushed_before_unlock(m: Kvm) -> bool:
    """A CPU that has a translation of a page: the page counts as accessed, or mmu_lock is held.

    So whoever takes mmu_lock next finds no page in use that counts as not used. Meant of
    clear_flush_young until v6.12: kvm_handle_hva_range() flushes before it drops mmu_lock.
    """
    return all(
        is_accessed_spte(m.spte[gfn]) or held_for_write(m.mmu_lock)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


_SOURCE = "this specification: what the code does under mmu_lock"

CLAIMS = [
    *(
        Claim(
            "P6",
            f"{scenario.name}_under_mmu_lock",
            quote="KVM _sets_ the WRITABLE bit out of mmu_lock, but never _clears_ the bit out of "
            "mmu_lock",
            source="706c9c55e5a3 (\"KVM: x86/mmu: Don't treat fully writable SPTEs as volatile "
            '(modulo A/D)")',
            scenario=scenario,
            expect=[holds(only_set_out_of_mmu_lock, kernel=kernel, method=methods)],
            note="Of all bits that a CPU or a fast page fault may set; and nothing is mapped or "
            "unmapped there. Of aging, only what flushes is among these: see K1 for the other.",
        )
        for scenario, kernel, methods in (
            (split, V6_15, [PML, WP]),
            (recover_in_use, V6_13, [PML]),
            (log_nested, V6_4, [PML]),
            (zap_in_all_roots, V6_15, [PML]),
            (zap_table_and_yield, V6_15, [PML]),
            (age_and_flush, V6_4, [PML]),
            (change_pte, V5_18, [PML]),
        )
    ),
    *(
        Claim(
            "P6",
            f"{scenario.name}_harvested_under_mmu_lock",
            quote="What the dirty bitmap had is taken, and SPTEs are re-armed, under one mmu_lock.",
            source=_SOURCE,
            scenario=scenario,
            expect=[holds(harvested_under_mmu_lock, kernel=kernel, method=method)],
        )
        for scenario, kernel, method in (
            (split, V6_15, WP),
            (log_nested, V6_4, PML),
            (log_by_clear, V6_15, PML),
        )
    ),
    *(
        Claim(
            "P6",
            f"{scenario.name}_tracked_under_mmu_lock",
            quote="lockdep_assert_held_write(&kvm->mmu_lock)",
            source="arch/x86/kvm/mmu/page_track.c:__kvm_write_track_add_gfn(), since v6.6",
            scenario=scenario,
            expect=[holds(tracked_under_mmu_lock, kernel=V6_15, method=WP)],
            note="Who shadows a page table says so, and takes write access away, under one "
            "mmu_lock.",
        )
        for scenario in (shadow_over_mmio, shadow_and_emulate)
    ),
    Claim(
        "P6",
        "table_is_forgotten_before_unlock",
        quote="When yielding in the TDP MMU iterator, service any pending TLB flush before "
        "dropping RCU protections",
        source='bd29677952fa ("KVM: x86/mmu: Do remote TLB flush before dropping RCU in TDP MMU '
        'resched")',
        scenario=zap_table_and_yield,
        expect=[holds(table_is_forgotten_before_unlock, kernel=V6_15, method=PML)],
        note="And before mmu_lock is dropped, which comes in between.",
    ),
    Claim(
        "P6",
        "aged_page_is_flushed_before_unlock",
        quote="KVM doesn't do a TLB flush when aging SPTEs, i.e. the Accessed bit may be dropped "
        "anyways.",
        source=COMMIT,
        scenario=age_and_flush,
        expect=[holds(aged_page_is_flushed_before_unlock, kernel=V6_4, method=PML)],
        note="As C8 has it of clear_flush_young, which did flush until v6.12: before mmu_lock was "
        "dropped.",
    ),
]
