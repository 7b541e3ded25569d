------------------------------ MODULE kick_step_by_step ------------------------------
(***************************************************************************
 CPUs cache and flush.

   2 Cpu

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1, None

Cpu == {cpu0, cpu1}

VARIABLES
    requested, stale, first, lock, flusher_pc, flusher_cpu, vcpu_pc, vcpu_turn

vars == <<requested, stale, first, lock, flusher_pc, flusher_cpu, vcpu_pc, vcpu_turn>>

\* vcpu_turn is a ghost: it changes in steps of vcpu that may
\* change nothing else, so that these are steps, and fairness asks for no others.

\* No step of flusher changes these.
flusher_frame == <<stale, first, vcpu_pc, vcpu_turn>>

\* No step of vcpu changes these.
vcpu_frame == <<first, lock, flusher_pc, flusher_cpu>>

\* No step of Cpu_hardware changes these.
Cpu_hardware_frame == <<requested, first, lock, flusher_pc, flusher_cpu, vcpu_pc, vcpu_turn>>


TypeOK ==
    /\ requested   \in [Cpu -> BOOLEAN]
    /\ stale       \in [Cpu -> BOOLEAN]
    /\ first       \in Cpu
    /\ lock        \in -1..3
    /\ flusher_pc  \in {"idle", "flush.test_bit", "flush.write_unlock_1", "flush.set_bit",
                        "flush.wait", "flush.write_unlock_2"}
    /\ flusher_cpu \in Cpu \cup {None}
    /\ vcpu_pc     \in [Cpu -> {"idle", "enter.clear_bit"}]
    /\ vcpu_turn   \in [Cpu -> BOOLEAN]

-----------------------------------------------------------------------------

Init ==
    /\ \E result \in Cpu :
           /\ requested = [c \in Cpu |-> FALSE]
           /\ stale = [c \in Cpu |-> FALSE]
           /\ first = result
           /\ lock = 0
           /\ flusher_pc = "idle"
           /\ flusher_cpu = None
           /\ vcpu_pc = [c \in Cpu |-> "idle"]
           /\ vcpu_turn = [c \in Cpu |-> FALSE]

\* Ask a CPU to flush, and wait until it has done so.
\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush(cpu) ==
    /\ flusher_pc = "idle"
    /\ lock = 0
    /\ lock' = -1
    /\ flusher_cpu' = cpu
    /\ flusher_pc' = "flush.test_bit"
    /\ UNCHANGED <<flusher_frame, requested>>

\* kinds.py:71, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_test_bit ==
    /\ flusher_pc = "flush.test_bit"
    /\ IF ~stale[flusher_cpu]
         THEN /\ flusher_cpu' = None
              /\ flusher_pc' = "flush.write_unlock_1"
         ELSE /\ flusher_pc' = "flush.set_bit"
              /\ UNCHANGED flusher_cpu
    /\ UNCHANGED <<flusher_frame, requested, lock>>

\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_write_unlock_1 ==
    /\ flusher_pc = "flush.write_unlock_1"
    /\ lock' = 0
    /\ flusher_pc' = "idle"
    /\ UNCHANGED <<flusher_frame, requested, flusher_cpu>>

\* kinds.py:74, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_set_bit ==
    /\ flusher_pc = "flush.set_bit"
    /\ requested' = [requested EXCEPT ![flusher_cpu] = TRUE]
    /\ flusher_pc' = "flush.wait"
    /\ UNCHANGED <<flusher_frame, lock, flusher_cpu>>

\* kinds.py:75, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_wait ==
    /\ flusher_pc = "flush.wait"
    /\ ~requested[flusher_cpu]
    /\ flusher_cpu' = None
    /\ flusher_pc' = "flush.write_unlock_2"
    /\ UNCHANGED <<flusher_frame, requested, lock>>

\* kinds.py:70, virt/kvm/kvm_main.c:kvm_flush_remote_tlbs
flusher_flush_write_unlock_2 ==
    /\ flusher_pc = "flush.write_unlock_2"
    /\ lock' = 0
    /\ flusher_pc' = "idle"
    /\ UNCHANGED <<flusher_frame, requested, flusher_cpu>>

\* Do what is requested.
\* kinds.py:81, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_enter(cpu) ==
    /\ vcpu_pc[cpu] = "idle"
    /\ requested' = [requested EXCEPT ![cpu] = FALSE]
    /\ IF requested[cpu]
         THEN /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "enter.clear_bit"]
              /\ UNCHANGED vcpu_turn
         ELSE /\ vcpu_turn' = [vcpu_turn EXCEPT ![cpu] = ~vcpu_turn[cpu]]
              /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, stale>>

\* kinds.py:82, arch/x86/kvm/x86.c:vcpu_enter_guest
vcpu_enter_clear_bit(cpu) ==
    /\ vcpu_pc[cpu] = "enter.clear_bit"
    /\ stale' = [stale EXCEPT ![cpu] = FALSE]
    /\ vcpu_pc' = [vcpu_pc EXCEPT ![cpu] = "idle"]
    /\ UNCHANGED <<vcpu_frame, requested, vcpu_turn>>

\* It does so only once.
\* kinds.py:61
fill(cpu) ==
    /\ ~stale[cpu]
    /\ ~requested[cpu]
    /\ stale' = [stale EXCEPT ![cpu] = TRUE]
    /\ UNCHANGED Cpu_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ flusher_pc \in {"idle"}
    /\ \A self \in Cpu : vcpu_pc[self] \in {"idle"}
    /\ UNCHANGED vars

Next ==
    \/ \E cpu \in Cpu :
        \/ flusher_flush(cpu)
        \/ vcpu_enter(cpu)
        \/ vcpu_enter_clear_bit(cpu)
        \/ fill(cpu)
    \/ flusher_flush_test_bit
    \/ flusher_flush_write_unlock_1
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait
    \/ flusher_flush_write_unlock_2
    \/ Quiescent

Spec == Init /\ [][Next]_vars

flusher_steps ==
    \/ \E cpu \in Cpu : flusher_flush(cpu)
    \/ flusher_flush_test_bit
    \/ flusher_flush_write_unlock_1
    \/ flusher_flush_set_bit
    \/ flusher_flush_wait
    \/ flusher_flush_write_unlock_2

vcpu_steps(self) ==
    \/ vcpu_enter(self)
    \/ vcpu_enter_clear_bit(self)

\* Who does not stop for ever in front of a step that stays possible.
Fairness ==
    /\ WF_vars(flusher_steps)
    /\ \A self \in Cpu : WF_vars(vcpu_steps(self))

FairSpec == Spec /\ Fairness

\* Who is asked to flush has nothing stale in the end.
\* kinds.py:138
request_is_served ==
    \A cpu \in Cpu : requested[cpu] ~> ~stale[cpu]

\* What is stale does not stay for ever.
\* kinds.py:144
stale_is_flushed ==
    \A cpu \in Cpu : stale[cpu] ~> ~stale[cpu]

\* In the end, somebody is asked.
\* kinds.py:150
somebody_asks ==
    <>(\E cpu \in Cpu : requested[cpu])

Symmetry == Permutations(Cpu)

=============================================================================
