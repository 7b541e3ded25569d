"""What never happens in any scenario, and why: ways of the kernel's code that are kept for it all.

Scenarios are as small as what they show allows. So some conditions of the code always come out the
same in them; whoever adds a scenario in which one does not is told to take it off this list.
"""

from kvmspec import faults, huge_pages, notifiers, roots, tdp_mmu, two_levels
from kvmtla import never_false, never_true

ONE_PAGE = "Where pages are logged, there is one, and it is asked about only once it is dirty."
MAPPED = "The scenarios that come here begin with the page mapped, and nobody else takes it away."
NOBODY_ELSE = "Nobody else changes the SPTE of 2 MiB between the read and this."
UNTOUCHED = (
    "When the log begins, both roots have the page as a write fault has mapped it: D and W set."
)
NOT_IN_TIME = (
    "A fault comes here because the SPTE did not allow the write, and nobody else would have made "
    "it allow the write meanwhile."
)

ACCEPTS = [
    never_false(faults.vmx_flush_pml_buffer, "m.pml_buffer[cpu][gfn]", ONE_PAGE),
    never_true(
        huge_pages.recover_huge_pages_range,
        "logs",
        "In the scenario where the slot logs it does so from beginning to end: no choice is left.",
    ),
    never_true(huge_pages.recover_huge_pages_range, "table is None", MAPPED),
    never_true(
        huge_pages.recover_huge_pages_range, "not is_shadow_present_pte(small_spte)", MAPPED
    ),
    never_false(
        huge_pages.recover_huge_pages_range, "tdp_mmu_set_spte_atomic(m, upper, new)", NOBODY_ELSE
    ),
    never_false(notifiers.kvm_mmu_notifier_change_pte, "set_spte_gfn(m, gfn)", MAPPED),
    never_true(tdp_mmu.set_spte_gfn, "not is_shadow_present_pte(old_spte)", MAPPED),
    never_true(
        tdp_mmu.write_protect_gfn,
        "new_spte == old_spte",
        "It runs once, and until then the SPTE is MMU-writable.",
    ),
    never_true(
        two_levels.handle_changed_spte,
        "is_leaf(old) or variant == Variant.NONLEAF_DIRTY",
        "Where the backing page matters there are no huge pages; with those it is left out.",
    ),
    never_true(
        two_levels.map_huge_page,
        "kernel >= V6_13 and is_leaf(old) and is_access_allowed(old.spte, True)",
        NOT_IN_TIME,
    ),
    never_true(
        two_levels.map_small_page,
        "kernel >= V6_13 and is_shadow_present_pte(old_spte) and is_access_allowed(old_spte, True)",
        NOT_IN_TIME,
    ),
    never_false(
        two_levels.map_small_page,
        "slot == FaultSlot.LOGGED",
        "Without the log the page is mapped as a huge one, which the host has in all of them.",
    ),
    never_true(
        two_levels.fast_page_fault,
        "not is_mmu_writable_spte(spte)",
        "With two levels nothing is write-protected for good, so every SPTE is MMU-writable.",
    ),
    never_true(
        roots.clear_dirty_gfn_range,
        "not is_shadow_present_pte(old_spte) or not old_spte & dbit",
        UNTOUCHED,
    ),
    never_false(roots.clear_dirty_gfn_range, "ok", UNTOUCHED),
    never_false(roots.kvm_mmu_slot_apply_flags, "always_flushes() or spte_set", UNTOUCHED),
    never_true(roots.tdp_mmu_zap_leafs, "not is_shadow_present_pte(old_spte)", MAPPED),
    never_false(roots.kvm_tdp_mmu_zap_leafs, "flush and variant != Variant.PARENT", MAPPED),
]
