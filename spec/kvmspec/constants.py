"""What differs between the worlds that a claim is checked in: the kernel, and who logs writes."""

from enum import Enum
from typing import Final

from kvmtla import OrderedEnum, constant


class Kernel(OrderedEnum):
    """A release of Linux; differences between two of them are written `if kernel >= V6_4`."""

    V5_18 = "5.18"
    V5_19 = "5.19"
    V6_0 = "6.0"
    V6_4 = "6.4"


class Method(Enum):
    """How guest writes get into the dirty log.

    PML: the CPU appends to a buffer when it sets Dirty; KVM re-arms by clearing Dirty (Intel).
    WP: KVM clears Writable and marks the page when the write faults (AMD, or Intel without PML).
    """

    PML = "pml"
    WP = "wp"


V5_18: Final = Kernel.V5_18
V5_19: Final = Kernel.V5_19
V6_0: Final = Kernel.V6_0
V6_4: Final = Kernel.V6_4
PML: Final = Method.PML
WP: Final = Method.WP

kernel = constant("kernel", Kernel, "the Linux release whose code is modelled")
method = constant("method", Method, "how guest writes are logged: pml or wp")
