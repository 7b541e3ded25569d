"""Asking z3, an SMT solver, whether every step keeps a property, from any state where it is true.

A search says what is true in the states that a model reaches. This says whether the property, and
the helpers that are named with it, explain by themselves why no step breaks it.
"""

from __future__ import annotations

from kvmtla.induct.check import Broken, Induction, induct
from kvmtla.induct.solver import is_installed

__all__ = ["Broken", "Induction", "induct", "is_installed"]
