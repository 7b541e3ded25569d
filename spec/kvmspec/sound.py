"""What is so at any time, of SPTEs, page tables and vCPUs, and what the rest of KVM goes by."""

from kvmspec.constants import PML, V5_19, V6_4, V6_15, WP, Variant
from kvmspec.machine import FaultSlot, Gfn, Kvm, PageTable, Vcpu, VcpuMode, relies_on_log
from kvmspec.scenarios import age_and_log_twice, split, zap_and_kick, zap_twice
from kvmspec.spte import (
    NOT_PRESENT,
    PT_PAGE_SIZE_MASK,
    Spte,
    is_removed_spte,
    is_writable_pte,
    shadow_mmio_value,
)
from kvmspec.walks import is_leaf, points_to_table
from kvmtla import Claim, holds, invariant, pure, step_invariant


@pure
def is_whole(spte: Spte) -> bool:
    """Is it present, 0, REMOVED, or MMIO of whichever generation?"""
    return (
        spte.present
        or spte == NOT_PRESENT
        or is_removed_spte(spte)
        or spte.but(mmio_generation=False) == shadow_mmio_value
    )


@invariant
def not_present_is_whole(m: Kvm) -> bool:
    """An SPTE that is not present is 0, REMOVED_SPTE or MMIO, as a whole: no other bit is in it.

    is_removed_spte() compares all of it; to whom it is neither, it is free to be mapped. A change
    to anything else __handle_changed_spte() calls unexpected. Meant for all kernels and methods.
    """
    return (
        all(is_whole(m.spte[gfn]) for gfn in Gfn)
        and all(is_whole(m.table[t]) for t in PageTable)
        and is_whole(m.upper.spte)
    )


@invariant
def linked_table_is_not_unlinked(m: Kvm) -> bool:
    """No page table that waits for being freed is linked still.

    A CPU could find its way there after the flush. Meant for all kernels: handle_removed_pt() takes
    apart what "has been removed from the paging structure".
    """
    return not any(m.unlinked[t] and m.upper.child == t for t in PageTable)


@invariant
def linked_table_is_in_use(m: Kvm) -> bool:
    """No page table that is linked could be given to somebody else. Meant for all kernels."""
    return all(m.allocated[t] for t in PageTable if m.upper.child == t)


@invariant
def large_if_huge(m: Kvm) -> bool:
    """PS is set in an SPTE that maps a huge page, and in no other that is present.

    Meant for all kernels. In REMOVED_SPTE it means nothing.
    """
    upper_is_right = m.upper.spte.large == (m.upper.child is None)
    return (upper_is_right or not m.upper.spte.present) and not any(
        m.table[t].present and m.table[t].large for t in PageTable
    )


@invariant
def table_denies_nothing(m: Kvm) -> bool:
    """W is set in an SPTE that points to a page table: what is denied is denied below.

    A CPU needs W at all levels. fast_page_fault() looks at the last one only, since those above
    "are always ACC_ALL", so nobody would ever set it. Meant for all kernels and methods.
    """
    return is_writable_pte(m.upper.spte) or not points_to_table(m.upper)


@step_invariant
def split_maps_the_same(before: Kvm, after: Kvm) -> bool:
    """Where a page table takes the place of a huge page, the page is mapped there as it was.

    With W, D and A as they were: nothing is flushed, and CPUs may use either. Meant for all
    kernels; until v6.2 faults zapped the huge page first, which is two changes.
    """
    return all(
        after.table[t] == before.upper.spte & ~PT_PAGE_SIZE_MASK
        for t in PageTable
        if is_leaf(before.upper) and after.upper.child == t
    )


@invariant
def no_huge_page_is_left(m: Kvm) -> bool:
    """With eager_page_split, no page of a slot that logs is huge once user space relies on that.

    So no vCPU has to split one when it writes, which is what the parameter is there for. The kernel
    gives up where memory is short, the model never. Meant for all kernels and methods.
    """
    return not (relies_on_log.active() and m.eager_page_split and is_leaf(m.upper))


@step_invariant
def request_is_served_outside(before: Kvm, after: Kvm) -> bool:
    """A vCPU serves a request to flush while vcpu->mode is OUTSIDE_GUEST_MODE.

    Who makes requests waits for vCPUs that are IN_GUEST_MODE, or kicks them, and for no others.
    Meant for all kernels.
    """
    return all(
        before.vcpu_mode[cpu] == VcpuMode.OUTSIDE_GUEST_MODE
        for cpu in Vcpu
        if before.tlb_flush_requested[cpu] and not after.tlb_flush_requested[cpu]
    )


@step_invariant
def newest_slot_is_found(before: Kvm, after: Kvm) -> bool:
    """A vCPU that leaves the guest finds the memslot that is there, logged or not.

    Who replaces memslots waits for the vCPUs that have found the old one, and counts on all others
    for finding the new one. Meant for all kernels.
    """
    return all(
        (after.fault_slot[cpu] == FaultSlot.LOGGED) == before.slot_logs
        for cpu in Vcpu
        if before.fault_slot[cpu] == FaultSlot.NONE
        and after.fault_slot[cpu] != FaultSlot.NONE
        and after.fault_slot[cpu] != FaultSlot.NO_SLOT
    )


_SOURCE = "this specification: what the code goes by"

CLAIMS = [
    Claim(
        "P4",
        "tables_are_sound",
        quote="A linked page table is in use, denies nothing, and maps what the huge page did.",
        source=_SOURCE,
        scenario=split,
        expect=[
            holds(linked_table_is_in_use, kernel=V6_15, method=WP),
            holds(large_if_huge, kernel=V6_15, method=WP),
            holds(table_denies_nothing, kernel=V6_15, method=WP),
            holds(split_maps_the_same, kernel=V6_15, method=WP),
        ],
    ),
    Claim(
        "P4",
        "tables_are_taken_apart_whole",
        quote="Of a page table that is taken apart nothing is left, and nobody gets there.",
        source=_SOURCE,
        scenario=zap_twice,
        expect=[
            holds(not_present_is_whole, kernel=V5_19, method=PML),
            holds(linked_table_is_not_unlinked, kernel=V5_19, method=PML),
        ],
    ),
    Claim(
        "P7",
        "huge_pages_are_split_early",
        quote="Eager page splitting reduces interruptions to vCPU execution by eliminating the "
        "write-protection faults and MMU lock contention that would otherwise be required to split "
        "huge pages lazily.",
        source="Documentation/admin-guide/kernel-parameters.txt, kvm.eager_page_split",
        scenario=split,
        expect=[holds(no_huge_page_is_left, kernel=[V6_4, V6_15], method=WP)],
    ),
    Claim(
        "P8",
        "mode_says_where_the_vcpu_is",
        quote="The VCPU thread is outside guest mode",
        source="Documentation/virt/kvm/vcpu-requests.rst, VCPU Mode",
        scenario=zap_and_kick,
        expect=[
            holds(
                request_is_served_outside,
                kernel=V6_15,
                method=WP,
                variant=Variant.FLUSH_IN_STEPS,
            ),
        ],
    ),
    Claim(
        "P8",
        "newest_slot_is_found",
        quote="A vCPU that leaves the guest finds the memslot that is there.",
        source=_SOURCE,
        scenario=age_and_log_twice,
        expect=[holds(newest_slot_is_found, kernel=V6_15, method=PML)],
    ),
]
