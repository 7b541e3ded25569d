------------------------------ MODULE hall_careful ------------------------------
(***************************************************************************
 Two CPUs go through two gates ( * ) while somebody empties the hall.

   way careful
   2 Cpu, 2 Gate

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS cpu0, cpu1

Cpu == {cpu0, cpu1}
Gate == {0, 1}

VARIABLES
    lock, taken, inside, count, visitor_pc, guard_pc, guard_left

vars == <<lock, taken, inside, count, visitor_pc, guard_pc, guard_left>>

\* No step of guard changes these.
guard_frame == <<lock, taken, count, visitor_pc>>

\* No step of Gate_hardware changes these.
Gate_hardware_frame == <<lock, inside, count, visitor_pc, guard_pc, guard_left>>


TypeOK ==
    /\ lock       \in -1..3
    /\ taken      \in [Gate -> BOOLEAN]
    /\ inside     \in SUBSET Cpu
    /\ count      \in 0..3
    /\ visitor_pc \in [Cpu -> {"idle", "enter_1", "gate_is_free.test_and_set_bit", "enter_2",
                               "done"}]
    /\ guard_pc   \in {"idle", "watch.read_lock", "done"}
    /\ guard_left \in 0..2

\* Somebody is between a gate and the hall.
\* turnstile.py:60
entering(gate) ==
    \/ \E cpu \in Cpu : visitor_pc[cpu] = "enter_1" /\ 0 = gate
    \/ \E cpu \in Cpu : visitor_pc[cpu] = "enter_2" /\ 1 = gate

\* Two are inside.
\* turnstile.py:64
crowd ==
    \E a \in Cpu : \E b \in Cpu : a # b /\ a \in inside /\ b \in inside

\* No more than one crowd was ever counted.
\* turnstile.py:123
few_at_once ==
    count < 2

\* Whoever goes through a gate has taken it.
\* turnstile.py:129
gates_are_taken ==
    \A gate \in Gate : taken[gate] \/ ~entering(gate)

-----------------------------------------------------------------------------

Init ==
    /\ lock = 0
    /\ taken = [gate \in Gate |-> FALSE]
    /\ inside = {}
    /\ count = 0
    /\ visitor_pc = [c \in Cpu |-> "idle"]
    /\ guard_pc = "idle"
    /\ guard_left = 2

\* Through the first gate that is free.
\* turnstile.py:86, hall.c:go
visitor_go(cpu) ==
    /\ visitor_pc[cpu] = "idle"
    /\ lock = 0
    /\ lock' = -1
    /\ taken' = [taken EXCEPT ![0] = TRUE]
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] =
           IF taken[0] THEN "gate_is_free.test_and_set_bit" ELSE "enter_1"]
    /\ UNCHANGED <<inside, count, guard_left, guard_pc>>

\* turnstile.py:91, hall.c:enter
visitor_enter_1(cpu) ==
    /\ visitor_pc[cpu] = "enter_1"
    /\ lock' = 0
    /\ inside' = inside \cup {cpu}
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ UNCHANGED <<taken, guard_left, guard_pc>>

\* turnstile.py:79, hall.c:gate
visitor_gate_is_free_test_and_set_bit(cpu) ==
    /\ visitor_pc[cpu] = "gate_is_free.test_and_set_bit"
    /\ taken' = [taken EXCEPT ![1] = TRUE]
    /\ IF ~taken[1]
         THEN /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "enter_2"]
              /\ UNCHANGED lock
         ELSE /\ lock' = 0
              /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<inside, count, guard_left, guard_pc>>

\* turnstile.py:91, hall.c:enter
visitor_enter_2(cpu) ==
    /\ visitor_pc[cpu] = "enter_2"
    /\ lock' = 0
    /\ inside' = inside \cup {cpu}
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ UNCHANGED <<taken, guard_left, guard_pc>>

\* Empties the hall once somebody is there.
\* turnstile.py:106, hall.c:watch
guard_watch ==
    /\ guard_pc = "idle"
    /\ guard_left > 0
    /\ \E cpu \in Cpu : cpu \in inside
    /\ guard_pc' = "watch.read_lock"
    /\ UNCHANGED <<guard_frame, inside, guard_left>>

\* turnstile.py:107, hall.c:watch
guard_watch_read_lock ==
    /\ guard_pc = "watch.read_lock"
    /\ lock >= 0
    /\ inside' = {}
    /\ guard_left' = guard_left - 1
    /\ guard_pc' = "idle"
    /\ UNCHANGED guard_frame

\* turnstile.py:112
dark(gate) ==
    /\ taken[gate]
    /\ ~entering(gate)
    /\ ~crowd
    /\ taken' = [taken EXCEPT ![gate] = FALSE]
    /\ UNCHANGED Gate_hardware_frame

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ \A self \in Cpu : visitor_pc[self] \in {"idle", "done"}
    /\ guard_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E cpu \in Cpu :
        \/ visitor_go(cpu)
        \/ visitor_enter_1(cpu)
        \/ visitor_gate_is_free_test_and_set_bit(cpu)
        \/ visitor_enter_2(cpu)
    \/ guard_watch
    \/ guard_watch_read_lock
    \/ \E gate \in Gate : dark(gate)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
