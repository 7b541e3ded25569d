"""Adds to the source of a spec: functions, claims, actors, and the imports that they need."""

from __future__ import annotations

from kvmtla.author.additions import Added, new_claim, new_invariant, new_operation

__all__ = ["Added", "new_claim", "new_invariant", "new_operation"]
