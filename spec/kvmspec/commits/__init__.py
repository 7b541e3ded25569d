"""Commits as pairs: what the parent gets wrong, by the commit's own words, and the commit right.

A module for each, which is found by being here: to add one, write its claim, and its scenario where
there is none for it. Where the commit changes a function that others use, the function asks for a
`Variant` at that place.
"""

from importlib import import_module
from pkgutil import iter_modules

from kvmtla import Claim

MODULES = [import_module(f"{__name__}.{m.name}") for m in iter_modules(__path__)]
CLAIMS: list[Claim] = [claim for module in MODULES for claim in module.CLAIMS]
