"""KVM's C, as far as `kvmtla source` has to know it: names, and what the model leaves out."""

from collections.abc import Mapping
from enum import Enum

from kvmspec.constants import (
    METHODS,
    NO_AD,
    PML,
    V5_18,
    V6_13,
    WP,
    Kernel,
    Rule,
    Variant,
)
from kvmspec.machine import FaultSlot
from kvmtla.evidence import CAbsence, CAccessor, CDifference, COperation, CPlace, CSource, Left

World = Mapping[str, Enum]

MMU = "arch/x86/kvm/mmu"
FILES = (
    f"{MMU}/tdp_iter.h",
    f"{MMU}/tdp_mmu.c",
    f"{MMU}/spte.h",
    f"{MMU}/spte.c",
    f"{MMU}/mmu_internal.h",
    f"{MMU}/mmu.c",
    f"{MMU}/page_track.c",
    "arch/x86/kvm/mmu.h",
    "arch/x86/kvm/x86.c",
    "arch/x86/include/asm/kvm_host.h",
    "virt/kvm/kvm_main.c",
    "virt/kvm/kvm_mm.h",
    "virt/kvm/dirty_ring.c",
    "include/linux/kvm_host.h",
    "include/linux/kvm_types.h",
)


def kernel_of(version: tuple[int, int]) -> Kernel:
    """Return the release that stands for a version: the newest one that is not newer."""
    found = V5_18
    for one in Kernel:
        major, minor = one.value.split(".")
        if (int(major), int(minor)) <= version:
            found = one
    return found


def worlds(kernel: Enum) -> list[World]:
    """Return what is compared: the release itself, for each way in which writes are logged."""
    return [
        {"kernel": kernel, "method": m, "rule": Rule.KERNEL, "variant": Variant.RELEASE}
        for m in METHODS
    ]


# How EPT and NPT look (arch/x86/include/asm/vmx.h, pgtable_types.h, which are not read).
HARDWARE = {
    "PT_PRESENT_MASK": 1 << 0,
    "PT_WRITABLE_MASK": 1 << 1,
    "PT_USER_MASK": 1 << 2,
    "PT_ACCESSED_MASK": 1 << 5,
    "PT_DIRTY_MASK": 1 << 6,
    "PT_PAGE_SIZE_MASK": 1 << 7,
    "VMX_EPT_READABLE_MASK": 1,
    "VMX_EPT_WRITABLE_MASK": 2,
    "VMX_EPT_EXECUTABLE_MASK": 4,
    "VMX_EPT_RWX_MASK": 7,
    "VMX_EPT_USER_EXECUTABLE_MASK": 1 << 10,
    "VMX_EPT_ACCESS_BIT": 1 << 8,
    "VMX_EPT_DIRTY_BIT": 1 << 9,
    "VMX_EPT_SUPPRESS_VE_BIT": 1 << 63,
    "PAGE_SHIFT": 12,
    "PAGE_SIZE": 4096,
    "PG_LEVEL_4K": 1,
    "PG_LEVEL_2M": 2,
    "PG_LEVEL_1G": 3,
    "EBUSY": 16,
    "EINVAL": 22,
    "ENOENT": 2,
    "ENXIO": 6,
    "EFAULT": 14,
    "ENOMEM": 12,
    "BITS_PER_LONG": 64,
    "NULL": 0,
    "true": 1,
    "false": 0,
}
PFN = 0x456_1234_5000


def _ad_bits_stay(world: World) -> bool:
    """Do SPTEs have A and D as bits of software where the CPU has none? Since v6.13."""
    kernel = world["kernel"]
    assert isinstance(kernel, Kernel)
    return kernel >= V6_13


def constants(world: World, c: object) -> dict[str, int | str]:
    """Return the values of KVM's variables, as kvm_mmu_set_ept_masks() and others set them."""
    npt, no_ad = world["method"] == WP, world["method"] == NO_AD
    no_bits = no_ad and not _ad_bits_stay(world)
    found: dict[str, int | str] = dict(HARDWARE)
    found |= {
        "shadow_accessed_mask": 0 if no_bits else 1 << 5 if npt else 1 << 8,
        "shadow_dirty_mask": 0 if no_bits else 1 << 6 if npt else 1 << 9,
        "shadow_acc_track_mask": 0
        if npt
        else "VMX_EPT_RWX_MASK | (SHADOW_ACC_TRACK_SAVED_BITS_MASK & ~7ull)",
        "shadow_host_writable_mask": "DEFAULT_SPTE_HOST_WRITABLE"
        if npt
        else "EPT_SPTE_HOST_WRITABLE",
        "shadow_mmu_writable_mask": "DEFAULT_SPTE_MMU_WRITABLE" if npt else "EPT_SPTE_MMU_WRITABLE",
        "shadow_mmio_mask": 1 << 51 | 1 if npt else (1 << 63) | 7,
        "shadow_mmio_value": 1 << 51 | 1 if npt else 6,
        "kvm->arch.shadow_mmio_value": 1 << 51 | 1 if npt else 6,
        "shadow_present_mask": 1 if npt else 0,
        "shadow_user_mask": 4 if npt else "SHADOW_ACC_TRACK_SAVED_BITS_MASK & 1",
        "shadow_x_mask": 0 if npt else 4,
        "shadow_xs_mask": 0 if npt else 4,
        "shadow_xu_mask": 0 if npt else "SHADOW_ACC_TRACK_SAVED_BITS_MASK & ~7ull",
        "shadow_nx_mask": 1 << 63 if npt else 0,
        "shadow_memtype_mask": 0,
        "kvm_ad_enabled": int(not no_ad),
        "enable_mmio_caching": 1,
        "KVM_ADDRESS_SPACE_NUM": 1,
        "SPTE_ENT_PER_PAGE": 1,
        "PT64_ENT_PER_PAGE": 1,
        "the_pfn": PFN >> 12,
        "cpu_has_ad": int(not no_ad),
        "cpu_logs": int(world["method"] == PML),
        "kvm_x86_ops.cpu_dirty_log_size": int(world["method"] == PML),
        "vcpu->kvm->arch.cpu_dirty_log_size": int(world["method"] == PML),
        "kvm->arch.cpu_dirty_log_size": int(world["method"] == PML),
    }
    return found


def bits(field: str, world: World, c: object) -> int:
    """Return where a field of an SPTE is."""
    assert callable(c)
    npt, no_ad = world["method"] == WP, world["method"] == NO_AD
    match field:
        case "writable" | "mmu_writable" | "host_writable":
            names = {"writable": "PT_WRITABLE_MASK"}
            return int(c(names.get(field, f"shadow_{field}_mask")))
        case "accessed" | "dirty":
            return 0 if no_ad else int(c(f"shadow_{field}_mask"))
        case "present":
            return int(c("SPTE_MMU_PRESENT_MASK"))
        case "large":
            return int(c("PT_PAGE_SIZE_MASK"))
        case "saved_readable":
            return 0 if npt else int(c("1ull << SHADOW_ACC_TRACK_SAVED_BITS_SHIFT"))
        case "mmio":
            return 1 << 51 | 1 if npt else 1 << 2
        case "mmio_generation":
            return 1 << 3
    return 0


def words(spte: Mapping[str, bool], world: World, c: object) -> int:
    """Return the SPTE in C, with a PFN, and with all that the model leaves out of it."""
    assert callable(c)
    if spte["removed"]:
        return int(c("FROZEN_SPTE", "REMOVED_SPTE"))
    value = 0
    for field, is_set in spte.items():
        if is_set:
            value |= bits(field, world, c)
    if not spte["present"]:
        return value if spte["mmio"] else value | int(c("SHADOW_NONPRESENT_VALUE", "0"))
    value |= PFN
    if world["method"] == WP:
        return value | HARDWARE["PT_PRESENT_MASK"] | HARDWARE["PT_USER_MASK"]
    saved = int(c("SHADOW_ACC_TRACK_SAVED_BITS_MASK"))
    if spte["saved_readable"]:
        value |= saved << int(c("SHADOW_ACC_TRACK_SAVED_BITS_SHIFT"))
    else:
        value |= saved
    if world["method"] == NO_AD:
        value |= int(c("SPTE_TDP_AD_DISABLED", "SPTE_TDP_AD_DISABLED_MASK"))
        if _ad_bits_stay(world):
            value |= HARDWARE["VMX_EPT_DIRTY_BIT"]
            value |= 0 if spte["saved_readable"] else HARDWARE["VMX_EPT_ACCESS_BIT"]
    return value


def ignored(world: World, c: object) -> int:
    """Return the bits that SPTEs have and the model leaves out: D as a bit of software.

    It is set where W has been at some time, and nobody asks for it but shadow paging.
    """
    no_ad = world["method"] == NO_AD and _ad_bits_stay(world)
    return HARDWARE["VMX_EPT_DIRTY_BIT"] if no_ad else 0


def legal(spte: Mapping[str, bool], world: World) -> bool:
    """May an SPTE of 4 KiB look like that?"""
    s = spte
    rest = s["mmu_writable"] or s["host_writable"] or s["dirty"] or s["saved_readable"]
    if s["removed"]:
        alone = not (s["present"] or s["writable"] or s["mmio"] or s["mmio_generation"])
        return alone and s["accessed"] and s["large"] and not rest
    if s["large"]:
        return False
    if not s["present"]:
        empty = not (s["accessed"] or rest)
        return empty and s["writable"] == s["mmio"] and (s["mmio"] or not s["mmio_generation"])
    if s["mmio"] or s["mmio_generation"]:
        return False
    if (s["writable"] and not s["mmu_writable"]) or (s["mmu_writable"] and not s["host_writable"]):
        return False
    if world["method"] == NO_AD:
        return not (s["accessed"] or s["dirty"]) and not (s["saved_readable"] and s["writable"])
    return not s["saved_readable"]


DEFINED = frozenset(
    {
        "CONFIG_X86_64",
        "CONFIG_HAVE_KVM_DIRTY_RING",
        "CONFIG_KVM_GENERIC_DIRTYLOG_READ_PROTECT",
        "CONFIG_KVM_GENERIC_MMU_NOTIFIER",
        "CONFIG_MMU_NOTIFIER",
        "KVM_ARCH_WANT_MMU_NOTIFIER",
        "KVM_HAVE_MMU_RWLOCK",
        "CONFIG_KVM_MMU_LOCKLESS_AGING",
        "CONFIG_KVM_ELIDE_TLB_FLUSH_IF_YOUNG",
    }
)

PLACES = (
    CPlace(("spte", "table"), (r"\*(iter->|the_)?sptep", r"\*pt")),
    CPlace(
        ("dirty_bitmap",),
        (r"the_dirty_bitmap(\[.*\])?",),
        plain="a bit that is seen too late is found next time",
    ),
    CPlace(("mmu_lock",), (r".*->mmu_lock",)),
    CPlace(
        ("guest_mode",),
        (r"(sp|root)->role\.guest_mode",),
        plain="it never changes in the life of a root",
    ),
    CPlace(("write_tracked",), ()),
    CPlace(
        ("fault_slot",),
        (),
        ((FaultSlot.LOGGED, 1), (FaultSlot.PLAIN, 0)),
    ),
)

_ONE_SPTE = "the model looks at one SPTE of 4 KiB"
_ONE_ROOT = "the model looks at one root; two are in roots.py"
_YIELD = "yielding is modelled apart: two_levels.zap_and_yield, roots.kvm_tdp_mmu_zap_leafs"
_WARN = "what KVM warns of does not happen in the model"
_TRACE = "tracing and statistics change nothing"
_RCU = "page tables that are freed are modelled apart: two_levels.py"
_LEVEL = "an SPTE of 4 KiB; two levels are in two_levels.py"
_SHADOW = "the TDP MMU alone is modelled, not shadow paging"

_ROUND = "for (once_ = 1; once_; once_ = 0)"
_WALK = (
    "for (iter.valid = ({ iter.sptep = sptep; iter.level = PG_LEVEL_4K; "
    "iter.old_spte = READ_ONCE(*iter.sptep); 1; }); iter.valid; iter.valid = 0)"
)

_SLOT = "the slot is there, and has a bitmap if it logs"
_KICK = "a vCPU may exit at any time, kicked or not"
_ERROR = "calls by user space that are refused are not in the model"
_NOT_READ = "which pages the slot has does not matter: the model looks at one that it has"

MACROS = {
    "kvm_for_each_memslot_in_hva_range(node, slots, start, last)": Left(_NOT_READ, _ROUND),
    "container_of(ptr, type, member)": Left(_NOT_READ, "&the_slot"),
    "KVM_PAGES_PER_HPAGE(x)": Left(_LEVEL, "1"),
    "pgprintk(x)": Left(_TRACE, "0"),
    "rmap_printk(x)": Left(_TRACE, "0"),
    "MMU_WARN_ON(x)": Left(_WARN, "0"),
    "kvm_tdp_mmu_fast_pf_get_last_sptep(vcpu, gfn, spte)": Left(
        "the walk to the SPTE, which it reads last", "(*(spte) = READ_ONCE(*the_sptep), the_sptep)"
    ),
    "spte_permission_fault(mmu, spte, fault)": Left(
        "execution and protection keys are not in the model",
        "!(fault->write ? is_writable_pte(spte) : (spte) & VMX_EPT_READABLE_MASK)",
    ),
    "smp_wmb()": Left("x86 keeps the order of stores", "0"),
    "for_each_tdp_pte_min_level(iter, root, min_level, start, end)": Left(_ONE_SPTE, _WALK),
    "for_each_tdp_mmu_root(kvm, root, as_id)": Left(_ONE_ROOT, _ROUND),
    "for_each_valid_tdp_mmu_root(kvm, root, as_id)": Left(_ONE_ROOT, _ROUND),
    "for_each_tdp_mmu_root_rcu(kvm, root, as_id, types)": Left(_ONE_ROOT, _ROUND),
    "for_each_tdp_mmu_root_yield_safe(kvm, root, rest)": Left(_ONE_ROOT, _ROUND),
    "for_each_valid_tdp_mmu_root_yield_safe(kvm, root, as_id, rest)": Left(_ONE_ROOT, _ROUND),
    "__for_each_tdp_mmu_root_yield_safe(kvm, root, as_id, rest)": Left(_ONE_ROOT, _ROUND),
    "WARN_ON(x)": Left(_WARN, "0"),
    "WARN_ON_ONCE(x)": Left(_WARN, "0"),
    "WARN_ONCE(x, y)": Left(_WARN, "0"),
    "KVM_MMU_WARN_ON(x)": Left(_WARN, "0"),
    "KVM_BUG_ON(x, kvm)": Left(_WARN, "((x), 0)"),
    "BUG_ON(x)": Left(_WARN, "0"),
    "BIT(n)": Left("as it is", "(1ull << (n))"),
    "BIT_ULL(n)": Left("as it is", "(1ull << (n))"),
    "lockdep_assert_held_write(x)": Left("who calls it holds the lock", "0"),
    "lockdep_assert_held_read(x)": Left("who calls it holds the lock", "0"),
    "lockdep_assert_once(x)": Left("who calls it holds the lock", "0"),
}

CALLS = {
    "cpu_feature_enabled": Left("what hosts of confidential guests do is not in the model"),
    "is_tdp_mmu_enabled": Left(_SHADOW, 1),
    "is_tdp_mmu": Left(_SHADOW, 1),
    "kvm_get_running_vcpu": Left("dirty rings are modelled as a bitmap", "&the_vcpu"),
    "kvm_use_dirty_bitmap": Left(_ERROR, 1),
    "__kvm_memslots": Left(_SLOT, "&the_slots"),
    "id_to_memslot": Left(_SLOT, "&the_slot"),
    "kvm_arch_sync_dirty_log": Left(_KICK),
    "kvm_dirty_bitmap_bytes": Left("a bitmap of one word", 8),
    "kvm_second_dirty_bitmap": Left("what user space is given", "&the_buffer"),
    "memset": Left("what user space is given"),
    "kvm_dirty_log_manual_protect_and_init_set": Left(
        "KVM_DIRTY_LOG_INITIALLY_SET is not modelled"
    ),
    "__ffs": Left(_NOT_READ),
    "__fls": Left(_NOT_READ),
    "page_fault_can_be_fast": Left("a fault that KVM may fix without mmu_lock", 1),
    "walk_shadow_page_lockless_begin": Left(_RCU),
    "walk_shadow_page_lockless_end": Left(_RCU),
    "tdp_mmu_unlink_sp": Left(_TRACE),
    "srcu_read_lock": Left(_NOT_READ),
    "srcu_read_unlock": Left(_NOT_READ),
    "kvm_arch_nr_memslot_as_ids": Left(_NOT_READ, 1),
    "max_t": Left(_NOT_READ),
    "min_t": Left(_NOT_READ),
    "max": Left(_NOT_READ),
    "hva_to_gfn_memslot": Left(_NOT_READ),
    "mmu_notifier_to_kvm": Left(_NOT_READ, "kvm"),
    "kvm_gfn_range_filter_to_root_types": Left(_ONE_ROOT),
    "tdp_mmu_iter_cond_resched": Left(_YIELD),
    "rcu_read_lock": Left(_RCU),
    "rcu_read_unlock": Left(_RCU),
    "tdp_mmu_max_gfn_exclusive": Left(_ONE_SPTE, 1),
    "min": Left(_ONE_SPTE, 1),
    "cpu_relax": Left("how long it waits does not matter"),
    "BUG": Left(_WARN),
    "pr_err": Left(_TRACE),
    "pr_warn_once": Left(_TRACE),
    "__pte": Left(_NOT_READ),
    "pte_huge": Left(_NOT_READ),
    "pte_pfn": Left("the page that comes", "the_pfn"),
    "kvm_may_have_shadow_mmu_sptes": Left(_SHADOW),
    "trace_kvm_set_spte_hva": Left(_TRACE),
    "trace_kvm_age_hva": Left(_TRACE),
    "trace_kvm_mmu_prepare_zap_page": Left(_TRACE),
    "trace_handle_mmio_page_fault": Left(_TRACE),
    "trace_check_mmio_spte": Left(_TRACE),
    "trace_kvm_tdp_mmu_spte_changed": Left(_TRACE),
    "trace_fast_page_fault": Left(_TRACE),
    "trace_kvm_mmu_set_spte": Left(_TRACE),
    "trace_mark_mmio_spte": Left(_TRACE),
    "kvm_update_page_stats": Left(_TRACE),
    "kvm_set_pfn_accessed": Left("that a page was accessed is a hint, and not in the model"),
    "check_spte_writable_invariants": Left(_WARN),
    "handle_changed_spte_dirty_log": Left("with the lock held for read, nothing becomes writable"),
    "kvm_memslots_have_rmaps": Left(_SHADOW),
    "sptep_to_sp": Left(_LEVEL, "sp"),
}

PATHS = {
    r".*slot(->|\.)dirty_bitmap": Left(_SLOT, "&the_dirty_bitmap"),
    r"(.*->)?kvm->dirty_ring_size": Left("dirty rings are modelled as a bitmap"),
    r"kvm->manual_dirty_log_protect": Left("see kvm_clear_dirty_log_protect()"),
    r"fault->exec": Left("execution is not in the model"),
    r"sp->role\.is_mirror": Left("mirror page tables, of TDX, are not in the model"),
    r"tdp_mmu_enabled": Left(_SHADOW, 1),
    r"kvm->mmu_invalidate_in_progress": Left("change_pte comes inside of an invalidation", 1),
    r"shadow_me_value": Left("memory encryption is not in the model"),
    r"sp->role\.access": Left("everything is allowed there", "ACC_ALL"),
    r"kvm_x86_ops\.get_mt_mask": Left("memory types are not in the model"),
    r"the_slot\.flags": Left(_SLOT),
    r"kvm_x86_ops\.set_apic_access_page_addr": Left("the APIC's page is not in the model"),
    r"eager_page_split": Left("huge pages are in huge_pages.py"),
    r"(.*(->|\.))?role\.level": Left(_LEVEL, "PG_LEVEL_4K"),
    r"iter(->|\.)level": Left(_LEVEL, "PG_LEVEL_4K"),
    r"level": Left(_LEVEL, "PG_LEVEL_4K"),
    r"(.*->)?role\.invalid": Left("roots that are about to go are not in the model"),
    r"(.*->)?role\.ad_disabled": Left("as the CPU has it", "!cpu_has_ad"),
}

_REREAD = (
    "what the failed compare-and-exchange gives is what is there; the model reads it again instead"
)
_PLAIN_ROOT = "with two roots, nothing is asked of pages that are tagged"
_TAG = {"__handle_changed_spte": Left(_PLAIN_ROOT)}
_BIT = frozenset({"tdp_mmu_need_write_protect"})
_MASK = {
    "!(mask & (1UL << (iter.gfn - gfn)))": Left("the page is one of those in the mask"),
    "!mask": Left("the page is one of those in the mask"),
    "mask & (1UL << (iter.gfn - gfn))": Left("the page is one of those in the mask", 1),
}
_PFN = "no SPTE is replaced by one for another page; each goes first"
_NOT_NESTED = {"sp->role.guest_mode": Left("nested guests are in roots.py")}
_PRESENT = ("present", "whoever calls it has asked whether it is present")
_WRPROT = {"wrprot": Left("as kvm_arch_mmu_enable_log_dirty_pt_masked() asks for it", "!cpu_logs")}
_PAGE_TAG = _TAG | {"kvm_set_pfn_dirty": Left(_PLAIN_ROOT)}

_FLUSHED = "since v6.0 the flush does not depend on it"
_SPTE_SAYS = CDifference(
    r"READ_ONCE\(guest_mode\).*",
    r"READ_ONCE\(spte\).*",
    "until v6.3 each SPTE said itself whether it is a nested guest's, in bits that the model lacks",
    until=(6, 4),
)
_NO_SLOT = "a fault without a slot is in mmio.py"
_AS_ASKED = "as whoever asks sets it"
_NOTIFIER = {
    "range->flush_on_ret": Left(_AS_ASKED, 1),
    "range->on_lock": Left(_AS_ASKED, "kvm_null_fn"),
    "range->on_unlock": Left(_AS_ASKED, "kvm_null_fn"),
    "range->lockless": Left(_AS_ASKED),
}
_NULL = {
    "!IS_KVM_NULL_FN(range->on_lock)": Left(_AS_ASKED),
    "!IS_KVM_NULL_FN(range->on_unlock)": Left(_AS_ASKED),
    "IS_KVM_NULL_FN(range->handler)": Left(_AS_ASKED),
}
_PML_HAS_AD = Left("with PML, the CPU has A and D bits")
_ENABLE = "only what enables dirty logging is in dirty_log.py; the rest in huge_pages.py"

_NO_CHANGE_PTE = (CAbsence("gone in v6.10, with the notifier", since=(6, 10)),)

OPERATIONS = {
    "__handle_changed_spte": COperation(
        names=("handle_changed_spte",),
        result_left="it fails for mirror page tables alone",
        left={
            "was_leaf && is_leaf && pfn_changed": Left(_PFN),
            "!was_leaf": Left(_LEVEL, "!was_present"),
        },
    ),
    "mark_page_dirty_in_slot": COperation(
        left={
            "memslot && kvm_slot_dirty_track_enabled(memslot)": Left(
                _SLOT, "kvm_slot_dirty_track_enabled(memslot)"
            )
        }
    ),
    "fast_page_fault": COperation(
        params={"write": "fault->write"},
        results={"RET_PF_INVALID": False, "else": True},
        left={
            "++retry_count > 4": Left("the kernel gives up after five rounds, the model does not")
        },
    ),
    "roots_fast_page_fault": COperation(
        start={"fault->write": Left("with two roots there are writes alone", 1)},
        result_left="it always helps, with two roots",
        assume={"read": ("mmu_writable", "where there are faults, the page stays mapped")},
        left={
            "unlikely(!kvm_ad_enabled()) && is_access_track_spte(spte)": _PML_HAS_AD,
            "unlikely(!kvm_ad_enabled) && is_access_track_spte(spte)": _PML_HAS_AD,
            "++retry_count > 4": Left("the kernel gives up after five rounds, the model does not"),
        },
        only={"method": (PML,)},
    ),
    "tdp_mmu_map_handle_target_level": COperation(
        params={"write": "fault->write"},
        results={"RET_PF_RETRY": False, "else": True},
        follow=frozenset({"mark_page_dirty_in_slot"}),
        start={
            "iter->old_spte": Left("the walk has read it", "READ_ONCE(*iter->sptep)"),
            "fault->pfn": Left("the page does not matter", "the_pfn"),
            "fault->map_writable": Left("read-only memory is not mapped in the model", 1),
            "fault->prefetch": Left("faults that nobody waits for are not in the model"),
        },
        left={
            "unlikely(!fault->slot)": Left(_NO_SLOT),
            "unlikely(is_mmio_spte(vcpu->kvm, new_spte))": Left(_NO_SLOT),
            "unlikely(is_mmio_spte(new_spte))": Left(_NO_SLOT),
            "new_spte == iter->old_spte": Left("to set what is there already changes nothing"),
            "memslot && kvm_slot_dirty_track_enabled(memslot)": Left("it has just been asked", 1),
            "level > PG_LEVEL_4K": Left(_LEVEL),
            "fault->prefetch": Left("faults that nobody waits for are not in the model"),
            "prefetch": Left("faults that nobody waits for are not in the model"),
            "pte_access & ACC_EXEC_MASK": Left("execution is not in the model", 1),
            "pte_access & ACC_USER_MASK": Left("everything may be read", 1),
            "shadow_memtype_mask": Left("memory types are not in the model"),
            "host_writable": Left("read-only memory is not mapped in the model", 1),
        }
        | _NOT_NESTED,
    ),
    "kvm_arch_mmu_enable_log_dirty_pt_masked": COperation(
        assume={"mask": ("", "it is called for words in which a page is")}
    ),
    "kvm_get_dirty_log_protect": COperation(
        left={
            "as_id >= KVM_ADDRESS_SPACE_NUM || id >= KVM_USER_MEM_SLOTS": Left(_ERROR),
            "as_id >= kvm_arch_nr_memslot_as_ids(kvm) || id >= KVM_USER_MEM_SLOTS": Left(_ERROR),
        },
        start={"the_buffer[0]": Left("memset()")},
        result_left=_ERROR,
    ),
    "copy_to_user": COperation(params={"mask": "the_buffer[0]"}),
    "handle_removed_pt": COperation(follow=frozenset({"__handle_changed_spte"})),
    "kvm_unmap_gfn_range": COperation(
        entry=("__kvm_handle_hva_range", "kvm_handle_hva_range"),
        start=_NOTIFIER | {"range->handler": Left(_AS_ASKED, "kvm_unmap_gfn_range")},
        left=_NULL,
        result_left="who asks to unmap does not look at it",
    ),
    "kvm_mmu_notifier_clear_young": COperation(
        left=_NULL,
        result_left="whether it was young is not asked by the model",
    ),
    "kvm_mmu_notifier_clear_flush_young": COperation(
        follow=frozenset({"kvm_mmu_notifier_clear_young"}),
        left=_NULL,
        result_left="whether it was young is not asked by the model",
    ),
    "kvm_mmu_slot_apply_flags": COperation(
        left={
            "(old_flags ^ new_flags) & KVM_MEM_LOG_DIRTY_PAGES": Left(_ENABLE, 1),
            "(change != KVM_MR_FLAGS_ONLY) || (new_flags & KVM_MEM_READONLY)": Left(_ENABLE),
            "!log_dirty_pages": Left(_ENABLE),
            "kvm_mmu_slot_remove_write_access(kvm, new, PG_LEVEL_2M)": Left(
                "huge pages are in huge_pages.py"
            ),
        },
        calls={
            "kvm_mmu_update_cpu_dirty_logging": Left("dirty_log.enable_dirty_logging() calls it")
        },
    ),
    "__tdp_mmu_set_spte": COperation(names=("tdp_mmu_set_spte",)),
    "tdp_mmu_set_spte_atomic": COperation(
        params={"old_spte": "iter->old_spte"},
        results={"0": True, "else": False},
        inline=True,
    ),
    "tdp_mmu_zap_leafs": COperation(
        start={"flush": Left("what an earlier root owes: roots.kvm_tdp_mmu_zap_leafs", 0)}
    ),
    "roots_tdp_mmu_zap_leafs": COperation(
        start={"flush": Left("what an earlier root owes: roots.kvm_tdp_mmu_zap_leafs", 0)},
        follow=frozenset({"__tdp_mmu_set_spte"}),
        calls=_TAG,
    ),
    "age_gfn_range": COperation(
        names=("kvm_tdp_mmu_age_spte",),
        entry=("kvm_tdp_mmu_age_gfn_range",),
        left={"test_only": Left("test_young changes nothing")},
        differences=(
            CDifference(
                r"atomic_fetch_and\(spte.*",
                r"try_cmpxchg\(spte.*",
                "the model ages as v6.15 does; by v7.2, aging is a compare-and-exchange with A/D "
                "bits, too",
                since=(6, 16),
            ),
        ),
    ),
    "set_spte_gfn": COperation(
        entry=("kvm_tdp_mmu_set_spte_gfn",),
        left={"!pte_write(range->pte)": Left("the page that comes is read-only", 1)},
        assume={
            "__tdp_mmu_set_spte": ("present", "it was present, and mmu_lock is held for write")
        },
        absences=_NO_CHANGE_PTE,
    ),
    "kvm_mmu_notifier_change_pte": COperation(absences=_NO_CHANGE_PTE),
    "wrprot_gfn_range": COperation(reread=_REREAD),
    "tdp_mmu_clear_spte_bits": COperation(
        assume={"old_spte": _PRESENT},
        absences=(
            CAbsence("came in v6.4; before, variants of the model alone call it", until=(6, 4)),
        ),
    ),
    "kvm_mmu_zap_collapsible_sptes": COperation(
        absences=(CAbsence("gone in v6.13", since=(6, 13)),)
    ),
    "clear_dirty_gfn_range": COperation(
        reread=_REREAD, follow=_BIT, left=_NOT_NESTED, only={"method": (PML,)}, void=_FLUSHED
    ),
    "roots_clear_dirty_gfn_range": COperation(
        reread=_REREAD,
        calls=_TAG,
        only={"method": (PML,)},
        void=_FLUSHED,
        differences=(_SPTE_SAYS,),
    ),
    "tdp_mmu_need_write_protect": COperation(
        absences=(CAbsence("came in v6.4; before, each SPTE said so itself", until=(6, 4)),),
        only={"method": (PML,)},
        differences=(
            CDifference(
                "return false|-",
                "READ_ONCE\\(guest_mode\\).*",
                "v6.9 (2673dfb591a3) looks at the root again, as before v6.4; the model's v6.4 "
                "does not",
                since=(6, 9),
            ),
        ),
    ),
    "clear_dirty_pt_masked": COperation(follow=_BIT, left=_MASK | _NOT_NESTED, start=_WRPROT),
    "roots_clear_dirty_pt_masked": COperation(
        left=_MASK,
        start=_WRPROT,
        calls=_PAGE_TAG,
        only={"method": (PML,)},
        differences=(_SPTE_SAYS,),
    ),
}

_TWO = "an operation on two levels, in whose state the SPTE and the table below it are one value"
_STEPS = "the remote flush and the entry to the guest stand for many steps of many functions"
_SESSION = "a stretch of a long function, which does much besides"
_BUFFERS = "store buffers, which C does not speak of"
_MMIO = "MMIO SPTEs, whose generation has one bit in the model"

_HELPERS = frozenset(
    {
        "kvm_tdp_mmu_write_spte",
        "kvm_tdp_mmu_write_spte_atomic",
        "__kvm_tdp_mmu_write_spte",
        "tdp_mmu_clear_spte_bits",
        "tdp_mmu_clear_spte_bits_atomic",
        "tdp_mmu_set_spte",
        "__tdp_mmu_set_spte",
        "_tdp_mmu_set_spte",
        "tdp_mmu_set_spte_no_acc_track",
        "tdp_mmu_set_spte_no_dirty_log",
        "tdp_mmu_iter_set_spte",
        "tdp_mmu_set_spte_atomic",
        "__tdp_mmu_set_spte_atomic",
        "tdp_mmu_zap_spte_atomic",
    }
)
_RAW = frozenset(
    {"WRITE_ONCE", "xchg", "cmpxchg64", "try_cmpxchg64", "atomic64_fetch_and", "atomic64_fetch_or"}
)
WRITERS = {
    f"{MMU}/tdp_mmu.c": _HELPERS | _RAW,
    f"{MMU}/tdp_iter.h": _HELPERS | _RAW,
    f"{MMU}/mmu.c": _HELPERS | (_RAW - {"WRITE_ONCE"}),
}
_OBSOLETE = "no flush comes of it: that the root is obsolete keeps it from use"
_SHADOW_WRITES = "writes SPTEs of shadow paging"
UNMODELLED = {
    "__tdp_mmu_zap_root": _OBSOLETE,
    "tdp_mmu_zap_root": _OBSOLETE,
    "kvm_tdp_mmu_zap_possible_nx_huge_page": "the recovery of huge pages that were split for NX",
    "__update_clear_spte_fast": _SHADOW_WRITES,
    "__update_clear_spte_slow": _SHADOW_WRITES,
    "__set_spte": _SHADOW_WRITES,
    "mmu_spte_age": _SHADOW_WRITES,
    "kvm_rmap_age_gfn_range": _SHADOW_WRITES,
}

APART = {
    "kvm_set_pfn_dirty": "the page is tagged in mm/, which is not read",
    "kvm_set_page_dirty": "the page is tagged in mm/, which is not read",
    "is_last_spte": _LEVEL,
    "__kvm_handle_hva_range": "what notifiers have in common, gone through for some of them",
    "two_levels_handle_changed_spte": _TWO,
    "two_levels_tdp_mmu_set_spte_atomic": _TWO,
    "two_levels_fast_page_fault": _TWO,
    "two_levels_age_gfn_range": _TWO,
    "two_levels_kvm_mmu_notifier_clear_young": _TWO,
    "tdp_mmu_zap_spte_atomic": _TWO,
    "zap_lower": _TWO,
    "zap_collapsible_spte_range": _TWO,
    "kvm_tdp_mmu_zap_sp": _TWO,
    "map_huge_page": _TWO,
    "map_small_page": _TWO,
    "kvm_tdp_mmu_map": _TWO,
    "kvm_mmu_hugepage_adjust": _TWO,
    "try_to_link": _TWO,
    "tdp_mmu_link_sp": _TWO,
    "tdp_mmu_split_huge_page": _TWO,
    "kvm_mmu_slot_try_split_huge_pages": _TWO,
    "huge_pages_clear_dirty_gfn_range": _TWO,
    "huge_pages_clear_dirty_pt_masked": _TWO,
    "huge_pages_kvm_mmu_slot_leaf_clear_dirty": _TWO,
    "huge_pages_kvm_mmu_slot_remove_write_access": _TWO,
    "huge_pages_kvm_mmu_slot_apply_flags": _TWO,
    "huge_pages_kvm_get_dirty_log_protect": _TWO,
    "recover_huge_pages_range": _TWO,
    "zap_and_yield": "a walk with a zap in it, to show in which order yielding does things",
    "kvm_tdp_mmu_zap_leafs": "yields after each root, which the C leaves to chance",
    "roots_kvm_mmu_slot_apply_flags": "stands for it and for all that it calls",
    "roots_kvm_get_dirty_log_protect": "stands for it and for all that it calls",
    "roots_direct_page_fault": _SESSION,
    "two_levels_direct_page_fault": _SESSION,
    "direct_page_fault": _SESSION,
    "kvm_faultin_pfn": "finds the page in the primary MMU, which is not read",
    "kvm_mmu_finish_page_fault": "tags the page in mm/, which is not read",
    "kvm_make_all_cpus_request": _STEPS,
    "flush_at_once": _STEPS,
    "kvm_flush_remote_tlbs": _STEPS,
    "kvm_vcpu_flush_tlb_all": _STEPS,
    "kvm_vcpu_exit_request": _STEPS,
    "vcpu_enter_guest": _STEPS,
    "handle_ipi": _STEPS,
    "kvm_swap_active_memslots": _SESSION,
    "add_memslot": _SESSION,
    "enable_dirty_logging": _SESSION,
    "disable_dirty_logging": _SESSION,
    "set_dirty_logging": _SESSION,
    "kvm_mmu_update_cpu_dirty_logging": _STEPS,
    "kvm_clear_dirty_log_protect": "begins with the GET before it, of all that there is",
    "kvm_dirty_ring_reset": "rings are modelled as a bitmap",
    "check_mmio_spte": _MMIO,
    "handle_mmio_page_fault": _MMIO,
    "make_mmio_spte": _MMIO,
    "kvm_mmu_page_fault": _MMIO,
    "kvm_slot_page_track_add_page": "the model's write tracking is one bit",
    "kvm_mmu_track_write": _BUFFERS,
    "account_shadowed": _BUFFERS,
    "fetch": _BUFFERS,
}

SOURCE = CSource(
    files=FILES,
    kernels=kernel_of,
    worlds=worlds,
    words=words,
    bits=bits,
    legal=legal,
    ignored=ignored,
    places=PLACES,
    operations=OPERATIONS,
    constants=constants,
    types={"gfn_t": "u64", "kvm_pfn_t": "u64", "hpa_t": "u64"},
    defined=DEFINED,
    macros=MACROS,
    calls=CALLS,
    paths=PATHS,
    private=(r"iter->.*", r"once_", r"the_buffer.*", r"fault->.*", r"vcpu->stat\..*", r"\*spte"),
    accessors={
        "mmu_try_to_unsync_pages": CAccessor(
            "READ_ONCE", "write_tracked", "page tables that KVM shadows are one bit in the model"
        ),
        "kvm_slot_dirty_track_enabled": CAccessor(
            "READ_ONCE", "fault_slot", "whether the slot logs is what the fault has looked up"
        ),
    },
    aliases={
        "kvm_flush_remote_tlbs_gfn": "kvm_flush_remote_tlbs",
        "kvm_flush_remote_tlbs_memslot": "kvm_flush_remote_tlbs",
        "kvm_arch_flush_remote_tlbs_memslot": "kvm_flush_remote_tlbs",
        "kvm_flush_remote_tlbs_with_address": "kvm_flush_remote_tlbs",
        "call_rcu": "call_rcu",
        "copy_to_user": "copy_to_user",
        "kvm_tdp_mmu_age_gfn_range": "age_gfn_range",
        "kvm_tdp_mmu_set_spte_gfn": "set_spte_gfn",
    },
    apart=APART,
    writers=WRITERS,
    unmodelled=UNMODELLED,
    masks={"mask": ("accessed", "dirty", "writable")},
)
