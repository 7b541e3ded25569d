"""What KVM does no more of than it must: what is in the log, and when an SPTE changes.

A page too many in the log does no harm, but for the copy that user space makes of it. A place at
which KVM marks what nobody has written is a mistake all the same.
"""

from kvmspec.constants import NO_AD, PML, V6_4, V6_13, V6_15, WP, kernel, method
from kvmspec.cpu import evict, page_walk_for_read, translates
from kvmspec.dirty_log import log_once
from kvmspec.goals import aged_page_is_read
from kvmspec.invariants import (
    dirty_implies_logged,
    page_tagged,
    writable_implies_flushed_by_walk,
)
from kvmspec.machine import (
    FaultSlot,
    Gfn,
    Kvm,
    PageTable,
    Vcpu,
    flush_owed,
    harvesting,
    marking,
    relies_on_log,
    tag_owed,
)
from kvmspec.more_vcpus import with_vcpus
from kvmspec.scenarios import (
    age_and_log,
    age_and_log_twice,
    ager,
    guest,
    log_after_session,
    log_by_clear,
    mapped_for_write,
    vcpus,
    zap_both_levels,
)
from kvmspec.spte import (
    NOT_PRESENT,
    Spte,
    is_accessed_spte,
    is_dirty_spte,
    is_writable_pte,
    make_spte,
)
from kvmspec.tdp_mmu import dirty_bit
from kvmspec.walks import is_leaf
from kvmtla import (
    Actor,
    Claim,
    Map,
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
def tags(m: Kvm, gfn: Gfn) -> bool:
    """Is an operation about to tag the page?"""
    return tag_owed.active(gfn)


@pure
def gives_up(before: Spte, after: Spte) -> bool:
    """Was it dirty, and is it so no more? Or not writable any more?"""
    keeps_w = is_writable_pte(after) or not is_writable_pte(before)
    return is_dirty_spte(before) and not (is_dirty_spte(after) and keeps_w)


@step_invariant
def tagged_as_spte_said(before: Kvm, after: Kvm) -> bool:
    """KVM sets out to tag a page when an SPTE of it stops being dirty, and tags no other page.

    Not before: what is written until then would not be told of. Losing W counts as well, since
    clear_dirty_pt_masked() does not tell the two apart (v6.4). Aging without A/D bits tags the page
    first. What is tagged is written out, so a page that nobody wrote costs the host a write. Meant
    until v6.12, of all but set_spte_gfn(), which goes by the SPTE that it has zapped, and tags the
    page once more.
    """
    set_out = all(
        gives_up(before.spte[gfn], after.spte[gfn])
        or any(gives_up(before.table[t], after.table[t]) for t in PageTable)
        or gives_up(before.upper.spte, after.upper.spte)
        for gfn in Gfn
        if tags(after, gfn) and not tags(before, gfn)
    )
    tagged = all(
        tags(before, gfn) or is_dirty_spte(before.spte[gfn]) or before.host_pte_readonly[gfn]
        for gfn in Gfn
        if after.page_dirty[gfn] and not before.page_dirty[gfn]
    )
    return kernel >= V6_13 or (set_out and tagged)


@pure
def may_be_used(m: Kvm, gfn: Gfn) -> bool:
    """Does some SPTE of the page, at whichever level, let a CPU use it as far as it ever will?"""
    return (
        translates(m.spte[gfn], method != NO_AD and not m.write_tracked[gfn])
        or any(translates(m.table[t], True) for t in PageTable if m.upper.child == t)
        or (is_leaf(m.upper) and translates(m.upper.spte, True))
    )


@step_invariant
def tagged_when_mapped(before: Kvm, after: Kvm) -> bool:
    """KVM tags a page in a fault that has mapped it, or found it mapped; no other fault tags it.

    Mapped so that the access passes, but for a write to a page table that is shadowed. A fault that
    lost a race, and is to be tried again, gives the page back as it was: see kvm_faultin_page() and
    kvm_release_faultin_page(). Meant since v6.13.
    """
    set_out = all(
        may_be_used(after, gfn) for gfn in Gfn if tags(after, gfn) and not tags(before, gfn)
    )
    tagged = all(
        tags(before, gfn) or before.host_pte_readonly[gfn]
        for gfn in Gfn
        if after.page_dirty[gfn] and not before.page_dirty[gfn]
    )
    return kernel < V6_13 or (set_out and tagged)


@pure
def owes_flush(m: Kvm) -> bool:
    """Is there an operation that will flush?"""
    return any(flush_owed.active(gfn) for gfn in Gfn)


@pure
def has_cached(m: Kvm, cpu: Vcpu) -> bool:
    """Could the CPU write by what it has cached?"""
    return any(m.tlb[cpu][gfn].writable for gfn in Gfn)


@step_invariant
def flushed_if_owed(before: Kvm, after: Kvm) -> bool:
    """No two CPUs drop what they have cached at once, unless an operation owes a flush.

    That is what a remote flush looks like here; by itself a CPU drops what it has alone. A flush
    keeps all vCPUs from running, so nobody is to ask for one for nothing. Meant for all kernels;
    with two CPUs or more it says something.
    """
    return owes_flush(before) or not any(
        has_cached(before, cpu)
        and has_cached(before, other)
        and not has_cached(after, cpu)
        and not has_cached(after, other)
        for cpu in Vcpu
        for other in Vcpu
        if cpu != other
    )


@pure
def fixes(m: Kvm, gfn: Gfn) -> bool:
    """Is a fast page fault about to mark the page in the dirty bitmap?"""
    return marking.active(gfn)


@step_invariant
def marks_what_it_has_fixed(before: Kvm, after: Kvm) -> bool:
    """A fast page fault marks a page only if it was the one that set W in the SPTE.

    If its compare and exchange fails, it begins anew: see fast_pf_fix_direct_spte(). Meant for all
    kernels and methods.
    """
    return all(
        (is_writable_pte(after.spte[gfn]) and not is_writable_pte(before.spte[gfn]))
        or any(
            is_writable_pte(after.table[t]) and not is_writable_pte(before.table[t])
            for t in PageTable
        )
        for gfn in Gfn
        if fixes(after, gfn) and not fixes(before, gfn)
    )


@pure
def reports(m: Kvm, gfn: Gfn) -> bool:
    """Is the page one that user space is about to be told of? Or does nobody count on that?"""
    return harvesting.active(gfn) or not relies_on_log.active()


@pure
def is_armed(before: Spte, after: Spte) -> bool:
    """Does what is mapped lose the bit that has to go for the next write to be seen?"""
    bit = dirty_bit()
    return before.present and after.present and before & bit == bit and after & bit != bit


@step_invariant
def rearmed_if_reported(before: Kvm, after: Kvm) -> bool:
    """While user space relies on the log, only pages that it is told of are re-armed.

    Others are in the bitmap still, or clean: a write to them would be seen once more for nothing.
    Meant since v6.4 with A/D bits: before that, and without them, aging takes W, too.
    """
    return all(
        reports(before, gfn) or not is_armed(before.spte[gfn], after.spte[gfn]) for gfn in Gfn
    )


@invariant
def nothing_is_logged(m: Kvm) -> bool:
    """No page is in the dirty bitmap. Meant where the guest only reads."""
    return not any(m.dirty_bitmap[gfn] for gfn in Gfn)


@reachable
def page_is_faulted_in(m: Kvm) -> bool:
    """A page that the host had read-only is mapped writable."""
    return any(is_writable_pte(m.spte[gfn]) and not m.host_pte_readonly[gfn] for gfn in Gfn)


@step_invariant
def aged_until_used(before: Kvm, after: Kvm) -> bool:
    """Without A/D bits, a page that was aged counts as accessed only once a vCPU faults on it.

    What `aging_is_kept` asks of plain writes, of whatever happens. Not meant of write_protect_gfn()
    since v6.15, where aging takes no lock: its XCHG stores what was read before the aging.
    """
    return method != NO_AD or all(
        any(before.fault_slot[cpu] != FaultSlot.NONE for cpu in Vcpu)
        for gfn in Gfn
        if before.spte[gfn].present
        and after.spte[gfn].present
        and is_accessed_spte(after.spte[gfn])
        and not is_accessed_spte(before.spte[gfn])
    )


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
        expect=[
            holds(logged_implies_asked_for, kernel=V6_15, method=WP),
            holds(marks_what_it_has_fixed, kernel=V6_15, method=WP),
            holds(rearmed_if_reported, kernel=V6_15, method=WP),
        ],
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
        "P10",
        "aged_until_used",
        quote="mark them for access-tracking outside of mmu_lock",
        source='928c54b1c4ca ("KVM: x86/mmu: Always update A/D-disabled SPTEs atomically")',
        scenario=read_and_log,
        expect=[
            holds(aged_until_used, kernel=V6_15, method=NO_AD),
            reached(aged_page_is_read, kernel=V6_15, method=NO_AD),
        ],
        note="Who enables logging, or harvests, leaves an aged page as it is, and so does who ages "
        "it; a read that faults has it back.",
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
        expect=[
            holds(page_tagged, kernel=V6_4, method=PML),
            holds(tagged_as_spte_said, kernel=V6_4, method=PML),
        ],
    ),
    Claim(
        "P3",
        "page_is_faulted_in",
        quote="A page that was written back can be written again.",
        source=_SOURCE,
        scenario=fault_in,
        expect=[
            reached(page_is_faulted_in, kernel=V6_15, method=WP),
            holds(tagged_when_mapped, kernel=V6_15, method=WP),
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
    Claim(
        "P9",
        "flush_if_owed",
        quote="A flush keeps all vCPUs from running, and nobody asks for one for nothing.",
        source=_SOURCE,
        scenario=with_vcpus(age_and_log, 2),
        expect=[holds(flushed_if_owed, kernel=V6_15, method=PML)],
        note="What may have taken something away owes a flush, too: dirty logging, when it is "
        "enabled (since v6.0), and a GET that finds a page.",
    ),
]
