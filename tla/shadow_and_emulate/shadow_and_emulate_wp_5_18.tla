------------------------------ MODULE shadow_and_emulate_wp_5_18 ------------------------------
(***************************************************************************
 One CPU emulates a write to a guest PTE, while another begins to shadow
 it.

   kernel 5.18, method wp, 2 vCPU

 "CPU0 could fail to zap SPTEs, and CPU1 could fail to retry the faulting
 instruction, resulting in a KVM entering the guest with a stale SPTE (map
 PTE=X instead of PTE=Y)." - 226d9b8f1688 ("KVM: x86/mmu: Fix a largely
 theoretical race in kvm_mmu_track_write()")
   226d9b8f1688 store_buffers: shadow_spte_is_up_to_date violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    vcpu0,  \* a vCPU
    vcpu1,  \* a vCPU
    None    \* no value

Vcpu == {vcpu0, vcpu1}

VARIABLES
    shadow_spte_is_old,  \* *sptep (shadow) maps what the old guest PTE says
    memory,              \* set in memory
    store_buffer,        \* store buffer
    mmu_lock,            \* mmu_lock: 0 free, -1 held for write, else held for read by so many
    vcpu                 \* each vCPU: its place in the code, and its locals

\* The state that all share.
shared == <<shadow_spte_is_old, memory, store_buffer, mmu_lock>>

\* No step of the hardware of the vCPU changes these.
hardware_frame == <<shadow_spte_is_old, mmu_lock, vcpu>>

vars == <<shared, vcpu>>

Place == {"GUEST_PTE_CHANGED", "INDIRECT_SHADOW_PAGES"}
VcpuState ==
    [pc: {"idle", "kvm_mmu_track_write.load", "smp_mb.wait", "kvm_mmu_track_write.write_lock",
          "kvm_mmu_track_write.write_unlock", "fetch.write_lock", "store", "fetch.load",
          "fetch.WRITE_ONCE", "fetch.write_unlock", "done"},
     walked: BOOLEAN]
IdleVcpu ==
    [pc |-> "idle",
     walked |-> FALSE]

ASSUME vcpu0 # vcpu1
ASSUME None \notin Place

TypeOK ==
    /\ shadow_spte_is_old \in BOOLEAN
    /\ memory             \in SUBSET Place
    /\ store_buffer       \in [Vcpu -> Place \cup {None}]
    /\ mmu_lock           \in -1..2
    /\ vcpu               \in [Vcpu -> VcpuState]

\* A write to a guest PTE is being emulated.
emulating_write(cpu) ==
    \E c \in Vcpu :
        /\ vcpu[c].pc \in {"kvm_mmu_track_write.load", "smp_mb.wait",
                           "kvm_mmu_track_write.write_lock", "kvm_mmu_track_write.write_unlock"}
        /\ c = cpu

\* A page fault is being handled that shadows a guest PTE.
shadowing(cpu) ==
    \E c \in Vcpu :
        /\ vcpu[c].pc \in {"fetch.write_lock", "store", "fetch.load", "fetch.WRITE_ONCE",
                           "fetch.write_unlock"}
        /\ c = cpu

\* No SPTE says what a guest PTE said before it was changed, unless somebody is at work on it.
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
    /\ vcpu = [v \in Vcpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* Each vCPU: kvm_mmu_track_write(), fetch()

\* A guest write to its own page table that KVM emulates; what shadows the page is zapped.
\* kvm_mmu_track_write(), arch/x86/kvm/mmu/mmu.c: a plain store, into the store buffer
vcpu_kvm_mmu_track_write(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "GUEST_PTE_CHANGED"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_track_write.load"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, mmu_lock>>

\* A fault on shadow page tables: the guest PTE has been read; it is mapped if it is the same.
\* arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch): a plain load
vcpu_fetch(cpu) ==
    /\ vcpu[cpu].pc = "idle"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fetch.write_lock",
                            ![cpu].walked = \/ "GUEST_PTE_CHANGED" \in memory
                                            \/ store_buffer[cpu] = "GUEST_PTE_CHANGED"]
    /\ UNCHANGED shared

\* kvm_mmu_track_write(), arch/x86/kvm/mmu/mmu.c: a plain load
vcpu_kvm_mmu_track_write_load(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_track_write.load"
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = IF \/ "INDIRECT_SHADOW_PAGES" \in memory
                                           \/ store_buffer[cpu] = "INDIRECT_SHADOW_PAGES"
                                          THEN "smp_mb.wait"
                                          ELSE "done"]
    /\ UNCHANGED shared

\* smp_mb(), arch/x86/include/asm/barrier.h: smp_mb()
vcpu_smp_mb_wait(cpu) ==
    /\ vcpu[cpu].pc = "smp_mb.wait"
    /\ store_buffer[cpu] = None
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_track_write.write_lock"]
    /\ UNCHANGED shared

\* kvm_mmu_track_write(), arch/x86/kvm/mmu/mmu.c: write_lock(mmu_lock); WRITE_ONCE( *sptep
\* (shadow) maps what the old guest PTE says, false)
vcpu_kvm_mmu_track_write_write_lock(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_track_write.write_lock"
    /\ mmu_lock = 0
    /\ shadow_spte_is_old' = FALSE
    /\ mmu_lock' = -1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "kvm_mmu_track_write.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer>>

\* kvm_mmu_track_write(), arch/x86/kvm/mmu/mmu.c: write_unlock(mmu_lock)
vcpu_kvm_mmu_track_write_write_unlock(cpu) ==
    /\ vcpu[cpu].pc = "kvm_mmu_track_write.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "done"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer>>

\* arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch): write_lock(mmu_lock)
vcpu_fetch_write_lock(cpu) ==
    /\ vcpu[cpu].pc = "fetch.write_lock"
    /\ mmu_lock = 0
    /\ mmu_lock' = -1
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "store"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer>>

\* account_shadowed(), arch/x86/kvm/mmu/mmu.c: a plain store, into the store buffer
vcpu_store(cpu) ==
    /\ vcpu[cpu].pc = "store"
    /\ store_buffer[cpu] = None
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = "INDIRECT_SHADOW_PAGES"]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fetch.load"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, mmu_lock>>

\* arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch): a plain load; !changed && !walked
vcpu_fetch_load(cpu) ==
    /\ vcpu[cpu].pc = "fetch.load"
    /\ IF /\ ~("GUEST_PTE_CHANGED" \in memory \/ store_buffer[cpu] = "GUEST_PTE_CHANGED")
          /\ ~vcpu[cpu].walked
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fetch.WRITE_ONCE"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu] = [IdleVcpu EXCEPT !.pc = "fetch.write_unlock"]]
    /\ UNCHANGED shared

\* arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch): WRITE_ONCE( *sptep (shadow) maps what the old
\* guest PTE says, true)
vcpu_fetch_WRITE_ONCE(cpu) ==
    /\ vcpu[cpu].pc = "fetch.WRITE_ONCE"
    /\ shadow_spte_is_old' = TRUE
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "fetch.write_unlock"]
    /\ UNCHANGED <<memory, store_buffer, mmu_lock>>

\* arch/x86/kvm/mmu/paging_tmpl.h:FNAME(fetch): write_unlock(mmu_lock)
vcpu_fetch_write_unlock(cpu) ==
    /\ vcpu[cpu].pc = "fetch.write_unlock"
    /\ mmu_lock' = 0
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "done"]
    /\ UNCHANGED <<shadow_spte_is_old, memory, store_buffer>>

VcpuTask(cpu) ==
    \/ vcpu_kvm_mmu_track_write(cpu)
    \/ vcpu_fetch(cpu)
    \/ vcpu_kvm_mmu_track_write_load(cpu)
    \/ vcpu_smp_mb_wait(cpu)
    \/ vcpu_kvm_mmu_track_write_write_lock(cpu)
    \/ vcpu_kvm_mmu_track_write_write_unlock(cpu)
    \/ vcpu_fetch_write_lock(cpu)
    \/ vcpu_store(cpu)
    \/ vcpu_fetch_load(cpu)
    \/ vcpu_fetch_WRITE_ONCE(cpu)
    \/ vcpu_fetch_write_unlock(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each vCPU does: drain()

\* At any time.
\* SDM vol. 3, 9.2.2: the store buffer drains: others see the store
drain(cpu, place) ==
    /\ store_buffer[cpu] = place
    /\ memory' = memory \cup {place}
    /\ store_buffer' = [store_buffer EXCEPT ![cpu] = None]
    /\ UNCHANGED hardware_frame

Hardware(cpu) ==
    \/ \E place \in Place : drain(cpu, place)

-----------------------------------------------------------------------------

Next ==
    \/ \E cpu \in Vcpu : VcpuTask(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Vcpu)

=============================================================================
