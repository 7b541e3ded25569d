"""What steps do, what can be reached at all, and what happens in the end."""

from kvmspec.constants import NO_AD, PML, V5_18, V5_19, V6_0, V6_4, V6_13, V6_15, WP, Variant
from kvmspec.faults import direct_page_fault, vmx_handle_exit
from kvmspec.flush import handle_ipi
from kvmspec.machine import Gfn, Kvm, Vcpu
from kvmspec.notifiers import kvm_unmap_gfn_range
from kvmspec.scenarios import age, guest, mapped_for_write
from kvmtla import (
    Actor,
    Claim,
    held_for_read,
    held_for_write,
    holds,
    leads_to,
    reachable,
    reached,
    step_invariant,
    unreached,
    violated,
)


@step_invariant
def w_is_cleared_under_mmu_lock(before: Kvm, after: Kvm) -> bool:
    """Where W goes, somebody holds mmu_lock."""
    return all(
        held_for_write(before.mmu_lock) or held_for_read(before.mmu_lock)
        for gfn in Gfn
        if before.spte[gfn].writable and not after.spte[gfn].writable
    )


@reachable
def stale_writable_entry(m: Kvm) -> bool:
    """A CPU may write through its TLB where the SPTE does not say so."""
    return any(
        m.tlb[cpu][gfn].writable and not m.spte[gfn].writable for cpu in Vcpu for gfn in Gfn
    )


@leads_to
def requested_flush_is_done(m: Kvm, cpu: Vcpu) -> tuple[bool, bool]:
    """A vCPU that is asked to flush its TLB has nothing of before in it in the end."""
    return m.tlb_flush_requested[cpu], not any(m.tlb[cpu][gfn].writable for gfn in Gfn)


zap_while_all_go_on = guest(
    "zap_while_all_go_on",
    "As `zap_and_kick`, where the zapper and the vCPUs do not stop for ever.",
    mapped_for_write,
    Actor("zapper", kvm_unmap_gfn_range, times=1, fair=True),
    Actor("vcpu", direct_page_fault, vmx_handle_exit, handle_ipi, each=Vcpu, fair=True),
)
