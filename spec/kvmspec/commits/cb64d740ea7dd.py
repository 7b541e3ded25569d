"""b64d740ea7dd (v6.0): enabling dirty logging flushed only if it found something to change."""

from kvmspec.constants import NO_AD, V5_18, V5_19, V6_0, V6_4, V6_15, Variant
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import age_and_log
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "b64d740ea7dd",
        "flush_on_enable",
        quote="But if all SPTEs are in access-tracked state, then there won't be a TLB flush, "
        "which means that the guest could still possibly write to memory and not have it reflected "
        "in the dirty bitmap.",
        source='b64d740ea7dd ("kvm: x86: mmu: Always flush TLBs when enabling dirty logging")',
        scenario=age_and_log,
        expect=[
            violated(dirty_implies_logged, kernel=[V5_18, V5_19], method=NO_AD),
            holds(
                dirty_implies_logged,
                kernel=[V5_18, V5_19],
                method=NO_AD,
                variant=Variant.WITH_B64D740EA7DD,
            ),
            violated(
                dirty_implies_logged,
                kernel=[V6_0, V6_4, V6_15],
                method=NO_AD,
                variant=Variant.WITHOUT_B64D740EA7DD,
            ),
        ],
        note="Neither the atomic AND of v6.4 nor the lockless aging of v6.15 would do without it.",
    ),
]
