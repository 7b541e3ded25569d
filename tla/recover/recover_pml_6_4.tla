------------------------------ MODULE recover_pml_6_4 ------------------------------
(***************************************************************************
 A memslot stops logging, so that its pages can be huge again.

   kernel 6.4, method pml, 1 vCPU, 1 gfn, 2 page table

 "Before KVM flushes TLBs, guest accesses may be translated through either
 the (stale) small SPTE or the (new) huge SPTE." - 13e2e4f62a4b ("KVM:
 x86/mmu: Recover TDP MMU huge page mappings in-place instead of zapping")
   13e2e4f62a4b stale_or_huge: one_translation holds

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
    upper,        \* *sptep (2 MiB)
    table,        \* *sptep (4 KiB)
    allocated,    \* page table in use
    walk_cache,   \* paging-structure cache
    tlb,          \* TLB
    pml_buffer,   \* PML buffer
    pml_enabled,  \* PML
    slot_logs,    \* slot->flags LOG_DIRTY
    fault_slot,   \* fault->slot
    mmu_lock,     \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    dirty_log,    \* the dirty log: its place in the code, and its locals
    vcpu          \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<upper, table, allocated, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
            fault_slot, mmu_lock>>

\* No step of the dirty log changes these.
dirty_log_frame == <<allocated, fault_slot, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<pml_enabled, slot_logs, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<allocated, pml_enabled, slot_logs, fault_slot, mmu_lock, dirty_log, vcpu>>

vars == <<shared, dirty_log, vcpu>>

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
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_update_cpu_dirty_logging",
          "kvm_mmu_zap_collapsible_sptes.read_lock", "zap_collapsible_spte_range.READ_ONCE",
          "tdp_mmu_set_spte_atomic.try_cmpxchg", "handle_removed_pt.xchg", "flush_at_once",
          "tdp_mmu_zap_spte_atomic.WRITE_ONCE", "done"},
     old: NonLeaf,
     ok: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     old |-> NoNonLeaf,
     ok |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE_1", "fast_page_fault.READ_ONCE_2",
          "direct_page_fault.read_lock", "enter_guest", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg", "flush_at_once", "try_to_link",
          "tdp_mmu_link_sp.handle_removed_pt.xchg", "kvm_tdp_mmu_map.READ_ONCE",
          "map_small_page.READ_ONCE", "map_small_page.try_cmpxchg",
          "fast_page_fault.try_cmpxchg_1", "mark_page_dirty_in_slot.READ_ONCE",
          "fast_page_fault.try_cmpxchg_2"},
     upper: NonLeaf,
     old_spte: Spte,
     linked: BOOLEAN,
     ok: BOOLEAN,
     spte: Spte,
     slot: FaultSlot]
IdleVcpu ==
    [pc |-> "idle",
     upper |-> NoNonLeaf,
     old_spte |-> NoSpte,
     linked |-> FALSE,
     ok |-> FALSE,
     spte |-> NoSpte,
     slot |-> "NONE"]

ASSUME None \notin PageTable

TypeOK ==
    /\ upper       \in NonLeaf
    /\ table       \in [PageTable -> Spte]
    /\ allocated   \in [PageTable -> BOOLEAN]
    /\ walk_cache  \in [Vcpu -> PageTable \cup {None}]
    /\ tlb         \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer  \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled \in BOOLEAN
    /\ slot_logs   \in BOOLEAN
    /\ fault_slot  \in [Vcpu -> FaultSlot]
    /\ mmu_lock    \in -1..2
    /\ dirty_log   \in DirtyLogState
    /\ vcpu        \in [Vcpu -> VcpuState]

\* An SPTE that points to a page table; everything is allowed there.
make_nonleaf_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
     accessed |-> TRUE, dirty |-> FALSE, large |-> FALSE, removed |-> FALSE]

\* Does it point to a page table?
points_to_table(u) ==
    u.spte.present /\ ~u.spte.large

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, large |-> FALSE, removed |-> FALSE]

\* Does the SPTE of 2 MiB map them?
is_leaf(u) ==
    u.spte.present /\ u.spte.large

\* Where something is mapped, no CPU knows of a page table that was there before.
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
           /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
           /\ pml_enabled = TRUE
           /\ slot_logs = TRUE
           /\ fault_slot = [v \in Vcpu |-> "NONE"]
           /\ mmu_lock = 0
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The dirty log: stop_logging()

\* User space turns dirty logging off.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_stop_logging ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = FALSE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, walk_cache, tlb, pml_buffer, pml_enabled,
                   mmu_lock>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "LOGGED"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_update_cpu_dirty_logging"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_update_cpu_dirty_logging(), arch/x86/kvm/x86.c: kvm_make_all_cpus_request()
dirty_log_kvm_mmu_update_cpu_dirty_logging ==
    /\ dirty_log.pc = "kvm_mmu_update_cpu_dirty_logging"
    /\ pml_buffer' = [cpu \in Vcpu |-> [gfn \in Gfn |-> FALSE]]
    /\ pml_enabled' = FALSE
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_zap_collapsible_sptes.read_lock"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, walk_cache, tlb, slot_logs, mmu_lock>>

\* kvm_mmu_zap_collapsible_sptes(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep (2 MiB)); !points_to_table(old)
dirty_log_kvm_mmu_zap_collapsible_sptes_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_zap_collapsible_sptes.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~points_to_table(upper)
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old = upper]
    /\ UNCHANGED <<dirty_log_frame, upper, table, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs>>

\* zap_collapsible_spte_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB));
\* !points_to_table(old)
dirty_log_zap_collapsible_spte_range_READ_ONCE ==
    /\ dirty_log.pc = "zap_collapsible_spte_range.READ_ONCE"
    /\ IF ~points_to_table(upper)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "done"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old = upper]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, upper, table, walk_cache, tlb, pml_buffer, pml_enabled,
                   slot_logs>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), old,
\* NonLeaf(spte=removed)); ok
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = dirty_log.old
         THEN /\ upper' =
                     [spte |-> [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                                host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                                large |-> TRUE, removed |-> TRUE],
                      child |-> None]
              /\ IF dirty_log.old.child # None
                   THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "handle_removed_pt.xchg",
                                                          !.ok = TRUE]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "flush_at_once",
                                                          !.old = NoNonLeaf,
                                                          !.ok = TRUE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "zap_collapsible_spte_range.READ_ONCE",
                                                !.old = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<dirty_log_frame, table, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
                   mmu_lock>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
dirty_log_handle_removed_pt_xchg ==
    /\ dirty_log.pc = "handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![dirty_log.old.child] = [present |-> FALSE, writable |-> FALSE,
                                         mmu_writable |-> FALSE, host_writable |-> FALSE,
                                         accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                         removed |-> TRUE]]
    /\ IF table[dirty_log.old.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = IF dirty_log.ok
                              THEN "flush_at_once"
                              ELSE "zap_collapsible_spte_range.READ_ONCE",
                     !.old = NoNonLeaf]
         ELSE /\ UNCHANGED dirty_log
    /\ UNCHANGED <<dirty_log_frame, upper, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs,
                   mmu_lock>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm); ok
dirty_log_flush_at_once ==
    /\ dirty_log.pc = "flush_at_once"
    /\ walk_cache' = [cpu \in Vcpu |-> None]
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF dirty_log.ok
                                               THEN "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
                                               ELSE "zap_collapsible_spte_range.READ_ONCE"]
    /\ UNCHANGED <<dirty_log_frame, upper, table, pml_buffer, pml_enabled, slot_logs, mmu_lock>>

\* tdp_mmu_zap_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: WRITE_ONCE( *sptep (2 MiB), NonLeaf())
dirty_log_tdp_mmu_zap_spte_atomic_WRITE_ONCE ==
    /\ dirty_log.pc = "tdp_mmu_zap_spte_atomic.WRITE_ONCE"
    /\ upper' = NoNonLeaf
    /\ IF dirty_log.ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "done"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "zap_collapsible_spte_range.READ_ONCE"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, table, walk_cache, tlb, pml_buffer, pml_enabled, slot_logs>>

DirtyLog ==
    \/ dirty_log_stop_logging
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_zap_collapsible_sptes_read_lock
    \/ dirty_log_zap_collapsible_spte_range_READ_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ dirty_log_handle_removed_pt_xchg
    \/ dirty_log_flush_at_once
    \/ dirty_log_tdp_mmu_zap_spte_atomic_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit()

\* A write fault.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~tlb[cpu][gfn].writable
    /\ ~(/\ translates(IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE)
         /\ translates(IF walk_cache[cpu] # None THEN table[walk_cache[cpu]] ELSE IF upper.child # None THEN table[upper.child] ELSE upper.spte, TRUE))
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = None]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                            ![cpu].slot = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, tlb, pml_buffer, mmu_lock>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, tlb>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (2 MiB)); table != NULL
vcpu_fast_page_fault_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_1"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_2",
                                      ![cpu].upper = upper]
         ELSE /\ IF ~upper.spte.present
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
                   ELSE /\ IF is_access_allowed(upper.spte, TRUE)
                             THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                          ![cpu].slot = "NONE"]
                             ELSE /\ IF ~upper.spte.mmu_writable
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "direct_page_fault.read_lock"]
                                       ELSE /\ IF vcpu[cpu].slot = "LOGGED"
                                                 THEN /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "direct_page_fault.read_lock"]
                                                 ELSE /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "fast_page_fault.try_cmpxchg_2",
                                                             ![cpu].upper = upper,
                                                             ![cpu].spte = upper.spte]
    /\ UNCHANGED <<shared, dirty_log>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE_2"
    /\ IF ~table[vcpu[cpu].upper.child].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock",
                                      ![cpu].upper = NoNonLeaf]
         ELSE /\ IF is_access_allowed(table[vcpu[cpu].upper.child], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].slot = "NONE"]
                   ELSE /\ IF ~table[vcpu[cpu].upper.child].mmu_writable
                             THEN /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "direct_page_fault.read_lock",
                                         ![cpu].upper = NoNonLeaf]
                             ELSE /\ IF vcpu[cpu].upper.child # None
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg_1",
                                                   ![cpu].spte = table[vcpu[cpu].upper.child]]
                                       ELSE /\ IF vcpu[cpu].slot = "LOGGED"
                                                 THEN /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "direct_page_fault.read_lock",
                                                             ![cpu].upper = NoNonLeaf]
                                                 ELSE /\ vcpu' = [vcpu EXCEPT
                                                             ![cpu].pc = "fast_page_fault.try_cmpxchg_2",
                                                             ![cpu].spte = table[vcpu[cpu].upper.child]]
    /\ UNCHANGED <<shared, dirty_log>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); slot == LOGGED;
\* READ_ONCE( *sptep (2 MiB)); is_removed_spte(upper.spte)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF vcpu[cpu].slot = "LOGGED"
         THEN /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].slot = "NONE"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ IF ~points_to_table(upper)
                             THEN /\ mmu_lock' = mmu_lock + 1
                                  /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "try_to_link",
                                                          ![cpu].upper = upper,
                                                          ![cpu].slot = "NONE"]
                             ELSE /\ IF upper.child # None
                                       THEN /\ mmu_lock' = mmu_lock + 1
                                            /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "map_small_page.READ_ONCE",
                                                   ![cpu].upper = upper,
                                                   ![cpu].slot = "NONE"]
                                       ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                                    ![cpu].slot = "NONE"]
                                            /\ UNCHANGED mmu_lock
         ELSE /\ IF upper.spte
                      = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
                         host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE,
                         large |-> TRUE, removed |-> TRUE]
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].slot = "NONE"]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock + 1
                        /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                               ![cpu].upper = upper,
                               ![cpu].slot = "NONE"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   fault_slot>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer, mmu_lock>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (2 MiB), upper,
\* NonLeaf(spte=new_spte)); ok
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' =
                     [spte |-> [make_spte(IF is_leaf(vcpu[cpu].upper) THEN vcpu[cpu].upper.spte ELSE NoSpte) EXCEPT
                                   !.large = TRUE],
                      child |-> None]
              /\ IF vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg",
                               ![cpu].ok = TRUE]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu[cpu].upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ IF vcpu[cpu].ok /\ vcpu[cpu].upper.child # None
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "flush_at_once",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].ok = FALSE]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].ok = FALSE]
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* read_unlock(mmu_lock)
vcpu_flush_at_once(cpu) ==
    /\ vcpu[cpu].pc = "flush_at_once"
    /\ walk_cache' = [c \in Vcpu |-> None]
    /\ tlb' = [c \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, pml_buffer, fault_slot>>

\* tdp_mmu_link_sp(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg64(sptep, new table)
vcpu_try_to_link(cpu) ==
    /\ vcpu[cpu].pc = "try_to_link"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ \E t \in PageTable :
                     /\ ~allocated[t]
                     /\ upper' = [spte |-> make_nonleaf_spte, child |-> t]
                     /\ table' =
                            [table EXCEPT
                                ![t] = IF is_leaf(vcpu[cpu].upper)
                                         THEN [vcpu[cpu].upper.spte EXCEPT !.large = FALSE]
                                         ELSE NoSpte]
                     /\ allocated' = [allocated EXCEPT ![t] = TRUE]
                     /\ IF vcpu[cpu].upper.child # None
                          THEN /\ vcpu' = [vcpu EXCEPT
                                      ![cpu].pc = "tdp_mmu_link_sp.handle_removed_pt.xchg",
                                      ![cpu].linked = TRUE]
                          ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE",
                                                       ![cpu].upper = NoNonLeaf]
                     /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
              /\ UNCHANGED <<upper, table, allocated>>
    /\ UNCHANGED <<vcpu_frame, walk_cache, tlb, pml_buffer, fault_slot>>

\* handle_removed_pt(), arch/x86/kvm/mmu/tdp_mmu.c: xchg( *sptep (4 KiB), REMOVED_SPTE);
\* !is_removed_spte(old_spte)
vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_link_sp.handle_removed_pt.xchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = [present |-> FALSE, writable |-> FALSE,
                                           mmu_writable |-> FALSE, host_writable |-> FALSE,
                                           accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
                                           removed |-> TRUE]]
    /\ IF table[vcpu[cpu].upper.child]
            # [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ IF ~vcpu[cpu].linked
                   THEN /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                                ![cpu].upper = NoNonLeaf]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_tdp_mmu_map.READ_ONCE",
                                                ![cpu].upper = NoNonLeaf,
                                                ![cpu].linked = FALSE]
                        /\ UNCHANGED mmu_lock
         ELSE /\ UNCHANGED <<mmu_lock, vcpu>>
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot>>

\* kvm_tdp_mmu_map(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (2 MiB)); upper.child != NULL
vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_tdp_mmu_map.READ_ONCE"
    /\ IF upper.child # None
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.READ_ONCE",
                                      ![cpu].upper = upper]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   fault_slot>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* is_removed_spte(old_spte)
vcpu_map_small_page_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.READ_ONCE"
    /\ IF table[vcpu[cpu].upper.child]
            = [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
               host_writable |-> FALSE, accessed |-> TRUE, dirty |-> FALSE, large |-> TRUE,
               removed |-> TRUE]
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].upper = NoNonLeaf]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "map_small_page.try_cmpxchg",
                                      ![cpu].old_spte = table[vcpu[cpu].upper.child]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, upper, table, allocated, walk_cache, tlb, pml_buffer,
                   fault_slot>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep (4 KiB),
\* old_spte, new_spte); read_unlock(mmu_lock)
vcpu_map_small_page_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "map_small_page.try_cmpxchg"
    /\ table' =
           [table EXCEPT
               ![vcpu[cpu].upper.child] = IF table[vcpu[cpu].upper.child] = vcpu[cpu].old_spte
                                            THEN make_spte(vcpu[cpu].old_spte)
                                            ELSE table[vcpu[cpu].upper.child]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                            ![cpu].upper = NoNonLeaf,
                            ![cpu].old_spte = NoSpte]
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (4 KiB), spte, spte |
\* PT_WRITABLE_MASK); ok
vcpu_fast_page_fault_try_cmpxchg_1(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg_1"
    /\ IF table[vcpu[cpu].upper.child] = vcpu[cpu].spte
         THEN /\ table' =
                     [table EXCEPT
                         ![vcpu[cpu].upper.child] = [vcpu[cpu].spte EXCEPT !.writable = TRUE]]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED table
    /\ UNCHANGED <<vcpu_frame, upper, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest", ![cpu].slot = "NONE"]
    /\ UNCHANGED <<shared, dirty_log>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep (2 MiB), upper, fixed); ok
vcpu_fast_page_fault_try_cmpxchg_2(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg_2"
    /\ IF upper = vcpu[cpu].upper
         THEN /\ upper' = [spte |-> [vcpu[cpu].spte EXCEPT !.writable = TRUE], child |-> None]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte,
                                      ![cpu].slot = "NONE"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE_1",
                                      ![cpu].upper = NoNonLeaf,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED upper
    /\ UNCHANGED <<vcpu_frame, table, allocated, walk_cache, tlb, pml_buffer, fault_slot,
                   mmu_lock>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE_1(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE_2(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_handle_removed_pt_xchg(cpu)
    \/ vcpu_flush_at_once(cpu)
    \/ vcpu_try_to_link(cpu)
    \/ vcpu_tdp_mmu_link_sp_handle_removed_pt_xchg(cpu)
    \/ vcpu_kvm_tdp_mmu_map_READ_ONCE(cpu)
    \/ vcpu_map_small_page_READ_ONCE(cpu)
    \/ vcpu_map_small_page_try_cmpxchg(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_1(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg_2(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_to_table(), write_by_table(), evict(),
\* write_by_huge_page()

\* The non-leaf SPTE is cached: the CPU knows where the page table is.
\* SDM vol. 3, 29.3.5 and 29.4.1: the CPU walks to the page table
walk_to_table(cpu) ==
    /\ in_guest(cpu)
    /\ points_to_table(upper)
    /\ walk_cache[cpu] # upper.child
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE]
    /\ walk_cache' = [walk_cache EXCEPT ![cpu] = upper.child]
    /\ UNCHANGED <<hardware_frame, table, tlb, pml_buffer>>

\* A write by way of the page table that the CPU knows of, whether or not it is still linked.
\* SDM vol. 3, 29.3.5 and 29.4.3: write: the CPU sets A and D in the leaf
write_by_table(cpu, gfn, t) ==
    /\ in_guest(cpu)
    /\ walk_cache[cpu] = t
    /\ translates(table[t], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ table' = [table EXCEPT ![t].accessed = TRUE, ![t].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~table[t].dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<hardware_frame, upper, walk_cache>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, upper, table, walk_cache, pml_buffer>>

\* A write by way of the SPTE of 2 MiB.
\* SDM vol. 3, 29.3.5 and 29.3.6: write to a huge page: the CPU sets A and D
write_by_huge_page(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ is_leaf(upper)
    /\ translates(upper.spte, TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ upper' = [upper EXCEPT !.spte.accessed = TRUE, !.spte.dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ pml_buffer' =
           IF pml_enabled /\ ~upper.spte.dirty
             THEN [pml_buffer EXCEPT ![cpu][gfn] = TRUE]
             ELSE pml_buffer
    /\ UNCHANGED <<hardware_frame, table, walk_cache>>

Hardware(cpu) ==
    \/ walk_to_table(cpu)
    \/ \E gfn \in Gfn, t \in PageTable : write_by_table(cpu, gfn, t)
    \/ \E gfn \in Gfn :
        \/ evict(cpu, gfn)
        \/ write_by_huge_page(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
