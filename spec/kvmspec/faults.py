"""EPT violations and NPT faults: the vCPU's way out of the guest, and back."""

from kvmspec.constants import NO_AD, PML, V6_13, Variant, kernel, method, variant
from kvmspec.cpu import in_guest, translates
from kvmspec.flush import enter_guest, flush_takes_steps, vcpu_enter_guest
from kvmspec.machine import FaultSlot, Gfn, Kvm, Vcpu, VcpuMode, marking, tag_owed
from kvmspec.spte import (
    PT_WRITABLE_MASK,
    is_access_allowed,
    is_mmu_writable_spte,
    is_shadow_present_pte,
    is_writable_pte,
    restore_acc_track_spte,
)
from kvmspec.tdp_mmu import tdp_mmu_map_handle_target_level
from kvmtla import (
    READ_ONCE,
    atomic,
    choose,
    operation,
    pure,
    read_lock,
    require,
    set_bit,
    try_cmpxchg,
)


@pure
def has_logged(m: Kvm, cpu: Vcpu) -> bool:
    """Is there anything in the vCPU's PML buffer?"""
    return any(m.pml_buffer[cpu][gfn] for gfn in Gfn)


@atomic(kernel="arch/x86/kvm/vmx/vmx.c:vmx_flush_pml_buffer", text="vmx_flush_pml_buffer(vcpu)")
def vmx_flush_pml_buffer(m: Kvm, cpu: Vcpu) -> None:
    """At each exit, what the CPU has logged goes to the dirty bitmap, if the slot logs.

    One step, with the exit before it and the entry after it: nobody else looks at the buffer, and
    what is in it counts as logged.
    """
    require(in_guest(m, cpu) and has_logged(m, cpu))
    for gfn in Gfn:
        if m.pml_buffer[cpu][gfn]:
            m.pml_buffer[cpu][gfn] = False
            if m.slot_logs:
                m.dirty_bitmap[gfn] = True


@operation(kernel="arch/x86/kvm/vmx/vmx.c:__vmx_handle_exit")
def vmx_handle_exit(m: Kvm, cpu: Vcpu) -> None:
    """An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with."""
    if method == PML:
        vmx_flush_pml_buffer(m, cpu)


@atomic(text="fault: VM-Exit, the CPU drops its translation")
def vmexit(m: Kvm, cpu: Vcpu, gfn: Gfn, write: bool) -> None:
    """An access that the SPTE does not allow. KVM looks up the slot, under SRCU until VM-Entry."""
    require(in_guest(m, cpu) and not translates(m.spte[gfn], write))
    require(not (write and m.guest_only_reads))
    require(not m.tlb[cpu][gfn].writable)
    found = FaultSlot.LOGGED if m.slot_logs else FaultSlot.PLAIN
    m.fault_slot[cpu] = FaultSlot.NO_SLOT if m.slot_missing else found
    m.vcpu_mode[cpu] = VcpuMode.OUTSIDE_GUEST_MODE


@operation()
def vmentry(m: Kvm, cpu: Vcpu) -> None:
    """Back to the guest; the write is tried again."""
    if flush_takes_steps():
        vcpu_enter_guest(m, cpu)
    else:
        enter_guest(m, cpu)


@operation(kernel="virt/kvm/kvm_main.c:mark_page_dirty_in_slot")
def mark_page_dirty_in_slot(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """Set the page's bit in the dirty bitmap, if the slot that the fault looked up logs."""
    if READ_ONCE(m.fault_slot[cpu]) == FaultSlot.LOGGED:
        set_bit(m.dirty_bitmap[gfn])


@operation(kernel="arch/x86/kvm/mmu/mmu.c:fast_page_fault")
def fast_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn, write: bool) -> bool:
    """Give back what KVM took for logging or aging, without mmu_lock; gives whether that helps.

    The kernel gives up after a few rounds; here it goes on until nobody interferes. In the kernel,
    page_fault_handle_page_track() comes first, and emulates a write to a page that is tracked; here
    that page is found write-protected.
    """
    while True:
        spte = READ_ONCE(m.spte[gfn])
        if not is_shadow_present_pte(spte):
            return False
        if is_access_allowed(spte, write):
            return True
        new_spte = restore_acc_track_spte(spte)
        if write and is_mmu_writable_spte(spte):
            new_spte = new_spte | PT_WRITABLE_MASK
        if not is_access_allowed(new_spte, write):
            return False
        writes = is_writable_pte(new_spte) and not is_writable_pte(spte)
        if writes and variant == Variant.MARK_FIRST:
            mark_page_dirty_in_slot(m, cpu, gfn)
        ok, _ = try_cmpxchg(m.spte[gfn], spte, new_spte)
        if ok:
            if writes and variant != Variant.MARK_FIRST:
                with marking(gfn):
                    mark_page_dirty_in_slot(m, cpu, gfn)
            return True


@atomic(text="the host faults the page in for write: page_mkwrite()")
def handle_mm_fault(m: Kvm, gfn: Gfn) -> None:
    """The host PTE becomes writable, and the page is tagged dirty."""
    require(not m.page_locked[gfn])
    m.host_pte_readonly[gfn] = False
    m.page_dirty[gfn] = True


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn")
def kvm_faultin_pfn(m: Kvm, gfn: Gfn) -> None:
    """Find the page, writable in the primary MMU."""
    if READ_ONCE(m.host_pte_readonly[gfn]):
        handle_mm_fault(m, gfn)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_finish_page_fault")
def kvm_mmu_finish_page_fault(m: Kvm, gfn: Gfn, mapped: bool) -> None:
    """Since v6.13: tag the page dirty once it is mapped, with mmu_lock still held for read."""
    if kernel >= V6_13 and mapped:
        set_bit(m.page_dirty[gfn])


@operation(kernel="arch/x86/kvm/mmu/mmu.c:direct_page_fault")
def direct_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A fault: fixed without mmu_lock where that is allowed, else by mapping the page.

    Since v5.19: kvm_tdp_mmu_page_fault(). Reads fault too, but only where pages are access-tracked
    does that tell anything new.
    """
    write = True
    if method == NO_AD:
        write = choose(bool)
    vmexit(m, cpu, gfn, write)
    if not fast_page_fault(m, cpu, gfn, write):
        kvm_faultin_pfn(m, gfn)
        with read_lock(m.mmu_lock):
            # is_page_fault_stale(): the page has been taken away again.
            if not READ_ONCE(m.host_pte_readonly[gfn]):
                mapped = False
                with tag_owed(gfn, when=lambda: kernel >= V6_13 and mapped):
                    mapped = tdp_mmu_map_handle_target_level(m, cpu, gfn, write)
                    kvm_mmu_finish_page_fault(m, gfn, mapped)
    vmentry(m, cpu)
