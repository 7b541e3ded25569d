"""Holds what the guest wrote against what user space was told."""

from __future__ import annotations

from dataclasses import dataclass

from kvmtla.lang.recorded import GuestWrite, Truth


@dataclass(frozen=True)
class Told:
    """How many writes were told of; of others nobody had asked yet, or the log was not on."""

    checked: int
    skipped: int
    lost: tuple[GuestWrite, ...]
    flaws: tuple[str, ...]


def told(truth: Truth) -> Told:
    """Say of each write whether user space was told of its page.

    It has to be, by an answer that came while the write was under way or by the first one asked for
    after it. The log has to have been on from before the write until then. Where pages are counted
    anew only when they are cleared, a page that was cleared after the write was told of before.
    """
    checked = skipped = 0
    lost = []
    answers = sorted(truth.answers, key=lambda a: a.begin)
    for w in truth.writes:
        after = next((a for a in answers if a.begin >= w.end), None)
        if after is None or not any(on <= w.begin and after.end <= off for on, off in truth.logged):
            skipped += 1
            continue
        checked += 1
        if truth.cleared is None:
            near = [a for a in answers if a.begin < w.end and a.end > w.begin]
        else:
            near = [c for c in truth.cleared if c.end >= w.begin and c.begin <= after.begin]
        if not any(w.page in a.pages for a in (after, *near)):
            lost.append(w)
    return Told(checked, skipped, tuple(lost), tuple(truth.flaws))
