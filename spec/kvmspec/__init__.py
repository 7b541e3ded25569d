"""KVM's SPTEs, and what KVM, its vCPUs and their CPUs do to them."""

from kvmspec import (
    claims,
    commits,
    exact,
    goals,
    in_motion,
    mechanisms,
    more_vcpus,
    rules,
    sound,
    under_lock,
)
from kvmspec.accepts import ACCEPTS
from kvmspec.constants import WP, kernel, method, rule, variant
from kvmspec.in_c import SOURCE
from kvmspec.preface import LEAD, PREFACE
from kvmspec.recorded import RECORDED
from kvmtla import Claim, Project


def _by_number(found: list[Claim]) -> list[Claim]:
    """In the order given, but all claims of a number next to the first of them."""
    numbers = list(dict.fromkeys(c.number for c in found))
    return sorted(found, key=lambda c: numbers.index(c.number))


project = Project(
    name="KVM TDP MMU",
    claims=_by_number(
        [
            *claims.CLAIMS,
            *rules.CLAIMS,
            *mechanisms.CLAIMS,
            *commits.CLAIMS,
            *more_vcpus.CLAIMS,
            *in_motion.CLAIMS,
            *goals.CLAIMS,
            *exact.CLAIMS,
            *sound.CLAIMS,
            *under_lock.CLAIMS,
        ]
    ),
    constants=[kernel, method, rule, variant],
    word_format=lambda config: "npt" if config["method"] == WP else "ept",
    preface=PREFACE,
    lead=LEAD,
    accepts=ACCEPTS,
    c=SOURCE,
    recorded=RECORDED,
)
