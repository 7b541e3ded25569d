"""226d9b8f1688 (v6.10): two CPUs, each of which stores, then loads what the other stores."""

from kvmspec.constants import V5_18, V5_19, V6_0, V6_4, V6_13, V6_15, WP
from kvmspec.invariants import shadow_spte_is_up_to_date
from kvmspec.machine import Gfn, Kvm, PageTable, Vcpu
from kvmspec.page_track import fetch, kvm_mmu_track_write, nothing_shadowed
from kvmspec.tso import drain
from kvmtla import Actor, Claim, Scenario, holds, violated

shadow_and_emulate = Scenario(
    "shadow_and_emulate",
    "One CPU emulates a write to a guest PTE, while another begins to shadow it.",
    machine=Kvm,
    sizes={Vcpu: 2, Gfn: 1, PageTable: 1},
    initial=nothing_shadowed,
    actors=[Actor("vcpu", kvm_mmu_track_write, fetch, each=Vcpu, times=1)],
    hardware=[drain],
)

CLAIMS = [
    Claim(
        "226d9b8f1688",
        "store_buffers",
        quote="CPU0 could fail to zap SPTEs, and CPU1 could fail to retry the faulting "
        "instruction, resulting in a KVM entering the guest with a stale SPTE (map PTE=X instead "
        "of PTE=Y).",
        source='226d9b8f1688 ("KVM: x86/mmu: Fix a largely theoretical race in '
        'kvm_mmu_track_write()")',
        scenario=shadow_and_emulate,
        expect=[
            violated(shadow_spte_is_up_to_date, kernel=[V5_18, V5_19, V6_0, V6_4], method=WP),
            holds(shadow_spte_is_up_to_date, kernel=[V6_13, V6_15], method=WP),
        ],
        note="With store buffers (tso.py). There are none around the other claims, whose stores "
        "are ordered by locked instructions, or harmless if they are late.",
    ),
]
