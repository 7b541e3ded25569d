------------------------------ MODULE change_pte_without_f082d86ea685_pml_5_18 ------------------------------
(***************************************************************************
 The primary MMU puts a read-only page in place of one that the guest
 writes to.

   kernel 5.18, method pml, variant without_f082d86ea685, 1 vCPU, 1 gfn

 "This preserves the invariant that MMU-writable is set if-and-only-if
 Host-writable is set." - f082d86ea685 ("KVM: x86/mmu: Clear MMU-writable
 during changed_pte notifier")
   f082d86ea685 changed_pte: legal_triple violated

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
    ksm        \* the KSM: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, mmu_lock>>

vars == <<shared, ksm>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
KsmState ==
    [pc: {"idle", "flush_at_once", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "done"},
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleKsm ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte     \in [Gfn -> Spte]
    /\ tlb      \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ mmu_lock \in -1..1
    /\ ksm      \in KsmState

\* The SPTE for a page that the primary MMU has replaced by a read-only one (until v6.9).
kvm_mmu_changed_pte_notifier_make_spte(old_spte) ==
    [old_spte EXCEPT !.writable = FALSE, !.host_writable = FALSE, !.accessed = FALSE]

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* W implies MMU_W, and MMU_W implies HOST_W, in every SPTE that is present.
legal_triple ==
    \A gfn \in Gfn :
        \/ ~spte[gfn].present
        \/ /\ spte[gfn].mmu_writable \/ ~spte[gfn].writable
           /\ spte[gfn].host_writable \/ ~spte[gfn].mmu_writable

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock = 0
    /\ ksm = IdleKsm

-----------------------------------------------------------------------------
\* The KSM: kvm_mmu_notifier_change_pte()

\* The primary MMU has put a read-only page there, as KSM does; flushed under the lock.
\* kvm_mmu_notifier_change_pte(), virt/kvm/kvm_main.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
ksm_kvm_mmu_notifier_change_pte(gfn) ==
    /\ ksm.pc = "idle"
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ ksm' = [ksm EXCEPT !.pc = "done"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ ksm' = [ksm EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                                    !.gfn = gfn,
                                    !.old_spte = spte[gfn]]
    /\ UNCHANGED <<spte, tlb>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
ksm_flush_at_once ==
    /\ ksm.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ ksm' = [ksm EXCEPT !.pc = "done"]
    /\ UNCHANGED spte

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT)
ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ ksm.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ spte' = [spte EXCEPT ![ksm.gfn] = NoSpte]
    /\ ksm' = [ksm EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"]
    /\ UNCHANGED <<tlb, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, new_spte)
ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ ksm.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ spte' = [spte EXCEPT ![ksm.gfn] = kvm_mmu_changed_pte_notifier_make_spte(ksm.old_spte)]
    /\ ksm' = [IdleKsm EXCEPT !.pc = "flush_at_once"]
    /\ UNCHANGED <<tlb, mmu_lock>>

Ksm ==
    \/ \E gfn \in Gfn : ksm_kvm_mmu_notifier_change_pte(gfn)
    \/ ksm_flush_at_once
    \/ ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ ksm_kvm_tdp_mmu_write_spte_WRITE_ONCE_2

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
    /\ UNCHANGED <<mmu_lock, ksm>>

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<mmu_lock, ksm>>

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<spte, mmu_lock, ksm>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ Ksm
    \/ \E cpu \in Vcpu : Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
