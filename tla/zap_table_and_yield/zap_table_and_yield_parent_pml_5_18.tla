------------------------------ MODULE zap_table_and_yield_parent_pml_5_18 ------------------------------
(***************************************************************************
 A page table is zapped in a walk that yields; the guest writes, RCU frees
 the table.

   kernel 5.18, method pml, variant parent, 1 vCPU, 1 gfn, 1 page table

 "When yielding in the TDP MMU iterator, service any pending TLB flush
 before dropping RCU protections in anticipation of using the caller's RCU
 "lock" as a proxy for vCPUs in the guest." - bd29677952fa ("KVM: x86/mmu:
 Do remote TLB flush before dropping RCU in TDP MMU resched")
   bd29677952fa flush_before_rcu: no_cpu_uses_freed_table violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    upper,          \* *sptep (2 MiB)
    table,          \* *sptep (4 KiB)
    walk_cache,     \* paging-structure cache
    rcu_read_lock,  \* RCU read side
    unlinked,       \* call_rcu(tdp_mmu_free_sp)
    freed,          \* page table freed
    tlb,            \* TLB
    mmu_lock,       \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    zapper          \* the zapper: its place in the code, and its locals

\* The state that all share.
shared == <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock>>

\* No step of the hardware of the vCPU changes these.
Vcpu_hardware_frame == <<rcu_read_lock, unlinked, freed, mmu_lock, zapper>>

\* No step of the hardware of the page table changes these.
PageTable_hardware_frame == <<upper, table, walk_cache, rcu_read_lock, unlinked, tlb, mmu_lock,
                              zapper>>

vars == <<shared, zapper>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
ZapperState ==
    [pc: {"idle", "zap_and_yield.read_lock", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "handle_removed_pt.xchg", "call_rcu", "zap_and_yield.WRITE_ONCE", "flush_at_once",
          "done"},
     old: NonLeaf]
IdleZapper ==
    [pc |-> "idle",
     old |-> NoNonLeaf]

ASSUME None \notin PageTable

TypeOK ==
    /\ upper         \in NonLeaf
    /\ table         \in [PageTable -> Spte]
    /\ walk_cache    \in [Vcpu -> PageTable \cup {None}]
    /\ rcu_read_lock \in BOOLEAN
    /\ unlinked      \in [PageTable -> BOOLEAN]
    /\ freed         \in [PageTable -> BOOLEAN]
    /\ tlb           \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock      \in -1..1
    /\ zapper        \in ZapperState

\* An SPTE that points to a page table; everything is allowed there.
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* No CPU knows of a page table that has been freed.
no_cpu_uses_freed_table ==
    ~(\E t \in PageTable : \E cpu \in Vcpu : freed[t] /\ walk_cache[cpu] = t)

-----------------------------------------------------------------------------

Init ==
    /\ \E t \in PageTable :
           /\ upper = [spte |-> make_nonleaf_spte, child |-> t]
           /\ table = [[p \in PageTable |-> NoSpte] EXCEPT
                          ![t] = [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE,
                                  large |-> FALSE, removed |-> FALSE]]
           /\ walk_cache = [v \in Vcpu |-> None]
           /\ rcu_read_lock = FALSE
           /\ unlinked = [p \in PageTable |-> FALSE]
           /\ freed = [p \in PageTable |-> FALSE]
           /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
           /\ mmu_lock = 0
    /\ zapper = IdleZapper

-----------------------------------------------------------------------------
\* The zapper: zap_and_yield()

\* Zap the table as part of a walk, and yield: flush before the RCU read side ends.
\* tdp_mmu_iter_cond_resched(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE(RCU read side, true)
zapper_zap_and_yield ==
    /\ zapper.pc = "idle"
    /\ rcu_read_lock' = TRUE
    /\ zapper' = [zapper EXCEPT !.pc = "zap_and_yield.read_lock"]
    /\ UNCHANGED <<upper, table, walk_cache, unlinked, freed, tlb, mmu_lock>>

\* tdp_mmu_iter_cond_resched(), arch/x86/kvm/mmu/tdp_mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB))
zapper_zap_and_yield_read_lock ==
    /\ zapper.pc = "zap_and_yield.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ zapper' = [zapper EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg", !.old = upper]
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), old,
\* NonLeaf()); ok
zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ zapper.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = zapper.old
         THEN /\ upper' = NoNonLeaf
              /\ IF zapper.old.child # None
                   THEN /\ zapper' = [zapper EXCEPT !.pc = "handle_removed_pt.xchg"]
                   ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "zap_and_yield.WRITE_ONCE"]
         ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "zap_and_yield.WRITE_ONCE"]
              /\ UNCHANGED upper
    /\ UNCHANGED <<table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
zapper_handle_removed_pt_xchg ==
    /\ zapper.pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper.old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ zapper' = [zapper EXCEPT !.pc = IF table[zapper.old.child]
                                            # [present |-> FALSE, writable |-> FALSE,
                                               mmu_writable |-> FALSE, host_writable |-> FALSE,
                                               accessed |-> TRUE, dirty |-> FALSE,
                                               large |-> TRUE, removed |-> TRUE]
                                         THEN "call_rcu"
                                         ELSE zapper.pc]
    /\ UNCHANGED <<upper, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: call_rcu(&sp->rcu_head,
\* tdp_mmu_free_sp_rcu_callback)
zapper_call_rcu ==
    /\ zapper.pc = "call_rcu"
    /\ unlinked' = [unlinked EXCEPT ![zapper.old.child] = TRUE]
    /\ zapper' = [IdleZapper EXCEPT !.pc = "zap_and_yield.WRITE_ONCE"]
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, freed, tlb, mmu_lock>>

\* tdp_mmu_iter_cond_resched(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE(RCU read side, false)
zapper_zap_and_yield_WRITE_ONCE ==
    /\ zapper.pc = "zap_and_yield.WRITE_ONCE"
    /\ rcu_read_lock' = FALSE
    /\ zapper' = [zapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<upper, table, walk_cache, unlinked, freed, tlb, mmu_lock>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* read_unlock(mmu_lock)
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = mmu_lock - 1
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<upper, table, rcu_read_lock, unlinked, freed>>

Zapper ==
    \/ zapper_zap_and_yield
    \/ zapper_zap_and_yield_read_lock
    \/ zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ zapper_handle_removed_pt_xchg
    \/ zapper_call_rcu
    \/ zapper_zap_and_yield_WRITE_ONCE
    \/ zapper_flush_at_once

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_to_table(), write_by_table(), evict()

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* SDM vol. 3, 29.3.5 and 29.4.1: the CPU walks to the page table
walk_to_table(cpu) ==
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, tlb>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* SDM vol. 3, 29.3.5 and 29.4.3: write: the CPU sets A and D in the leaf
write_by_table(cpu, gfn, t) ==
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, walk_cache>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache>>

VcpuHardware(cpu) ==
    \/ walk_to_table(cpu)
    \/ \E gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E gfn \in Gfn : evict(cpu, gfn)

-----------------------------------------------------------------------------
\* What the hardware of each page table does: grace_period()

\* No reader is left that might use the table.
\* grace_period(): RCU: the grace period is over, page tables are freed
grace_period(t) ==
    /\ unlinked[t]
    /\ ~rcu_read_lock
    /\ ~freed[t]
    /\ freed' = [freed EXCEPT ![t] = TRUE]
    /\ UNCHANGED PageTable_hardware_frame

PageTableHardware(t) ==
    \/ grace_period(t)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : VcpuHardware(cpu)
    \/ \E t \in PageTable : PageTableHardware(t)

Spec == Init /\ [][Next]_vars

=============================================================================
