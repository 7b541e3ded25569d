"""What each clause of the rule, and each order of two steps, is there for."""

from kvmspec.constants import METHODS, NO_AD, PML, V5_18, V5_19, V6_4, V6_15, WP, Rule, Variant
from kvmspec.invariants import (
    dirty_implies_logged,
    mmio_is_whole,
    no_mmio_where_memory_is,
    one_translation,
    unlinked_table_is_empty,
    writable_in_guest_implies_flushed,
)
from kvmspec.scenarios import (
    age_and_log_twice,
    log_after_session,
    log_and_kick,
    log_over_mmio,
    log_twice_and_kick,
    memslot_for_mmio,
    split,
    zap_and_kick,
    zap_and_map,
    zap_both_levels,
)
from kvmtla import Claim, holds, violated

CONDITIONAL = {"kernel": V6_4, "variant": Variant.WITHOUT_B64D740EA7DD}
GET = "virt/kvm/kvm_main.c, comment above kvm_get_dirty_log_protect()"

CLAIMS = [
    Claim(
        "R1",
        "volatile_rule",
        quote="Always atomically update spte if it can be updated out of mmu-lock, it can ensure "
        "dirty bit is not lost, also, it can help us to get a stable is_writable_pte() to ensure "
        "tlb flush is not missed.",
        source="arch/x86/kvm/mmu/spte.c:spte_has_volatile_bits(), comment, until v6.14",
        scenario=age_and_log_twice,
        expect=[
            holds(
                dirty_implies_logged,
                method=[PML, WP],
                rule=[Rule.KERNEL, Rule.V6_15, Rule.EVERY_MMU_WRITABLE, Rule.NOT_CPU_ACCESSED],
                **CONDITIONAL,
            ),
            violated(dirty_implies_logged, method=WP, rule=Rule.NOT_FAST_PAGE_FAULT, **CONDITIONAL),
            holds(dirty_implies_logged, method=PML, rule=Rule.NOT_FAST_PAGE_FAULT, **CONDITIONAL),
            violated(dirty_implies_logged, method=PML, rule=Rule.NOT_CPU_DIRTY, **CONDITIONAL),
            holds(dirty_implies_logged, method=WP, rule=Rule.NOT_CPU_DIRTY, **CONDITIONAL),
        ],
        note="With the atomic AND of v6.4, and a flush on enable only if an SPTE changed: where "
        "the flush is unconditional, enabling hides whatever the rule gets wrong.",
    ),
    Claim(
        "R2",
        "volatile_rule_hidden",
        quote="Unconditionally flush the TLBs after enabling dirty logging.  A flush is almost "
        "always going to be necessary (see below), and unconditionally flushing allows the helpers "
        "to omit the subtly complex checks when removing write access.",
        source="arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags(), comment, since v6.0",
        scenario=age_and_log_twice,
        expect=[
            holds(
                dirty_implies_logged,
                kernel=V6_4,
                method=METHODS,
                rule=[Rule.NOT_FAST_PAGE_FAULT, Rule.NOT_CPU_DIRTY],
            ),
            holds(
                dirty_implies_logged,
                kernel=V5_19,
                method=METHODS,
                variant=Variant.WITH_B64D740EA7DD,
            ),
        ],
        note="With this flush, user space misses no page even by a wrong rule, nor by v5.19's "
        "exchange of a stale value.",
    ),
    Claim(
        "O1",
        "harvest_then_clear",
        quote="So, to avoid losing track of dirty pages we keep the following order: 1. Take a "
        "snapshot of the bit and clear it if needed. 2. Write protect the corresponding page.",
        source=GET,
        scenario=log_after_session,
        expect=[
            holds(dirty_implies_logged, kernel=V6_15, method=METHODS),
            violated(
                dirty_implies_logged,
                kernel=V6_15,
                method=METHODS,
                variant=Variant.HARVEST_LAST,
            ),
        ],
        note="The other way round, a write between the two sets a bit that is then taken away.",
    ),
    Claim(
        "O2",
        "flush_before_return",
        quote="step 4 ensures that writes done after exiting to userspace will be logged for the "
        "next call",
        source=GET,
        scenario=log_after_session,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V6_15,
                method=METHODS,
                variant=Variant.FLUSH_LAST,
            ),
        ],
        note="With the flush after the return to user space, a write by a stale translation comes "
        "after the copy.",
    ),
    Claim(
        "O3",
        "cmpxchg_then_mark",
        quote="Then, we can ensure the dirty bitmaps is correctly set for a gfn.",
        source="Documentation/virt/kvm/locking.rst, Fast page fault",
        scenario=log_after_session,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V6_15,
                method=[WP, NO_AD],
                variant=Variant.MARK_FIRST,
            ),
        ],
        note="A fast page fault that marked the page before it sets W could lose the mark to a GET "
        "in between, which finds W clear and has nothing to re-arm.",
    ),
    Claim(
        "O4",
        "pml_on_then_clear_dirty",
        quote="Update CPU dirty logging if dirty logging is being toggled.  This applies to all "
        "operations.",
        source="arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags(), comment",
        scenario=log_after_session,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V6_15,
                method=PML,
                variant=Variant.PML_LAST,
            ),
        ],
        note="Were D cleared before PML is on, a CPU could set it again without logging.",
    ),
    Claim(
        "M1",
        "mmio_generation",
        quote="If KVM is unlucky and creates an MMIO spte while an update is in-progress, the next "
        "access to the spte will always be a cache miss.",
        source="Documentation/virt/kvm/x86/mmu.rst, Fast invalidation of MMIO sptes",
        scenario=memslot_for_mmio,
        expect=[
            holds(no_mmio_where_memory_is, kernel=[V5_19, V6_15], method=PML),
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
            holds(mmio_is_whole, kernel=[V5_19, V6_15], method=WP),
            holds(dirty_implies_logged, kernel=V6_15, method=[PML, WP]),
            violated(mmio_is_whole, kernel=V6_15, method=WP, variant=Variant.MMIO_IS_PRESENT),
        ],
        note="Nothing but that bit keeps write protection off them: in an MMIO SPTE, W is set.",
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
        note="Two vCPUs: one faults and maps a new page table, the other still uses the old one.",
    ),
    Claim(
        "T2",
        "removed_children",
        quote="If the SPTE was already marked as removed then another thread handling a page fault "
        "could overwrite it, so set the SPTE until it is set from some other value to the removed "
        "SPTE value.",
        source="arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt(), comment",
        scenario=zap_both_levels,
        expect=[
            holds(unlinked_table_is_empty, kernel=[V5_18, V6_4], method=PML),
            violated(
                unlinked_table_is_empty, kernel=V6_4, method=PML, variant=Variant.REMOVED_ONCE
            ),
        ],
        note="The other thread is one that zaps a huge page one level below; here the level below "
        "is always 4 KiB.",
    ),
    Claim(
        "T3",
        "split_without_flush",
        quote="Since the split SPTEs retain the write and dirty bits of the huge SPTE, it is safe "
        "for KVM to decide if a TLB flush is necessary based on the split SPTEs.",
        source="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_try_split_huge_pages(), comment",
        scenario=split,
        expect=[
            holds(dirty_implies_logged, kernel=[V5_19, V6_4], method=[PML, WP]),
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
