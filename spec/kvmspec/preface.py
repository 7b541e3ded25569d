"""What the page of findings begins with."""

LEAD = ["C3", "C4"]
PREFACE = """\
What follows is about this model, within the bounds that stand with each claim and [what it leaves
out](limits.md). It is not a statement about the kernel as such. A violation is a sequence of steps
that can be checked against the kernel's source; what holds, holds in all states of the model.

**The commit's own fix.** ba3a6120a4e7 (v5.19) writes SPTEs that may change outside mmu_lock with
XCHG, so that no Dirty or Writable bit is lost. The exchange protects what KVM *learns* from an
SPTE, and not what it *stores*: the new value is still computed from the value read earlier. The
message describes a chain: a clobbered bit, a missed flush, a missed dirty page. With one vCPU (and
with two, and three), one page that is aged once, and a session of dirty logging that is called off
before the one that counts, the model of v5.19 runs through that chain to its end as that of v5.18
does: C3 with PML, C4 with write protection. In the model, either of two later commits ends it,
neither of which was made for it: b64d740ea7dd (v6.0), which flushes whenever dirty logging is
enabled, and 7ee131e3a3c3 (v6.4), which ages by an atomic AND. [The article](xchg.md) goes through
it step by step.

**How to read it.** Below each sentence, word for word, stand the claims that test it, with what
the model adds to it or leaves out. A kernel that is not named has a reason: the operation does not
exist there, or what it does to an SPTE is the same as in a kernel beside it. `pml`, `wp` and
`no_ad` are the ways in which writes are logged: by the CPU, by write protection, and by write
protection on a CPU without A/D bits. What else stands there is what was changed for the sake of
the claim, such as `parent`: the code before the commit. `kvmtla show C3` tells a counterexample,
and `make report` makes a page of each. [A table](operations.md) says which operation of the kernel
is in which claim.

**What else differs from what one would expect.** C2: a zap flushes whatever it believes, so only
what v5.18 *believes* is wrong. C7: since v6.13 KVM counts on writeback to write-protect. C11: no
Dirty bit is needed to miss a dirty page. M3: make_spte() takes an MMIO SPTE that is out of date for
a writable one. 7c8a4742c4ab: what broke does not show in the form on MMU_W. 928c54b1c4ca: the
parent loses that a page was aged, and no flush. a835429cda91: the parent flushed, but too late.
"""
