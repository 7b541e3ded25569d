"""226d9b8f1688 (v6.10): two CPUs, each of which stores, then loads what the other stores."""

from kvmspec.constants import V6_4, WP, Variant, variant
from kvmtla import (
    READ_ONCE,
    WRITE_ONCE,
    Actor,
    Claim,
    RwLock,
    Scenario,
    Shared,
    Span,
    hardware,
    holds,
    initial,
    invariant,
    operation,
    require,
    violated,
    wait_until,
    write_lock,
)

running = Span("The emulator or the page fault is still at work.")


class Race(Shared):
    """A guest PTE that changes from X to Y, and what KVM knows of it; x86-TSO store buffers.

    A store waits in the buffer of its CPU, one at a time here, until hardware drains it.
    """

    pte_is_y: bool
    pte_in_store_buffer: bool
    indirect_shadow_pages: bool
    count_in_store_buffer: bool
    spte_maps_x: bool
    mmu_lock: RwLock


@initial
def nothing_shadowed(m: Race) -> None:
    """The guest's page table is not shadowed yet; PTE = X."""
    m.pte_is_y = False


@hardware("the store of PTE = Y becomes visible", source="SDM vol. 3, 9.2.2")
def drain_pte(m: Race) -> None:
    """The emulator's CPU drains its store buffer."""
    require(m.pte_in_store_buffer)
    m.pte_in_store_buffer = False
    m.pte_is_y = True


@hardware("the store of indirect_shadow_pages = 1 becomes visible", source="SDM vol. 3, 9.2.2")
def drain_count(m: Race) -> None:
    """The faulting CPU drains its store buffer."""
    require(m.count_in_store_buffer)
    m.count_in_store_buffer = False
    m.indirect_shadow_pages = True


@operation(kernel="arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write")
def emulator_write_phys(m: Race) -> None:
    """A guest write that KVM emulates; what shadows the page is zapped, if anything does."""
    with running():
        WRITE_ONCE(m.pte_in_store_buffer, True)
        if variant != Variant.PARENT:
            wait_until(not m.pte_in_store_buffer, text="smp_mb()")
        if READ_ONCE(m.indirect_shadow_pages):
            with write_lock(m.mmu_lock):
                WRITE_ONCE(m.spte_maps_x, False)


@operation(kernel="arch/x86/kvm/mmu/paging_tmpl.h:page_fault")
def page_fault(m: Race) -> None:
    """A fault on the shadow page tables: read the guest PTE, account, read it again, map."""
    with running():
        walked = READ_ONCE(m.pte_is_y)
        with write_lock(m.mmu_lock):
            WRITE_ONCE(m.count_in_store_buffer, True)
            if variant != Variant.PARENT:
                wait_until(not m.count_in_store_buffer, text="smp_mb()")
            if READ_ONCE(m.pte_is_y) == walked and not walked:
                WRITE_ONCE(m.spte_maps_x, True)


@invariant
def no_stale_spte(m: Race) -> bool:
    """No SPTE maps what the guest PTE no longer says, once both are done."""
    return running.active() or not (m.spte_maps_x and m.pte_is_y)


CLAIMS = [
    Claim(
        "226d9b8f1688",
        "store_buffers",
        quote="CPU0 could fail to zap SPTEs, and CPU1 could fail to retry the faulting "
        "instruction, resulting in a KVM entering the guest with a stale SPTE (map PTE=X instead "
        "of PTE=Y).",
        source='226d9b8f1688 ("KVM: x86/mmu: Fix a largely theoretical race in '
        'kvm_mmu_track_write()")',
        scenario=Scenario(
            "store_buffers",
            "A guest PTE is written by the emulator while a fault begins to shadow it.",
            machine=Race,
            sizes={},
            initial=nothing_shadowed,
            actors=[
                Actor("emulator", emulator_write_phys, times=1),
                Actor("fault", page_fault, times=1, label="page fault"),
            ],
            hardware=[drain_pte, drain_count],
        ),
        expect=[
            violated(no_stale_spte, kernel=V6_4, method=WP, variant=Variant.PARENT),
            holds(no_stale_spte, kernel=V6_4, method=WP),
        ],
        note="Store buffers are the model's own; there is none around the other claims, whose "
        "stores are all ordered by locked instructions or harmless late.",
    ),
]
