"""7c8a4742c4ab (v5.17): write_protect_gfn() took !W for protected."""

from kvmspec.constants import METHODS, NO_AD, PML, V5_18, V6_15, WP, Kernel, Variant
from kvmspec.invariants import shadowed_page_is_protected, writable_implies_flushed
from kvmspec.scenarios import shadow
from kvmtla import Claim, holds, violated

CLAIMS = [
    Claim(
        "7c8a4742c4ab",
        "write_protection",
        quote="If the SPTE was write-protected for dirty logging but not page table protection, "
        "the SPTE could locklessly be made writable, and vCPUs could still be running with "
        "writable mappings cached in their TLB.",
        source='7c8a4742c4ab ("KVM: x86/mmu: Fix write-protection of PTs mapped by the TDP MMU")',
        scenario=shadow,
        expect=[
            violated(
                shadowed_page_is_protected,
                kernel=V5_18,
                method=[WP, NO_AD],
                variant=Variant.WITHOUT_7C8A4742C4AB,
            ),
            holds(
                shadowed_page_is_protected,
                kernel=V5_18,
                method=PML,
                variant=Variant.WITHOUT_7C8A4742C4AB,
            ),
            holds(shadowed_page_is_protected, kernel=list(Kernel), method=WP),
            holds(shadowed_page_is_protected, kernel=[V5_18, V6_15], method=[PML, NO_AD]),
            holds(
                writable_implies_flushed,
                kernel=V5_18,
                method=WP,
                variant=Variant.WITHOUT_7C8A4742C4AB,
            ),
            holds(writable_implies_flushed, kernel=[V5_18, V6_15], method=METHODS),
        ],
        note="What breaks is what the protection is there for: a CPU writes to a page table that "
        "KVM shadows. The form on MMU_W does not see it. The parent's write_protect_gfn() (v5.16) "
        "left an SPTE that it found !W as it was, MMU_W set, and where MMU_W is set a CPU may have "
        "W cached. With PML, dirty logging leaves W of 4 KiB SPTEs alone, and the parent was "
        "right.",
    ),
]
