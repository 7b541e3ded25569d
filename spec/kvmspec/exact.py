"""What KVM does no more of than it must: what is in the log, and when an SPTE changes.

A page too many in the log does no harm, but for the copy that user space makes of it. A place at
which KVM marks what nobody has written is a mistake all the same.
"""

from kvmspec.constants import NO_AD, PML, V5_18, V6_4, V6_13, V6_15, WP
from kvmspec.cpu import evict, page_walk_for_read
from kvmspec.dirty_log import log_once
from kvmspec.invariants import (
    dirty_implies_logged,
    page_tagged,
    writable_implies_flushed_by_walk,
)
from kvmspec.machine import FaultSlot, Gfn, Kvm, PageTable, Vcpu
from kvmspec.scenarios import (
    age_and_flush,
    age_and_log_twice,
    ager,
    change_pte,
    guest,
    log_after_session,
    log_by_clear,
    log_nested,
    mapped_for_write,
    recover_in_use,
    split,
    vcpus,
    zap_both_levels,
    zap_in_all_roots,
    zap_table_and_yield,
)
from kvmspec.spte import NOT_PRESENT, Spte, is_writable_pte, make_spte
from kvmspec.walks import is_leaf
from kvmtla import (
    Actor,
    Claim,
    Map,
    held_for_read,
    held_for_write,
    holds,
    initial,
    invariant,
    pure,
    reachable,
    reached,
    step_invariant,
)


@invariant
def pml_buffer_is_empty_when_off(m: Kvm) -> bool:
    """No CPU has anything in its PML buffer when PML is off.

    What a session of logging has left there would be found by the next one. Meant for all kernels.
    """
    return m.pml_enabled or not any(m.pml_buffer[cpu][gfn] for cpu in Vcpu for gfn in Gfn)


@step_invariant
def log_begins_empty(before: Kvm, after: Kvm) -> bool:
    """A slot that begins to log has nothing in its dirty bitmap. Meant for all kernels."""
    return (
        before.slot_logs or not after.slot_logs or not any(after.dirty_bitmap[gfn] for gfn in Gfn)
    )


@step_invariant
def pml_follows_slot(before: Kvm, after: Kvm) -> bool:
    """CPUs begin to log when the slot logs already, and go on until it does not. In all kernels."""
    changed = after.pml_enabled != before.pml_enabled
    return before.slot_logs == after.pml_enabled if changed else True


@step_invariant
def logged_implies_asked_for(before: Kvm, after: Kvm) -> bool:
    """What gets into the dirty bitmap was in a PML buffer, or a vCPU handles a fault.

    Meant for all kernels and methods.
    """
    return all(
        any(
            before.pml_buffer[cpu][gfn] or before.fault_slot[cpu] == FaultSlot.LOGGED
            for cpu in Vcpu
        )
        for gfn in Gfn
        if after.dirty_bitmap[gfn] and not before.dirty_bitmap[gfn]
    )


@pure
def loses_nothing(before: Spte, after: Spte) -> bool:
    """Does it map what it mapped, and are W, D and A still set that were?"""
    return (
        after.present == before.present
        and after.mmu_writable == before.mmu_writable
        and (after.writable or not before.writable)
        and (after.dirty or not before.dirty)
        and (after.accessed or not before.accessed)
    )


@step_invariant
def only_set_out_of_mmu_lock(before: Kvm, after: Kvm) -> bool:
    """Where nobody holds mmu_lock, W, D and A of an SPTE, at whichever level, are set at most.

    By CPUs, and by a fast page fault. Meant of aging until v6.14, and of all else in all kernels.
    """
    return (
        held_for_write(before.mmu_lock)
        or held_for_read(before.mmu_lock)
        or (
            all(loses_nothing(before.spte[gfn], after.spte[gfn]) for gfn in Gfn)
            and all(loses_nothing(before.table[t], after.table[t]) for t in PageTable)
            and loses_nothing(before.upper.spte, after.upper.spte)
            and after.upper.child == before.upper.child
        )
    )


@invariant
def linked_table_is_in_use(m: Kvm) -> bool:
    """No page table that is linked could be given to somebody else. Meant for all kernels."""
    return all(m.allocated[t] for t in PageTable if m.upper.child == t)


@invariant
def large_if_huge(m: Kvm) -> bool:
    """PS is set in an SPTE that maps a huge page, and in no other that is present.

    Meant for all kernels.
    """
    return m.upper.spte.large == is_leaf(m.upper) and not any(
        m.table[t].present and m.table[t].large for t in PageTable
    )


@invariant
def nothing_is_logged(m: Kvm) -> bool:
    """No page is in the dirty bitmap. Meant where the guest only reads."""
    return not any(m.dirty_bitmap[gfn] for gfn in Gfn)


@reachable
def page_is_faulted_in(m: Kvm) -> bool:
    """A page that the host had read-only is mapped writable."""
    return any(is_writable_pte(m.spte[gfn]) and not m.host_pte_readonly[gfn] for gfn in Gfn)


@initial
def taken_away(m: Kvm) -> None:
    """The page has been written back: it is clean, read-only in the host, and not mapped."""
    m.spte = Map({gfn: NOT_PRESENT for gfn in Gfn})
    m.host_pte_readonly = Map({gfn: True for gfn in Gfn})


@initial
def read_only_guest(m: Kvm) -> None:
    """Every page has been mapped by a write fault; from now on, the guest only reads."""
    m.spte = Map({gfn: make_spte(NOT_PRESENT) for gfn in Gfn})
    m.guest_only_reads = True


fault_in = guest(
    "fault_in",
    "The guest writes to a page that was written back.",
    taken_away,
    vcpus(),
)

read_and_log = guest(
    "read_and_log",
    "User space logs, and a page is aged, while the guest does nothing but read.",
    read_only_guest,
    ager(times=1),
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    vcpus(),
    hardware=[page_walk_for_read, evict],
)

log_two_pages = guest(
    "log_two_pages",
    "User space logs while the guest writes to two pages, which share a word of the dirty bitmap.",
    mapped_for_write,
    Actor("dirty_log", log_once, times=1, label="dirty log"),
    vcpus(),
    pages=2,
)

_LOG = "Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"
_QUOTE = "return a bitmap containing any pages dirtied since the last call to this ioctl."
_SOURCE = "this specification: no more is done than has to be"

CLAIMS = [
    Claim(
        "P1",
        "log_has_what_was_asked_for",
        quote=_QUOTE,
        source=_LOG,
        scenario=log_by_clear,
        expect=[holds(logged_implies_asked_for, kernel=V6_15, method=WP)],
        note="Any pages, and no others: nothing gets into the bitmap but by a fault or by PML.",
    ),
    Claim(
        "P1",
        "log_begins_empty",
        quote=_QUOTE,
        source=_LOG,
        scenario=age_and_log_twice,
        expect=[
            holds(log_begins_empty, kernel=V6_15, method=PML),
            holds(pml_follows_slot, kernel=V6_15, method=PML),
            holds(pml_buffer_is_empty_when_off, kernel=V6_15, method=PML),
        ],
        note="Since the slot began to log, if that was later than the last call.",
    ),
    Claim(
        "P1",
        "who_only_reads_is_not_logged",
        quote=_QUOTE,
        source=_LOG,
        scenario=read_and_log,
        expect=[holds(nothing_is_logged, kernel=V6_15, method=NO_AD)],
        note="Without A/D bits a read faults, too, when the page has been aged.",
    ),
    Claim(
        "P1",
        "pages_share_a_word",
        quote=_QUOTE,
        source=_LOG,
        scenario=log_two_pages,
        expect=[holds(dirty_implies_logged, kernel=V6_15, method=WP)],
        note="A word of the bitmap is taken as a whole, while other bits of it are being set.",
    ),
    Claim(
        "P2",
        "log_tags",
        quote="What GET_DIRTY_LOG takes the Dirty bit of is tagged dirty for the host.",
        source=_SOURCE,
        scenario=log_after_session,
        expect=[holds(page_tagged, kernel=V6_4, method=PML)],
    ),
    Claim(
        "P3",
        "page_is_faulted_in",
        quote="A page that was written back can be written again.",
        source=_SOURCE,
        scenario=fault_in,
        expect=[reached(page_is_faulted_in, kernel=V6_15, method=WP)],
    ),
    Claim(
        "P4",
        "tables_are_sound",
        quote="A page table is linked once, and what it maps is as large as it says.",
        source=_SOURCE,
        scenario=split,
        expect=[
            holds(linked_table_is_in_use, kernel=V6_15, method=WP),
            holds(large_if_huge, kernel=V6_15, method=WP),
        ],
    ),
    Claim(
        "P5",
        "lower_level_is_flushed",
        quote="Who zaps an SPTE flushes before anything else is mapped there.",
        source=_SOURCE,
        scenario=zap_both_levels,
        expect=[holds(writable_implies_flushed_by_walk, kernel=V6_4, method=PML)],
    ),
    *(
        Claim(
            "P6",
            f"{scenario.name}_under_mmu_lock",
            quote="KVM _sets_ the WRITABLE bit out of mmu_lock, but never _clears_ the bit out of "
            "mmu_lock",
            source="706c9c55e5a3 (\"KVM: x86/mmu: Don't treat fully writable SPTEs as volatile "
            '(modulo A/D)")',
            scenario=scenario,
            expect=[holds(only_set_out_of_mmu_lock, kernel=kernel, method=methods)],
            note="Of all bits that a CPU or a fast page fault may set; and nothing is mapped or "
            "unmapped there. Of aging, only what flushes is among these: see K1 for the other.",
        )
        for scenario, kernel, methods in (
            (split, V6_15, [PML, WP]),
            (recover_in_use, V6_13, [PML]),
            (log_nested, V6_4, [PML]),
            (zap_in_all_roots, V6_15, [PML]),
            (zap_table_and_yield, V6_15, [PML]),
            (age_and_flush, V6_4, [PML]),
            (change_pte, V5_18, [PML]),
        )
    ),
]
