------------------------------ MODULE write_back_pml_5_18 ------------------------------
(***************************************************************************
 A page of a file is written back and unmapped, with its lock held, while
 the guest writes.

   kernel 5.18, method pml, 1 vCPU, 1 gfn

 "For most (all?) file back memory, dropping the Dirty bit is a non-issue.
 The primary MMU write-protects its PTEs on writeback, i.e. KVM's dirty bit
 is effectively ignored" - ba3a6120a4e7 ("KVM: x86/mmu: Use atomic XCHG to
 write TDP MMU SPTEs with volatile bits")
   C7 file_backed: page_tagged holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,               \* *sptep
    tlb,                \* TLB
    pml_buffer,         \* PML buffer
    fault_slot,         \* fault->slot
    mmu_lock,           \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    host_pte_readonly,  \* host PTE read-only
    page_locked,        \* page lock held
    page_dirty,         \* backing page dirty
    page_written,       \* page written
    reclaim,            \* the reclaim: its place in the code, and its locals
    vcpu                \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, pml_buffer, fault_slot, mmu_lock, host_pte_readonly, page_locked,
            page_dirty, page_written>>

\* No step of the reclaim changes these.
reclaim_frame == <<pml_buffer, fault_slot, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, page_locked, page_written, reclaim>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<pml_buffer, fault_slot, mmu_lock, host_pte_readonly, page_locked,
                    page_dirty, reclaim, vcpu>>

vars == <<shared, reclaim, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
ReclaimState ==
    [pc: {"idle", "write_back_file_page.WRITE_ONCE_1", "kvm_unmap_gfn_range.write_lock",
          "write_back_file_page.flush_at_once", "write_out",
          "write_back_file_page.WRITE_ONCE_2",
          "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE",
          "write_back_file_page.kvm_set_pfn_dirty.set_bit", "flush_at_once",
          "kvm_tdp_mmu_write_spte.WRITE_ONCE", "kvm_set_pfn_dirty.set_bit", "done"},
     left: 0..2,
     gfn: Gfn \cup {None},
     old_spte: Spte]
IdleReclaim ==
    [pc |-> "idle",
     left |-> 2,
     gfn |-> None,
     old_spte |-> NoSpte]
VcpuState ==
    [pc: {"idle", "fast_page_fault.READ_ONCE", "kvm_faultin_pfn.READ_ONCE", "handle_mm_fault",
          "direct_page_fault.read_lock", "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2", "tdp_mmu_set_spte_atomic.try_cmpxchg",
          "kvm_set_pfn_dirty.set_bit", "enter_guest", "fast_page_fault.try_cmpxchg",
          "mark_page_dirty_in_slot.READ_ONCE"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     spte: Spte,
     new_spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     spte |-> NoSpte,
     new_spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte              \in [Gfn -> Spte]
    /\ tlb               \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ pml_buffer        \in [Vcpu -> [Gfn -> BOOLEAN]]
    /\ fault_slot        \in [Vcpu -> FaultSlot]
    /\ mmu_lock          \in -1..2
    /\ host_pte_readonly \in [Gfn -> BOOLEAN]
    /\ page_locked       \in [Gfn -> BOOLEAN]
    /\ page_dirty        \in [Gfn -> BOOLEAN]
    /\ page_written      \in [Gfn -> BOOLEAN]
    /\ reclaim           \in ReclaimState
    /\ vcpu              \in [Vcpu -> VcpuState]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Is there anything in the vCPU's PML buffer?
has_logged(cpu) ==
    \E gfn \in Gfn : pml_buffer[cpu][gfn]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* A running operation will tag the backing page dirty.
tag_owed(gfn) ==
    \/ /\ reclaim.pc \in {"write_back_file_page.kvm_set_pfn_dirty.set_bit",
                          "kvm_set_pfn_dirty.set_bit"}
       /\ reclaim.gfn = gfn
    \/ \E cpu \in Vcpu : vcpu[cpu].pc = "kvm_set_pfn_dirty.set_bit" /\ vcpu[cpu].gfn = gfn

\* A page that the guest has written is tagged dirty, or the SPTE still says so.
page_tagged ==
    \A gfn \in Gfn : ~page_written[gfn] \/ page_dirty[gfn] \/ spte[gfn].dirty \/ tag_owed(gfn)

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |->
                  [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE,
                   host_writable |-> TRUE, accessed |-> TRUE, dirty |-> FALSE]]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ pml_buffer = [v \in Vcpu |-> [g \in Gfn |-> FALSE]]
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ host_pte_readonly = [g \in Gfn |-> FALSE]
    /\ page_locked = [g \in Gfn |-> FALSE]
    /\ page_dirty = [gfn \in Gfn |-> TRUE]
    /\ page_written = [g \in Gfn |-> FALSE]
    /\ reclaim = IdleReclaim
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The reclaim: write_back_file_page(), kvm_unmap_gfn_range()

\* Write a page of a file back: the host PTE is write-protected first, and KVM's SPTE zapped.
\* clear_page_dirty_for_io(), mm/page-writeback.c: WRITE_ONCE(page lock held, true)
reclaim_write_back_file_page(gfn) ==
    /\ reclaim.pc = "idle"
    /\ reclaim.left > 0
    /\ page_locked' = [page_locked EXCEPT ![gfn] = TRUE]
    /\ reclaim' = [reclaim EXCEPT !.pc = "write_back_file_page.WRITE_ONCE_1", !.gfn = gfn]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_dirty,
                   page_written>>

\* Take a page away, and flush before mmu_lock is dropped.
\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
reclaim_kvm_unmap_gfn_range(gfn) ==
    /\ reclaim.pc = "idle"
    /\ reclaim.left > 0
    /\ mmu_lock = 0
    /\ IF ~spte[gfn].present
         THEN /\ reclaim' = [reclaim EXCEPT !.left = reclaim.left - 1]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ reclaim' = [reclaim EXCEPT !.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE",
                                            !.gfn = gfn,
                                            !.old_spte = spte[gfn]]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* clear_page_dirty_for_io(), mm/page-writeback.c: WRITE_ONCE(host PTE read-only, true)
reclaim_write_back_file_page_WRITE_ONCE_1 ==
    /\ reclaim.pc = "write_back_file_page.WRITE_ONCE_1"
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![reclaim.gfn] = TRUE]
    /\ reclaim' = [reclaim EXCEPT !.pc = "kvm_unmap_gfn_range.write_lock"]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, page_locked, page_dirty, page_written>>

\* kvm_unmap_gfn_range(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock); READ_ONCE( *sptep);
\* !is_shadow_present_pte(old_spte)
reclaim_kvm_unmap_gfn_range_write_lock ==
    /\ reclaim.pc = "kvm_unmap_gfn_range.write_lock"
    /\ mmu_lock = 0
    /\ IF ~spte[reclaim.gfn].present
         THEN /\ reclaim' = [reclaim EXCEPT !.pc = "write_out"]
              /\ UNCHANGED mmu_lock
         ELSE /\ mmu_lock' = -1
              /\ reclaim' = [reclaim EXCEPT
                     !.pc = "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE",
                     !.old_spte = spte[reclaim.gfn]]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
reclaim_write_back_file_page_flush_at_once ==
    /\ reclaim.pc = "write_back_file_page.flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ reclaim' = [reclaim EXCEPT !.pc = "write_out"]
    /\ UNCHANGED <<reclaim_frame, spte, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* clear_page_dirty_for_io(), mm/page-writeback.c: the page is written out: TestClearPageDirty()
reclaim_write_out ==
    /\ reclaim.pc = "write_out"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim.gfn] = FALSE]
    /\ page_written' = [page_written EXCEPT ![reclaim.gfn] = FALSE]
    /\ reclaim' = [reclaim EXCEPT !.pc = "write_back_file_page.WRITE_ONCE_2"]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked>>

\* clear_page_dirty_for_io(), mm/page-writeback.c: WRITE_ONCE(page lock held, false)
reclaim_write_back_file_page_WRITE_ONCE_2 ==
    /\ reclaim.pc = "write_back_file_page.WRITE_ONCE_2"
    /\ page_locked' = [page_locked EXCEPT ![reclaim.gfn] = FALSE]
    /\ reclaim' = [IdleReclaim EXCEPT !.left = reclaim.left - 1]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_dirty,
                   page_written>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
reclaim_write_back_file_page_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ reclaim.pc = "write_back_file_page.kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![reclaim.gfn] = NoSpte]
    /\ reclaim' = [reclaim EXCEPT
           !.pc = IF reclaim.old_spte.present /\ reclaim.old_spte.dirty
                    THEN "write_back_file_page.kvm_set_pfn_dirty.set_bit"
                    ELSE "write_back_file_page.flush_at_once",
           !.old_spte = NoSpte]
    /\ UNCHANGED <<reclaim_frame, tlb, mmu_lock, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty)
reclaim_write_back_file_page_kvm_set_pfn_dirty_set_bit ==
    /\ reclaim.pc = "write_back_file_page.kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim.gfn] = TRUE]
    /\ reclaim' = [reclaim EXCEPT !.pc = "write_back_file_page.flush_at_once"]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked,
                   page_written>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: kvm_flush_remote_tlbs(kvm);
\* write_unlock(mmu_lock)
reclaim_flush_at_once ==
    /\ reclaim.pc = "flush_at_once"
    /\ tlb' = [cpu \in Vcpu |-> [gfn \in Gfn |-> NoTlbEntry]]
    /\ mmu_lock' = 0
    /\ reclaim' = [reclaim EXCEPT !.pc = "idle", !.left = reclaim.left - 1]
    /\ UNCHANGED <<reclaim_frame, spte, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* kvm_tdp_mmu_write_spte(), arch/x86/kvm/mmu/tdp_iter.h: WRITE_ONCE( *sptep, NOT_PRESENT);
\* is_shadow_present_pte(old_spte) && is_dirty_spte(old_spte) &&
\* !(is_shadow_present_pte(new_spte) && is_dirty_spte(new_spte))
reclaim_kvm_tdp_mmu_write_spte_WRITE_ONCE ==
    /\ reclaim.pc = "kvm_tdp_mmu_write_spte.WRITE_ONCE"
    /\ spte' = [spte EXCEPT ![reclaim.gfn] = NoSpte]
    /\ IF reclaim.old_spte.present /\ reclaim.old_spte.dirty
         THEN /\ reclaim' = [reclaim EXCEPT !.pc = "kvm_set_pfn_dirty.set_bit",
                                            !.old_spte = NoSpte]
         ELSE /\ reclaim' = [reclaim EXCEPT !.pc = "flush_at_once",
                                            !.gfn = None,
                                            !.old_spte = NoSpte]
    /\ UNCHANGED <<reclaim_frame, tlb, mmu_lock, host_pte_readonly, page_locked, page_dirty,
                   page_written>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty)
reclaim_kvm_set_pfn_dirty_set_bit ==
    /\ reclaim.pc = "kvm_set_pfn_dirty.set_bit"
    /\ page_dirty' = [page_dirty EXCEPT ![reclaim.gfn] = TRUE]
    /\ reclaim' = [reclaim EXCEPT !.pc = "flush_at_once", !.gfn = None]
    /\ UNCHANGED <<reclaim_frame, spte, tlb, mmu_lock, host_pte_readonly, page_locked,
                   page_written>>

Reclaim ==
    \/ \E gfn \in Gfn :
        \/ reclaim_write_back_file_page(gfn)
        \/ reclaim_kvm_unmap_gfn_range(gfn)
    \/ reclaim_write_back_file_page_WRITE_ONCE_1
    \/ reclaim_kvm_unmap_gfn_range_write_lock
    \/ reclaim_write_back_file_page_flush_at_once
    \/ reclaim_write_out
    \/ reclaim_write_back_file_page_WRITE_ONCE_2
    \/ reclaim_write_back_file_page_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ reclaim_write_back_file_page_kvm_set_pfn_dirty_set_bit
    \/ reclaim_flush_at_once
    \/ reclaim_kvm_tdp_mmu_write_spte_WRITE_ONCE
    \/ reclaim_kvm_set_pfn_dirty_set_bit

-----------------------------------------------------------------------------
\* Each vCPU: direct_page_fault(), vmx_handle_exit()

\* A fault: fixed without mmu_lock where that is allowed, else by mapping the page.
\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_direct_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, mmu_lock, host_pte_readonly, page_dirty>>

\* An exit for whatever reason, such as the kick that GET_DIRTY_LOG begins with.
\* vmx_flush_pml_buffer(), arch/x86/kvm/vmx/vmx.c: vmx_flush_pml_buffer(vcpu)
vcpu_vmx_handle_exit(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ has_logged(cpu)
    /\ pml_buffer[cpu][0]
    /\ pml_buffer' = [pml_buffer EXCEPT ![cpu][0] = FALSE]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, host_pte_readonly, page_dirty, vcpu>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); !is_shadow_present_pte(spte)
vcpu_fast_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.READ_ONCE"
    /\ IF ~spte[vcpu[cpu].gfn].present
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
         ELSE /\ IF is_access_allowed(spte[vcpu[cpu].gfn], TRUE)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
                   ELSE /\ IF spte[vcpu[cpu].gfn].mmu_writable
                             THEN /\ IF ~(is_access_allowed([spte[vcpu[cpu].gfn] EXCEPT !.writable = TRUE], TRUE))
                                       THEN /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
                                       ELSE /\ vcpu' = [vcpu EXCEPT
                                                   ![cpu].pc = "fast_page_fault.try_cmpxchg",
                                                   ![cpu].spte = spte[vcpu[cpu].gfn],
                                                   ![cpu].new_spte = [spte[vcpu[cpu].gfn] EXCEPT
                                                                         !.writable = TRUE]]
                             ELSE /\ vcpu' = [vcpu EXCEPT
                                         ![cpu].pc = "kvm_faultin_pfn.READ_ONCE"]
    /\ UNCHANGED <<shared, reclaim>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: READ_ONCE(host PTE read-only)
vcpu_kvm_faultin_pfn_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_faultin_pfn.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF host_pte_readonly[vcpu[cpu].gfn]
                                          THEN "handle_mm_fault"
                                          ELSE "direct_page_fault.read_lock"]
    /\ UNCHANGED <<shared, reclaim>>

\* kvm_faultin_pfn(), arch/x86/kvm/mmu/mmu.c: the host faults the page in for write:
\* page_mkwrite()
vcpu_handle_mm_fault(cpu) ==
    /\ vcpu[cpu].pc = "handle_mm_fault"
    /\ ~page_locked[vcpu[cpu].gfn]
    /\ host_pte_readonly' = [host_pte_readonly EXCEPT ![vcpu[cpu].gfn] = FALSE]
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "direct_page_fault.read_lock"]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, mmu_lock>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(host PTE
\* read-only)
vcpu_direct_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "direct_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ IF ~host_pte_readonly[vcpu[cpu].gfn]
         THEN /\ mmu_lock' = mmu_lock + 1
              /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
              /\ UNCHANGED mmu_lock
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, host_pte_readonly, page_dirty>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, reclaim>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, reclaim>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); ok
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = make_spte(vcpu[cpu].old_spte)]
              /\ IF /\ vcpu[cpu].old_spte.present
                    /\ vcpu[cpu].old_spte.dirty
                    /\ ~(/\ make_spte(vcpu[cpu].old_spte).present
                         /\ make_spte(vcpu[cpu].old_spte).dirty)
                   THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_set_pfn_dirty.set_bit",
                                                ![cpu].old_spte = NoSpte]
                        /\ UNCHANGED mmu_lock
                   ELSE /\ mmu_lock' = mmu_lock - 1
                        /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ mmu_lock' = mmu_lock - 1
              /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, pml_buffer, fault_slot, host_pte_readonly, page_dirty>>

\* kvm_set_pfn_dirty(), virt/kvm/kvm_main.c: set_bit(backing page dirty); read_unlock(mmu_lock)
vcpu_kvm_set_pfn_dirty_set_bit(cpu) ==
    /\ vcpu[cpu].pc = "kvm_set_pfn_dirty.set_bit"
    /\ mmu_lock' = mmu_lock - 1
    /\ page_dirty' = [page_dirty EXCEPT ![vcpu[cpu].gfn] = TRUE]
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, fault_slot, host_pte_readonly>>

\* direct_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, pml_buffer, mmu_lock, host_pte_readonly, page_dirty>>

\* fast_page_fault(), arch/x86/kvm/mmu/mmu.c: try_cmpxchg( *sptep, spte, new_spte); ok
vcpu_fast_page_fault_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "fast_page_fault.try_cmpxchg"
    /\ IF spte[vcpu[cpu].gfn] = vcpu[cpu].spte
         THEN /\ spte' = [spte EXCEPT ![vcpu[cpu].gfn] = vcpu[cpu].new_spte]
              /\ IF vcpu[cpu].new_spte.writable /\ ~vcpu[cpu].spte.writable
                   THEN /\ vcpu' = [vcpu EXCEPT
                               ![cpu].pc = "mark_page_dirty_in_slot.READ_ONCE",
                               ![cpu].spte = NoSpte,
                               ![cpu].new_spte = NoSpte]
                   ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fast_page_fault.READ_ONCE",
                                      ![cpu].spte = NoSpte,
                                      ![cpu].new_spte = NoSpte]
              /\ UNCHANGED spte
    /\ UNCHANGED <<vcpu_frame, pml_buffer, fault_slot, mmu_lock, host_pte_readonly, page_dirty>>

\* mark_page_dirty_in_slot(), virt/kvm/kvm_main.c: READ_ONCE(fault->slot)
vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "mark_page_dirty_in_slot.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest"]]
    /\ UNCHANGED <<shared, reclaim>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_direct_page_fault(cpu, gfn)
    \/ vcpu_vmx_handle_exit(cpu)
    \/ vcpu_fast_page_fault_READ_ONCE(cpu)
    \/ vcpu_kvm_faultin_pfn_READ_ONCE(cpu)
    \/ vcpu_handle_mm_fault(cpu)
    \/ vcpu_direct_page_fault_read_lock(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
    \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
    \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ vcpu_kvm_set_pfn_dirty_set_bit(cpu)
    \/ vcpu_enter_guest(cpu)
    \/ vcpu_fast_page_fault_try_cmpxchg(cpu)
    \/ vcpu_mark_page_dirty_in_slot_READ_ONCE(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(),
\* write_through_tlb(), evict()

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* SDM vol. 3, 29.3.2 and 29.3.5: the CPU walks the page table for a read
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
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
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED <<hardware_frame, page_written>>

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* SDM vol. 3, 29.3.5: write through the TLB
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
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
    \/ Reclaim
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
