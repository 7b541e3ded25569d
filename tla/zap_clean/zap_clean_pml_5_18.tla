------------------------------ MODULE zap_clean_pml_5_18 ------------------------------
(***************************************************************************
 A page, clean or dirty, writable or not, is unmapped while the guest
 writes to it.

   kernel 5.18, method pml, 1 vCPU, 1 gfn

 "KVM (correctly) treats the Dirty bit as volatile iff the SPTE is !DIRTY
 && WRITABLE" - ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to write TDP
 MMU SPTEs with volatile bits")
   C9 dirty_is_volatile_iff: dirty_is_set_by_cpu holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,      \* *sptep
    tlb,       \* TLB
    mmu_lock,  \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    zapper     \* the zapper: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, mmu_lock>>

vars == <<shared, zapper>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
ZapperState ==
    [pc: {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE", "done"},
     gfn: Gfn \cup {None}]
IdleZapper ==
    [pc |-> "idle",
     gfn |-> None]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte     \in [Gfn -> Spte]
    /\ tlb      \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock \in -1..1
    /\ zapper   \in ZapperState

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* Does D get set in what is mapped before and after?
gets_dirty(before, after) ==
    before.present /\ after.present /\ after.dirty /\ ~before.dirty

\* D of an SPTE that is present gets set by a CPU, which caches it, and only where W is set.
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
                                          !.gfn = gfn]
    /\ UNCHANGED <<spte, tlb>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
zapper_flush_at_once ==
    /\ zapper.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED spte

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![zapper.gfn] = NoSpte]
    /\ zapper' = [IdleZapper EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<tlb, mmu_lock>>

Zapper ==
    \/ \E gfn \in Gfn : zapper_kvm_unmap_gfn_range(gfn)
    \/ zapper_flush_at_once
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(), evict()

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
    /\ UNCHANGED <<mmu_lock, zapper>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<mmu_lock, zapper>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<spte, mmu_lock, zapper>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
