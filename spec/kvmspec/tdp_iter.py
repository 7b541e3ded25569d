"""Writing one SPTE (arch/x86/kvm/mmu/tdp_iter.h)."""

from kvmspec.machine import Gfn, Kvm, taken_for_accessed, taken_for_clean
from kvmspec.spte import (
    Spte,
    is_accessed_spte,
    is_shadow_present_pte,
    is_writable_pte,
    spte_has_volatile_bits,
)
from kvmtla import WRITE_ONCE, atomic_fetch_and, operation, pure, xchg


@pure
def kvm_tdp_mmu_spte_need_atomic_write(old_spte: Spte) -> bool:
    """Must this leaf SPTE be written atomically? Decided on the value read earlier."""
    return is_shadow_present_pte(old_spte) and spte_has_volatile_bits(old_spte)


@operation(kernel="arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte")
def kvm_tdp_mmu_write_spte(m: Kvm, gfn: Gfn, old_spte: Spte, new_spte: Spte) -> Spte:
    """Write an SPTE with mmu_lock held for write; gives what KVM believes was there."""
    with taken_for_clean(gfn, when=lambda: not old_spte.dirty and not is_writable_pte(old_spte)):
        if kvm_tdp_mmu_spte_need_atomic_write(old_spte):
            old_spte = xchg(m.spte[gfn], new_spte)
        else:
            with taken_for_accessed(gfn, when=lambda: is_accessed_spte(old_spte)):
                WRITE_ONCE(m.spte[gfn], new_spte)
    return old_spte


@operation(kernel="arch/x86/kvm/mmu/tdp_iter.h:tdp_mmu_clear_spte_bits")
def tdp_mmu_clear_spte_bits(m: Kvm, gfn: Gfn, old_spte: Spte, mask: Spte) -> Spte:
    """Clear the bits of `mask`, and no others, with mmu_lock held for write.

    Since v6.4; what a variant brings to an earlier kernel may have it there.
    """
    if kvm_tdp_mmu_spte_need_atomic_write(old_spte):
        old_spte = atomic_fetch_and(m.spte[gfn], ~mask)
    else:
        with taken_for_accessed(gfn, when=lambda: is_accessed_spte(old_spte)):
            WRITE_ONCE(m.spte[gfn], old_spte & ~mask)
    return old_spte
