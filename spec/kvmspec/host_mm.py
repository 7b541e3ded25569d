"""The primary MMU: host PTEs, and the writing back of dirty pages (mm/)."""

from kvmspec.machine import Gfn, Kvm
from kvmspec.notifiers import kvm_unmap_gfn_range
from kvmtla import WRITE_ONCE, atomic, operation


@atomic(text="the page is written out: TestClearPageDirty()")
def write_out(m: Kvm, gfn: Gfn) -> None:
    """What the page holds now is safe; it is clean."""
    m.page_dirty[gfn] = False
    m.page_written[gfn] = False


@operation(kernel="mm/page-writeback.c:clear_page_dirty_for_io")
def write_back_file_page(m: Kvm, gfn: Gfn) -> None:
    """Write a page of a file back: the host PTE is write-protected first, and KVM's SPTE zapped.

    Whoever wants to write to it waits for the page's lock.
    """
    WRITE_ONCE(m.page_locked[gfn], True)
    WRITE_ONCE(m.host_pte_readonly[gfn], True)
    kvm_unmap_gfn_range(m, gfn)
    write_out(m, gfn)
    WRITE_ONCE(m.page_locked[gfn], False)


@operation()
def write_back_without_protection(m: Kvm, gfn: Gfn) -> None:
    """Write a page back and leave it writable, trusting the Dirty bits to tell of later writes."""
    write_out(m, gfn)
