"""The properties that claims are about, each with its meaning in words."""

from kvmspec.machine import (
    Gfn,
    Kvm,
    Vcpu,
    flush_owed,
    harvesting,
    marking,
    not_writable_in_kvms_eyes,
    tag_owed,
)
from kvmtla import invariant


@invariant
def dirty_implies_logged(m: Kvm) -> bool:
    """A guest write that user space has not been told of is in the log, or on its way there.

    In the bitmap, in a PML buffer, about to be marked by a fast page fault, or harvested by a GET
    that has not returned.
    """
    return all(
        m.dirty_bitmap[gfn]
        or any(m.pml_buffer[cpu][gfn] for cpu in Vcpu)
        or marking.active(gfn)
        or harvesting.active(gfn)
        for gfn in Gfn
        if m.unreported[gfn]
    )


@invariant
def writable_implies_flushed(m: Kvm) -> bool:
    """A CPU that can write through its TLB: the SPTE is MMU-writable, or a flush is on its way.

    The form that KVM maintains: W may be cleared long before the flush, MMU_W never.
    """
    return all(
        m.spte[gfn].mmu_writable or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def writable_implies_flushed_w(m: Kvm) -> bool:
    """A CPU that can write through its TLB: the SPTE is writable, or a flush is on its way.

    The form on W, in which the commit message argues.
    """
    return all(
        m.spte[gfn].writable or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def writable_as_seen(m: Kvm) -> bool:
    """No CPU has a translation cached writable that KVM, having replaced the SPTE, takes for !W."""
    return not any(
        m.tlb[cpu][gfn].writable and not_writable_in_kvms_eyes.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
    )


@invariant
def page_tagged(m: Kvm) -> bool:
    """A page that the guest has written is tagged dirty, or the SPTE still says so.

    Or the operation that took the Dirty bit away is about to tag the page.
    """
    return all(
        m.page_dirty[gfn] or m.spte[gfn].dirty or tag_owed.active(gfn)
        for gfn in Gfn
        if m.page_written[gfn]
    )
