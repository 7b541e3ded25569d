------------------------------ MODULE log_over_mmio_wp_5_18 ------------------------------
(***************************************************************************
 A page whose SPTE is still MMIO is unmapped and logged.

   kernel 5.18, method wp, 1 vCPU, 1 gfn

 "MMIO SPTEs are not considered present." - arch/x86/kvm/mmu/spte.h,
 comment above SPTE_MMU_PRESENT_MASK
   M2 mmio_is_not_present: mmio_is_whole holds

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
    mmu_lock,           \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,  \* host PTE read-only
    zapper,             \* the zapper: its place in the code, and its locals
    dirty_log,          \* the dirty log: its place in the code, and its locals
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, slot_logs, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* No step of the zapper changes these.
zapper_frame == <<slot_logs, fault_slot, dirty_bitmap, host_pte_readonly, dirty_log, vcpu>>

\* No step of the dirty log changes these.
dirty_log_frame == <<fault_slot, host_pte_readonly, zapper, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, slot_logs, zapper, dirty_log>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<slot_logs, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly, zapper,
                    dirty_log, vcpu>>

vars == <<shared, zapper, dirty_log, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, mmio: BOOLEAN, mmio_generation: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> FALSE,
           mmio_generation |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ZapperState ==
    [pc: {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None}]
IdleZapper ==
    [pc |-> "idle",
     gfn |-> None]
DirtyLogState ==
    [pc: {"idle", "kvm_swap_active_memslots.wait", "kvm_mmu_slot_remove_write_access.read_lock",
          "wrprot_gfn_range.READ_ONCE", "kvm_mmu_slot_remove_write_access.read_unlock",
          "kvm_mmu_slot_remove_write_access.flush_at_once",
          "kvm_get_dirty_log_protect.write_lock", "kvm_get_dirty_log_protect.xchg",
          "clear_dirty_pt_masked.READ_ONCE", "kvm_get_dirty_log_protect.flush_at_once",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "tdp_mmu_set_spte_atomic.try_cmpxchg", "done"},
     old_spte: Spte,
     result: BOOLEAN]
IdleDirtyLog ==
    [pc |-> "idle",
     old_spte |-> NoSpte,
     result |-> FALSE]
VcpuState ==
    [pc: {"idle", "handle_mmio_page_fault.READ_ONCE", "check_mmio_spte", "enter_guest_1",
          "kvm_mmu_page_fault.read_lock", "kvm_mmu_page_fault.READ_ONCE",
          "tdp_mmu_set_spte_atomic.try_cmpxchg_1", "enter_guest_2",
          "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "kvm_mmu_page_fault.tdp_mmu_map_handle_target_level.set_bit",
          "tdp_mmu_set_spte_atomic.try_cmpxchg_2", "fast_page_fault.READ_ONCE",
          "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault", "direct_page_fault.read_lock",
          "tdp_mmu_map_handle_target_level.READ_ONCE_3",
          "tdp_mmu_map_handle_target_level.READ_ONCE_4",
          "direct_page_fault.tdp_mmu_map_handle_target_level.set_bit",
          "direct_page_fault.tdp_mmu_set_spte_atomic.try_cmpxchg",
          "direct_page_fault.enter_guest", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE", "mark_page_dirty_in_slot.set_bit"},
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
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_logs         \in BOOLEAN
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ dirty_bitmap      \in [Gfn -> BOOLEAN]
    /\ mmu_lock          \in -1..3
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ zapper            \in ZapperState
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

\* Does it say that there is no memory, but a device?
is_mmio_spte(s) ==
    [present |-> FALSE, writable |-> s.writable, mmu_writable |-> FALSE,
     host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> s.mmio,
     mmio_generation |-> FALSE]
      = [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
         accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, mmio |-> FALSE, mmio_generation |-> FALSE]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* No operation has taken an MMIO SPTE for one that maps memory, and changed bits of it.
mmio_is_whole ==
    \A gfn \in Gfn : ~spte[gfn].mmio \/ is_mmio_spte(spte[gfn])

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE,
                   host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE,
                   mmio_generation |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_logs = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ dirty_bitmap = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ zapper = IdleZapper
    /\ dirty_log = IdleDirtyLog
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The zapper: kvm_unmap_gfn_range()

\* Take a page away, and flush before mmu_lock is dropped.
\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper.pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ zapper' = [zapper EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                          !.gfn = gfn]
    /\ UNCHANGED <<zapper_frame, spte, tlb>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, spte>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<zapper_frame, tlb, mmu_lock>>

Zapper ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

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
    /\ UNCHANGED <<shared, zapper, vcpu>>

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
    /\ UNCHANGED <<shared, zapper, vcpu>>

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
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock"]
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock>>

\* kvm_get_dirty_log_protect(), virt/kvm/kvm_main.c: write_lock(mmu_lock);
\* READ_ONCE(slot->dirty_bitmap); any(word[gfn])
dirty_log_kvm_get_dirty_log_protect_write_lock ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.write_lock"
    /\ mmu_lock = 0
    /\ \E gfn \in Gfn : dirty_bitmap[gfn]
    /\ mmu_lock' = -1
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.xchg"]
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
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once"]
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs>>

\* clear_dirty_pt_masked(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !(old_spte & dbit)
dirty_log_clear_dirty_pt_masked_READ_ONCE ==
    /\ dirty_log.pc = "clear_dirty_pt_masked.READ_ONCE"
    /\ IF ~spte[0].present \/ ~spte[0].writable
         THEN /\ mmu_lock' = 0
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_get_dirty_log_protect.flush_at_once"]
         ELSE /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                                !.old_spte = spte[0]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<dirty_log_frame, spte, tlb, slot_logs, dirty_bitmap>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
dirty_log_kvm_get_dirty_log_protect_flush_at_once ==
    /\ dirty_log.pc = "kvm_get_dirty_log_protect.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ dirty_log' = [dirty_log EXCEPT !.pc = "kvm_get_dirty_log_protect.write_lock"]
    /\ UNCHANGED <<dirty_log_frame, spte, slot_logs, dirty_bitmap, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, old_spte & ~dbit);
\* write_unlock(mmu_lock)
dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ dirty_log.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
    /\ mmu_lock' = 0
    /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "kvm_get_dirty_log_protect.flush_at_once"]
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte, old_spte
\* & ~PT_WRITABLE_MASK)
dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg ==
    /\ dirty_log.pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[0] = dirty_log.old_spte
         THEN /\ spte' = [spte EXCEPT ![0] = [dirty_log.old_spte EXCEPT !.writable = FALSE]]
              /\ mmu_lock' = mmu_lock - 1
              /\ dirty_log' = [dirty_log EXCEPT
                     !.pc = "kvm_mmu_slot_remove_write_access.flush_at_once",
                     !.old_spte = NoSpte]
         ELSE /\ dirty_log' = [IdleDirtyLog EXCEPT !.pc = "wrprot_gfn_range.READ_ONCE"]
              /\ UNCHANGED <<spte, mmu_lock>>
    /\ UNCHANGED <<dirty_log_frame, tlb, slot_logs, dirty_bitmap>>

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
    \/ dirty_log_kvm_get_dirty_log_protect_flush_at_once
    \/ dirty_log_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ dirty_log_tdp_mmu_set_spte_atomic_try_cmpxchg

-----------------------------------------------------------------------------
\* Each vCPU: kvm_mmu_page_fault(), direct_page_fault()

\* A fault on MMIO, or on memory where there was none before.
\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_kvm_mmu_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_logs THEN "LOGGED" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_mmio_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

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

\* handle_mmio_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); is_mmio_spte(spte)
vcpu_handle_mmio_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "handle_mmio_page_fault.READ_ONCE"
    /\ IF is_mmio_spte(spte[vcpu[cpu].gfn])
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "check_mmio_spte",
                                      ![cpu].spte = spte[vcpu[cpu].gfn]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock"]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* check_mmio_spte(), arch/x86/kvm/mmu/mmu.c: check_mmio_spte(vcpu, spte)
vcpu_check_mmio_spte(cpu) ==
    /\ vcpu[cpu].pc = "check_mmio_spte"
    /\ IF vcpu[cpu].spte.mmio_generation
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_1"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock",
                                      ![cpu].spte = NoSpte]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_1(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_1"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(fault->slot)
vcpu_kvm_mmu_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "NO_SLOT"
                                          THEN "kvm_mmu_page_fault.READ_ONCE"
                                          ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep)
vcpu_kvm_mmu_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg_1",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg_1"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN [present |-> FALSE, writable |-> TRUE,
                                          mmu_writable |-> FALSE, host_writable |-> FALSE,
                                          accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE,
                                          mmio_generation |-> TRUE]
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_2"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_2(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_2"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT
           ![cpu].pc = IF fault_slot[cpu] = "LOGGED"
                         THEN "kvm_mmu_page_fault.tdp_mmu_map_handle_target_level.set_bit"
                         ELSE "tdp_mmu_set_spte_atomic.try_cmpxchg_2"]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_kvm_mmu_page_fault_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg_2"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg_2"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN make_spte(vcpu[cpu].old_spte)
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_2"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.enter_guest",
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
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

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
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.enter_guest",
                                      ![cpu].gfn = None]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, dirty_bitmap, host_pte_readonly>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_4",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_4(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_4"
    /\ vcpu' = [vcpu EXCEPT
           ![cpu].pc = IF fault_slot[cpu] = "LOGGED"
                         THEN "direct_page_fault.tdp_mmu_map_handle_target_level.set_bit"
                         ELSE "direct_page_fault.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: set_bit(slot->dirty_bitmap)
vcpu_direct_page_fault_tdp_mmu_map_handle_target_level_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.tdp_mmu_map_handle_target_level.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_direct_page_fault_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN make_spte(vcpu[cpu].old_spte)
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "direct_page_fault.enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_direct_page_fault_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, dirty_bitmap, mmu_lock, host_pte_readonly>>

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
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.enter_guest",
                                                ![cpu].gfn = None,
                                                ![cpu].spte = NoSpte,
                                                ![cpu].new_spte = NoSpte]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, fault_slot, dirty_bitmap, mmu_lock, host_pte_readonly>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ IF fault_slot[cpu] = "LOGGED"
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "mark_page_dirty_in_slot.set_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.enter_guest",
                                      ![cpu].gfn = None]
    /\ UNCHANGED <<shared, zapper, dirty_log>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: set_bit(slot->dirty_bitmap)
vcpu_mark_page_dirty_in_slot_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.set_bit"
    /\ dirty_bitmap' = [dirty_bitmap EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "direct_page_fault.enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn :
        \/ vcpu_kvm_mmu_page_fault(cpu, gfn)
        \/ vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_handle_mmio_page_fault_READ_ONCE(cpu)
    \/ vcpu_check_mmio_spte(cpu)
    \/ vcpu_enter_guest_1(cpu)
    \/ vcpu_kvm_mmu_page_fault_read_lock(cpu)
    \/ vcpu_kvm_mmu_page_fault_READ_ONCE(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg_1(cpu)
    \/ vcpu_enter_guest_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_kvm_mmu_page_fault_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg_2(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_4(cpu)
    \/ vcpu_direct_page_fault_tdp_mmu_map_handle_target_level_set_bit(cpu)
    \/ vcpu_direct_page_fault_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_direct_page_fault_enter_guest(cpu)
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
    \/ Zapper
    \/ DirtyLog
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
