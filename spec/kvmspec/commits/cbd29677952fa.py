"""bd29677952fa (v5.18): a page table could be freed before the CPUs had forgotten it."""

from kvmspec.constants import PML, V5_18, V6_15, Variant
from kvmspec.invariants import no_cpu_uses_freed_table
from kvmspec.scenarios import zap_table_and_yield
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "bd29677952fa",
        "flush_before_rcu",
        quote="When yielding in the TDP MMU iterator, service any pending TLB flush before "
        'dropping RCU protections in anticipation of using the caller\'s RCU "lock" as a proxy for '
        "vCPUs in the guest.",
        source='bd29677952fa ("KVM: x86/mmu: Do remote TLB flush before dropping RCU in TDP MMU '
        'resched")',
        scenario=zap_table_and_yield,
        expect=[
            violated(no_cpu_uses_freed_table, kernel=V5_18, method=PML, variant=Variant.PARENT),
            holds(no_cpu_uses_freed_table, kernel=[V5_18, V6_15], method=PML),
        ],
        note="The RCU read side stands for the vCPUs that may still walk the table; its end is one "
        "step here, and a grace period may follow at any time. That the flush comes before it is "
        "what the comment at the top of tdp_iter.h asks for, since bb95dfb9e2df.",
    ),
]
