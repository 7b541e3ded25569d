"""13e2e4f62a4b (v6.13): huge pages are recovered in place, not zapped."""

from kvmspec.constants import PML, V6_4, V6_13, WP, Variant
from kvmspec.invariants import dirty_implies_logged, one_translation
from kvmspec.scenarios import recover, recover_and_log
from kvmtla import Claim, holds, violated

MESSAGE = (
    '13e2e4f62a4b ("KVM: x86/mmu: Recover TDP MMU huge page mappings in-place instead of zapping")'
)

CLAIMS = [
    Claim(
        "13e2e4f62a4b",
        "stale_or_huge",
        quote="Before KVM flushes TLBs, guest accesses may be translated through either the "
        "(stale) small SPTE or the (new) huge SPTE.",
        source=MESSAGE,
        scenario=recover,
        expect=[
            holds(one_translation, kernel=V6_4, method=[PML, WP]),
            violated(one_translation, kernel=V6_13, method=[PML, WP]),
        ],
        note="So it is, from v6.13 on; zapping with REMOVED_SPTE, as before, did not allow it.",
    ),
    Claim(
        "13e2e4f62a4b",
        "recovered_in_place",
        quote="Recover TDP MMU huge page mappings in-place instead of zapping them when dirty "
        "logging is disabled",
        source=MESSAGE,
        scenario=recover_and_log,
        expect=[
            holds(dirty_implies_logged, kernel=[V6_4, V6_13], method=[PML, WP]),
            holds(dirty_implies_logged, kernel=V6_13, method=[PML, WP], variant=Variant.PARENT),
        ],
        note="The design is confirmed. While the slot does not log, nobody counts on what a stale "
        "translation lets through; and the flush comes before the slot can log again.",
    ),
]
