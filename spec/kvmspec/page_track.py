"""Guest page tables, to which no write may go unseen (arch/x86/kvm/mmu/page_track.c, mmu.c)."""

from kvmspec.constants import V6_13, kernel
from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.machine import (
    Gfn,
    Kvm,
    Place,
    Vcpu,
    emulating_write,
    flush_owed,
    protecting,
    shadowing,
)
from kvmspec.tdp_mmu import write_protect_gfn
from kvmspec.tso import load, smp_mb, store
from kvmtla import WRITE_ONCE, initial, operation, set_bit, write_lock


@operation(kernel="arch/x86/kvm/mmu/page_track.c:kvm_slot_page_track_add_page")
def kvm_slot_page_track_add_page(m: Kvm, gfn: Gfn) -> None:
    """KVM shadows the page, an upper-level page table; flushed before the lock is dropped.

    Since v6.6: __kvm_write_track_add_gfn(), called by account_shadowed().
    """
    with protecting(gfn), write_lock(m.mmu_lock):
        set_bit(m.write_tracked[gfn])
        if write_protect_gfn(m, gfn):
            with flush_owed(gfn):
                kvm_flush_remote_tlbs(m)


@initial
def nothing_shadowed(m: Kvm) -> None:
    """No page table of the guest is shadowed."""
    m.shadow_spte_is_old = False


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write")
def kvm_mmu_track_write(m: Kvm, cpu: Vcpu) -> None:
    """A guest write to its own page table that KVM emulates; what shadows the page is zapped.

    Until v6.5: kvm_mmu_pte_write(). The barriers, here and below, are there since v6.10.
    """
    with emulating_write(cpu):
        store(m, cpu, Place.GUEST_PTE_CHANGED)
        if kernel >= V6_13:
            smp_mb(m, cpu)
        if load(m, cpu, Place.INDIRECT_SHADOW_PAGES):
            smp_mb(m, cpu)
            with write_lock(m.mmu_lock):
                WRITE_ONCE(m.shadow_spte_is_old, False)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:account_shadowed")
def account_shadowed(m: Kvm, cpu: Vcpu) -> None:
    """From now on, writes to guest page tables are to be looked at."""
    store(m, cpu, Place.INDIRECT_SHADOW_PAGES)
    if kernel >= V6_13:
        smp_mb(m, cpu)


@operation(kernel="arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)")
def fetch(m: Kvm, cpu: Vcpu) -> None:
    """A fault on shadow page tables: the guest PTE has been read; it is mapped if it is the same.

    The lock is taken by a locked instruction, so that nothing is in the store buffer.
    """
    with shadowing(cpu):
        walked = load(m, cpu, Place.GUEST_PTE_CHANGED)
        with write_lock(m.mmu_lock):
            account_shadowed(m, cpu)
            changed = load(m, cpu, Place.GUEST_PTE_CHANGED)
            if not changed and not walked:
                WRITE_ONCE(m.shadow_spte_is_old, True)
