------------------------------ MODULE log_nested_pml_5_18 ------------------------------
(***************************************************************************
 User space logs while vCPUs run the guest, L1, and a guest of it, L2.

   kernel 5.18, method pml, 1 vCPU, 1 gfn, 2 page table

 "KVM always disables PML when running L2, even when L1 and L2 GPAs are in
 the some domain, so failing to write-protect TDP MMU SPTEs will cause
 writes made by L2 to not be reflected in the dirty log." - 2673dfb591a3
 ("KVM: x86/mmu: Write-protect L2 SPTEs in TDP MMU when clearing dirty
 status")
   2673dfb591a3 write_protect_l2: dirty_implies_logged holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    table,         \* *sptep (4 KiB)
    guest_mode,    \* root->role.guest_mode
    root,          \* vcpu->arch.mmu->root
    root_tlb,      \* TLB
    pml_buffer,    \* PML buffer
    pml_enabled,   \* PML
    slot_logs,     \* slot->flags LOG_DIRTY
    fault_slot,    \* fault->slot
    dirty_bitmap,  \* slot->dirty_bitmap
    mmu_lock,      \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    unreported,    \* written, user space not told
    dirty_log,     \* the dirty log: its place in the code, and its locals
    vcpu           \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<table, guest_mode, root, root_tlb, pml_buffer, pml_enabled, slot_logs, fault_slot,
            dirty_bitmap, mmu_lock, unreported>>

\* No step of the dirty log changes these.
dirty_log_frame == <<guest_mode, root, fault_slot, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<guest_mode, root_tlb, pml_enabled, slot_logs, mmu_lock, unreported, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<guest_mode, root, pml_enabled, slot_logs, fault_slot, dirty_bitmap,
                    mmu_lock, dirty_log, vcpu>>

vars == <<shared, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_update_cpu_dirty_logging",
          "kvm_mmu_slot_apply_flags.read_lock", "clear_dirty_gfn_range.READ_ONCE_1",
          "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE",
          "clear_dirty_gfn_range.READ_ONCE_2", "kvm_mmu_slot_apply_flags.read_unlock",
          "kvm_mmu_slot_apply_flags.flush_at_once", "kvm_get_dirty_log_protect.write_lock",
          "tdp_mmu_need_write_protect.READ_ONCE_1", "clear_dirty_pt_masked.READ_ONCE_1",
          "tdp_mmu_need_write_protect.READ_ONCE_2", "clear_dirty_pt_masked.READ_ONCE_2",
          "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE_1", "kvm_tdp_mmu_write_spte.WRITE_ONCE_2",
          "clear_dirty_gfn_range.try_cmpxchg_1", "clear_dirty_gfn_range.try_cmpxchg_2", "done"},
     mask: [Gfn -> BOOLEAN],
     old_spte: Spte,
     result: BOOLEAN,
     spte_set: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     mask |-> [g \in Gfn |-> FALSE],
     old_spte |-> NoSpte,
     result |-> FALSE,
     spte_set |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "enter_guest", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "mark_page_dirty_in_slot.set_bit"},
     gfn: Gfn \cup {None},
     spte: Spte,
     root: PageTable \cup {None}]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     spte |-> NoSpte,
     root |-> None]

ASSUME None \notin PageTable
ASSUME None \notin Gfn

TypeOK ==
    /\ table        \in [PageTable -> Spte]
    /\ guest_mode   \in [PageTable -> BOOLEAN]
    /\ root         \in [Vcpu -> PageTable \cup {None}]
    /\ root_tlb     \in [Vcpu -> [PageTable -> TlbEntry]]
    /\ pml_buffer   \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled  \in BOOLEAN
    /\ slot_logs    \in BOOLEAN
    /\ fault_slot   \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap \in [Gfn -> BOOLEAN]
    /\ mmu_lock     \in -1..2
    /\ unreported   \in [Gfn -> BOOLEAN]
    /\ dirty_log    \in DirtyLogState
    /\ vcpu         \in [Vcpu -> VcpuState]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* Does the vCPU run guest code, L1 or L2, by this root?
runs_on(cpu, r) ==
    in_guest(cpu) /\ root[cpu] = r

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(spte) ==
    spte.writable /\ spte.dirty

\* User space takes each page that the dirty log does not name for clean.
relies_on_log ==
    dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock",
                      "tdp_mmu_need_write_protect.READ_ONCE_1",
                      "clear_dirty_pt_masked.READ_ONCE_1",
                      "tdp_mmu_need_write_protect.READ_ONCE_2",
                      "clear_dirty_pt_masked.READ_ONCE_2",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                      "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}

\* A page is on its way into the dirty bitmap.
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu[cpu].pc \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu[cpu].gfn = gfn

\* The page was taken out of the bitmap, and will be reported.
harvesting(gfn) ==
    /\ dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "tdp_mmu_need_write_protect.READ_ONCE_1",
                         "clear_dirty_pt_masked.READ_ONCE_1",
                         "tdp_mmu_need_write_protect.READ_ONCE_2",
                         "clear_dirty_pt_masked.READ_ONCE_2",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}
    /\ dirty_log.mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
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
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The dirty log: log()

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, mmu_lock,
                   unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_apply_flags.read_lock"]
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, slot_logs, dirty_bitmap, mmu_lock,
                   unreported>>

\* kvm_mmu_slot_apply_flags(), arch/x86/kvm/x86.c: read_lock(mmu_lock);
\* READ_ONCE(root->role.guest_mode)
dirty_log_kvm_mmu_slot_apply_flags_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_1",
                                      !.result = guest_mode[0]]
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_gfn_range_READ_ONCE_1 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE_1"
    /\ IF \/ ~table[0].present
          \/ ~((table[0].writable /\ dirty_log.result) \/ (table[0].dirty /\ ~dirty_log.result))
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE",
                     !.result = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.try_cmpxchg_2",
                                                !.old_spte = table[0]]
    /\ UNCHANGED <<shared, vcpu>>

\* tdp_mmu_need_write_protect(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(root->role.guest_mode)
dirty_log_clear_dirty_gfn_range_tdp_mmu_need_write_protect_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_2",
                                      !.result = guest_mode[1]]
    /\ UNCHANGED <<shared, vcpu>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_gfn_range_READ_ONCE_2 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE_2"
    /\ IF \/ ~table[1].present
          \/ ~((table[1].writable /\ dirty_log.result) \/ (table[1].dirty /\ ~dirty_log.result))
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_apply_flags.read_unlock",
                                                !.result = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.try_cmpxchg_1",
                                                !.old_spte = table[1]]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_slot_apply_flags(), arch/x86/kvm/x86.c: read_unlock(mmu_lock); spte_set
dirty_log_kvm_mmu_slot_apply_flags_read_unlock ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ IF dirty_log.spte_set
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_apply_flags.flush_at_once",
                     !.spte_set = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                                !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_mmu_slot_apply_flags_flush_at_once ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.flush_at_once"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, table, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_lock(mmu_lock);
\* xchg(slot->dirty_bitmap, 0); any(mask[gfn])
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ IF \E gfn \in Gfn : dirty_bitmap[gfn]
         THEN /\ mmu_lock' = -1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "tdp_mmu_need_write_protect.READ_ONCE_1",
                     !.mask = dirty_bitmap]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF \E gfn \in Gfn : dirty_bitmap[gfn]
                              THEN "kvm_get_dirty_log_protect.flush_at_once"
                              ELSE "copy_to_user",
                     !.mask = dirty_bitmap]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   unreported>>

\* tdp_mmu_need_write_protect(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(root->role.guest_mode)
dirty_log_tdp_mmu_need_write_protect_READ_ONCE_1 ==
    /\ dirty_log.pc = "tdp_mmu_need_write_protect.READ_ONCE_1"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE_1",
                                      !.result = guest_mode[0]]
    /\ UNCHANGED <<shared, vcpu>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE_1 ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE_1"
    /\ IF \/ ~table[0].present
          \/ ~((table[0].writable /\ dirty_log.result) \/ (table[0].dirty /\ ~dirty_log.result))
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "tdp_mmu_need_write_protect.READ_ONCE_2",
                     !.result = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2",
                                                !.old_spte = table[0]]
    /\ UNCHANGED <<shared, vcpu>>

\* tdp_mmu_need_write_protect(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(root->role.guest_mode)
dirty_log_tdp_mmu_need_write_protect_READ_ONCE_2 ==
    /\ dirty_log.pc = "tdp_mmu_need_write_protect.READ_ONCE_2"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE_2",
                                      !.result = guest_mode[1]]
    /\ UNCHANGED <<shared, vcpu>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE_2 ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE_2"
    /\ IF \/ ~table[1].present
          \/ ~((table[1].writable /\ dirty_log.result) \/ (table[1].dirty /\ ~dirty_log.result))
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                              THEN "kvm_get_dirty_log_protect.flush_at_once"
                              ELSE "copy_to_user",
                     !.result = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                                                !.old_spte = table[1]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, table, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log.mask[gfn]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, table, root_tlb, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB), old_spte &
\* ~dbit); write_unlock(mmu_lock); any(mask[gfn])
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ table' =
           [table EXCEPT
               ![1] = [dirty_log.old_spte EXCEPT
                          !.writable = dirty_log.old_spte.writable /\ ~dirty_log.result,
                          !.dirty = dirty_log.old_spte.dirty /\ dirty_log.result]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF \E gfn \in Gfn : dirty_log.mask[gfn]
                                               THEN "kvm_get_dirty_log_protect.flush_at_once"
                                               ELSE "copy_to_user",
                                      !.old_spte = NoSpte,
                                      !.result = FALSE]
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB), old_spte &
\* ~dbit)
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ table' =
           [table EXCEPT
               ![0] = [dirty_log.old_spte EXCEPT
                          !.writable = dirty_log.old_spte.writable /\ ~dirty_log.result,
                          !.dirty = dirty_log.old_spte.dirty /\ dirty_log.result]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_need_write_protect.READ_ONCE_2",
                                      !.old_spte = NoSpte,
                                      !.result = FALSE]
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (4 KiB), old_spte,
\* old_spte & ~dbit); ok
dirty_log_clear_dirty_gfn_range_try_cmpxchg_1 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.try_cmpxchg_1"
    /\ IF table[1] = dirty_log.old_spte
         THEN /\ table' =
                     [table EXCEPT
                         ![1] = [dirty_log.old_spte EXCEPT
                                    !.writable = /\ dirty_log.old_spte.writable
                                                 /\ ~dirty_log.result,
                                    !.dirty = dirty_log.old_spte.dirty /\ dirty_log.result]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_apply_flags.flush_at_once",
                     !.old_spte = NoSpte,
                     !.result = FALSE,
                     !.spte_set = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_2",
                                                !.old_spte = NoSpte]
              /\ UNCHANGED <<table, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (4 KiB), old_spte,
\* old_spte & ~dbit); ok
dirty_log_clear_dirty_gfn_range_try_cmpxchg_2 ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.try_cmpxchg_2"
    /\ IF table[0] = dirty_log.old_spte
         THEN /\ table' =
                     [table EXCEPT
                         ![0] = [dirty_log.old_spte EXCEPT
                                    !.writable = /\ dirty_log.old_spte.writable
                                                 /\ ~dirty_log.result,
                                    !.dirty = dirty_log.old_spte.dirty /\ dirty_log.result]]
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "clear_dirty_gfn_range.tdp_mmu_need_write_protect.READ_ONCE",
                     !.old_spte = NoSpte,
                     !.result = FALSE,
                     !.spte_set = TRUE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE_1",
                                                !.old_spte = NoSpte]
              /\ UNCHANGED table
    /\ UNCHANGED <<dirty_log_frame, root_tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

DirtyLog ==
    \/ dirty_log_log
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_apply_flags_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_1
    \/ dirty_log_clear_dirty_gfn_range_tdp_mmu_need_write_protect_READ_ONCE
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE_2
    \/ dirty_log_kvm_mmu_slot_apply_flags_read_unlock
    \/ dirty_log_kvm_mmu_slot_apply_flags_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_tdp_mmu_need_write_protect_READ_ONCE_1
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_1
    \/ dirty_log_tdp_mmu_need_write_protect_READ_ONCE_2
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE_2
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE_2
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_1
    \/ dirty_log_clear_dirty_gfn_range_try_cmpxchg_2

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit(), enter_or_leave_l2()

\* A write fault, of L1 or of L2: both roots are direct.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ \E r \in PageTable :
           /\ runs_on(cpu, r)
           /\ ~translates(table[r], TRUE)
           /\ ~root_tlb[cpu][r].writable
           /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
           /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                   ![cpu].gfn = gfn,
                                   ![cpu].root = r]
           /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, dirty_bitmap>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ dirty_bitmap' = IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
    /\ UNCHANGED <<vcpu_frame, table, root, fault_slot, vcpu>>

\* L1 runs L2, or L2 exits to L1 (nested_vmx_vmexit()).
\* nested_vmx_enter_non_root_mode(), arch/x86/kvm/vmx/nested.c: nested VM-Enter or VM-Exit: the
\* vCPU changes its root; no flush
vcpu_enter_or_leave_l2(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ \E r \in PageTable :
           /\ in_guest(cpu)
           /\ r # root[cpu]
           /\ ~has_logged(cpu)
           /\ root' = [root EXCEPT ![cpu] = r]
           /\ UNCHANGED <<vcpu_frame, table, pml_buffer, fault_slot, dirty_bitmap, vcpu>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (4 KiB)); is_access_allowed(spte,
\* true)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF is_access_allowed(table[vcpu[cpu].root], TRUE)
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                      ![cpu].spte = table[vcpu[cpu].root]]
    /\ UNCHANGED <<shared, dirty_log>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, dirty_bitmap>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (4 KiB), spte, spte |
\* PT_WRITABLE_MASK); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF table[vcpu[cpu].root] = vcpu[cpu].spte
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu[cpu].root] = [vcpu[cpu].spte EXCEPT !.writable = TRUE]]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].root = None]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED table
    /\ UNCHANGED <<vcpu_frame, root, pml_buffer, fault_slot, dirty_bitmap>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<shared, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, table, root, pml_buffer, fault_slot>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_enter_or_leave_l2(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_root_for_read(), walk_root_for_write(),
\* write_through_root_tlb(), evict_from_root()

\* As page_walk_for_read(). A translation belongs to its root, and outlives a switch.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
walk_root_for_read(cpu, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], FALSE)
    /\ ~root_tlb[cpu][r].writable
    /\ table' = [table EXCEPT ![r].accessed = TRUE]
    /\ root_tlb' =
           [root_tlb EXCEPT
               ![cpu][r] = [writable |-> table[r].writable,
                            dirty |-> need_not_set_dirty(table[r])]]
    /\ UNCHANGED <<hardware_frame, pml_buffer, unreported>>

\* As page_walk_for_write(), but KVM turns PML off for L2 (vmcs02).
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
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
    /\ UNCHANGED <<hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_root_tlb(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ root_tlb[cpu][r].dirty
    /\ relies_on_log
    /\ unreported' = [unreported EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, table, root_tlb, pml_buffer>>

\* A TLB entry may go at any time, of the root that is not in use, too.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict_from_root(cpu, r) ==
    /\ root_tlb[cpu][r].writable
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, table, pml_buffer, unreported>>

Hardware(cpu) ==
    \/ \E r \in PageTable :
        \/ walk_root_for_read(cpu, r)
        \/ evict_from_root(cpu, r)
    \/ \E gfn \in Gfn, r \in PageTable :
        \/ walk_root_for_write(cpu, gfn, r)
        \/ write_through_root_tlb(cpu, gfn, r)

-----------------------------------------------------------------------------

Next ==
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
