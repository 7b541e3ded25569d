"""Dirty logging of a memslot, as user space asks for it (x86.c, mmu.c, kvm_main.c)."""

from kvmspec.constants import PML, V6_0, Variant, kernel, method, variant
from kvmspec.cpu import kvm_flush_remote_tlbs
from kvmspec.machine import FaultSlot, Gfn, Kvm, Vcpu, flush_owed, harvesting, relies_on_log
from kvmspec.tdp_mmu import clear_dirty_gfn_range, clear_dirty_pt_masked, wrprot_gfn_range
from kvmtla import (
    READ_ONCE,
    Map,
    atomic,
    operation,
    pure,
    read_lock,
    wait_until,
    write_lock,
    xchg,
)


@pure
def always_flushes() -> bool:
    """Does enabling flush whatever it finds? From v6.0 on (b64d740ea7dd)."""
    if kernel >= V6_0:
        return variant != Variant.WITHOUT_B64D740EA7DD
    return variant == Variant.WITH_B64D740EA7DD


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_leaf_clear_dirty")
def kvm_mmu_slot_leaf_clear_dirty(m: Kvm) -> None:
    """Clear D over the slot, mmu_lock held for read; until v5.19, flush if an SPTE changed."""
    spte_set = False
    with flush_owed(when=lambda gfn: spte_set):
        with read_lock(m.mmu_lock):
            for gfn in Gfn:
                spte_set |= clear_dirty_gfn_range(m, gfn)
        if spte_set and not always_flushes():
            kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access")
def kvm_mmu_slot_remove_write_access(m: Kvm) -> None:
    """Clear W over the slot, mmu_lock held for read; until v5.19, flush if an SPTE changed."""
    spte_set = False
    with flush_owed(when=lambda gfn: spte_set):
        with read_lock(m.mmu_lock):
            for gfn in Gfn:
                spte_set |= wrprot_gfn_range(m, gfn)
        if spte_set and not always_flushes():
            kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags")
def kvm_mmu_slot_apply_flags(m: Kvm) -> None:
    """Make KVM see each further write to the slot, and flush: here since v6.0.

    Huge pages, which lose W even with PML, are in huge_pages.py.
    """
    with flush_owed(when=lambda gfn: always_flushes()):
        if method == PML:
            kvm_mmu_slot_leaf_clear_dirty(m)
        else:
            kvm_mmu_slot_remove_write_access(m)
        if always_flushes():
            kvm_flush_remote_tlbs(m)


@atomic(
    kernel="arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging",
    text="kvm_make_all_cpus_request()",
)
def kvm_mmu_update_cpu_dirty_logging(m: Kvm, enable: bool) -> None:
    """PML on or off in every vCPU. KVM waits until each has left the guest, emptying its buffer."""
    m.pml_enabled = enable
    m.pml_buffer = Map({cpu: Map({gfn: False for gfn in Gfn}) for cpu in Vcpu})


@atomic(text="rcu_assign_pointer(kvm->memslots, slots)")
def kvm_activate_memslot(m: Kvm, logs: bool) -> None:
    """What faults that begin now will find."""
    m.slot_logs = logs
    m.dirty_bitmap = Map({gfn: False for gfn in Gfn})


@operation(kernel="virt/kvm/kvm_main.c:kvm_swap_active_memslots")
def kvm_swap_active_memslots(m: Kvm, logs: bool) -> None:
    """Put the new memslot in place, and wait for faults that still use the old one (SRCU)."""
    kvm_activate_memslot(m, logs)
    old = FaultSlot.PLAIN if logs else FaultSlot.LOGGED
    wait_until(all(m.fault_slot[cpu] != old for cpu in Vcpu), text="synchronize_srcu(&kvm->srcu)")


@operation(kernel="virt/kvm/kvm_main.c:__kvm_set_memory_region")
def enable_dirty_logging(m: Kvm) -> None:
    """KVM_SET_USER_MEMORY_REGION with KVM_MEM_LOG_DIRTY_PAGES: new slot, PML on, re-arm."""
    kvm_swap_active_memslots(m, True)
    if method == PML and variant != Variant.PML_LAST:
        kvm_mmu_update_cpu_dirty_logging(m, True)
    kvm_mmu_slot_apply_flags(m)
    if method == PML and variant == Variant.PML_LAST:
        kvm_mmu_update_cpu_dirty_logging(m, True)


@operation(kernel="virt/kvm/kvm_main.c:__kvm_set_memory_region")
def disable_dirty_logging(m: Kvm) -> None:
    """KVM_SET_USER_MEMORY_REGION without it. SPTEs stay as they are: D or W clear, no flush."""
    kvm_swap_active_memslots(m, False)
    if method == PML:
        kvm_mmu_update_cpu_dirty_logging(m, False)


@atomic(text="copy_to_user(): user space knows, and will copy the pages named")
def copy_to_user(m: Kvm, mask: Map[Gfn, bool]) -> None:
    """User space copies a page after it is told of it, so all writes until now are covered."""
    m.unreported = Map({gfn: m.unreported[gfn] and not mask[gfn] for gfn in Gfn})


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_arch_mmu_enable_log_dirty_pt_masked")
def kvm_arch_mmu_enable_log_dirty_pt_masked(m: Kvm, mask: Map[Gfn, bool]) -> None:
    """Re-arm the pages of the mask, mmu_lock held for write."""
    for gfn in Gfn:
        if mask[gfn]:
            clear_dirty_pt_masked(m, gfn)


@atomic(text="mask &= atomic_long_fetch_andnot(mask, p)")
def fetch_andnot(m: Kvm, mask: Map[Gfn, bool]) -> Map[Gfn, bool]:
    """Clear these bits of the dirty bitmap, all at once; gives those that were set."""
    cleared = Map({gfn: mask[gfn] and m.dirty_bitmap[gfn] for gfn in Gfn})
    m.dirty_bitmap = Map({gfn: m.dirty_bitmap[gfn] and not mask[gfn] for gfn in Gfn})
    return cleared


@operation(kernel="virt/kvm/kvm_main.c:kvm_get_dirty_log_protect")
def kvm_get_dirty_log_protect(m: Kvm) -> None:
    """KVM_GET_DIRTY_LOG, for a slot of one word of the bitmap.

    It begins by kicking the vCPUs, so that they flush their PML buffers; it does not wait for them,
    and a vCPU may exit at any time anyway.
    """
    mask = Map({gfn: False for gfn in Gfn})
    flush = False
    with harvesting(when=lambda gfn: mask[gfn]), flush_owed(when=lambda gfn: flush):
        with write_lock(m.mmu_lock):
            word = READ_ONCE(m.dirty_bitmap)
            if any(word[gfn] for gfn in Gfn):
                flush = True
                if variant == Variant.HARVEST_LAST:
                    kvm_arch_mmu_enable_log_dirty_pt_masked(m, word)
                mask = xchg(m.dirty_bitmap, Map({gfn: False for gfn in Gfn}))
                if variant != Variant.HARVEST_LAST:
                    kvm_arch_mmu_enable_log_dirty_pt_masked(m, mask)
        if flush and variant != Variant.FLUSH_LAST:
            kvm_flush_remote_tlbs(m)
        copy_to_user(m, mask)
        if flush and variant == Variant.FLUSH_LAST:
            kvm_flush_remote_tlbs(m)


@operation(kernel="virt/kvm/kvm_main.c:kvm_clear_dirty_log_protect")
def kvm_clear_dirty_log_protect(m: Kvm) -> None:
    """KVM_CLEAR_DIRTY_LOG of all that KVM_GET_DIRTY_LOG, which changes nothing, has just named.

    User space copies the pages when CLEAR has returned.
    """
    mask = READ_ONCE(m.dirty_bitmap)
    flush = False
    with harvesting(when=lambda gfn: mask[gfn]), flush_owed(when=lambda gfn: flush):
        with write_lock(m.mmu_lock):
            cleared = fetch_andnot(m, mask)
            if any(cleared[gfn] for gfn in Gfn):
                flush = True
                kvm_arch_mmu_enable_log_dirty_pt_masked(m, cleared)
        if flush:
            kvm_flush_remote_tlbs(m)
        copy_to_user(m, mask)


@operation(kernel="virt/kvm/dirty_ring.c:kvm_dirty_ring_reset")
def kvm_dirty_ring_reset(m: Kvm) -> None:
    """User space takes the entries out of the rings, has them reset, and copies the pages.

    The rings are modelled as the set of pages in them: `dirty_bitmap`. An entry that comes back
    between the two is a new one. The flush is that of kvm_vm_ioctl_reset_dirty_pages().
    """
    taken = Map({gfn: False for gfn in Gfn})
    with harvesting(when=lambda gfn: taken[gfn]), flush_owed(when=lambda gfn: taken[gfn]):
        taken = xchg(m.dirty_bitmap, Map({gfn: False for gfn in Gfn}))
        for gfn in Gfn:
            if taken[gfn]:
                with write_lock(m.mmu_lock):
                    clear_dirty_pt_masked(m, gfn)
        if any(taken[gfn] for gfn in Gfn):
            kvm_flush_remote_tlbs(m)
        copy_to_user(m, taken)


@operation()
def log_once(m: Kvm) -> None:
    """User space turns dirty logging on, and asks for dirty pages again and again."""
    enable_dirty_logging(m)
    with relies_on_log():
        while True:
            kvm_get_dirty_log_protect(m)


@operation()
def log_with_manual_protect(m: Kvm) -> None:
    """User space turns dirty logging on, and asks again and again, by GET and CLEAR."""
    enable_dirty_logging(m)
    with relies_on_log():
        while True:
            kvm_clear_dirty_log_protect(m)


@operation()
def log_with_rings(m: Kvm) -> None:
    """User space turns dirty logging on, and takes dirty pages from rings again and again."""
    enable_dirty_logging(m)
    with relies_on_log():
        while True:
            kvm_dirty_ring_reset(m)


@operation()
def log_twice(m: Kvm) -> None:
    """A session that ends before it begins, as when a migration is called off; then a real one."""
    enable_dirty_logging(m)
    disable_dirty_logging(m)
    log_once(m)
