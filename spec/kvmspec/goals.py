"""What has to be possible: without it, much would hold because nothing gets anywhere.

Invariants are about what goes wrong. A fast page fault that fixes nothing, a harvest that reports
nothing, or an aging that ages nothing does no wrong, and breaks none of them.
"""

from kvmspec.constants import NO_AD, PML, V5_19, V6_4, V6_13, V6_15, WP, Variant
from kvmspec.invariants import writable_implies_flushed_by_walk
from kvmspec.machine import (
    FaultSlot,
    Gfn,
    Kvm,
    PageTable,
    Vcpu,
    emulating_mmio,
    flush_owed,
    harvesting,
    marking,
    relies_on_log,
)
from kvmspec.scenarios import (
    age_and_log,
    age_and_log_twice,
    change_pte,
    log_nested,
    memslot_for_mmio,
    recover,
    shadow,
    split,
    write_back,
    zap_and_fault,
    zap_and_kick,
    zap_table_and_yield,
    zap_twice,
)
from kvmspec.spte import (
    Spte,
    is_accessed_spte,
    is_mmu_writable_spte,
    is_readable_pte,
    is_writable_pte,
)
from kvmspec.walks import is_leaf, points_to_table
from kvmtla import Claim, holds, pure, reachable, reached


@pure
def is_rearmed(spte: Spte) -> bool:
    """Would KVM see the next write? W is clear for a fast page fault to set, or D for the CPU."""
    return (
        spte.present and is_mmu_writable_spte(spte) and not (is_writable_pte(spte) and spte.dirty)
    )


@reachable
def write_is_harvested(m: Kvm) -> bool:
    """A write that user space has not been told of is on its way there, and out of the bitmap."""
    return any(
        m.unreported[gfn] and harvesting.active(gfn) and not m.dirty_bitmap[gfn] for gfn in Gfn
    )


@reachable
def page_is_rearmed(m: Kvm) -> bool:
    """User space counts on the log; the next write to a page that was written will be seen."""
    return (
        relies_on_log.active()
        and any(m.page_written[gfn] and not m.unreported[gfn] for gfn in Gfn)
        and (
            any(is_rearmed(m.spte[gfn]) for gfn in Gfn)
            or any(is_rearmed(m.table[t]) for t in PageTable if m.upper.child == t)
        )
    )


@reachable
def session_is_over(m: Kvm) -> bool:
    """Nothing logs any more, and SPTEs are still as the session has left them."""
    return not m.slot_logs and not m.pml_enabled and any(is_rearmed(m.spte[gfn]) for gfn in Gfn)


@reachable
def page_is_aged(m: Kvm) -> bool:
    """A page counts as not used."""
    return any(m.spte[gfn].present and not is_accessed_spte(m.spte[gfn]) for gfn in Gfn) or any(
        m.table[t].present and not is_accessed_spte(m.table[t]) for t in PageTable
    )


@reachable
def page_is_gone(m: Kvm) -> bool:
    """Nothing is mapped, no CPU has anything cached, and whoever saw to that is done."""
    return (
        not any(m.spte[gfn].present or flush_owed.active(gfn) for gfn in Gfn)
        and not m.upper.spte.present
        and not any(m.tlb[cpu][gfn].writable for cpu in Vcpu for gfn in Gfn)
    )


@reachable
def page_is_written_back(m: Kvm) -> bool:
    """A page is clean, and nobody can write to it unseen."""
    return any(
        m.host_pte_readonly[gfn] and not m.page_dirty[gfn] and not m.spte[gfn].present
        for gfn in Gfn
    )


@reachable
def host_page_is_readonly(m: Kvm) -> bool:
    """A page that the primary MMU has put there read-only is mapped so, and nobody writes to it."""
    return any(
        m.spte[gfn].present and not m.spte[gfn].host_writable and not is_writable_pte(m.spte[gfn])
        for gfn in Gfn
    ) and not any(m.tlb[cpu][gfn].writable for cpu in Vcpu for gfn in Gfn)


@reachable
def shadowed_page_is_mapped(m: Kvm) -> bool:
    """A page table that KVM shadows is mapped for reading."""
    return any(
        m.write_tracked[gfn] and m.spte[gfn].present and not is_mmu_writable_spte(m.spte[gfn])
        for gfn in Gfn
    )


@reachable
def clean_page_is_aged(m: Kvm) -> bool:
    """A page that a CPU may write to, and has not, counts as not used."""
    return any(
        m.table[t].present
        and is_writable_pte(m.table[t])
        and is_rearmed(m.table[t])
        and not is_accessed_spte(m.table[t])
        for t in PageTable
    )


@reachable
def aged_page_is_read(m: Kvm) -> bool:
    """A page that was aged is read again, in a slot that does not log: R is back, and W is not."""
    return not m.slot_logs and any(
        is_readable_pte(m.spte[gfn]) and not is_writable_pte(m.spte[gfn]) for gfn in Gfn
    )


@reachable
def huge_page_is_fixed(m: Kvm) -> bool:
    """A write fault is handled in a slot that does not log, and the huge page is writable."""
    return (
        is_leaf(m.upper)
        and is_writable_pte(m.upper.spte)
        and any(m.fault_slot[cpu] == FaultSlot.PLAIN for cpu in Vcpu)
    )


@reachable
def huge_page_is_written(m: Kvm) -> bool:
    """A page that is part of a huge one, in a slot that does not log, is written."""
    return (
        is_leaf(m.upper)
        and is_writable_pte(m.upper.spte)
        and not m.slot_logs
        and any(m.tlb[cpu][gfn].dirty for cpu in Vcpu for gfn in Gfn)
    )


@reachable
def small_page_is_written(m: Kvm) -> bool:
    """A page of a page table is written while user space logs, and that is in the bitmap."""
    return (
        m.slot_logs
        and points_to_table(m.upper)
        and any(m.unreported[gfn] and m.dirty_bitmap[gfn] for gfn in Gfn)
        and any(is_writable_pte(m.table[t]) for t in PageTable if m.upper.child == t)
    )


@reachable
def write_is_fixed_without_lock(m: Kvm) -> bool:
    """A fast page fault has given back W, and is about to mark the page in the dirty bitmap."""
    return any(
        marking.active(gfn)
        and (
            is_writable_pte(m.spte[gfn])
            or any(is_writable_pte(m.table[t]) for t in PageTable if m.upper.child == t)
        )
        for gfn in Gfn
    )


@reachable
def page_table_is_freed(m: Kvm) -> bool:
    """RCU has freed a page table."""
    return any(m.freed[t] for t in PageTable)


@reachable
def access_is_emulated(m: Kvm) -> bool:
    """An access where no memory is goes to a device."""
    return any(emulating_mmio.active(cpu) for cpu in Vcpu)


@reachable
def memslots_have_settled(m: Kvm) -> bool:
    """The memslots are of another generation, and no update of them is in progress."""
    return m.slots_generation and not m.slots_update_in_progress


@reachable
def nested_guest_writes(m: Kvm) -> bool:
    """A guest of the guest has written by its own root, and that is in the dirty bitmap."""
    return any(
        m.guest_mode[root] and m.root[cpu] == root and m.root_tlb[cpu][root].dirty
        for cpu in Vcpu
        for root in PageTable
    ) and any(m.unreported[gfn] and m.dirty_bitmap[gfn] for gfn in Gfn)


_SOURCE = "this specification: what a scenario is for"

CLAIMS = [
    Claim(
        "G1",
        "logging_reports",
        quote="User space is told of what the guest writes.",
        source=_SOURCE,
        scenario=age_and_log,
        expect=[
            reached(write_is_harvested, kernel=V6_15, method=PML),
            reached(page_is_rearmed, kernel=V6_15, method=PML),
            reached(page_is_aged, kernel=V6_15, method=NO_AD),
        ],
    ),
    Claim(
        "G1",
        "aging_ages",
        quote="A page counts as not used until it is used again.",
        source=_SOURCE,
        scenario=zap_twice,
        expect=[reached(clean_page_is_aged, kernel=V6_4, method=PML)],
    ),
    Claim(
        "G1",
        "logging_stops",
        quote="Dirty logging can be called off.",
        source=_SOURCE,
        scenario=age_and_log_twice,
        expect=[reached(session_is_over, kernel=V6_15, method=PML)],
    ),
    Claim(
        "G2",
        "zapping_unmaps",
        quote="A page is taken away, and nobody uses it any more.",
        source=_SOURCE,
        scenario=zap_and_fault,
        expect=[reached(page_is_gone, kernel=V6_15, method=WP)],
    ),
    Claim(
        "G3",
        "writeback_cleans",
        quote="A page is written back, and cannot be written to meanwhile.",
        source=_SOURCE,
        scenario=write_back,
        expect=[reached(page_is_written_back, kernel=V5_19, method=PML)],
    ),
    Claim(
        "G4",
        "read_only_page_is_mapped",
        quote="The guest gets the page that the primary MMU has put there.",
        source=_SOURCE,
        scenario=change_pte,
        expect=[reached(host_page_is_readonly, kernel=V5_19, method=PML)],
    ),
    Claim(
        "G5",
        "page_table_is_protected",
        quote="The guest goes on reading a page table that KVM shadows.",
        source=_SOURCE,
        scenario=shadow,
        expect=[reached(shadowed_page_is_mapped, kernel=V6_15, method=WP)],
    ),
    Claim(
        "G6",
        "huge_page_is_split",
        quote="A slot that logs has small pages.",
        source=_SOURCE,
        scenario=split,
        expect=[
            reached(small_page_is_written, kernel=V6_4, method=WP),
            reached(write_is_fixed_without_lock, kernel=V6_4, method=WP),
            reached(huge_page_is_fixed, kernel=V6_4, method=WP),
            holds(writable_implies_flushed_by_walk, kernel=V6_4, method=WP),
        ],
    ),
    Claim(
        "G6",
        "huge_page_is_recovered",
        quote="A slot that does not log any more has huge pages again.",
        source=_SOURCE,
        scenario=recover,
        expect=[reached(huge_page_is_written, kernel=V6_13, method=PML)],
    ),
    Claim(
        "G7",
        "page_table_is_freed",
        quote="A page table that has been unlinked is freed.",
        source=_SOURCE,
        scenario=zap_table_and_yield,
        expect=[reached(page_table_is_freed, kernel=V5_19, method=PML)],
    ),
    Claim(
        "G8",
        "flush_is_waited_for",
        quote="A flush for which vCPUs have to leave the guest comes to its end.",
        source=_SOURCE,
        scenario=zap_and_kick,
        expect=[
            reached(page_is_gone, kernel=V6_15, method=WP, variant=Variant.FLUSH_IN_STEPS),
        ],
    ),
    Claim(
        "G9",
        "device_is_reached",
        quote="An access where there is no memory goes to a device.",
        source=_SOURCE,
        scenario=memslot_for_mmio,
        expect=[
            reached(access_is_emulated, kernel=V6_15, method=PML),
            reached(memslots_have_settled, kernel=V6_15, method=PML),
        ],
    ),
    Claim(
        "G10",
        "nested_guest_is_logged",
        quote="User space is told of what a guest of the guest writes.",
        source=_SOURCE,
        scenario=log_nested,
        expect=[reached(nested_guest_writes, kernel=V6_15, method=PML)],
    ),
]
