"""Page walks over two levels: what a CPU does with the SPTE of 2 MiB, and with the one below it."""

from kvmspec.constants import PML, Variant, method, variant
from kvmspec.cpu import in_guest, translates
from kvmspec.machine import Gfn, Kvm, NonLeaf, PageTable, TlbEntry, Vcpu
from kvmspec.spte import (
    is_large_pte,
    is_shadow_present_pte,
    shadow_accessed_mask,
    spte_ad_enabled,
)
from kvmtla import hardware, pure, require


@pure
def is_leaf(upper: NonLeaf) -> bool:
    """Does the SPTE of 2 MiB map them?"""
    return is_shadow_present_pte(upper.spte) and is_large_pte(upper.spte)


@pure
def points_to_table(upper: NonLeaf) -> bool:
    """Does it point to a page table?"""
    return is_shadow_present_pte(upper.spte) and not is_large_pte(upper.spte)


@hardware("the CPU walks to the page table", source="SDM vol. 3, 29.3.5 and 29.4.1")
def walk_to_table(m: Kvm, cpu: Vcpu) -> None:
    """The non-leaf SPTE is cached: the CPU knows where the page table is."""
    require(in_guest(m, cpu) and points_to_table(m.upper))
    require(m.walk_cache[cpu] != m.upper.child)
    if spte_ad_enabled(m.upper.spte):
        m.upper = m.upper.but(spte=m.upper.spte | shadow_accessed_mask)
    m.walk_cache[cpu] = m.upper.child


@hardware("write: the CPU sets A and D in the leaf", source="SDM vol. 3, 29.3.5 and 29.4.3")
def write_by_table(m: Kvm, cpu: Vcpu, gfn: Gfn, table: PageTable) -> None:
    """A write by way of the page table that the CPU knows of, whether or not it is still linked.

    On the mutant's CPU, a non-leaf SPTE has D too, and the leaf has not.
    """
    require(in_guest(m, cpu) and m.walk_cache[cpu] == table and translates(m.table[table], True))
    require(not m.tlb[cpu][gfn].dirty)
    if method == PML and m.pml_enabled and not m.table[table].dirty:
        m.pml_buffer[cpu][gfn] = True
    if variant == Variant.NONLEAF_DIRTY:
        require(points_to_table(m.upper))
        m.upper = m.upper.but(spte=m.upper.spte.but(dirty=True))
        m.table[table] = m.table[table].but(accessed=True)
    elif spte_ad_enabled(m.table[table]):
        m.table[table] = m.table[table].but(accessed=True, dirty=True)
    m.tlb[cpu][gfn] = TlbEntry(writable=True, dirty=True)


@hardware("write to a huge page: the CPU sets A and D", source="SDM vol. 3, 29.3.5 and 29.3.6")
def write_by_huge_page(m: Kvm, cpu: Vcpu, gfn: Gfn) -> None:
    """A write by way of the SPTE of 2 MiB."""
    spte = m.upper.spte
    require(in_guest(m, cpu) and is_leaf(m.upper) and translates(spte, True))
    require(not m.tlb[cpu][gfn].dirty)
    if method == PML and m.pml_enabled and not spte.dirty:
        m.pml_buffer[cpu][gfn] = True
    if spte_ad_enabled(spte):
        m.upper = m.upper.but(spte=spte.but(accessed=True, dirty=True))
    m.tlb[cpu][gfn] = TlbEntry(writable=True, dirty=True)
