------------------------------ MODULE log_by_rings_wp_5_19 ------------------------------
(***************************************************************************
 A page is aged again and again while user space logs with dirty rings.

   kernel 5.19, method wp
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, eager_page_split, freed, guest_mode, guest_only_reads,
   host_page_is_huge, memory, page_dirty, page_locked, page_written,
   pml_buffer, pml_enabled, rcu_read_lock, root, root_tlb,
   shadow_spte_is_old, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, tlb_flush_requested,
   unlinked, unlinked_twice, upper, vcpu_mode, walk_cache, write_tracked.

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
    spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly, unreported,
    ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_taken, dirty_log_old_spte,
    dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte

vars == <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
          unreported, ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_taken,
          dirty_log_old_spte, dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte,
          vcpu_new_spte>>

\* No step of ager changes these.
ager_frame == <<tlb, slot_logs, fault_slot, dirty_bitmap, host_pte_readonly, unreported,
                dirty_log_pc, dirty_log_taken, dirty_log_old_spte, dirty_log_result, vcpu_pc,
                vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of dirty_log changes these.
dirty_log_frame == <<fault_slot, host_pte_readonly, ager_pc, ager_gfn, ager_old_spte, vcpu_pc,
                     vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, slot_logs, unreported, ager_pc, ager_gfn, ager_old_spte, dirty_log_pc,
                dirty_log_taken, dirty_log_old_spte, dirty_log_result>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<slot_logs, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                         ager_pc, ager_gfn, ager_old_spte, dirty_log_pc, dirty_log_taken,
                         dirty_log_old_spte, dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_old_spte,
                         vcpu_spte, vcpu_new_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte               \in [Gfn -> Spte]
    /\ tlb                \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_logs          \in BOOLEAN
    /\ fault_slot         \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap       \in [Gfn -> BOOLEAN]
    /\ mmu_lock           \in -1..3
    /\ host_pte_readonly  \in [Gfn -> BOOLEAN]
    /\ unreported         \in [Gfn -> BOOLEAN]
    /\ ager_pc            \in {"idle", "kvm_tdp_mmu_write_spte.xchg",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ ager_gfn           \in Gfn \cup {None}
    /\ ager_old_spte      \in Spte
    /\ dirty_log_pc       \in {"idle", "kvm_swap_active_memslots.wait",
                               "kvm_mmu_slot_remove_write_access.read_lock",
                               "wrprot_gfn_range.READ_ONCE",
                               "kvm_mmu_slot_remove_write_access.read_unlock",
                               "kvm_mmu_slot_remove_write_access.flush_at_once",
                               "kvm_dirty_ring_reset.xchg", "kvm_dirty_ring_reset.write_lock",
                               "kvm_dirty_ring_reset.flush_at_once", "copy_to_user",
                               "kvm_tdp_mmu_write_spte.xchg",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                               "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"}
    /\ dirty_log_taken    \in [Gfn -> BOOLEAN]
    /\ dirty_log_old_spte \in Spte
    /\ dirty_log_result   \in BOOLEAN
    /\ vcpu_pc            \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                        "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
                                        "direct_page_fault.read_lock",
                                        "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                        "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                        "tdp_mmu_map_handle_target_level.set_bit",
                                        "tdp_mmu_set_spte_atomic.try_cmpxchg", "enter_guest",
                                        "fast_page_fault.try_cmpxchg",
                                        "mark_page_dirty_in_slot.READ_ONCE",
                                        "mark_page_dirty_in_slot.set_bit"}]
    /\ vcpu_gfn           \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte      \in [Vcpu -> Spte]
    /\ vcpu_spte          \in [Vcpu -> Spte]
    /\ vcpu_new_spte      \in [Vcpu -> Spte]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty) \/ ~s.accessed

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

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
\* kvmspec/spte.py:157
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable]

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:146
relies_on_log ==
    dirty_log_pc \in {"kvm_dirty_ring_reset.xchg", "kvm_dirty_ring_reset.write_lock",
                      "kvm_dirty_ring_reset.flush_at_once", "copy_to_user",
                      "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}

\* A page is on its way into the dirty bitmap.
\* kvmspec/machine.py:147
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu_pc[cpu] \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu_gfn[cpu] = gfn

\* The page was taken out of the bitmap, and will be reported.
\* kvmspec/machine.py:148
harvesting(gfn) ==
    /\ dirty_log_pc \in {"kvm_dirty_ring_reset.xchg", "kvm_dirty_ring_reset.write_lock",
                         "kvm_dirty_ring_reset.flush_at_once", "copy_to_user",
                         "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ dirty_log_taken[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
\* kvmspec/invariants.py:30
dirty_implies_logged ==
    \A gfn \in Gfn : ~unreported[gfn] \/ dirty_bitmap[gfn] \/ marking(gfn) \/ harvesting(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ ager_pc = "idle"
    /\ ager_gfn = None
    /\ ager_old_spte = NoSpte
    /\ dirty_log_pc = "idle"
    /\ dirty_log_taken = [g \in Gfn |-> FALSE]
    /\ dirty_log_old_spte = NoSpte
    /\ dirty_log_result = FALSE
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_new_spte = [v \in Vcpu |-> NoSpte]

\* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
\* kvmspec/notifiers.py:17, virt/kvm/kvm_main.c:kvm_mmu_notifier_clear_young
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present \/ ~spte[gfn].accessed
         THEN /\ ager_pc' = "idle"
              /\ UNCHANGED <<mmu_lock, ager_gfn, ager_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ ager_gfn' = gfn
              /\ ager_old_spte' = spte[gfn]
              /\ ager_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<ager_frame, spte>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_xchg ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![ager_gfn] = [ager_old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "idle"
    /\ UNCHANGED ager_frame

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![ager_gfn] = [ager_old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager_gfn' = None
    /\ ager_old_spte' = NoSpte
    /\ ager_pc' = "idle"
    /\ UNCHANGED ager_frame

\* User space turns dirty logging on, and takes dirty pages from rings again and again.
\* kvmspec/dirty_log.py:87, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log_with_rings ==
    /\ dirty_log_pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, mmu_lock, unreported, dirty_log_taken,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:89, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_taken, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:45, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_unlock"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED dirty_log_result
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_taken>>

\* kvmspec/tdp_mmu.py:159, arch/x86/kvm/mmu/tdp_mmu.c:wrprot_gfn_range
dirty_log_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log_pc = "wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.read_unlock"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' = "tdp_mmu_set_spte_atomic.try_cmpxchg"
              /\ UNCHANGED dirty_log_result
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_taken>>

\* kvmspec/dirty_log.py:45, arch/x86/kvm/mmu/mmu.c:kvm_mmu_slot_remove_write_access
dirty_log_kvm_mmu_slot_remove_write_access_read_unlock ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ IF dirty_log_result
         THEN /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.flush_at_once"
              /\ UNCHANGED dirty_log_taken
         ELSE /\ dirty_log_taken' = [gfn \in Gfn |-> FALSE]
              /\ dirty_log_pc' = "kvm_dirty_ring_reset.xchg"
              /\ UNCHANGED dirty_log_result
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_old_spte>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once ==
    /\ dirty_log_pc = "kvm_mmu_slot_remove_write_access.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_taken' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_dirty_ring_reset.xchg"
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:187, virt/kvm/dirty_ring.c:kvm_dirty_ring_reset
dirty_log_kvm_dirty_ring_reset_xchg ==
    /\ dirty_log_pc = "kvm_dirty_ring_reset.xchg"
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_taken' = dirty_bitmap
    /\ dirty_log_pc' =
           IF dirty_bitmap[0]
             THEN "kvm_dirty_ring_reset.write_lock"
             ELSE IF \E gfn \in Gfn : dirty_bitmap[gfn]
                    THEN "kvm_dirty_ring_reset.flush_at_once"
                    ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, mmu_lock, unreported,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:190, virt/kvm/dirty_ring.c:kvm_dirty_ring_reset
dirty_log_kvm_dirty_ring_reset_write_lock ==
    /\ dirty_log_pc = "kvm_dirty_ring_reset.write_lock"
    /\ mmu_lock = 0
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_log_taken[gfn]
                       THEN "kvm_dirty_ring_reset.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED <<mmu_lock, dirty_log_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ dirty_log_old_spte' = spte[0]
              /\ dirty_log_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, unreported,
                   dirty_log_taken, dirty_log_result>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_dirty_ring_reset_flush_at_once ==
    /\ dirty_log_pc = "kvm_dirty_ring_reset.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log_pc' = "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock, unreported,
                   dirty_log_taken, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:194, virt/kvm/dirty_ring.c:kvm_dirty_ring_reset
dirty_log_copy_to_user ==
    /\ dirty_log_pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log_taken[gfn]]
    /\ dirty_log_taken' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_dirty_ring_reset.xchg"
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock,
                   dirty_log_old_spte, dirty_log_result>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_xchg ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_taken[gfn]
             THEN "kvm_dirty_ring_reset.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, unreported, dirty_log_taken,
                   dirty_log_result>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_taken[gfn]
             THEN "kvm_dirty_ring_reset.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, unreported, dirty_log_taken,
                   dirty_log_result>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log_pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF spte[0] = dirty_log_old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log_old_spte EXCEPT !.writable = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_pc' = "kvm_mmu_slot_remove_write_access.flush_at_once"
         ELSE /\ dirty_log_pc' = "wrprot_gfn_range.READ_ONCE"
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap, unreported, dirty_log_taken,
                   dirty_log_result>>

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:146, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly, vcpu_old_spte,
                   vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:93, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_faultin_pfn.READ_ONCE"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte, vcpu_new_spte>>
         ELSE /\ IF is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
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
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte>>

\* kvmspec/faults.py:125, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF host_pte_readonly[vcpu_gfn[cpu]]
             THEN "handle_mm_fault"
             ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:126, arch/x86/kvm/mmu/mmu.c:kvm_faultin_pfn
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu_gfn[cpu]] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

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
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly, vcpu_old_spte,
                   vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF fault_slot[cpu] = "LOGGED"
             THEN "tdp_mmu_map_handle_target_level.set_bit"
             ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:224, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN make_spte(vcpu_old_spte[cpu])
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly, vcpu_spte,
                   vcpu_new_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

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
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<spte, vcpu_gfn>>
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly,
                   vcpu_old_spte, vcpu_spte, vcpu_new_spte>>

\* kvmspec/faults.py:81, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu_old_spte,
                   vcpu_spte, vcpu_new_spte>>

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
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, unreported>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ ager_pc \in {"idle"}
    /\ dirty_log_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_kvm_tdp_mmu_write_spte_xchg
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_log_with_rings
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_unlock
    \/ dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once
    \/ dirty_log_kvm_dirty_ring_reset_xchg
    \/ dirty_log_kvm_dirty_ring_reset_write_lock
    \/ dirty_log_kvm_dirty_ring_reset_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
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
        \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
