"""f082d86ea685 (v5.17): a page that has become read-only kept MMU_W."""

from kvmspec.constants import NO_AD, PML, V5_18, V5_19, V6_0, V6_4, Variant
from kvmspec.invariants import legal_triple, writable_implies_flushed
from kvmspec.scenarios import change_pte
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "f082d86ea685",
        "changed_pte",
        quote="This preserves the invariant that MMU-writable is set if-and-only-if Host-writable "
        "is set.",
        source='f082d86ea685 ("KVM: x86/mmu: Clear MMU-writable during changed_pte notifier")',
        scenario=change_pte,
        expect=[
            violated(
                legal_triple,
                kernel=V5_18,
                method=[PML, NO_AD],
                variant=Variant.WITHOUT_F082D86EA685,
            ),
            holds(legal_triple, kernel=[V5_18, V5_19, V6_0, V6_4], method=PML),
            holds(legal_triple, kernel=[V5_18, V6_4], method=NO_AD),
            holds(writable_implies_flushed, kernel=[V5_18, V6_4], method=[PML, NO_AD]),
        ],
        note="The message says if and only if; write-protection for shadow paging clears MMU_W "
        "alone. Checked is what check_spte_writable_invariants() checks: MMU_W implies HOST_W. "
        "The vCPUs' faults are left out, as they need the primary MMU to copy the page first. The "
        "notifier went in v6.10.",
    ),
]
