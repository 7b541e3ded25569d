------------------------------ MODULE zap_pml_5_18 ------------------------------
(***************************************************************************
 A page is unmapped while the guest writes to it.

   kernel 5.18, method pml
   1 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   memory, page_locked, pml_buffer, pml_enabled, rcu_read_lock, root,
   root_tlb, shadow_spte_is_old, slot_logs, slot_missing, slots_generation,
   slots_update_in_progress, store_buffer, table, tlb_flush_requested,
   unlinked, unlinked_twice, unreported, upper, vcpu_mode, walk_cache,
   write_tracked.

 Left out, since no word here has it:
   Spte.large, Spte.mmio, Spte.mmio_generation, Spte.removed,
   Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS vcpu0, None

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, mmu_lock, page_dirty, page_written, zapper_pc, zapper_gfn, zapper_old_spte

vars == <<spte, tlb, mmu_lock, page_dirty, page_written, zapper_pc, zapper_gfn, zapper_old_spte>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<mmu_lock, page_dirty, zapper_pc, zapper_gfn, zapper_old_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ spte            \in [Gfn -> Spte]
    /\ tlb             \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock        \in -1..1
    /\ page_dirty      \in [Gfn -> BOOLEAN]
    /\ page_written    \in [Gfn -> BOOLEAN]
    /\ zapper_pc       \in {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                            "kvm_set_pfn_dirty.set_bit", "done"}
    /\ zapper_gfn      \in Gfn \cup {None}
    /\ zapper_old_spte \in Spte

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

\* A running operation will tag the backing page dirty.
\* kvmspec/machine.py:150
tag_owed(gfn) ==
    zapper_pc = "kvm_set_pfn_dirty.set_bit" /\ zapper_gfn = gfn

\* A page that the guest has written is tagged dirty, or the SPTE still says so.
\* kvmspec/invariants.py:154
page_tagged ==
    \A gfn \in Gfn : ~page_written[gfn] \/ page_dirty[gfn] \/ spte[gfn].dirty \/ tag_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock = 0
    /\ page_dirty = [gfn \in Gfn |-> FALSE]
    /\ page_written = [g \in Gfn |-> FALSE]
    /\ zapper_pc = "idle"
    /\ zapper_gfn = None
    /\ zapper_old_spte = NoSpte

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
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
    /\ UNCHANGED <<spte, tlb, page_dirty, page_written>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once ==
    /\ zapper_pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<spte, page_dirty, page_written, zapper_gfn, zapper_old_spte>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_old_spte' = NoSpte
    /\ IF zapper_old_spte.present /\ zapper_old_spte.dirty
         THEN /\ zapper_pc' = "kvm_set_pfn_dirty.set_bit"
              /\ UNCHANGED zapper_gfn
         ELSE /\ zapper_gfn' = None
              /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<tlb, mmu_lock, page_dirty, page_written>>

\* kvmspec/tdp_mmu.py:47, virt/kvm/kvm_main.c:kvm_set_pfn_dirty
zapper_kvm_set_pfn_dirty_set_bit ==
    /\ zapper_pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![zapper_gfn] = TRUE]
    /\ zapper_gfn' = None
    /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<spte, tlb, mmu_lock, page_written, zapper_old_spte>>

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
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* kvmspec/cpu.py:45, SDM vol. 3, 29.3.5 and 29.3.6
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<Vcpu_hardware_frame, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* kvmspec/cpu.py:70, SDM vol. 3, 29.4.2
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, spte, page_written>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ zapper_kvm_set_pfn_dirty_set_bit
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
