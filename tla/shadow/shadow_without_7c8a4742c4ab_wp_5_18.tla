------------------------------ MODULE shadow_without_7c8a4742c4ab_wp_5_18 ------------------------------
(***************************************************************************
 A page turns out to be a page table of a nested guest, while user space
 logs.

   kernel 5.18, method wp, variant without_7c8a4742c4ab, 1 vCPU, 1 gfn

 "If the SPTE was write-protected for dirty logging but not page table
 protection, the SPTE could locklessly be made writable, and vCPUs could
 still be running with writable mappings cached in their TLB." -
 7c8a4742c4ab ("KVM: x86/mmu: Fix write-protection of PTs mapped by the TDP
 MMU")
   7c8a4742c4ab write_protection: shadowed_page_is_protected violated
   7c8a4742c4ab write_protection: writable_implies_flushed holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,               \* *sptep
    tlb,                \* TLB
    slot_logs,          \* slot->flags LOG_DIRTY
    fault_slot,         \* fault->slot
    dirty_bitmap,       \* slot->dirty_bitmap
    write_tracked,      \* gfn_write_track
    mmu_lock,           \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,  \* host PTE read-only
    shadow_mmu,         \* the shadow MMU: its place in the code, and its locals
    dirty_log,          \* the dirty log: its place in the code, and its locals
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock,
            host_pte_readonly>>

\* No step of the shadow MMU changes these.
shadow_mmu_frame == <<slot_logs, fault_slot, dirty_bitmap, host_pte_readonly, dirty_log, vcpu>>

\* No step of the dirty log changes these.
dirty_log_frame == <<fault_slot, write_tracked, host_pte_readonly, shadow_mmu, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, slot_logs, write_tracked, shadow_mmu, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<slot_logs, fault_slot, dirty_bitmap, write_tracked, mmu_lock,
                    host_pte_readonly, shadow_mmu, dirty_log, vcpu>>

vars == <<shared, shadow_mmu, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ShadowMmuState ==
    [pc: {"idle", "kvm_slot_page_track_add_page.set_bit", "write_protect_gfn.READ_ONCE",
          "flush_at_once", "kvm_slot_page_track_add_page.write_unlock",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     old_spte_2: Spte]
IdleShadowMmu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     old_spte_2 |-> NoSpte]
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_slot_remove_write_access.read_lock",
          "wrprot_gfn_range.READ_ONCE", "kvm_mmu_slot_remove_write_access.read_unlock",
          "kvm_mmu_slot_remove_write_access.flush_at_once",
          "kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
          "clear_dirty_pt_masked.READ_ONCE", "kvm_get_dirty_log_protect.write_unlock",
          "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "tdp_mmu_set_spte.kvm_set_pfn_dirty.set_bit",
          "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_set_spte_atomic.kvm_set_pfn_dirty.set_bit", "done"},
     flush: BOOLEAN,
     old_spte: Spte,
     old_spte_2: Spte,
     result: BOOLEAN,
     ok: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     flush |-> FALSE,
     old_spte |-> NoSpte,
     old_spte_2 |-> NoSpte,
     result |-> FALSE,
     ok |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "enter_guest", "tdp_mmu_map_handle_target_level.READ_ONCE_3",
          "tdp_mmu_map_handle_target_level.set_bit", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "mark_page_dirty_in_slot.set_bit"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     new_spte: Spte,
     spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     new_spte |-> NoSpte,
     spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_logs         \in BOOLEAN
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap      \in [Gfn -> BOOLEAN]
    /\ write_tracked     \in [Gfn -> BOOLEAN]
    /\ mmu_lock          \in -1..3
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ shadow_mmu        \in ShadowMmuState
    /\ dirty_log         \in DirtyLogState
    /\ vcpu              \in [Vcpu -> VcpuState]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation takes write access to the page away.
protecting(gfn) ==
    /\ shadow_mmu.pc \in {"kvm_slot_page_track_add_page.set_bit",
                          "write_protect_gfn.READ_ONCE", "flush_at_once",
                          "kvm_slot_page_track_add_page.write_unlock",
                          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit"}
    /\ shadow_mmu.gfn = gfn

\* No CPU can write to a page table that KVM shadows, once KVM has taken write access away.
shadowed_page_is_protected ==
    ~(\E cpu \in Vcpu :
          \E gfn \in Gfn : tlb[cpu][gfn].writable /\ write_tracked[gfn] /\ ~protecting(gfn))

\* A running operation will flush the page from all TLBs.
flush_owed(gfn) ==
    \/ /\ shadow_mmu.pc \in {"flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                             "kvm_set_pfn_dirty.set_bit"}
       /\ shadow_mmu.gfn = gfn
    \/ /\ dirty_log.pc \in {"kvm_mmu_slot_remove_write_access.read_unlock",
                            "kvm_mmu_slot_remove_write_access.flush_at_once"}
       /\ dirty_log.result
    \/ dirty_log.pc \in {"kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                         "tdp_mmu_set_spte.kvm_set_pfn_dirty.set_bit"}
    \/ /\ dirty_log.pc \in {"kvm_get_dirty_log_protect.write_unlock",
                            "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user"}
       /\ dirty_log.flush

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or a flush is on its way.
writable_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].mmu_writable \/ flush_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ write_tracked = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ shadow_mmu = IdleShadowMmu
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The shadow MMU: kvm_slot_page_track_add_page()

\* KVM shadows the page, an upper-level page table; flushed before the lock is dropped.
\* kvm_slot_page_track_add_page(), arch/x86/kvm/mmu/page_track.c: write_lock(mmu_lock)
shadow_mmu_kvm_slot_page_track_add_page(gfn) ==
    /\ shadow_mmu.pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "kvm_slot_page_track_add_page.set_bit",
                                        !.gfn = gfn]
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, write_tracked>>

\* kvm_slot_page_track_add_page(), arch/x86/kvm/mmu/page_track.c: set_bit(gfn_write_track)
shadow_mmu_kvm_slot_page_track_add_page_set_bit ==
    /\ shadow_mmu.pc = "kvm_slot_page_track_add_page.set_bit"
    /\ write_tracked' = [write_tracked EXCEPT ![shadow_mmu.gfn] = TRUE]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "write_protect_gfn.READ_ONCE"]
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, mmu_lock>>

\* write_protect_gfn(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
shadow_mmu_write_protect_gfn_READ_ONCE ==
    /\ shadow_mmu.pc = "write_protect_gfn.READ_ONCE"
    /\ IF ~spte[shadow_mmu.gfn].present
         THEN /\ shadow_mmu' = [shadow_mmu EXCEPT
                     !.pc = "kvm_slot_page_track_add_page.write_unlock"]
         ELSE /\ IF ~spte[shadow_mmu.gfn].writable
                   THEN /\ shadow_mmu' = [shadow_mmu EXCEPT
                               !.pc = "kvm_slot_page_track_add_page.write_unlock"]
                   ELSE /\ IF [spte[shadow_mmu.gfn] EXCEPT
                                  !.writable = FALSE,
                                  !.mmu_writable = FALSE]
                                = spte[shadow_mmu.gfn]
                             THEN /\ shadow_mmu' = [shadow_mmu EXCEPT
                                         !.pc = "kvm_slot_page_track_add_page.write_unlock"]
                             ELSE /\ shadow_mmu' = [shadow_mmu EXCEPT
                                         !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                         !.old_spte = spte[shadow_mmu.gfn],
                                         !.old_spte_2 = spte[shadow_mmu.gfn]]
    /\ UNCHANGED <<shared, dirty_log, vcpu>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
shadow_mmu_flush_at_once ==
    /\ shadow_mmu.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "kvm_slot_page_track_add_page.write_unlock"]
    /\ UNCHANGED <<shadow_mmu_frame, spte, write_tracked, mmu_lock>>

\* kvm_slot_page_track_add_page(), arch/x86/kvm/mmu/page_track.c: write_unlock(mmu_lock)
shadow_mmu_kvm_slot_page_track_add_page_write_unlock ==
    /\ shadow_mmu.pc = "kvm_slot_page_track_add_page.write_unlock"
    /\ mmu_lock' = 0
    /\ shadow_mmu' = [IdleShadowMmu EXCEPT !.pc = "done"]
    /\ UNCHANGED <<shadow_mmu_frame, spte, tlb, write_tracked>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, new_spte);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ shadow_mmu.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' =
           [spte EXCEPT
               ![shadow_mmu.gfn] = [shadow_mmu.old_spte EXCEPT
                                       !.writable = FALSE,
                                       !.mmu_writable = FALSE]]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = IF /\ shadow_mmu.old_spte_2.present
                                                  /\ shadow_mmu.old_spte_2.dirty
                                                  /\ ~(/\ shadow_mmu.old_spte.present
                                                       /\ shadow_mmu.old_spte.dirty)
                                                 THEN "kvm_set_pfn_dirty.set_bit"
                                                 ELSE "flush_at_once",
                                        !.old_spte = NoSpte,
                                        !.old_spte_2 = NoSpte]
    /\ UNCHANGED <<shadow_mmu_frame, tlb, write_tracked, mmu_lock>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c
shadow_mmu_kvm_set_pfn_dirty_set_bit ==
    /\ shadow_mmu.pc = "kvm_set_pfn_dirty.set_bit"
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<shared, dirty_log, vcpu>>

ShadowMmu ==
    \/ \E gfn \in Gfn : shadow_mmu_kvm_slot_page_track_add_page(gfn)
    \/ shadow_mmu_kvm_slot_page_track_add_page_set_bit
    \/ shadow_mmu_write_protect_gfn_READ_ONCE
    \/ shadow_mmu_flush_at_once
    \/ shadow_mmu_kvm_slot_page_track_add_page_write_unlock
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ shadow_mmu_kvm_set_pfn_dirty_set_bit

-----------------------------------------------------------------------------
\* The dirty log: log_once()

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log_once ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, mmu_lock>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_remove_write_access.read_lock"]
    /\ UNCHANGED <<shared, shadow_mmu, vcpu>>

\* kvm_mmu_slot_remove_write_access(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep); !is_shadow_present_pte(old_spte) || !is_writable_pte(old_spte)
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* wrprot_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !is_writable_pte(old_spte)
dirty_log_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.read_unlock"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
    /\ UNCHANGED <<shared, shadow_mmu, vcpu>>

\* kvm_mmu_slot_remove_write_access(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock); spte_set
\* && !always_flushes()
dirty_log_kvm_mmu_slot_remove_write_access_read_unlock ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = IF dirty_log.result
                    THEN "kvm_mmu_slot_remove_write_access.flush_at_once"
                    ELSE "kvm_get_dirty_log_protect.write_lock"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.result = FALSE]
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock>>

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
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: xchg(slot->dirty_bitmap, 0); mask[gfn]
dirty_log_kvm_get_dirty_log_protect_xchg ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.xchg"
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ IF dirty_bitmap[0]
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "clear_dirty_pt_masked.READ_ONCE"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                     !.flush = TRUE]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                     !.flush = TRUE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                                !.old_spte = spte[0],
                                                !.old_spte_2 = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_unlock(mmu_lock); flush
dirty_log_kvm_get_dirty_log_protect_write_unlock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_unlock"
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF dirty_log.flush
                                               THEN "kvm_get_dirty_log_protect.flush_at_once"
                                               ELSE "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.flush = FALSE]
    /\ UNCHANGED <<shared, shadow_mmu, vcpu>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, old_spte & ~dbit);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
    /\ IF /\ dirty_log.old_spte_2.present
          /\ dirty_log.old_spte_2.dirty
          /\ ~(dirty_log.old_spte.present /\ dirty_log.old_spte.dirty)
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "tdp_mmu_set_spte.kvm_set_pfn_dirty.set_bit",
                     !.old_spte = NoSpte,
                     !.old_spte_2 = NoSpte]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                     !.flush = TRUE,
                     !.old_spte = NoSpte,
                     !.old_spte_2 = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: write_unlock(mmu_lock)
dirty_log_tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit ==
    /\ dirty_log.pc = "tdp_mmu_set_spte.kvm_set_pfn_dirty.set_bit"
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                                      !.flush = TRUE]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~PT_WRITABLE_MASK); ok
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
              /\ IF /\ dirty_log.old_spte.present
                    /\ dirty_log.old_spte.dirty
                    /\ ~(dirty_log.old_spte.present /\ dirty_log.old_spte.dirty)
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "tdp_mmu_set_spte_atomic.kvm_set_pfn_dirty.set_bit",
                               !.old_spte = NoSpte,
                               !.ok = TRUE]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "kvm_mmu_slot_remove_write_access.flush_at_once",
                               !.old_spte = NoSpte,
                               !.result = TRUE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "wrprot_gfn_range.READ_ONCE",
                                                !.old_spte = NoSpte]
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c
dirty_log_tdp_mmu_set_spte_atomic_kvm_set_pfn_dirty_set_bit ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.kvm_set_pfn_dirty.set_bit"
    /\ IF dirty_log.ok
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.flush_at_once",
                     !.result = TRUE,
                     !.ok = FALSE]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "wrprot_gfn_range.READ_ONCE"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

DirtyLog ==
    \/ dirty_log_log_once
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_unlock
    \/ dirty_log_kvm_mmu_slot_remove_write_access_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_write_unlock
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_kvm_set_pfn_dirty_set_bit
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg
    \/ dirty_log_tdp_mmu_set_spte_atomic_kvm_set_pfn_dirty_set_bit

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
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
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, mmu_lock>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(host PTE
\* read-only)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_writable_pte(old_spte)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF spte[vcpu[cpu].gfn].writable
                                          THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
                                          ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn],
                            ![cpu].new_spte = make_spte(spte[vcpu[cpu].gfn])]
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(gfn_write_track);
\* tracked
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu[cpu].gfn]
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                      ![cpu].new_spte = [vcpu[cpu].new_spte EXCEPT
                                                            !.writable = FALSE,
                                                            !.mmu_writable = FALSE,
                                                            !.dirty = FALSE]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN vcpu[cpu].new_spte
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "LOGGED"
                                          THEN "tdp_mmu_map_handle_target_level.set_bit"
                                          ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly>>

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
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].new_spte = NoSpte,
                                      ![cpu].spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<shared, shadow_mmu, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(), evict()

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
    /\ UNCHANGED hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED hardware_frame

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ ShadowMmu
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
