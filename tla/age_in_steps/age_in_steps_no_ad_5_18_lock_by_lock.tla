------------------------------ MODULE age_in_steps_no_ad_5_18_lock_by_lock ------------------------------
(***************************************************************************
 As `age`, with an eye on what each step does.

   kernel 5.18, method no_ad, 1 vCPU, 1 gfn

 "KVM _sets_ the WRITABLE bit out of mmu_lock, but never _clears_ the bit
 out of mmu_lock, so if the WRITABLE bit is set, it cannot magically get
 cleared just because the SPTE is MMU-writable." - 706c9c55e5a3 ("KVM:
 x86/mmu: Don't treat fully writable SPTEs as volatile (modulo A/D)")
   K1 w_never_cleared_out_of_mmu_lock: w_is_cleared_under_mmu_lock holds

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
    fault_slot,         \* fault->slot
    mmu_lock,           \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,  \* host PTE read-only
    ager,               \* the ager: its place in the code, and its locals
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, fault_slot, mmu_lock, host_pte_readonly>>

\* No step of the ager changes these.
ager_frame == <<tlb, fault_slot, host_pte_readonly, vcpu>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<spte, fault_slot, mmu_lock, host_pte_readonly, ager, vcpu>>

vars == <<shared, ager, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         saved_readable: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, saved_readable |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
AgerState ==
    [pc: {"idle", "age_gfn_range.READ_ONCE", "kvm_mmu_notifier_clear_young.write_unlock",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleAger ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "direct_page_fault.READ_ONCE",
          "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "direct_page_fault.read_unlock", "enter_guest", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE"},
     gfn: Gfn \cup {None},
     write: BOOLEAN,
     old_spte: Spte,
     spte: Spte,
     new_spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     write |-> FALSE,
     old_spte |-> NoSpte,
     spte |-> NoSpte,
     new_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ mmu_lock          \in -1..2
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ ager              \in AgerState
    /\ vcpu              \in [Vcpu -> VcpuState]

\* The SPTE of a page that has just been aged; W is not kept.
mark_spte_for_access_track(s) ==
    [s EXCEPT !.writable = FALSE, !.saved_readable = TRUE]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU read through it, as far as R, W and X go?
is_readable_pte(s) ==
    s.present /\ ~s.saved_readable

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE is_readable_pte(s)

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Where W goes, somebody holds mmu_lock.
w_is_cleared_under_mmu_lock ==
    [][\A gfn \in Gfn :
           ~(spte[gfn].writable /\ ~spte'[gfn].writable) \/ mmu_lock = -1 \/ mmu_lock > 0
    ]_<<spte, mmu_lock>>

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> FALSE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, saved_readable |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ ager = IdleAger
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The ager: kvm_mmu_notifier_clear_young()

\* Age a page. There is no flush, on purpose: A is a hint. From v6.15 on without mmu_lock.
\* kvm_mmu_notifier_clear_young(), virt/kvm/kvm_main.c: write_lock(mmu_lock)
ager_kvm_mmu_notifier_clear_young(gfn) ==
    /\ ager.pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ ager' = [ager EXCEPT !.pc = "age_gfn_range.READ_ONCE", !.gfn = gfn]
    /\ UNCHANGED <<ager_frame, spte>>

\* age_gfn_range(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte) || !is_accessed_spte(old_spte)
ager_age_gfn_range_READ_ONCE ==
    /\ ager.pc = "age_gfn_range.READ_ONCE"
    /\ IF ~spte[ager.gfn].present \/ spte[ager.gfn].saved_readable
         THEN /\ ager' = [IdleAger EXCEPT !.pc = "kvm_mmu_notifier_clear_young.write_unlock"]
         ELSE /\ ager' = [ager EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                      !.old_spte = spte[ager.gfn]]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_mmu_notifier_clear_young(), virt/kvm/kvm_main.c: write_unlock(mmu_lock)
ager_kvm_mmu_notifier_clear_young_write_unlock ==
    /\ ager.pc = "kvm_mmu_notifier_clear_young.write_unlock"
    /\ mmu_lock' = 0
    /\ ager' = [ager EXCEPT !.pc = "done"]
    /\ UNCHANGED <<ager_frame, spte>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, new_spte)
ager_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ ager.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![ager.gfn] = mark_spte_for_access_track(ager.old_spte)]
    /\ ager' = [IdleAger EXCEPT !.pc = "kvm_mmu_notifier_clear_young.write_unlock"]
    /\ UNCHANGED <<ager_frame, mmu_lock>>

Ager ==
    \/ \E gfn \in Gfn : ager_kvm_mmu_notifier_clear_young(gfn)
    \/ ager_age_gfn_range_READ_ONCE
    \/ ager_kvm_mmu_notifier_clear_young_write_unlock
    \/ ager_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ \E write \in BOOLEAN :
           /\ in_guest(cpu)
           /\ ~translates(spte[gfn], write)
           /\ ~tlb[cpu][gfn].writable
           /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
           /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                   ![cpu].gfn = gfn,
                                   ![cpu].write = write]
           /\ UNCHANGED <<spte, tlb, mmu_lock, host_pte_readonly, ager>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE",
                                      ![cpu].write = FALSE]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], vcpu[cpu].write)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
                   ELSE /\ IF vcpu[cpu].write /\ spte[vcpu[cpu].gfn].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu[cpu].gfn] EXCEPT !.saved_readable = FALSE, !.writable = TRUE], TRUE))
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "kvm_faultin_pfn.READ_ONCE",
                                                   ![cpu].write = FALSE]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                                   ![cpu].spte = spte[vcpu[cpu].gfn],
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.saved_readable = FALSE,
                                                                         !.writable = TRUE]]
                             ELSE /\ IF ~(is_access_allowed([spte[vcpu[cpu].gfn] EXCEPT !.saved_readable = FALSE], vcpu[cpu].write))
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "kvm_faultin_pfn.READ_ONCE",
                                                   ![cpu].write = FALSE]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                                   ![cpu].spte = spte[vcpu[cpu].gfn],
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.saved_readable = FALSE]]
    /\ UNCHANGED <<shared, ager>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, ager>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, ager>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, fault_slot, host_pte_readonly, ager>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_direct_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.READ_ONCE"
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_unlock",
                                      ![cpu].gfn = None]
    /\ UNCHANGED <<shared, ager>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, ager>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, ager>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          saved_readable |-> FALSE]
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "direct_page_fault.read_unlock"]]
    /\ UNCHANGED <<tlb, fault_slot, mmu_lock, host_pte_readonly, ager>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_unlock(mmu_lock)
vcpu_direct_page_fault_read_unlock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_unlock"
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter_guest"]
    /\ UNCHANGED <<spte, tlb, fault_slot, host_pte_readonly, ager>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<spte, tlb, mmu_lock, host_pte_readonly, ager>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep, spte, new_spte); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ IF vcpu[cpu].new_spte.writable /\ ~vcpu[cpu].spte.writable
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                               ![cpu].write = FALSE,
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<tlb, fault_slot, mmu_lock, host_pte_readonly, ager>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<shared, ager>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_direct_page_fault_READ_ONCE(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_direct_page_fault_read_unlock(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(), evict()

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable, dirty |-> spte[gfn].writable]]
    /\ UNCHANGED hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED hardware_frame

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED hardware_frame

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Ager
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
