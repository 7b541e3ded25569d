------------------------------ MODULE shadow_and_emulate_wp_6_13 ------------------------------
(***************************************************************************
 One CPU emulates a write to a guest PTE, while another begins to shadow
 it.

   kernel 6.13, method wp
   2 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, fault_slot, freed,
   guest_mode, guest_only_reads, host_page_is_huge, host_pte_readonly,
   page_dirty, page_locked, page_written, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, slot_logs, slot_missing,
   slots_generation, slots_update_in_progress, spte, table, tlb,
   tlb_flush_requested, unlinked, unlinked_twice, unreported, upper,
   vcpu_mode, walk_cache, write_tracked.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, None

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0}

VARIABLES
    shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_pc, vcpu_walked

vars == <<shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_pc, vcpu_walked>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<shadow_spte_is_old, mmu_lock, vcpu_pc, vcpu_walked>>

Place == {"GUEST_PTE_CHANGED", "INDIRECT_SHADOW_PAGES"}

TypeOK ==
    /\ shadow_spte_is_old \in BOOLEAN
    /\ memory             \in SUBSET Place
    /\ store_buffer       \in [Vcpu -> Place \cup {None}]
    /\ mmu_lock           \in -1..2
    /\ vcpu_pc            \in [Vcpu -> {"idle", "smp_mb.wait_1", "kvm_mmu_track_write.load",
                                        "smp_mb.wait_2", "kvm_mmu_track_write.write_lock",
                                        "kvm_mmu_track_write.write_unlock", "fetch.write_lock",
                                        "store", "account_shadowed.smp_mb.wait", "fetch.load",
                                        "fetch.WRITE_ONCE", "fetch.write_unlock", "done"}]
    /\ vcpu_walked        \in [Vcpu -> BOOLEAN]

\* A write to a guest PTE is being emulated.
\* kvmspec/machine.py:143
emulating_write(cpu) ==
    \E c \in Vcpu :
        /\ vcpu_pc[c] \in {"smp_mb.wait_1", "kvm_mmu_track_write.load", "smp_mb.wait_2",
                           "kvm_mmu_track_write.write_lock", "kvm_mmu_track_write.write_unlock"}
        /\ c = cpu

\* A page fault is being handled that shadows a guest PTE.
\* kvmspec/machine.py:144
shadowing(cpu) ==
    \E c \in Vcpu :
        /\ vcpu_pc[c] \in {"fetch.write_lock", "store", "account_shadowed.smp_mb.wait",
                           "fetch.load", "fetch.WRITE_ONCE", "fetch.write_unlock"}
        /\ c = cpu

\* No SPTE says what a guest PTE said before it was changed, unless somebody is at work on it.
\* kvmspec/invariants.py:354
shadow_spte_is_up_to_date ==
    \/ \E cpu \in Vcpu : emulating_write(cpu) \/ shadowing(cpu)
    \/ "GUEST_PTE_CHANGED" \notin memory
    \/ ~shadow_spte_is_old

-----------------------------------------------------------------------------

Init ==
    /\ shadow_spte_is_old = FALSE
    /\ memory = {}
    /\ store_buffer = [v \in Vcpu |-> None]
    /\ mmu_lock = 0
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_walked = [v \in Vcpu |-> FALSE]

\* A guest write to its own page table that KVM emulates; what shadows the page is zapped.
\* kvmspec/page_track.py:46, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "GUEST_PTE_CHANGED"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "smp_mb.wait_1"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, mmu_lock, vcpu_walked>>

\* A fault on shadow page tables: the guest PTE has been read; it is mapped if it is the same.
\* kvmspec/page_track.py:70, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ vcpu_walked' = [vcpu_walked EXCEPT ![cpu] =
           "GUEST_PTE_CHANGED" \in memory \/ store_buffer[cpu] = "GUEST_PTE_CHANGED"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.write_lock"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_smp_mb_wait_1(cpu) ==
    /\ vcpu_pc[cpu] = "smp_mb.wait_1"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_track_write.load"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_walked>>

\* kvmspec/page_track.py:49, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write_load(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_track_write.load"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF "INDIRECT_SHADOW_PAGES" \in memory \/ store_buffer[cpu] = "INDIRECT_SHADOW_PAGES"
             THEN "smp_mb.wait_2"
             ELSE "done"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_walked>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_smp_mb_wait_2(cpu) ==
    /\ vcpu_pc[cpu] = "smp_mb.wait_2"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_track_write.write_lock"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_walked>>

\* kvmspec/page_track.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write_write_lock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_track_write.write_lock"
    /\ mmu_lock = 0
    /\ shadow_spte_is_old' = FALSE
    /\ mmu_lock' = -1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_track_write.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer, vcpu_walked>>

\* kvmspec/page_track.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_track_write
vcpu_kvm_mmu_track_write_write_unlock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_track_write.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, vcpu_walked>>

\* kvmspec/page_track.py:71, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_write_lock(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.write_lock"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "store"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, vcpu_walked>>

\* kvmspec/page_track.py:58, arch/x86/kvm/mmu/mmu.c:account_shadowed
vcpu_store(cpu) ==
    /\ vcpu_pc[cpu] = "store"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "INDIRECT_SHADOW_PAGES"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "account_shadowed.smp_mb.wait"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, mmu_lock, vcpu_walked>>

\* kvmspec/tso.py:28, arch/x86/include/asm/barrier.h:smp_mb
vcpu_account_shadowed_smp_mb_wait(cpu) ==
    /\ vcpu_pc[cpu] = "account_shadowed.smp_mb.wait"
    /\ store_buffer[cpu] = None
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.load"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock, vcpu_walked>>

\* kvmspec/page_track.py:73, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_load(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.load"
    /\ IF /\ ~("GUEST_PTE_CHANGED" \in memory \/ store_buffer[cpu] = "GUEST_PTE_CHANGED")
          /\ ~vcpu_walked[cpu]
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.WRITE_ONCE"]
              /\ UNCHANGED vcpu_walked
         ELSE /\ vcpu_walked' = [vcpu_walked EXCEPT ![cpu] = FALSE]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.write_unlock"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, mmu_lock>>

\* kvmspec/page_track.py:75, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_WRITE_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.WRITE_ONCE"
    /\ shadow_spte_is_old' = TRUE
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "fetch.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock, vcpu_walked>>

\* kvmspec/page_track.py:71, arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch)
vcpu_fetch_write_unlock(cpu) ==
    /\ vcpu_pc[cpu] = "fetch.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer, vcpu_walked>>

\* At any time.
\* kvmspec/tso.py:32, SDM vol. 3, 9.2.2
drain(cpu, place) ==
    /\ store_buffer[cpu] = place
    /\ memory' = memory \cup {place}
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = None]
    /\ UNCHANGED Vcpu_hardware_frame

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
        \/ vcpu_kvm_mmu_track_write_load(cpu)
        \/ vcpu_smp_mb_wait_2(cpu)
        \/ vcpu_kvm_mmu_track_write_write_lock(cpu)
        \/ vcpu_kvm_mmu_track_write_write_unlock(cpu)
        \/ vcpu_fetch_write_lock(cpu)
        \/ vcpu_store(cpu)
        \/ vcpu_account_shadowed_smp_mb_wait(cpu)
        \/ vcpu_fetch_load(cpu)
        \/ vcpu_fetch_WRITE_ONCE(cpu)
        \/ vcpu_fetch_write_unlock(cpu)
    \/ \E cpu \in Vcpu, place \in Place : drain(cpu, place)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
