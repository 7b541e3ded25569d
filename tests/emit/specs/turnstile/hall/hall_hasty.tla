------------------------------ MODULE hall_hasty ------------------------------
(***************************************************************************
 Two CPUs go through two gates ( * ) while somebody empties the hall.

   way hasty
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

\* No step of visitor changes these.
visitor_frame == <<lock, guard_pc, guard_left>>

\* No step of guard changes these.
guard_frame == <<lock, taken, count, visitor_pc>>

\* No step of Gate_hardware changes these.
Gate_hardware_frame == <<lock, inside, count, visitor_pc, guard_pc, guard_left>>


TypeOK ==
    /\ lock       \in -1..3
    /\ taken      \in [Gate -> BOOLEAN]
    /\ inside     \in SUBSET Cpu
    /\ count      \in 0..3
    /\ visitor_pc \in [Cpu -> {"idle", "go.READ_ONCE", "go.WRITE_ONCE_1", "enter_1",
                               "go.WRITE_ONCE_2", "enter_2", "done"}]
    /\ guard_pc   \in {"idle", "watch.read_lock", "done"}
    /\ guard_left \in 0..2

\* Somebody is between a gate and the hall.
\* turnstile.py:60
entering(gate) ==
    \/ \E cpu \in Cpu : visitor_pc[cpu] \in {"go.WRITE_ONCE_1", "enter_1"} /\ 1 = gate
    \/ \E cpu \in Cpu : visitor_pc[cpu] \in {"go.WRITE_ONCE_2", "enter_2"} /\ 0 = gate

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
\* turnstile.py:95, hall.c:go
visitor_go(cpu) ==
    /\ visitor_pc[cpu] = "idle"
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] =
           IF taken[0] THEN "go.READ_ONCE" ELSE "go.WRITE_ONCE_2"]
    /\ UNCHANGED <<visitor_frame, taken, inside, count>>

\* turnstile.py:95, hall.c:go
visitor_go_READ_ONCE(cpu) ==
    /\ visitor_pc[cpu] = "go.READ_ONCE"
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = IF taken[1] THEN "done" ELSE "go.WRITE_ONCE_1"]
    /\ UNCHANGED <<visitor_frame, taken, inside, count>>

\* turnstile.py:98, hall.c:go
visitor_go_WRITE_ONCE_1(cpu) ==
    /\ visitor_pc[cpu] = "go.WRITE_ONCE_1"
    /\ taken' = [taken EXCEPT ![1] = TRUE]
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "enter_1"]
    /\ UNCHANGED <<visitor_frame, inside, count>>

\* turnstile.py:99, hall.c:enter
visitor_enter_1(cpu) ==
    /\ visitor_pc[cpu] = "enter_1"
    /\ inside' = inside \cup {cpu}
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ UNCHANGED <<visitor_frame, taken>>

\* turnstile.py:98, hall.c:go
visitor_go_WRITE_ONCE_2(cpu) ==
    /\ visitor_pc[cpu] = "go.WRITE_ONCE_2"
    /\ taken' = [taken EXCEPT ![0] = TRUE]
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "enter_2"]
    /\ UNCHANGED <<visitor_frame, inside, count>>

\* turnstile.py:99, hall.c:enter
visitor_enter_2(cpu) ==
    /\ visitor_pc[cpu] = "enter_2"
    /\ inside' = inside \cup {cpu}
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ UNCHANGED <<visitor_frame, taken>>

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
        \/ visitor_go_READ_ONCE(cpu)
        \/ visitor_go_WRITE_ONCE_1(cpu)
        \/ visitor_enter_1(cpu)
        \/ visitor_go_WRITE_ONCE_2(cpu)
        \/ visitor_enter_2(cpu)
    \/ guard_watch
    \/ guard_watch_read_lock
    \/ \E gate \in Gate : dark(gate)
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
