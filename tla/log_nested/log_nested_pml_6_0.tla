------------------------------ MODULE log_nested_pml_6_0 ------------------------------
(***************************************************************************
 User space logs while vCPUs run the guest, L1, and a guest of it, L2.

   kernel 6.0, method pml
   1 Vcpu, 1 Gfn, 2 PageTable

 Left out, since nothing here depends on it:
   allocated, eager_page_split, freed, guest_only_reads, host_page_is_huge,
   host_pte_readonly, memory, page_dirty, page_locked, page_written,
   rcu_read_lock, shadow_spte_is_old, slot_missing, slots_generation,
   slots_update_in_progress, spte, store_buffer, tlb, tlb_flush_requested,
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
PageTable == {0, 1}

VARIABLES
    table, guest_mode, root, root_tlb, pml_buffer, pml_enabled, slot_logs, fault_slot,
    dirty_bitmap, mmu_lock, unreported, dirty_log_pc, dirty_log_mask, dirty_log_old_spte,
    dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_spte, vcpu_root

vars == <<table, guest_mode, root, root_tlb, pml_buffer, pml_enabled, slot_logs, fault_slot,
          dirty_bitmap, mmu_lock, unreported, dirty_log_pc, dirty_log_mask, dirty_log_old_spte,
          dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_spte, vcpu_root>>

\* No step of dirty_log changes these.
dirty_log_frame == <<guest_mode, root, fault_slot, vcpu_pc, vcpu_gfn, vcpu_spte, vcpu_root>>

\* No step of vcpu changes these.
vcpu_frame == <<guest_mode, root_tlb, pml_enabled, slot_logs, mmu_lock, unreported,
                dirty_log_pc, dirty_log_mask, dirty_log_old_spte, dirty_log_result>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<guest_mode, root, pml_enabled, slot_logs, fault_slot, dirty_bitmap,
                         mmu_lock, dirty_log_pc, dirty_log_mask, dirty_log_old_spte,
                         dirty_log_result, vcpu_pc, vcpu_gfn, vcpu_spte, vcpu_root>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ table              \in [PageTable -> Spte]
    /\ guest_mode         \in [PageTable -> BOOLEAN]
    /\ root               \in [Vcpu -> PageTable \cup {None}]
    /\ root_tlb           \in [Vcpu -> [PageTable -> TlbEntry]]
    /\ pml_buffer         \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled        \in BOOLEAN
    /\ slot_logs          \in BOOLEAN
    /\ fault_slot         \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap       \in [Gfn -> BOOLEAN]
    /\ mmu_lock           \in -1..2
    /\ unreported         \in [Gfn -> BOOLEAN]
    /\ dirty_log_pc       \in {"idle", "kvm_swap_active_memslots.wait",
                               "kvm_mmu_update_cpu_dirty_logging",
                               "kvm_mmu_slot_apply_flags.read_lock",
                               "clear_dirty_gfn_range.READ_ONCE_1",
                               "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE",
                               "clear_dirty_gfn_range.READ_ONCE_2",
                               "kvm_mmu_slot_apply_flags.flush_at_once",
                               "kvm_get_dirty_log_protect.write_lock",
                               "tdp_mmu_need_write_protect.READ_ONCE_1",
                               "clear_dirty_pt_masked.READ_ONCE_1",
                               "tdp_mmu_need_write_protect.READ_ONCE_2",
                               "clear_dirty_pt_masked.READ_ONCE_2",
                               "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                               "kvm_tdp_mmu_write_spte.xchg_1",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                               "kvm_tdp_mmu_write_spte.xchg_2",
                               "kvm_tdp_mmu_write_spte.WRITE_ONCE_2",
                               "clear_dirty_gfn_range.try_cmpxchg_1",
                               "clear_dirty_gfn_range.try_cmpxchg_2", "done"}
    /\ dirty_log_mask     \in [Gfn -> BOOLEAN]
    /\ dirty_log_old_spte \in Spte
    /\ dirty_log_result   \in BOOLEAN
    /\ vcpu_pc            \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE", "enter_guest",
                                        "fast_page_fault.try_cmpxchg",
                                        "mark_page_dirty_in_slot.READ_ONCE",
                                        "mark_page_dirty_in_slot.set_bit"}]
    /\ vcpu_gfn           \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_spte          \in [Vcpu -> Spte]
    /\ vcpu_root          \in [Vcpu -> PageTable \cup {None}]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(spte) ==
    (~spte.writable /\ spte.mmu_writable) \/ (spte.writable /\ ~spte.dirty) \/ ~spte.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:15
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* Does the vCPU run guest code, L1 or L2, by this root?
\* kvmspec/roots.py:74
runs_on(cpu, r) ==
    in_guest(cpu) /\ root[cpu] = r

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Is there anything in the vCPU's PML buffer?
\* kvmspec/faults.py:30
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(spte) ==
    spte.writable /\ spte.dirty

\* User space takes each page that the dirty log does not name for clean.
\* kvmspec/machine.py:146
relies_on_log ==
    dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock",
                      "tdp_mmu_need_write_protect.READ_ONCE_1",
                      "clear_dirty_pt_masked.READ_ONCE_1",
                      "tdp_mmu_need_write_protect.READ_ONCE_2",
                      "clear_dirty_pt_masked.READ_ONCE_2",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "kvm_tdp_mmu_write_spte.xchg_1", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                      "kvm_tdp_mmu_write_spte.xchg_2", "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}

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
    /\ dirty_log_pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "tdp_mmu_need_write_protect.READ_ONCE_1",
                         "clear_dirty_pt_masked.READ_ONCE_1",
                         "tdp_mmu_need_write_protect.READ_ONCE_2",
                         "clear_dirty_pt_masked.READ_ONCE_2",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "kvm_tdp_mmu_write_spte.xchg_1",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                         "kvm_tdp_mmu_write_spte.xchg_2", "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}
    /\ dirty_log_mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
\* kvmspec/invariants.py:30
dirty_implies_logged ==
    \A gfn \in Gfn :
        \/ ~unreported[gfn]
        \/ dirty_bitmap[gfn]
        \/ \E cpu \in Vcpu : pml_buffer[cpu][gfn]
        \/ marking(gfn)
        \/ harvesting(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ \E nested \in PageTable :
           /\ \E r \in PageTable :
                  /\ r # nested
                  /\ table = [t \in PageTable |->
                                 [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
                  /\ guest_mode = [[p \in PageTable |-> FALSE] EXCEPT ![nested] = TRUE]
                  /\ root = [cpu \in Vcpu |-> r]
                  /\ root_tlb = [v \in Vcpu |-> [p \in PageTable |-> NoTlbEntry]]
                  /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
                  /\ pml_enabled = FALSE
                  /\ slot_logs = FALSE
                  /\ fault_slot = [v \in Vcpu |-> "NONE"]
                  /\ dirty_bitmap = [g \in Gfn |-> FALSE]
                  /\ mmu_lock = 0
                  /\ unreported = [g \in Gfn |-> FALSE]
                  /\ dirty_log_pc = "idle"
                  /\ dirty_log_mask = [g \in Gfn |-> FALSE]
                  /\ dirty_log_old_spte = NoSpte
                  /\ dirty_log_result = FALSE
                  /\ vcpu_pc = [v \in Vcpu |-> "idle"]
                  /\ vcpu_gfn = [v \in Vcpu |-> None]
                  /\ vcpu_spte = [v \in Vcpu |-> NoSpte]
                  /\ vcpu_root = [v \in Vcpu |-> None]

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvmspec/dirty_log.py:87, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_log ==
    /\ dirty_log_pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_swap_active_memslots.wait"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, mmu_lock,
                   unreported, dirty_log_mask, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/dirty_log.py:89, virt/kvm/kvm_main.c:kvm_swap_active_memslots
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log_pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log_pc' = "kvm_mmu_update_cpu_dirty_logging"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_old_spte,
                   dirty_log_result>>

\* kvmspec/roots.py:203, arch/x86/kvm/x86.c:kvm_mmu_update_cpu_dirty_logging
dirty_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log_pc = "kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.read_lock"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, slot_logs, dirty_bitmap, mmu_lock,
                   unreported, dirty_log_mask, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/roots.py:162, arch/x86/kvm/x86.c:kvm_mmu_slot_apply_flags
dirty_log_kvm_mmu_slot_apply_flags_read_lock ==
    /\ dirty_log_pc = "kvm_mmu_slot_apply_flags.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ dirty_log_result' = guest_mode[0]
    /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_1"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported, dirty_log_mask, dirty_log_old_spte>>

\* kvmspec/roots.py:150, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_READ_ONCE_1 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.READ_ONCE_1"
    /\ IF \/ ~table[0].present
          \/ ~((table[0].writable /\ dirty_log_result) \/ (table[0].dirty /\ ~dirty_log_result))
         THEN /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = table[0]
              /\ dirty_log_pc' = "clear_dirty_gfn_range.try_cmpxchg_2"
              /\ UNCHANGED dirty_log_result
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask>>

\* kvmspec/roots.py:141, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_need_write_protect
dirty_log_clear_dirty_gfn_range_tdp_mmu_need_write_protect_READ_ONCE ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE"
    /\ dirty_log_result' = guest_mode[1]
    /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_2"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_old_spte>>

\* kvmspec/roots.py:150, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_READ_ONCE_2 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.READ_ONCE_2"
    /\ IF \/ ~table[1].present
          \/ ~((table[1].writable /\ dirty_log_result) \/ (table[1].dirty /\ ~dirty_log_result))
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.flush_at_once"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = table[1]
              /\ dirty_log_pc' = "clear_dirty_gfn_range.try_cmpxchg_1"
              /\ UNCHANGED <<mmu_lock, dirty_log_result>>
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported, dirty_log_mask>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_mmu_slot_apply_flags_flush_at_once ==
    /\ dirty_log_pc = "kvm_mmu_slot_apply_flags.flush_at_once"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, table, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/roots.py:188, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_mask' = dirty_bitmap
    /\ IF \E gfn \in Gfn : dirty_bitmap[gfn]
         THEN /\ mmu_lock' = -1
              /\ dirty_log_pc' = "tdp_mmu_need_write_protect.READ_ONCE_1"
         ELSE /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_bitmap[gfn]
                       THEN "kvm_get_dirty_log_protect.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   unreported, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/roots.py:141, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_need_write_protect
dirty_log_tdp_mmu_need_write_protect_READ_ONCE_1 ==
    /\ dirty_log_pc = "tdp_mmu_need_write_protect.READ_ONCE_1"
    /\ dirty_log_result' = guest_mode[0]
    /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE_1"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_old_spte>>

\* kvmspec/roots.py:174, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE_1 ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE_1"
    /\ IF \/ ~table[0].present
          \/ ~((table[0].writable /\ dirty_log_result) \/ (table[0].dirty /\ ~dirty_log_result))
         THEN /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "tdp_mmu_need_write_protect.READ_ONCE_2"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = table[0]
              /\ dirty_log_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(table[0])
                       THEN "kvm_tdp_mmu_write_spte.xchg_2"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
              /\ UNCHANGED dirty_log_result
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask>>

\* kvmspec/roots.py:141, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_need_write_protect
dirty_log_tdp_mmu_need_write_protect_READ_ONCE_2 ==
    /\ dirty_log_pc = "tdp_mmu_need_write_protect.READ_ONCE_2"
    /\ dirty_log_result' = guest_mode[1]
    /\ dirty_log_pc' = "clear_dirty_pt_masked.READ_ONCE_2"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported, dirty_log_mask, dirty_log_old_spte>>

\* kvmspec/roots.py:174, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_pt_masked
dirty_log_clear_dirty_pt_masked_READ_ONCE_2 ==
    /\ dirty_log_pc = "clear_dirty_pt_masked.READ_ONCE_2"
    /\ IF \/ ~table[1].present
          \/ ~((table[1].writable /\ dirty_log_result) \/ (table[1].dirty /\ ~dirty_log_result))
         THEN /\ mmu_lock' = 0
              /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' =
                     IF \E gfn \in Gfn : dirty_log_mask[gfn]
                       THEN "kvm_get_dirty_log_protect.flush_at_once"
                       ELSE "copy_to_user"
              /\ UNCHANGED dirty_log_old_spte
         ELSE /\ dirty_log_old_spte' = table[1]
              /\ dirty_log_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(table[1])
                       THEN "kvm_tdp_mmu_write_spte.xchg_1"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
              /\ UNCHANGED <<mmu_lock, dirty_log_result>>
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported, dirty_log_mask>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log_pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ dirty_log_pc' = "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, table, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported, dirty_log_mask, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/roots.py:195, virt/kvm/kvm_main.c:kvm_get_dirty_log_protect
dirty_log_copy_to_user ==
    /\ dirty_log_pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log_mask[gfn]]
    /\ dirty_log_mask' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log_pc' = "kvm_get_dirty_log_protect.write_lock"
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, dirty_log_old_spte, dirty_log_result>>

\* kvmspec/two_levels.py:75, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_xchg_1 ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.xchg_1"
    /\ table' =
           [table EXCEPT
               ![1] = [dirty_log_old_spte EXCEPT
                          !.writable = dirty_log_old_spte.writable /\ ~dirty_log_result,
                          !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_result' = FALSE
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_mask[gfn]
             THEN "kvm_get_dirty_log_protect.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported, dirty_log_mask>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ table' =
           [table EXCEPT
               ![1] = [dirty_log_old_spte EXCEPT
                          !.writable = dirty_log_old_spte.writable /\ ~dirty_log_result,
                          !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
    /\ mmu_lock' = 0
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_result' = FALSE
    /\ dirty_log_pc' =
           IF \E gfn \in Gfn : dirty_log_mask[gfn]
             THEN "kvm_get_dirty_log_protect.flush_at_once"
             ELSE "copy_to_user"
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported, dirty_log_mask>>

\* kvmspec/two_levels.py:75, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_xchg_2 ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.xchg_2"
    /\ table' =
           [table EXCEPT
               ![0] = [dirty_log_old_spte EXCEPT
                          !.writable = dirty_log_old_spte.writable /\ ~dirty_log_result,
                          !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_result' = FALSE
    /\ dirty_log_pc' = "tdp_mmu_need_write_protect.READ_ONCE_2"
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported, dirty_log_mask>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ dirty_log_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ table' =
           [table EXCEPT
               ![0] = [dirty_log_old_spte EXCEPT
                          !.writable = dirty_log_old_spte.writable /\ ~dirty_log_result,
                          !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
    /\ dirty_log_old_spte' = NoSpte
    /\ dirty_log_result' = FALSE
    /\ dirty_log_pc' = "tdp_mmu_need_write_protect.READ_ONCE_2"
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported, dirty_log_mask>>

\* kvmspec/roots.py:153, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_try_cmpxchg_1 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.try_cmpxchg_1"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF table[1] = dirty_log_old_spte
         THEN /\ table' =
                     [table EXCEPT
                         ![1] = [dirty_log_old_spte EXCEPT
                                    !.writable = /\ dirty_log_old_spte.writable
                                                 /\ ~dirty_log_result,
                                    !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "kvm_mmu_slot_apply_flags.flush_at_once"
         ELSE /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_2"
              /\ UNCHANGED <<table, mmu_lock, dirty_log_result>>
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported, dirty_log_mask>>

\* kvmspec/roots.py:153, arch/x86/kvm/mmu/tdp_mmu.c:clear_dirty_gfn_range
dirty_log_clear_dirty_gfn_range_try_cmpxchg_2 ==
    /\ dirty_log_pc = "clear_dirty_gfn_range.try_cmpxchg_2"
    /\ dirty_log_old_spte' = NoSpte
    /\ IF table[0] = dirty_log_old_spte
         THEN /\ table' =
                     [table EXCEPT
                         ![0] = [dirty_log_old_spte EXCEPT
                                    !.writable = /\ dirty_log_old_spte.writable
                                                 /\ ~dirty_log_result,
                                    !.dirty = dirty_log_old_spte.dirty /\ dirty_log_result]]
              /\ dirty_log_result' = FALSE
              /\ dirty_log_pc' = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE"
         ELSE /\ dirty_log_pc' = "clear_dirty_gfn_range.READ_ONCE_1"
              /\ UNCHANGED <<table, dirty_log_result>>
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported, dirty_log_mask>>

\* A write fault, of L1 or of L2: both roots are direct.
\* kvmspec/roots.py:240, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E r \in PageTable :
           /\ runs_on(cpu, r)
           /\ ~translates(table[r], TRUE)
           /\ ~root_tlb[cpu][r].writable
           /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
           /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
           /\ vcpu_root' = [vcpu_root EXCEPT ![cpu] = r]
           /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
           /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, dirty_bitmap, vcpu_spte>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* kvmspec/faults.py:54, arch/x86/kvm/vmx/vmx.c:vmx_flush_pml_buffer
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ IF pml_buffer[cpu][0]
         THEN /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
              /\ dirty_bitmap' =
                     IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
         ELSE /\ UNCHANGED <<pml_buffer, dirty_bitmap>>
    /\ UNCHANGED <<vcpu_frame, table, root, fault_slot, vcpu_gfn, vcpu_spte, vcpu_root>>

\* L1 runs L2, or L2 exits to L1 (nested_vmx_vmexit()).
\* kvmspec/roots.py:127, arch/x86/kvm/vmx/nested.c:nested_vmx_enter_non_root_mode
vcpu_enter_or_leave_l2(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E r \in PageTable :
           /\ in_guest(cpu)
           /\ r # root[cpu]
           /\ ~has_logged(cpu)
           /\ root' = [root EXCEPT ![cpu] = r]
           /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
           /\ UNCHANGED <<vcpu_frame, table, pml_buffer, fault_slot, dirty_bitmap, vcpu_gfn,
                          vcpu_spte, vcpu_root>>

\* kvmspec/roots.py:217, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF is_access_allowed(table[vcpu_root[cpu]], TRUE)
         THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_root' = [vcpu_root EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
              /\ UNCHANGED vcpu_spte
         ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = table[vcpu_root[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.try_cmpxchg"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_root>>
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, fault_slot, dirty_bitmap>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_enter_guest(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, dirty_bitmap, vcpu_gfn, vcpu_spte,
                   vcpu_root>>

\* kvmspec/roots.py:220, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF table[vcpu_root[cpu]] = vcpu_spte[cpu]
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu_root[cpu]] = [vcpu_spte[cpu] EXCEPT !.writable = TRUE]]
              /\ vcpu_root' = [vcpu_root EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.READ_ONCE"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED <<table, vcpu_root>>
    /\ UNCHANGED <<vcpu_frame, root, pml_buffer, fault_slot, dirty_bitmap, vcpu_gfn>>

\* kvmspec/faults.py:80, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.set_bit"]
              /\ UNCHANGED vcpu_gfn
         ELSE /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, fault_slot, dirty_bitmap, vcpu_spte,
                   vcpu_root>>

\* kvmspec/faults.py:81, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu_gfn[cpu]] = TRUE]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, fault_slot, vcpu_spte, vcpu_root>>

\* As page_walk_for_read(). A translation belongs to its root, and outlives a switch.
\* kvmspec/roots.py:80, SDM vol. 3, 29.3.2 and 29.3.5
walk_root_for_read(cpu, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], FALSE)
    /\ ~root_tlb[cpu][r].writable
    /\ table' = [table EXCEPT ![r].accessed = TRUE]
    /\ root_tlb' =
           [root_tlb EXCEPT
               ![cpu][r] = [writable |-> table[r].writable,
                            dirty |-> need_not_set_dirty(table[r])]]
    /\ UNCHANGED <<Vcpu_hardware_frame, pml_buffer, unreported>>

\* As page_walk_for_write(), but KVM turns PML off for L2 (vmcs02).
\* kvmspec/roots.py:90, SDM vol. 3, 29.3.5 and 29.3.6
walk_root_for_write(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], TRUE)
    /\ ~root_tlb[cpu][r].dirty
    /\ table' = [table EXCEPT ![r].accessed = TRUE, ![r].dirty = TRUE]
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~guest_mode[r] /\ ~table[r].dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<Vcpu_hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/roots.py:102, SDM vol. 3, 29.3.5
write_through_root_tlb(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ root_tlb[cpu][r].dirty
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<Vcpu_hardware_frame, table, root_tlb, pml_buffer>>

\* A TLB entry may go at any time, of the root that is not in use, too.
\* kvmspec/roots.py:110, SDM vol. 3, 29.4.2
evict_from_root(cpu, r) ==
    /\ root_tlb[cpu][r].writable
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, table, pml_buffer, unreported>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ dirty_log_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ dirty_log_log
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_apply_flags_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_1
    \/ dirty_log_clear_dirty_gfn_range_tdp_mmu_need_write_protect_READ_ONCE
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_2
    \/ dirty_log_kvm_mmu_slot_apply_flags_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_tdp_mmu_need_write_protect_READ_ONCE_1
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_1
    \/ dirty_log_tdp_mmu_need_write_protect_READ_ONCE_2
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_2
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg_1
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg_2
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_2
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_1
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_2
    \/ \E cpu \in Vcpu, gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_vmx_handle_exit(cpu)
        \/ vcpu_enter_or_leave_l2(cpu)
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_enter_guest(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
        \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)
    \/ \E cpu \in Vcpu, r \in PageTable :
        \/ walk_root_for_read(cpu, r)
        \/ evict_from_root(cpu, r)
    \/ \E cpu \in Vcpu, gfn \in Gfn, r \in PageTable :
        \/ walk_root_for_write(cpu, gfn, r)
        \/ write_through_root_tlb(cpu, gfn, r)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
