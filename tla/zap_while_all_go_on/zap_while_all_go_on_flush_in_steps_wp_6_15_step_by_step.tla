------------------------------ MODULE zap_while_all_go_on_flush_in_steps_wp_6_15_step_by_step ------------------------------
(***************************************************************************
 As `zap_and_kick`, where the zapper and the vCPUs do not stop for ever.

   kernel 6.15, method wp, variant flush_in_steps
   1 Vcpu, 1 Gfn, 1 PageTable

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
    spte, upper, table, allocated, walk_cache, guest_mode, root, root_tlb, rcu_read_lock,
    unlinked, unlinked_twice, freed, host_page_is_huge, eager_page_split, tlb, vcpu_mode,
    tlb_flush_requested, pml_buffer, pml_enabled, slot_missing, slot_logs, slots_generation,
    slots_update_in_progress, fault_slot, dirty_bitmap, write_tracked, shadow_spte_is_old,
    guest_only_reads, memory, store_buffer, mmu_lock, host_pte_readonly, page_locked,
    page_dirty, page_written, unreported, zapper_pc, zapper_gfn, zapper_zapped, zapper_old_spte,
    vcpu_pc, vcpu_gfn, vcpu_mapped, vcpu_old_spte, vcpu_new_spte, vcpu_spte

vars == <<spte, upper, table, allocated, walk_cache, guest_mode, root, root_tlb, rcu_read_lock,
          unlinked, unlinked_twice, freed, host_page_is_huge, eager_page_split, tlb, vcpu_mode,
          tlb_flush_requested, pml_buffer, pml_enabled, slot_missing, slot_logs,
          slots_generation, slots_update_in_progress, fault_slot, dirty_bitmap, write_tracked,
          shadow_spte_is_old, guest_only_reads, memory, store_buffer, mmu_lock,
          host_pte_readonly, page_locked, page_dirty, page_written, unreported, zapper_pc,
          zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_pc, vcpu_gfn, vcpu_mapped,
          vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of zapper changes these.
zapper_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb,
                  rcu_read_lock, unlinked, unlinked_twice, freed, host_page_is_huge,
                  eager_page_split, tlb, pml_buffer, pml_enabled, slot_missing, slot_logs,
                  slots_generation, slots_update_in_progress, fault_slot, dirty_bitmap,
                  write_tracked, shadow_spte_is_old, guest_only_reads, memory, store_buffer,
                  host_pte_readonly, page_locked, page_dirty, page_written, unreported, vcpu_pc,
                  vcpu_gfn, vcpu_mapped, vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb, rcu_read_lock,
                unlinked, unlinked_twice, freed, host_page_is_huge, eager_page_split,
                pml_buffer, pml_enabled, slot_missing, slot_logs, slots_generation,
                slots_update_in_progress, write_tracked, shadow_spte_is_old, guest_only_reads,
                memory, store_buffer, page_locked, page_written, unreported, zapper_pc,
                zapper_gfn, zapper_zapped, zapper_old_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb,
                         rcu_read_lock, unlinked, unlinked_twice, freed, host_page_is_huge,
                         eager_page_split, vcpu_mode, tlb_flush_requested, pml_buffer,
                         pml_enabled, slot_missing, slot_logs, slots_generation,
                         slots_update_in_progress, fault_slot, dirty_bitmap, write_tracked,
                         shadow_spte_is_old, guest_only_reads, memory, store_buffer, mmu_lock,
                         host_pte_readonly, page_locked, page_dirty, zapper_pc, zapper_gfn,
                         zapper_zapped, zapper_old_spte, vcpu_pc, vcpu_gfn, vcpu_mapped,
                         vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
NonLeaf == [spte: Spte, child: PageTable \cup {None}]
NoNonLeaf == [spte |-> NoSpte, child |-> None]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
VcpuMode == {"IN_GUEST_MODE", "OUTSIDE_GUEST_MODE", "EXITING_GUEST_MODE"}
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
Place == {"GUEST_PTE_CHANGED", "INDIRECT_SHADOW_PAGES"}

TypeOK ==
    /\ spte                     \in [Gfn -> Spte]
    /\ upper                    \in NonLeaf
    /\ table                    \in [PageTable -> Spte]
    /\ allocated                \in [PageTable -> BOOLEAN]
    /\ walk_cache               \in [Vcpu -> PageTable \cup {None}]
    /\ guest_mode               \in [PageTable -> BOOLEAN]
    /\ root                     \in [Vcpu -> PageTable \cup {None}]
    /\ root_tlb                 \in [Vcpu -> [PageTable -> TlbEntry]]
    /\ rcu_read_lock            \in BOOLEAN
    /\ unlinked                 \in [PageTable -> BOOLEAN]
    /\ unlinked_twice           \in BOOLEAN
    /\ freed                    \in [PageTable -> BOOLEAN]
    /\ host_page_is_huge        \in BOOLEAN
    /\ eager_page_split         \in BOOLEAN
    /\ tlb                      \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ vcpu_mode                \in [Vcpu -> VcpuMode]
    /\ tlb_flush_requested      \in [Vcpu -> BOOLEAN]
    /\ pml_buffer               \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled              \in BOOLEAN
    /\ slot_missing             \in BOOLEAN
    /\ slot_logs                \in BOOLEAN
    /\ slots_generation         \in BOOLEAN
    /\ slots_update_in_progress \in BOOLEAN
    /\ fault_slot               \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap             \in [Gfn -> BOOLEAN]
    /\ write_tracked            \in [Gfn -> BOOLEAN]
    /\ shadow_spte_is_old       \in BOOLEAN
    /\ guest_only_reads         \in BOOLEAN
    /\ memory                   \in SUBSET Place
    /\ store_buffer             \in [Vcpu -> Place \cup {None}]
    /\ mmu_lock                 \in -1..2
    /\ host_pte_readonly        \in [Gfn -> BOOLEAN]
    /\ page_locked              \in [Gfn -> BOOLEAN]
    /\ page_dirty               \in [Gfn -> BOOLEAN]
    /\ page_written             \in [Gfn -> BOOLEAN]
    /\ unreported               \in [Gfn -> BOOLEAN]
    /\ zapper_pc                \in {"idle", "tdp_mmu_zap_leafs.READ_ONCE",
                                     "kvm_make_all_cpus_request.WRITE_ONCE",
                                     "kvm_kick_many_cpus", "kvm_make_all_cpus_request.wait",
                                     "kvm_unmap_gfn_range.write_unlock",
                                     "kvm_tdp_mmu_write_spte.xchg",
                                     "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ zapper_gfn               \in Gfn \cup {None}
    /\ zapper_zapped            \in Spte
    /\ zapper_old_spte          \in Spte
    /\ vcpu_pc                  \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                              "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                              "direct_page_fault.read_lock",
                                              "direct_page_fault.READ_ONCE",
                                              "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                              "kvm_mmu_finish_page_fault.set_bit",
                                              "direct_page_fault.read_unlock",
                                              "vmentry.vcpu_enter_guest.test_and_clear_bit",
                                              "vmentry.kvm_vcpu_flush_tlb_all",
                                              "vcpu_enter_guest.WRITE_ONCE_1",
                                              "kvm_vcpu_exit_request.READ_ONCE_1",
                                              "vmentry.enter_guest",
                                              "vcpu_enter_guest.WRITE_ONCE_2",
                                              "kvm_vcpu_exit_request.READ_ONCE_2",
                                              "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                              "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                              "tdp_mmu_map_handle_target_level.READ_ONCE_3",
                                              "tdp_mmu_map_handle_target_level.set_bit",
                                              "fast_page_fault.try_cmpxchg",
                                              "mark_page_dirty_in_slot.READ_ONCE",
                                              "mark_page_dirty_in_slot.set_bit",
                                              "handle_ipi.vcpu_enter_guest.test_and_clear_bit",
                                              "handle_ipi.kvm_vcpu_flush_tlb_all",
                                              "vcpu_enter_guest.WRITE_ONCE_3",
                                              "kvm_vcpu_exit_request.READ_ONCE_3",
                                              "handle_ipi.enter_guest",
                                              "vcpu_enter_guest.WRITE_ONCE_4",
                                              "kvm_vcpu_exit_request.READ_ONCE_4"}]
    /\ vcpu_gfn                 \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_mapped              \in [Vcpu -> BOOLEAN]
    /\ vcpu_old_spte            \in [Vcpu -> Spte]
    /\ vcpu_new_spte            \in [Vcpu -> Spte]
    /\ vcpu_spte                \in [Vcpu -> Spte]

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

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:146
relies_on_log ==
    FALSE

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ upper = NoNonLeaf
    /\ table = [p \in PageTable |-> NoSpte]
    /\ allocated = [p \in PageTable |-> FALSE]
    /\ walk_cache = [v \in Vcpu |-> None]
    /\ guest_mode = [p \in PageTable |-> FALSE]
    /\ root = [v \in Vcpu |-> None]
    /\ root_tlb = [v \in Vcpu |-> [p \in PageTable |-> NoTlbEntry]]
    /\ rcu_read_lock = FALSE
    /\ unlinked = [p \in PageTable |-> FALSE]
    /\ unlinked_twice = FALSE
    /\ freed = [p \in PageTable |-> FALSE]
    /\ host_page_is_huge = FALSE
    /\ eager_page_split = FALSE
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ vcpu_mode = [v \in Vcpu |-> "IN_GUEST_MODE"]
    /\ tlb_flush_requested = [v \in Vcpu |-> FALSE]
    /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
    /\ pml_enabled = FALSE
    /\ slot_missing = FALSE
    /\ slot_logs = FALSE
    /\ slots_generation = FALSE
    /\ slots_update_in_progress = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ write_tracked = [g \in Gfn |-> FALSE]
    /\ shadow_spte_is_old = FALSE
    /\ guest_only_reads = FALSE
    /\ memory = {}
    /\ store_buffer = [v \in Vcpu |-> None]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ page_locked = [g \in Gfn |-> FALSE]
    /\ page_dirty = [gfn \in Gfn |-> TRUE]
    /\ page_written = [g \in Gfn |-> FALSE]
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ zapper_pc = "idle"
    /\ zapper_gfn = None
    /\ zapper_zapped = NoSpte
    /\ zapper_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_mapped = [v \in Vcpu |-> FALSE]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper_gfn' = gfn
    /\ zapper_pc' = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested, zapper_zapped,
                   zapper_old_spte>>

\* kvmspec/tdp_mmu.py:85, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_leafs
zapper_tdp_mmu_zap_leafs_READ_ONCE ==
    /\ zapper_pc = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ IF ~spte[zapper_gfn].present
         THEN /\ zapper_gfn' = None
              /\ zapper_pc' = "kvm_unmap_gfn_range.write_unlock"
              /\ UNCHANGED zapper_old_spte
         ELSE /\ zapper_old_spte' = spte[zapper_gfn]
              /\ zapper_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[zapper_gfn])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
              /\ UNCHANGED zapper_gfn
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested, mmu_lock, zapper_zapped>>

\* kvmspec/flush.py:49, virt/kvm/kvm_main.c:kvm_make_all_cpus_request
zapper_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ zapper_pc = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ zapper_pc' = "kvm_kick_many_cpus"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, mmu_lock, zapper_gfn, zapper_zapped,
                   zapper_old_spte>>

\* kvmspec/flush.py:50, virt/kvm/kvm_main.c:kvm_make_all_cpus_request
zapper_kvm_kick_many_cpus ==
    /\ zapper_pc = "kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ zapper_pc' = "kvm_make_all_cpus_request.wait"
    /\ UNCHANGED <<zapper_frame, spte, tlb_flush_requested, mmu_lock, zapper_gfn, zapper_zapped,
                   zapper_old_spte>>

\* kvmspec/flush.py:52, virt/kvm/kvm_main.c:kvm_make_all_cpus_request
zapper_kvm_make_all_cpus_request_wait ==
    /\ zapper_pc = "kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ zapper_gfn' = None
    /\ zapper_zapped' = NoSpte
    /\ zapper_pc' = "kvm_unmap_gfn_range.write_unlock"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested, mmu_lock,
                   zapper_old_spte>>

\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
zapper_kvm_unmap_gfn_range_write_unlock ==
    /\ zapper_pc = "kvm_unmap_gfn_range.write_unlock"
    /\ mmu_lock' = 0
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested, zapper_gfn,
                   zapper_zapped, zapper_old_spte>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_zapped' = spte[zapper_gfn]
    /\ zapper_old_spte' = NoSpte
    /\ zapper_pc' = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock, zapper_gfn>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_zapped' = zapper_old_spte
    /\ zapper_old_spte' = NoSpte
    /\ zapper_pc' = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock, zapper_gfn>>

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:146, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~guest_only_reads
    /\ ~tlb[cpu][gfn].writable
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' =
           [fault_slot EXCEPT
               ![cpu] = IF slot_missing
                          THEN "NO_SLOT"
                          ELSE IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_mapped, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* Out of the guest for a kick, and back.
\* kvmspec/flush.py:108, arch/x86/kvm/x86.c:vcpu_run
vcpu_handle_ipi(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ fault_slot[cpu] = "NONE"
    /\ vcpu_mode[cpu] = "EXITING_GUEST_MODE"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_new_spte, vcpu_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                               "vmentry.vcpu_enter_guest.test_and_clear_bit"]
                        /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                   ELSE /\ IF spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu_gfn[cpu]] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "kvm_faultin_pfn.READ_ONCE"]
                                            /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                                       ELSE /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                                                   [spte[vcpu_gfn[cpu]] EXCEPT
                                                       !.writable = TRUE]]
                                            /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                                   spte[vcpu_gfn[cpu]]]
                                            /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                                   "fast_page_fault.try_cmpxchg"]
                             ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "kvm_faultin_pfn.READ_ONCE"]
                                  /\ UNCHANGED <<vcpu_new_spte, vcpu_spte>>
                        /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_mapped,
                   vcpu_old_spte>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ ~page_locked[vcpu_gfn[cpu]]
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, vcpu_gfn, vcpu_mapped, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/faults.py:149, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:151, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.READ_ONCE"
    /\ IF ~host_pte_readonly[vcpu_gfn[cpu]]
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_unlock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu_gfn[cpu]].present /\ is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
         THEN /\ vcpu_mapped' = [vcpu_mapped EXCEPT ![cpu] = TRUE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_finish_page_fault.set_bit"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     IF spte[vcpu_gfn[cpu]].writable
                       THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
                       ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
              /\ UNCHANGED vcpu_mapped
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn,
                   vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:133, arch/x86/kvm/mmu/mmu.c:kvm_mmu_finish_page_fault
vcpu_kvm_mmu_finish_page_fault_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_finish_page_fault.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_mapped' = [vcpu_mapped EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_unlock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/faults.py:149, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_unlock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:83, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vmentry.kvm_vcpu_flush_tlb_all"
             ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:84, arch/x86/kvm/x86.c:kvm_vcpu_flush_tlb_all
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:89, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:67, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
             THEN "vcpu_enter_guest.WRITE_ONCE_2"
             ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:91, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:93, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:70, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vcpu_enter_guest.WRITE_ONCE_2"
             ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:220, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu_gfn[cpu]]
         THEN /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                     [present |-> TRUE, writable |-> FALSE, mmu_writable |-> FALSE,
                      host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
              /\ UNCHANGED vcpu_new_spte
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
         THEN /\ spte' = [spte EXCEPT ![vcpu_gfn[cpu]] = vcpu_new_spte[cpu]]
              /\ vcpu_mapped' = [vcpu_mapped EXCEPT ![cpu] = TRUE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_finish_page_fault.set_bit"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_unlock"]
              /\ UNCHANGED <<spte, vcpu_mapped>>
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.set_bit"]
              /\ UNCHANGED vcpu_new_spte
         ELSE /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
                     [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                      host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:224, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] =
           [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
            accessed |-> TRUE, dirty |-> TRUE]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped, vcpu_old_spte,
                   vcpu_spte>>

\* kvmspec/faults.py:106, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_new_spte' = [vcpu_new_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
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
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_mapped, vcpu_old_spte>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/faults.py:81, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_mapped, vcpu_old_spte, vcpu_new_spte,
                   vcpu_spte>>

\* kvmspec/flush.py:83, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
             ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped, vcpu_old_spte,
                   vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:84, arch/x86/kvm/x86.c:kvm_vcpu_flush_tlb_all
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:89, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:67, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
             THEN "vcpu_enter_guest.WRITE_ONCE_4"
             ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:91, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:93, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu_pc[cpu] = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

\* kvmspec/flush.py:70, arch/x86/kvm/x86.c:kvm_vcpu_exit_request
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF tlb_flush_requested[cpu]
             THEN "vcpu_enter_guest.WRITE_ONCE_4"
             ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly, page_dirty, vcpu_gfn, vcpu_mapped,
                   vcpu_old_spte, vcpu_new_spte, vcpu_spte>>

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
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, page_written, unreported>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_kvm_make_all_cpus_request_WRITE_ONCE
    \/ zapper_kvm_kick_many_cpus
    \/ zapper_kvm_make_all_cpus_request_wait
    \/ zapper_kvm_unmap_gfn_range_write_unlock
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
        \/ vcpu_direct_page_fault_READ_ONCE(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_kvm_mmu_finish_page_fault_set_bit(cpu)
        \/ vcpu_direct_page_fault_read_unlock(cpu)
        \/ vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu)
        \/ vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu)
        \/ vcpu_vmentry_enter_guest(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
        \/ vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu)
        \/ vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu)
        \/ vcpu_handle_ipi_enter_guest(cpu)
        \/ vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu)
        \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

zapper_steps ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_kvm_make_all_cpus_request_WRITE_ONCE
    \/ zapper_kvm_kick_many_cpus
    \/ zapper_kvm_make_all_cpus_request_wait
    \/ zapper_kvm_unmap_gfn_range_write_unlock
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

vcpu_steps(self) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(self, gfn)
    \/ vcpu_handle_ipi(self)
    \/ vcpu_fast_page_fault_READ_ONCE(self)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(self)
    \/ vcpu_handle_mm_fault(self)
    \/ vcpu_direct_page_fault_read_lock(self)
    \/ vcpu_direct_page_fault_READ_ONCE(self)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(self)
    \/ vcpu_kvm_mmu_finish_page_fault_set_bit(self)
    \/ vcpu_direct_page_fault_read_unlock(self)
    \/ vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(self)
    \/ vcpu_vmentry_kvm_vcpu_flush_tlb_all(self)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_1(self)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_1(self)
    \/ vcpu_vmentry_enter_guest(self)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_2(self)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_2(self)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(self)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(self)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(self)
    \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(self)
    \/ vcpu_fast_page_fault_try_cmpxchg(self)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(self)
    \/ vcpu_mark_page_dirty_in_slot_set_bit(self)
    \/ vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(self)
    \/ vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(self)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_3(self)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_3(self)
    \/ vcpu_handle_ipi_enter_guest(self)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_4(self)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_4(self)

\* Who does not stop for ever in front of a step that stays possible.
Fairness ==
    /\ WF_vars(zapper_steps)
    /\ \A self \in Vcpu : WF_vars(vcpu_steps(self))

FairSpec == Spec /\ Fairness

\* A vCPU that is asked to flush its TLB has nothing of before in it in the end.
\* kvmspec/in_motion.py:48
requested_flush_is_done ==
    \A cpu \in Vcpu : tlb_flush_requested[cpu] ~> ~(\E gfn \in Gfn : tlb[cpu][gfn].writable)


=============================================================================
