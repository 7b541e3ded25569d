"""The remote TLB flush in its real steps, and how a vCPU enters the guest (kvm_main.c, x86.c).

Elsewhere a flush is one step (cpu.py). This is what that stands for.
"""

from kvmspec.constants import Variant, variant
from kvmspec.machine import FaultSlot, Gfn, Kvm, TlbEntry, Vcpu, VcpuMode
from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Map,
    Set,
    atomic,
    operation,
    pure,
    require,
    test_and_clear_bit,
    wait_until,
)


@pure
def flush_takes_steps() -> bool:
    """Is it to be looked at step by step?"""
    return variant in Set(
        {Variant.FLUSH_IN_STEPS, Variant.FLUSH_WITHOUT_WAIT, Variant.MODE_AFTER_CHECK}
    )


@atomic(text="cmpxchg(&vcpu->mode, IN_GUEST_MODE, EXITING_GUEST_MODE); smp_call_function_many()")
def kvm_kick_many_cpus(m: Kvm) -> None:
    """An IPI goes to the CPU of each vCPU that is in guest mode, or about to enter it."""
    m.vcpu_mode = Map(
        {
            cpu: VcpuMode.EXITING_GUEST_MODE
            if m.vcpu_mode[cpu] == VcpuMode.IN_GUEST_MODE
            else m.vcpu_mode[cpu]
            for cpu in Vcpu
        }
    )


@operation(kernel="virt/kvm/kvm_main.c:kvm_make_all_cpus_request")
def kvm_make_all_cpus_request(m: Kvm) -> None:
    """KVM_REQ_TLB_FLUSH: request, then look at the mode, kick, and wait until each has left.

    One after the other for each vCPU; here for all at once, since each has its own flags.
    """
    WRITE_ONCE(m.tlb_flush_requested, Map({cpu: True for cpu in Vcpu}))
    kvm_kick_many_cpus(m)
    if variant != Variant.FLUSH_WITHOUT_WAIT:
        wait_until(
            all(m.vcpu_mode[cpu] != VcpuMode.EXITING_GUEST_MODE for cpu in Vcpu),
            text="csd_lock_wait(): each CPU has taken the IPI",
        )


@atomic(kernel="arch/x86/kvm/x86.c:kvm_vcpu_flush_tlb_all", text="kvm_vcpu_flush_tlb_all(vcpu)")
def kvm_vcpu_flush_tlb_all(m: Kvm, cpu: Vcpu) -> None:
    """The vCPU's own CPU drops its translations."""
    m.tlb[cpu] = Map({gfn: TlbEntry() for gfn in Gfn})


@operation(kernel="arch/x86/kvm/x86.c:kvm_vcpu_exit_request")
def kvm_vcpu_exit_request(m: Kvm, cpu: Vcpu) -> bool:
    """Has anybody kicked the vCPU, or made a request, since it said that it enters the guest?"""
    mode = READ_ONCE(m.vcpu_mode[cpu])
    if mode == VcpuMode.EXITING_GUEST_MODE:
        return True
    return READ_ONCE(m.tlb_flush_requested[cpu])


@atomic(text="VM-Entry")
def enter_guest(m: Kvm, cpu: Vcpu) -> None:
    """Back to the guest; the write is tried again."""
    m.fault_slot[cpu] = FaultSlot.NONE


@operation(kernel="arch/x86/kvm/x86.c:vcpu_enter_guest")
def vcpu_enter_guest(m: Kvm, cpu: Vcpu) -> None:
    """Serve requests, say that the guest is being entered, and look for requests once more."""
    while True:
        if test_and_clear_bit(m.tlb_flush_requested[cpu]):
            kvm_vcpu_flush_tlb_all(m, cpu)
        if variant == Variant.MODE_AFTER_CHECK:
            WRITE_ONCE(m.vcpu_mode[cpu], VcpuMode.IN_GUEST_MODE)
            enter_guest(m, cpu)
            return
        WRITE_ONCE(m.vcpu_mode[cpu], VcpuMode.IN_GUEST_MODE)
        if not kvm_vcpu_exit_request(m, cpu):
            enter_guest(m, cpu)
            return
        WRITE_ONCE(m.vcpu_mode[cpu], VcpuMode.OUTSIDE_GUEST_MODE)


@atomic(text="IPI: VM-Exit; vcpu->mode = OUTSIDE_GUEST_MODE")
def exit_for_ipi(m: Kvm, cpu: Vcpu) -> None:
    """The kick arrives. What is cached stays cached."""
    require(m.fault_slot[cpu] == FaultSlot.NONE)
    require(m.vcpu_mode[cpu] == VcpuMode.EXITING_GUEST_MODE)
    m.fault_slot[cpu] = FaultSlot.LOGGED if m.slot_logs else FaultSlot.PLAIN
    m.vcpu_mode[cpu] = VcpuMode.OUTSIDE_GUEST_MODE


@operation(kernel="arch/x86/kvm/x86.c:vcpu_run")
def handle_ipi(m: Kvm, cpu: Vcpu) -> None:
    """Out of the guest for a kick, and back."""
    exit_for_ipi(m, cpu)
    vcpu_enter_guest(m, cpu)
