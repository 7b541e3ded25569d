"""Reasons to believe it: each link of the chain, checked by something independent of it.

A section is a module here with a `SECTION`. A new one is written in the same way and named in
`SECTIONS`; `kvmtla trust` runs them in this order.
"""

from kvmtla.trust import (
    algorithms,
    claims,
    compiled,
    driver,
    engines,
    front,
    mutants,
    random_models,
    replays,
    residents,
    vacuity,
)
from kvmtla.trust.section import Found, Ground, Section

SECTIONS: tuple[Section, ...] = (
    claims.SECTION,
    front.SECTION,
    engines.SECTION,
    compiled.SECTION,
    residents.SECTION,
    random_models.SECTION,
    algorithms.SECTION,
    replays.SECTION,
    vacuity.SECTION,
    mutants.SECTION,
    driver.SECTION,
)

__all__ = ["SECTIONS", "Found", "Ground", "Section"]
