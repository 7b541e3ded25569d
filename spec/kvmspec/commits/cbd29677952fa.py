"""bd29677952fa (v5.18): a page table could be freed before the CPUs had forgotten it."""

from kvmspec.constants import PML, V5_18, Variant
from kvmspec.invariants import no_cpu_uses_freed_table
from kvmspec.scenarios import zap_table_and_yield
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "bd29677952fa",
        "flush_before_rcu",
        quote="Flows that can remove SPs must service pending TLB flushes prior to dropping RCU "
        "protection.",
        source="arch/x86/kvm/mmu/tdp_iter.h, comment, since bd29677952fa and bb95dfb9e2df",
        scenario=zap_table_and_yield,
        expect=[
            violated(no_cpu_uses_freed_table, kernel=V5_18, method=PML, variant=Variant.PARENT),
            holds(no_cpu_uses_freed_table, kernel=V5_18, method=PML),
        ],
        note="The RCU read side stands for the vCPUs that may still walk the table; its end is one "
        "step here, and a grace period may follow at any time.",
    ),
]
