"""2673dfb591a3 (v6.9): KVM relied on D, hence on PML, for a nested guest, which has none."""

from kvmspec.constants import L2, V5_18, V5_19, V6_0, V6_4, V6_13, V6_15
from kvmspec.invariants import dirty_implies_logged
from kvmspec.scenarios import age_and_log
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
        scenario=age_and_log,
        expect=[
            violated(dirty_implies_logged, kernel=V6_4, method=L2),
            holds(dirty_implies_logged, kernel=[V5_18, V5_19, V6_0, V6_13, V6_15], method=L2),
        ],
        note="All vCPUs run the nested guest all the time; the SPTEs of the first-level guest, "
        "which are another root's, are left out.",
    ),
]
