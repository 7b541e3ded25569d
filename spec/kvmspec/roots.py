"""Two roots: the guest's, and that of a guest it runs itself, without EPT (role.guest_mode).

Both map the same page, each by an SPTE of its own. While a vCPU runs the nested guest, L2, PML is
off: the SPTEs of that root have to be write-protected (SPTE_TDP_AD_WRPROT_ONLY). What tdp_mmu.py
has for one root, here once more for two, under the kernel's names.
"""

from kvmspec.constants import PML, V6_4, V6_13, Variant, kernel, method, variant
from kvmspec.cpu import (
    in_guest,
    kvm_flush_remote_tlbs,
    need_not_set_dirty,
    translates,
)
from kvmspec.dirty_log import (
    always_flushes,
    copy_to_user,
    kvm_mmu_update_cpu_dirty_logging,
    kvm_swap_active_memslots,
)
from kvmspec.faults import has_logged, mark_page_dirty_in_slot, vmentry
from kvmspec.machine import (
    FaultSlot,
    Gfn,
    Kvm,
    PageTable,
    TlbEntry,
    Vcpu,
    harvesting,
    marking,
    relies_on_log,
    zapping,
)
from kvmspec.spte import (
    NOT_PRESENT,
    PT_WRITABLE_MASK,
    is_access_allowed,
    is_shadow_present_pte,
    is_writable_pte,
    make_spte,
    shadow_accessed_mask,
    shadow_dirty_mask,
)
from kvmspec.two_levels import kvm_tdp_mmu_write_spte, tdp_mmu_clear_spte_bits
from kvmtla import (
    READ_ONCE,
    Map,
    atomic,
    choose,
    hardware,
    initial,
    operation,
    pure,
    read_lock,
    require,
    try_cmpxchg,
    write_lock,
    xchg,
)


@initial
def two_roots(m: Kvm) -> None:
    """A page is mapped for write by both roots; no slot logs. Each vCPU is in the guest, L1."""
    nested = choose(PageTable)
    root = choose(PageTable)
    require(root != nested)
    m.guest_mode[nested] = True
    m.root = Map({cpu: root for cpu in Vcpu})
    m.table = Map({table: make_spte(NOT_PRESENT) for table in PageTable})


@pure
def runs_on(m: Kvm, cpu: Vcpu, root: PageTable) -> bool:
    """Does the vCPU run guest code, L1 or L2, by this root?"""
    return in_guest(m, cpu) and m.root[cpu] == root


@hardware("the CPU walks the page table for a read", source="SDM vol. 3, 29.3.2 and 29.3.5")
def walk_root_for_read(m: Kvm, cpu: Vcpu, root: PageTable) -> None:
    """As page_walk_for_read(). A translation belongs to its root, and outlives a switch."""
    spte = m.table[root]
    require(runs_on(m, cpu, root) and translates(spte, False))
    require(not m.root_tlb[cpu][root].writable)
    m.table[root] = spte | shadow_accessed_mask
    m.root_tlb[cpu][root] = TlbEntry(writable=is_writable_pte(spte), dirty=need_not_set_dirty(spte))


@hardware("write: the CPU sets D", source="SDM vol. 3, 29.3.5 and 29.3.6")
def walk_root_for_write(m: Kvm, cpu: Vcpu, gfn: Gfn, root: PageTable) -> None:
    """As page_walk_for_write(), but KVM turns PML off for L2 (vmcs02)."""
    spte = m.table[root]
    require(runs_on(m, cpu, root) and translates(spte, True))
    require(not m.root_tlb[cpu][root].dirty)
    if m.pml_enabled and not m.guest_mode[root] and not spte.dirty:
        m.pml_buffer[cpu][gfn] = True
    m.table[root] = spte | shadow_accessed_mask | shadow_dirty_mask
    m.root_tlb[cpu][root] = TlbEntry(writable=True, dirty=True)


@hardware("write through the TLB", source="SDM vol. 3, 29.3.5")
def write_through_root_tlb(m: Kvm, cpu: Vcpu, gfn: Gfn, root: PageTable) -> None:
    """A write whose translation is cached writable and dirty touches no SPTE, and logs nothing."""
    require(runs_on(m, cpu, root) and m.root_tlb[cpu][root].dirty)
    if relies_on_log.active():
        m.unreported[gfn] = True


@hardware("the CPU drops the translation from its TLB", source="SDM vol. 3, 29.4.2")
def evict_from_root(m: Kvm, cpu: Vcpu, root: PageTable) -> None:
    """A TLB entry may go at any time, of the root that is not in use, too."""
    require(m.root_tlb[cpu][root].writable)
    m.root_tlb[cpu][root] = TlbEntry()


@atomic(text="nested VM-Enter or VM-Exit: the vCPU changes its root; no flush")
def switch_root(m: Kvm, cpu: Vcpu) -> None:
    """The exit has emptied the PML buffer, which is only filled while L1 runs."""
    root = choose(PageTable)
    require(in_guest(m, cpu) and root != m.root[cpu] and not has_logged(m, cpu))
    m.root[cpu] = root


@operation(kernel="arch/x86/kvm/vmx/nested.c:nested_vmx_enter_non_root_mode")
def enter_or_leave_l2(m: Kvm, cpu: Vcpu) -> None:
    """L1 runs L2, or L2 exits to L1 (nested_vmx_vmexit())."""
    switch_root(m, cpu)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_need_write_protect")
def tdp_mmu_need_write_protect(m: Kvm, root: PageTable) -> bool:
    """Is W the bit to re-arm the root's SPTEs by?

    Each SPTE said so itself until v6.3 (spte_ad_need_write_protect()), and the root's role does
    since v6.9 (2673dfb591a3). In between, only kvm_ad_enabled() was asked (5982a5392663).
    """
    if method != PML:
        return True
    if V6_4 <= kernel < V6_13:
        return False
    return READ_ONCE(m.guest_mode[root])


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range")
def clear_dirty_gfn_range(m: Kvm, root: PageTable) -> bool:
    """Clear D or W, mmu_lock held for read; gives whether anything changed."""
    wrprot = tdp_mmu_need_write_protect(m, root)
    dbit = PT_WRITABLE_MASK if wrprot else shadow_dirty_mask
    while True:
        old_spte = READ_ONCE(m.table[root])
        if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
            return False
        ok, _ = try_cmpxchg(m.table[root], old_spte, old_spte & ~dbit)
        if ok:
            return True


@operation(kernel="arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags")
def kvm_mmu_slot_apply_flags(m: Kvm) -> None:
    """Clear D or W over the slot in all roots, and flush."""
    spte_set = False
    with read_lock(m.mmu_lock):
        for root in PageTable:
            spte_set |= clear_dirty_gfn_range(m, root)
    if always_flushes() or spte_set:
        kvm_flush_remote_tlbs(m)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked")
def clear_dirty_pt_masked(m: Kvm, root: PageTable) -> None:
    """Re-arm the page in one root, mmu_lock held for write."""
    wrprot = tdp_mmu_need_write_protect(m, root)
    dbit = PT_WRITABLE_MASK if wrprot else shadow_dirty_mask
    old_spte = READ_ONCE(m.table[root])
    if not is_shadow_present_pte(old_spte) or not old_spte & dbit:
        return
    if kernel >= V6_4:
        tdp_mmu_clear_spte_bits(m, root, old_spte, dbit)
    else:
        kvm_tdp_mmu_write_spte(m, root, old_spte, old_spte & ~dbit)


@operation(kernel="virt/kvm/kvm_main.c:kvm_get_dirty_log_protect")
def kvm_get_dirty_log_protect(m: Kvm) -> None:
    """KVM_GET_DIRTY_LOG, as in dirty_log.py, for all roots."""
    mask = Map({gfn: False for gfn in Gfn})
    with harvesting(when=lambda gfn: mask[gfn]):
        with write_lock(m.mmu_lock):
            mask = xchg(m.dirty_bitmap, Map({gfn: False for gfn in Gfn}))
            if any(mask[gfn] for gfn in Gfn):
                for root in PageTable:
                    clear_dirty_pt_masked(m, root)
        if any(mask[gfn] for gfn in Gfn):
            kvm_flush_remote_tlbs(m)
        copy_to_user(m, mask)


@operation()
def log(m: Kvm) -> None:
    """User space turns dirty logging on, and asks for dirty pages again and again."""
    kvm_swap_active_memslots(m, True)
    if method == PML:
        kvm_mmu_update_cpu_dirty_logging(m, True)
    kvm_mmu_slot_apply_flags(m)
    with relies_on_log():
        while True:
            kvm_get_dirty_log_protect(m)


@operation(kernel="arch/x86/kvm/mmu/mmu.c:fast_page_fault")
def fast_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn, root: PageTable) -> None:
    """Set W where KVM took it away for logging, in the root that the vCPU runs on.

    That always helps here: where there are faults, the page stays mapped, and MMU-writable.
    """
    while True:
        spte = READ_ONCE(m.table[root])
        if is_access_allowed(spte, True):
            return
        ok, _ = try_cmpxchg(m.table[root], spte, spte | PT_WRITABLE_MASK)
        if ok:
            with marking(gfn):
                mark_page_dirty_in_slot(m, cpu, gfn)
            return


@atomic(text="fault: VM-Exit, the CPU drops its translation")
def vmexit(m: Kvm, cpu: Vcpu) -> PageTable:
    """A write that the SPTE does not allow; gives the root that the vCPU runs on."""
    root = choose(PageTable)
    require(runs_on(m, cpu, root) and not translates(m.table[root], True))
    require(not m.root_tlb[cpu][root].writable)
    m.fault_slot[cpu] = FaultSlot.LOGGED if m.slot_logs else FaultSlot.PLAIN
    return root


@operation(kernel="arch/x86/kvm/mmu/mmu.c:direct_page_fault")
def direct_page_fault(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A write fault, of L1 or of L2: both roots are direct."""
    root = vmexit(m, cpu)
    fast_page_fault(m, cpu, gfn, root)
    vmentry(m, cpu)


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_leafs")
def tdp_mmu_zap_leafs(m: Kvm, root: PageTable) -> bool:
    """Zap the page in one root, mmu_lock held for write; until v5.17: zap_gfn_range()."""
    old_spte = READ_ONCE(m.table[root])
    if not is_shadow_present_pte(old_spte):
        return False
    kvm_tdp_mmu_write_spte(m, root, old_spte, NOT_PRESENT)
    return True


@operation(kernel="arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_leafs")
def kvm_tdp_mmu_zap_leafs(m: Kvm) -> None:
    """Zap a page in all roots, and yield after each; the flush comes first.

    Until v5.17: kvm_tdp_mmu_zap_gfn_range() and zap_gfn_range(). In the parent, the latter knew of
    no flush but its own: it yielded with what it had zapped in an earlier root still to be flushed,
    at the very end.
    """
    flush = False
    for root in PageTable:
        with zapping(when=lambda gfn: True), write_lock(m.mmu_lock):
            flush |= tdp_mmu_zap_leafs(m, root)
            if flush and variant != Variant.PARENT:
                kvm_flush_remote_tlbs(m)
                flush = False
    if flush:
        with write_lock(m.mmu_lock):
            kvm_flush_remote_tlbs(m)
