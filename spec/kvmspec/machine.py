"""The state that KVM, the vCPUs and their CPUs share."""

from enum import Enum
from typing import ClassVar

from kvmspec.spte import NOT_PRESENT, Spte
from kvmtla import Domain, Map, Record, RwLock, Set, Shared, Span


class Gfn(Domain, label="gfn"):
    """A guest page of 4 KiB, in a memslot that user space may log."""


class Vcpu(Domain, symmetric=True, label="vCPU"):
    """A vCPU and the CPU that it runs on."""


class PageTable(Domain, label="page table"):
    """A page table; one of its SPTEs is in the model."""


class NonLeaf(Record):
    """An SPTE of 2 MiB, and the page table that it points to, if it does."""

    spte: Spte = NOT_PRESENT
    child: PageTable | None = None

    labels: ClassVar = {"spte": "SPTE", "child": "child"}


class TlbEntry(Record):
    """What a CPU has cached of one translation. No W: as good as nothing cached, for a write."""

    writable: bool = False
    dirty: bool = False

    labels: ClassVar = {"writable": "W", "dirty": "D"}


class Place(Enum):
    """Memory that CPUs store to through their store buffers; see tso.py. Each is 0 at first."""

    GUEST_PTE_CHANGED = "guest PTE"
    INDIRECT_SHADOW_PAGES = "kvm->arch.indirect_shadow_pages"


class VcpuMode(Enum):
    """vcpu->mode."""

    IN_GUEST_MODE = "IN_GUEST_MODE"
    OUTSIDE_GUEST_MODE = "OUTSIDE_GUEST_MODE"
    EXITING_GUEST_MODE = "EXITING_GUEST_MODE"


class FaultSlot(Enum):
    """The memslot that a vCPU has looked up for the fault it handles, held by SRCU meanwhile."""

    NONE = "in the guest"
    NO_SLOT = "no slot"
    PLAIN = "not logged"
    LOGGED = "logged"


class Kvm(Shared):
    """struct kvm, its memslot, its SPTEs, and the CPUs that use them."""

    spte: Map[Gfn, Spte]
    upper: NonLeaf
    table: Map[PageTable, Spte]
    allocated: Map[PageTable, bool]
    walk_cache: Map[Vcpu, PageTable | None]
    guest_mode: Map[PageTable, bool]
    root: Map[Vcpu, PageTable | None]
    root_tlb: Map[Vcpu, Map[PageTable, TlbEntry]]
    rcu_read_lock: bool
    unlinked: Map[PageTable, bool]
    unlinked_twice: bool
    freed: Map[PageTable, bool]
    host_page_is_huge: bool
    eager_page_split: bool
    tlb: Map[Vcpu, Map[Gfn, TlbEntry]]
    vcpu_mode: Map[Vcpu, VcpuMode]
    tlb_flush_requested: Map[Vcpu, bool]
    pml_buffer: Map[Vcpu, Map[Gfn, bool]]
    pml_enabled: bool
    slot_missing: bool
    slot_logs: bool
    slots_generation: bool
    slots_update_in_progress: bool
    fault_slot: Map[Vcpu, FaultSlot]
    dirty_bitmap: Map[Gfn, bool]
    write_tracked: Map[Gfn, bool]
    shadow_spte_is_old: bool
    guest_only_reads: bool
    memory: Set[Place]
    store_buffer: Map[Vcpu, Place | None]
    mmu_lock: RwLock
    host_pte_readonly: Map[Gfn, bool]
    page_locked: Map[Gfn, bool]
    page_dirty: Map[Gfn, bool]
    page_written: Map[Gfn, bool]
    unreported: Map[Gfn, bool]

    labels: ClassVar = {
        "spte": "*sptep",
        "upper": "*sptep (2 MiB)",
        "table": "*sptep (4 KiB)",
        "allocated": "page table in use",
        "walk_cache": "paging-structure cache",
        "guest_mode": "root->role.guest_mode",
        "root": "vcpu->arch.mmu->root",
        "root_tlb": "TLB",
        "rcu_read_lock": "RCU read side",
        "unlinked": "call_rcu(tdp_mmu_free_sp)",
        "unlinked_twice": "call_rcu() a second time",
        "freed": "page table freed",
        "host_page_is_huge": "host has a huge page",
        "eager_page_split": "eager_page_split",
        "tlb": "TLB",
        "vcpu_mode": "vcpu->mode",
        "tlb_flush_requested": "KVM_REQ_TLB_FLUSH",
        "pml_buffer": "PML buffer",
        "pml_enabled": "PML",
        "slot_missing": "no slot here",
        "slot_logs": "slot->flags LOG_DIRTY",
        "slots_generation": "slots->generation",
        "slots_update_in_progress": "slots->generation UPDATE_IN_PROGRESS",
        "fault_slot": "fault->slot",
        "dirty_bitmap": "slot->dirty_bitmap",
        "write_tracked": "gfn_write_track",
        "shadow_spte_is_old": "*sptep (shadow) maps what the old guest PTE says",
        "guest_only_reads": "the guest only reads",
        "memory": "set in memory",
        "store_buffer": "store buffer",
        "host_pte_readonly": "host PTE read-only",
        "page_locked": "page lock held",
        "page_dirty": "backing page dirty",
        "page_written": "page written",
        "unreported": "written, user space not told",
    }


emulating_write = Span("A write to a guest PTE is being emulated.", cpu=Vcpu)
shadowing = Span("A page fault is being handled that shadows a guest PTE.", cpu=Vcpu)
emulating_mmio = Span("The access is emulated, for a device.", cpu=Vcpu)
relies_on_log = Span("User space takes each page that the dirty log does not name for clean.")
marking = Span("A page is on its way into the dirty bitmap.", gfn=Gfn)
harvesting = Span("The page was taken out of the bitmap, and will be reported.", gfn=Gfn)
flush_owed = Span("A running operation will flush the page from all TLBs.", gfn=Gfn)
tag_owed = Span("A running operation will tag the backing page dirty.", gfn=Gfn)
taken_for_clean = Span("KVM has read D clear and W clear, and is about to write.", gfn=Gfn)
taken_for_accessed = Span("KVM has read the SPTE as accessed, and is to write plainly.", gfn=Gfn)
zapping = Span("A running operation zaps the page, and has held mmu_lock since.", gfn=Gfn)
protecting = Span("A running operation takes write access to the page away.", gfn=Gfn)
not_writable_in_kvms_eyes = Span("KVM has replaced the SPTE, which it takes for !W.", gfn=Gfn)
