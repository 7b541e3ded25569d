------------------------------ MODULE case ------------------------------
(***************************************************************************
 Names.

   2 Head, 1 Tail

 Left out, since nothing here depends on it:
   init, spec_.

 Generated from the spec by `kvmtla gen`; the comments say from which line.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS head0, head1, None

Head == {head0, head1}
Tail == {0}

VARIABLES
    choose, next, h, t, head,
    a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line, vars__pc,
    vars__pc_2, vars__left_2, vars__h, vars__lets, vars__t, Vars_pc,
    Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x, Vars_heads

vars == <<choose, next, h, t, head,
          a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
          vars__pc, vars__pc_2, vars__left_2, vars__h, vars__lets, vars__t, Vars_pc,
          Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x,
          Vars_heads>>

\* No step of vars_ changes these.
vars__frame == <<a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                 Vars_pc,
                 Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x,
                 Vars_heads>>

\* No step of Vars changes these.
Vars_frame == <<choose, h, t, head, vars__pc, vars__pc_2, vars__left_2, vars__h, vars__lets,
                vars__t>>

Append == [i: BOOLEAN, I: BOOLEAN, self: BOOLEAN,
           a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others: BOOLEAN,
           a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s: BOOLEAN]
NoAppend == [i |-> FALSE, I |-> FALSE, self |-> FALSE,
             a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others |-> FALSE,
             a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s |-> FALSE]
Cardinality == {"Len", "len", "self", "idle", "next"}

TypeOK ==
    /\ choose                                                                       \in [Head -> Append]
    /\ next                                                                         \in [Tail -> SUBSET Head]
    /\ h                                                                            \in BOOLEAN
    /\ t                                                                            \in Cardinality
    /\ head                                                                         \in Head \cup {None}
    /\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line \in BOOLEAN
    /\ vars__pc                                                                     \in [Head -> {"idle",
                                                                                                  "let",
                                                                                                  "self.READ_ONCE",
                                                                                                  "self.WRITE_ONCE_1",
                                                                                                  "self.WRITE_ONCE_2",
                                                                                                  "self.WRITE_ONCE_3",
                                                                                                  "done"}]
    /\ vars__pc_2                                                                   \in [Head -> Tail \cup {None}]
    /\ vars__left_2                                                                 \in [Head -> BOOLEAN]
    /\ vars__h                                                                      \in [Head -> BOOLEAN]
    /\ vars__lets                                                                   \in [Head -> BOOLEAN]
    /\ vars__t                                                                      \in [Head -> Cardinality]
    /\ Vars_pc                                                                      \in {"idle",
                                                                                         "_.READ_ONCE",
                                                                                         "_.WRITE_ONCE",
                                                                                         "done"}
    /\ Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x  \in Tail \cup {None}
    /\ Vars_heads                                                                   \in SUBSET Head

\* hazards.py:137
inv ==
    (\A h_1 \in Head : head # h_1 \/ choose[h_1].self) /\ (h \/ head = None)

\* hazards.py:123
Inv ==
    ~(/\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line
      /\ t = "idle"
      /\ \E h_1 \in Head :
             /\ choose[h_1].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others
                  # choose[h_1].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s
             /\ choose[h_1].I)

-----------------------------------------------------------------------------

Init ==
    /\ choose = [c \in Head |-> NoAppend]
    /\ next = [i \in Tail |-> {}]
    /\ h = FALSE
    /\ t = "next"
    /\ head = None
    /\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line = FALSE
    /\ vars__pc = [i \in Head |-> "idle"]
    /\ vars__pc_2 = [i \in Head |-> None]
    /\ vars__left_2 = [i \in Head |-> FALSE]
    /\ vars__h = [i \in Head |-> FALSE]
    /\ vars__lets = [i \in Head |-> FALSE]
    /\ vars__t = [i \in Head |-> "Len"]
    /\ Vars_pc = "idle"
    /\ Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x = None
    /\ Vars_heads = {}

\* An operation whose parameters have the names of what every actor has.
\* hazards.py:93
vars__self(self, pc, left) ==
    /\ vars__pc[self] = "idle"
    /\ h' = TRUE
    /\ vars__pc_2' = [vars__pc_2 EXCEPT ![self] = pc]
    /\ vars__left_2' = [vars__left_2 EXCEPT ![self] = left]
    /\ vars__h' = [vars__h EXCEPT ![self] = h]
    /\ vars__pc' = [vars__pc EXCEPT ![self] = "let"]
    /\ UNCHANGED <<vars__frame, choose, next, t, head, vars__lets, vars__t>>

\* hazards.py:94
vars__let(self) ==
    /\ vars__pc[self] = "let"
    /\ choose' =
           [choose EXCEPT
               ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i,
               ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~(choose[self].i),
               ![self].self = TRUE]
    /\ next' = [t_1 \in Tail |-> IF t_1 = vars__pc_2[self] THEN {self} ELSE next[t_1] \ {self}]
    /\ vars__pc_2' = [vars__pc_2 EXCEPT ![self] = None]
    /\ vars__lets' = [vars__lets EXCEPT ![self] =
           \E x \in Head :
               /\ \/ h
                  \/ \E i \in Head :
                         /\ i # self
                         /\ [choose EXCEPT ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i, ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~choose[self].i, ![self].self = TRUE][i].self
                  \/ self \in {self}
               /\ \/ \A t_1 \in Tail :
                         /\ self \in (IF t_1 = vars__pc_2[self] THEN {self} ELSE next[t_1] \ {self})
                         /\ self # x
                  \/ [choose EXCEPT ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i, ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~choose[self].i, ![self].self = TRUE][x].i
                       # choose[self].I]
    /\ vars__pc' = [vars__pc EXCEPT ![self] = "self.READ_ONCE"]
    /\ UNCHANGED <<vars__frame, h, t, head, vars__left_2, vars__h, vars__t>>

\* hazards.py:95
vars__self_READ_ONCE(self) ==
    /\ vars__pc[self] = "self.READ_ONCE"
    /\ vars__left_2' = [vars__left_2 EXCEPT ![self] = FALSE]
    /\ vars__h' = [vars__h EXCEPT ![self] = FALSE]
    /\ vars__t' = [vars__t EXCEPT ![self] = t]
    /\ vars__pc' = [vars__pc EXCEPT ![self] =
           IF vars__h[self] /\ vars__lets[self] /\ vars__left_2[self]
             THEN "self.WRITE_ONCE_1"
             ELSE "self.WRITE_ONCE_2"]
    /\ UNCHANGED <<vars__frame, choose, next, h, t, head, vars__pc_2, vars__lets>>

\* hazards.py:97
vars__self_WRITE_ONCE_1(self) ==
    /\ vars__pc[self] = "self.WRITE_ONCE_1"
    /\ t' = IF vars__t[self] = "next" THEN "self" ELSE "idle"
    /\ vars__pc' = [vars__pc EXCEPT ![self] = "self.WRITE_ONCE_2"]
    /\ UNCHANGED <<vars__frame, choose, next, h, head, vars__pc_2, vars__left_2, vars__h,
                   vars__lets, vars__t>>

\* hazards.py:98
vars__self_WRITE_ONCE_2(self) ==
    /\ vars__pc[self] = "self.WRITE_ONCE_2"
    /\ choose' = [choose EXCEPT ![self].I = vars__lets[self] /\ (\E h_1 \in Head : h_1 # self)]
    /\ vars__lets' = [vars__lets EXCEPT ![self] = FALSE]
    /\ vars__pc' = [vars__pc EXCEPT ![self] = "self.WRITE_ONCE_3"]
    /\ UNCHANGED <<vars__frame, next, h, t, head, vars__pc_2, vars__left_2, vars__h, vars__t>>

\* hazards.py:99
vars__self_WRITE_ONCE_3(self) ==
    /\ vars__pc[self] = "self.WRITE_ONCE_3"
    /\ head' = IF vars__t[self] # "len" THEN self ELSE None
    /\ vars__t' = [vars__t EXCEPT ![self] = "Len"]
    /\ vars__pc' = [vars__pc EXCEPT ![self] = "done"]
    /\ UNCHANGED <<vars__frame, choose, next, h, t, vars__pc_2, vars__left_2, vars__h,
                   vars__lets>>

\* hazards.py:106
Vars__(a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x) ==
    /\ Vars_pc = "idle"
    /\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line' = TRUE
    /\ Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x' =
           a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x
    /\ Vars_pc' = "_.READ_ONCE"
    /\ UNCHANGED <<Vars_frame, next, Vars_heads>>

\* hazards.py:107
Vars___READ_ONCE ==
    /\ Vars_pc = "_.READ_ONCE"
    /\ Vars_heads' =
           next[Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x]
    /\ Vars_pc' = "_.WRITE_ONCE"
    /\ UNCHANGED <<Vars_frame, next,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x>>

\* hazards.py:110
Vars___WRITE_ONCE ==
    /\ Vars_pc = "_.WRITE_ONCE"
    /\ next' =
           [next EXCEPT
               ![Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x] = Vars_heads \cup {head_1 \in Head : head_1 \notin Vars_heads}]
    /\ Vars_a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x' = None
    /\ Vars_heads' = {}
    /\ Vars_pc' = "done"
    /\ UNCHANGED <<Vars_frame,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line>>

-----------------------------------------------------------------------------

\* Nobody is in the middle of anything: to stop here is no deadlock.
Quiescent ==
    /\ \A self \in Head : vars__pc[self] \in {"idle", "done"}
    /\ Vars_pc \in {"idle", "done"}
    /\ UNCHANGED vars

Next ==
    \/ \E self \in Head, pc \in Tail, left \in BOOLEAN : vars__self(self, pc, left)
    \/ \E self \in Head :
        \/ vars__let(self)
        \/ vars__self_READ_ONCE(self)
        \/ vars__self_WRITE_ONCE_1(self)
        \/ vars__self_WRITE_ONCE_2(self)
        \/ vars__self_WRITE_ONCE_3(self)
    \/ \E a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x \in Tail : Vars__(a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x)
    \/ Vars___READ_ONCE
    \/ Vars___WRITE_ONCE
    \/ Quiescent

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Head)

=============================================================================
