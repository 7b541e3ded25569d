------------------------------ MODULE hall_hasty ------------------------------
(***************************************************************************
 Two CPUs go through two gates ( * ) while somebody empties the hall.

   way hasty, 2 CPU, 2 gate

 "There are never two crowds." - none
   T1 few: few_at_once holds

 "Whoever goes through a gate has taken it." - none
   T1 gates: gates_are_taken violated

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    cpu0,  \* a CPU
    cpu1   \* a CPU

Cpu == {cpu0, cpu1}
Gate == {0, 1}

VARIABLES
    lock,        \* lock: 0 free, -1 held for write, else held for read by so many
    taken,       \* taken
    inside,      \* inside
    count,       \* count
    visitor_pc,  \* each CPU: its place in the code
    guard        \* the guard: its place in the code, and its locals

\* The state that all share.
shared == <<lock, taken, inside, count>>

\* No step of the guard changes these.
guard_frame == <<lock, taken, count, visitor_pc>>

\* No step of the hardware of the gate changes these.
hardware_frame == <<lock, inside, count, visitor_pc, guard>>

vars == <<shared, visitor_pc, guard>>

GuardState ==
    [pc: {"idle", "watch.read_lock", "done"},
     left: 0..2]
IdleGuard ==
    [pc |-> "idle",
     left |-> 2]

ASSUME cpu0 # cpu1

TypeOK ==
    /\ lock       \in -1..3
    /\ taken      \in [Gate -> BOOLEAN]
    /\ inside     \in SUBSET Cpu
    /\ count      \in 0..3
    /\ visitor_pc \in [Cpu -> {"idle", "go.READ_ONCE", "go.WRITE_ONCE_1", "enter_1",
                               "go.WRITE_ONCE_2", "enter_2", "done"}]
    /\ guard      \in GuardState

\* Somebody is between a gate and the hall.
entering(gate) ==
    \/ \E cpu \in Cpu : visitor_pc[cpu] \in {"go.WRITE_ONCE_1", "enter_1"} /\ 1 = gate
    \/ \E cpu \in Cpu : visitor_pc[cpu] \in {"go.WRITE_ONCE_2", "enter_2"} /\ 0 = gate

\* Two are inside.
crowd ==
    \E a \in Cpu : \E b \in Cpu : a # b /\ a \in inside /\ b \in inside

\* No more than one crowd was ever counted.
few_at_once ==
    count < 2

\* Whoever goes through a gate has taken it.
gates_are_taken ==
    \A gate \in Gate : taken[gate] \/ ~entering(gate)

-----------------------------------------------------------------------------

Init ==
    /\ lock = 0
    /\ taken = [gate \in Gate |-> FALSE]
    /\ inside = {}
    /\ count = 0
    /\ visitor_pc = [c \in Cpu |-> "idle"]
    /\ guard = IdleGuard

-----------------------------------------------------------------------------
\* Each CPU: go()

\* Through the first gate that is free.
\* go(), hall.c: READ_ONCE(taken)
visitor_go(cpu) ==
    /\ visitor_pc[cpu] = "idle"
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] =
           IF taken[0] THEN "go.READ_ONCE" ELSE "go.WRITE_ONCE_2"]
    /\ UNCHANGED <<shared, guard>>

\* go(), hall.c: READ_ONCE(taken)
visitor_go_READ_ONCE(cpu) ==
    /\ visitor_pc[cpu] = "go.READ_ONCE"
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = IF taken[1] THEN "done" ELSE "go.WRITE_ONCE_1"]
    /\ UNCHANGED <<shared, guard>>

\* go(), hall.c: WRITE_ONCE(taken, true)
visitor_go_WRITE_ONCE_1(cpu) ==
    /\ visitor_pc[cpu] = "go.WRITE_ONCE_1"
    /\ taken' = [taken EXCEPT ![1] = TRUE]
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "enter_1"]
    /\ UNCHANGED <<lock, inside, count, guard>>

\* enter(), hall.c: enter()
visitor_enter_1(cpu) ==
    /\ visitor_pc[cpu] = "enter_1"
    /\ inside' = inside \cup {cpu}
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<lock, taken, guard>>

\* go(), hall.c: WRITE_ONCE(taken, true)
visitor_go_WRITE_ONCE_2(cpu) ==
    /\ visitor_pc[cpu] = "go.WRITE_ONCE_2"
    /\ taken' = [taken EXCEPT ![0] = TRUE]
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "enter_2"]
    /\ UNCHANGED <<lock, inside, count, guard>>

\* enter(), hall.c: enter()
visitor_enter_2(cpu) ==
    /\ visitor_pc[cpu] = "enter_2"
    /\ inside' = inside \cup {cpu}
    /\ count' =
           IF \E a \in Cpu :
                  \E b \in Cpu : a # b /\ a \in inside \cup {cpu} /\ b \in inside \cup {cpu}
             THEN count + 1
             ELSE count
    /\ visitor_pc' = [visitor_pc EXCEPT ![cpu] = "done"]
    /\ UNCHANGED <<lock, taken, guard>>

Visitor(cpu) ==
    \/ visitor_go(cpu)
    \/ visitor_go_READ_ONCE(cpu)
    \/ visitor_go_WRITE_ONCE_1(cpu)
    \/ visitor_enter_1(cpu)
    \/ visitor_go_WRITE_ONCE_2(cpu)
    \/ visitor_enter_2(cpu)

-----------------------------------------------------------------------------
\* The guard: watch()

\* Empties the hall once somebody is there.
\* watch(), hall.c: for somebody
guard_watch ==
    /\ guard.pc = "idle"
    /\ guard.left > 0
    /\ \E cpu \in Cpu : cpu \in inside
    /\ guard' = [guard EXCEPT !.pc = "watch.read_lock"]
    /\ UNCHANGED <<shared, visitor_pc>>

\* watch(), hall.c: read_lock(lock); WRITE_ONCE(inside, Set()); read_unlock(lock)
guard_watch_read_lock ==
    /\ guard.pc = "watch.read_lock"
    /\ lock >= 0
    /\ inside' = {}
    /\ guard' = [guard EXCEPT !.pc = "idle", !.left = guard.left - 1]
    /\ UNCHANGED guard_frame

Guard ==
    \/ guard_watch
    \/ guard_watch_read_lock

-----------------------------------------------------------------------------
\* What the hardware of each gate does: dark()

\* dark(): the lights go out
dark(gate) ==
    /\ taken[gate]
    /\ ~entering(gate)
    /\ ~crowd
    /\ taken' = [taken EXCEPT ![gate] = FALSE]
    /\ UNCHANGED hardware_frame

Hardware(gate) ==
    \/ dark(gate)

-----------------------------------------------------------------------------

Next ==
    \/ \E cpu \in Cpu : Visitor(cpu)
    \/ Guard
    \/ \E gate \in Gate : Hardware(gate)

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Cpu)

=============================================================================
