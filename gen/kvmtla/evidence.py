"""What a specification says of the C that it models, and of recordings of kernels that ran.

The author of a spec imports these names where `kvmtla source` and `kvmtla trace` are to be used. Of
what a model does, they say nothing.
"""

from kvmtla.lang.c import CAbsence, CAccessor, CDifference, COperation, CPlace, CSource, Left
from kvmtla.lang.recorded import Answer, Bracket, GuestWrite, Layout, LeftOut, Recorded, Truth

__all__ = [
    "Answer",
    "Bracket",
    "CAbsence",
    "CAccessor",
    "CDifference",
    "COperation",
    "CPlace",
    "CSource",
    "GuestWrite",
    "Layout",
    "Left",
    "LeftOut",
    "Recorded",
    "Truth",
]
