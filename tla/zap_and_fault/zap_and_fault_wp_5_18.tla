------------------------------ MODULE zap_and_fault_wp_5_18 ------------------------------
(***************************************************************************
 A page is unmapped while the guest writes to it and faults.

   kernel 5.18, method wp
   1 Vcpu, 1 Gfn

 Left out, since nothing here depends on it:
   dirty_bitmap, page_dirty, page_written, pml_buffer, pml_enabled,
   slot_logs, unreported.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS Vcpu, Gfn, None

VARIABLES
    spte, tlb, fault_slot, mmu_lock, zapper_pc, zapper_gfn, zapper_zapped, zapper_old_spte,
    vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte

vars == <<spte, tlb, fault_slot, mmu_lock, zapper_pc, zapper_gfn, zapper_zapped,
          zapper_old_spte, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, accessed: BOOLEAN,
         dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE, accessed |-> FALSE,
           dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte            \in [Gfn -> Spte]
    /\ tlb             \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ fault_slot      \in [Vcpu -> FaultSlot]
    /\ mmu_lock        \in -1..2
    /\ zapper_pc       \in {"idle", "kvm_flush_remote_tlbs",
                            "kvm_tdp_mmu_write_spte.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit",
                            "done"}
    /\ zapper_gfn      \in Gfn \cup {None}
    /\ zapper_zapped   \in Spte
    /\ zapper_old_spte \in Spte
    /\ vcpu_pc         \in [Vcpu -> {"idle", "fast_page_fault.READ_ONCE",
                                     "direct_page_fault.read_lock",
                                     "tdp_mmu_map_handle_target_level.READ_ONCE",
                                     "tdp_mmu_set_spte_atomic.try_cmpxchg", "vmentry",
                                     "fast_page_fault.try_cmpxchg",
                                     "mark_page_dirty_in_slot.READ_ONCE"}]
    /\ vcpu_gfn        \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte   \in [Vcpu -> Spte]
    /\ vcpu_spte       \in [Vcpu -> Spte]

\* The SPTE that a write fault installs (spte.c:make_spte); A and D set in advance.
\* kvmspec/spte.py:66
make_spte ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, accessed |-> TRUE,
     dirty |-> TRUE]

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:9
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* KVM has replaced the SPTE, which it takes for !W.
\* kvmspec/machine.py:69
not_writable_in_kvms_eyes(gfn) ==
    zapper_pc = "kvm_flush_remote_tlbs" /\ ~zapper_zapped.writable /\ zapper_gfn = gfn

\* No CPU has a translation cached writable that KVM, having replaced the SPTE, takes for !W.
\* kvmspec/invariants.py:62
writable_as_seen ==
    ~(\E cpu \in Vcpu :
          \E gfn \in Gfn : tlb[cpu][gfn].writable /\ not_writable_in_kvms_eyes(gfn))

\* A running operation will flush the page from all TLBs.
\* kvmspec/machine.py:67
flush_owed(gfn) ==
    /\ zapper_pc \in {"kvm_flush_remote_tlbs", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                      "kvm_set_pfn_dirty.set_bit"}
    /\ zapper_gfn = gfn

\* A CPU that can write through its TLB: the SPTE is writable, or a flush is on its way.
\* kvmspec/invariants.py:48
writable_implies_flushed_w ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].writable \/ flush_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |-> [make_spte EXCEPT !.writable = FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ zapper_pc = "idle"
    /\ zapper_gfn = None
    /\ zapper_zapped = NoSpte
    /\ zapper_old_spte = NoSpte
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:20, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, zapper_gfn, zapper_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ zapper_gfn' = gfn
              /\ zapper_old_spte' = spte[gfn]
              /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<spte, tlb, fault_slot, zapper_zapped, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_pc>>

\* kvmspec/notifiers.py:27, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_kvm_flush_remote_tlbs ==
    /\ zapper_pc = "kvm_flush_remote_tlbs"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_gfn' = None
    /\ zapper_zapped' = NoSpte
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<spte, fault_slot, zapper_old_spte, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_pc>>

\* kvmspec/tdp_iter.py:21, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ IF zapper_old_spte.dirty
         THEN /\ zapper_pc' = "kvm_set_pfn_dirty.set_bit"
              /\ UNCHANGED <<zapper_zapped, zapper_old_spte>>
         ELSE /\ zapper_zapped' = zapper_old_spte
              /\ zapper_old_spte' = NoSpte
              /\ zapper_pc' = "kvm_flush_remote_tlbs"
    /\ UNCHANGED <<tlb, fault_slot, mmu_lock, zapper_gfn, vcpu_gfn, vcpu_old_spte, vcpu_spte,
                   vcpu_pc>>

\* kvmspec/tdp_mmu.py:24, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
zapper_kvm_set_pfn_dirty_set_bit ==
    /\ zapper_pc = "kvm_set_pfn_dirty.set_bit"
    /\ zapper_zapped' = zapper_old_spte
    /\ zapper_old_spte' = NoSpte
    /\ zapper_pc' = "kvm_flush_remote_tlbs"
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, zapper_gfn, vcpu_gfn, vcpu_old_spte,
                   vcpu_spte, vcpu_pc>>

\* A write fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* kvmspec/faults.py:90, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~(spte[gfn].present /\ spte[gfn].writable)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_old_spte, vcpu_spte, zapper_pc>>

\* kvmspec/faults.py:73, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu_gfn[cpu]].present
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "direct_page_fault.read_lock"]
              /\ UNCHANGED <<vcpu_gfn, vcpu_spte>>
         ELSE /\ IF spte[vcpu_gfn[cpu]].writable
                   THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
                        /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
                        /\ UNCHANGED vcpu_spte
                   ELSE /\ IF ~spte[vcpu_gfn[cpu]].mmu_writable
                             THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "direct_page_fault.read_lock"]
                                  /\ UNCHANGED vcpu_spte
                             ELSE /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] =
                                         spte[vcpu_gfn[cpu]]]
                                  /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                                         "fast_page_fault.try_cmpxchg"]
                        /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_old_spte, zapper_pc>>

\* kvmspec/faults.py:92, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE"]
    /\ UNCHANGED <<spte, tlb, fault_slot, zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_gfn,
                   vcpu_spte, zapper_pc>>

\* kvmspec/tdp_mmu.py:126, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, zapper_pc>>

\* kvmspec/tdp_mmu.py:48, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN make_spte
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
    /\ UNCHANGED <<tlb, fault_slot, zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_spte,
                   zapper_pc>>

\* kvmspec/faults.py:94, arch/x86/kvm/mmu/mmu.c:direct_page_fault
vcpu_vmentry(cpu) ==
    /\ vcpu_pc[cpu] = "vmentry"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<spte, tlb, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, zapper_pc>>

\* kvmspec/faults.py:80, arch/x86/kvm/mmu/mmu.c:fast_page_fault
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "fast_page_fault.try_cmpxchg"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF spte[vcpu_gfn[cpu]] = vcpu_spte[cpu]
         THEN /\ spte' =
                     [spte EXCEPT ![vcpu_gfn[cpu]] = [vcpu_spte[cpu] EXCEPT !.writable = TRUE]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "mark_page_dirty_in_slot.READ_ONCE"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fast_page_fault.READ_ONCE"]
              /\ UNCHANGED spte
    /\ UNCHANGED <<tlb, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_gfn, vcpu_old_spte, zapper_pc>>

\* kvmspec/faults.py:62, virt/kvm/kvm_main.c:mark_page_dirty_in_slot
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "vmentry"]
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_old_spte, vcpu_spte, zapper_pc>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:15, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ spte[gfn].present
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> spte[gfn].writable /\ spte[gfn].dirty]]
    /\ UNCHANGED <<fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, zapper_pc, vcpu_pc>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:25, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ spte[gfn].present
    /\ spte[gfn].writable
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte, vcpu_gfn,
                   vcpu_old_spte, vcpu_spte, zapper_pc, vcpu_pc>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:40, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<spte, tlb, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, zapper_pc, vcpu_pc>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:49, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<spte, fault_slot, mmu_lock, zapper_gfn, zapper_zapped, zapper_old_spte,
                   vcpu_gfn, vcpu_old_spte, vcpu_spte, zapper_pc, vcpu_pc>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_kvm_flush_remote_tlbs
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ zapper_kvm_set_pfn_dirty_set_bit
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_direct_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_fast_page_fault_READ_ONCE(cpu)
        \/ vcpu_direct_page_fault_read_lock(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_vmentry(cpu)
        \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
        \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
