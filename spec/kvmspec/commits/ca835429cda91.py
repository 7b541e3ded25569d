"""a835429cda91 (v5.12): a walk of one root yielded, and forgot what it owed for another."""

from kvmspec.constants import PML, V5_18, Variant
from kvmspec.invariants import flushed_before_unlock
from kvmspec.scenarios import zap_in_all_roots
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "a835429cda91",
        "flush_before_yield",
        quote="ensure any pending flush from a previous root is honored before yielding while "
        "walking the tables of the current root",
        source='a835429cda91 ("KVM: x86/mmu: Ensure TLBs are flushed when yielding during GFN '
        'range zap")',
        scenario=zap_in_all_roots,
        expect=[
            violated(flushed_before_unlock, kernel=V5_18, method=PML, variant=Variant.PARENT),
            holds(flushed_before_unlock, kernel=V5_18, method=PML),
        ],
        note="The walk yields at each chance; that the parent does flush, later, is no help to "
        "whoever takes mmu_lock in between.",
    ),
]
