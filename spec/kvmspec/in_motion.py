"""What steps do, what can be reached at all, and what happens in the end."""

from kvmspec.constants import NO_AD, V5_18, V6_0, V6_4, V6_13, V6_15, WP, Variant
from kvmspec.faults import direct_page_fault, vmx_handle_exit
from kvmspec.flush import handle_ipi
from kvmspec.machine import Gfn, Kvm, Vcpu
from kvmspec.notifiers import kvm_unmap_gfn_range
from kvmspec.scenarios import (
    ager,
    flushes_in_steps,
    guest,
    logged_before,
    mapped_for_write,
    vcpus,
)
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
    return any(m.tlb[cpu][gfn].writable and not m.spte[gfn].writable for cpu in Vcpu for gfn in Gfn)


@leads_to
def requested_flush_is_done(m: Kvm, cpu: Vcpu) -> tuple[bool, bool]:
    """A vCPU that is asked to flush its TLB has nothing of before in it in the end."""
    return m.tlb_flush_requested[cpu], not any(m.tlb[cpu][gfn].writable for gfn in Gfn)


age_in_steps = guest(
    "age_in_steps",
    "As `age`, with an eye on what each step does.",
    logged_before,
    ager(times=1),
    vcpus(),
)

zap_while_all_go_on = guest(
    "zap_while_all_go_on",
    "As `zap_and_kick`, where the zapper and the vCPUs do not stop for ever.",
    mapped_for_write,
    Actor("zapper", kvm_unmap_gfn_range, times=1, fair=True),
    Actor("vcpu", direct_page_fault, vmx_handle_exit, handle_ipi, each=Vcpu, fair=True),
    when=flushes_in_steps,
)

zap_while_zapper_goes_on = guest(
    "zap_while_zapper_goes_on",
    "As `zap_and_kick`, where a vCPU may stop for ever.",
    mapped_for_write,
    Actor("zapper", kvm_unmap_gfn_range, times=1, fair=True),
    Actor("vcpu", direct_page_fault, vmx_handle_exit, handle_ipi, each=Vcpu),
    when=flushes_in_steps,
)

_REQUEST = "We want to publish modifications to the page tables before reading mode."
_COMMENT = "virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment"

CLAIMS = [
    Claim(
        "K1",
        "w_never_cleared_out_of_mmu_lock",
        quote="KVM _sets_ the WRITABLE bit out of mmu_lock, but never _clears_ the bit out of "
        "mmu_lock, so if the WRITABLE bit is set, it cannot magically get cleared just because the "
        "SPTE is MMU-writable.",
        source="706c9c55e5a3 (\"KVM: x86/mmu: Don't treat fully writable SPTEs as volatile (modulo "
        'A/D)")',
        scenario=age_in_steps,
        expect=[
            holds(w_is_cleared_under_mmu_lock, kernel=[V5_18, V6_13], method=NO_AD),
            violated(w_is_cleared_under_mmu_lock, kernel=V6_15, method=NO_AD),
            holds(w_is_cleared_under_mmu_lock, kernel=V6_15, method=WP),
            reached(stale_writable_entry, kernel=[V6_13, V6_15], method=NO_AD),
            reached(stale_writable_entry, kernel=V6_0, method=WP),
            unreached(stale_writable_entry, kernel=V6_4, method=WP),
        ],
        note="The sentence itself, step by step. It is no longer true of 6.15, which ages without "
        "mmu_lock: without A/D bits, that clears W. The goal is what aging leads to: without A/D "
        "bits, by design, and with them up to 6.3, where the value stored is a stale one.",
    ),
    Claim(
        "K2",
        "requested_flush_is_done",
        quote=_REQUEST,
        source=_COMMENT,
        scenario=zap_while_all_go_on,
        expect=[
            holds(
                requested_flush_is_done,
                kernel=V6_15,
                method=WP,
                variant=[Variant.FLUSH_IN_STEPS, Variant.FLUSH_WITHOUT_WAIT],
            ),
        ],
        note="Whether the zapper waits or not, a vCPU that goes on serves the request.",
    ),
    Claim(
        "K2",
        "requested_flush_by_a_vcpu_that_stops",
        quote=_REQUEST,
        source=_COMMENT,
        scenario=zap_while_zapper_goes_on,
        expect=[
            violated(
                requested_flush_is_done,
                kernel=V6_15,
                method=WP,
                variant=Variant.FLUSH_IN_STEPS,
            ),
        ],
        note="Nobody else can do it: where a vCPU may stop for ever, so may the request.",
    ),
]
