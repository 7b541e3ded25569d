"""The sentences of commit ba3a6120a4e7 (v5.19) as claims: C1 to C5."""

from kvmspec.constants import PML, V5_18, V5_19, V6_0, V6_4, WP
from kvmspec.invariants import (
    dirty_implies_logged,
    page_tagged,
    writable_as_seen,
    writable_implies_flushed,
    writable_implies_flushed_w,
)
from kvmspec.scenarios import age, age_and_log, age_and_log_twice, zap, zap_and_fault
from kvmtla import Claim, holds, violated

COMMIT = 'ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to write TDP MMU SPTEs with volatile bits")'
ALL = [V5_18, V5_19, V6_0, V6_4]
SINCE_V5_19 = [V5_19, V6_0, V6_4]

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
        "With write protection D stays set, and there is nothing to clobber.",
    ),
    Claim(
        "C2",
        "clobbered_writable_zap",
        quote="the CPU can cache the translation as WRITABLE in the TLB despite it being seen by "
        "KVM as !WRITABLE",
        source=COMMIT,
        scenario=zap_and_fault,
        expect=[
            violated(writable_as_seen, kernel=V5_18, method=WP),
            holds(writable_as_seen, kernel=SINCE_V5_19, method=WP),
            holds(writable_implies_flushed_w, kernel=ALL, method=WP),
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
            holds(writable_implies_flushed_w, kernel=V6_4, method=WP),
            holds(writable_implies_flushed, kernel=ALL, method=WP),
        ],
        note="The same where the SPTE stays present. The exchange returns the true old value, but "
        "the value that it stores was computed from the stale one, and clears W again.",
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
            holds(dirty_implies_logged, kernel=[V6_0, V6_4], method=PML),
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
            holds(dirty_implies_logged, kernel=[V6_0, V6_4], method=WP),
        ],
        note="The same where W is the logging bit: a fast page fault sets it between the read and "
        "the write of an aging. No Dirty bit takes part.",
    ),
    Claim(
        "C5",
        "harvest_is_safe",
        quote="If the SPTE is cached in the TLB as writable before it is clobbered, the guest can "
        "continue writing the associated page without ever taking a write-protect fault.",
        source=COMMIT,
        scenario=age_and_log,
        expect=[holds(dirty_implies_logged, kernel=ALL, method=[PML, WP])],
        note="Through GET_DIRTY_LOG instead of the enabling of dirty logging nothing is lost, with "
        "plain writes either: the flush depends on the bitmap, not on the SPTE.",
    ),
]
