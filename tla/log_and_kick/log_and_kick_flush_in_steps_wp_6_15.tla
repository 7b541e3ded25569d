------------------------------ MODULE log_and_kick_flush_in_steps_wp_6_15 ------------------------------
(***************************************************************************
 User space logs, and vCPUs have to leave the guest for a flush.

   kernel 6.15, method wp, variant flush_in_steps, 1 vCPU, 1 gfn

 "With the memory barriers we can exclude the possibility of a VCPU thread
 observing !kvm_request_pending() on its last check and then not receiving
 an IPI for the next request made of it, even if the request is made
 immediately after the check." - Documentation/virt/kvm/vcpu-requests.rst,
 Ensuring Requests Are Seen
   F2 mode_then_requests: dirty_implies_logged holds

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
    slot_logs,            \* slot->flags LOG_DIRTY
    fault_slot,           \* fault->slot
    dirty_bitmap,         \* slot->dirty_bitmap
    mmu_lock,             \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,    \* host PTE read-only
    unreported,           \* written, user space not told
    dirty_log,            \* the dirty log: its place in the code, and its locals
    vcpu                  \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, vcpu_mode, tlb_flush_requested, slot_logs, fault_slot, dirty_bitmap,
            mmu_lock, host_pte_readonly, unreported>>

\* No step of the dirty log changes these.
dirty_log_frame == <<tlb, fault_slot, host_pte_readonly, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<slot_logs, unreported, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<vcpu_mode, tlb_flush_requested, slot_logs, fault_slot, dirty_bitmap,
                    mmu_lock, host_pte_readonly, dirty_log, vcpu>>

vars == <<shared, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
VcpuMode == {"IN_GUEST_MODE", "OUTSIDE_GUEST_MODE", "EXITING_GUEST_MODE"}
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_slot_remove_write_access.read_lock",
          "wrprot_gfn_range.READ_ONCE",
          "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.WRITE_ONCE",
          "kvm_mmu_slot_apply_flags.kvm_kick_many_cpus",
          "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.wait",
          "kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
          "clear_dirty_pt_masked.READ_ONCE",
          "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
          "kvm_get_dirty_log_protect.kvm_kick_many_cpus",
          "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait", "copy_to_user",
          "tdp_mmu_clear_spte_bits.atomic_fetch_and", "tdp_mmu_clear_spte_bits.WRITE_ONCE",
          "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"},
     mask: [Gfn -> BOOLEAN],
     old_spte: Spte]
IdleDirtyLog ==
    [pc |-> "idle",
     mask |-> [g \in Gfn |-> FALSE],
     old_spte |-> NoSpte]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "vmentry.vcpu_enter_guest.test_and_clear_bit", "vmentry.kvm_vcpu_flush_tlb_all",
          "vcpu_enter_guest.WRITE_ONCE_1", "kvm_vcpu_exit_request.READ_ONCE_1",
          "vmentry.enter_guest", "vcpu_enter_guest.WRITE_ONCE_2",
          "kvm_vcpu_exit_request.READ_ONCE_2", "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.set_bit", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "fast_page_fault.try_cmpxchg", "mark_page_dirty_in_slot.READ_ONCE",
          "mark_page_dirty_in_slot.set_bit", "handle_ipi.vcpu_enter_guest.test_and_clear_bit",
          "handle_ipi.kvm_vcpu_flush_tlb_all", "vcpu_enter_guest.WRITE_ONCE_3",
          "kvm_vcpu_exit_request.READ_ONCE_3", "handle_ipi.enter_guest",
          "vcpu_enter_guest.WRITE_ONCE_4", "kvm_vcpu_exit_request.READ_ONCE_4"},
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
    /\ slot_logs           \in BOOLEAN
    /\ fault_slot          \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap        \in [Gfn -> BOOLEAN]
    /\ mmu_lock            \in -1..2
    /\ host_pte_readonly   \in [Gfn -> BOOLEAN]
    /\ unreported          \in [Gfn -> BOOLEAN]
    /\ dirty_log           \in DirtyLogState
    /\ vcpu                \in [Vcpu -> VcpuState]

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
    dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
                      "clear_dirty_pt_masked.READ_ONCE",
                      "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
                      "kvm_get_dirty_log_protect.kvm_kick_many_cpus",
                      "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait",
                      "copy_to_user", "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                      "tdp_mmu_clear_spte_bits.WRITE_ONCE"}

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
                         "copy_to_user", "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE"}
    /\ dirty_log.mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
dirty_implies_logged ==
    \A gfn \in Gfn : ~unreported[gfn] \/ dirty_bitmap[gfn] \/ marking(gfn) \/ harvesting(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> FALSE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ vcpu_mode = [v \in Vcpu |-> "IN_GUEST_MODE"]
    /\ tlb_flush_requested = [v \in Vcpu |-> FALSE]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ unreported = [g \in Gfn |-> FALSE]
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The dirty log: log_once()

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log_once ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, mmu_lock, unreported>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu(&kvm->srcu)
dirty_log_kvm_swap_active_memslots_wait ==
    /\ dirty_log.pc = "kvm_swap_active_memslots.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "PLAIN"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_remove_write_access.read_lock"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_slot_remove_write_access(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep); !is_shadow_present_pte(old_spte) || !is_writable_pte(old_spte)
dirty_log_kvm_mmu_slot_remove_write_access_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_remove_write_access.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.WRITE_ONCE"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, unreported>>

\* wrprot_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !is_writable_pte(old_spte)
dirty_log_wrprot_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "wrprot_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.WRITE_ONCE"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
dirty_log_kvm_mmu_slot_apply_flags_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_apply_flags.kvm_kick_many_cpus"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, slot_logs, dirty_bitmap, mmu_lock,
                   unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
dirty_log_kvm_mmu_slot_apply_flags_kvm_kick_many_cpus ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb_flush_requested, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
dirty_log_kvm_mmu_slot_apply_flags_kvm_make_all_cpus_request_wait ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<shared, vcpu>>

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
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, unreported>>

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
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   unreported>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE"]
         ELSE /\ IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                               !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: WRITE_ONCE(KVM_REQ_TLB_FLUSH, true for each
\* cpu)
dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE"
    /\ tlb_flush_requested' = [cpu \in Vcpu |-> TRUE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.kvm_kick_many_cpus"]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, slot_logs, dirty_bitmap, mmu_lock,
                   unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: cmpxchg(&vcpu->mode, IN_GUEST_MODE,
\* EXITING_GUEST_MODE); smp_call_function_many()
dirty_log_kvm_get_dirty_log_protect_kvm_kick_many_cpus ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_kick_many_cpus"
    /\ vcpu_mode' =
           [cpu \in Vcpu |->
               IF vcpu_mode[cpu] = "IN_GUEST_MODE" THEN "EXITING_GUEST_MODE" ELSE vcpu_mode[cpu]]
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb_flush_requested, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* kvm_make_all_cpus_request(), virt/kvm/kvm_main.c: csd_lock_wait(): each CPU has taken the IPI
dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_wait ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.wait"
    /\ \A cpu \in Vcpu : vcpu_mode[cpu] # "EXITING_GUEST_MODE"
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log.mask[gfn]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, spte, vcpu_mode, tlb_flush_requested, slot_logs,
                   dirty_bitmap, mmu_lock>>

\* tdp_mmu_clear_spte_bits(), arch/x86/kvm/mmu/tdp_iter.h: atomic_fetch_and( *sptep, ~mask);
\* write_unlock(mmu_lock)
dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and ==
    /\ dirty_log.pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
    /\ spte' = [spte EXCEPT ![0].writable = FALSE]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE"]
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, slot_logs, dirty_bitmap,
                   unreported>>

\* tdp_mmu_clear_spte_bits(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, old_spte & ~mask);
\* write_unlock(mmu_lock)
dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE ==
    /\ dirty_log.pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT
           !.pc = "kvm_get_dirty_log_protect.kvm_make_all_cpus_request.WRITE_ONCE",
           !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, slot_logs, dirty_bitmap,
                   unreported>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~PT_WRITABLE_MASK)
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_apply_flags.kvm_make_all_cpus_request.WRITE_ONCE",
                     !.old_spte = NoSpte]
         ELSE /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "wrprot_gfn_range.READ_ONCE"]
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, vcpu_mode, tlb_flush_requested, slot_logs, dirty_bitmap,
                   unreported>>

DirtyLog ==
    \/ dirty_log_log_once
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_slot_remove_write_access_read_lock
    \/ dirty_log_wrprot_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_apply_flags_kvm_make_all_cpus_request_WRITE_ONCE
    \/ dirty_log_kvm_mmu_slot_apply_flags_kvm_kick_many_cpus
    \/ dirty_log_kvm_mmu_slot_apply_flags_kvm_make_all_cpus_request_wait
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_WRITE_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_kick_many_cpus
    \/ dirty_log_kvm_get_dirty_log_protect_kvm_make_all_cpus_request_wait
    \/ dirty_log_copy_to_user
    \/ dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and
    \/ dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), handle_ipi()

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
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, dirty_bitmap, mmu_lock,
                   host_pte_readonly>>

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
                   host_pte_readonly>>

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
    /\ UNCHANGED <<shared, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, mmu_lock>>

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
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* is_shadow_present_pte(old_spte) && is_access_allowed(old_spte, write)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu[cpu].gfn].present /\ is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                     ![cpu].old_spte = spte[vcpu[cpu].gfn]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot,
                   dirty_bitmap, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_vmentry_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vmentry.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_vmentry_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_1"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_2"]
    /\ UNCHANGED <<shared, dirty_log>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_vmentry_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "vmentry.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_2"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_2"
                                          ELSE "vmentry.enter_guest"]
    /\ UNCHANGED <<shared, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "LOGGED"
                                          THEN "tdp_mmu_map_handle_target_level.set_bit"
                                          ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          accessed |-> TRUE, dirty |-> TRUE]
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None,
                            ![cpu].old_spte = NoSpte]
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   host_pte_readonly>>

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
    /\ UNCHANGED <<vcpu_frame, tlb, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                     ![cpu].gfn = None]
    /\ UNCHANGED <<shared, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vmentry.vcpu_enter_guest.test_and_clear_bit",
                            ![cpu].gfn = None]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, fault_slot, mmu_lock,
                   host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(KVM_REQ_TLB_FLUSH)
vcpu_handle_ipi_vcpu_enter_guest_test_and_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"
    /\ tlb_flush_requested' = [tlb_flush_requested EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "handle_ipi.kvm_vcpu_flush_tlb_all"
                                          ELSE "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly>>

\* kvm_vcpu_flush_tlb_all(), arch/x86/kvm/x86.c: kvm_vcpu_flush_tlb_all(vcpu)
vcpu_handle_ipi_kvm_vcpu_flush_tlb_all(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.kvm_vcpu_flush_tlb_all"
    /\ tlb' = [tlb EXCEPT ![cpu] = [gfn \in Gfn |-> NoTlbEntry]]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, vcpu_mode, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, IN_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_3"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "IN_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(vcpu->mode); mode ==
\* EXITING_GUEST_MODE
vcpu_kvm_vcpu_exit_request_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF vcpu_mode[cpu] = "EXITING_GUEST_MODE"
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "kvm_vcpu_exit_request.READ_ONCE_4"]
    /\ UNCHANGED <<shared, dirty_log>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: VM-Entry
vcpu_handle_ipi_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "handle_ipi.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, vcpu_mode, tlb_flush_requested, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: WRITE_ONCE(vcpu->mode, OUTSIDE_GUEST_MODE)
vcpu_vcpu_enter_guest_WRITE_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "vcpu_enter_guest.WRITE_ONCE_4"
    /\ vcpu_mode' = [vcpu_mode EXCEPT ![cpu] = "OUTSIDE_GUEST_MODE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_ipi.vcpu_enter_guest.test_and_clear_bit"]
    /\ UNCHANGED <<vcpu_frame, spte, tlb, tlb_flush_requested, fault_slot, dirty_bitmap,
                   mmu_lock, host_pte_readonly>>

\* kvm_vcpu_exit_request(), arch/x86/kvm/x86.c: READ_ONCE(KVM_REQ_TLB_FLUSH)
vcpu_kvm_vcpu_exit_request_READ_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "kvm_vcpu_exit_request.READ_ONCE_4"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF tlb_flush_requested[cpu]
                                          THEN "vcpu_enter_guest.WRITE_ONCE_4"
                                          ELSE "handle_ipi.enter_guest"]
    /\ UNCHANGED <<shared, dirty_log>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
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
    \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
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
    /\ UNCHANGED <<hardware_frame, unreported>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, unreported>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ relies_on_log
    /\ unreported' = [unreported EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte, unreported>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
