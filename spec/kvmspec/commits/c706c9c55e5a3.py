"""706c9c55e5a3 (v5.19): every MMU-writable SPTE was taken for volatile."""

from kvmspec.constants import METHODS, PML, V5_19, V6_0, WP, Rule
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import age_and_log_twice
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "706c9c55e5a3",
        "writable_is_not_volatile",
        quote="KVM _sets_ the WRITABLE bit out of mmu_lock, but never _clears_ the bit out of "
        "mmu_lock, so if the WRITABLE bit is set, it cannot magically get cleared just because the "
        "SPTE is MMU-writable.",
        source="706c9c55e5a3 (\"KVM: x86/mmu: Don't treat fully writable SPTEs as volatile (modulo "
        'A/D)")',
        scenario=age_and_log_twice,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V5_19,
                method=[PML, WP],
                rule=Rule.EVERY_MMU_WRITABLE,
            ),
            holds(
                dirty_implies_logged,
                kernel=V6_0,
                method=METHODS,
                rule=Rule.EVERY_MMU_WRITABLE,
            ),
        ],
        note="The stronger rule makes no difference: what is violated in v5.19 is so with either.",
    ),
]
