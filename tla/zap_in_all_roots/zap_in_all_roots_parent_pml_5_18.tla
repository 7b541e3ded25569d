------------------------------ MODULE zap_in_all_roots_parent_pml_5_18 ------------------------------
(***************************************************************************
 A page is zapped in two roots, with a yield between them, while vCPUs use
 both.

   kernel 5.18, method pml, variant parent, 1 vCPU, 1 gfn, 2 page table

 "ensure any pending flush from a previous root is honored before yielding
 while walking the tables of the current root" - a835429cda91 ("KVM:
 x86/mmu: Ensure TLBs are flushed when yielding during GFN range zap")
   a835429cda91 flush_before_yield: flushed_before_unlock violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    table,       \* *sptep (4 KiB)
    root,        \* vcpu->arch.mmu->root
    root_tlb,    \* TLB
    pml_buffer,  \* PML buffer
    mmu_lock,    \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    zapper,      \* the zapper: its place in the code, and its locals
    vcpu_pc      \* each vCPU: its place in the code

\* The state that all share.
shared == <<table, root, root_tlb, pml_buffer, mmu_lock>>

\* No step of the zapper changes these.
zapper_frame == <<root, pml_buffer, vcpu_pc>>

\* No step of a vCPU changes these.
vcpu_frame == <<table, root_tlb, pml_buffer, mmu_lock, zapper, vcpu_pc>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<root, pml_buffer, mmu_lock, zapper, vcpu_pc>>

vars == <<shared, zapper, vcpu_pc>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
ZapperState ==
    [pc: {"idle", "tdp_mmu_zap_leafs.READ_ONCE", "kvm_tdp_mmu_zap_leafs.write_lock_1",
          "kvm_tdp_mmu_zap_leafs.write_unlock", "kvm_tdp_mmu_zap_leafs.write_lock_2",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE_1", "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "done"},
     flush: BOOLEAN]
IdleZapper ==
    [pc |-> "idle",
     flush |-> FALSE]

ASSUME None \notin PageTable

TypeOK ==
    /\ table      \in [PageTable -> Spte]
    /\ root       \in [Vcpu -> PageTable \cup {None}]
    /\ root_tlb   \in [Vcpu -> [PageTable -> TlbEntry]]
    /\ pml_buffer \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ mmu_lock   \in -1..2
    /\ zapper     \in ZapperState
    /\ vcpu_pc    \in [Vcpu -> {"idle"}]

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does the vCPU run guest code, L1 or L2, by this root?
runs_on(cpu, r) ==
    root[cpu] = r

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(spte) ==
    spte.writable /\ spte.dirty

\* A running operation zaps the page, and has held mmu_lock since.
zapping(gfn) ==
    zapper.pc \in {"tdp_mmu_zap_leafs.READ_ONCE", "kvm_tdp_mmu_zap_leafs.write_lock_1",
                   "kvm_tdp_mmu_zap_leafs.write_unlock", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                   "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or mmu_lock is still held.
flushed_before_unlock ==
    \A cpu \in Vcpu :
        \A r \in PageTable :
            \/ ~root_tlb[cpu][r].writable
            \/ table[r].mmu_writable
            \/ \E gfn \in Gfn : zapping(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ \E nested \in PageTable :
           /\ \E r \in PageTable :
                  /\ r # nested
                  /\ table = [t \in PageTable |->
                                 [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                                  host_writable |-> TRUE, accessed |-> TRUE, dirty |-> TRUE]]
                  /\ root = [cpu \in Vcpu |-> r]
                  /\ root_tlb = [v \in Vcpu |-> [p \in PageTable |-> NoTlbEntry]]
                  /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
                  /\ mmu_lock = 0
                  /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ zapper = IdleZapper

-----------------------------------------------------------------------------
\* The zapper: kvm_tdp_mmu_zap_leafs()

\* Zap a page in all roots, and yield after each; the flush comes first.
\* kvm_tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: write_lock(mmu_lock)
zapper_kvm_tdp_mmu_zap_leafs ==
    /\ zapper.pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper' = [zapper EXCEPT !.pc = "tdp_mmu_zap_leafs.READ_ONCE"]
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep (4 KiB));
\* !is_shadow_present_pte(old_spte)
zapper_tdp_mmu_zap_leafs_READ_ONCE ==
    /\ zapper.pc = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ IF ~table[0].present
         THEN /\ mmu_lock' = 0
              /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_zap_leafs.write_lock_1"]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvm_tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep
\* (4 KiB)); !is_shadow_present_pte(old_spte)
zapper_kvm_tdp_mmu_zap_leafs_write_lock_1 ==
    /\ zapper.pc = "kvm_tdp_mmu_zap_leafs.write_lock_1"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper' = [zapper EXCEPT !.pc = IF table[1].present
                                         THEN "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
                                         ELSE "kvm_tdp_mmu_zap_leafs.write_unlock"]
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvm_tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: write_unlock(mmu_lock); flush
zapper_kvm_tdp_mmu_zap_leafs_write_unlock ==
    /\ zapper.pc = "kvm_tdp_mmu_zap_leafs.write_unlock"
    /\ mmu_lock' = 0
    /\ IF zapper.flush
         THEN /\ zapper' = [IdleZapper EXCEPT !.pc = "kvm_tdp_mmu_zap_leafs.write_lock_2"]
         ELSE /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvm_tdp_mmu_zap_leafs(), arch/x86/kvm/mmu/tdp_mmu.c: write_lock(mmu_lock);
\* kvm_flush_remote_tlbs(kvm); write_unlock(mmu_lock)
zapper_kvm_tdp_mmu_zap_leafs_write_lock_2 ==
    /\ zapper.pc = "kvm_tdp_mmu_zap_leafs.write_lock_2"
    /\ mmu_lock = 0
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ zapper' = [zapper EXCEPT !.pc = "done"]
    /\ UNCHANGED <<zapper_frame, table, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB),
\* NOT_PRESENT)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ table' = [table EXCEPT ![1] = NoSpte]
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_zap_leafs.write_unlock", !.flush = TRUE]
    /\ UNCHANGED <<zapper_frame, root_tlb, mmu_lock>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep (4 KiB),
\* NOT_PRESENT); write_unlock(mmu_lock)
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ zapper.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ table' = [table EXCEPT ![0] = NoSpte]
    /\ mmu_lock' = 0
    /\ zapper' = [zapper EXCEPT !.pc = "kvm_tdp_mmu_zap_leafs.write_lock_1", !.flush = TRUE]
    /\ UNCHANGED <<zapper_frame, root_tlb>>

Zapper ==
    \/ zapper_kvm_tdp_mmu_zap_leafs
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_lock_1
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_unlock
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_lock_2
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2

-----------------------------------------------------------------------------
\* Each vCPU: enter_or_leave_l2()

\* L1 runs L2, or L2 exits to L1 (nested_vmx_vmexit()).
\* nested_vmx_enter_non_root_mode(), arch/x86/kvm/vmx/nested.c: nested VM-Enter or VM-Exit: the
\* vCPU changes its root; no flush
vcpu_enter_or_leave_l2(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E r \in PageTable :
           /\ r # root[cpu]
           /\ ~has_logged(cpu)
           /\ root' = [root EXCEPT ![cpu] = r]
           /\ UNCHANGED vcpu_frame

VcpuTask(cpu) ==
    \/ vcpu_enter_or_leave_l2(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: walk_root_for_read(), walk_root_for_write(),
\* evict_from_root()

\* As page_walk_for_read(). A translation belongs to its root, and outlives a switch.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
walk_root_for_read(cpu, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], FALSE)
    /\ ~root_tlb[cpu][r].writable
    /\ table' = [table EXCEPT ![r].accessed = TRUE]
    /\ root_tlb' =
           [root_tlb EXCEPT
               ![cpu][r] = [writable |-> table[r].writable,
                            dirty |-> need_not_set_dirty(table[r])]]
    /\ UNCHANGED hardware_frame

\* As page_walk_for_write(), but KVM turns PML off for L2 (vmcs02).
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
walk_root_for_write(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], TRUE)
    /\ ~root_tlb[cpu][r].dirty
    /\ table' = [table EXCEPT ![r].accessed = TRUE, ![r].dirty = TRUE]
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED hardware_frame

\* A TLB entry may go at any time, of the root that is not in use, too.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict_from_root(cpu, r) ==
    /\ root_tlb[cpu][r].writable
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, table>>

Hardware(cpu) ==
    \/ \E r \in PageTable :
        \/ walk_root_for_read(cpu, r)
        \/ evict_from_root(cpu, r)
    \/ \E gfn \in Gfn, r \in PageTable : walk_root_for_write(cpu, gfn, r)

-----------------------------------------------------------------------------

Next ==
    \/ Zapper
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
