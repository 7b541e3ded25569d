------------------------------ MODULE memslot_for_mmio_2_vcpus_pml_6_15 ------------------------------
(***************************************************************************
 User space adds a memslot where the guest has found a device before.

   kernel 6.15, method pml
   2 Vcpu, 1 Gfn, 1 PageTable

 Left out, since nothing here depends on it:
   allocated, dirty_bitmap, eager_page_split, freed, guest_mode,
   guest_only_reads, host_page_is_huge, host_pte_readonly, memory,
   page_dirty, page_locked, page_written, pml_buffer, pml_enabled,
   rcu_read_lock, root, root_tlb, shadow_spte_is_old, slot_logs,
   store_buffer, table, tlb_flush_requested, unlinked, unlinked_twice,
   unreported, upper, vcpu_mode, walk_cache, write_tracked.

 Left out, since no word here has it:
   Spte.large, Spte.removed, Spte.saved_readable.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS vcpu0, vcpu1, None

Vcpu == {vcpu0, vcpu1}
Gfn == {0}
PageTable == {0}

VARIABLES
    spte, tlb, slot_missing, slots_generation, slots_update_in_progress, fault_slot, mmu_lock,
    user_space_pc, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_generation, vcpu_spte

vars == <<spte, tlb, slot_missing, slots_generation, slots_update_in_progress, fault_slot,
          mmu_lock, user_space_pc, vcpu_pc, vcpu_gfn, vcpu_old_spte, vcpu_generation, vcpu_spte>>

\* No step of user_space changes these.
user_space_frame == <<spte, tlb, fault_slot, mmu_lock, vcpu_pc, vcpu_gfn, vcpu_old_spte,
                      vcpu_generation, vcpu_spte>>

\* No step of vcpu changes these.
vcpu_frame == <<tlb, slot_missing, slots_generation, slots_update_in_progress, user_space_pc>>

\* No step of Vcpu_hardware changes these.
Vcpu_hardware_frame == <<slot_missing, slots_generation, slots_update_in_progress, fault_slot,
                         mmu_lock, user_space_pc, vcpu_pc, vcpu_gfn, vcpu_old_spte,
                         vcpu_generation, vcpu_spte>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, mmio: BOOLEAN, mmio_generation: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> FALSE,
           mmio_generation |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}

TypeOK ==
    /\ spte                     \in [Gfn -> Spte]
    /\ tlb                      \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_missing             \in BOOLEAN
    /\ slots_generation         \in BOOLEAN
    /\ slots_update_in_progress \in BOOLEAN
    /\ fault_slot               \in [Vcpu -> FaultSlot]
    /\ mmu_lock                 \in -1..3
    /\ user_space_pc            \in {"idle", "add_memslot.wait", "set_generation", "done"}
    /\ vcpu_pc                  \in [Vcpu -> {"idle", "handle_mmio_page_fault.READ_ONCE",
                                              "check_mmio_spte", "enter_guest_1",
                                              "kvm_mmu_page_fault.read_lock",
                                              "kvm_mmu_page_fault.READ_ONCE",
                                              "make_mmio_spte.READ_ONCE",
                                              "tdp_mmu_set_spte_atomic.try_cmpxchg",
                                              "enter_guest_2",
                                              "tdp_mmu_map_handle_target_level.READ_ONCE_1",
                                              "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                                              "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"}]
    /\ vcpu_gfn                 \in [Vcpu -> Gfn \cup {None}]
    /\ vcpu_old_spte            \in [Vcpu -> Spte]
    /\ vcpu_generation          \in [Vcpu -> BOOLEAN]
    /\ vcpu_spte                \in [Vcpu -> Spte]

\* Does the vCPU run guest code?
\* kvmspec/cpu.py:16
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
\* kvmspec/spte.py:105
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
\* kvmspec/cpu.py:22
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does it say that there is no memory, but a device?
\* kvmspec/spte.py:63
is_mmio_spte(s) ==
    [present |-> FALSE, writable |-> s.writable, mmu_writable |-> FALSE,
     host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> s.mmio,
     mmio_generation |-> FALSE]
      = [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
         accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE]

\* Does a write through this translation leave the SPTE alone?
\* kvmspec/cpu.py:28
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* The access is emulated, for a device.
\* kvmspec/machine.py:145
emulating_mmio(cpu) ==
    \E c \in Vcpu : vcpu_pc[c] = "enter_guest_1" /\ c = cpu

\* No access is emulated, as one to a device, that has found a memslot there.
\* kvmspec/invariants.py:278
no_mmio_where_memory_is ==
    ~(\E cpu \in Vcpu : emulating_mmio(cpu) /\ fault_slot[cpu] # "NO_SLOT")

-----------------------------------------------------------------------------

Init ==
    /\ spte = [gfn \in Gfn |-> NoSpte]
    /\ tlb = [v \in Vcpu |-> [g \in Gfn |-> NoTlbEntry]]
    /\ slot_missing = TRUE
    /\ slots_generation = FALSE
    /\ slots_update_in_progress = FALSE
    /\ fault_slot = [v \in Vcpu |-> "NONE"]
    /\ mmu_lock = 0
    /\ user_space_pc = "idle"
    /\ vcpu_pc = [v \in Vcpu |-> "idle"]
    /\ vcpu_gfn = [v \in Vcpu |-> None]
    /\ vcpu_old_spte = [v \in Vcpu |-> NoSpte]
    /\ vcpu_generation = [v \in Vcpu |-> FALSE]
    /\ vcpu_spte = [v \in Vcpu |-> NoSpte]

\* Add a slot; the generation changes when nobody looks at the old slots any more.
\* kvmspec/mmio.py:82, virt/kvm/kvm_main.c:kvm_swap_active_memslots
user_space_add_memslot ==
    /\ user_space_pc = "idle"
    /\ slot_missing' = FALSE
    /\ slots_update_in_progress' = TRUE
    /\ user_space_pc' = "add_memslot.wait"
    /\ UNCHANGED <<user_space_frame, slots_generation>>

\* kvmspec/mmio.py:83, virt/kvm/kvm_main.c:kvm_swap_active_memslots
user_space_add_memslot_wait ==
    /\ user_space_pc = "add_memslot.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "NO_SLOT"
    /\ user_space_pc' = "set_generation"
    /\ UNCHANGED <<user_space_frame, slot_missing, slots_generation, slots_update_in_progress>>

\* kvmspec/mmio.py:88, virt/kvm/kvm_main.c:kvm_swap_active_memslots
user_space_set_generation ==
    /\ user_space_pc = "set_generation"
    /\ slots_generation' = TRUE
    /\ slots_update_in_progress' = FALSE
    /\ user_space_pc' = "done"
    /\ UNCHANGED <<user_space_frame, slot_missing>>

\* A fault on MMIO, or on memory where there was none before.
\* kvmspec/mmio.py:44, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault(cpu, gfn) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_missing THEN "NO_SLOT" ELSE "PLAIN"]
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = gfn]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "handle_mmio_page_fault.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_old_spte, vcpu_generation, vcpu_spte>>

\* kvmspec/mmio.py:30, arch/x86/kvm/mmu/mmu.c:handle_mmio_page_fault
vcpu_handle_mmio_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "handle_mmio_page_fault.READ_ONCE"
    /\ IF is_mmio_spte(spte[vcpu_gfn[cpu]])
         THEN /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "check_mmio_spte"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_page_fault.read_lock"]
              /\ UNCHANGED vcpu_spte
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte,
                   vcpu_generation>>

\* kvmspec/mmio.py:33, arch/x86/kvm/mmu/mmu.c:check_mmio_spte
vcpu_check_mmio_spte(cpu) ==
    /\ vcpu_pc[cpu] = "check_mmio_spte"
    /\ vcpu_spte' = [vcpu_spte EXCEPT ![cpu] = NoSpte]
    /\ IF ~slots_update_in_progress /\ vcpu_spte[cpu].mmio_generation = slots_generation
         THEN /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_1"]
         ELSE /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "kvm_mmu_page_fault.read_lock"]
              /\ UNCHANGED vcpu_gfn
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_old_spte, vcpu_generation>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_enter_guest_1(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest_1"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_generation,
                   vcpu_spte>>

\* kvmspec/mmio.py:49, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault_read_lock(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF fault_slot[cpu] = "NO_SLOT"
             THEN "kvm_mmu_page_fault.READ_ONCE"
             ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, vcpu_gfn, vcpu_old_spte, vcpu_generation,
                   vcpu_spte>>

\* kvmspec/mmio.py:51, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_kvm_mmu_page_fault_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "kvm_mmu_page_fault.READ_ONCE"
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "make_mmio_spte.READ_ONCE"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_generation,
                   vcpu_spte>>

\* kvmspec/mmio.py:17, arch/x86/kvm/mmu/spte.c:make_mmio_spte
vcpu_make_mmio_spte_READ_ONCE(cpu) ==
    /\ vcpu_pc[cpu] = "make_mmio_spte.READ_ONCE"
    /\ vcpu_generation' = [vcpu_generation EXCEPT ![cpu] = slots_generation]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [[present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE] EXCEPT
                                             !.mmio_generation = vcpu_generation[cpu]]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_generation' = [vcpu_generation EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_2"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, vcpu_spte>>

\* kvmspec/faults.py:74, arch/x86/kvm/mmu/mmu.c:kvm_mmu_page_fault
vcpu_enter_guest_2(cpu) ==
    /\ vcpu_pc[cpu] = "enter_guest_2"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock, vcpu_gfn, vcpu_old_spte, vcpu_generation,
                   vcpu_spte>>

\* kvmspec/tdp_mmu.py:213, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ IF spte[vcpu_gfn[cpu]].present /\ is_access_allowed(spte[vcpu_gfn[cpu]], TRUE)
         THEN /\ mmu_lock' = mmu_lock - 1
              /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_2"]
              /\ UNCHANGED vcpu_old_spte
         ELSE /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = spte[vcpu_gfn[cpu]]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
                     "tdp_mmu_map_handle_target_level.READ_ONCE_2"]
              /\ UNCHANGED <<mmu_lock, vcpu_gfn>>
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, vcpu_generation, vcpu_spte>>

\* kvmspec/tdp_mmu.py:223, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_map_handle_target_level
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot, mmu_lock, vcpu_gfn, vcpu_old_spte,
                   vcpu_generation, vcpu_spte>>

\* kvmspec/tdp_mmu.py:73, arch/x86/kvm/mmu/tdp_mmu.c:tdp_mmu_set_spte_atomic
vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu_pc[cpu] = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu_gfn[cpu]] = IF spte[vcpu_gfn[cpu]] = vcpu_old_spte[cpu]
                                    THEN [present |-> TRUE, writable |-> TRUE,
                                          mmu_writable |-> TRUE, host_writable |-> TRUE,
                                          accessed |-> TRUE, dirty |-> TRUE, mmio |-> FALSE,
                                          mmio_generation |-> FALSE]
                                    ELSE spte[vcpu_gfn[cpu]]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu_gfn' = [vcpu_gfn EXCEPT ![cpu] = None]
    /\ vcpu_old_spte' = [vcpu_old_spte EXCEPT ![cpu] = NoSpte]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter_guest_2"]
    /\ UNCHANGED <<vcpu_frame, fault_slot, vcpu_generation, vcpu_spte>>

\* A translation is cached, with W and D as the SPTE has them; A is set first.
\* kvmspec/cpu.py:34, SDM vol. 3, 29.3.2 and 29.3.5
page_walk_for_read(cpu, gfn) ==
    /\ in_guest(cpu)
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
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED Vcpu_hardware_frame

\* A write whose translation is cached writable and dirty touches no SPTE, and logs nothing.
\* kvmspec/cpu.py:61, SDM vol. 3, 29.3.5
write_through_tlb(cpu, gfn) ==
    /\ in_guest(cpu)
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
    /\ user_space_pc \in {"idle", "done"}
    /\ \A self \in Vcpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ user_space_add_memslot
    \/ user_space_add_memslot_wait
    \/ user_space_set_generation
    \/ \E cpu \in Vcpu, gfn \in Gfn :
        \/ vcpu_kvm_mmu_page_fault(cpu, gfn)
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ write_through_tlb(cpu, gfn)
        \/ evict(cpu, gfn)
    \/ \E cpu \in Vcpu :
        \/ vcpu_handle_mmio_page_fault_READ_ONCE(cpu)
        \/ vcpu_check_mmio_spte(cpu)
        \/ vcpu_enter_guest_1(cpu)
        \/ vcpu_kvm_mmu_page_fault_read_lock(cpu)
        \/ vcpu_kvm_mmu_page_fault_READ_ONCE(cpu)
        \/ vcpu_make_mmio_spte_READ_ONCE(cpu)
        \/ vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
        \/ vcpu_enter_guest_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu)
        \/ vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
