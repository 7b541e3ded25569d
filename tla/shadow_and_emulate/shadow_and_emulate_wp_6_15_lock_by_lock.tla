------------------------------ MODULE shadow_and_emulate_wp_6_15_lock_by_lock ------------------------------
(***************************************************************************
 One CPU emulates a write to a guest PTE, while another begins to shadow
 it.

   kernel 6.15, method wp
   2 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   page_dirty, page_locked, page_written, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_logs,
   slot_missing, slots_generation, slots_update_in_progress, spte, table,
   tlb, tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache, write_tracked.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, None

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0}

VARIABLES
    memory, store_buffer, mmu_lock, vcpu_pc

vars == <<memory, store_buffer, mmu_lock, vcpu_pc>>

Place == {"GUEST_PTE_CHANGED", "INDIRECT_SHADOW_PAGES"}

TypeOK ==
    /\ memory       \in SUBSET Place
    /\ store_buffer \in [Vcpu -> Place \cup {None}]
    /\ mmu_lock     \in -1..2
    /\ vcpu_pc      \in [Vcpu -> {"idle", "smp_mb.wait_1", "load", "smp_mb.wait_2",
                                  "kvm_mmu_track_write.write_lock",
                                  "kvm_mmu_track_write.write_unlock", "fetch.write_lock",
                                  "store", "account_shadowed.smp_mb.wait", "fetch.write_unlock",
                                  "done"}]

\* What says that KVM shadows a page table changes while mmu_lock is held for write.
\* kvmspec/under_lock.py:79
tracked_under_mmu_lock ==
    [][\A cpu \in Vcpu :
           \/ ~(/\ store_buffer'[cpu] = "INDIRECT_SHADOW_PAGES"
                /\ store_buffer[cpu] # "INDIRECT_SHADOW_PAGES")
           \/ mmu_lock = -1
    ]_<<store_buffer, mmu_lock>>

-----------------------------------------------------------------------------

Init ==
    /\ memory = {}
    /\ store_buffer = [v \in Vcpu |-> None]
    /\ mmu_lock = 0
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]

\* A guest write to its own page table that KVM emulates; what shadows the page is zapped.
\* kvmspec/page_track.py:46, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "GUEST_PTE_CHANGED"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "smp_mb.wait_1"]
    /\ UNCHANGED <<memory, mmu_lock>>

\* A fault on shadow page tables: the guest PTE has been read; it is mapped if it is the same.
\* kvmspec/page_track.py:70, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.write_lock"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_smp_mb_wait_1(cpu) ==
    /\ vcpu_pc[cpu] = "smp_mb.wait_1"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "load"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* kvmspec/page_track.py:49, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_load(cpu) ==
    /\ vcpu_pc[cpu] = "load"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF "INDIRECT_SHADOW_PAGES" \in memory \/ store_buffer[cpu] = "INDIRECT_SHADOW_PAGES"
             THEN "smp_mb.wait_2"
             ELSE "done"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_smp_mb_wait_2(cpu) ==
    /\ vcpu_pc[cpu] = "smp_mb.wait_2"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_track_write.write_lock"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* kvmspec/page_track.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write_write_lock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_track_write.write_lock"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_track_write.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer>>

\* kvmspec/page_track.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write_write_unlock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_track_write.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<memory, store_buffer>>

\* kvmspec/page_track.py:71, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_write_lock(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.write_lock"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "store"]
    /\ UNCHANGED <<memory, store_buffer>>

\* kvmspec/page_track.py:58, arch/x86/kvm/mmu/mmu.c:account_shadowed
vcpu_store(cpu) ==
    /\ vcpu_pc[cpu] = "store"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "INDIRECT_SHADOW_PAGES"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "account_shadowed.smp_mb.wait"]
    /\ UNCHANGED <<memory, mmu_lock>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_account_shadowed_smp_mb_wait(cpu) ==
    /\ vcpu_pc[cpu] = "account_shadowed.smp_mb.wait"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* kvmspec/page_track.py:71, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_write_unlock(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<memory, store_buffer>>

\* At any time.
\* kvmspec/tso.py:32, SDM vol. 3, 9.2.2
drain(cpu, place) ==
    /\ store_buffer[cpu] = place
    /\ memory' = memory \cup {place}
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = None]
    /\ UNCHANGED <<mmu_lock, vcpu_pc>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E cpu \in Vcpu :
        \/ vcpu_kvm_mmu_track_write(cpu)
        \/ vcpu_fetch(cpu)
        \/ vcpu_smp_mb_wait_1(cpu)
        \/ vcpu_load(cpu)
        \/ vcpu_smp_mb_wait_2(cpu)
        \/ vcpu_kvm_mmu_track_write_write_lock(cpu)
        \/ vcpu_kvm_mmu_track_write_write_unlock(cpu)
        \/ vcpu_fetch_write_lock(cpu)
        \/ vcpu_store(cpu)
        \/ vcpu_account_shadowed_smp_mb_wait(cpu)
        \/ vcpu_fetch_write_unlock(cpu)
    \/ \E cpu \in Vcpu, place \in Place : drain(cpu, place)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
