------------------------------ MODULE memslot_for_mmio_pml_5_18 ------------------------------
(***************************************************************************
 User space adds a memslot where the guest has found a device before.

   kernel 5.18, method pml, 1 vCPU, 1 gfn

 "If KVM is unlucky and creates an MMIO spte while an update is
 in-progress, the next access to the spte will always be a cache miss." -
 Documentation/virt/kvm/x86/mmu.rst, Fast invalidation of MMIO sptes
   M1 mmio_generation: no_mmio_where_memory_is holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers

CONSTANTS
    vcpu0,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0}
Gfn == {0}

VARIABLES
    spte,                      \* *sptep
    tlb,                       \* TLB
    slot_missing,              \* no slot here
    slots_generation,          \* slots->generation
    slots_update_in_progress,  \* slots->generation UPDATE_IN_PROGRESS
    fault_slot,                \* fault->slot
    mmu_lock,                  \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    user_space_pc,             \* the user space: its place in the code
    vcpu                       \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<spte, tlb, slot_missing, slots_generation, slots_update_in_progress, fault_slot,
            mmu_lock>>

\* No step of the user space changes these.
user_space_frame == <<spte, tlb, fault_slot, mmu_lock, vcpu>>

\* No step of a vCPU changes these.
vcpu_frame == <<tlb, slot_missing, slots_generation, slots_update_in_progress, user_space_pc>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<slot_missing, slots_generation, slots_update_in_progress, fault_slot,
                    mmu_lock, user_space_pc, vcpu>>

vars == <<shared, user_space_pc, vcpu>>

Spte == [present: BOOLEAN, writable: BOOLEAN, mmu_writable: BOOLEAN, host_writable: BOOLEAN,
         accessed: BOOLEAN, dirty: BOOLEAN, mmio: BOOLEAN, mmio_generation: BOOLEAN]
NoSpte == [present |-> FALSE, writable |-> FALSE, mmu_writable |-> FALSE,
           host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> FALSE,
           mmio_generation |-> FALSE]
TlbEntry == [writable: BOOLEAN, dirty: BOOLEAN]
NoTlbEntry == [writable |-> FALSE, dirty |-> FALSE]
FaultSlot == {"NONE", "NO_SLOT", "PLAIN", "LOGGED"}
VcpuState ==
    [pc: {"idle", "handle_mmio_page_fault.READ_ONCE", "check_mmio_spte", "enter_guest_1",
          "kvm_mmu_page_fault.read_lock", "kvm_mmu_page_fault.READ_ONCE",
          "make_mmio_spte.READ_ONCE", "tdp_mmu_set_spte_atomic.try_cmpxchg", "enter_guest_2",
          "tdp_mmu_map_handle_target_level.READ_ONCE_1",
          "tdp_mmu_map_handle_target_level.READ_ONCE_2",
          "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"},
     gfn: Gfn \cup {None},
     old_spte: Spte,
     generation: BOOLEAN,
     spte: Spte]
IdleVcpu ==
    [pc |-> "idle",
     gfn |-> None,
     old_spte |-> NoSpte,
     generation |-> FALSE,
     spte |-> NoSpte]

ASSUME None \notin Gfn

TypeOK ==
    /\ spte                     \in [Gfn -> Spte]
    /\ tlb                      \in [Vcpu -> [Gfn -> TlbEntry]]
    /\ slot_missing             \in BOOLEAN
    /\ slots_generation         \in BOOLEAN
    /\ slots_update_in_progress \in BOOLEAN
    /\ fault_slot               \in [Vcpu -> FaultSlot]
    /\ mmu_lock                 \in -1..2
    /\ user_space_pc            \in {"idle", "add_memslot.wait", "set_generation", "done"}
    /\ vcpu                     \in [Vcpu -> VcpuState]

\* Does the vCPU run guest code?
in_guest(cpu) ==
    fault_slot[cpu] = "NONE"

\* May the CPU write (or else read) through it, were it to try again now?
is_access_allowed(s, write) ==
    IF write THEN s.writable ELSE s.present

\* Does the CPU find a translation in it that allows the access?
translates(s, write) ==
    s.present /\ is_access_allowed(s, write)

\* Does it say that there is no memory, but a device?
is_mmio_spte(s) ==
    [present |-> FALSE, writable |-> s.writable, mmu_writable |-> FALSE,
     host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> s.mmio,
     mmio_generation |-> FALSE]
      = [present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE,
         accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE]

\* The SPTE that a fault installs (spte.c:make_spte), A set in advance, and D.
make_spte(old_spte) ==
    [present |-> TRUE, writable |-> TRUE, mmu_writable |-> TRUE, host_writable |-> TRUE,
     accessed |-> TRUE, dirty |-> ~old_spte.writable, mmio |-> FALSE, mmio_generation |-> FALSE]

\* Does a write through this translation leave the SPTE alone?
need_not_set_dirty(s) ==
    s.writable /\ s.dirty

\* The access is emulated, for a device.
emulating_mmio(cpu) ==
    \E c \in Vcpu : vcpu[c].pc = "enter_guest_1" /\ c = cpu

\* No access is emulated, as one to a device, that has found a memslot there.
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
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The user space: add_memslot()

\* Add a slot; the generation changes when nobody looks at the old slots any more.
\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: rcu_assign_pointer(kvm->memslots, slots)
user_space_add_memslot ==
    /\ user_space_pc = "idle"
    /\ slot_missing' = FALSE
    /\ slots_update_in_progress' = TRUE
    /\ user_space_pc' = "add_memslot.wait"
    /\ UNCHANGED <<user_space_frame, slots_generation>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: synchronize_srcu_expedited(&kvm->srcu)
user_space_add_memslot_wait ==
    /\ user_space_pc = "add_memslot.wait"
    /\ \A cpu \in Vcpu : fault_slot[cpu] # "NO_SLOT"
    /\ user_space_pc' = "set_generation"
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_swap_active_memslots(), virt/kvm/kvm_main.c: slots->generation = gen
user_space_set_generation ==
    /\ user_space_pc = "set_generation"
    /\ slots_generation' = TRUE
    /\ slots_update_in_progress' = FALSE
    /\ user_space_pc' = "done"
    /\ UNCHANGED <<user_space_frame, slot_missing>>

UserSpace ==
    \/ user_space_add_memslot
    \/ user_space_add_memslot_wait
    \/ user_space_set_generation

-----------------------------------------------------------------------------
\* Each vCPU: kvm_mmu_page_fault()

\* A fault on MMIO, or on memory where there was none before.
\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: fault: VM-Exit, the CPU drops its translation
vcpu_kvm_mmu_page_fault(cpu, gfn) ==
    /\ vcpu[cpu].pc = "idle"
    /\ in_guest(cpu)
    /\ ~translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].writable
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = IF slot_missing THEN "NO_SLOT" ELSE "PLAIN"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "handle_mmio_page_fault.READ_ONCE", ![cpu].gfn = gfn]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* handle_mmio_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep); is_mmio_spte(spte)
vcpu_handle_mmio_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "handle_mmio_page_fault.READ_ONCE"
    /\ IF is_mmio_spte(spte[vcpu[cpu].gfn])
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "check_mmio_spte",
                                      ![cpu].spte = spte[vcpu[cpu].gfn]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock"]
    /\ UNCHANGED <<shared, user_space_pc>>

\* check_mmio_spte(), arch/x86/kvm/mmu/mmu.c: check_mmio_spte(vcpu, spte)
vcpu_check_mmio_spte(cpu) ==
    /\ vcpu[cpu].pc = "check_mmio_spte"
    /\ IF ~slots_update_in_progress /\ vcpu[cpu].spte.mmio_generation = slots_generation
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_1"]]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_page_fault.read_lock",
                                      ![cpu].spte = NoSpte]
    /\ UNCHANGED <<shared, user_space_pc>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_1(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_1"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: read_lock(mmu_lock); READ_ONCE(fault->slot)
vcpu_kvm_mmu_page_fault_read_lock(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.read_lock"
    /\ mmu_lock >= 0
    /\ mmu_lock' = mmu_lock + 1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF fault_slot[cpu] = "NO_SLOT"
                                          THEN "kvm_mmu_page_fault.READ_ONCE"
                                          ELSE "tdp_mmu_map_handle_target_level.READ_ONCE_1"]
    /\ UNCHANGED <<vcpu_frame, spte, fault_slot>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: READ_ONCE( *sptep)
vcpu_kvm_mmu_page_fault_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_page_fault.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "make_mmio_spte.READ_ONCE",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, user_space_pc>>

\* make_mmio_spte(), arch/x86/kvm/mmu/spte.c: READ_ONCE(slots->generation)
vcpu_make_mmio_spte_READ_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "make_mmio_spte.READ_ONCE"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg",
                            ![cpu].generation = slots_generation]
    /\ UNCHANGED <<shared, user_space_pc>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN [[present |-> FALSE, writable |-> TRUE, mmu_writable |-> FALSE, host_writable |-> FALSE, accessed |-> FALSE, dirty |-> FALSE, mmio |-> TRUE, mmio_generation |-> FALSE] EXCEPT
                                             !.mmio_generation = vcpu[cpu].generation]
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_2"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot>>

\* kvm_mmu_page_fault(), arch/x86/kvm/mmu/mmu.c: VM-Entry
vcpu_enter_guest_2(cpu) ==
    /\ vcpu[cpu].pc = "enter_guest_2"
    /\ fault_slot' = [fault_slot EXCEPT ![cpu] = "NONE"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, spte, mmu_lock>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE( *sptep)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_1(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_1"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2",
                            ![cpu].old_spte = spte[vcpu[cpu].gfn]]
    /\ UNCHANGED <<shared, user_space_pc>>

\* tdp_mmu_map_handle_target_level(), arch/x86/kvm/mmu/tdp_mmu.c: READ_ONCE(fault->slot)
vcpu_tdp_mmu_map_handle_target_level_READ_ONCE_2(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.READ_ONCE_2"
    /\ vcpu' = [vcpu EXCEPT
           ![cpu].pc = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"]
    /\ UNCHANGED <<shared, user_space_pc>>

\* tdp_mmu_set_spte_atomic(), arch/x86/kvm/mmu/tdp_mmu.c: try_cmpxchg( *sptep, old_spte,
\* new_spte); read_unlock(mmu_lock)
vcpu_tdp_mmu_map_handle_target_level_tdp_mmu_set_spte_atomic_try_cmpxchg(cpu) ==
    /\ vcpu[cpu].pc = "tdp_mmu_map_handle_target_level.tdp_mmu_set_spte_atomic.try_cmpxchg"
    /\ spte' =
           [spte EXCEPT
               ![vcpu[cpu].gfn] = IF spte[vcpu[cpu].gfn] = vcpu[cpu].old_spte
                                    THEN make_spte(vcpu[cpu].old_spte)
                                    ELSE spte[vcpu[cpu].gfn]]
    /\ mmu_lock' = mmu_lock - 1
    /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "enter_guest_2"]]
    /\ UNCHANGED <<vcpu_frame, fault_slot>>

VcpuTask(cpu) ==
    \/ \E gfn \in Gfn : vcpu_kvm_mmu_page_fault(cpu, gfn)
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

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: page_walk_for_read(), page_walk_for_write(), evict()

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
    /\ UNCHANGED hardware_frame

\* A write whose translation is not cached dirty: A and D are set in one locked access.
\* SDM vol. 3, 29.3.5 and 29.3.6: write: the CPU sets D
page_walk_for_write(cpu, gfn) ==
    /\ in_guest(cpu)
    /\ translates(spte[gfn], TRUE)
    /\ ~tlb[cpu][gfn].dirty
    /\ spte' = [spte EXCEPT ![gfn].accessed = TRUE, ![gfn].dirty = TRUE]
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = [writable |-> TRUE, dirty |-> TRUE]]
    /\ UNCHANGED hardware_frame

\* A TLB entry may go at any time.
\* SDM vol. 3, 29.4.2: the CPU drops the translation from its TLB
evict(cpu, gfn) ==
    /\ tlb[cpu][gfn].writable
    /\ tlb' = [tlb EXCEPT ![cpu][gfn] = NoTlbEntry]
    /\ UNCHANGED <<hardware_frame, spte>>

Hardware(cpu) ==
    \/ \E gfn \in Gfn :
        \/ page_walk_for_read(cpu, gfn)
        \/ page_walk_for_write(cpu, gfn)
        \/ evict(cpu, gfn)

-----------------------------------------------------------------------------

Next ==
    \/ UserSpace
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

=============================================================================
