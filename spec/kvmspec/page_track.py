"""Pages to which no guest write may go unseen (arch/x86/kvm/mmu/page_track.c)."""

from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.machine import Gfn, Kvm, flush_owed, protecting
from kvmspec.tdp_mmu import write_protect_gfn
from kvmtla import operation, set_bit, write_lock


@operation(kernel="arch/x86/kvm/mmu/page_track.c:kvm_slot_page_track_add_page")
def kvm_slot_page_track_add_page(m: Kvm, gfn: Gfn) -> None:
    """KVM shadows the page, an upper-level page table; flushed before the lock is dropped."""
    with protecting(gfn), write_lock(m.mmu_lock):
        set_bit(m.write_tracked[gfn])
        if write_protect_gfn(m, gfn):
            with flush_owed(gfn):
                kvm_flush_remote_tlbs(m)
