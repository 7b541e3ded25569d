"""06c4cd957b5c (v6.13): huge pages are not to be recovered while their memslot logs."""

from kvmspec.constants import PML, V6_13, WP, Variant
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import recover_in_use
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "06c4cd957b5c",
        "recovered_while_logging",
        quote="If KVM wants to recover huge pages during dirty logging, make_huge_spte() must be "
        "updated to write-protect the new huge page mapping. Otherwise, writes through the newly "
        "recovered huge page mapping will not be tracked.",
        source='06c4cd957b5c ("KVM: x86/mmu: WARN if huge page recovery triggered during dirty '
        'logging")',
        scenario=recover_in_use,
        expect=[
            violated(
                dirty_implies_logged,
                kernel=V6_13,
                method=[PML, WP],
                variant=Variant.WITHOUT_06C4CD957B5C,
            ),
            holds(dirty_implies_logged, kernel=V6_13, method=[PML, WP]),
            holds(
                dirty_implies_logged,
                kernel=V6_13,
                method=[PML, WP],
                variant=Variant.RECOVERED_WRITE_PROTECTED,
            ),
        ],
        note="Nobody in the kernel recovers huge pages of a slot that logs; here somebody does. "
        "The parent then loses writes. The commit warns and leaves the pages alone, and a "
        "make_huge_spte() that write-protects, as its message proposes, does as well.",
    ),
]
