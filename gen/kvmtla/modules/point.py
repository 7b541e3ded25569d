"""A verdict to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from kvmtla.front.scenario import ClaimRead
from kvmtla.ir.property import PropertyKind
from kvmtla.modules.module import Module


@dataclass(frozen=True, repr=False)
class Point:
    """One verdict to find: a property of a claim, for one value of each constant."""

    claim: ClaimRead
    prop: str
    kind: PropertyKind
    constants: Mapping[str, Enum]
    """The constants whose value is not their default."""
    expected: str
    module: Module
    nothing: str | None = None
    """The reason why the property holds of nothing, where that is intended."""

    @property
    def settings(self) -> dict[str, str]:
        """The constants, as a user writes them: kernel 5.18, method pml."""
        return {n: str(v.value) for n, v in self.constants.items()}

    @property
    def label(self) -> str:
        """The claim, the constants and the property, on one line."""
        settings = "".join(f", {n} {v}" for n, v in self.settings.items())
        return f"{self.claim.full_name}{settings}: {self.prop}"

    def __repr__(self) -> str:
        return f"<{self.label}>"
