"""What each clause of the rule, and each order of two steps, is there for."""

from kvmspec.constants import METHODS, NO_AD, PML, V5_19, V6_4, V6_15, WP, Rule, Variant
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import age_and_log_twice, log_after_session
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
]
