------------------------------ MODULE zap_clean_pml_6_13 ------------------------------
(***************************************************************************
 A page, clean or dirty, writable or not, is unmapped while the guest
 writes to it.

   kernel 6.13, method pml
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
    spte, tlb, mmu_lock, zapper_pc, zapper_gfn

vars == <<spte, tlb, mmu_lock, zapper_pc, zapper_gfn>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<mmu_lock, zapper_pc, zapper_gfn>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ spte       \in [Gfn -> Spte]
    /\ tlb        \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock   \in -1..1
    /\ zapper_pc  \in {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.xchg",
                       "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"}
    /\ zapper_gfn \in Gfn \cup {None}

\* May a present SPTE change outside mmu_lock? From v6.15 on: spte_needs_atomic_update().
\* kvmspec/spte.py:129
spte_has_volatile_bits(s) ==
    (~s.writable /\ s.mmu_writable) \/ (s.writable /\ ~s.dirty) \/ ~s.accessed

\* Must this leaf SPTE be written atomically? Decided on the value read earlier.
\* kvmspec/tdp_iter.py:15
kvm_tdp_mmu_spte_need_atomic_write(old_spte) ==
    old_spte.present /\ spte_has_volatile_bits(old_spte)

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

\* Does D get set in what is mapped before and after?
\* kvmspec/invariants.py:194
gets_dirty(before, after) ==
    before.present /\ after.present /\ after.dirty /\ ~before.dirty

\* D of an SPTE that is present gets set by a CPU, which caches it, and only where W is set.
\* kvmspec/invariants.py:200
dirty_is_set_by_cpu ==
    [][\A gfn \in Gfn :
           \/ ~gets_dirty(spte[gfn], spte'[gfn])
           \/ /\ \E cpu \in Vcpu : \E g \in Gfn : tlb'[cpu][g].dirty /\ ~tlb[cpu][g].dirty
              /\ spte[gfn].writable
    ]_<<spte, tlb>>

-----------------------------------------------------------------------------

Init ==
    /\ \E result \in BOOLEAN :
           /\ \E r \in BOOLEAN :
                  /\ spte = [gfn \in Gfn |->
                                [[present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE] EXCEPT
                                    !.writable = result,
                                    !.dirty = r]]
                  /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
                  /\ mmu_lock = 0
                  /\ zapper_pc = "idle"
                  /\ zapper_gfn = None

\* Take a page away, and flush before mmu_lock is dropped.
\* kvmspec/notifiers.py:44, arch/x86/kvm/mmu/mmu.c:kvm_unmap_gfn_range
zapper_kvm_unmap_gfn_range(gfn) ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ zapper_pc' = "done"
              /\ UNCHANGED <<mmu_lock, zapper_gfn>>
         ELSE /\ mmu_lock' = -1
              /\ zapper_gfn' = gfn
              /\ zapper_pc' =
                     IF kvm_tdp_mmu_spte_need_atomic_write(spte[gfn])
                       THEN "kvm_tdp_mmu_write_spte.xchg"
                       ELSE "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ UNCHANGED <<spte, tlb>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once ==
    /\ zapper_pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<spte, zapper_gfn>>

\* kvmspec/tdp_iter.py:25, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_xchg ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.xchg"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_gfn' = None
    /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<tlb, mmu_lock>>

\* kvmspec/tdp_iter.py:28, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper_gfn] = NoSpte]
    /\ zapper_gfn' = None
    /\ zapper_pc' = "flush_at_once"
    /\ UNCHANGED <<tlb, mmu_lock>>

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
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_xchg
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

=============================================================================
