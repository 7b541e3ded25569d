"""What the primary MMU asks of KVM (virt/kvm/kvm_main.c, MMU notifiers)."""

from kvmspec.constants import V6_13, V6_15, kernel
from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.machine import Gfn, Kvm, flush_owed, not_writable_in_kvms_eyes
from kvmspec.spte import is_writable_pte
from kvmspec.tdp_mmu import age_gfn_range, set_spte_gfn, tdp_mmu_zap_leafs
from kvmtla import operation, write_lock


@operation(kernel="virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young")
def kvm_mmu_notifier_clear_young(m: Kvm, gfn: Gfn) -> None:
    """Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock."""
    if kernel >= V6_15:
        age_gfn_range(m, gfn)
    else:
        with write_lock(m.mmu_lock):
            age_gfn_range(m, gfn)


@operation(kernel="virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_flush_young")
def kvm_mmu_notifier_clear_flush_young(m: Kvm, gfn: Gfn) -> None:
    """Age a page, and until v6.12 flush if it was young."""
    if kernel >= V6_13:
        kvm_mmu_notifier_clear_young(m, gfn)
    else:
        with flush_owed(gfn), write_lock(m.mmu_lock):
            if age_gfn_range(m, gfn):
                kvm_flush_remote_tlbs(m)


@operation(kernel="virt/kvm/kvm_main.c:kvm_mmu_notifier_change_pte", until=V6_13)
def kvm_mmu_notifier_change_pte(m: Kvm, gfn: Gfn) -> None:
    """The primary MMU has put a read-only page there, as KSM does; flushed under the lock."""
    with write_lock(m.mmu_lock):
        if set_spte_gfn(m, gfn):
            with flush_owed(gfn):
                kvm_flush_remote_tlbs(m)


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
