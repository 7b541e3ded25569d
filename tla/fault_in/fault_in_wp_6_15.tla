------------------------------ MODULE fault_in_wp_6_15 ------------------------------
(***************************************************************************
 The guest writes to a page that was written back.

   kernel 6.15, method wp, 1 vCPU, 1 gfn

 "A page that was written back can be written again." - this specification:
 no more is done than has to be
   P3 page_is_faulted_in: page_is_faulted_in reached
   P3 page_is_faulted_in: tagged_when_mapped holds

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
    page_dirty,         \* backing page dirty
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, fault_slot, mmu_lock, host_pte_readonly, page_dirty>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<fault_slot, mmu_lock, host_pte_readonly, page_dirty, vcpu>>

vars == <<shared, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "kvm_mmu_finish_page_fault.set_bit", "enter_guest",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "fast_page_fault.try_cmpxchg", "mark_page_dirty_in_slot.READ_ONCE"},
     gfn: Gfn \cup {None},
     mapped: BOOLEAN,
     old_spte: Spte,
     spte: Spte,
     new_spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     mapped |-> FALSE,
     old_spte |-> NoSpte,
     spte |-> NoSpte,
     new_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ mmu_lock          \in -1..1
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ page_dirty        \in [Gfn -> BOOLEAN]
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

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A page that the host had read-only is mapped writable.
page_is_faulted_in ==
    \E gfn \in Gfn : spte[gfn].writable /\ ~host_pte_readonly[gfn]

\* A running operation will tag the backing page dirty.
tag_owed(gfn) ==
    \E cpu \in Vcpu :
        /\ vcpu[cpu].pc = "kvm_mmu_finish_page_fault.set_bit"
        /\ vcpu[cpu].mapped
        /\ vcpu[cpu].gfn = gfn

\* Does some SPTE of the page, at whichever level, let a CPU use it as far as it ever will?
may_be_used(gfn) ==
    translates(spte[gfn], TRUE)

\* KVM tags a page in a fault that has mapped it, or found it mapped; no other fault tags it.
tagged_when_mapped ==
    [][/\ \A gfn \in Gfn : ~(tag_owed(gfn)' /\ ~tag_owed(gfn)) \/ may_be_used(gfn)'
       /\ \A gfn \in Gfn :
              ~(page_dirty'[gfn] /\ ~page_dirty[gfn]) \/ tag_owed(gfn) \/ host_pte_readonly[gfn]
    ]_<<spte, host_pte_readonly, page_dirty, [gfn \in Gfn |-> tag_owed(gfn)]>>

\* To reach page_is_faulted_in is to find this false.
Never_page_is_faulted_in == ~page_is_faulted_in

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |-> NoSpte]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [gfn \in Gfn |-> TRUE]
    /\ page_dirty = [g \in Gfn |-> FALSE]
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<spte, tlb, mmu_lock, host_pte_readonly, page_dirty>>

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
    /\ UNCHANGED shared

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED shared

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock>>

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
    /\ UNCHANGED <<spte, tlb, fault_slot, host_pte_readonly, page_dirty>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* is_shadow_present_pte(old_spte) && is_access_allowed(old_spte, write)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu[cpu].gfn].present /\ is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_finish_page_fault.set_bit",
                                      ![cpu].mapped = TRUE]
         ELSE /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                     ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED shared

\* kvm_mmu_finish_page_fault(), arch/x86/kvm/mmu/mmu.c: set_bit(backing page dirty);
\* read_unlock(mmu_lock)
vcpu_kvm_mmu_finish_page_fault_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_finish_page_fault.set_bit"
    /\ mmu_lock' = mmu_lock - 1
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<spte, tlb, fault_slot, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<spte, tlb, mmu_lock, host_pte_readonly, page_dirty>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED shared

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); mapped
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
         THEN /\ spte' =
                     [spte EXCEPT
                         ![vcpu[cpu].gfn] = [present |-> TRUE, writable |-> TRUE,
                                             mmu_writable |-> TRUE, host_writable |-> TRUE,
                                             accessed |-> TRUE, dirty |-> TRUE]]
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_finish_page_fault.set_bit",
                                      ![cpu].mapped = TRUE,
                                      ![cpu].old_spte = NoSpte]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
              /\ UNCHANGED spte
    /\ UNCHANGED <<tlb, fault_slot, host_pte_readonly, page_dirty>>

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
    /\ UNCHANGED <<tlb, fault_slot, mmu_lock, host_pte_readonly, page_dirty>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED shared

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_kvm_mmu_finish_page_fault_set_bit(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
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
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
