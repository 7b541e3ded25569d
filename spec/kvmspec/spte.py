"""Leaf SPTEs of the TDP MMU and the predicates on them (arch/x86/kvm/mmu/spte.h, spte.c).

A/D bits are in use in all of it: that is so for PML, and for NPT on any CPU that KVM runs on.
"""

from kvmtla import Bit, Word, pure


class Spte(Word):
    """A leaf SPTE; positions as in spte.h, the PFN and what never changes left out."""

    present: bool = Bit(ept=11, npt=11, label="P")
    writable: bool = Bit(ept=1, npt=1, label="W")
    mmu_writable: bool = Bit(ept=58, npt=10, label="MMU_W")
    accessed: bool = Bit(ept=8, npt=5, label="A")
    dirty: bool = Bit(ept=9, npt=6, label="D")


PT_WRITABLE_MASK = Spte(writable=True)
shadow_accessed_mask = Spte(accessed=True)
shadow_dirty_mask = Spte(dirty=True)
NOT_PRESENT = Spte()


@pure
def is_shadow_present_pte(spte: Spte) -> bool:
    """Does KVM consider the SPTE present (SPTE_MMU_PRESENT_MASK)?"""
    return spte.present


@pure
def is_writable_pte(spte: Spte) -> bool:
    """May the CPU write through it?"""
    return spte.writable


@pure
def is_mmu_writable_spte(spte: Spte) -> bool:
    """May a fast page fault make it writable, outside mmu_lock?"""
    return spte.mmu_writable


@pure
def is_accessed_spte(spte: Spte) -> bool:
    """Has it been used since it was last aged?"""
    return spte.accessed


@pure
def is_dirty_spte(spte: Spte) -> bool:
    """Has the CPU written through it? With A/D bits enabled, that is Dirty."""
    return spte.dirty


@pure
def spte_has_volatile_bits(spte: Spte) -> bool:
    """May a present SPTE change outside mmu_lock (spte.c:spte_has_volatile_bits, v5.19 to 6.14)?"""
    # A fast page fault may set W, whoever holds mmu_lock.
    if not is_writable_pte(spte) and is_mmu_writable_spte(spte):
        return True
    # The CPU may set A, and D where it may write.
    return not spte.accessed or (is_writable_pte(spte) and not spte.dirty)


@pure
def make_spte() -> Spte:
    """The SPTE that a write fault installs (spte.c:make_spte); A and D set in advance."""
    return Spte(present=True, writable=True, mmu_writable=True, accessed=True, dirty=True)
