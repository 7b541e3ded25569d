------------------------------ MODULE zap_pml_5_18 ------------------------------
(***************************************************************************
 A page is unmapped while the guest writes to it.

   kernel 5.18, method pml, 1 vCPU, 1 gfn

 "KVM can clobber the Accessed/Dirty bits and not properly tag the backing
 page" - ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to write TDP MMU
 SPTEs with volatile bits")
   C1 clobbered_dirty_zap: page_tagged violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,          \* *sptep
    tlb,           \* TLB
    mmu_lock,      \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    page_dirty,    \* backing page dirty
    page_written,  \* page written
    zapper         \* the zapper: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, mmu_lock, page_dirty, page_written>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<mmu_lock, page_dirty, zapper>>

vars == <<shared, zapper>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
ZapperState ==
    [pc: {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE",
          "kvm_set_pfn_dirty.set_bit", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleZapper ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte         \in [Gfn -> Spte]
    /\ tlb          \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock     \in -1..1
    /\ page_dirty   \in [Gfn -> BOOLEAN]
    /\ page_written \in [Gfn -> BOOLEAN]
    /\ zapper       \in ZapperState

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation will tag the backing page dirty.
tag_owed(gfn) ==
    zapper.pc = "kvm_set_pfn_dirty.set_bit" /\ zapper.gfn = gfn

\* A page that the guest has written is tagged dirty, or the SPTE still says so.
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
    /\ zapper = IdleZapper

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
                                          !.gfn = gfn,
                                          !.old_spte = spte[gfn]]
    /\ UNCHANGED <<spte, tlb, page_dirty, page_written>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<spte, page_dirty, page_written>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ IF zapper.old_spte.present /\ zapper.old_spte.dirty
         THEN /\ zapper' = [zapper EXCEPT !.pc = "kvm_set_pfn_dirty.set_bit",
                                          !.old_spte = NoSpte]
         ELSE /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<tlb, mmu_lock, page_dirty, page_written>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty)
zapper_kvm_set_pfn_dirty_set_bit ==
    /\ zapper.pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![zapper.gfn] = TRUE]
    /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<spte, tlb, mmu_lock, page_written>>

Zapper ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ zapper_kvm_set_pfn_dirty_set_bit

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(),
\* write_through_tlb(), evict()

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
page_walk_for_read(cpu, gfn) ==
    /\ translates(spte[gfn], FALSE)
    /\ ~tlb[cpu][gfn].writable
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE]
    /\ tlb' =
           [tlb EXCEPT
               ![cpu][gfn] = [writable |-> spte[gfn].writable,
                              dirty |-> need_not_set_dirty(spte[gfn])]]
    /\ UNCHANGED <<hardware_frame, page_written>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb[cpu][gfn].dirty
    /\ page_written' = [page_written EXCEPT ![gfn] = TRUE]
    /\ UNCHANGED <<hardware_frame, spte, tlb>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte, page_written>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
