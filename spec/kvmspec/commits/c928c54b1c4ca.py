"""928c54b1c4ca (v6.15): without A/D bits, every SPTE may be aged without mmu_lock."""

from kvmspec.constants import NO_AD, V6_15, Rule
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
        ],
        note="The parent's rule, on SPTEs without A/D bits, is that of v5.19. What it loses in "
        "this model is that a page was aged; no dirty page and no flush, since all that hold "
        "mmu_lock and clear W then flush, whatever they believe was there.",
    ),
]
