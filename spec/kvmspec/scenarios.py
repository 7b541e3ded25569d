"""Who meets whom."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from kvmspec import huge_pages, roots
from kvmspec.constants import FLUSHES_IN_STEPS, NO_AD, PML, V6_13, kernel, method
from kvmspec.cpu import evict, page_walk_for_read, page_walk_for_write, write_through_tlb
from kvmspec.dirty_log import log_once, log_twice, log_with_manual_protect, log_with_rings
from kvmspec.faults import direct_page_fault, vmx_handle_exit
from kvmspec.flush import handle_ipi
from kvmspec.host_mm import write_back_file_page, write_back_without_protection
from kvmspec.machine import Gfn, Kvm, NonLeaf, PageTable, Vcpu
from kvmspec.mmio import add_memslot, kvm_mmu_page_fault
from kvmspec.notifiers import (
    kvm_mmu_notifier_change_pte,
    kvm_mmu_notifier_clear_flush_young,
    kvm_mmu_notifier_clear_young,
    kvm_unmap_gfn_range,
)
from kvmspec.page_track import kvm_slot_page_track_add_page
from kvmspec.spte import (
    NOT_PRESENT,
    PT_PAGE_SIZE_MASK,
    make_spte,
    mark_spte_for_access_track,
    shadow_mmio_value,
)
from kvmspec.two_levels import (
    direct_page_fault as page_fault_on_two_levels,
)
from kvmspec.two_levels import (
    grace_period,
    kvm_mmu_zap_collapsible_sptes,
    kvm_tdp_mmu_zap_sp,
    make_nonleaf_spte,
    zap_and_yield,
    zap_lower,
)
from kvmspec.two_levels import (
    kvm_mmu_notifier_clear_young as clear_young_on_two_levels,
)
from kvmspec.walks import walk_to_table, write_by_huge_page, write_by_table
from kvmtla import Actor, Map, Scenario, choose, initial

Config = Mapping[str, Enum]
CPU = [page_walk_for_read, page_walk_for_write, write_through_tlb, evict]


def has_ad_bits(config: Config) -> bool:
    """Do CPUs set Accessed and Dirty?"""
    return config["method"] != NO_AD


def flushes_in_steps(config: Config) -> bool:
    """Does a vCPU leave the guest for a flush? Elsewhere, a flush is one step."""
    return config["variant"] in FLUSHES_IN_STEPS


@initial
def mapped_for_write(m: Kvm) -> None:
    """Every page has just been mapped by a write fault; nothing is cached, nothing logged."""
    m.spte = Map({gfn: make_spte(NOT_PRESENT) for gfn in Gfn})
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


@initial
def logged_before(m: Kvm) -> None:
    """An earlier session of dirty logging has left the SPTEs re-armed: D clear (PML), or W."""
    spte = make_spte(NOT_PRESENT)
    left = spte.but(dirty=False) if method == PML else spte.but(writable=False)
    m.spte = Map({gfn: left for gfn in Gfn})
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


@initial
def clean_and_not_writable(m: Kvm) -> None:
    """D and W are clear, MMU_W set.

    With A/D bits: a huge page after a session with PML, which clears D in all SPTEs, and W in huge
    ones (kvm_mmu_slot_apply_flags). Without: a page that has been aged.
    """
    spte = mark_spte_for_access_track(make_spte(NOT_PRESENT)).but(writable=False, dirty=False)
    m.spte = Map({gfn: spte for gfn in Gfn})
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


@initial
def no_memory(m: Kvm) -> None:
    """There is no slot, and nothing is mapped."""
    m.spte = Map({gfn: NOT_PRESENT for gfn in Gfn})
    m.slot_missing = True


@initial
def memory_added(m: Kvm) -> None:
    """A slot has been added where an MMIO SPTE tells of the time before."""
    m.spte = Map({gfn: shadow_mmio_value for gfn in Gfn})
    m.slots_generation = True


@initial
def read_or_written(m: Kvm) -> None:
    """D and W are clear or set, in all combinations."""
    spte = make_spte(NOT_PRESENT).but(writable=choose(bool), dirty=choose(bool))
    m.spte = Map({gfn: spte for gfn in Gfn})


@initial
def mapped_and_tagged(m: Kvm) -> None:
    """As `logged_before`; the page was tagged dirty when the host mapped it for write."""
    spte = make_spte(NOT_PRESENT)
    left = spte.but(dirty=False) if method == PML else spte.but(writable=False)
    m.spte = Map({gfn: left for gfn in Gfn})
    m.page_dirty = Map({gfn: True for gfn in Gfn})


@initial
def huge_page(m: Kvm) -> None:
    """A huge page is mapped, writable or not, dirty or not; the slot does not log yet."""
    spte = make_spte(NOT_PRESENT).but(writable=choose(bool), dirty=choose(bool))
    m.upper = NonLeaf(spte=spte | PT_PAGE_SIZE_MASK)
    m.host_page_is_huge = True
    m.eager_page_split = choose(bool)
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


@initial
def small_page_logged(m: Kvm) -> None:
    """A slot logs, and the page has been split off a huge one for that."""
    table = choose(PageTable)
    spte = make_spte(NOT_PRESENT)
    m.upper = NonLeaf(spte=make_nonleaf_spte(), child=table)
    m.table[table] = spte.but(dirty=False) if method == PML else spte.but(writable=False)
    m.allocated[table] = True
    m.slot_logs = True
    m.pml_enabled = method == PML
    m.host_page_is_huge = True
    m.eager_page_split = True
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


@initial
def table_linked(m: Kvm) -> None:
    """A page is mapped by a page table; it was neither accessed nor written. Nothing is cached."""
    table = choose(PageTable)
    spte = make_spte(NOT_PRESENT)
    m.upper = NonLeaf(spte=make_nonleaf_spte(), child=table)
    m.table[table] = spte.but(dirty=False)
    m.allocated[table] = True
    m.page_dirty = Map({gfn: kernel >= V6_13 for gfn in Gfn})


def tables(
    name: str,
    doc: str,
    *actors: Actor,
    start: Callable[[Kvm], None] = table_linked,
    also: Sequence[Callable[..., None]] = (),
    cpus: int = 1,
    page_tables: int = 1,
) -> Scenario:
    """Two levels of page tables, and CPUs that use them.

    With A/D bits: nothing here gives back, or takes away, what access tracking does.
    """
    return Scenario(
        name,
        doc,
        machine=Kvm,
        sizes={Vcpu: cpus, Gfn: 1, PageTable: page_tables},
        initial=start,
        actors=actors,
        hardware=[walk_to_table, write_by_table, write_through_tlb, evict, *also],
        when=has_ad_bits,
    )


def vcpus() -> Actor:
    """The vCPUs' exits to KVM, as often as they like."""
    return Actor("vcpu", direct_page_fault, vmx_handle_exit, each=Vcpu)


def ager(times: int | None = None) -> Actor:
    """Ages pages without flushing, as reclaim and idle page tracking do."""
    return Actor("ager", kvm_mmu_notifier_clear_young, times=times)


def guest(
    name: str,
    doc: str,
    start: Callable[[Kvm], None],
    *others: Actor,
    pages: int = 1,
    hardware: Sequence[Callable[..., None]] = CPU,
    when: Callable[[Config], bool] | None = None,
) -> Scenario:
    """CPUs that run guest code, and whoever else there is."""
    return Scenario(
        name,
        doc,
        machine=Kvm,
        sizes={Vcpu: 1, Gfn: pages, PageTable: 1},
        initial=start,
        actors=others,
        hardware=hardware,
        when=when,
    )


zap = guest(
    "zap",
    "A page is unmapped while the guest writes to it.",
    logged_before,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
)

zap_and_fault = guest(
    "zap_and_fault",
    "A page is unmapped while the guest writes to it and faults.",
    logged_before,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
    vcpus(),
)

zap_clean = guest(
    "zap_clean",
    "A page, clean or dirty, writable or not, is unmapped while the guest writes to it.",
    read_or_written,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
)

zap_clean_and_fault = guest(
    "zap_clean_and_fault",
    "A page that KVM takes for clean is unmapped while the guest writes to it and faults.",
    clean_and_not_writable,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
    vcpus(),
)

write_back = guest(
    "write_back",
    "A page of a file is written back and unmapped, with its lock held, while the guest writes.",
    mapped_and_tagged,
    Actor("reclaim", write_back_file_page, kvm_unmap_gfn_range, times=2),
    vcpus(),
)

write_back_trusting = guest(
    "write_back_trusting",
    "As `write_back`, where the page stays writable while it is written back.",
    mapped_and_tagged,
    Actor("reclaim", write_back_without_protection, kvm_unmap_gfn_range, times=2),
    vcpus(),
)

zap_twice = tables(
    "zap_twice",
    "Two tasks zap a page table, and one ages the page, while the guest writes to it.",
    Actor("zapper", kvm_tdp_mmu_zap_sp, times=1),
    Actor("other_zapper", kvm_mmu_zap_collapsible_sptes, times=1),
    Actor("ager", clear_young_on_two_levels, times=1),
)

zap_table_and_yield = tables(
    "zap_table_and_yield",
    "A page table is zapped in a walk that yields; the guest writes, RCU frees the table.",
    Actor("zapper", zap_and_yield, times=1),
    also=[grace_period],
)

zap_and_map = tables(
    "zap_and_map",
    "A page table is zapped; the guest faults, and gets another.",
    Actor("zapper", kvm_mmu_zap_collapsible_sptes, times=1),
    Actor("vcpu", page_fault_on_two_levels, each=Vcpu),
    cpus=2,
    page_tables=2,
)

zap_both_levels = tables(
    "zap_both_levels",
    "A page table is zapped, and so is the SPTE in it, while the guest faults.",
    Actor("zapper", kvm_mmu_zap_collapsible_sptes, times=1),
    Actor("other_zapper", zap_lower, times=1),
    Actor("vcpu", page_fault_on_two_levels, each=Vcpu),
    page_tables=2,
)


def nested(name: str, doc: str, *actors: Actor, cpus: int = 1) -> Scenario:
    """Two roots, L1's and L2's, and vCPUs that change between them; their CPUs have A/D bits."""
    return Scenario(
        name,
        doc,
        machine=Kvm,
        sizes={Vcpu: cpus, Gfn: 1, PageTable: 2},
        initial=roots.two_roots,
        actors=actors,
        hardware=[
            roots.walk_root_for_read,
            roots.walk_root_for_write,
            roots.write_through_root_tlb,
            roots.evict_from_root,
        ],
        when=has_ad_bits,
    )


log_nested = nested(
    "log_nested",
    "User space logs while vCPUs run the guest, L1, and a guest of it, L2.",
    Actor("dirty_log", roots.log, times=1, label="dirty log"),
    Actor("vcpu", roots.direct_page_fault, vmx_handle_exit, roots.enter_or_leave_l2, each=Vcpu),
)

zap_in_all_roots = nested(
    "zap_in_all_roots",
    "A page is zapped in two roots, with a yield between them, while vCPUs use both.",
    Actor("zapper", roots.kvm_tdp_mmu_zap_leafs, times=1),
    Actor("vcpu", roots.enter_or_leave_l2, each=Vcpu),
)

VCPUS_ON_TWO_LEVELS = Actor("vcpu", page_fault_on_two_levels, vmx_handle_exit, each=Vcpu)

split = tables(
    "split",
    "A memslot begins to log; a huge page is split for it, at once or when the guest writes.",
    Actor("dirty_log", huge_pages.log, times=1, label="dirty log"),
    VCPUS_ON_TWO_LEVELS,
    start=huge_page,
    also=[write_by_huge_page],
    page_tables=2,
)

recover = tables(
    "recover",
    "A memslot stops logging, so that its pages can be huge again.",
    Actor("dirty_log", huge_pages.stop_logging, times=1, label="dirty log"),
    VCPUS_ON_TWO_LEVELS,
    start=small_page_logged,
    also=[write_by_huge_page],
    page_tables=2,
)

recover_and_log = tables(
    "recover_and_log",
    "A memslot stops logging, so that its pages can be huge again, and logs again.",
    Actor("dirty_log", huge_pages.stop_and_log, times=1, label="dirty log"),
    VCPUS_ON_TWO_LEVELS,
    start=small_page_logged,
    also=[write_by_huge_page],
    page_tables=4,
)

recover_in_use = tables(
    "recover_in_use",
    "A page of a memslot that logs is made part of a huge one.",
    Actor("dirty_log", huge_pages.recover_while_logging, times=1, label="dirty log"),
    VCPUS_ON_TWO_LEVELS,
    start=small_page_logged,
    also=[write_by_huge_page],
    page_tables=2,
)

age = guest(
    "age",
    "A page is aged while the guest writes to it and faults.",
    logged_before,
    ager(times=1),
    vcpus(),
)

age_and_flush = guest(
    "age_and_flush",
    "A page is aged by clear_flush_young while the guest writes to it and faults.",
    mapped_for_write,
    Actor("ager", kvm_mmu_notifier_clear_flush_young),
    vcpus(),
)


age_and_log_twice = guest(
    "age_and_log_twice",
    "A page is aged once while user space logs twice: a session called off, then a real one.",
    mapped_for_write,
    ager(times=1),
    Actor("dirty_log", log_twice, times=1, label="dirty log"),
    vcpus(),
)


def _log(name: str, how: str, operation: Callable[[Kvm], None]) -> Scenario:
    return guest(
        name,
        f"A page is aged again and again while user space logs{how}.",
        mapped_for_write,
        ager(),
        Actor("dirty_log", operation, times=1, label="dirty log"),
        vcpus(),
    )


age_and_log = _log("age_and_log", "", log_once)
log_by_clear = _log("log_by_clear", " with GET and CLEAR", log_with_manual_protect)
log_by_rings = _log("log_by_rings", " with dirty rings", log_with_rings)

log_after_session = guest(
    "log_after_session",
    "A page is aged while user space logs; an earlier session has left its mark.",
    logged_before,
    ager(),
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    vcpus(),
)

change_pte = guest(
    "change_pte",
    "The primary MMU puts a read-only page in place of one that the guest writes to.",
    mapped_for_write,
    Actor("ksm", kvm_mmu_notifier_change_pte, times=1, label="KSM"),
)

shadow = guest(
    "shadow",
    "A page turns out to be a page table of a nested guest, while user space logs.",
    mapped_for_write,
    Actor("shadow_mmu", kvm_slot_page_track_add_page, times=1, label="shadow MMU"),
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    vcpus(),
)

shadow_and_age = guest(
    "shadow_and_age",
    "A page that is being aged turns out to be a page table, while user space logs.",
    mapped_for_write,
    Actor("shadow_mmu", kvm_slot_page_track_add_page, times=1, label="shadow MMU"),
    ager(times=1),
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    vcpus(),
)

memslot_for_mmio = guest(
    "memslot_for_mmio",
    "User space adds a memslot where the guest has found a device before.",
    no_memory,
    Actor("user_space", add_memslot, times=1, label="user space"),
    Actor("vcpu", kvm_mmu_page_fault, each=Vcpu),
)

log_over_mmio = guest(
    "log_over_mmio",
    "A page whose SPTE is still MMIO is unmapped and logged.",
    memory_added,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    Actor("vcpu", kvm_mmu_page_fault, direct_page_fault, vmx_handle_exit, each=Vcpu),
)

shadow_over_mmio = guest(
    "shadow_over_mmio",
    "A page turns out to be a page table where an SPTE is still MMIO.",
    memory_added,
    Actor("shadow_mmu", kvm_slot_page_track_add_page, times=1, label="shadow MMU"),
    Actor("vcpu", kvm_mmu_page_fault, each=Vcpu),
)

VCPUS_WITH_KICKS = Actor("vcpu", direct_page_fault, vmx_handle_exit, handle_ipi, each=Vcpu)

log_twice_and_kick = guest(
    "log_twice_and_kick",
    "As `age_and_log_twice`, where vCPUs have to leave the guest for a flush.",
    mapped_for_write,
    ager(times=1),
    Actor("dirty_log", log_twice, times=1, label="dirty log"),
    VCPUS_WITH_KICKS,
    when=flushes_in_steps,
)

log_and_kick = guest(
    "log_and_kick",
    "User space logs, and vCPUs have to leave the guest for a flush.",
    logged_before,
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    VCPUS_WITH_KICKS,
    when=flushes_in_steps,
)

zap_and_kick = guest(
    "zap_and_kick",
    "A page is unmapped, and vCPUs have to leave the guest for the flush.",
    mapped_for_write,
    Actor("zapper", kvm_unmap_gfn_range, times=1),
    VCPUS_WITH_KICKS,
    when=flushes_in_steps,
)
