------------------------------ MODULE change_pte_no_ad_5_18 ------------------------------
(***************************************************************************
 The primary MMU puts a read-only page in place of one that the guest
 writes to.

   kernel 5.18, method no_ad
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   memory, page_dirty, page_locked, page_written, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_logs,
   slot_missing, slots_generation, slots_update_in_progress, store_buffer,
   table, tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache, write_tracked.

 Left out, since no word here has it:
   Spte.accessed, Spte.dirty, Spte.large, Spte.mmio, Spte.mmio_generation,
   Spte.removed.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, mmu_lock, ksm_pc, ksm_gfn, ksm_old_spte, ksm_old_spte_2

vars == <<spte, tlb, mmu_lock, ksm_pc, ksm_gfn, ksm_old_spte, ksm_old_spte_2>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<spte, mmu_lock, ksm_pc, ksm_gfn, ksm_old_spte, ksm_old_spte_2>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         saved_readable: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, saved_readable |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ spte           \in [Gfn -> Spte]
    /\ tlb            \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock       \in -1..1
    /\ ksm_pc         \in {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                           "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "kvm_set_pfn_dirty.set_bit",
                           "done"}
    /\ ksm_gfn        \in Gfn \cup {None}
    /\ ksm_old_spte   \in Spte
    /\ ksm_old_spte_2 \in Spte

\* The SPTE of a page that has just been aged; W is not kept.
\* kvmspec/spte.py:175
mark_spte_for_access_track(s) ==
    [s EXCEPT !.writable = FALSE, !.saved_readable = TRUE]

\* The SPTE for a page that the primary MMU has replaced by a read-only one (until v6.9).
\* kvmspec/spte.py:189
kvm_mmu_changed_pte_notifier_make_spte(old_spte) ==
    mark_spte_for_access_track([old_spte EXCEPT !.writable = FALSE, !.host_writable = FALSE, !.mmu_writable = FALSE])

\* May the CPU read through it, as far as R, W and X go?
\* kvmspec/spte.py:93
is_readable_pte(s) ==
    s.present /\ ~s.saved_readable

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE is_readable_pte(s)

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* W implies MMU_W, and MMU_W implies HOST_W, in every SPTE that is present.
\* kvmspec/invariants.py:139
legal_triple ==
    \A gfn \in Gfn :
        \/ ~spte[gfn].present
        \/ /\ spte[gfn].mmu_writable \/ ~spte[gfn].writable
           /\ spte[gfn].host_writable \/ ~spte[gfn].mmu_writable

\* A running operation will flush the page from all TLBs.
\* kvmspec/machine.py:149
flush_owed(gfn) ==
    /\ ksm_pc \in {"flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                   "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "kvm_set_pfn_dirty.set_bit"}
    /\ ksm_gfn = gfn

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or a flush is on its way.
\* kvmspec/invariants.py:48
writable_implies_flushed ==
    \A cpu \in Vcpu :
        \A gfn \in Gfn : ~tlb[cpu][gfn].writable \/ spte[gfn].mmu_writable \/ flush_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, saved_readable |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock = 0
    /\ ksm_pc = "idle"
    /\ ksm_gfn = None
    /\ ksm_old_spte = NoSpte
    /\ ksm_old_spte_2 = NoSpte

\* The primary MMU has put a read-only page there, as KSM does; flushed under the lock.
\* kvmspec/notifiers.py:35, virt/kvm/kvm_main.c:kvm_mmu_notifier_change_pte
ksm_kvm_mmu_notifier_change_pte(gfn) ==
    /\ ksm_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ ksm_pc' = "done"
              /\ UNCHANGED <<mmu_lock, ksm_gfn, ksm_old_spte>>
         ELSE /\ mmu_lock' = -1
              /\ ksm_gfn' = gfn
              /\ ksm_old_spte' = spte[gfn]
              /\ ksm_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ UNCHANGED <<spte, tlb, ksm_old_spte_2>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
ksm_flush_at_once ==
    /\ ksm_pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ ksm_gfn' = None
    /\ ksm_pc' = "done"
    /\ UNCHANGED <<spte, ksm_old_spte, ksm_old_spte_2>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ ksm_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ spte' = [spte EXCEPT ![ksm_gfn] = NoSpte]
    /\ ksm_old_spte' = ksm_old_spte
    /\ ksm_old_spte_2' = ksm_old_spte
    /\ ksm_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ UNCHANGED <<tlb, mmu_lock, ksm_gfn>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ ksm_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ spte' = [spte EXCEPT ![ksm_gfn] = kvm_mmu_changed_pte_notifier_make_spte(ksm_old_spte)]
    /\ ksm_old_spte' = NoSpte
    /\ ksm_old_spte_2' = NoSpte
    /\ ksm_pc' =
           IF /\ ksm_old_spte_2.present
              /\ ksm_old_spte_2.writable
              /\ ~(/\ kvm_mmu_changed_pte_notifier_make_spte(ksm_old_spte).present
                   /\ kvm_mmu_changed_pte_notifier_make_spte(ksm_old_spte).writable)
             THEN "kvm_set_pfn_dirty.set_bit"
             ELSE "flush_at_once"
    /\ UNCHANGED <<tlb, mmu_lock, ksm_gfn>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
ksm_kvm_set_pfn_dirty_set_bit ==
    /\ ksm_pc = "kvm_set_pfn_dirty.set_bit"
    /\ ksm_pc' = "flush_at_once"
    /\ UNCHANGED <<spte, tlb, mmu_lock, ksm_gfn, ksm_old_spte, ksm_old_spte_2>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable, dirty |-> spte[gfn].writable]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED Vcpu_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ ksm_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : ksm_kvm_mmu_notifier_change_pte(gfn)
    \/ ksm_flush_at_once
    \/ ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_2
    \/ ksm_kvm_set_pfn_dirty_set_bit
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
