"""What differs between the worlds that a claim is checked in: the kernel, and who logs writes."""

from enum import Enum
from typing import Final

from kvmtla import OrderedEnum, constant


class Kernel(OrderedEnum):
    """A release of Linux; differences between two of them are written `if kernel >= V6_4`."""

    V5_18 = "5.18"
    V5_19 = "5.19"
    V6_0 = "6.0"
    V6_4 = "6.4"
    V6_13 = "6.13"
    V6_15 = "6.15"


class Method(Enum):
    """How guest writes get into the dirty log, and with which bits of an SPTE.

    PML: the CPU appends to a buffer when it sets Dirty; KVM re-arms by clearing Dirty (Intel).
    WP: KVM clears Writable and marks the page when the write faults (AMD, or Intel without PML).
    NO_AD: as WP, on a CPU without Accessed and Dirty bits in its page tables (EPT before Haswell):
    KVM finds out about accesses by taking all of R, W and X away.
    """

    PML = "pml"
    WP = "wp"
    NO_AD = "no_ad"


class Rule(Enum):
    """Which SPTEs KVM takes for volatile, and writes atomically; see spte_has_volatile_bits()."""

    KERNEL = "its own rule"
    V5_19 = "rule_5_19"
    V6_15 = "rule_6_15"
    NOT_FAST_PAGE_FAULT = "rule_without_w_clause"
    NOT_CPU_DIRTY = "rule_without_d_clause"
    NOT_CPU_ACCESSED = "rule_without_a_clause"
    EVERY_MMU_WRITABLE = "rule_every_mmu_writable"


class Variant(Enum):
    """One place at which the code is not that of the release: a commit undone, an order reversed.

    What is true of the release and false of the variant is what that place is there for.
    """

    RELEASE = "the release"
    PARENT = "parent"
    """The code before the commit that the claim is about, where only that claim has such code."""
    WITHOUT_7C8A4742C4AB = "without_7c8a4742c4ab"
    WITHOUT_F082D86EA685 = "without_f082d86ea685"
    WITHOUT_B64D740EA7DD = "without_b64d740ea7dd"
    WITH_B64D740EA7DD = "with_b64d740ea7dd"
    WITHOUT_06C4CD957B5C = "without_06c4cd957b5c"
    HARVEST_LAST = "harvest_after_re_arming"
    MARK_FIRST = "mark_before_cmpxchg"
    FLUSH_LAST = "flush_after_get"
    PML_LAST = "pml_on_after_clearing_d"
    FLUSH_IN_STEPS = "flush_in_steps"
    """Nothing is changed, but a remote flush is not one step; so in those that follow."""
    FLUSH_WITHOUT_WAIT = "flush_in_steps_without_wait"
    MODE_AFTER_CHECK = "flush_in_steps_mode_after_check"
    MMIO_IS_PRESENT = "mmio_spte_is_present"
    OLD_SPTE_PRESENT = "make_spte_asks_whether_present"
    GENERATION_ONCE = "generation_changes_once"
    NOT_REMOVED = "zapped_to_0_before_the_flush"
    REMOVED_ONCE = "child_removed_without_retry"
    SPLIT_FORGETS = "split_forgets_w_and_d"
    RECOVERED_WRITE_PROTECTED = "huge_pages_recovered_write_protected"
    AGED_PLAINLY = "aged_by_a_plain_write"
    NONLEAF_LOCKLESS = "nonleaf_modified_without_mmu_lock"
    NONLEAF_DIRTY = "nonleaf_has_dirty_bit"
    NONLEAF_ACCESSED = "nonleaf_accessed_bit_consumed"


V5_18: Final = Kernel.V5_18
V5_19: Final = Kernel.V5_19
V6_0: Final = Kernel.V6_0
V6_4: Final = Kernel.V6_4
V6_13: Final = Kernel.V6_13
V6_15: Final = Kernel.V6_15
PML: Final = Method.PML
WP: Final = Method.WP
NO_AD: Final = Method.NO_AD
METHODS: Final = (PML, WP, NO_AD)
FLUSHES_IN_STEPS: Final = (
    Variant.FLUSH_IN_STEPS,
    Variant.FLUSH_WITHOUT_WAIT,
    Variant.MODE_AFTER_CHECK,
)

kernel = constant("kernel", Kernel, "the Linux release whose code is modelled")
method = constant("method", Method, "how guest writes are logged: pml, wp or no_ad")
rule = constant("rule", Rule, "which SPTEs are written atomically", default=Rule.KERNEL)
variant = constant("variant", Variant, "what is not as in the release", default=Variant.RELEASE)
