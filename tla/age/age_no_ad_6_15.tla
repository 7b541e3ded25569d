------------------------------ MODULE age_no_ad_6_15 ------------------------------
(***************************************************************************
 A page is aged while the guest writes to it and faults.

   kernel 6.15, method no_ad
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, freed, guest_mode,
   guest_only_reads, host_page_is_huge, memory, page_dirty, page_locked,
   page_written, pml_buffer, pml_enabled, rcu_read_lock, root, root_tlb,
   shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, tlb_flush_requested,
   unlinked, unlinked_twice, unreported, upper, vcpu_mode, walk_cache,
   write_tracked.

 Left out, since no word here has it:
   Spte.accessed, Spte.dirty, Spte.large, Spte.mmio, Spte.mmio_generation,
   Spte.removed.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, fault_slot, mmu_lock, host_pte_readonly, ager_pc, ager_gfn, ager_old_spte,
    vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte

vars == <<spte, tlb, fault_slot, mmu_lock, host_pte_readonly, ager_pc, ager_gfn, ager_old_spte,
          vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of ager changes these.
ager_frame == <<tlb, fault_slot, mmu_lock, host_pte_readonly, vcpu_pc, vcpu_gfn, vcpu_write,
                vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, ager_pc, ager_gfn, ager_old_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<spte, fault_slot, mmu_lock, host_pte_readonly, ager_pc, ager_gfn,
                         ager_old_spte, vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte,
                         vcpu_new_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         saved_readable: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, saved_readable |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ mmu_lock          \in -1..2
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ ager_pc           \in {"idle", "age_gfn_range.try_cmpxchg", "done"}
    /\ ager_gfn          \in Gfn \cup {None}
    /\ ager_old_spte     \in Spte
    /\ vcpu_pc           \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                       "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                       "direct_page_fault.read_lock",
                                       "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                       "enter_guest",
                                       "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                       "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                       "fast_page_fault.try_cmpxchg",
                                       "mark_page_dirty_in_slot.READ_ONCE"}]
    /\ vcpu_gfn          \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_write        \in [Vcpu -> BOOLEAN]
    /\ vcpu_old_spte     \in [Vcpu -> Spte]
    /\ vcpu_spte         \in [Vcpu -> Spte]
    /\ vcpu_new_spte     \in [Vcpu -> Spte]

\* The SPTE of a page that has just been aged; W is not kept.
\* kvmspec/spte.py:175
mark_spte_for_access_track(s) ==
    [s EXCEPT !.writable = FALSE, !.saved_readable = TRUE]

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU read through it, as far as R, W and X go?
\* kvmspec/spte.py:93
is_readable_pte(s) ==
    s.present /\ ~s.saved_readable

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE is_readable_pte(s)

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* A running operation will flush the page from all TLBs.
\* kvmspec/machine.py:149
flush_owed(gfn) ==
    FALSE

\* A CPU that can write through its TLB: the SPTE is writable, or a flush is on its way.
\* kvmspec/invariants.py:79
writable_implies_flushed_w ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].writable \/ flush_owed(gfn)

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or a flush is on its way.
\* kvmspec/invariants.py:48
writable_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].mmu_writable \/ flush_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> FALSE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, saved_readable |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ ager_pc = "idle"
    /\ ager_gfn = None
    /\ ager_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_write = [v \in Vcpu |-> FALSE]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]

\* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
\* kvmspec/tdp_mmu.py:100, arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager_pc = "idle"
    /\ IF ~spte[gfn].present \/ spte[gfn].saved_readable
         THEN /\ ager_pc' = "done"
              /\ UNCHANGED <<ager_gfn, ager_old_spte>>
         ELSE /\ ager_gfn' = gfn
              /\ ager_old_spte' = spte[gfn]
              /\ ager_pc' = "age_gfn_range.try_cmpxchg"
    /\ UNCHANGED <<ager_frame, spte>>

\* kvmspec/tdp_mmu.py:110, arch/x86/kvm/mmu/tdp_mmu.c:age_gfn_range
ager_age_gfn_range_try_cmpxchg ==
    /\ ager_pc = "age_gfn_range.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![ager_gfn] = IF spte[ager_gfn] = ager_old_spte
                               THEN mark_spte_for_access_track(ager_old_spte)
                               ELSE spte[ager_gfn]]
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "done"
    /\ UNCHANGED ager_frame

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:146, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E write \in BOOLEAN :
           /\ in_guest(cpu)
           /\ ~translates(spte[gfn], write)
           /\ ~tlb[cpu][gfn].writable
           /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
           /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
           /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = write]
           /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
           /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, host_pte_readonly, vcpu_old_spte,
                          vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_write, vcpu_spte, vcpu_new_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], vcpu_write[cpu])
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                   ELSE /\ IF vcpu_write[cpu] /\ spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.saved_readable = FALSE, !.writable = TRUE], TRUE))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                                       ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.saved_readable = FALSE,
                                                       !.writable = TRUE]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                             ELSE /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.saved_readable = FALSE], vcpu_write[cpu]))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                                       ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.saved_readable = FALSE]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                        /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_old_spte>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_write, vcpu_old_spte,
                   vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:149, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu_gfn[cpu]]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, host_pte_readonly, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
    /\ IF spte[vcpu_gfn[cpu]].present /\ is_access_allowed(spte[vcpu_gfn[cpu]], vcpu_write[cpu])
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
              /\ UNCHANGED <<mmu_lock, vcpu_gfn>>
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, host_pte_readonly, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, host_pte_readonly, vcpu_gfn, vcpu_write,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          saved_readable |-> FALSE]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, host_pte_readonly, vcpu_write, vcpu_spte,
                   vcpu_new_spte>>

\* kvmspec/faults.py:106, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_spte[cpu]
         THEN /\ spte' = [spte EXCEPT ![vcpu_gfn[cpu]] = vcpu_new_spte[cpu]]
              /\ IF vcpu_new_spte[cpu].writable /\ ~vcpu_spte[cpu].writable
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "mark_page_dirty_in_slot.READ_ONCE"]
                        /\ UNCHANGED <<vcpu_gfn, vcpu_write>>
                   ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<spte, vcpu_gfn, vcpu_write>>
    /\ UNCHANGED <<vcpu_frame, fault_slot, mmu_lock, host_pte_readonly, vcpu_old_spte>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_old_spte,
                   vcpu_spte, vcpu_new_spte>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable, dirty |-> spte[gfn].writable]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED Vcpu_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ ager_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_age_gfn_range_try_cmpxchg
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
        \/ vcpu_handle_mm_fault(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
