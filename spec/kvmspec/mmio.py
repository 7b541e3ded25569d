"""Guest memory that is not there: MMIO, which SPTEs tell of, too (arch/x86/kvm/mmu/mmu.c)."""

from kvmspec.constants import V6_13, Variant, kernel, variant
from kvmspec.faults import kvm_mmu_finish_page_fault, vmentry, vmexit
from kvmspec.machine import FaultSlot, Gfn, Kvm, Vcpu, emulating_mmio, tag_owed
from kvmspec.spte import Spte, is_mmio_spte, shadow_mmio_value
from kvmspec.tdp_mmu import tdp_mmu_map_handle_target_level, tdp_mmu_set_spte_atomic
from kvmtla import READ_ONCE, atomic, operation, read_lock, wait_until


@operation(kernel="arch/x86/kvm/mmu/spte.c:make_mmio_spte")
def make_mmio_spte(m: Kvm) -> Spte:
    """An MMIO SPTE of this generation of memslots; that they are in flux is not kept.

    It is the newest generation, whatever slots the fault has looked at before.
    """
    generation = READ_ONCE(m.slots_generation)
    return shadow_mmio_value.but(mmio_generation=generation)


@atomic(kernel="arch/x86/kvm/mmu/mmu.c:check_mmio_spte", text="check_mmio_spte(vcpu, spte)")
def check_mmio_spte(m: Kvm, spte: Spte) -> bool:
    """Does an MMIO SPTE still hold? Not if the memslots have changed, or are about to."""
    return not m.slots_update_in_progress and spte.mmio_generation == m.slots_generation


@operation(kernel="arch/x86/kvm/mmu/mmu.c:handle_mmio_page_fault")
def handle_mmio_page_fault(m: Kvm, gfn: Gfn) -> bool:
    """Is the access to be emulated, since the SPTE says so, and is not out of date?"""
    spte = READ_ONCE(m.spte[gfn])
    valid = False
    if is_mmio_spte(spte):
        valid = check_mmio_spte(m, spte)
    return valid


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault")
def kvm_mmu_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A fault on MMIO, or on memory where there was none before.

    Such a fault does not say whether it is a write, and page_fault_handle_page_track() lets it
    pass. If the SPTE is not MMIO any more, the kernel has the guest try again first.
    """
    vmexit(m, cpu, gfn, True)
    if handle_mmio_page_fault(m, gfn):
        with emulating_mmio(cpu):
            vmentry(m, cpu)
    else:
        with read_lock(m.mmu_lock):
            if READ_ONCE(m.fault_slot[cpu]) == FaultSlot.NO_SLOT:
                old_spte = READ_ONCE(m.spte[gfn])
                new_spte = make_mmio_spte(m)
                tdp_mmu_set_spte_atomic(m, gfn, old_spte, new_spte)
            else:
                mapped = False
                with tag_owed(gfn, when=lambda: kernel >= V6_13 and mapped):
                    mapped = tdp_mmu_map_handle_target_level(m, cpu, gfn, True)
                    kvm_mmu_finish_page_fault(m, gfn, mapped)
        vmentry(m, cpu)


@atomic(text="slots->generation = gen")
def set_generation(m: Kvm) -> None:
    """One store: the generation is another, and no update is in progress."""
    m.slots_generation = True
    m.slots_update_in_progress = False


@atomic(text="rcu_assign_pointer(kvm->memslots, slots)")
def assign_slots(m: Kvm) -> None:
    """The new slots are seen, and their generation with them: an update is in progress."""
    m.slot_missing = False
    if variant == Variant.GENERATION_ONCE:
        m.slots_generation = True
    else:
        m.slots_update_in_progress = True


@operation(kernel="virt/kvm/kvm_main.c:kvm_swap_active_memslots")
def add_memslot(m: Kvm) -> None:
    """Add a slot; the generation changes when nobody looks at the old slots any more."""
    assign_slots(m)
    wait_until(
        all(m.fault_slot[cpu] != FaultSlot.NO_SLOT for cpu in Vcpu),
        text="synchronize_srcu_expedited(&kvm->srcu)",
    )
    if variant != Variant.GENERATION_ONCE:
        set_generation(m)
