"""a835429cda91 (v5.12): a walk of one root yielded, and forgot what it owed for another."""

from kvmspec.constants import PML, V5_18, V6_15, Variant
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
            holds(flushed_before_unlock, kernel=[V5_18, V6_15], method=PML),
        ],
        note="The walk yields at each chance. The parent does not forget to flush: "
        "kvm_tdp_mmu_zap_gfn_range() collects what each zap_gfn_range() returns (flush |= ...), so "
        "a flush comes at the very end, and a property that is content with one that is owed does "
        "not see the fault. But zap_gfn_range() drops mmu_lock without knowing of the earlier "
        "root's flush, which is no help to whoever takes the lock next.",
    ),
]
