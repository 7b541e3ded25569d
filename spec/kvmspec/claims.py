"""The sentences of commit ba3a6120a4e7 (v5.19) as claims: C1 to C11."""

from kvmspec.constants import (
    METHODS,
    NO_AD,
    PML,
    V5_18,
    V5_19,
    V6_0,
    V6_4,
    V6_13,
    V6_15,
    WP,
    Kernel,
    Rule,
    Variant,
)
from kvmspec.invariants import (
    accessed_above,
    clean_stays_clean,
    dirty_always_set,
    dirty_implies_logged,
    dirty_is_set_by_cpu,
    page_tagged,
    page_tagged_by_walk,
    unlinked_once,
    used_implies_accessed,
    writable_as_seen,
    writable_implies_flushed,
    writable_implies_flushed_w,
)
from kvmspec.scenarios import (
    age,
    age_and_flush,
    age_and_log,
    age_and_log_twice,
    log_by_clear,
    log_by_rings,
    write_back,
    write_back_trusting,
    zap,
    zap_and_fault,
    zap_clean,
    zap_clean_and_fault,
    zap_twice,
)
from kvmtla import Claim, holds, violated

COMMIT = 'ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to write TDP MMU SPTEs with volatile bits")'
ALL = list(Kernel)
SINCE_V5_19 = [V5_19, V6_0, V6_4, V6_13, V6_15]
SINCE_V6_0 = [V6_0, V6_4, V6_13, V6_15]
SINCE_V6_4 = [V6_4, V6_13, V6_15]
UNTIL_V6_4 = [V5_18, V5_19, V6_0, V6_4]
# Where what is done to an SPTE is the same from one to the next: the ends, or one of each kind.
ENDS = [V5_18, V5_19, V6_15]
REARMS = [V5_18, V5_19, V6_4, V6_15]

CLAIMS = [
    Claim(
        "C1",
        "clobbered_dirty_zap",
        quote="KVM can clobber the Accessed/Dirty bits and not properly tag the backing page",
        source=COMMIT,
        scenario=zap,
        expect=[
            violated(page_tagged, kernel=V5_18, method=PML),
            holds(page_tagged, kernel=SINCE_V5_19, method=PML),
        ],
        note="Starts from W=1 D=0, as an earlier session of dirty logging with PML leaves it. "
        "With write protection D stays set, and there is nothing to clobber. From v6.13 on it "
        "holds because the page is tagged when it is mapped.",
    ),
    Claim(
        "C2",
        "clobbered_writable_zap",
        quote="the CPU can cache the translation as WRITABLE in the TLB despite it being seen by "
        "KVM as !WRITABLE",
        source=COMMIT,
        scenario=zap_and_fault,
        expect=[
            violated(writable_as_seen, kernel=V5_18, method=[WP, NO_AD]),
            holds(writable_as_seen, kernel=SINCE_V5_19, method=[WP, NO_AD]),
            holds(writable_implies_flushed_w, kernel=ALL, method=WP),
            holds(writable_implies_flushed_w, kernel=[V5_18, V5_19], method=NO_AD),
        ],
        note="What fails in v5.18 is what KVM believes, not the flush: tdp_mmu_zap_leafs() asks "
        "for one for each SPTE that it finds present, W or not, and its callers flush before they "
        "drop mmu_lock. That is so in all six kernels, and the same in v5.18 as in v5.19. With "
        "PML, W of a 4 KiB SPTE is never clear, so there is nothing to be seen as !WRITABLE.",
    ),
    Claim(
        "C2",
        "clobbered_writable_in_place",
        quote="the CPU can cache the translation as WRITABLE in the TLB despite it being seen by "
        "KVM as !WRITABLE",
        source=COMMIT,
        scenario=age,
        expect=[
            violated(writable_implies_flushed_w, kernel=[V5_18, V5_19, V6_0], method=WP),
            holds(writable_implies_flushed_w, kernel=SINCE_V6_4, method=WP),
            holds(writable_implies_flushed, kernel=ENDS, method=WP),
        ],
        note="The same where the SPTE stays present: it is aged. The exchange returns the true old "
        "value, but the value that it stores was computed from the stale one, and clears W again; "
        "the atomic AND of v6.4 (7ee131e3a3c3) clears A and nothing else.",
    ),
    Claim(
        "C2",
        "writable_cleared_by_aging",
        quote="the CPU can cache the translation as WRITABLE in the TLB despite it being seen by "
        "KVM as !WRITABLE",
        source=COMMIT,
        scenario=age,
        expect=[
            violated(writable_implies_flushed_w, kernel=ALL, method=NO_AD),
            holds(writable_implies_flushed, kernel=ENDS, method=NO_AD),
        ],
        note="Without A/D bits this is so by design, in all kernels: mark_spte_for_access_track() "
        "takes R, W and X away, and clear_young does not flush. Who needs to know whether a CPU "
        "may still write goes by MMU_W.",
    ),
    Claim(
        "C3",
        "missed_dirty_page_pml",
        quote="Dropping the Dirty and/or Writable bits is most problematic for dirty logging, as "
        "doing so can result in a missed TLB flush and eventually a missed dirty page.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=PML),
            holds(dirty_implies_logged, kernel=SINCE_V6_0, method=PML),
        ],
        note="The chain survives the commit: the exchange stores the stale value too. It ends with "
        "the unconditional flush (b64d740ea7dd, v6.0), and without that it would end with the "
        "atomic AND (7ee131e3a3c3, v6.4).",
    ),
    Claim(
        "C4",
        "missed_dirty_page_wp",
        quote="clear_dirty_gfn_range() will see the SPTE as not dirty (based on the Dirty or "
        "Writable bit depending on the method) and so not update the SPTE and ultimately not "
        "flush.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=WP),
            holds(dirty_implies_logged, kernel=SINCE_V6_0, method=WP),
        ],
        note="The same where W is the logging bit: a fast page fault sets it between the read and "
        "the write of an aging. No Dirty bit takes part. The function is then wrprot_gfn_range().",
    ),
    Claim(
        "C4",
        "missed_dirty_page_no_ad",
        quote="clear_dirty_gfn_range() will see the SPTE as not dirty (based on the Dirty or "
        "Writable bit depending on the method) and so not update the SPTE and ultimately not "
        "flush.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=NO_AD),
            holds(dirty_implies_logged, kernel=SINCE_V6_0, method=NO_AD),
        ],
        note="Without A/D bits it takes no race: aging clears W and does not flush, and "
        "wrprot_gfn_range() finds nothing to do. That is what b64d740ea7dd (v6.0) is about.",
    ),
    Claim(
        "C5",
        "harvest_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=age_and_log,
        expect=[
            holds(dirty_implies_logged, kernel=ALL, method=[PML, WP]),
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=NO_AD),
            holds(dirty_implies_logged, kernel=SINCE_V6_0, method=NO_AD),
        ],
        note="Through GET_DIRTY_LOG instead of the enabling of dirty logging nothing is lost, with "
        "plain writes either: kvm_get_dirty_log_protect() flushes if it found a page in the "
        "bitmap, whatever the SPTEs say. Without A/D bits, pages are missed in v5.18 and v5.19, "
        "but not by harvesting: logging has to be enabled first, and enabling finds the SPTE "
        "access-tracked (W=0) and does not flush (kvm_mmu_slot_remove_write_access(), until v5.19; "
        "b64d740ea7dd).",
    ),
    Claim(
        "C5",
        "harvest_by_clear_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=log_by_clear,
        expect=[
            holds(dirty_implies_logged, kernel=REARMS, method=[PML, WP]),
            holds(dirty_implies_logged, kernel=[V6_0, V6_4, V6_15], method=NO_AD),
        ],
        note="As above, where user space has manual protection (KVM_CLEAR_DIRTY_LOG). Pages are "
        "re-armed by the same function, so of each way of doing so one kernel is shown.",
    ),
    Claim(
        "C5",
        "harvest_by_rings_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=log_by_rings,
        expect=[
            holds(dirty_implies_logged, kernel=REARMS, method=[PML, WP]),
            holds(dirty_implies_logged, kernel=[V6_0, V6_4, V6_15], method=NO_AD),
        ],
        note="As above, where user space has dirty rings; their size and wrapping are left out.",
    ),
    Claim(
        "C6",
        "nonleaf_is_exempt",
        quote="Exempt non-leaf SPTEs from atomic updates as KVM itself doesn't modify non-leaf "
        "SPTEs without holding mmu_lock, they do not have Dirty bits, and KVM doesn't consume the "
        "Accessed bit of non-leaf SPTEs.",
        source=COMMIT,
        scenario=zap_twice,
        expect=[
            holds(unlinked_once, kernel=V5_19, method=PML),
            violated(unlinked_once, kernel=V5_19, method=PML, variant=Variant.NONLEAF_LOCKLESS),
            violated(page_tagged_by_walk, kernel=V5_18, method=PML),
            holds(page_tagged_by_walk, kernel=[V5_19, V6_4], method=PML),
            violated(page_tagged_by_walk, kernel=V5_19, method=PML, variant=Variant.NONLEAF_DIRTY),
            holds(accessed_above, kernel=V5_19, method=PML),
            violated(
                accessed_above,
                kernel=V5_19,
                method=PML,
                variant=Variant.NONLEAF_ACCESSED,
            ),
        ],
        note="Each of the three reasons is needed: the model without it fails. What fails in "
        "v5.18 is the leaf below: handle_removed_pt() cleared it by a plain write, and lost D. "
        "Zapping by kvm_mmu_zap_collapsible_sptes() ends with v6.12, so v6.13 and v6.15 have no "
        "second zapper.",
    ),
    Claim(
        "C7",
        "file_backed",
        quote="For most (all?) file back memory, dropping the Dirty bit is a non-issue. The "
        "primary MMU write-protects its PTEs on writeback, i.e. KVM's dirty bit is effectively "
        "ignored",
        source=COMMIT,
        scenario=write_back,
        expect=[
            holds(page_tagged, kernel=ALL, method=PML),
            holds(page_tagged, kernel=[V5_18, V5_19, V6_13], method=NO_AD),
        ],
        note="The page is tagged from the time the host maps it for write until it is written "
        "back, and then no CPU can write to it. With A/D bits and write protection, D is always "
        "set, and nothing can be dropped.",
    ),
    Claim(
        "C7",
        "not_write_protected",
        quote="the primary MMU will mark that page dirty when the write-protection is lifted, e.g. "
        "when KVM faults the page back in for write",
        source=COMMIT,
        scenario=write_back_trusting,
        expect=[
            violated(page_tagged, kernel=[V5_18, V6_13, V6_15], method=PML),
            holds(page_tagged, kernel=[V5_19, V6_0, V6_4], method=PML),
            violated(page_tagged, kernel=[V5_18, V6_13], method=NO_AD),
            holds(page_tagged, kernel=V5_19, method=NO_AD),
        ],
        note="What that rests on: without write protection on writeback, which no memory that the "
        "authors know of lacks, KVM's Dirty bit matters in v5.18. Since v6.13 KVM does not tag by "
        "it at all: kvm_mmu_finish_page_fault() tags the page once, when it is mapped, and "
        "handle_changed_spte() does so no more. There, writeback has to write-protect.",
    ),
    Claim(
        "C8",
        "accessed_is_a_hint",
        quote="The Accessed bit is a complete non-issue.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            violated(used_implies_accessed, kernel=ENDS, method=METHODS),
            holds(
                dirty_implies_logged,
                kernel=V6_4,
                method=METHODS,
                rule=Rule.NOT_CPU_ACCESSED,
            ),
        ],
        note="What is lost is the precision of aging alone: no dirty page, with or without the "
        "clause on A in the rule.",
    ),
    Claim(
        "C8",
        "clear_flush_young",
        quote="KVM doesn't do a TLB flush when aging SPTEs, i.e. the Accessed bit may be dropped "
        "anyways.",
        source=COMMIT,
        scenario=age_and_flush,
        expect=[
            holds(used_implies_accessed, kernel=UNTIL_V6_4, method=PML),
            violated(used_implies_accessed, kernel=[V6_13, V6_15], method=PML),
            holds(used_implies_accessed, kernel=[V5_18, V6_4], method=[WP, NO_AD]),
            violated(used_implies_accessed, kernel=V6_13, method=[WP, NO_AD]),
        ],
        note="True of clear_young; clear_flush_young did flush until v6.12, and lost nothing.",
    ),
    Claim(
        "C9",
        "dirty_is_volatile_iff",
        quote="KVM (correctly) treats the Dirty bit as volatile iff the SPTE is !DIRTY && WRITABLE",
        source=COMMIT,
        scenario=zap_clean,
        expect=[holds(dirty_is_set_by_cpu, kernel=ALL, method=PML)],
        note="As a lemma on what happens to an SPTE: nobody but the CPU sets D, and only where W "
        "is. It says the same of all CPUs with A/D bits. What KVM makes of it: see C10.",
    ),
    Claim(
        "C10",
        "fixed_out_of_mmu_lock",
        quote="If KVM fixes an MMU-writable, but !WRITABLE, SPTE out of mmu_lock, then it can "
        "allow the CPU to set the Dirty bit despite the SPTE being !WRITABLE when it is checked by "
        "KVM.",
        source=COMMIT,
        scenario=zap_clean_and_fault,
        expect=[
            violated(clean_stays_clean, kernel=ALL, method=PML),
            violated(page_tagged, kernel=V5_18, method=[PML, NO_AD]),
            holds(page_tagged, kernel=SINCE_V5_19, method=PML),
            holds(page_tagged, kernel=[V5_19, V6_4], method=NO_AD),
        ],
        note="What gets lost in v5.18 is the tag. With A/D bits that takes an SPTE with D and W "
        "clear: a huge page, since kvm_mmu_slot_apply_flags() clears D in all SPTEs and W in huge "
        "ones (in all kernels). With write protection, D is set and stays set. Without A/D bits, W "
        "stands for D (is_dirty_spte(), until v6.12).",
    ),
    Claim(
        "C11",
        "depends_on_dirty",
        quote="But that all depends on the Dirty bit being problematic in the first place.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            holds(dirty_always_set, kernel=ALL, method=WP),
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=WP),
        ],
        note="Refuted as far as dirty logging goes: where W is the logging bit, a dirty page is "
        "missed in v5.18 and v5.19 although D is always set. Since v6.0 none is missed, and where "
        "there is no Dirty bit at all one is missed, too: see C4.",
    ),
]
