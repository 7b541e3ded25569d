------------------------------ MODULE zap_and_map_zapped_to_0_before_the_flush_pml_6_4 ------------------------------
(***************************************************************************
 A page table is zapped; the guest faults, and gets another.

   kernel 6.4, method pml, variant zapped_to_0_before_the_flush
   2 Vcpu, 1 Gfn, 2 PageTable

 Left out, since nothing here depends on it:
   dirty_bitmap, eager_page_split, freed, guest_mode, guest_only_reads,
   host_page_is_huge, host_pte_readonly, memory, page_dirty, page_locked,
   page_written, pml_buffer, pml_enabled, rcu_read_lock, root, root_tlb,
   shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, spte, store_buffer, tlb_flush_requested,
   unlinked, unlinked_twice, unreported, vcpu_mode, write_tracked.

 Left out, since no word here has it:
   Spte.mmio, Spte.mmio_generation, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, None

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    upper, table, allocated, walk_cache, tlb, fault_slot, mmu_lock, zapper_pc, zapper_old,
    zapper_ok, vcpu_pc, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_spte

vars == <<upper, table, allocated, walk_cache, tlb, fault_slot, mmu_lock, zapper_pc, zapper_old,
          zapper_ok, vcpu_pc, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_spte>>

\* No step of zapper changes these.
zapper_frame == <<allocated, fault_slot, vcpu_pc, vcpu_upper, vcpu_old_spte, vcpu_linked,
                  vcpu_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, zapper_pc, zapper_old, zapper_ok>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<allocated, fault_slot, mmu_lock, zapper_pc, zapper_old, zapper_ok,
                         vcpu_pc, vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, large: BOOLEAN, removed: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, large |-> FALSE,
           removed |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ upper         \in NonLeaf
    /\ table         \in [PageTable -> Spte]
    /\ allocated     \in [PageTable -> BOOLEAN]
    /\ walk_cache    \in [Vcpu -> PageTable \cup {None}]
    /\ tlb           \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot    \in [Vcpu -> FaultSlot]
    /\ mmu_lock      \in -1..3
    /\ zapper_pc     \in {"idle", "zap_collapsible_spte_range.READ_ONCE",
                          "tdp_mmu_set_spte_atomic.try_cmpxchg", "handle_removed_pt.xchg",
                          "flush_at_once", "done"}
    /\ zapper_old    \in NonLeaf
    /\ zapper_ok     \in BOOLEAN
    /\ vcpu_pc       \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE_1",
                                   "fast_page_fault.READ_ONCE_2", "direct_page_fault.read_lock",
                                   "enter_guest", "try_to_link", "handle_removed_pt.xchg",
                                   "kvm_tdp_mmu_map.READ_ONCE", "map_small_page.READ_ONCE",
                                   "map_small_page.try_cmpxchg",
                                   "fast_page_fault.try_cmpxchg_1",
                                   "mark_page_dirty_in_slot.READ_ONCE",
                                   "fast_page_fault.try_cmpxchg_2"}]
    /\ vcpu_upper    \in [Vcpu -> NonLeaf]
    /\ vcpu_old_spte \in [Vcpu -> Spte]
    /\ vcpu_linked   \in [Vcpu -> BOOLEAN]
    /\ vcpu_spte     \in [Vcpu -> Spte]

\* An SPTE that points to a page table; everything is allowed there.
\* kvmspec/two_levels.py:266
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
\* kvmspec/walks.py:22
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Does the SPTE of 2 MiB map them?
\* kvmspec/walks.py:16
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
\* kvmspec/spte.py:157
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, large |-> FALSE, removed |-> FALSE]

\* Where something is mapped, no CPU knows of a page table that was there before.
\* kvmspec/invariants.py:324
one_translation ==
    \A cpu \in Vcpu :
        ~upper.spte.present \/ walk_cache[cpu] = None \/ walk_cache[cpu] = upper.child

-----------------------------------------------------------------------------

Init ==
    /\ \E t \in PageTable :
           /\ upper = [spte |-> make_nonleaf_spte, child |-> t]
           /\ table = [[p \in PageTable |-> NoSpte] EXCEPT
                          ![t] = [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE,
                                  large |-> FALSE, removed |-> FALSE]]
           /\ allocated = [[p \in PageTable |-> FALSE] EXCEPT ![t] = TRUE]
           /\ walk_cache = [v \in Vcpu |-> None]
           /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
           /\ fault_slot = [v \in Vcpu |-> "NONE"]
           /\ mmu_lock = 0
           /\ zapper_pc = "idle"
           /\ zapper_old = NoNonLeaf
           /\ zapper_ok = FALSE
           /\ vcpu_pc = [v \in Vcpu |-> "idle"]
           /\ vcpu_upper = [v \in Vcpu |-> NoNonLeaf]
           /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
           /\ vcpu_linked = [v \in Vcpu |-> FALSE]
           /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* Zap what keeps pages from being huge, mmu_lock held for read; the mutant holds no lock.
\* kvmspec/two_levels.py:190, arch/x86/kvm/mmu/mmu.c:kvm_mmu_zap_collapsible_sptes
zapper_kvm_mmu_zap_collapsible_sptes ==
    /\ zapper_pc = "idle"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, zapper_old>>
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ zapper_old' = upper
              /\ zapper_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, zapper_ok>>

\* kvmspec/two_levels.py:177, arch/x86/kvm/mmu/tdp_mmu.c:zap_collapsible_spte_range
zapper_zap_collapsible_spte_range_READ_ONCE ==
    /\ zapper_pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ zapper_pc' = "done"
              /\ UNCHANGED zapper_old
         ELSE /\ zapper_old' = upper
              /\ zapper_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<zapper_frame, upper, table, walk_cache, tlb, zapper_ok>>

\* kvmspec/two_levels.py:136, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
zapper_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ zapper_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = zapper_old
         THEN /\ upper' = NoNonLeaf
              /\ zapper_ok' = TRUE
              /\ IF zapper_old.child # None
                   THEN /\ zapper_pc' = "handle_removed_pt.xchg"
                        /\ UNCHANGED zapper_old
                   ELSE /\ zapper_old' = NoNonLeaf
                        /\ zapper_pc' = "flush_at_once"
         ELSE /\ zapper_old' = NoNonLeaf
              /\ zapper_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<upper, zapper_ok>>
    /\ UNCHANGED <<zapper_frame, table, walk_cache, tlb, mmu_lock>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
zapper_handle_removed_pt_xchg ==
    /\ zapper_pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![zapper_old.child] = [present |-> FALSE, writable |-> FALSE,
                                      mmu_writable |-> FALSE, host_writable |-> FALSE,
                                      accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                      removed |-> TRUE]]
    /\ IF table[zapper_old.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ zapper_old' = NoNonLeaf
              /\ zapper_pc' =
                     IF zapper_ok
                       THEN "flush_at_once"
                       ELSE "zap_collapsible_spte_range.READ_ONCE"
         ELSE /\ UNCHANGED <<zapper_old, zapper_pc>>
    /\ UNCHANGED <<zapper_frame, upper, walk_cache, tlb, mmu_lock, zapper_ok>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once ==
    /\ zapper_pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ IF zapper_ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ zapper_ok' = FALSE
              /\ zapper_pc' = "done"
         ELSE /\ zapper_pc' = "zap_collapsible_spte_range.READ_ONCE"
              /\ UNCHANGED <<mmu_lock, zapper_ok>>
    /\ UNCHANGED <<zapper_frame, upper, table, zapper_old>>

\* A write fault.
\* kvmspec/two_levels.py:432, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~tlb[cpu][gfn].writable
    /\ ~(/\ translates(IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE)
         /\ translates(IF walk_cache[cpu] # None THEN table[walk_cache[cpu]] ELSE IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE))
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = None]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, mmu_lock, vcpu_upper, vcpu_old_spte,
                   vcpu_linked, vcpu_spte>>

\* kvmspec/two_levels.py:388, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_2"]
              /\ UNCHANGED vcpu_spte
         ELSE /\ IF ~upper.spte.present
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
                        /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                   ELSE /\ IF is_access_allowed(upper.spte, TRUE)
                             THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                                  /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                             ELSE /\ IF ~upper.spte.mmu_writable
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "direct_page_fault.read_lock"]
                                            /\ UNCHANGED <<vcpu_upper, vcpu_spte>>
                                       ELSE /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                                            /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   upper.spte]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg_2"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, mmu_lock,
                   vcpu_old_spte, vcpu_linked>>

\* kvmspec/two_levels.py:392, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE_2"
    /\ IF ~table[vcpu_upper[cpu].child].present
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
              /\ UNCHANGED vcpu_spte
         ELSE /\ IF is_access_allowed(table[vcpu_upper[cpu].child], TRUE)
                   THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED vcpu_spte
                   ELSE /\ IF ~table[vcpu_upper[cpu].child].mmu_writable
                             THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "direct_page_fault.read_lock"]
                                  /\ UNCHANGED vcpu_spte
                             ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                         table[vcpu_upper[cpu].child]]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         IF vcpu_upper[cpu].child # None
                                           THEN "fast_page_fault.try_cmpxchg_1"
                                           ELSE "fast_page_fault.try_cmpxchg_2"]
                                  /\ UNCHANGED vcpu_upper
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, mmu_lock,
                   vcpu_old_spte, vcpu_linked>>

\* kvmspec/two_levels.py:434, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF upper.spte
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED <<mmu_lock, vcpu_upper>>
         ELSE /\ IF ~points_to_table(upper)
                   THEN /\ mmu_lock' = mmu_lock + 1
                        /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "try_to_link"]
                   ELSE /\ IF upper.child # None
                             THEN /\ mmu_lock' = mmu_lock + 1
                                  /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "map_small_page.READ_ONCE"]
                             ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                                  /\ UNCHANGED <<mmu_lock, vcpu_upper>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, vcpu_old_spte,
                   vcpu_linked, vcpu_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, mmu_lock, vcpu_upper,
                   vcpu_old_spte, vcpu_linked, vcpu_spte>>

\* kvmspec/two_levels.py:306, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_link_sp
vcpu_try_to_link(cpu) ==
    /\ vcpu_pc[cpu] = "try_to_link"
    /\ IF upper = vcpu_upper[cpu]
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT
                                ![t] = IF is_leaf(vcpu_upper[cpu])
                                         THEN [vcpu_upper[cpu].spte EXCEPT !.large = FALSE]
                                         ELSE NoSpte]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF vcpu_upper[cpu].child # None
                          THEN /\ vcpu_linked' = [vcpu_linked EXCEPT ![cpu] = TRUE]
                               /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_removed_pt.xchg"]
                               /\ UNCHANGED vcpu_upper
                          ELSE /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
                               /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                      "kvm_tdp_mmu_map.READ_ONCE"]
                               /\ UNCHANGED vcpu_linked
                     /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED <<upper, table, allocated, vcpu_linked>>
    /\ UNCHANGED <<vcpu_frame, walk_cache, fault_slot, vcpu_old_spte, vcpu_spte>>

\* kvmspec/two_levels.py:113, arch/x86/kvm/mmu/tdp_mmu.c:handle_removed_pt
vcpu_handle_removed_pt_xchg(cpu) ==
    /\ vcpu_pc[cpu] = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu_upper[cpu].child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu_upper[cpu].child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ IF ~vcpu_linked[cpu]
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED vcpu_linked
                   ELSE /\ vcpu_linked' = [vcpu_linked EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_tdp_mmu_map.READ_ONCE"]
                        /\ UNCHANGED mmu_lock
         ELSE /\ UNCHANGED <<mmu_lock, vcpu_upper, vcpu_linked, vcpu_pc>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, fault_slot, vcpu_old_spte,
                   vcpu_spte>>

\* kvmspec/two_levels.py:377, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_map
vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_tdp_mmu_map.READ_ONCE"
    /\ IF upper.child # None
         THEN /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = upper]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.READ_ONCE"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_upper
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, vcpu_old_spte,
                   vcpu_linked, vcpu_spte>>

\* kvmspec/two_levels.py:334, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_map_small_page_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "map_small_page.READ_ONCE"
    /\ IF table[vcpu_upper[cpu].child]
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = table[vcpu_upper[cpu].child]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "map_small_page.try_cmpxchg"]
              /\ UNCHANGED <<mmu_lock, vcpu_upper>>
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, vcpu_linked,
                   vcpu_spte>>

\* kvmspec/two_levels.py:342, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_map_small_page_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "map_small_page.try_cmpxchg"
    /\ table' =
           [table EXCEPT
               ![vcpu_upper[cpu].child] = IF table[vcpu_upper[cpu].child] = vcpu_old_spte[cpu]
                                            THEN make_spte(vcpu_old_spte[cpu])
                                            ELSE table[vcpu_upper[cpu].child]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, fault_slot, vcpu_linked,
                   vcpu_spte>>

\* kvmspec/two_levels.py:400, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg_1(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg_1"
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF table[vcpu_upper[cpu].child] = vcpu_spte[cpu]
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu_upper[cpu].child] = [vcpu_spte[cpu] EXCEPT !.writable = TRUE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.READ_ONCE"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
              /\ UNCHANGED table
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, fault_slot, mmu_lock,
                   vcpu_old_spte, vcpu_linked>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, fault_slot, mmu_lock,
                   vcpu_upper, vcpu_old_spte, vcpu_linked, vcpu_spte>>

\* kvmspec/two_levels.py:409, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg_2(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg_2"
    /\ vcpu_upper' = [vcpu_upper EXCEPT ![cpu] = NoNonLeaf]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF upper = vcpu_upper[cpu]
         THEN /\ upper' = [spte |-> [vcpu_spte[cpu] EXCEPT !.writable = TRUE], child |-> None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE_1"]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, fault_slot, mmu_lock,
                   vcpu_old_spte, vcpu_linked>>

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* kvmspec/walks.py:28, SDM vol. 3, 29.3.5 and 29.4.1
walk_to_table(cpu) ==
    /\ in_guest(cpu)
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, tlb>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* kvmspec/walks.py:38, SDM vol. 3, 29.3.5 and 29.4.3
write_by_table(cpu, gfn, t) ==
    /\ in_guest(cpu)
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, walk_cache>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, upper, table, walk_cache>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ zapper_kvm_mmu_zap_collapsible_sptes
    \/ zapper_zap_collapsible_spte_range_READ_ONCE
    \/ zapper_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ zapper_handle_removed_pt_xchg
    \/ zapper_flush_at_once
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_fast_page_fault_READ_ONCE_1(cpu)
        \/ vcpu_fast_page_fault_READ_ONCE_2(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_try_to_link(cpu)
        \/ vcpu_handle_removed_pt_xchg(cpu)
        \/ vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu)
        \/ vcpu_map_small_page_READ_ONCE(cpu)
        \/ vcpu_map_small_page_try_cmpxchg(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg_1(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg_2(cpu)
        \/ walk_to_table(cpu)
    \/ \E cpu \in Vcpu, gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
