------------------------------ MODULE zap_and_kick_flush_in_steps_without_wait_wp_6_15 ------------------------------
(***************************************************************************
 A page is unmapped, and vCPUs have to leave the guest for the flush.

   kernel 6.15, method wp, variant flush_in_steps_without_wait
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, freed, guest_mode,
   guest_only_reads, host_page_is_huge, memory, page_dirty, page_locked,
   page_written, pml_buffer, pml_enabled, rcu_read_lock, root, root_tlb,
   shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, unlinked, unlinked_twice,
   unreported, upper, walk_cache, write_tracked.

 Left out, since no word here has it:
   Spte.large, Spte.mmio, Spte.mmio_generation, Spte.removed,
   Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
    zapper_pc, zapper_gfn, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte

vars == <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
          zapper_pc, zapper_gfn, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of zapper changes these.
zapper_frame == <<tlb, fault_slot, host_pte_readonly, vcpu_pc, vcpu_gfn, vcpu_old_spte,
                  vcpu_spte, vcpu_new_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                         host_pte_readonly, zapper_pc, zapper_gfn, vcpu_pc, vcpu_gfn,
                         vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
VcpuMode == {"IN_GUEST_MODE", "OUTSIDE_GUEST_MODE", "EXITING_GUEST_MODE"}
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte                \in [Gfn -> Spte]
    /\ tlb                 \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ vcpu_mode           \in [Vcpu -> VcpuMode]
    /\ tlb_flush_requested \in [Vcpu -> BOOLEAN]
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ mmu_lock            \in -1..2
    /\ host_pte_readonly   \in [Gfn -> BOOLEAN]
    /\ zapper_pc           \in {"idle", "kvm_make_all_cpus_request.WRITE_ONCE",
                                "kvm_kick_many_cpus", "kvm_tdp_mmu_write_spte.xchg",
                                "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ zapper_gfn          \in Gfn \cup {None}
    /\ vcpu_pc             \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                         "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                         "direct_page_fault.read_lock",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                         "vmentry.vcpu_enter_guest.test_and_clear_bit",
                                         "vmentry.kvm_vcpu_flush_tlb_all",
                                         "vcpu_enter_guest.WRITE_ONCE_1",
                                         "kvm_vcpu_exit_request.READ_ONCE_1",
                                         "vmentry.enter_guest", "vcpu_enter_guest.WRITE_ONCE_2",
                                         "kvm_vcpu_exit_request.READ_ONCE_2",
                                         "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                         "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                         "fast_page_fault.try_cmpxchg",
                                         "mark_page_dirty_in_slot.READ_ONCE",
                                         "handle_ipi.vcpu_enter_guest.test_and_clear_bit",
                                         "handle_ipi.kvm_vcpu_flush_tlb_all",
                                         "vcpu_enter_guest.WRITE_ONCE_3",
                                         "kvm_vcpu_exit_request.READ_ONCE_3",
                                         "handle_ipi.enter_guest",
                                         "vcpu_enter_guest.WRITE_ONCE_4",
                                         "kvm_vcpu_exit_request.READ_ONCE_4"}]
    /\ vcpu_gfn            \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte       \in [Vcpu -> Spte]
    /\ vcpu_spte           \in [Vcpu -> Spte]
    /\ vcpu_new_spte       \in [Vcpu -> Spte]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty)

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:15
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation will flush the page from all TLBs.
\* kvmspec/machine.py:149
flush_owed(gfn) ==
    /\ zapper_pc \in {"kvm_make_all_cpus_request.WRITE_ONCE", "kvm_kick_many_cpus",
                      "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ zapper_gfn = gfn

\* As `writable_implies_flushed`, for CPUs that run guest code right now.
\* kvmspec/invariants.py:64
writable_in_guest_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn :
            \/ ~(tlb[cpu][gfn].writable /\ in_guest(cpu))
            \/ spte[gfn].mmu_writable
            \/ flush_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ vcpu_mode = [v \in Vcpu |-> "IN_GUEST_MODE"]
    /\ tlb_flush_requested = [v \in Vcpu |-> FALSE]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ zapper_pc = "idle"
    /\ zapper_gfn = None
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, zapper_gfn>>
         ELSE /\ mmu_lock' = -1
              /\ zapper_gfn' = gfn
              /\ zapper_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested>>

\* kvmspec/flush.py:49, virt/kvm/kvm_main.c:kvm_make_all_cpus_request
zapper_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ zapper_pc = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ zapper_pc' = "kvm_kick_many_cpus"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, mmu_lock, zapper_gfn>>

\* kvmspec/flush.py:50, virt/kvm/kvm_main.c:kvm_make_all_cpus_request
zapper_kvm_kick_many_cpus ==
    /\ zapper_pc = "kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ mmu_lock' = 0
    /\ zapper_gfn' = None
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<zapper_frame, spte, tlb_flush_requested>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_pc' = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock, zapper_gfn>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_pc' = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock, zapper_gfn>>

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:146, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, mmu_lock, host_pte_readonly, zapper_gfn,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* Out of the guest for a kick, and back.
\* kvmspec/flush.py:108, arch/x86/kvm/x86.c:vcpu_run
vcpu_handle_ipi(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ fault_slot[cpu] = "NONE"
    /\ vcpu_mode[cpu] = "EXITING_GUEST_MODE"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, mmu_lock, host_pte_readonly, zapper_gfn,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte, vcpu_new_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "vmentry.vcpu_enter_guest.test_and_clear_bit"]
                        /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                   ELSE /\ IF spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                                       ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.writable = TRUE]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                             ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "kvm_faultin_pfn.READ_ONCE"]
                                  /\ UNCHANGED <<vcpu_spte, vcpu_new_spte>>
                        /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_old_spte, zapper_pc>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, zapper_gfn,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

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
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "vmentry.vcpu_enter_guest.test_and_clear_bit"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly,
                   zapper_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu_gfn[cpu]].present /\ is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "vmentry.vcpu_enter_guest.test_and_clear_bit"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
              /\ UNCHANGED <<mmu_lock, vcpu_gfn>>
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly,
                   zapper_gfn, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:83, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vmentry.kvm_vcpu_flush_tlb_all"
             ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, fault_slot, mmu_lock, host_pte_readonly, zapper_gfn,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:84, arch/x86/kvm/x86.c:kvm_vcpu_flush_tlb_all
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<spte, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:89, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:67, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
             THEN "vcpu_enter_guest.WRITE_ONCE_2"
             ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:91, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:93, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:70, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vcpu_enter_guest.WRITE_ONCE_2"
             ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          accessed |-> TRUE, dirty |-> TRUE]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<tlb, vcpu_mode, tlb_flush_requested, fault_slot, host_pte_readonly,
                   zapper_gfn, vcpu_spte, vcpu_new_spte, zapper_pc>>

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
                        /\ UNCHANGED vcpu_gfn
                   ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "vmentry.vcpu_enter_guest.test_and_clear_bit"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<spte, vcpu_gfn>>
    /\ UNCHANGED <<tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_old_spte, zapper_pc>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte,
                   zapper_pc>>

\* kvmspec/flush.py:83, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
             ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, fault_slot, mmu_lock, host_pte_readonly, zapper_gfn,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:84, arch/x86/kvm/x86.c:kvm_vcpu_flush_tlb_all
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<spte, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:89, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:67, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
             THEN "vcpu_enter_guest.WRITE_ONCE_4"
             ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:91, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:93, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<spte, tlb, tlb_flush_requested, fault_slot, mmu_lock, host_pte_readonly,
                   zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte, zapper_pc>>

\* kvmspec/flush.py:70, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vcpu_enter_guest.WRITE_ONCE_4"
             ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_new_spte, zapper_pc>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_kvm_make_all_cpus_request_WRITE_ONCE
    \/ zapper_kvm_kick_many_cpus
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_handle_ipi(cpu)
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
        \/ vcpu_handle_mm_fault(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu)
        \/ vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu)
        \/ vcpu_vmentry_enter_guest(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu)
        \/ vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu)
        \/ vcpu_handle_ipi_enter_guest(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
