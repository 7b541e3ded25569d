"""What other mechanisms are there for: MMIO, page tables, huge pages, the remote flush."""

from kvmspec.constants import PML, V5_18, V5_19, V6_4, V6_15, WP, Kernel, Variant
from kvmspec.invariants import (
    dirty_implies_logged,
    mmio_is_whole,
    no_mmio_where_memory_is,
    one_translation,
    shadowed_page_is_protected,
    unlinked_table_is_empty,
    writable_in_guest_implies_flushed,
)
from kvmspec.scenarios import (
    log_and_kick,
    log_over_mmio,
    log_twice_and_kick,
    memslot_for_mmio,
    shadow_over_mmio,
    split,
    zap_and_kick,
    zap_and_map,
    zap_both_levels,
)
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "M1",
        "mmio_generation",
        quote="If KVM is unlucky and creates an MMIO spte while an update is in-progress, the next "
        "access to the spte will always be a cache miss.",
        source="Documentation/virt/kvm/x86/mmu.rst, Fast invalidation of MMIO sptes",
        scenario=memslot_for_mmio,
        expect=[
            holds(no_mmio_where_memory_is, kernel=[V5_18, V6_15], method=PML),
            violated(
                no_mmio_where_memory_is,
                kernel=V6_15,
                method=PML,
                variant=Variant.GENERATION_ONCE,
            ),
        ],
        note="With a generation that changes once, before the grace period, a fault that found no "
        "slot makes an MMIO SPTE that looks new.",
    ),
    Claim(
        "M2",
        "mmio_is_not_present",
        quote="MMIO SPTEs are not considered present.",
        source="arch/x86/kvm/mmu/spte.h, comment above SPTE_MMU_PRESENT_MASK",
        scenario=log_over_mmio,
        expect=[
            holds(mmio_is_whole, kernel=[V5_18, V6_15], method=WP),
            holds(dirty_implies_logged, kernel=V6_15, method=[PML, WP]),
            violated(mmio_is_whole, kernel=V6_15, method=WP, variant=Variant.MMIO_IS_PRESENT),
        ],
        note="Nothing but that bit keeps write protection off them: in an MMIO SPTE, W is set.",
    ),
    Claim(
        "M3",
        "mmio_is_no_writable_spte",
        quote="When overwriting an existing leaf SPTE, and the old SPTE was writable, skip trying "
        "to unsync shadow pages as any relevant shadow pages must already be unsync",
        source="arch/x86/kvm/mmu/spte.c:make_spte(), comment",
        scenario=shadow_over_mmio,
        expect=[
            violated(shadowed_page_is_protected, kernel=list(Kernel), method=WP),
            holds(
                shadowed_page_is_protected,
                kernel=V6_15,
                method=WP,
                variant=Variant.OLD_SPTE_PRESENT,
            ),
        ],
        note="The code asks whether W is set in the old SPTE, not whether that is present. In an "
        "MMIO SPTE that is out of date W is set as well, so that a page table that KVM shadows is "
        "mapped writable. page_fault_handle_page_track() lets the fault pass, since it has "
        "PFERR_RSVD. In the kernel it takes a second root to get there, as whoever has written the "
        "page table has it mapped; the model begins with the MMIO SPTE and the page table.",
    ),
    Claim(
        "T1",
        "removed_until_flushed",
        quote="Freeze the SPTE by setting it to a special, non-present value. This will stop other "
        "threads from immediately installing a present entry in its place before the TLBs are "
        "flushed.",
        source="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_spte_atomic(), comment, until v6.12",
        scenario=zap_and_map,
        expect=[
            holds(one_translation, kernel=[V5_18, V6_4], method=PML),
            violated(one_translation, kernel=V6_4, method=PML, variant=Variant.NOT_REMOVED),
        ],
        note="Two vCPUs: one faults and maps a new page table, the other still uses the old one. "
        "v6.13 has no such zap any more.",
    ),
    Claim(
        "T2",
        "removed_children",
        quote="If the SPTE was already marked as removed then another thread handling a page fault "
        "could overwrite it, so set the SPTE until it is set from some other value to the removed "
        "SPTE value.",
        source="arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt(), comment, until v6.10",
        scenario=zap_both_levels,
        expect=[
            holds(unlinked_table_is_empty, kernel=[V5_18, V6_4], method=PML),
            violated(
                unlinked_table_is_empty, kernel=V6_4, method=PML, variant=Variant.REMOVED_ONCE
            ),
        ],
        note="The other thread is one that zaps a huge page one level below; here the level below "
        "is always 4 KiB. From v6.13 on, nobody zaps that way.",
    ),
    Claim(
        "T3",
        "split_without_flush",
        quote="Since the split SPTEs retain the write and dirty bits of the huge SPTE, it is safe "
        "for KVM to decide if a TLB flush is necessary based on the split SPTEs.",
        source="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_try_split_huge_pages(), comment",
        scenario=split,
        expect=[
            holds(dirty_implies_logged, kernel=[V5_19, V6_4, V6_15], method=[PML, WP]),
            violated(
                dirty_implies_logged,
                kernel=V5_19,
                method=[PML, WP],
                variant=Variant.SPLIT_FORGETS,
            ),
        ],
        note="KVM decided so until v5.19. With eager_page_split or without: then the first write "
        "fault zaps the huge page (until v6.2) or splits it.",
    ),
    Claim(
        "F1",
        "flush_in_steps",
        quote="We want to publish modifications to the page tables before reading mode.",
        source="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment",
        scenario=log_twice_and_kick,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V5_19,
                method=[PML, WP],
                variant=Variant.FLUSH_IN_STEPS,
            ),
            holds(
                dirty_implies_logged,
                kernel=V6_15,
                method=[PML, WP],
                variant=Variant.FLUSH_IN_STEPS,
            ),
        ],
        note="The flush as a request, a kick and a wait; the verdicts are those of C3 and C4, "
        "where it is one step.",
    ),
    Claim(
        "F1",
        "zap_flush_in_steps",
        quote="We want to publish modifications to the page tables before reading mode.",
        source="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment",
        scenario=zap_and_kick,
        expect=[
            holds(
                writable_in_guest_implies_flushed,
                kernel=V6_15,
                method=WP,
                variant=Variant.FLUSH_IN_STEPS,
            ),
            violated(
                writable_in_guest_implies_flushed,
                kernel=V6_15,
                method=WP,
                variant=Variant.FLUSH_WITHOUT_WAIT,
            ),
        ],
        note="The same for a zap, whose flush ends before mmu_lock is dropped.",
    ),
    Claim(
        "F2",
        "mode_then_requests",
        quote="With the memory barriers we can exclude the possibility of a VCPU thread observing "
        "!kvm_request_pending() on its last check and then not receiving an IPI for the next "
        "request made of it, even if the request is made immediately after the check.",
        source="Documentation/virt/kvm/vcpu-requests.rst, Ensuring Requests Are Seen",
        scenario=log_and_kick,
        expect=[
            holds(dirty_implies_logged, kernel=V6_15, method=WP, variant=Variant.FLUSH_IN_STEPS),
            violated(
                dirty_implies_logged,
                kernel=V6_15,
                method=WP,
                variant=[Variant.FLUSH_WITHOUT_WAIT, Variant.MODE_AFTER_CHECK],
            ),
        ],
        note="Neither the order of mode and requests, nor the wait for the IPI, can be left out. "
        "The barriers are there by the memory model.",
    ),
]
