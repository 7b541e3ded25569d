"""2673dfb591a3 (v6.9): KVM relied on D, hence on PML, for a nested guest, which has none."""

from kvmspec.constants import PML, V5_18, V5_19, V6_0, V6_4, V6_13, V6_15
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import log_nested
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "2673dfb591a3",
        "write_protect_l2",
        quote="KVM always disables PML when running L2, even when L1 and L2 GPAs are in the some "
        "domain, so failing to write-protect TDP MMU SPTEs will cause writes made by L2 to not be "
        "reflected in the dirty log.",
        source='2673dfb591a3 ("KVM: x86/mmu: Write-protect L2 SPTEs in TDP MMU when clearing dirty '
        'status")',
        scenario=log_nested,
        expect=[
            holds(dirty_implies_logged, kernel=[V5_18, V5_19, V6_0, V6_13, V6_15], method=PML),
            violated(dirty_implies_logged, kernel=V6_4, method=PML),
        ],
        note="Two roots side by side; each vCPU changes between them as it likes. Of the six "
        "kernels, v6.4 is the one with the fault: it came with 5982a5392663 (v6.4), and went with "
        "this commit (v6.9).",
    ),
]
