"""The properties that claims are about: what each means, why it is right, where it is not meant."""

from kvmspec.constants import V6_13, kernel
from kvmspec.cpu import in_guest
from kvmspec.machine import (
    FaultSlot,
    Gfn,
    Kvm,
    PageTable,
    Place,
    Vcpu,
    emulating_mmio,
    emulating_write,
    flush_owed,
    harvesting,
    marking,
    not_writable_in_kvms_eyes,
    protecting,
    shadowing,
    tag_owed,
    taken_for_accessed,
    taken_for_clean,
    zapping,
)
from kvmspec.spte import Spte, is_accessed_spte, is_dirty_spte, is_mmio_spte, is_writable_pte
from kvmtla import invariant, pure, step_invariant


@invariant
def dirty_implies_logged(m: Kvm) -> bool:
    """A guest write that user space has not been told of is in the log, or on its way there.

    In the bitmap, in a PML buffer, about to be marked by a fast page fault, or harvested by a GET
    that has not returned. This is what live migration lives on: user space copies a page again
    only if it is told to. Meant for all kernels and methods.
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

    The form that KVM maintains (comment above is_writable_pte(), spte.h): W may be cleared long
    before the flush, MMU_W never. It does not see an SPTE that has kept MMU_W and should not:
    `shadowed_page_is_protected` does. Meant for all kernels and methods.
    """
    return all(
        m.spte[gfn].mmu_writable or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def writable_in_guest_implies_flushed(m: Kvm) -> bool:
    """As `writable_implies_flushed`, for CPUs that run guest code right now.

    The form for a flush in its real steps, after which a vCPU that is not in the guest may still
    have stale translations: it drops them before it is back. Meant for all kernels and methods.
    """
    return all(
        m.spte[gfn].mmu_writable or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable and in_guest(m, cpu)
    )


@invariant
def writable_implies_flushed_w(m: Kvm) -> bool:
    """A CPU that can write through its TLB: the SPTE is writable, or a flush is on its way.

    The form on W, in which the commit message argues. Not meant for any kernel without A/D bits,
    where aging clears W and does not flush.
    """
    return all(
        m.spte[gfn].writable or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def writable_as_seen(m: Kvm) -> bool:
    """No CPU has a translation cached writable that KVM, having replaced the SPTE, takes for !W.

    What is at stake where KVM decides by the old W whether to flush. Where it flushes anyway, as
    when it zaps, no harm follows. Meant since v5.19.
    """
    return not any(
        m.tlb[cpu][gfn].writable and not_writable_in_kvms_eyes.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
    )


@invariant
def flushed_before_unlock(m: Kvm) -> bool:
    """A CPU that can write through its TLB: the SPTE is MMU-writable, or mmu_lock is still held.

    What zapping owes to whoever takes mmu_lock next and finds the SPTE gone. Stricter than
    `writable_implies_flushed`, where a flush may come after the lock is dropped. In each root, of
    which a CPU has translations whether or not it is the one in use. Meant of zapping, in all
    kernels; not of dirty logging, which flushes later on purpose.
    """
    return all(
        m.table[root].mmu_writable or any(zapping.active(gfn) for gfn in Gfn)
        for cpu in Vcpu
        for root in PageTable
        if m.root_tlb[cpu][root].writable
    )


@invariant
def shadowed_page_is_protected(m: Kvm) -> bool:
    """No CPU can write to a page table that KVM shadows, once KVM has taken write access away.

    Else the guest changes its page table unseen, and the shadow page keeps what is gone. Meant for
    all kernels and methods.
    """
    return not any(
        m.tlb[cpu][gfn].writable and m.write_tracked[gfn] and not protecting.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
    )


@invariant
def legal_triple(m: Kvm) -> bool:
    """W implies MMU_W, and MMU_W implies HOST_W, in every SPTE that is present.

    As check_spte_writable_invariants() has it (5f16bcac6e28, v5.17). A fast page fault goes by
    MMU_W alone; it must not make writable what the host has read-only. Meant for all kernels.
    """
    return all(
        (m.spte[gfn].mmu_writable or not m.spte[gfn].writable)
        and (m.spte[gfn].host_writable or not m.spte[gfn].mmu_writable)
        for gfn in Gfn
        if m.spte[gfn].present
    )


@invariant
def page_tagged(m: Kvm) -> bool:
    """A page that the guest has written is tagged dirty, or the SPTE still says so.

    Or the operation that took the Dirty bit away is about to tag the page. Else the primary MMU may
    drop the page without writing it out. From v6.13 on the page is tagged when it is mapped, what
    SPTEs say does not count, and writeback has to keep guests from writing (C7).
    """
    return all(
        m.page_dirty[gfn] or (kernel < V6_13 and is_dirty_spte(m.spte[gfn])) or tag_owed.active(gfn)
        for gfn in Gfn
        if m.page_written[gfn]
    )


@invariant
def page_tagged_by_walk(m: Kvm) -> bool:
    """As `page_tagged`, where the SPTE that says so may be at either level.

    With the mutant's CPU, D of a non-leaf SPTE says so, too. Meant until v6.12.
    """
    return all(
        m.page_dirty[gfn]
        or m.upper.spte.dirty
        or any(m.table[t].dirty for t in PageTable)
        or tag_owed.active(gfn)
        for gfn in Gfn
        if m.page_written[gfn]
    )


@invariant
def dirty_always_set(m: Kvm) -> bool:
    """No present SPTE has D clear: whatever is lost, it is not the Dirty bit.

    Not an aim of KVM; it is so where Writable is the logging bit, since D is set in advance.
    """
    return all(m.spte[gfn].dirty for gfn in Gfn if m.spte[gfn].present)


@pure
def gets_dirty(before: Spte, after: Spte) -> bool:
    """Does D get set in what is mapped before and after?"""
    return before.present and after.present and after.dirty and not before.dirty


@step_invariant
def dirty_is_set_by_cpu(before: Kvm, after: Kvm) -> bool:
    """D of an SPTE that is present gets set by a CPU, which caches it, and only where W is set.

    KVM sets D in SPTEs that it makes anew, and does not put back one that has been cleared. Half of
    the rule "volatile iff !D and W"; `clean_stays_clean` is what KVM makes of it. Meant for all
    kernels and methods, but for aging until v6.3, which stores a D that it has read before, and for
    a fault that makes an SPTE anew which it finds present.
    """
    by_cpu = any(
        after.tlb[cpu][gfn].dirty and not before.tlb[cpu][gfn].dirty for cpu in Vcpu for gfn in Gfn
    )
    return (
        all(
            by_cpu and is_writable_pte(before.spte[gfn])
            for gfn in Gfn
            if gets_dirty(before.spte[gfn], after.spte[gfn])
        )
        and all(
            by_cpu and is_writable_pte(before.table[t])
            for t in PageTable
            if gets_dirty(before.table[t], after.table[t])
        )
        and (
            (by_cpu and is_writable_pte(before.upper.spte))
            or not gets_dirty(before.upper.spte, after.upper.spte)
        )
    )


@invariant
def clean_stays_clean(m: Kvm) -> bool:
    """D of an SPTE stays clear from KVM's reading it !D and !W until KVM writes it.

    What KVM relies on when it writes plainly. In no kernel is it true of SPTEs that a fast page
    fault may fix.
    """
    return not any(taken_for_clean.active(gfn) and m.spte[gfn].dirty for gfn in Gfn)


@invariant
def aging_is_kept(m: Kvm) -> bool:
    """No page that has just been aged is about to be marked accessed again by a plain write.

    Meant where aging takes no lock: from v6.15 on, for SPTEs without A/D bits. With them, losing A
    is accepted.
    """
    return not any(
        taken_for_accessed.active(gfn) and not is_accessed_spte(m.spte[gfn])
        for gfn in Gfn
        if m.spte[gfn].present
    )


@invariant
def used_implies_accessed(m: Kvm) -> bool:
    """A page that a CPU has a translation of counts as accessed, or a flush is on its way.

    Not an aim of clear_young in any kernel; of clear_flush_young until v6.12.
    """
    return all(
        is_accessed_spte(m.spte[gfn]) or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def mmio_is_whole(m: Kvm) -> bool:
    """No operation has taken an MMIO SPTE for one that maps memory, and changed bits of it.

    W, and with REMOVED_SPTE also A, mean something else in values that are not MMU-present; what
    would be left is one that the CPU misreads. Meant for all kernels and methods.
    """
    return all(is_mmio_spte(m.spte[gfn]) for gfn in Gfn if m.spte[gfn].mmio)


@invariant
def no_mmio_where_memory_is(m: Kvm) -> bool:
    """No access is emulated, as one to a device, that has found a memslot there.

    Else the guest would not see what it has in its memory. Meant for all kernels and methods.
    """
    return not any(
        emulating_mmio.active(cpu) and m.fault_slot[cpu] != FaultSlot.NO_SLOT for cpu in Vcpu
    )


@invariant
def unlinked_once(m: Kvm) -> bool:
    """No page table is given to RCU twice, which would free it twice. Meant for all kernels."""
    return not m.unlinked_twice


@invariant
def accessed_above(m: Kvm) -> bool:
    """Where a page was accessed, so was what is above it.

    Whoever skips a page table by its Accessed bit relies on that. KVM does not, in any kernel.
    """
    return all(
        m.upper.spte.accessed or not m.table[t].accessed for t in PageTable if m.upper.child == t
    )


@invariant
def no_cpu_uses_freed_table(m: Kvm) -> bool:
    """No CPU knows of a page table that has been freed.

    Else it walks, and writes A and D to, whatever is in that memory by now. Meant for all kernels.
    """
    return not any(m.freed[t] and m.walk_cache[cpu] == t for t in PageTable for cpu in Vcpu)


@invariant
def unlinked_table_is_empty(m: Kvm) -> bool:
    """Nothing is mapped by a page table that waits for being freed.

    Whoever took it apart would not have seen it, and nobody else looks. Meant for all kernels.
    """
    return not any(m.unlinked[t] and m.table[t].present for t in PageTable)


@invariant
def one_translation(m: Kvm) -> bool:
    """Where something is mapped, no CPU knows of a page table that was there before.

    So all CPUs translate alike. Meant of zapping until v6.12; not of splitting huge pages, nor of
    recovering them in place (v6.13), which both leave the translation what it was.
    """
    return all(
        m.walk_cache[cpu] is None or m.walk_cache[cpu] == m.upper.child
        for cpu in Vcpu
        if m.upper.spte.present
    )


@invariant
def writable_implies_flushed_by_walk(m: Kvm) -> bool:
    """As `writable_implies_flushed`, where the SPTE may be at either level.

    Meant for all kernels and methods.
    """
    return all(
        m.upper.spte.mmu_writable
        or any(m.table[t].mmu_writable for t in PageTable if m.upper.child == t)
        or flush_owed.active(gfn)
        for cpu in Vcpu
        for gfn in Gfn
        if m.tlb[cpu][gfn].writable
    )


@invariant
def shadow_spte_is_up_to_date(m: Kvm) -> bool:
    """No SPTE says what a guest PTE said before it was changed, unless somebody is at work on it.

    Else the guest goes on using what it has taken out of its page table. Meant for all kernels and
    methods; until v6.9 only true where stores are seen at once.
    """
    return (
        any(emulating_write.active(cpu) or shadowing.active(cpu) for cpu in Vcpu)
        or Place.GUEST_PTE_CHANGED not in m.memory
        or not m.shadow_spte_is_old
    )
