------------------------------ MODULE zap_while_all_go_on_flush_in_steps_wp_6_15_step_by_step ------------------------------
(***************************************************************************
 As `zap_and_kick`, where the zapper and the vCPUs do not stop for ever.

   kernel 6.15, method wp, variant flush_in_steps, 1 vCPU, 1 gfn, 1 page
   table

 "We want to publish modifications to the page tables before reading mode."
 - virt/kvm/kvm_main.c:kvm_flush_remote_tlbs(), comment
   K2 requested_flush_is_done: requested_flush_is_done holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte,                      \* *sptep
    upper,                     \* *sptep (2 MiB)
    table,                     \* *sptep (4 KiB)
    allocated,                 \* page table in use
    walk_cache,                \* paging-structure cache
    guest_mode,                \* root->role.guest_mode
    root,                      \* vcpu->arch.mmu->root
    root_tlb,                  \* TLB
    rcu_read_lock,             \* RCU read side
    unlinked,                  \* call_rcu(tdp_mmu_free_sp)
    unlinked_twice,            \* call_rcu() a second time
    freed,                     \* page table freed
    host_page_is_huge,         \* host has a huge page
    eager_page_split,          \* eager_page_split
    tlb,                       \* TLB
    vcpu_mode,                 \* vcpu->mode
    tlb_flush_requested,       \* KVM_REQ_TLB_FLUSH
    pml_buffer,                \* PML buffer
    pml_enabled,               \* PML
    slot_missing,              \* no slot here
    slot_logs,                 \* slot->flags LOG_DIRTY
    slots_generation,          \* slots->generation
    slots_update_in_progress,  \* slots->generation UPDATE_IN_PROGRESS
    fault_slot,                \* fault->slot
    dirty_bitmap,              \* slot->dirty_bitmap
    write_tracked,             \* gfn_write_track
    shadow_spte_is_old,        \* *sptep (shadow) maps what the old guest PTE says
    guest_only_reads,          \* the guest only reads
    memory,                    \* set in memory
    store_buffer,              \* store buffer
    mmu_lock,                  \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,         \* host PTE read-only
    page_locked,               \* page lock held
    page_dirty,                \* backing page dirty
    page_written,              \* page written
    unreported,                \* written, user space not told
    zapper,                    \* the zapper: its place in the code, and its locals
    vcpu                       \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, upper, table, allocated, walk_cache, guest_mode, root, root_tlb,
            rcu_read_lock, unlinked, unlinked_twice, freed, host_page_is_huge, eager_page_split,
            tlb, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled, slot_missing,
            slot_logs, slots_generation, slots_update_in_progress, fault_slot, dirty_bitmap,
            write_tracked, shadow_spte_is_old, guest_only_reads, memory, store_buffer, mmu_lock,
            host_pte_readonly, page_locked, page_dirty, page_written, unreported>>

\* No step of the zapper changes these.
zapper_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb,
                  rcu_read_lock, unlinked, unlinked_twice, freed, host_page_is_huge,
                  eager_page_split, tlb, pml_buffer, pml_enabled, slot_missing, slot_logs,
                  slots_generation, slots_update_in_progress, fault_slot, dirty_bitmap,
                  write_tracked, shadow_spte_is_old, guest_only_reads, memory, store_buffer,
                  host_pte_readonly, page_locked, page_dirty, page_written, unreported, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb, rcu_read_lock,
                unlinked, unlinked_twice, freed, host_page_is_huge, eager_page_split,
                pml_buffer, pml_enabled, slot_missing, slot_logs, slots_generation,
                slots_update_in_progress, write_tracked, shadow_spte_is_old, guest_only_reads,
                memory, store_buffer, page_locked, page_written, unreported, zapper>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<upper, table, allocated, walk_cache, guest_mode, root, root_tlb,
                    rcu_read_lock, unlinked, unlinked_twice, freed, host_page_is_huge,
                    eager_page_split, vcpu_mode, tlb_flush_requested, pml_buffer, pml_enabled,
                    slot_missing, slot_logs, slots_generation, slots_update_in_progress,
                    fault_slot, dirty_bitmap, write_tracked, shadow_spte_is_old,
                    guest_only_reads, memory, store_buffer, mmu_lock, host_pte_readonly,
                    page_locked, page_dirty, zapper, vcpu>>

vars == <<shared, zapper, vcpu>>

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
ZapperState ==
    [pc: {"idle", "tdp_mmu_zap_leafs.READ_ONCE", "kvm_make_all_cpus_request.WRITE_ONCE",
          "kvm_kick_many_cpus", "kvm_make_all_cpus_request.wait",
          "kvm_unmap_gfn_range.write_unlock", "kvm_tdp_mmu_write_spte.xchg",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None},
     zapped: Spte,
     old_spte: Spte]
IdleZapper ==
    [pc |-> "idle",
     gfn |-> None,
     zapped |-> NoSpte,
     old_spte |-> NoSpte]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "direct_page_fault.READ_ONCE",
          "tdp_mmu_map_handle_target_level.READ_ONCE_1", "kvm_mmu_finish_page_fault.set_bit",
          "direct_page_fault.read_unlock", "vmentry.vcpu_enter_guest.test_and_clear_bit",
          "vmentry.kvm_vcpu_flush_tlb_all", "vcpu_enter_guest.WRITE_ONCE_1",
          "kvm_vcpu_exit_request.READ_ONCE_1", "vmentry.enter_guest",
          "vcpu_enter_guest.WRITE_ONCE_2", "kvm_vcpu_exit_request.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_map_handle_target_level.READ_ONCE_3",
          "tdp_mmu_map_handle_target_level.set_bit", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "mark_page_dirty_in_slot.set_bit",
          "handle_ipi.vcpu_enter_guest.test_and_clear_bit", "handle_ipi.kvm_vcpu_flush_tlb_all",
          "vcpu_enter_guest.WRITE_ONCE_3", "kvm_vcpu_exit_request.READ_ONCE_3",
          "handle_ipi.enter_guest", "vcpu_enter_guest.WRITE_ONCE_4",
          "kvm_vcpu_exit_request.READ_ONCE_4"},
     gfn: Gfn \cup {None},
     mapped: BOOLEAN,
     old_spte: Spte,
     new_spte: Spte,
     spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     mapped |-> FALSE,
     old_spte |-> NoSpte,
     new_spte |-> NoSpte,
     spte |-> NoSpte]

ASSUME None \notin PageTable
ASSUME None \notin Place
ASSUME None \notin Gfn

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
    /\ zapper                   \in ZapperState
    /\ vcpu                     \in [Vcpu -> VcpuState]

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty)

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

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* User space takes each page that the dirty log does not name for clean.
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
    /\ zapper = IdleZapper
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The zapper: kvm_unmap_gfn_range()

\* Take a page away, and flush before mmu_lock is dropped.
\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock)
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper.pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper' = [zapper EXCEPT !.pc = "tdp_mmu_zap_leafs.READ_ONCE", !.gfn = gfn]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested>>

\* tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
zapper_tdp_mmu_zap_leafs_READ_ONCE ==
    /\ zapper.pc = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ IF ~spte[zapper.gfn].present
         THEN /\ zapper' = [IdleZapper EXCEPT !.pc = "kvm_unmap_gfn_range.write_unlock"]
         ELSE /\ zapper' = [zapper EXCEPT
                     !.pc = IF kvm_tdp_mmu_spte_need_atomic_write(spte[zapper.gfn])
                              THEN "kvm_tdp_mmu_write_spte.xchg"
                              ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                     !.old_spte = spte[zapper.gfn]]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
zapper_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ zapper.pc = "kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_kick_many_cpus"]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, mmu_lock>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
zapper_kvm_kick_many_cpus ==
    /\ zapper.pc = "kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.wait"]
    /\ UNCHANGED <<zapper_frame, spte, tlb_flush_requested, mmu_lock>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
zapper_kvm_make_all_cpus_request_wait ==
    /\ zapper.pc = "kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ zapper' = [IdleZapper EXCEPT !.pc = "kvm_unmap_gfn_range.write_unlock"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_unlock(mmu_lock)
zapper_kvm_unmap_gfn_range_write_unlock ==
    /\ zapper.pc = "kvm_unmap_gfn_range.write_unlock"
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, spte, vcpu_mode, tlb_flush_requested>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: xchg( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.WRITE_ONCE",
                                !.zapped = spte[zapper.gfn],
                                !.old_spte = NoSpte]
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_make_all_cpus_request.WRITE_ONCE",
                                !.zapped = zapper.old_spte,
                                !.old_spte = NoSpte]
    /\ UNCHANGED <<zapper_frame, vcpu_mode, tlb_flush_requested, mmu_lock>>

Zapper ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_kvm_make_all_cpus_request_WRITE_ONCE
    \/ zapper_kvm_kick_many_cpus
    \/ zapper_kvm_make_all_cpus_request_wait
    \/ zapper_kvm_unmap_gfn_range_write_unlock
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), handle_ipi()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
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
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty>>

\* Out of the guest for a kick, and back.
\* vcpu_run(), arch/x86/kvm/x86.c: IPI: VM-Exit; vcpu->mode = OUTSIDE_GUEST_MODE
vcpu_handle_ipi(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ fault_slot[cpu] = "NONE"
    /\ vcpu_mode[cpu] = "EXITING_GUEST_MODE"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty>>

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
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.writable = TRUE],
                                                   ![cpu].spte = spte[vcpu[cpu].gfn]]
                             ELSE /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
    /\ UNCHANGED <<shared, zapper>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, zapper>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ ~page_locked[vcpu[cpu].gfn]
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly, page_dirty>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_direct_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.READ_ONCE"
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_unlock",
                                      ![cpu].gfn = None]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* is_shadow_present_pte(old_spte) && is_access_allowed(old_spte, write)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu[cpu].gfn].present /\ is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_finish_page_fault.set_bit",
                                      ![cpu].mapped = TRUE]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = IF spte[vcpu[cpu].gfn].writable
                                   THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
                                   ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                     ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, zapper>>

\* kvm_mmu_finish_page_fault(), arch/x86/kvm/mmu/mmu.c: set_bit(backing page dirty)
vcpu_kvm_mmu_finish_page_fault_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_finish_page_fault.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "direct_page_fault.read_unlock"]]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock)
vcpu_direct_page_fault_read_unlock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vmentry.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<shared, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(gfn_write_track);
\* tracked
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu[cpu].gfn]
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                      ![cpu].new_spte = [present |-> TRUE, writable |-> FALSE,
                                                         mmu_writable |-> FALSE,
                                                         host_writable |-> TRUE,
                                                         accessed |-> TRUE, dirty |-> FALSE]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); mapped
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_finish_page_fault.set_bit",
                                      ![cpu].mapped = TRUE,
                                      ![cpu].old_spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_unlock",
                                      ![cpu].gfn = None,
                                      ![cpu].old_spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                      ![cpu].new_spte = [present |-> TRUE, writable |-> TRUE,
                                                         mmu_writable |-> TRUE,
                                                         host_writable |-> TRUE,
                                                         accessed |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<shared, zapper>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                            ![cpu].new_spte = [present |-> TRUE, writable |-> TRUE,
                                               mmu_writable |-> TRUE, host_writable |-> TRUE,
                                               accessed |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, page_dirty>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep, spte, new_spte); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ IF vcpu[cpu].new_spte.writable /\ ~vcpu[cpu].spte.writable
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                               ![cpu].new_spte = NoSpte,
                               ![cpu].spte = NoSpte]
                   ELSE /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                               ![cpu].gfn = None,
                               ![cpu].new_spte = NoSpte,
                               ![cpu].spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].new_spte = NoSpte,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
    /\ UNCHANGED <<shared, zapper>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly, page_dirty>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<shared, zapper>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly, page_dirty>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<shared, zapper>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
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
    /\ UNCHANGED <<hardware_frame, page_written, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, page_written, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ unreported' = IF relies_on_log THEN [unreported EXCEPT ![gfn] = TRUE] ELSE unreported
    /\ UNCHANGED <<hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte, page_written, unreported>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

\* Who does not stop for ever in front of a step that stays possible.
Fairness ==
    /\ WF_vars(Zapper)
    /\ \A self \in Vcpu : WF_vars(VcpuTask(self))

FairSpec == Spec /\ Fairness

\* A vCPU that is asked to flush its TLB has nothing of before in it in the end.
requested_flush_is_done ==
    \A cpu \in Vcpu : tlb_flush_requested[cpu] ~> ~(\E gfn \in Gfn : tlb[cpu][gfn].writable)


=============================================================================
