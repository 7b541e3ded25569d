"""What a CPU does on its own: page walks, Accessed and Dirty, its TLB (SDM vol. 3, ch. 29)."""

from kvmspec.constants import PML, method
from kvmspec.flush import flush_takes_steps, kvm_make_all_cpus_request
from kvmspec.machine import FaultSlot, Gfn, Kvm, PageTable, TlbEntry, Vcpu, relies_on_log
from kvmspec.spte import (
    Spte,
    is_access_allowed,
    is_writable_pte,
    spte_ad_enabled,
)
from kvmtla import Map, atomic, hardware, operation, pure, require


@pure
def in_guest(m: Kvm, cpu: Vcpu) -> bool:
    """Does the vCPU run guest code?"""
    return m.fault_slot[cpu] == FaultSlot.NONE


@pure
def translates(spte: Spte, write: bool) -> bool:
    """Does the CPU find a translation in it that allows the access?"""
    return spte.present and is_access_allowed(spte, write)


@pure
def need_not_set_dirty(spte: Spte) -> bool:
    """Does a write through this translation leave the SPTE alone?"""
    return is_writable_pte(spte) and (spte.dirty or not spte_ad_enabled(spte))


@hardware("the CPU walks the page table for a read", source="SDM vol. 3, 29.3.2 and 29.3.5")
def page_walk_for_read(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A translation is cached, with W and D as the SPTE has them; A is set first."""
    spte = m.spte[gfn]
    require(in_guest(m, cpu) and translates(spte, False))
    require(not m.tlb[cpu][gfn].writable)
    if spte_ad_enabled(spte):
        m.spte[gfn] = spte.but(accessed=True)
    m.tlb[cpu][gfn] = TlbEntry(writable=is_writable_pte(spte), dirty=need_not_set_dirty(spte))


@hardware("write: the CPU sets D", source="SDM vol. 3, 29.3.5 and 29.3.6")
def page_walk_for_write(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A write whose translation is not cached dirty: A and D are set in one locked access.

    With PML, the page goes to the buffer if D was clear (SDM vol. 3, 29.3.6).
    """
    spte = m.spte[gfn]
    require(in_guest(m, cpu) and translates(spte, True))
    require(not m.tlb[cpu][gfn].dirty)
    if method == PML and m.pml_enabled and not spte.dirty:
        m.pml_buffer[cpu][gfn] = True
    if spte_ad_enabled(spte):
        m.spte[gfn] = spte.but(accessed=True, dirty=True)
    m.tlb[cpu][gfn] = TlbEntry(writable=True, dirty=True)


@hardware("write through the TLB", source="SDM vol. 3, 29.3.5")
def write_through_tlb(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A write whose translation is cached writable and dirty touches no SPTE, and logs nothing."""
    require(in_guest(m, cpu) and m.tlb[cpu][gfn].writable and m.tlb[cpu][gfn].dirty)
    m.page_written[gfn] = True
    if relies_on_log.active():
        m.unreported[gfn] = True


@hardware("the CPU drops the translation from its TLB", source="SDM vol. 3, 29.4.2")
def evict(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A TLB entry may go at any time."""
    require(m.tlb[cpu][gfn].writable)
    m.tlb[cpu][gfn] = TlbEntry()


@atomic(kernel="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs", text="kvm_flush_remote_tlbs(kvm)")
def flush_at_once(m: Kvm) -> None:
    """Every vCPU drops its translations: at once, or before it enters the guest again.

    One step: a vCPU that has the request pending uses no translation until it has served it.
    """
    m.tlb = Map({cpu: Map({gfn: TlbEntry() for gfn in Gfn}) for cpu in Vcpu})
    m.root_tlb = Map({cpu: Map({root: TlbEntry() for root in PageTable}) for cpu in Vcpu})
    m.walk_cache = Map({cpu: None for cpu in Vcpu})


@operation(kernel="virt/kvm/kvm_main.c:kvm_flush_remote_tlbs")
def kvm_flush_remote_tlbs(m: Kvm) -> None:
    """No CPU uses a translation any more that was cached before; see flush.py."""
    if flush_takes_steps():
        kvm_make_all_cpus_request(m)
    else:
        flush_at_once(m)
