"""928c54b1c4ca (v6.15): without A/D bits, every SPTE may be aged without mmu_lock."""

from kvmspec.constants import NO_AD, V6_15, Rule, Variant
from kvmspec.invariants import (
    aging_is_kept,
    dirty_implies_logged,
    shadowed_page_is_protected,
    writable_implies_flushed,
)
from kvmspec.scenarios import shadow_and_age
from kvmtla import Claim, holds, violated

RULES = [Rule.V5_19, Rule.KERNEL]

CLAIMS = [
    Claim(
        "928c54b1c4ca",
        "ad_disabled_is_volatile",
        quote="force A/D-disabled SPTEs to be updated atomically, as aging A/D-disabled SPTEs will "
        "mark them for access-tracking outside of mmu_lock",
        source='928c54b1c4ca ("KVM: x86/mmu: Always update A/D-disabled SPTEs atomically")',
        scenario=shadow_and_age,
        expect=[
            violated(aging_is_kept, kernel=V6_15, method=NO_AD, rule=Rule.V5_19),
            holds(aging_is_kept, kernel=V6_15, method=NO_AD).of_nothing(
                "Nobody writes such an SPTE plainly any more, which is all that it speaks of."
            ),
            holds(dirty_implies_logged, kernel=V6_15, method=NO_AD, rule=RULES),
            holds(writable_implies_flushed, kernel=V6_15, method=NO_AD, rule=RULES),
            holds(shadowed_page_is_protected, kernel=V6_15, method=NO_AD, rule=RULES),
            violated(
                shadowed_page_is_protected,
                kernel=V6_15,
                method=NO_AD,
                variant=Variant.AGED_PLAINLY,
            ),
        ],
        note="The parent's rule, on SPTEs without A/D bits, is that of v5.19. Of a plain write and "
        "an aging that race, the plain write wins here: kvm_tdp_mmu_age_spte() uses cmpxchg, and "
        "gives up (v6.15). So what gets lost is that the page was aged. No dirty page gets lost "
        "and no flush: tdp_mmu_zap_leafs(), write_protect_gfn() and kvm_get_dirty_log_protect() "
        "do not ask the old SPTE whether W was set before they flush. What the mail that proposed "
        "the commit fears, that a task which holds mmu_lock and clears W loses its change, takes "
        "an ager that writes plainly (aged_by_a_plain_write).",
    ),
]
