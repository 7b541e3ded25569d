------------------------------ MODULE kick_step_by_step ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 CPU

 "Each kind of property." - this file
   K1 kinds: request_is_served holds
   K1 kinds: stale_is_flushed violated
   K1 kinds: somebody_asks violated

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
    first,      \* first
    lock,       \* lock: 0 free, -1 held for write, else held for read by so many
    flusher,    \* the flusher: its place in the code, and its locals
    vcpu        \* each CPU: its place in the code, and its locals

\* The state that all share.
shared == <<requested, stale, first, lock>>

\* No step of the flusher changes these.
flusher_frame == <<stale, first, vcpu>>

\* No step of a CPU changes these.
vcpu_frame == <<first, lock, flusher>>

\* No step of the hardware of the CPU changes these.
hardware_frame == <<requested, first, lock, flusher, vcpu>>

vars == <<shared, flusher, vcpu>>

FlusherState ==
    [pc: {"idle", "flush.test_bit", "flush.write_unlock_1", "flush.set_bit", "flush.wait",
          "flush.write_unlock_2"},
     cpu: Cpu \cup {None}]
IdleFlusher ==
    [pc |-> "idle",
     cpu |-> None]
VcpuState ==
    [pc: {"idle", "enter.clear_bit"},
     turn: BOOLEAN]
IdleVcpu ==
    [pc |-> "idle",
     turn |-> FALSE]

ASSUME cpu0 # cpu1
ASSUME None \notin Cpu

TypeOK ==
    /\ requested \in [Cpu -> BOOLEAN]
    /\ stale     \in [Cpu -> BOOLEAN]
    /\ first     \in Cpu
    /\ lock      \in -1..3
    /\ flusher   \in FlusherState
    /\ vcpu      \in [Cpu -> VcpuState]

-----------------------------------------------------------------------------

Init ==
    /\ \E result \in Cpu :
           /\ requested = [c \in Cpu |-> FALSE]
           /\ stale = [c \in Cpu |-> FALSE]
           /\ first = result
           /\ lock = 0
    /\ flusher = IdleFlusher
    /\ vcpu = [c \in Cpu |-> IdleVcpu]

-----------------------------------------------------------------------------
\* The flusher: flush()

\* Ask a CPU to flush, and wait until it has done so.
\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_lock(lock)
flusher_flush(cpu) ==
    /\ flusher.pc = "idle"
    /\ lock = 0
    /\ lock' = -1
    /\ flusher' = [flusher EXCEPT !.pc = "flush.test_bit", !.cpu = cpu]
    /\ UNCHANGED <<flusher_frame, requested>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: test_bit(stale)
flusher_flush_test_bit ==
    /\ flusher.pc = "flush.test_bit"
    /\ IF ~stale[flusher.cpu]
         THEN /\ flusher' = [IdleFlusher EXCEPT !.pc = "flush.write_unlock_1"]
         ELSE /\ flusher' = [flusher EXCEPT !.pc = "flush.set_bit"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_unlock(lock)
flusher_flush_write_unlock_1 ==
    /\ flusher.pc = "flush.write_unlock_1"
    /\ lock' = 0
    /\ flusher' = [flusher EXCEPT !.pc = "idle"]
    /\ UNCHANGED <<flusher_frame, requested>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: set_bit(requested)
flusher_flush_set_bit ==
    /\ flusher.pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher.cpu] = TRUE]
    /\ flusher' = [flusher EXCEPT !.pc = "flush.wait"]
    /\ UNCHANGED <<flusher_frame, lock>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: wait_until(!(m.requested[cpu]))
flusher_flush_wait ==
    /\ flusher.pc = "flush.wait"
    /\ ~requested[flusher.cpu]
    /\ flusher' = [IdleFlusher EXCEPT !.pc = "flush.write_unlock_2"]
    /\ UNCHANGED <<shared, vcpu>>

\* kvm_flush_remote_tlbs(), virt/kvm/kvm_main.c: write_unlock(lock)
flusher_flush_write_unlock_2 ==
    /\ flusher.pc = "flush.write_unlock_2"
    /\ lock' = 0
    /\ flusher' = [flusher EXCEPT !.pc = "idle"]
    /\ UNCHANGED <<flusher_frame, requested>>

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
    /\ vcpu[cpu].pc = "idle"
    /\ requested' = [requested EXCEPT ![cpu] = FALSE]
    /\ IF requested[cpu]
         THEN /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "enter.clear_bit"]
         ELSE /\ vcpu' = [vcpu EXCEPT ![cpu].turn = ~vcpu[cpu].turn]
    /\ UNCHANGED <<vcpu_frame, stale>>

\* vcpu_enter_guest(), arch/x86/kvm/x86.c: clear_bit(stale)
vcpu_enter_clear_bit(cpu) ==
    /\ vcpu[cpu].pc = "enter.clear_bit"
    /\ stale' = [stale EXCEPT ![cpu] = FALSE]
    /\ vcpu' = [vcpu EXCEPT ![cpu].pc = "idle"]
    /\ UNCHANGED <<vcpu_frame, requested>>

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

\* Who does not stop for ever in front of a step that stays possible.
Fairness ==
    /\ WF_vars(Flusher)
    /\ \A self \in Cpu : WF_vars(Vcpu(self))

FairSpec == Spec /\ Fairness

\* Who is asked to flush has nothing stale in the end.
request_is_served ==
    \A cpu \in Cpu : requested[cpu] ~> ~stale[cpu]

\* What is stale does not stay for ever.
stale_is_flushed ==
    \A cpu \in Cpu : stale[cpu] ~> ~stale[cpu]

\* In the end, somebody is asked.
somebody_asks ==
    <>(\E cpu \in Cpu : requested[cpu])

Symmetry == Permutations(Cpu)

=============================================================================
