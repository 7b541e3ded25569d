------------------------------ MODULE zap_in_all_roots_3_vcpus_pml_5_18 ------------------------------
(***************************************************************************
 A page is zapped in two roots, with a yield between them, while vCPUs use
 both.

   kernel 5.18, method pml
   3 Vcpu, 1 Gfn, 2 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   memory, page_dirty, page_locked, page_written, pml_enabled,
   rcu_read_lock, shadow_spte_is_old, slot_logs, slot_missing,
   slots_generation, slots_update_in_progress, spte, store_buffer, tlb,
   tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache, write_tracked.

 Left out, since no word here has it:
   Spte.large, Spte.mmio, Spte.mmio_generation, Spte.removed,
   Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, vcpu2, None

Vcpu == {vcpu0, vcpu1, vcpu2}
Gfn == {0}
PageTable == {0, 1}

VARIABLES
    table, root, root_tlb, pml_buffer, mmu_lock, zapper_pc, zapper_flush, vcpu_pc

vars == <<table, root, root_tlb, pml_buffer, mmu_lock, zapper_pc, zapper_flush, vcpu_pc>>

\* No step of zapper changes these.
zapper_frame == <<root, pml_buffer, vcpu_pc>>

\* No step of vcpu changes these.
vcpu_frame == <<table, root_tlb, pml_buffer, mmu_lock, zapper_pc, zapper_flush>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<root, pml_buffer, mmu_lock, zapper_pc, zapper_flush, vcpu_pc>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]

TypeOK ==
    /\ table        \in [PageTable -> Spte]
    /\ root         \in [Vcpu -> PageTable \cup {None}]
    /\ root_tlb     \in [Vcpu -> [PageTable -> TlbEntry]]
    /\ pml_buffer   \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ mmu_lock     \in -1..4
    /\ zapper_pc    \in {"idle", "tdp_mmu_zap_leafs.READ_ONCE", "flush_at_once_1",
                         "kvm_tdp_mmu_zap_leafs.write_lock_1", "flush_at_once_2",
                         "kvm_tdp_mmu_zap_leafs.write_unlock",
                         "kvm_tdp_mmu_zap_leafs.write_lock_2",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                         "kvm_tdp_mmu_write_spte.WRITE_ONCE_2", "done"}
    /\ zapper_flush \in BOOLEAN
    /\ vcpu_pc      \in [Vcpu -> {"idle"}]

\* Is there anything in the vCPU's PML buffer?
\* kvmspec/faults.py:30
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* Does the vCPU run guest code, L1 or L2, by this root?
\* kvmspec/roots.py:74
runs_on(cpu, r) ==
    root[cpu] = r

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(spte, write) ==
    IF write THEN spte.writable ELSE spte.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(spte, write) ==
    spte.present /\ is_access_allowed(spte, write)

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(spte) ==
    spte.writable /\ spte.dirty

\* A running operation zaps the page, and has held mmu_lock since.
\* kvmspec/machine.py:153
zapping(gfn) ==
    zapper_pc \in {"tdp_mmu_zap_leafs.READ_ONCE", "flush_at_once_1",
                   "kvm_tdp_mmu_zap_leafs.write_lock_1", "flush_at_once_2",
                   "kvm_tdp_mmu_zap_leafs.write_unlock", "kvm_tdp_mmu_write_spte.WRITE_ONCE_1",
                   "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"}

\* A CPU that can write through its TLB: the SPTE is MMU-writable, or mmu_lock is still held.
\* kvmspec/invariants.py:108
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
                  /\ zapper_pc = "idle"
                  /\ zapper_flush = FALSE
                  /\ vcpu_pc = [v \in Vcpu |-> "idle"]

\* Zap a page in all roots, and yield after each; the flush comes first.
\* kvmspec/roots.py:265, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_leafs
zapper_kvm_tdp_mmu_zap_leafs ==
    /\ zapper_pc = "idle"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ zapper_pc' = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ UNCHANGED <<zapper_frame, table, root_tlb, zapper_flush>>

\* kvmspec/roots.py:248, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_zap_leafs
zapper_tdp_mmu_zap_leafs_READ_ONCE ==
    /\ zapper_pc = "tdp_mmu_zap_leafs.READ_ONCE"
    /\ IF ~table[0].present
         THEN /\ mmu_lock' = 0
              /\ zapper_flush' = FALSE
              /\ zapper_pc' = "kvm_tdp_mmu_zap_leafs.write_lock_1"
         ELSE /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
              /\ UNCHANGED <<mmu_lock, zapper_flush>>
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once_1 ==
    /\ zapper_pc = "flush_at_once_1"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "kvm_tdp_mmu_zap_leafs.write_lock_1"
    /\ UNCHANGED <<zapper_frame, table>>

\* kvmspec/roots.py:265, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_leafs
zapper_kvm_tdp_mmu_zap_leafs_write_lock_1 ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_leafs.write_lock_1"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ IF ~table[1].present
         THEN /\ IF zapper_flush
                   THEN /\ zapper_flush' = FALSE
                        /\ zapper_pc' = "flush_at_once_2"
                   ELSE /\ zapper_pc' = "kvm_tdp_mmu_zap_leafs.write_unlock"
                        /\ UNCHANGED zapper_flush
         ELSE /\ zapper_pc' = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
              /\ UNCHANGED zapper_flush
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvmspec/cpu.py:93, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
zapper_flush_at_once_2 ==
    /\ zapper_pc = "flush_at_once_2"
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "kvm_tdp_mmu_zap_leafs.write_unlock"
    /\ UNCHANGED <<zapper_frame, table, mmu_lock>>

\* kvmspec/roots.py:265, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_leafs
zapper_kvm_tdp_mmu_zap_leafs_write_unlock ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_leafs.write_unlock"
    /\ mmu_lock' = 0
    /\ IF zapper_flush
         THEN /\ zapper_flush' = FALSE
              /\ zapper_pc' = "kvm_tdp_mmu_zap_leafs.write_lock_2"
         ELSE /\ zapper_pc' = "done"
              /\ UNCHANGED zapper_flush
    /\ UNCHANGED <<zapper_frame, table, root_tlb>>

\* kvmspec/roots.py:271, arch/x86/kvm/mmu/tdp_mmu.c:kvm_tdp_mmu_zap_leafs
zapper_kvm_tdp_mmu_zap_leafs_write_lock_2 ==
    /\ zapper_pc = "kvm_tdp_mmu_zap_leafs.write_lock_2"
    /\ mmu_lock = 0
    /\ root_tlb' = [cpu \in Vcpu |-> [r \in PageTable |-> NoTlbEntry]]
    /\ zapper_pc' = "done"
    /\ UNCHANGED <<zapper_frame, table, mmu_lock, zapper_flush>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1 ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_1"
    /\ table' = [table EXCEPT ![1] = NoSpte]
    /\ zapper_flush' = FALSE
    /\ zapper_pc' = "flush_at_once_2"
    /\ UNCHANGED <<zapper_frame, root_tlb, mmu_lock>>

\* kvmspec/two_levels.py:77, arch/x86/kvm/mmu/tdp_iter.h:kvm_tdp_mmu_write_spte
zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2 ==
    /\ zapper_pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE_2"
    /\ table' = [table EXCEPT ![0] = NoSpte]
    /\ zapper_pc' = "flush_at_once_1"
    /\ UNCHANGED <<zapper_frame, root_tlb, mmu_lock, zapper_flush>>

\* L1 runs L2, or L2 exits to L1 (nested_vmx_vmexit()).
\* kvmspec/roots.py:127, arch/x86/kvm/vmx/nested.c:nested_vmx_enter_non_root_mode
vcpu_enter_or_leave_l2(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ \E r \in PageTable :
           /\ r # root[cpu]
           /\ ~has_logged(cpu)
           /\ root' = [root EXCEPT ![cpu] = r]
           /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
           /\ UNCHANGED vcpu_frame

\* As page_walk_for_read(). A translation belongs to its root, and outlives a switch.
\* kvmspec/roots.py:80, SDM vol. 3, 29.3.2 and 29.3.5
walk_root_for_read(cpu, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], FALSE)
    /\ ~root_tlb[cpu][r].writable
    /\ table' = [table EXCEPT ![r].accessed = TRUE]
    /\ root_tlb' =
           [root_tlb EXCEPT
               ![cpu][r] = [writable |-> table[r].writable,
                            dirty |-> need_not_set_dirty(table[r])]]
    /\ UNCHANGED Vcpu_hardware_frame

\* As page_walk_for_write(), but KVM turns PML off for L2 (vmcs02).
\* kvmspec/roots.py:90, SDM vol. 3, 29.3.5 and 29.3.6
walk_root_for_write(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ translates(table[r], TRUE)
    /\ ~root_tlb[cpu][r].dirty
    /\ table' = [table EXCEPT ![r].accessed = TRUE, ![r].dirty = TRUE]
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/roots.py:102, SDM vol. 3, 29.3.5
write_through_root_tlb(cpu, gfn, r) ==
    /\ runs_on(cpu, r)
    /\ root_tlb[cpu][r].dirty
    /\ UNCHANGED <<Vcpu_hardware_frame, table, root_tlb>>

\* A TLB entry may go at any time, of the root that is not in use, too.
\* kvmspec/roots.py:110, SDM vol. 3, 29.4.2
evict_from_root(cpu, r) ==
    /\ root_tlb[cpu][r].writable
    /\ root_tlb' = [root_tlb EXCEPT ![cpu][r] = NoTlbEntry]
    /\ UNCHANGED <<Vcpu_hardware_frame, table>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ zapper_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ zapper_kvm_tdp_mmu_zap_leafs
    \/ zapper_tdp_mmu_zap_leafs_READ_ONCE
    \/ zapper_flush_at_once_1
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_lock_1
    \/ zapper_flush_at_once_2
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_unlock
    \/ zapper_kvm_tdp_mmu_zap_leafs_write_lock_2
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_1
    \/ zapper_kvm_tdp_mmu_write_spte_WRITE_ONCE_2
    \/ \E cpu \in Vcpu : vcpu_enter_or_leave_l2(cpu)
    \/ \E cpu \in Vcpu, r \in PageTable :
        \/ walk_root_for_read(cpu, r)
        \/ evict_from_root(cpu, r)
    \/ \E cpu \in Vcpu, gfn \in Gfn, r \in PageTable :
        \/ walk_root_for_write(cpu, gfn, r)
        \/ write_through_root_tlb(cpu, gfn, r)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
