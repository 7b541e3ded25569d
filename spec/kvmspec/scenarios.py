"""Who meets whom."""

from kvmspec.constants import PML, method
from kvmspec.cpu import evict, page_walk_for_read, page_walk_for_write, write_through_tlb
from kvmspec.dirty_log import log_once, log_twice
from kvmspec.faults import direct_page_fault, vmx_handle_exit
from kvmspec.machine import Gfn, Kvm, Vcpu
from kvmspec.notifiers import kvm_mmu_notifier_clear_young, kvm_unmap_gfn_range
from kvmspec.spte import make_spte
from kvmtla import Actor, Map, Scenario, initial

CPU = [page_walk_for_read, page_walk_for_write, write_through_tlb, evict]


@initial
def mapped_for_write(m: Kvm) -> None:
    """Every page has just been mapped by a write fault; nothing is cached, nothing logged."""
    m.spte = Map({gfn: make_spte() for gfn in Gfn})


@initial
def logged_before(m: Kvm) -> None:
    """An earlier session of dirty logging has left the SPTEs re-armed: D clear (PML), or W."""
    left = make_spte().but(dirty=False) if method == PML else make_spte().but(writable=False)
    m.spte = Map({gfn: left for gfn in Gfn})


def vcpus() -> Actor:
    """The vCPUs' exits to KVM, as often as they like."""
    return Actor("vcpu", direct_page_fault, vmx_handle_exit, each=Vcpu)


zap = Scenario(
    "zap",
    "A page is unmapped while the guest writes to it.",
    machine=Kvm,
    sizes={Vcpu: 1, Gfn: 1},
    initial=logged_before,
    actors=[Actor("zapper", kvm_unmap_gfn_range, times=1)],
    hardware=CPU,
)

zap_and_fault = Scenario(
    "zap_and_fault",
    "A page is unmapped while the guest writes to it and faults.",
    machine=Kvm,
    sizes={Vcpu: 1, Gfn: 1},
    initial=logged_before,
    actors=[Actor("zapper", kvm_unmap_gfn_range, times=1), vcpus()],
    hardware=CPU,
)

age = Scenario(
    "age",
    "A page is aged while the guest writes to it and faults.",
    machine=Kvm,
    sizes={Vcpu: 1, Gfn: 1},
    initial=logged_before,
    actors=[Actor("ager", kvm_mmu_notifier_clear_young, times=1), vcpus()],
    hardware=CPU,
)

age_and_log_twice = Scenario(
    "age_and_log_twice",
    "A page is aged once while user space logs twice: a session called off, then a real one.",
    machine=Kvm,
    sizes={Vcpu: 1, Gfn: 1},
    initial=mapped_for_write,
    actors=[
        Actor("ager", kvm_mmu_notifier_clear_young, times=1),
        Actor("dirty_log", log_twice, times=1, label="dirty log"),
        vcpus(),
    ],
    hardware=CPU,
)

age_and_log = Scenario(
    "age_and_log",
    "A page is aged again and again while user space logs.",
    machine=Kvm,
    sizes={Vcpu: 1, Gfn: 1},
    initial=mapped_for_write,
    actors=[
        Actor("ager", kvm_mmu_notifier_clear_young),
        Actor("dirty_log", log_once, times=1, label="dirty log"),
        vcpus(),
    ],
    hardware=CPU,
)
