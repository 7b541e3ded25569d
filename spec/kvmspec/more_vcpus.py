"""Each family of scenarios once more, with two and with three vCPUs, which are interchangeable.

Left out are claims on what a single CPU does (C8, C9), those that have two vCPUs of their own
(T1, 226d9b8f1688) or none that does anything (f082d86ea685, bd29677952fa), and those whose
scenario is another claim's, or nearly so (C11, R1, R2, O1 to O4, M2, M3, 706c9c55e5a3,
b64d740ea7dd). What is violated with one vCPU is so with more, which may stay idle: so what holds
is asked. Where all its states are too many to be looked at within a few seconds, something violated
stands for the family, which takes few of them: with three vCPUs T2, T3, F2, 13e2e4f62a4b,
2673dfb591a3 and 928c54b1c4ca.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from kvmspec import claims, commits, mechanisms, rules
from kvmspec.constants import (
    METHODS,
    NO_AD,
    PML,
    V5_18,
    V5_19,
    V6_4,
    V6_13,
    V6_15,
    WP,
    Rule,
    Variant,
)
from kvmspec.invariants import (
    aging_is_kept,
    dirty_implies_logged,
    flushed_before_unlock,
    no_mmio_where_memory_is,
    one_translation,
    page_tagged,
    page_tagged_by_walk,
    shadowed_page_is_protected,
    unlinked_table_is_empty,
    writable_as_seen,
    writable_implies_flushed,
    writable_in_guest_implies_flushed,
)
from kvmspec.machine import Vcpu
from kvmtla import Claim, Expect, Scenario, holds, violated

ONE = {c.name: c for c in [*claims.CLAIMS, *rules.CLAIMS, *mechanisms.CLAIMS, *commits.CLAIMS]}


@cache
def with_vcpus(one: Scenario, cpus: int) -> Scenario:
    """The scenario with so many vCPUs."""
    return Scenario(
        f"{one.name}_{cpus}_vcpus",
        one.doc,
        machine=one.machine,
        sizes={**one.sizes, Vcpu: cpus},
        initial=one.initial,
        actors=one.actors,
        hardware=one.hardware,
        when=one.when,
    )


def _claims(name: str, numbers: Sequence[int], *expect: Expect) -> Iterable[Claim]:
    """The claim of that name, with so many vCPUs."""
    claim = ONE[name]
    for cpus in numbers:
        assert isinstance(claim.scenario, Scenario)
        yield Claim(
            claim.number,
            f"{claim.name}_{cpus}_vcpus",
            quote=claim.quote,
            source=claim.source,
            scenario=with_vcpus(claim.scenario, cpus),
            expect=expect,
            note=f"As with one vCPU, here with {cpus}.",
        )


CLAIMS = [
    *_claims(
        "clobbered_writable_zap",
        [2, 3],
        holds(writable_as_seen, kernel=V5_19, method=WP),
    ),
    *_claims(
        "writable_cleared_by_aging",
        [2, 3],
        holds(writable_implies_flushed, kernel=V6_15, method=NO_AD),
    ),
    *_claims(
        "missed_dirty_page_pml",
        [2, 3],
        holds(dirty_implies_logged, kernel=V6_15, method=PML),
    ),
    *_claims(
        "missed_dirty_page_wp",
        [2],
        holds(dirty_implies_logged, kernel=V6_15, method=WP),
    ),
    *_claims(
        "missed_dirty_page_wp",
        [3],
        holds(dirty_implies_logged, kernel=V6_13, method=WP),
    ),
    *_claims(
        "harvest_is_safe",
        [2],
        holds(dirty_implies_logged, kernel=V6_15, method=METHODS),
    ),
    *_claims("harvest_is_safe", [3], holds(dirty_implies_logged, kernel=V6_15, method=PML)),
    *_claims(
        "harvest_by_clear_is_safe", [2, 3], holds(dirty_implies_logged, kernel=V6_15, method=WP)
    ),
    *_claims("nonleaf_is_exempt", [2, 3], holds(page_tagged_by_walk, kernel=V5_19, method=PML)),
    *_claims("file_backed", [2, 3], holds(page_tagged, kernel=V6_15, method=PML)),
    *_claims(
        "fixed_out_of_mmu_lock",
        [2, 3],
        holds(page_tagged, kernel=V5_19, method=PML),
    ),
    *_claims("mmio_generation", [2, 3], holds(no_mmio_where_memory_is, kernel=V6_15, method=PML)),
    *_claims("removed_children", [2], holds(unlinked_table_is_empty, kernel=V6_4, method=PML)),
    *_claims(
        "removed_children",
        [3],
        violated(
            unlinked_table_is_empty,
            kernel=V6_4,
            method=PML,
            variant=Variant.REMOVED_ONCE,
        ),
    ),
    *_claims("split_without_flush", [2], holds(dirty_implies_logged, kernel=V6_4, method=WP)),
    *_claims(
        "split_without_flush",
        [3],
        violated(dirty_implies_logged, kernel=V5_19, method=WP, variant=Variant.SPLIT_FORGETS),
    ),
    *_claims("recovered_in_place", [2], holds(dirty_implies_logged, kernel=V6_15, method=PML)),
    *_claims("stale_or_huge", [3], violated(one_translation, kernel=V6_13, method=PML)),
    *_claims(
        "zap_flush_in_steps",
        [2, 3],
        holds(
            writable_in_guest_implies_flushed,
            kernel=V6_15,
            method=WP,
            variant=Variant.FLUSH_IN_STEPS,
        ),
    ),
    *_claims(
        "mode_then_requests",
        [2],
        holds(dirty_implies_logged, kernel=V6_15, method=WP, variant=Variant.FLUSH_IN_STEPS),
    ),
    *_claims(
        "mode_then_requests",
        [3],
        violated(
            dirty_implies_logged,
            kernel=V6_15,
            method=WP,
            variant=Variant.FLUSH_WITHOUT_WAIT,
        ),
    ),
    *_claims(
        "write_protect_l2",
        [2],
        holds(dirty_implies_logged, kernel=V6_15, method=WP),
    ),
    *_claims("write_protect_l2", [3], violated(dirty_implies_logged, kernel=V6_4, method=PML)),
    *_claims(
        "write_protection",
        [2, 3],
        holds(shadowed_page_is_protected, kernel=V5_18, method=WP),
    ),
    *_claims(
        "ad_disabled_is_volatile",
        [2],
        holds(shadowed_page_is_protected, kernel=V6_15, method=NO_AD),
    ),
    *_claims(
        "ad_disabled_is_volatile",
        [3],
        violated(aging_is_kept, kernel=V6_15, method=NO_AD, rule=Rule.V5_19),
    ),
    *_claims(
        "flush_before_yield",
        [2, 3],
        holds(flushed_before_unlock, kernel=V5_18, method=PML),
    ),
]
