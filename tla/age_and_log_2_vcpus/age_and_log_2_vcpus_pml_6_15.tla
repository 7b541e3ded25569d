------------------------------ MODULE age_and_log_2_vcpus_pml_6_15 ------------------------------
(***************************************************************************
 A page is aged again and again while user space logs.

   kernel 6.15, method pml, 2 vCPU, 1 gfn

 "If the SPTE is cached in the TLB as writable before it is clobbered, the
 guest can continue writing the associated page without ever taking a
 write-protect fault." - ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to
 write TDP MMU SPTEs with volatile bits")
   C5 harvest_is_safe_2_vcpus: dirty_implies_logged holds

 "A flush keeps all vCPUs from running, and nobody asks for one for
 nothing." - this specification: no more is done than has to be
   P9 flush_if_owed: flushed_if_owed holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    vcpu0,  \* a vCPU
    vcpu1,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0, vcpu1}
Gfn == {0}

VARIABLES
    spte,               \* *sptep
    tlb,                \* TLB
    pml_buffer,         \* PML buffer
    pml_enabled,        \* PML
    slot_logs,          \* slot->flags LOG_DIRTY
    fault_slot,         \* fault->slot
    dirty_bitmap,       \* slot->dirty_bitmap
    mmu_lock,           \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,  \* host PTE read-only
    unreported,         \* written, user space not told
    ager,               \* the ager: its place in the code, and its locals
    dirty_log,          \* the dirty log: its place in the code, and its locals
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, pml_buffer, pml_enabled, slot_logs, fault_slot, dirty_bitmap, mmu_lock,
            host_pte_readonly, unreported>>

\* No step of the ager changes these.
ager_frame == <<tlb, pml_buffer, pml_enabled, slot_logs, fault_slot, dirty_bitmap, mmu_lock,
                host_pte_readonly, unreported, dirty_log, vcpu>>

\* No step of the dirty log changes these.
dirty_log_frame == <<fault_slot, host_pte_readonly, ager, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, pml_enabled, slot_logs, unreported, ager, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<pml_enabled, slot_logs, fault_slot, dirty_bitmap, mmu_lock,
                    host_pte_readonly, ager, dirty_log, vcpu>>

vars == <<shared, ager, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
AgerState ==
    [pc: {"idle", "age_gfn_range.atomic_fetch_and"},
     gfn: Gfn \cup {None}]
IdleAger ==
    [pc |-> "idle",
     gfn |-> None]
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_update_cpu_dirty_logging",
          "kvm_mmu_slot_leaf_clear_dirty.read_lock", "clear_dirty_gfn_range.READ_ONCE",
          "kvm_mmu_slot_leaf_clear_dirty.read_unlock", "kvm_mmu_slot_apply_flags.flush_at_once",
          "kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
          "clear_dirty_pt_masked.READ_ONCE", "kvm_get_dirty_log_protect.write_unlock",
          "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
          "tdp_mmu_clear_spte_bits.atomic_fetch_and", "tdp_mmu_clear_spte_bits.WRITE_ONCE",
          "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"},
     mask: [Gfn -> BOOLEAN],
     flush: BOOLEAN,
     old_spte: Spte,
     result: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     mask |-> [g \in Gfn |-> FALSE],
     flush |-> FALSE,
     old_spte |-> NoSpte,
     result |-> FALSE]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "enter_guest", "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.set_bit", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "fast_page_fault.try_cmpxchg", "mark_page_dirty_in_slot.READ_ONCE",
          "mark_page_dirty_in_slot.set_bit"},
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

ASSUME vcpu0 # vcpu1
ASSUME None \notin Gfn

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer        \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ pml_enabled       \in BOOLEAN
    /\ slot_logs         \in BOOLEAN
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap      \in [Gfn -> BOOLEAN]
    /\ mmu_lock          \in -1..4
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ unreported        \in [Gfn -> BOOLEAN]
    /\ ager              \in AgerState
    /\ dirty_log         \in DirtyLogState
    /\ vcpu              \in [Vcpu -> VcpuState]

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

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* User space takes each page that the dirty log does not name for clean.
relies_on_log ==
    dirty_log.pc \in {"kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
                      "clear_dirty_pt_masked.READ_ONCE",
                      "kvm_get_dirty_log_protect.write_unlock",
                      "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                      "tdp_mmu_clear_spte_bits.atomic_fetch_and",
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
                         "kvm_get_dirty_log_protect.write_unlock",
                         "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user",
                         "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE"}
    /\ dirty_log.mask[gfn]

\* A guest write that user space has not been told of is in the log, or on its way there.
dirty_implies_logged ==
    \A gfn \in Gfn :
        \/ ~unreported[gfn]
        \/ dirty_bitmap[gfn]
        \/ \E cpu \in Vcpu : pml_buffer[cpu][gfn]
        \/ marking(gfn)
        \/ harvesting(gfn)

\* A running operation will flush the page from all TLBs.
flush_owed(gfn) ==
    \/ dirty_log.pc \in {"kvm_mmu_slot_leaf_clear_dirty.read_lock",
                         "clear_dirty_gfn_range.READ_ONCE",
                         "kvm_mmu_slot_leaf_clear_dirty.read_unlock",
                         "kvm_mmu_slot_apply_flags.flush_at_once",
                         "kvm_get_dirty_log_protect.xchg", "clear_dirty_pt_masked.READ_ONCE",
                         "tdp_mmu_clear_spte_bits.atomic_fetch_and",
                         "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                         "tdp_mmu_set_spte_atomic.try_cmpxchg"}
    \/ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock" /\ dirty_log.result
    \/ /\ dirty_log.pc \in {"kvm_get_dirty_log_protect.write_unlock",
                            "kvm_get_dirty_log_protect.flush_at_once", "copy_to_user"}
       /\ dirty_log.flush

\* Could the CPU write by what it has cached?
has_cached(cpu) ==
    \E gfn \in Gfn : tlb[cpu][gfn].writable

\* No two CPUs drop what they have cached at once, unless an operation owes a flush.
flushed_if_owed ==
    [][\/ \E gfn \in Gfn : flush_owed(gfn)
       \/ ~(\E cpu \in Vcpu :
                \E other \in Vcpu :
                    /\ cpu # other
                    /\ has_cached(cpu)
                    /\ has_cached(other)
                    /\ ~has_cached(cpu)'
                    /\ ~has_cached(other)')
    ]_<<tlb, [gfn \in Gfn |-> flush_owed(gfn)]>>

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
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
\* age_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !is_accessed_spte(old_spte)
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager.pc = "idle"
    /\ spte[gfn].present
    /\ spte[gfn].accessed
    /\ ager' = [ager EXCEPT !.pc = "age_gfn_range.atomic_fetch_and", !.gfn = gfn]
    /\ UNCHANGED <<ager_frame, spte>>

\* age_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: atomic_fetch_and( *sptep, ~shadow_accessed_mask)
ager_age_gfn_range_atomic_fetch_and ==
    /\ ager.pc = "age_gfn_range.atomic_fetch_and"
    /\ spte' = [spte EXCEPT ![ager.gfn].accessed = FALSE]
    /\ ager' = IdleAger
    /\ UNCHANGED ager_frame

Ager ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_age_gfn_range_atomic_fetch_and

-----------------------------------------------------------------------------
\* The dirty log: log_once()

\* User space turns dirty logging on, and asks for dirty pages again and again.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
dirty_log_log_once ==
    /\ dirty_log.pc = "idle"
    /\ slot_logs' = TRUE
    /\ dirty_bitmap' = [gfn \in Gfn |-> FALSE]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_swap_active_memslots.wait"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, mmu_lock, unreported>>

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
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap, mmu_lock, unreported>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock);
\* READ_ONCE( *sptep); !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_apply_flags.flush_at_once"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock + 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* clear_dirty_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_gfn_range_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_gfn_range.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_mmu_slot_apply_flags.flush_at_once"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                                !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* kvm_mmu_slot_leaf_clear_dirty(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock)
dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_unlock ==
    /\ dirty_log.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "kvm_mmu_slot_apply_flags.flush_at_once"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_mmu_slot_apply_flags_flush_at_once ==
    /\ dirty_log.pc = "kvm_mmu_slot_apply_flags.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE]]
    /\ UNCHANGED <<dirty_log_frame, spte, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

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
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

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
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                     !.mask = dirty_bitmap,
                     !.flush = TRUE]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, unreported>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].dirty
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                     !.flush = TRUE]
         ELSE /\ IF kvm_tdp_mmu_spte_need_atomic_write(spte[0])
                   THEN /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"]
                   ELSE /\ dirty_log' = [dirty_log EXCEPT
                               !.pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE",
                               !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_unlock(mmu_lock); flush
dirty_log_kvm_get_dirty_log_protect_write_unlock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_unlock"
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = IF dirty_log.flush
                                               THEN "kvm_get_dirty_log_protect.flush_at_once"
                                               ELSE "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "copy_to_user"]
    /\ UNCHANGED <<dirty_log_frame, spte, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: copy_to_user(): user space knows, and will
\* copy the pages named
dirty_log_copy_to_user ==
    /\ dirty_log.pc = "copy_to_user"
    /\ unreported' = [gfn \in Gfn |-> unreported[gfn] /\ ~dirty_log.mask[gfn]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock",
                                      !.mask = [gfn \in Gfn |-> FALSE],
                                      !.flush = FALSE]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock>>

\* tdp_mmu_clear_spte_bits(), arch/x86/kvm/mmu/tdp_iter.h: atomic_fetch_and( *sptep, ~mask);
\* write_unlock(mmu_lock)
dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and ==
    /\ dirty_log.pc = "tdp_mmu_clear_spte_bits.atomic_fetch_and"
    /\ spte' = [spte EXCEPT ![0].dirty = FALSE]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                                      !.flush = TRUE]
    /\ UNCHANGED <<dirty_log_frame, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* tdp_mmu_clear_spte_bits(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, old_spte & ~mask);
\* write_unlock(mmu_lock)
dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE ==
    /\ dirty_log.pc = "tdp_mmu_clear_spte_bits.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.flush_at_once",
                                      !.flush = TRUE,
                                      !.old_spte = NoSpte]
    /\ UNCHANGED <<dirty_log_frame, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   unreported>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~dbit)
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.dirty = FALSE]]
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_leaf_clear_dirty.read_unlock",
                     !.old_spte = NoSpte,
                     !.result = TRUE]
         ELSE /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "clear_dirty_gfn_range.READ_ONCE"]
              /\ UNCHANGED spte
    /\ UNCHANGED <<dirty_log_frame, tlb, pml_buffer, pml_enabled, slot_logs, dirty_bitmap,
                   mmu_lock, unreported>>

DirtyLog ==
    \/ dirty_log_log_once
    \/ dirty_log_kvm_swap_active_memslots_wait
    \/ dirty_log_kvm_mmu_update_cpu_dirty_logging
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_lock
    \/ dirty_log_clear_dirty_gfn_range_READ_ONCE
    \/ dirty_log_kvm_mmu_slot_leaf_clear_dirty_read_unlock
    \/ dirty_log_kvm_mmu_slot_apply_flags_flush_at_once
    \/ dirty_log_kvm_get_dirty_log_protect_write_lock
    \/ dirty_log_kvm_get_dirty_log_protect_xchg
    \/ dirty_log_clear_dirty_pt_masked_READ_ONCE
    \/ dirty_log_kvm_get_dirty_log_protect_write_unlock
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_copy_to_user
    \/ dirty_log_tdp_mmu_clear_spte_bits_atomic_fetch_and
    \/ dirty_log_tdp_mmu_clear_spte_bits_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ dirty_bitmap' = IF slot_logs THEN [dirty_bitmap EXCEPT ![0] = TRUE] ELSE dirty_bitmap
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, vcpu>>

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
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, dirty_bitmap, mmu_lock>>

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
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, dirty_bitmap, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* is_shadow_present_pte(old_spte) && is_access_allowed(old_spte, write)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu[cpu].gfn].present /\ is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                     ![cpu].old_spte = spte[vcpu[cpu].gfn]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, dirty_bitmap, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, dirty_bitmap, mmu_lock, host_pte_readonly>>

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
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, mmu_lock, host_pte_readonly>>

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
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, pml_buffer, fault_slot, dirty_bitmap, host_pte_readonly>>

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
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, pml_buffer, fault_slot, dirty_bitmap, mmu_lock,
                   host_pte_readonly>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<shared, ager, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, mmu_lock, host_pte_readonly>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ vcpu_mark_page_dirty_in_slot_set_bit(cpu)

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

Symmetry == Permutations(Vcpu)

=============================================================================
