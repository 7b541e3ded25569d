"""What traces of running kernels show: the events of kvmmmu, and kprobes of a recorder.

The tracepoints are those of arch/x86/kvm/mmu/mmutrace.h. A recorder may add kprobes, in the group
`k`, at the way in and out of functions; a trace without them says less, and is checked for less.
"""

from collections.abc import Callable, Sequence

from kvmspec import faults, huge_pages, mmio, roots, tdp_mmu, two_levels, walks
from kvmspec.constants import NO_AD, PML, WP, Kernel
from kvmspec.cpu import page_walk_for_read, page_walk_for_write
from kvmspec.machine import FaultSlot
from kvmspec.spte import NOT_PRESENT, REMOVED_SPTE, Spte, shadow_mmio_value
from kvmspec.truth import log_notes, read_truth
from kvmtla.evidence import Bracket, Layout, LeftOut, Recorded

_PFN = ((1 << 52) - 1) & ~0xFFF
_PRESENT = 1 << 11
_FROZEN = 0x5A0
_NONPRESENT = 1 << 63


def _special(none: int, frozen: int) -> dict[int, Spte]:
    # No value of either is ever one of an SPTE that is present: bit 11 is clear in both.
    return {none: NOT_PRESENT, none | frozen: REMOVED_SPTE}


# REMOVED and MMIO are no bits of an SPTE that is present, and neither is the generation.
_BITS = ["present", "writable", "mmu_writable", "host_writable", "accessed", "dirty", "large"]


def _bits(low: int, high: int) -> int:
    return (1 << high + 1) - (1 << low)


def _npt(since: tuple[int, ...], until: tuple[int, ...] | None, none: int, frozen: int) -> Layout:
    # P and U are set in whatever is present, and P and RW in MMIO SPTEs of the TDP MMU.
    return Layout(
        f"NPT, since {'.'.join(map(str, since))}",
        "npt",
        {"method": [WP]},
        since,
        _special(none, frozen),
        _BITS,
        present=_PRESENT,
        always=0b101,
        never=_bits(52, 62),
        address=_PFN,
        large=1 << 7,
        device_mask=0b11,
        device_value=0b11,
        device=shadow_mmio_value,
        another=shadow_mmio_value.but(mmio_generation=True),
        until=until,
        lowest_ignores=Spte(large=True),
    )


def _ept(since: tuple[int, ...], until: tuple[int, ...] | None, none: int, frozen: int) -> Layout:
    # R and X come and go together, with their copies; RWX is 110b in MMIO SPTEs.
    return Layout(
        f"EPT, since {'.'.join(map(str, since))}",
        "ept",
        {"method": [PML, WP, NO_AD]},
        since,
        _special(none, frozen),
        [*_BITS, "saved_readable"],
        present=_PRESENT,
        always=0,
        never=_bits(10, 10) | _bits(55, 55) | _bits(59, 62),
        address=_PFN,
        large=1 << 7,
        device_mask=0b111,
        device_value=0b110,
        device=shadow_mmio_value,
        another=shadow_mmio_value.but(mmio_generation=True),
        until=until,
        loose=0b101 | 1 << 54 | 1 << 56,
        lowest_ignores=Spte(large=True),
    )


def _is_leaf(level: int, spte: Spte) -> bool:
    return spte.present and (level == 1 or spte.large)


def _zaps_root(level: int, old: Spte, new: Spte) -> bool:
    return old.present and new == NOT_PRESENT


def _takes_apart(level: int, old: Spte, new: Spte) -> bool:
    return level > 1 and new == REMOVED_SPTE


def _zaps_huge_page(level: int, old: Spte, new: Spte) -> bool:
    return level > 1 and _is_leaf(level, old) and new == NOT_PRESENT


def _ages_huge_page(level: int, old: Spte, new: Spte) -> bool:
    return level > 1 and _is_leaf(level, old) and old.accessed and new == old.but(accessed=False)


def _maps_read_only(level: int, old: Spte, new: Spte) -> bool:
    read_only = Spte(present=True, accessed=new.accessed, large=level > 1)
    return new == read_only and not (_is_leaf(level, old) and old.host_writable)


def _write_protects_huge_page(level: int, old: Spte, new: Spte) -> bool:
    return (
        level > 1
        and _is_leaf(level, old)
        and old != new
        and new == old.but(writable=False, mmu_writable=False)
    )


ROOTS = ["zap_rootl", "zap_root", "zap_all", "zap_inval"]

LEFT = [
    LeftOut(
        "make_spte",
        "A page that the host maps read-only, such as the zero page, or one that is shared after a "
        "fork: the model maps every page writable (HOST_W is always set).",
        _maps_read_only,
        brackets=["kvm_page_fault"],
        fresh=True,
    ),
    LeftOut(
        "__tdp_mmu_zap_root",
        "A whole root is zapped, when its VM ends or a memslot goes. The root is obsolete by then, "
        "which stands in for a flush. The model has one root that stays.",
        _zaps_root,
        brackets=ROOTS,
    ),
    LeftOut(
        "handle_removed_pt",
        "An SPTE in a table of tables that has been unlinked. The model has two levels: only "
        "tables of leaf SPTEs are taken apart in it, by the same code.",
        _takes_apart,
        brackets=[*ROOTS, "collapse", "kvm_page_fault"],
    ),
    LeftOut(
        "kvm_tdp_mmu_unmap_gfn_range",
        "A huge page is unmapped. The model unmaps pages of 4 KiB.",
        _zaps_huge_page,
        brackets=["unmap", "zap_leafs"],
    ),
    LeftOut(
        "age_gfn_range",
        "A huge page is aged. The model ages pages of 4 KiB.",
        _ages_huge_page,
        brackets=["age"],
    ),
    LeftOut(
        "write_protect_gfn",
        "A huge page loses W and MMU_W, as with KVM_DIRTY_LOG_INITIALLY_SET. The model "
        "write-protects pages of 4 KiB in this way.",
        _write_protects_huge_page,
        brackets=["log_masked"],
    ),
]

_Functions = Sequence[Callable[..., object]]

_FAULT: _Functions = [
    faults.fast_page_fault,
    tdp_mmu.tdp_mmu_map_handle_target_level,
    mmio.kvm_mmu_page_fault,
    two_levels.kvm_tdp_mmu_map,
    two_levels.fast_page_fault,
]
_REARM: _Functions = [
    tdp_mmu.clear_dirty_pt_masked,
    huge_pages.clear_dirty_pt_masked,
    roots.clear_dirty_pt_masked,
]
_WRPROT: _Functions = [
    tdp_mmu.wrprot_gfn_range,
    huge_pages.kvm_mmu_slot_remove_write_access,
    roots.clear_dirty_gfn_range,
]
_CLEAR: _Functions = [
    tdp_mmu.clear_dirty_gfn_range,
    huge_pages.kvm_mmu_slot_leaf_clear_dirty,
    roots.clear_dirty_gfn_range,
]
_AGE: _Functions = [tdp_mmu.age_gfn_range, two_levels.age_gfn_range]
_ZAP: _Functions = [tdp_mmu.tdp_mmu_zap_leafs, roots.tdp_mmu_zap_leafs]
_TABLE: _Functions = [two_levels.handle_removed_pt]

RECORDED = Recorded(
    releases=[
        ((5, 18), Kernel.V5_18),
        ((5, 19), Kernel.V5_19),
        ((6, 0), Kernel.V6_0),
        ((6, 4), Kernel.V6_4),
        ((6, 13), Kernel.V6_13),
        ((6, 15), Kernel.V6_15),
    ],
    newest=(6, 18),
    layouts=[
        _npt((5, 18), (6, 10), 0, _FROZEN),
        _npt((6, 10), (6, 19), _NONPRESENT, _FROZEN),
        _ept((5, 18), (6, 10), 0, _FROZEN),
        _ept((6, 10), (6, 19), _NONPRESENT, _FROZEN),
    ],
    fields={"spte": "leaf", "table": "leaf", "upper": "upper"},
    # The same code at each level; the model has the lowest two.
    levels={1: "leaf", 2: "upper", 3: "upper", 4: "upper", 5: "upper"},
    index_bits=9,
    operations=[
        *_FAULT,
        *_REARM,
        *_WRPROT,
        *_CLEAR,
        *_AGE,
        *_ZAP,
        *_TABLE,
        tdp_mmu.set_spte_gfn,
        tdp_mmu.write_protect_gfn,
        huge_pages.kvm_mmu_slot_try_split_huge_pages,
        huge_pages.recover_huge_pages_range,
        two_levels.zap_collapsible_spte_range,
        two_levels.kvm_tdp_mmu_zap_sp,
    ],
    hardware=[
        page_walk_for_read,
        page_walk_for_write,
        walks.walk_to_table,
        walks.write_by_table,
        walks.write_by_huge_page,
    ],
    changed=(
        "kvm_tdp_mmu_spte_changed",
        "as id {space:d} gfn {gfn:x} level {level:d} old_spte {old:x} new_spte {new:x}",
    ),
    # What it prints as new is read again when it prints, and may be of somebody else by then.
    fixed=(
        "fast_page_fault",
        "vcpu {vcpu:d} gva {address:x} error_code {code} sptep {place} old {old:x} new {new:x} "
        "spurious {spurious:d} fixed {done:d}",
    ),
    fixing=[faults.fast_page_fault, two_levels.fast_page_fault],
    page_shift=12,
    # The second write of tdp_mmu_zap_spte_atomic().
    quiet=[(REMOVED_SPTE, NOT_PRESENT)],
    removed=REMOVED_SPTE,
    fresh=[
        tdp_mmu.tdp_mmu_map_handle_target_level,
        mmio.kvm_mmu_page_fault,
        two_levels.kvm_tdp_mmu_map,
        tdp_mmu.set_spte_gfn,
        huge_pages.recover_huge_pages_range,
    ],
    brackets=[
        Bracket("kvm_page_fault", None, [*_FAULT, *_TABLE]),
        Bracket("log_masked", "log_masked_ret", _REARM),
        Bracket("wrprot_slot", "wrprot_slot_ret", _WRPROT),
        Bracket("clear_dirty_slot", "clear_dirty_slot_ret", _CLEAR),
        Bracket("unmap", "unmap_ret", _ZAP),
        Bracket("zap_leafs", "zap_leafs_ret", _ZAP),
        Bracket("age", "age_ret", _AGE),
        Bracket("test_age", "test_age_ret"),
        Bracket("set_spte_gfn", "set_spte_gfn_ret", [tdp_mmu.set_spte_gfn]),
        Bracket("split", "split_ret", [huge_pages.kvm_mmu_slot_try_split_huge_pages]),
        Bracket("collapse", "collapse_ret", [two_levels.zap_collapsible_spte_range, *_TABLE]),
        Bracket("zap_rootl", "zap_rootl_ret", _TABLE),
        Bracket("zap_root", "zap_root_ret", _TABLE),
        Bracket("zap_inval", "zap_inval_ret", _TABLE),
        Bracket("inval_roots", "inval_roots_ret"),
    ],
    left=LEFT,
    ignored=[
        "stale_ret",
        "map_ret",
        "tdp_pf",
        "tdp_pf_ret",
        "kvm_mmu_set_spte",
        "kvm_mmu_get_page",
        "kvm_mmu_prepare_zap_page",
        "kvm_mmu_split_huge_page",
        "kvm_mmu_spte_requested",
        "kvm_mmu_zap_all_fast",
        "kvm_unmap_hva_range",
        "kvm_set_spte_hva",
        "kvm_age_hva",
        "kvm_test_age_hva",
        "kvm_mmio",
        "check_mmio_spte",
        "mark_mmio_spte",
        "handle_mmio_page_fault",
        "put_root",
        "get_root",
        "get_root_ret",
        "alloc_root",
        "alloc_root_ret",
        "rcu_free_sp",
        "flush",
        "flush_ret",
        "flush_addr",
        "flush_addr_ret",
        "flush_range",
        "flush_range_ret",
        "flush_slot",
        "flush_slot_ret",
        "zap_sp",
        "inval_begin",
        "inval_end",
        "kvm_dirty_ring_push",
        "kvm_dirty_ring_reset",
        "kvm_dirty_ring_exit",
    ],
    mark=("mark_dirty", "gfn={gfn:x}"),
    mark_function=faults.mark_page_dirty_in_slot,
    mark_field="dirty_bitmap",
    marking=[faults.fast_page_fault, tdp_mmu.tdp_mmu_map_handle_target_level],
    marked_if={"fault_slot": FaultSlot.LOGGED},
    note=("tracing_mark_write", "print"),
    log_notes=log_notes,
    gone=["zap_all"],
    snapshot="CLOSE begin",
    read_truth=read_truth,
)
