"""What the page of findings begins with."""

LEAD = ["C3", "C4"]
PREFACE = """\
What follows is about this model, within the bounds that stand with each claim and [what it leaves
out](limits.md). It is not a statement about the kernel as such. A violation is a sequence of steps
that can be checked against the kernel's source; what holds, holds in all states of the model.

**The commit's own fix.** ba3a6120a4e7 writes SPTEs that may change outside mmu_lock with XCHG, so
that no Dirty or Writable bit is lost. The exchange protects what KVM *learns* from an SPTE, and not
what it *stores*: the new value is still computed from the value read earlier. So the chain that the
message describes, a clobbered bit, a missed flush, a missed dirty page (C3 with PML, C4 with write
protection), is violated in the model of v5.19 as in that of v5.18. In the model, either of two
later commits ends it, neither of which was made for it: b64d740ea7dd (v6.0), which flushes whenever
dirty logging is enabled, and 7ee131e3a3c3 (v6.4), which ages by an atomic AND. [The
article](xchg.md) goes through it step by step.
"""
