"""Each family of scenarios once more, with two or three vCPUs, which are interchangeable."""

from kvmspec import claims, mechanisms
from kvmspec.commits import c7c8a4742c4ab
from kvmspec.constants import NO_AD, PML, V5_18, V5_19, V6_15, WP, Variant
from kvmspec.invariants import (
    dirty_implies_logged,
    page_tagged,
    page_tagged_by_walk,
    shadowed_page_is_protected,
    writable_as_seen,
    writable_implies_flushed,
    writable_in_guest_implies_flushed,
)
from kvmspec.machine import Vcpu
from kvmtla import Claim, Scenario, holds, violated
from kvmtla.lang.scenario import Expect


def _with_vcpus(claim: Claim, cpus: int, *expect: Expect) -> Claim:
    one = claim.scenario
    assert isinstance(one, Scenario)
    more = Scenario(
        f"{one.name}_{cpus}_vcpus",
        one.doc,
        machine=one.machine,
        sizes={**one.sizes, Vcpu: cpus},
        initial=one.initial,
        actors=one.actors,
        hardware=one.hardware,
    )
    return Claim(
        claim.number,
        f"{claim.name}_{cpus}_vcpus",
        quote=claim.quote,
        source=claim.source,
        scenario=more,
        expect=expect,
        note=f"As with one vCPU, here with {cpus}.",
    )


def _claim(name: str) -> Claim:
    return next(
        c for c in [*claims.CLAIMS, *mechanisms.CLAIMS, *c7c8a4742c4ab.CLAIMS] if c.name == name
    )


CLAIMS = [
    _with_vcpus(
        _claim("clobbered_writable_zap"),
        2,
        violated(writable_as_seen, kernel=V5_18, method=WP),
        holds(writable_as_seen, kernel=V5_19, method=WP),
    ),
    _with_vcpus(
        _claim("clobbered_writable_in_place"),
        2,
        holds(writable_implies_flushed, kernel=[V5_18, V6_15], method=NO_AD),
    ),
    _with_vcpus(
        _claim("missed_dirty_page_wp"),
        2,
        violated(dirty_implies_logged, kernel=V5_19, method=[PML, WP]),
        holds(dirty_implies_logged, kernel=V6_15, method=[PML, WP]),
    ),
    _with_vcpus(
        _claim("harvest_is_safe"),
        2,
        holds(dirty_implies_logged, kernel=[V5_18, V6_15], method=[PML, WP]),
        holds(dirty_implies_logged, kernel=V6_15, method=NO_AD),
    ),
    _with_vcpus(
        _claim("harvest_is_safe"),
        3,
        holds(dirty_implies_logged, kernel=V6_15, method=[PML, WP]),
    ),
    _with_vcpus(
        _claim("nonleaf_is_exempt"),
        2,
        holds(page_tagged_by_walk, kernel=V5_19, method=PML),
    ),
    _with_vcpus(
        _claim("file_backed"),
        2,
        holds(page_tagged, kernel=[V5_18, V6_15], method=PML),
    ),
    _with_vcpus(
        _claim("fixed_out_of_mmu_lock"),
        2,
        violated(page_tagged, kernel=V5_18, method=PML),
        holds(page_tagged, kernel=V5_19, method=PML),
    ),
    _with_vcpus(
        _claim("zap_flush_in_steps"),
        2,
        holds(
            writable_in_guest_implies_flushed,
            kernel=V6_15,
            method=WP,
            variant=Variant.FLUSH_IN_STEPS,
        ),
    ),
    _with_vcpus(
        _claim("write_protection"),
        2,
        violated(
            shadowed_page_is_protected,
            kernel=V5_18,
            method=WP,
            variant=Variant.WITHOUT_7C8A4742C4AB,
        ),
        holds(shadowed_page_is_protected, kernel=[V5_18, V6_15], method=WP),
    ),
]
