"""SPTEs of the TDP MMU and the predicates on them (arch/x86/kvm/mmu/spte.h, spte.c)."""

from kvmspec.constants import (
    NO_AD,
    V5_19,
    V6_13,
    V6_15,
    Rule,
    Variant,
    kernel,
    method,
    rule,
    variant,
)
from kvmtla import Bit, Word, pure


class Spte(Word):
    """An SPTE; positions as in spte.h, the PFN and what never changes left out.

    R and X come and go together, and one of R and its copy is set while the SPTE is present: the
    copy alone says it. Without A/D bits, v6.13 and later use A and D as software bits; they never
    say anything that the copy of R and the dirty log do not, and are left out.

    Values that are not present have some of these bits set, too, and mean something else by them.
    """

    present: bool = Bit(ept=11, npt=11, label="P")
    writable: bool = Bit(ept=1, npt=1, label="W")
    mmu_writable: bool = Bit(ept=58, npt=10, label="MMU_W")
    host_writable: bool = Bit(ept=57, npt=9, label="HOST_W")
    accessed: bool = Bit(ept=8, npt=5, label="A")
    dirty: bool = Bit(ept=9, npt=6, label="D")
    saved_readable: bool = Bit(ept=54, label="SAVED_R")
    large: bool = Bit(ept=7, npt=7, label="PS")
    mmio: bool = Bit(ept=2, npt=51, label="MMIO")
    mmio_generation: bool = Bit(ept=3, npt=3, label="GEN")
    removed: bool = Bit(ept=10, npt=8, label="REMOVED")


PT_WRITABLE_MASK = Spte(writable=True)
shadow_mmu_writable_mask = Spte(mmu_writable=True)
shadow_host_writable_mask = Spte(host_writable=True)
shadow_accessed_mask = Spte(accessed=True)
shadow_dirty_mask = Spte(dirty=True)
PT_PAGE_SIZE_MASK = Spte(large=True)
NOT_PRESENT = Spte()
# 0x5a0, which includes A and PS; `removed` stands for the rest. Since v6.11: FROZEN_SPTE.
REMOVED_SPTE = Spte(accessed=True, large=True, removed=True)
# EPT: W and X without R. NPT: a reserved bit, and the access that is allowed, which includes W.
shadow_mmio_value = Spte(mmio=True, writable=True)


@pure
def is_shadow_present_pte(spte: Spte) -> bool:
    """Does KVM consider the SPTE present (SPTE_MMU_PRESENT_MASK)?"""
    if variant == Variant.MMIO_IS_PRESENT and is_mmio_spte(spte):
        return True
    return spte.present


@pure
def is_mmio_spte(spte: Spte) -> bool:
    """Does it say that there is no memory, but a device?"""
    return spte & shadow_mmio_value == shadow_mmio_value


@pure
def is_removed_spte(spte: Spte) -> bool:
    """Is it about to be zapped, and not to be touched until it is (since v6.11: is_frozen_spte)?"""
    return spte == REMOVED_SPTE


@pure
def is_large_pte(spte: Spte) -> bool:
    """Does it map a huge page?"""
    return spte.large


@pure
def spte_ad_enabled(spte: Spte) -> bool:
    """Does the CPU maintain A and D in it (SPTE_TDP_AD_MASK)?"""
    return method != NO_AD


@pure
def is_access_track_spte(spte: Spte) -> bool:
    """Has KVM taken R, W and X away, to see the next access?"""
    return not spte_ad_enabled(spte) and spte.saved_readable


@pure
def is_readable_pte(spte: Spte) -> bool:
    """May the CPU read through it, as far as R, W and X go?"""
    return spte.present and not is_access_track_spte(spte)


@pure
def is_writable_pte(spte: Spte) -> bool:
    """May the CPU write through it?"""
    return spte.writable


@pure
def is_access_allowed(spte: Spte, write: bool) -> bool:
    """May the CPU write (or else read) through it, were it to try again now?"""
    return is_writable_pte(spte) if write else is_readable_pte(spte)


@pure
def is_mmu_writable_spte(spte: Spte) -> bool:
    """May a fast page fault make it writable, outside mmu_lock?"""
    return spte.mmu_writable


@pure
def is_accessed_spte(spte: Spte) -> bool:
    """Has it been used since it was last aged?"""
    return spte.accessed if spte_ad_enabled(spte) else not is_access_track_spte(spte)


@pure
def is_dirty_spte(spte: Spte) -> bool:
    """Has the CPU written through it? Without D, it may have if it is writable."""
    return spte.dirty if spte_ad_enabled(spte) else is_writable_pte(spte)


@pure
def spte_has_volatile_bits(spte: Spte) -> bool:
    """May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().

    Until v5.18, the TDP MMU does not ask while it holds mmu_lock for write.
    """
    since_6_15 = rule == Rule.V6_15 or (rule == Rule.KERNEL and kernel >= V6_15)
    if rule == Rule.KERNEL and kernel < V5_19:
        return False
    # What the shadow MMU asked until 706c9c55e5a3.
    if rule == Rule.EVERY_MMU_WRITABLE and is_mmu_writable_spte(spte):
        return True
    # A fast page fault may set W, whoever holds mmu_lock,
    fixable = not is_writable_pte(spte) and is_mmu_writable_spte(spte)
    if rule != Rule.NOT_FAST_PAGE_FAULT and fixable:
        return True
    # and may give back R and X. From v6.15 on, aging may take them away.
    if is_access_track_spte(spte) or (since_6_15 and not spte_ad_enabled(spte)):
        return True
    # The CPU may set D where it may write,
    clean = spte_ad_enabled(spte) and is_writable_pte(spte) and not spte.dirty
    if rule != Rule.NOT_CPU_DIRTY and clean:
        return True
    # and A; from v6.15 on that may get lost.
    precise = rule != Rule.NOT_CPU_ACCESSED and not since_6_15
    return precise and spte_ad_enabled(spte) and not spte.accessed


@pure
def make_spte(old_spte: Spte) -> Spte:
    """The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.

    Until v6.12, D is left clear where the SPTE that is replaced was writable: the page is tagged
    for that one. As in the C, nobody asks whether it was present, and W is set in MMIO SPTEs.
    """
    skips_dirty = kernel < V6_13 and is_writable_pte(old_spte)
    return Spte(
        present=True,
        writable=True,
        mmu_writable=True,
        host_writable=True,
        accessed=method != NO_AD,
        dirty=method != NO_AD and not skips_dirty,
    )


@pure
def mark_spte_for_access_track(spte: Spte) -> Spte:
    """The SPTE of a page that has just been aged; W is not kept."""
    if spte_ad_enabled(spte):
        return spte & ~shadow_accessed_mask
    return spte.but(writable=False, saved_readable=True)


@pure
def restore_acc_track_spte(spte: Spte) -> Spte:
    """R and X given back; W is for the fault to set."""
    return spte.but(saved_readable=False)


@pure
def kvm_mmu_changed_pte_notifier_make_spte(old_spte: Spte) -> Spte:
    """The SPTE for a page that the primary MMU has replaced by a read-only one (until v6.9)."""
    new_spte = old_spte & ~PT_WRITABLE_MASK & ~shadow_host_writable_mask
    if variant != Variant.WITHOUT_F082D86EA685:
        new_spte = new_spte & ~shadow_mmu_writable_mask
    return mark_spte_for_access_track(new_spte)
