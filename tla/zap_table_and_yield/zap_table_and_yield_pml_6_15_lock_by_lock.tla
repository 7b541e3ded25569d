------------------------------ MODULE zap_table_and_yield_pml_6_15_lock_by_lock ------------------------------
(***************************************************************************
 A page table is zapped in a walk that yields; the guest writes, RCU frees
 the table.

   kernel 6.15, method pml
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, guest_mode,
   guest_only_reads, host_page_is_huge, host_pte_readonly, memory,
   page_dirty, page_locked, page_written, pml_buffer, pml_enabled, root,
   root_tlb, shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, spte, store_buffer, tlb_flush_requested,
   unlinked_twice, unreported, vcpu_mode, write_tracked.

 Left out, since no word here has it:
   Spte.mmio, Spte.mmio_generation, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock, zapper_pc,
    zapper_old

vars == <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock, zapper_pc,
          zapper_old>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<rcu_read_lock, unlinked, freed, mmu_lock, zapper_pc, zapper_old>>

\* No step of PageTable_hardware changes these.
PageTable_hardware_frame == <<upper, table, walk_cache, rcu_read_lock, unlinked, tlb, mmu_lock,
                              zapper_pc, zapper_old>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ upper         \in NonLeaf
    /\ table         \in [PageTable -> Spte]
    /\ walk_cache    \in [Vcpu -> PageTable \cup {None}]
    /\ rcu_read_lock \in BOOLEAN
    /\ unlinked      \in [PageTable -> BOOLEAN]
    /\ freed         \in [PageTable -> BOOLEAN]
    /\ tlb           \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock      \in -1..1
    /\ zapper_pc     \in {"idle", "zap_and_yield.read_lock", "zap_and_yield.READ_ONCE",
                          "tdp_mmu_set_spte_atomic.try_cmpxchg", "handle_removed_pt.xchg",
                          "call_rcu", "flush_at_once", "zap_and_yield.read_unlock",
                          "zap_and_yield.WRITE_ONCE", "done"}
    /\ zapper_old    \in NonLeaf

\* An SPTE that points to a page table; everything is allowed there.
\* kvmspec/two_levels.py:266
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
\* kvmspec/walks.py:22
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Does it map what it mapped, and are W, D and A still set that were?
\* kvmspec/under_lock.py:31
loses_nothing(before, after) ==
    /\ after.present = before.present
    /\ after.mmu_writable = before.mmu_writable
    /\ after.writable \/ ~before.writable
    /\ after.dirty \/ ~before.dirty
    /\ after.accessed \/ ~before.accessed

\* Where nobody holds mmu_lock, W, D and A of an SPTE, at whichever level, are set at most.
\* kvmspec/under_lock.py:43
only_set_out_of_mmu_lock ==
    [][\/ mmu_lock = -1
       \/ mmu_lock > 0
       \/ /\ \A t \in PageTable : loses_nothing(table[t], table'[t])
          /\ loses_nothing(upper.spte, upper'.spte)
          /\ upper'.child = upper.child
    ]_<<upper, table, mmu_lock>>

\* While a CPU knows of a page table that has been unlinked, somebody holds mmu_lock.
\* kvmspec/under_lock.py:100
table_is_forgotten_before_unlock ==
    \A cpu \in Vcpu :
        \A t \in PageTable :
            ~(unlinked[t] /\ walk_cache[cpu] = t) \/ mmu_lock = -1 \/ mmu_lock > 0

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
           /\ zapper_pc = "idle"
           /\ zapper_old = NoNonLeaf

\* Zap the table as part of a walk, and yield: flush before the RCU read side ends.
\* kvmspec/two_levels.py:221, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched
zapper_zap_and_yield ==
    /\ zapper_pc = "idle"
    /\ rcu_read_lock' = TRUE
    /\ zapper_pc' = "zap_and_yield.read_lock"
    /\ UNCHANGED <<upper, table, walk_cache, unlinked, freed, tlb, mmu_lock, zapper_old>>

\* kvmspec/two_levels.py:222, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched
zapper_zap_and_yield_read_lock ==
    /\ zapper_pc = "zap_and_yield.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ zapper_pc' = "zap_and_yield.READ_ONCE"
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, zapper_old>>

\* kvmspec/two_levels.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched
zapper_zap_and_yield_READ_ONCE ==
    /\ zapper_pc = "zap_and_yield.READ_ONCE"
    /\ zapper_old' = upper
    /\ zapper_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock>>

\* kvmspec/two_levels.py:136, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ zapper_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = zapper_old
         THEN /\ upper' = NoNonLeaf
              /\ IF zapper_old.child # None
                   THEN /\ zapper_pc' = "handle_removed_pt.xchg"
                        /\ UNCHANGED zapper_old
                   ELSE /\ zapper_old' = NoNonLeaf
                        /\ zapper_pc' = "flush_at_once"
         ELSE /\ zapper_old' = NoNonLeaf
              /\ zapper_pc' = "flush_at_once"
              /\ UNCHANGED upper
    /\ UNCHANGED <<table, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
zapper_handle_removed_pt_xchg ==
    /\ zapper_pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper_old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ zapper_pc' =
           IF table[zapper_old.child]
                # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                   host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                   removed |-> TRUE]
             THEN "call_rcu"
             ELSE zapper_pc
    /\ UNCHANGED <<upper, walk_cache, rcu_read_lock, unlinked, freed, tlb, mmu_lock,
                   zapper_old>>

\* kvmspec/two_levels.py:121, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
zapper_call_rcu ==
    /\ zapper_pc = "call_rcu"
    /\ unlinked' = [unlinked EXCEPT ![zapper_old.child] = TRUE]
    /\ zapper_old' = NoNonLeaf
    /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, freed, tlb, mmu_lock>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once ==
    /\ zapper_pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ zapper_pc' = "zap_and_yield.read_unlock"
    /\ UNCHANGED <<upper, table, rcu_read_lock, unlinked, freed, mmu_lock, zapper_old>>

\* kvmspec/two_levels.py:222, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched
zapper_zap_and_yield_read_unlock ==
    /\ zapper_pc = "zap_and_yield.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ zapper_pc' = "zap_and_yield.WRITE_ONCE"
    /\ UNCHANGED <<upper, table, walk_cache, rcu_read_lock, unlinked, freed, tlb, zapper_old>>

\* kvmspec/two_levels.py:229, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_iter_cond_resched
zapper_zap_and_yield_WRITE_ONCE ==
    /\ zapper_pc = "zap_and_yield.WRITE_ONCE"
    /\ rcu_read_lock' = FALSE
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<upper, table, walk_cache, unlinked, freed, tlb, mmu_lock, zapper_old>>

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* kvmspec/walks.py:28, SDM vol. 3, 29.3.5 and 29.4.1
walk_to_table(cpu) ==
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, tlb>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* kvmspec/walks.py:38, SDM vol. 3, 29.3.5 and 29.4.3
write_by_table(cpu, gfn, t) ==
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, walk_cache>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache>>

\* No reader is left that might use the table.
\* kvmspec/two_levels.py:58
grace_period(t) ==
    /\ unlinked[t]
    /\ ~rcu_read_lock
    /\ ~freed[t]
    /\ freed' = [freed EXCEPT ![t] = TRUE]
    /\ UNCHANGED PageTable_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ zapper_zap_and_yield
    \/ zapper_zap_and_yield_read_lock
    \/ zapper_zap_and_yield_READ_ONCE
    \/ zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ zapper_handle_removed_pt_xchg
    \/ zapper_call_rcu
    \/ zapper_flush_at_once
    \/ zapper_zap_and_yield_read_unlock
    \/ zapper_zap_and_yield_WRITE_ONCE
    \/ \E cpu \in Vcpu : walk_to_table(cpu)
    \/ \E cpu \in Vcpu, gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E t \in PageTable : grace_period(t)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
