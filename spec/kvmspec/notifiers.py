"""What the primary MMU asks of KVM (virt/kvm/kvm_main.c, MMU notifiers)."""

from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.machine import Gfn, Kvm, flush_owed, not_writable_in_kvms_eyes
from kvmspec.spte import is_writable_pte
from kvmspec.tdp_mmu import age_gfn_range, tdp_mmu_zap_leafs
from kvmtla import operation, write_lock


@operation(kernel="virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young")
def kvm_mmu_notifier_clear_young(m: Kvm, gfn: Gfn) -> None:
    """Age a page. There is no flush, on purpose: A is a hint."""
    with write_lock(m.mmu_lock):
        age_gfn_range(m, gfn)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range")
def kvm_unmap_gfn_range(m: Kvm, gfn: Gfn) -> None:
    """Take a page away, and flush before mmu_lock is dropped."""
    with write_lock(m.mmu_lock):
        flush, zapped = tdp_mmu_zap_leafs(m, gfn)
        if flush:
            with (
                flush_owed(gfn),
                not_writable_in_kvms_eyes(gfn, when=lambda: not is_writable_pte(zapped)),
            ):
                kvm_flush_remote_tlbs(m)
