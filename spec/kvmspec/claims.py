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
            holds(writable_as_seen, kernel=SINCE_V5_19, method=WP),
            holds(writable_as_seen, kernel=V5_19, method=NO_AD),
            holds(writable_implies_flushed_w, kernel=[V5_18, V5_19], method=[WP, NO_AD]),
        ],
        note="What fails in 5.18 is what KVM believes, not the flush: a zap flushes before it "
        "drops mmu_lock, whatever it found.",
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
            violated(writable_implies_flushed_w, kernel=[V5_18, V6_15], method=NO_AD),
            holds(writable_implies_flushed, kernel=[V5_18, V5_19, V6_15], method=[WP, NO_AD]),
        ],
        note="The same where the SPTE stays present. The exchange returns the true old value, but "
        "the value that it stores was computed from the stale one, and clears W again. Without A/D "
        "bits, aging clears W on purpose, and does not flush.",
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
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=[WP, NO_AD]),
            holds(dirty_implies_logged, kernel=SINCE_V6_0, method=[WP, NO_AD]),
        ],
        note="The same where W is the logging bit: a fast page fault sets it between the read and "
        "the write of an aging. No Dirty bit takes part. The function is then wrprot_gfn_range().",
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
        "plain writes either: the flush depends on the bitmap, not on the SPTE. Without A/D bits "
        "pages are missed all the same, in the way that b64d740ea7dd tells of.",
    ),
    Claim(
        "C5",
        "harvest_by_clear_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=log_by_clear,
        expect=[
            holds(dirty_implies_logged, kernel=[V5_18, V5_19, V6_15], method=[PML, WP]),
            holds(dirty_implies_logged, kernel=[V6_0, V6_15], method=NO_AD),
        ],
        note="As above, where user space has manual protection (KVM_CLEAR_DIRTY_LOG).",
    ),
    Claim(
        "C5",
        "harvest_by_rings_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=log_by_rings,
        expect=[
            holds(dirty_implies_logged, kernel=[V5_18, V5_19, V6_15], method=[PML, WP]),
            holds(dirty_implies_logged, kernel=[V6_0, V6_15], method=NO_AD),
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
            holds(page_tagged_by_walk, kernel=V5_19, method=PML),
            violated(page_tagged_by_walk, kernel=V5_19, method=PML, variant=Variant.NONLEAF_DIRTY),
            holds(accessed_above, kernel=V5_19, method=PML),
            violated(
                accessed_above,
                kernel=V5_19,
                method=PML,
                variant=Variant.NONLEAF_ACCESSED,
            ),
        ],
        note="Each of the three reasons is needed: the model without it fails.",
    ),
    Claim(
        "C7",
        "file_backed",
        quote="For most (all?) file back memory, dropping the Dirty bit is a non-issue. The "
        "primary MMU write-protects its PTEs on writeback, i.e. KVM's dirty bit is effectively "
        "ignored",
        source=COMMIT,
        scenario=write_back,
        expect=[holds(page_tagged, kernel=[V5_18, V5_19, V6_13], method=[PML, NO_AD])],
        note="The page is tagged from the time the host maps it for write until it is written "
        "back, and then no CPU can write to it.",
    ),
    Claim(
        "C7",
        "not_write_protected",
        quote="the primary MMU will mark that page dirty when the write-protection is lifted, e.g. "
        "when KVM faults the page back in for write",
        source=COMMIT,
        scenario=write_back_trusting,
        expect=[
            violated(page_tagged, kernel=[V5_18, V6_13], method=[PML, NO_AD]),
            holds(page_tagged, kernel=V5_19, method=[PML, NO_AD]),
        ],
        note="What that rests on: without write protection on writeback, which no memory that the "
        "authors know of lacks, KVM's Dirty bit matters in v5.18, and since v6.13 KVM does not tag "
        "by it at all.",
    ),
    Claim(
        "C8",
        "accessed_is_a_hint",
        quote="The Accessed bit is a complete non-issue.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            violated(used_implies_accessed, kernel=[V5_18, V5_19, V6_15], method=METHODS),
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
            holds(used_implies_accessed, kernel=[V5_18, V6_4], method=METHODS),
            violated(used_implies_accessed, kernel=V6_13, method=METHODS),
        ],
        note="True of clear_young; clear_flush_young did flush until v6.12, and lost nothing.",
    ),
    Claim(
        "C9",
        "dirty_is_volatile_iff",
        quote="KVM (correctly) treats the Dirty bit as volatile iff the SPTE is !DIRTY && WRITABLE",
        source=COMMIT,
        scenario=zap_clean,
        expect=[holds(clean_stays_clean, kernel=[V5_18, V5_19, V6_15], method=PML)],
        note="As a lemma on what the CPU alone does to an SPTE that KVM is about to write.",
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
            violated(clean_stays_clean, kernel=[V5_18, V5_19, V6_15], method=PML),
            violated(page_tagged, kernel=V5_18, method=[PML, NO_AD]),
            holds(page_tagged, kernel=[V5_19, V6_4], method=[PML, NO_AD]),
        ],
        note="D and W are clear in huge pages that a session with PML has left; without D, what "
        "gets lost is that W was set.",
    ),
    Claim(
        "C11",
        "depends_on_dirty",
        quote="But that all depends on the Dirty bit being problematic in the first place.",
        source=COMMIT,
        scenario=age_and_log_twice,
        expect=[
            holds(dirty_always_set, kernel=[V5_18, V5_19], method=WP),
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=[WP, NO_AD]),
        ],
        note="Refuted as far as dirty logging goes: where W is the logging bit, a dirty page is "
        "missed although D is always set, or does not exist.",
    ),
]
