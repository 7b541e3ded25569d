------------------------------ MODULE write_back_no_ad_5_18 ------------------------------
(***************************************************************************
 A page of a file is written back and unmapped, with its lock held, while
 the guest writes.

   kernel 5.18, method no_ad
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, freed, guest_mode,
   guest_only_reads, host_page_is_huge, memory, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_logs,
   slot_missing, slots_generation, slots_update_in_progress, store_buffer,
   table, tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache, write_tracked.

 Left out, since no word here has it:
   Spte.accessed, Spte.dirty, Spte.large, Spte.mmio, Spte.mmio_generation,
   Spte.removed, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, fault_slot, mmu_lock, host_pte_readonly, page_locked, page_dirty, page_written,
    reclaim_pc, reclaim_left, reclaim_gfn, reclaim_old_spte, vcpu_pc, vcpu_gfn, vcpu_write,
    vcpu_old_spte, vcpu_spte, vcpu_new_spte

vars == <<spte, tlb, fault_slot, mmu_lock, host_pte_readonly, page_locked, page_dirty,
          page_written, reclaim_pc, reclaim_left, reclaim_gfn, reclaim_old_spte, vcpu_pc,
          vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of reclaim changes these.
reclaim_frame == <<fault_slot, vcpu_pc, vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, page_locked, page_written, reclaim_pc, reclaim_left, reclaim_gfn,
                reclaim_old_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<spte, fault_slot, mmu_lock, host_pte_readonly, page_locked, page_dirty,
                         reclaim_pc, reclaim_left, reclaim_gfn, reclaim_old_spte, vcpu_pc,
                         vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ mmu_lock          \in -1..2
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ page_locked       \in [Gfn -> BOOLEAN]
    /\ page_dirty        \in [Gfn -> BOOLEAN]
    /\ page_written      \in [Gfn -> BOOLEAN]
    /\ reclaim_pc        \in {"idle", "write_back_file_page.WRITE_ONCE_1",
                              "kvm_unmap_gfn_range.write_lock",
                              "write_back_file_page.flush_at_once", "write_out",
                              "write_back_file_page.WRITE_ONCE_2",
                              "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE",
                              "write_back_file_page.kvm_set_pfn_dirty.set_bit", "flush_at_once",
                              "kvm_tdp_mmu_write_spte.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit",
                              "done"}
    /\ reclaim_left      \in 0..2
    /\ reclaim_gfn       \in Gfn \cup {None}
    /\ reclaim_old_spte  \in Spte
    /\ vcpu_pc           \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                       "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                       "direct_page_fault.read_lock",
                                       "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                       "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                       "tdp_mmu_set_spte_atomic.try_cmpxchg", "enter_guest",
                                       "fast_page_fault.try_cmpxchg",
                                       "mark_page_dirty_in_slot.READ_ONCE"}]
    /\ vcpu_gfn          \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_write        \in [Vcpu -> BOOLEAN]
    /\ vcpu_old_spte     \in [Vcpu -> Spte]
    /\ vcpu_spte         \in [Vcpu -> Spte]
    /\ vcpu_new_spte     \in [Vcpu -> Spte]

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU read through it, as far as R, W and X go?
\* kvmspec/spte.py:93
is_readable_pte(s) ==
    s.present

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE is_readable_pte(s)

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* A running operation will tag the backing page dirty.
\* kvmspec/machine.py:150
tag_owed(gfn) ==
    /\ reclaim_pc \in {"write_back_file_page.kvm_set_pfn_dirty.set_bit",
                       "kvm_set_pfn_dirty.set_bit"}
    /\ reclaim_gfn = gfn

\* A page that the guest has written is tagged dirty, or the SPTE still says so.
\* kvmspec/invariants.py:154
page_tagged ==
    \A gfn \in Gfn :
        ~page_written[gfn] \/ page_dirty[gfn] \/ spte[gfn].writable \/ tag_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> FALSE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ page_locked = [g \in Gfn |-> FALSE]
    /\ page_dirty = [gfn \in Gfn |-> TRUE]
    /\ page_written = [g \in Gfn |-> FALSE]
    /\ reclaim_pc = "idle"
    /\ reclaim_left = 2
    /\ reclaim_gfn = None
    /\ reclaim_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_write = [v \in Vcpu |-> FALSE]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]

\* Write a page of a file back: the host PTE is write-protected first, and KVM's SPTE zapped.
\* kvmspec/host_mm.py:21, mm/page-writeback.c:clear_page_dirty_for_io
reclaim_write_back_file_page(gfn) ==
    /\ reclaim_pc = "idle"
    /\ reclaim_left > 0
    /\ page_locked' = [page_locked EXCEPT ![gfn] = TRUE]
    /\ reclaim_gfn' = gfn
    /\ reclaim_pc' = "write_back_file_page.WRITE_ONCE_1"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_dirty,
                   page_written, reclaim_left, reclaim_old_spte>>

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
reclaim_kvm_unmap_gfn_range(gfn) ==
    /\ reclaim_pc = "idle"
    /\ reclaim_left > 0
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ reclaim_left' = reclaim_left - 1
              /\ reclaim_pc' = "idle"
              /\ UNCHANGED <<mmu_lock, reclaim_gfn, reclaim_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ reclaim_gfn' = gfn
              /\ reclaim_old_spte' = spte[gfn]
              /\ reclaim_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
              /\ UNCHANGED reclaim_left
    /\ UNCHANGED <<reclaim_frame, spte, tlb, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* kvmspec/host_mm.py:22, mm/page-writeback.c:clear_page_dirty_for_io
reclaim_write_back_file_page_WRITE_ONCE_1 ==
    /\ reclaim_pc = "write_back_file_page.WRITE_ONCE_1"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![reclaim_gfn] = TRUE]
    /\ reclaim_pc' = "kvm_unmap_gfn_range.write_lock"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, page_locked, page_dirty, page_written,
                   reclaim_left, reclaim_gfn, reclaim_old_spte>>

\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
reclaim_kvm_unmap_gfn_range_write_lock ==
    /\ reclaim_pc = "kvm_unmap_gfn_range.write_lock"
    /\ mmu_lock = 0
    /\ IF ~spte[reclaim_gfn].present
         THEN /\ reclaim_pc' = "write_out"
              /\ UNCHANGED <<mmu_lock, reclaim_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ reclaim_old_spte' = spte[reclaim_gfn]
              /\ reclaim_pc' = "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, host_pte_readonly, page_locked, page_dirty,
                   page_written, reclaim_left, reclaim_gfn>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
reclaim_write_back_file_page_flush_at_once ==
    /\ reclaim_pc = "write_back_file_page.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ reclaim_pc' = "write_out"
    /\ UNCHANGED <<reclaim_frame, spte, host_pte_readonly, page_locked, page_dirty,
                   page_written, reclaim_left, reclaim_gfn, reclaim_old_spte>>

\* kvmspec/host_mm.py:24, mm/page-writeback.c:clear_page_dirty_for_io
reclaim_write_out ==
    /\ reclaim_pc = "write_out"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim_gfn] = FALSE]
    /\ page_written' = [page_written EXCEPT ![reclaim_gfn] = FALSE]
    /\ reclaim_pc' = "write_back_file_page.WRITE_ONCE_2"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked,
                   reclaim_left, reclaim_gfn, reclaim_old_spte>>

\* kvmspec/host_mm.py:25, mm/page-writeback.c:clear_page_dirty_for_io
reclaim_write_back_file_page_WRITE_ONCE_2 ==
    /\ reclaim_pc = "write_back_file_page.WRITE_ONCE_2"
    /\ page_locked' = [page_locked EXCEPT ![reclaim_gfn] = FALSE]
    /\ reclaim_left' = reclaim_left - 1
    /\ reclaim_gfn' = None
    /\ reclaim_pc' = "idle"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_dirty,
                   page_written, reclaim_old_spte>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
reclaim_write_back_file_page_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ reclaim_pc = "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![reclaim_gfn] = NoSpte]
    /\ reclaim_old_spte' = NoSpte
    /\ reclaim_pc' =
           IF reclaim_old_spte.present /\ reclaim_old_spte.writable
             THEN "write_back_file_page.kvm_set_pfn_dirty.set_bit"
             ELSE "write_back_file_page.flush_at_once"
    /\ UNCHANGED <<reclaim_frame, tlb, mmu_lock, host_pte_readonly, page_locked, page_dirty,
                   page_written, reclaim_left, reclaim_gfn>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
reclaim_write_back_file_page_kvm_set_pfn_dirty_set_bit ==
    /\ reclaim_pc = "write_back_file_page.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim_gfn] = TRUE]
    /\ reclaim_pc' = "write_back_file_page.flush_at_once"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked,
                   page_written, reclaim_left, reclaim_gfn, reclaim_old_spte>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
reclaim_flush_at_once ==
    /\ reclaim_pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ reclaim_left' = reclaim_left - 1
    /\ reclaim_pc' = "idle"
    /\ UNCHANGED <<reclaim_frame, spte, host_pte_readonly, page_locked, page_dirty,
                   page_written, reclaim_gfn, reclaim_old_spte>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
reclaim_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ reclaim_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![reclaim_gfn] = NoSpte]
    /\ reclaim_old_spte' = NoSpte
    /\ IF reclaim_old_spte.present /\ reclaim_old_spte.writable
         THEN /\ reclaim_pc' = "kvm_set_pfn_dirty.set_bit"
              /\ UNCHANGED reclaim_gfn
         ELSE /\ reclaim_gfn' = None
              /\ reclaim_pc' = "flush_at_once"
    /\ UNCHANGED <<reclaim_frame, tlb, mmu_lock, host_pte_readonly, page_locked, page_dirty,
                   page_written, reclaim_left>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
reclaim_kvm_set_pfn_dirty_set_bit ==
    /\ reclaim_pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim_gfn] = TRUE]
    /\ reclaim_gfn' = None
    /\ reclaim_pc' = "flush_at_once"
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked,
                   page_written, reclaim_left, reclaim_old_spte>>

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
           /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, host_pte_readonly, page_dirty,
                          vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte, vcpu_new_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], vcpu_write[cpu])
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
                        /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                   ELSE /\ IF vcpu_write[cpu] /\ spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                                       ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.writable = TRUE]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                                            /\ UNCHANGED vcpu_write
                             ELSE /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "kvm_faultin_pfn.READ_ONCE"]
                                  /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                        /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_old_spte>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ ~page_locked[vcpu_gfn[cpu]]
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu_gfn[cpu]] = TRUE]
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
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, host_pte_readonly, page_dirty, vcpu_write,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_gfn, vcpu_write, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_gfn, vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, host_pte_readonly, page_dirty, vcpu_write, vcpu_spte,
                   vcpu_new_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn,
                   vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:106, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_spte[cpu]
         THEN /\ spte' = [spte EXCEPT ![vcpu_gfn[cpu]] = vcpu_new_spte[cpu]]
              /\ vcpu_write' = [vcpu_write EXCEPT ![cpu] = FALSE]
              /\ IF vcpu_new_spte[cpu].writable /\ ~vcpu_spte[cpu].writable
                   THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "mark_page_dirty_in_slot.READ_ONCE"]
                        /\ UNCHANGED vcpu_gfn
                   ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<spte, vcpu_gfn, vcpu_write>>
    /\ UNCHANGED <<vcpu_frame, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_old_spte>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty,
                   vcpu_write, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable, dirty |-> spte[gfn].writable]]
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<Vcpu_hardware_frame, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ reclaim_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn :
        \/ reclaim_write_back_file_page(gfn)
        \/ reclaim_kvm_unmap_gfn_range(gfn)
    \/ reclaim_write_back_file_page_WRITE_ONCE_1
    \/ reclaim_kvm_unmap_gfn_range_write_lock
    \/ reclaim_write_back_file_page_flush_at_once
    \/ reclaim_write_out
    \/ reclaim_write_back_file_page_WRITE_ONCE_2
    \/ reclaim_write_back_file_page_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ reclaim_write_back_file_page_kvm_set_pfn_dirty_set_bit
    \/ reclaim_flush_at_once
    \/ reclaim_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ reclaim_kvm_set_pfn_dirty_set_bit
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
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
