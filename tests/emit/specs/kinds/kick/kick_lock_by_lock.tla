------------------------------ MODULE kick_lock_by_lock ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 CPU

 "Each kind of property." - this file
   K1 kinds: asked_under_the_lock holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    cpu0,  \* a CPU
    cpu1,  \* a CPU
    None   \* no value

Cpu == {cpu0, cpu1}

VARIABLES
    requested,  \* requested
    stale,      \* stale
    lock,       \* lock: 0 free, -1 held for write, else held for read by so many
    flusher,    \* the flusher: its place in the code, and its locals
    vcpu_pc     \* each CPU: its place in the code

\* The state that all share.
shared == <<requested, stale, lock>>

\* No step of the hardware of the CPU changes these.
hardware_frame == <<requested, lock, flusher, vcpu_pc>>

vars == <<shared, flusher, vcpu_pc>>

FlusherState ==
    [pc: {"idle", "flush.test_bit", "flush.write_unlock_1", "flush.set_bit", "flush.wait",
          "flush.write_unlock_2"},
     cpu: Cpu \cup {None}]
IdleFlusher ==
    [pc |-> "idle",
     cpu |-> None]

ASSUME cpu0 # cpu1
ASSUME None \notin Cpu

TypeOK ==
    /\ requested \in [Cpu -> BOOLEAN]
    /\ stale     \in [Cpu -> BOOLEAN]
    /\ lock      \in -1..3
    /\ flusher   \in FlusherState
    /\ vcpu_pc   \in [Cpu -> {"idle", "enter.clear_bit"}]

\* A CPU is asked to flush only by who holds the lock.
asked_under_the_lock ==
    [][\A cpu \in Cpu : ~(requested'[cpu] /\ ~requested[cpu]) \/ (lock = -1 /\ lock' = -1)
    ]_<<requested, lock>>

-----------------------------------------------------------------------------

Init ==
    /\ requested = [c \in Cpu |-> FALSE]
    /\ stale = [c \in Cpu |-> FALSE]
    /\ lock = 0
    /\ vcpu_pc = [c \in Cpu |-> "idle"]
    /\ flusher = IdleFlusher

-----------------------------------------------------------------------------
\* The flusher: flush()

\* Ask a CPU to flush, and wait until it has done so.
\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_lock(lock)
flusher_flush(cpu) ==
    /\ flusher.pc = "idle"
    /\ lock = 0
    /\ lock' = -1
    /\ flusher' = [flusher EXCEPT !.pc = "flush.test_bit", !.cpu = cpu]
    /\ UNCHANGED <<requested, stale, vcpu_pc>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: test_bit(stale)
flusher_flush_test_bit ==
    /\ flusher.pc = "flush.test_bit"
    /\ IF ~stale[flusher.cpu]
         THEN /\ flusher' = [IdleFlusher EXCEPT !.pc = "flush.write_unlock_1"]
         ELSE /\ flusher' = [flusher EXCEPT !.pc = "flush.set_bit"]
    /\ UNCHANGED <<shared, vcpu_pc>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_unlock(lock)
flusher_flush_write_unlock_1 ==
    /\ flusher.pc = "flush.write_unlock_1"
    /\ lock' = 0
    /\ flusher' = [flusher EXCEPT !.pc = "idle"]
    /\ UNCHANGED <<requested, stale, vcpu_pc>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: set_bit(requested)
flusher_flush_set_bit ==
    /\ flusher.pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher.cpu] = TRUE]
    /\ flusher' = [flusher EXCEPT !.pc = "flush.wait"]
    /\ UNCHANGED <<stale, lock, vcpu_pc>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: wait_until(!(m.requested[cpu]))
flusher_flush_wait ==
    /\ flusher.pc = "flush.wait"
    /\ ~requested[flusher.cpu]
    /\ flusher' = [IdleFlusher EXCEPT !.pc = "flush.write_unlock_2"]
    /\ UNCHANGED <<shared, vcpu_pc>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_unlock(lock)
flusher_flush_write_unlock_2 ==
    /\ flusher.pc = "flush.write_unlock_2"
    /\ lock' = 0
    /\ flusher' = [flusher EXCEPT !.pc = "idle"]
    /\ UNCHANGED <<requested, stale, vcpu_pc>>

Flusher ==
    \/ \E cpu \in Cpu : flusher_flush(cpu)
    \/ flusher_flush_test_bit
    \/ flusher_flush_write_unlock_1
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait
    \/ flusher_flush_write_unlock_2

-----------------------------------------------------------------------------
\* Each CPU: enter()

\* Do what is requested.
\* vcpu_enter_guest(), arch/x86/kvm/x86.c: test_and_clear_bit(requested)
vcpu_enter(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ requested' = [requested EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] =
           IF requested[cpu] THEN "enter.clear_bit" ELSE vcpu_pc[cpu]]
    /\ UNCHANGED <<stale, lock, flusher>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: clear_bit(stale)
vcpu_enter_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "enter.clear_bit"
    /\ stale' = [stale EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<requested, lock, flusher>>

Vcpu(cpu) ==
    \/ vcpu_enter(cpu)
    \/ vcpu_enter_clear_bit(cpu)

-----------------------------------------------------------------------------
\* What the hardware of each CPU does: fill()

\* It does so only once.
\* fill(): the CPU caches something
fill(cpu) ==
    /\ ~stale[cpu]
    /\ ~requested[cpu]
    /\ stale' = [stale EXCEPT ![cpu] = TRUE]
    /\ UNCHANGED hardware_frame

Hardware(cpu) ==
    \/ fill(cpu)

-----------------------------------------------------------------------------

Next ==
    \/ Flusher
    \/ \E cpu \in Cpu : Vcpu(cpu) \/ Hardware(cpu)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
