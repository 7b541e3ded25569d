------------------------------ MODULE shadow_over_mmio_wp_5_18 ------------------------------
(***************************************************************************
 A page turns out to be a page table where an SPTE is still MMIO.

   kernel 5.18, method wp, 1 vCPU, 1 gfn

 "When overwriting an existing leaf SPTE, and the old SPTE was writable,
 skip trying to unsync shadow pages as any relevant shadow pages must
 already be unsync" - arch/x86/kvm/mmu/spte.c:make_spte(), comment
   M3 mmio_is_no_writable_spte: shadowed_page_is_protected violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,           \* *sptep
    tlb,            \* TLB
    fault_slot,     \* fault->slot
    write_tracked,  \* gfn_write_track
    mmu_lock,       \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    shadow_mmu,     \* the shadow MMU: its place in the code, and its locals
    vcpu            \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, fault_slot, write_tracked, mmu_lock>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, write_tracked, shadow_mmu>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<fault_slot, write_tracked, mmu_lock, shadow_mmu, vcpu>>

vars == <<shared, shadow_mmu, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, mmio: BOOLEAN, mmio_generation: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> FALSE,
           mmio_generation |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ShadowMmuState ==
    [pc: {"idle", "kvm_slot_page_track_add_page.set_bit", "write_protect_gfn.READ_ONCE",
          "flush_at_once", "kvm_slot_page_track_add_page.write_unlock",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleShadowMmu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte]
VcpuState ==
    [pc: {"idle", "handle_mmio_page_fault.READ_ONCE", "check_mmio_spte", "enter_guest_1",
          "kvm_mmu_page_fault.read_lock", "kvm_mmu_page_fault.READ_ONCE",
          "tdp_mmu_set_spte_atomic.try_cmpxchg", "enter_guest_2",
          "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg",
          "tdp_mmu_map_handle_target_level.READ_ONCE_3"},
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
    /\ spte          \in [Gfn -> Spte]
    /\ tlb           \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot    \in [Vcpu -> FaultSlot]
    /\ write_tracked \in [Gfn -> BOOLEAN]
    /\ mmu_lock      \in -1..2
    /\ shadow_mmu    \in ShadowMmuState
    /\ vcpu          \in [Vcpu -> VcpuState]

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

\* A running operation takes write access to the page away.
protecting(gfn) ==
    /\ shadow_mmu.pc \in {"kvm_slot_page_track_add_page.set_bit",
                          "write_protect_gfn.READ_ONCE", "flush_at_once",
                          "kvm_slot_page_track_add_page.write_unlock",
                          "kvm_tdp_mmu_write_spte.WRITE_ONCE"}
    /\ shadow_mmu.gfn = gfn

\* No CPU can write to a page table that KVM shadows, once KVM has taken write access away.
shadowed_page_is_protected ==
    ~(\E cpu \in Vcpu :
          \E gfn \in Gfn : tlb[cpu][gfn].writable /\ write_tracked[gfn] /\ ~protecting(gfn))

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE,
                   host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE,
                   mmio_generation |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ write_tracked = [g \in Gfn |-> FALSE]
    /\ mmu_lock = 0
    /\ shadow_mmu = IdleShadowMmu
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
    /\ UNCHANGED <<spte, tlb, fault_slot, write_tracked, vcpu>>

\* kvm_slot_page_track_add_page(), arch/x86/kvm/mmu/page_track.c: set_bit(gfn_write_track)
shadow_mmu_kvm_slot_page_track_add_page_set_bit ==
    /\ shadow_mmu.pc = "kvm_slot_page_track_add_page.set_bit"
    /\ write_tracked' = [write_tracked EXCEPT ![shadow_mmu.gfn] = TRUE]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "write_protect_gfn.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, vcpu>>

\* write_protect_gfn(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
shadow_mmu_write_protect_gfn_READ_ONCE ==
    /\ shadow_mmu.pc = "write_protect_gfn.READ_ONCE"
    /\ IF ~spte[shadow_mmu.gfn].present
         THEN /\ shadow_mmu' = [shadow_mmu EXCEPT
                     !.pc = "kvm_slot_page_track_add_page.write_unlock"]
         ELSE /\ IF [spte[shadow_mmu.gfn] EXCEPT !.writable = FALSE, !.mmu_writable = FALSE]
                      = spte[shadow_mmu.gfn]
                   THEN /\ shadow_mmu' = [shadow_mmu EXCEPT
                               !.pc = "kvm_slot_page_track_add_page.write_unlock"]
                   ELSE /\ shadow_mmu' = [shadow_mmu EXCEPT
                               !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                               !.old_spte = spte[shadow_mmu.gfn]]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm)
shadow_mmu_flush_at_once ==
    /\ shadow_mmu.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "kvm_slot_page_track_add_page.write_unlock"]
    /\ UNCHANGED <<spte, fault_slot, write_tracked, mmu_lock, vcpu>>

\* kvm_slot_page_track_add_page(), arch/x86/kvm/mmu/page_track.c: write_unlock(mmu_lock)
shadow_mmu_kvm_slot_page_track_add_page_write_unlock ==
    /\ shadow_mmu.pc = "kvm_slot_page_track_add_page.write_unlock"
    /\ mmu_lock' = 0
    /\ shadow_mmu' = [IdleShadowMmu EXCEPT !.pc = "done"]
    /\ UNCHANGED <<spte, tlb, fault_slot, write_tracked, vcpu>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, new_spte)
shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ shadow_mmu.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' =
           [spte EXCEPT
               ![shadow_mmu.gfn] = [shadow_mmu.old_spte EXCEPT
                                       !.writable = FALSE,
                                       !.mmu_writable = FALSE]]
    /\ shadow_mmu' = [shadow_mmu EXCEPT !.pc = "flush_at_once", !.old_spte = NoSpte]
    /\ UNCHANGED <<tlb, fault_slot, write_tracked, mmu_lock, vcpu>>

ShadowMmu ==
    \/ \E gfn \in Gfn : shadow_mmu_kvm_slot_page_track_add_page(gfn)
    \/ shadow_mmu_kvm_slot_page_track_add_page_set_bit
    \/ shadow_mmu_write_protect_gfn_READ_ONCE
    \/ shadow_mmu_flush_at_once
    \/ shadow_mmu_kvm_slot_page_track_add_page_write_unlock
    \/ shadow_mmu_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* Each vCPU: kvm_mmu_page_fault()

\* A fault on MMIO, or on memory where there was none before.
\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_kvm_mmu_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_mmio_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* handle_mmio_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); is_mmio_spte(spte)
vcpu_handle_mmio_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "handle_mmio_page_fault.READ_ONCE"
    /\ IF is_mmio_spte(spte[vcpu[cpu].gfn])
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "check_mmio_spte",
                                      ![cpu].spte = spte[vcpu[cpu].gfn]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock"]
    /\ UNCHANGED <<shared, shadow_mmu>>

\* check_mmio_spte(), arch/x86/kvm/mmu/mmu.c: check_mmio_spte(vcpu, spte)
vcpu_check_mmio_spte(cpu) ==
    /\ vcpu[cpu].pc = "check_mmio_spte"
    /\ IF vcpu[cpu].spte.mmio_generation
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_1"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock",
                                      ![cpu].spte = NoSpte]
    /\ UNCHANGED <<shared, shadow_mmu>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_1(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_1"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(fault->slot)
vcpu_kvm_mmu_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "NO_SLOT"
                                          THEN "kvm_mmu_page_fault.READ_ONCE"
                                          ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep)
vcpu_kvm_mmu_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, shadow_mmu>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
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
    /\ UNCHANGED <<vcpu_frame, fault_slot>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_2(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_2"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep);
\* !is_writable_pte(old_spte)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF spte[vcpu[cpu].gfn].writable
                                          THEN "tdp_mmu_map_handle_target_level.READ_ONCE_3"
                                          ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn],
                            ![cpu].new_spte = make_spte(spte[vcpu[cpu].gfn])]
    /\ UNCHANGED <<shared, shadow_mmu>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(gfn_write_track);
\* tracked
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ IF write_tracked[vcpu[cpu].gfn]
         THEN /\ vcpu' = [vcpu EXCEPT
                     ![cpu].pc = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg",
                     ![cpu].new_spte = [vcpu[cpu].new_spte EXCEPT
                                           !.writable = FALSE,
                                           !.mmu_writable = FALSE,
                                           !.dirty = FALSE]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"]
    /\ UNCHANGED <<shared, shadow_mmu>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN vcpu[cpu].new_spte
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_2"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_3"
    /\ vcpu' = [vcpu EXCEPT
           ![cpu].pc = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, shadow_mmu>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_kvm_mmu_page_fault(cpu, gfn)
    \/ vcpu_handle_mmio_page_fault_READ_ONCE(cpu)
    \/ vcpu_check_mmio_spte(cpu)
    \/ vcpu_enter_guest_1(cpu)
    \/ vcpu_kvm_mmu_page_fault_read_lock(cpu)
    \/ vcpu_kvm_mmu_page_fault_READ_ONCE(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_enter_guest_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_3(cpu)

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
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
