------------------------------ MODULE zap_two_roots_pml_5_18 ------------------------------
(***************************************************************************
 Two pages, one in each of two roots, are zapped, with a yield between
 them.

   kernel 5.18, method pml
   1 Vcpu, 2 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   host_page_is_huge, host_pte_readonly, memory, page_dirty, page_locked,
   page_written, pml_buffer, pml_enabled, rcu_read_lock,
   shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, tlb_flush_requested,
   unlinked, unlinked_twice, unreported, upper, vcpu_mode, walk_cache,
   write_tracked.

 Left out, since no word here has it:
   Spte.large, Spte.mmio, Spte.mmio_generation, Spte.removed,
   Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS Vcpu, Gfn, PageTable

VARIABLES
    spte, tlb, mmu_lock, zapper_pc, zapper_flush

vars == <<spte, tlb, mmu_lock, zapper_pc, zapper_flush>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<mmu_lock, zapper_pc, zapper_flush>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ spte         \in [Gfn -> Spte]
    /\ tlb          \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock     \in -1..1
    /\ zapper_pc    \in {"idle", "tdp_mmu_zap_leafs.READ_ONCE", "flush_at_once_1",
                         "kvm_tdp_mmu_zap_gfn_range.write_lock_1", "flush_at_once_2",
                         "kvm_tdp_mmu_zap_gfn_range.write_unlock",
                         "kvm_tdp_mmu_zap_gfn_range.write_lock_2",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "done"}
    /\ zapper_flush \in BOOLEAN

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation zaps the page, and has held mmu_lock since.
\* kvmspec/machine.py:145
zapping(gfn) ==
    zapper_pc \in {"tdp_mmu_zap_leafs.READ_ONCE", "flush_at_once_1",
                   "kvm_tdp_mmu_zap_gfn_range.write_lock_1", "flush_at_once_2",
                   "kvm_tdp_mmu_zap_gfn_range.write_unlock",
                   "kvm_tdp_mmu_write_spte.WRITE_ONCE_1", "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or mmu_lock is still held.
\* kvmspec/invariants.py:106
flushed_before_unlock ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].mmu_writable \/ zapping(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock = 0
    /\ zapper_pc = "idle"
    /\ zapper_flush = FALSE

\* Zap a range in all roots, and yield between them; each page here stands for a root's.
\* kvmspec/tdp_mmu.py:92, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_gfn_range
zapper_kvm_tdp_mmu_zap_gfn_range ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper_pc' = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ UNCHANGED <<spte, tlb, zapper_flush>>

\* kvmspec/tdp_mmu.py:79, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_leafs
zapper_tdp_mmu_zap_leafs_READ_ONCE ==
    /\ zapper_pc = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ IF ~spte[0].present
         THEN /\ mmu_lock' = 0
              /\ zapper_flush' = FALSE
              /\ zapper_pc' = "kvm_tdp_mmu_zap_gfn_range.write_lock_1"
         ELSE /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
              /\ UNCHANGED <<mmu_lock, zapper_flush>>
    /\ UNCHANGED <<spte, tlb>>

\* kvmspec/cpu.py:92, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once_1 ==
    /\ zapper_pc = "flush_at_once_1"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "kvm_tdp_mmu_zap_gfn_range.write_lock_1"
    /\ UNCHANGED spte

\* kvmspec/tdp_mmu.py:92, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_gfn_range
zapper_kvm_tdp_mmu_zap_gfn_range_write_lock_1 ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_gfn_range.write_lock_1"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ IF ~spte[1].present
         THEN /\ IF zapper_flush
                   THEN /\ zapper_flush' = FALSE
                        /\ zapper_pc' = "flush_at_once_2"
                   ELSE /\ zapper_pc' = "kvm_tdp_mmu_zap_gfn_range.write_unlock"
                        /\ UNCHANGED zapper_flush
         ELSE /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
              /\ UNCHANGED zapper_flush
    /\ UNCHANGED <<spte, tlb>>

\* kvmspec/cpu.py:92, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once_2 ==
    /\ zapper_pc = "flush_at_once_2"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "kvm_tdp_mmu_zap_gfn_range.write_unlock"
    /\ UNCHANGED <<spte, mmu_lock>>

\* kvmspec/tdp_mmu.py:92, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_gfn_range
zapper_kvm_tdp_mmu_zap_gfn_range_write_unlock ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_gfn_range.write_unlock"
    /\ mmu_lock' = 0
    /\ zapper_pc' = "kvm_tdp_mmu_zap_gfn_range.write_lock_2"
    /\ UNCHANGED <<spte, tlb, zapper_flush>>

\* kvmspec/tdp_mmu.py:98, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_gfn_range
zapper_kvm_tdp_mmu_zap_gfn_range_write_lock_2 ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_gfn_range.write_lock_2"
    /\ mmu_lock = 0
    /\ zapper_pc' = "done"
    /\ IF zapper_flush
         THEN /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
              /\ zapper_flush' = FALSE
         ELSE /\ UNCHANGED <<tlb, zapper_flush>>
    /\ UNCHANGED <<spte, mmu_lock>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ spte' = [spte EXCEPT ![1] = NoSpte]
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "flush_at_once_2"
    /\ UNCHANGED <<tlb, mmu_lock>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ spte' = [spte EXCEPT ![0] = NoSpte]
    /\ zapper_pc' = "flush_at_once_1"
    /\ UNCHANGED <<tlb, mmu_lock, zapper_flush>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ zapper_kvm_tdp_mmu_zap_gfn_range
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_flush_at_once_1
    \/ zapper_kvm_tdp_mmu_zap_gfn_range_write_lock_1
    \/ zapper_flush_at_once_2
    \/ zapper_kvm_tdp_mmu_zap_gfn_range_write_unlock
    \/ zapper_kvm_tdp_mmu_zap_gfn_range_write_lock_2
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
