------------------------------ MODULE log_twice_and_kick_flush_in_steps_pml_5_19 ------------------------------
(***************************************************************************
 As `age_and_log_twice`, where vCPUs have to leave the guest for a flush.

   kernel 5.19, method pml, variant flush_in_steps, 1 vCPU, 1 gfn

 "We want to publish modifications to the page tables before reading mode."
 - virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment
   F1 flush_in_steps: dirty_implies_logged violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,                 \* *sptep
    tlb,                  \* TLB
    vcpu_mode,            \* vcpu->mode
    tlb_flush_requested,  \* KVM_REQ_TLB_FLUSH
    pml_buffer,           \* PML buffer
    pml_enabled,          \* PML
    slot_logs,            \* slot->flags LOG_DIRTY
    fault_slot,           \* fault->slot
    dirty_bitmap,         \* slot->dirty_bitmap
    mmu_lock,             \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,    \* host PTE read-only
    unreported,           \* written, user space not told
    ager,                 \* the ager: its place in the code, and its locals
    dirty_log,            \* the dirty log: its place in the code, and its locals
    vcpu                  \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled, slot_logs,
            fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly, unreported>>

\* No step of the ager changes these.
ager_frame == <<tlb, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled, slot_logs,
                fault_slot, dirty_bitmap, host_pte_readonly, unreported, dirty_log, vcpu>>

\* No step of the dirty log changes these.
dirty_log_frame == <<tlb, fault_slot, host_pte_readonly, ager, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<pml_enabled, slot_logs, unreported, ager, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<vcpu_mode, tlb_flush_requested, pml_enabled, slot_logs, fault_slot,
                    dirty_bitmap, mmu_lock, host_pte_readonly, ager, dirty_log, vcpu>>

vars == <<shared, ager, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
VcpuMode == {"IN_GUEST_MODE", "OUTSIDE_GUEST_MODE", "EXITING_GUEST_MODE"}
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
AgerState ==
    [pc: {"idle", "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleAger ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte]
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_update_cpu_dirty_logging",
          "kvm_mmu_slot_leaf_clear_dirty.read_lock", "clear_dirty_gfn_range.READ_ONCE",
          "kvm_make_all_cpus_request.WRITE_ONCE_1", "kvm_kick_many_cpus_1",
          "kvm_make_all_cpus_request.wait_1", "disable_dirty_logging.kvm_activate_memslot",
          "disable_dirty_logging.kvm_swap_active_memslots.wait",
          "disable_dirty_logging.kvm_mmu_update_cpu_dirty_logging",
          "enable_dirty_logging.kvm_activate_memslot", "log_once.kvm_swap_active_memslots.wait",
          "log_once.kvm_mmu_update_cpu_dirty_logging",
          "log_once.kvm_mmu_slot_leaf_clear_dirty.read_lock",
          "log_once.clear_dirty_gfn_range.READ_ONCE",
          "kvm_mmu_slot_leaf_clear_dirty.read_unlock", "kvm_make_all_cpus_request.WRITE_ONCE_2",
          "kvm_kick_many_cpus_2", "kvm_make_all_cpus_request.wait_2",
          "kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
          "clear_dirty_pt_masked.READ_ONCE",
          "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
          "kvm_get_dirty_log_protect.kvm_kick_many_cpus",
          "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait", "copy_to_user",
          "kvm_tdp_mmu_write_spte.xchg", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
          "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "done"},
     mask: [Gfn -> BOOLEAN],
     old_spte: Spte,
     result: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     mask |-> [g \in Gfn |-> FALSE],
     old_spte |-> NoSpte,
     result |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.set_bit", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "vmentry.vcpu_enter_guest.test_and_clear_bit", "vmentry.kvm_vcpu_flush_tlb_all",
          "vcpu_enter_guest.WRITE_ONCE_1", "kvm_vcpu_exit_request.READ_ONCE_1",
          "vmentry.enter_guest", "vcpu_enter_guest.WRITE_ONCE_2",
          "kvm_vcpu_exit_request.READ_ONCE_2", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "mark_page_dirty_in_slot.set_bit",
          "handle_ipi.vcpu_enter_guest.test_and_clear_bit", "handle_ipi.kvm_vcpu_flush_tlb_all",
          "vcpu_enter_guest.WRITE_ONCE_3", "kvm_vcpu_exit_request.READ_ONCE_3",
          "handle_ipi.enter_guest", "vcpu_enter_guest.WRITE_ONCE_4",
          "kvm_vcpu_exit_request.READ_ONCE_4"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     spte: Spte,
     new_spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     spte |-> NoSpte,
     new_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte                \in [Gfn -> Spte]
    /\ tlb                 \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ vcpu_mode           \in [Vcpu -> VcpuMode]
    /\ tlb_flush_requested \in [Vcpu -> BOOLEAN]
    /\ pml_buffer          \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled         \in BOOLEAN
    /\ slot_logs           \in BOOLEAN
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap        \in [Gfn -> BOOLEAN]
    /\ mmu_lock            \in -1..3
    /\ host_pte_readonly   \in [Gfn -> BOOLEAN]
    /\ unreported          \in [Gfn -> BOOLEAN]
    /\ ager                \in AgerState
    /\ dirty_log           \in DirtyLogState
    /\ vcpu                \in [Vcpu -> VcpuState]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty) \/ ~s.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* User space takes each page that the dirty log does not name for clean.
relies_on_log ==
    dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
                      "clear_dirty_pt_masked.READ_ONCE",
                      "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
                      "kvm_get_dirty_log_protect.kvm_kick_many_cpus",
                      "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait",
                      "copy_to_user", "kvm_tdp_mmu_write_spte.xchg",
                      "kvm_tdp_mmu_write_spte.WRITE_ONCE"}

\* A page is on its way into the dirty bitmap.
marking(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu[cpu].pc \in {"mark_page_dirty_in_slot.READ_ONCE",
                             "mark_page_dirty_in_slot.set_bit"}
        /\ vcpu[cpu].gfn = gfn

\* The page was taken out of the bitmap, and will be reported.
harvesting(gfn) ==
    /\ dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock",
                         "kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
                         "kvm_get_dirty_log_protect.kvm_kick_many_cpus",
                         "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait",
                         "copy_to_user", "kvm_tdp_mmu_write_spte.xchg",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
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
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ vcpu_mode = [v \in Vcpu |-> "IN_GUEST_MODE"]
    /\ tlb_flush_requested = [v \in Vcpu |-> FALSE]
    /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
    /\ pml_enabled = FALSE
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ ager = IdleAger
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The ager: kvm_mmu_notifier_clear_young()

\* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
\* kvm_mmu_notifier_clear_young(), virt/kvm/kvm_main.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !is_accessed_spte(old_spte)
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager.pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present \/ ~spte[gfn].accessed
         THEN /\ ager' = [ager EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ ager' = [ager EXCEPT !.pc = IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                                               THEN "kvm_tdp_mmu_write_spte.xchg"
                                               ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                      !.gfn = gfn,
                                      !.old_spte = spte[gfn]]
    /\ UNCHANGED <<ager_frame, spte>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep, new_spte);
\* write_unlock(mmu_lock)
ager_kvm_tdp_mmu_write_spte_xchg ==
    /\ ager.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![ager.gfn] = [ager.old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager' = [IdleAger EXCEPT !.pc = "done"]
    /\ UNCHANGED ager_frame

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, new_spte);
\* write_unlock(mmu_lock)
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![ager.gfn] = [ager.old_spte EXCEPT !.accessed = FALSE]]
    /\ mmu_lock' = 0
    /\ ager' = [IdleAger EXCEPT !.pc = "done"]
    /\ UNCHANGED ager_frame

Ager ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_kvm_tdp_mmu_write_spte_xchg
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* The dirty log: log_twice()

\* A session that ends before it begins, as when a migration is called off; then a real one.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log_twice ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep); !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "disable_dirty_logging.kvm_activate_memslot"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "disable_dirty_logging.kvm_activate_memslot"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
dirty_log_kvm_make_all_cpus_request_WRITE_ONCE_1 ==
    /\ dirty_log.pc = "kvm_make_all_cpus_request.WRITE_ONCE_1"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_kick_many_cpus_1"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
dirty_log_kvm_kick_many_cpus_1 ==
    /\ dirty_log.pc = "kvm_kick_many_cpus_1"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_make_all_cpus_request.wait_1"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
dirty_log_kvm_make_all_cpus_request_wait_1 ==
    /\ dirty_log.pc = "kvm_make_all_cpus_request.wait_1"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "disable_dirty_logging.kvm_activate_memslot"]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_disable_dirty_logging_kvm_activate_memslot ==
    /\ dirty_log.pc = "disable_dirty_logging.kvm_activate_memslot"
    /\ slot_logs' = FALSE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "disable_dirty_logging.kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_disable_dirty_logging_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "disable_dirty_logging.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "LOGGED"
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "disable_dirty_logging.kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_disable_dirty_logging_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "disable_dirty_logging.kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = FALSE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "enable_dirty_logging.kvm_activate_memslot"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_enable_dirty_logging_kvm_activate_memslot ==
    /\ dirty_log.pc = "enable_dirty_logging.kvm_activate_memslot"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "log_once.kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_log_once_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "log_once.kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "log_once.kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_log_once_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "log_once.kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = TRUE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "log_once.kvm_mmu_slot_leaf_clear_dirty.read_lock"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep); !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_log_once_kvm_mmu_slot_leaf_clear_dirty_read_lock ==
    /\ dirty_log.pc = "log_once.kvm_mmu_slot_leaf_clear_dirty.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg",
                     !.old_spte = spte[0]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_log_once_clear_dirty_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "log_once.clear_dirty_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg",
                     !.old_spte = spte[0]]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock); spte_set &&
\* !always_flushes()
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_unlock ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ IF dirty_log.result
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_make_all_cpus_request.WRITE_ONCE_2"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                                !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
dirty_log_kvm_make_all_cpus_request_WRITE_ONCE_2 ==
    /\ dirty_log.pc = "kvm_make_all_cpus_request.WRITE_ONCE_2"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_kick_many_cpus_2"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
dirty_log_kvm_kick_many_cpus_2 ==
    /\ dirty_log.pc = "kvm_kick_many_cpus_2"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_make_all_cpus_request.wait_2"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
dirty_log_kvm_make_all_cpus_request_wait_2 ==
    /\ dirty_log.pc = "kvm_make_all_cpus_request.wait_2"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_lock(mmu_lock);
\* READ_ONCE(slot->dirty_bitmap); any(word[gfn])
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ IF \E gfn \in Gfn : dirty_bitmap[gfn]
         THEN /\ mmu_lock' = -1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.xchg"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: xchg(slot->dirty_bitmap, 0); mask[gfn]
dirty_log_kvm_get_dirty_log_protect_xchg ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.xchg"
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ IF dirty_bitmap[0]
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE",
                                                !.mask = dirty_bitmap]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
                     !.mask = dirty_bitmap]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, unreported>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                              THEN "kvm_tdp_mmu_write_spte.xchg"
                              ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                     !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.kvm_kick_many_cpus"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, pml_buffer, pml_enabled, slot_logs,
                   dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
dirty_log_kvm_get_dirty_log_protect_kvm_kick_many_cpus ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_wait ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<shared, ager, vcpu>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log.mask[gfn]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer,
                   pml_enabled, slot_logs, dirty_bitmap, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep, old_spte & ~dbit);
\* write_unlock(mmu_lock)
dirty_log_kvm_tdp_mmu_write_spte_xchg ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
           !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, old_spte & ~dbit);
\* write_unlock(mmu_lock)
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
           !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~dbit)
dirty_log_log_once_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "log_once.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_make_all_cpus_request.WRITE_ONCE_2",
                     !.old_spte = NoSpte]
         ELSE /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "log_once.clear_dirty_gfn_range.READ_ONCE",
                     !.old_spte = NoSpte]
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~dbit)
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_make_all_cpus_request.WRITE_ONCE_1",
                     !.old_spte = NoSpte]
         ELSE /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE"]
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled,
                   slot_logs, dirty_bitmap, unreported>>

DirtyLog ==
    \/ dirty_log_log_twice
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE
    \/ dirty_log_kvm_make_all_cpus_request_WRITE_ONCE_1
    \/ dirty_log_kvm_kick_many_cpus_1
    \/ dirty_log_kvm_make_all_cpus_request_wait_1
    \/ dirty_log_disable_dirty_logging_kvm_activate_memslot
    \/ dirty_log_disable_dirty_logging_kvm_swap_active_memslots_wait
    \/ dirty_log_disable_dirty_logging_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_enable_dirty_logging_kvm_activate_memslot
    \/ dirty_log_log_once_kvm_swap_active_memslots_wait
    \/ dirty_log_log_once_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_log_once_kvm_mmu_slot_leaf_clear_dirty_read_lock
    \/ dirty_log_log_once_clear_dirty_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_unlock
    \/ dirty_log_kvm_make_all_cpus_request_WRITE_ONCE_2
    \/ dirty_log_kvm_kick_many_cpus_2
    \/ dirty_log_kvm_make_all_cpus_request_wait_2
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_WRITE_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_kick_many_cpus
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_wait
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_xchg
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_log_once_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit(), handle_ipi()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ dirty_bitmap' = IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, pml_enabled,
                   slot_logs, mmu_lock, unreported, dirty_log>>

\* Out of the guest for a kick, and back.
\* vcpu_run(), arch/x86/kvm/x86.c: IPI: VM-Exit; vcpu->mode = OUTSIDE_GUEST_MODE
vcpu_handle_ipi(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ fault_slot[cpu] = "NONE"
    /\ vcpu_mode[cpu] = "EXITING_GUEST_MODE"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                               ![cpu].gfn = None]
                   ELSE /\ IF spte[vcpu[cpu].gfn].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu[cpu].gfn] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                                   ![cpu].spte = spte[vcpu[cpu].gfn],
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.writable = TRUE]]
                             ELSE /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   fault_slot, dirty_bitmap, mmu_lock>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(host PTE
\* read-only)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   fault_slot, dirty_bitmap, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "LOGGED"
                                          THEN "tdp_mmu_map_handle_target_level.set_bit"
                                          ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   fault_slot, mmu_lock, host_pte_readonly>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN make_spte(vcpu[cpu].old_spte)
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None,
                            ![cpu].old_spte = NoSpte]
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vmentry.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, pml_buffer, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep, spte, new_spte); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ IF vcpu[cpu].new_spte.writable /\ ~vcpu[cpu].spte.writable
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
                   ELSE /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                               ![cpu].gfn = None,
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   fault_slot, mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, pml_buffer, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, pml_buffer,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, pml_buffer, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<shared, ager, dirty_log>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_handle_ipi(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu)
    \/ vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu)
    \/ vcpu_vmentry_enter_guest(cpu)
    \/ vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu)
    \/ vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu)
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

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(),
\* write_through_tlb(), evict()

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED <<hardware_frame, pml_buffer, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~spte[gfn].dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ relies_on_log
    /\ unreported' = [unreported EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, spte, tlb, pml_buffer>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte, pml_buffer, unreported>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Ager
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
