------------------------------ MODULE case ------------------------------
(***************************************************************************
 Names.

   2 head, 1 tail

 "Names do not matter." - none
   N1 names: inv holds
   N1 names: Inv holds

 Generated from the spec by `kvmtla gen`.
 ***************************************************************************)
EXTENDS Integers, TLC

CONSTANTS
    head0,  \* a head
    head1,  \* a head
    None    \* no value

Head == {head0, head1}
Tail == {0}

VARIABLES
    choose,                                                                        \* choose
    next,                                                                          \* next
    h,                                                                             \* h
    t,                                                                             \* t
    head,                                                                          \* head
    a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,  \* a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line
    vars_,                                                                         \* each head: its place in the code, and its locals
    Vars                                                                           \* the Vars: its place in the code, and its locals

\* The state that all share.
shared == <<choose, next, h, t, head,
            a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line>>

\* No step of the Vars changes these.
Vars_frame == <<choose, h, t, head, vars_>>

vars == <<shared, vars_, Vars>>

Append == [i: BOOLEAN, I: BOOLEAN, self: BOOLEAN,
           a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others: BOOLEAN,
           a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s: BOOLEAN]
NoAppend == [i |-> FALSE, I |-> FALSE, self |-> FALSE,
             a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others |-> FALSE,
             a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s |-> FALSE]
Cardinality == {"Len", "len", "self", "idle", "next"}
VarsState ==
    [pc: {"idle", "let", "self.READ_ONCE", "self.WRITE_ONCE_1", "self.WRITE_ONCE_2",
          "self.WRITE_ONCE_3", "done"},
     pc_2: Tail \cup {None},
     left_2: BOOLEAN,
     h: BOOLEAN,
     lets: BOOLEAN,
     t: Cardinality]
IdleVars ==
    [pc |-> "idle",
     pc_2 |-> None,
     left_2 |-> FALSE,
     h |-> FALSE,
     lets |-> FALSE,
     t |-> "Len"]
VarsState_2 ==
    [pc: {"idle", "_.READ_ONCE", "_.WRITE_ONCE", "done"},
     a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x: Tail \cup {None},
     heads: SUBSET Head]
IdleVars_2 ==
    [pc |-> "idle",
     a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x |-> None,
     heads |-> {}]

ASSUME head0 # head1
ASSUME None \notin Head
ASSUME None \notin Tail

TypeOK ==
    /\ choose                                                                       \in [Head -> Append]
    /\ next                                                                         \in [Tail -> SUBSET Head]
    /\ h                                                                            \in BOOLEAN
    /\ t                                                                            \in Cardinality
    /\ head                                                                         \in Head \cup {None}
    /\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line \in BOOLEAN
    /\ vars_                                                                        \in [Head -> VarsState]
    /\ Vars                                                                         \in VarsState_2

inv ==
    (\A h_1 \in Head : head # h_1 \/ choose[h_1].self) /\ (h \/ head = None)

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
    /\ vars_ = [i \in Head |-> IdleVars]
    /\ Vars = IdleVars_2

-----------------------------------------------------------------------------
\* Each head: self()

\* An operation whose parameters have the names of what every actor has.
\* self(): test_and_set_bit(h)
vars__self(self, pc, left) ==
    /\ vars_[self].pc = "idle"
    /\ h' = TRUE
    /\ vars_' = [vars_ EXCEPT ![self].pc = "let",
                              ![self].pc_2 = pc,
                              ![self].left_2 = left,
                              ![self].h = h]
    /\ UNCHANGED <<choose, next, t, head,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars>>

\* let(): let()
vars__let(self) ==
    /\ vars_[self].pc = "let"
    /\ choose' =
           [choose EXCEPT
               ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i,
               ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~(choose[self].i),
               ![self].self = TRUE]
    /\ next' = [t_1 \in Tail |-> IF t_1 = vars_[self].pc_2 THEN {self} ELSE next[t_1] \ {self}]
    /\ vars_' = [vars_ EXCEPT
           ![self].pc = "self.READ_ONCE",
           ![self].pc_2 = None,
           ![self].lets = \E x \in Head :
                              /\ \/ h
                                 \/ \E i \in Head :
                                        /\ i # self
                                        /\ [choose EXCEPT ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i, ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~choose[self].i, ![self].self = TRUE][i].self
                                 \/ self \in {self}
                              /\ \/ \A t_1 \in Tail :
                                        /\ self \in (IF t_1 = vars_[self].pc_2 THEN {self} ELSE next[t_1] \ {self})
                                        /\ self # x
                                 \/ [choose EXCEPT ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_others = choose[self].i, ![self].a_rather_long_name_of_a_field_that_does_not_fit_on_a_line_with_other_s = ~choose[self].i, ![self].self = TRUE][x].i
                                      # choose[self].I]
    /\ UNCHANGED <<h, t, head,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars>>

\* self(): READ_ONCE(t); h && lets && left
vars__self_READ_ONCE(self) ==
    /\ vars_[self].pc = "self.READ_ONCE"
    /\ vars_' = [vars_ EXCEPT ![self].pc = IF /\ vars_[self].h
                                              /\ vars_[self].lets
                                              /\ vars_[self].left_2
                                             THEN "self.WRITE_ONCE_1"
                                             ELSE "self.WRITE_ONCE_2",
                              ![self].left_2 = FALSE,
                              ![self].h = FALSE,
                              ![self].t = t]
    /\ UNCHANGED <<shared, Vars>>

\* self(): WRITE_ONCE(t, t == Cardinality.next ? Cardinality.self : Cardinality.idle)
vars__self_WRITE_ONCE_1(self) ==
    /\ vars_[self].pc = "self.WRITE_ONCE_1"
    /\ t' = IF vars_[self].t = "next" THEN "self" ELSE "idle"
    /\ vars_' = [vars_ EXCEPT ![self].pc = "self.WRITE_ONCE_2"]
    /\ UNCHANGED <<choose, next, h, head,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars>>

\* self(): WRITE_ONCE(choose, lets && any(h != self))
vars__self_WRITE_ONCE_2(self) ==
    /\ vars_[self].pc = "self.WRITE_ONCE_2"
    /\ choose' = [choose EXCEPT ![self].I = vars_[self].lets /\ (\E h_1 \in Head : h_1 # self)]
    /\ vars_' = [vars_ EXCEPT ![self].pc = "self.WRITE_ONCE_3", ![self].lets = FALSE]
    /\ UNCHANGED <<next, h, t, head,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars>>

\* self(): WRITE_ONCE(head, t != Cardinality.len ? self : NULL)
vars__self_WRITE_ONCE_3(self) ==
    /\ vars_[self].pc = "self.WRITE_ONCE_3"
    /\ head' = IF vars_[self].t # "len" THEN self ELSE None
    /\ vars_' = [vars_ EXCEPT ![self] = [IdleVars EXCEPT !.pc = "done"]]
    /\ UNCHANGED <<choose, next, h, t,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
                   Vars>>

VarsTask(self) ==
    \/ \E pc \in Tail, left \in BOOLEAN : vars__self(self, pc, left)
    \/ vars__let(self)
    \/ vars__self_READ_ONCE(self)
    \/ vars__self_WRITE_ONCE_1(self)
    \/ vars__self_WRITE_ONCE_2(self)
    \/ vars__self_WRITE_ONCE_3(self)

-----------------------------------------------------------------------------
\* The Vars: _()

\* _(): WRITE_ONCE(a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line,
\* true)
Vars__(a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x) ==
    /\ Vars.pc = "idle"
    /\ a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line' = TRUE
    /\ Vars' = [Vars EXCEPT
           !.pc = "_.READ_ONCE",
           !.a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x = a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x]
    /\ UNCHANGED <<Vars_frame, next>>

\* _(): READ_ONCE(next)
Vars___READ_ONCE ==
    /\ Vars.pc = "_.READ_ONCE"
    /\ Vars' = [Vars EXCEPT
           !.pc = "_.WRITE_ONCE",
           !.heads = next[Vars.a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x]]
    /\ UNCHANGED <<shared, vars_>>

\* _(): WRITE_ONCE(next, heads | Set({head for head in Head if head not in heads}))
Vars___WRITE_ONCE ==
    /\ Vars.pc = "_.WRITE_ONCE"
    /\ next' =
           [next EXCEPT
               ![Vars.a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x] = Vars.heads \cup {head_1 \in Head : head_1 \notin Vars.heads}]
    /\ Vars' = [IdleVars_2 EXCEPT !.pc = "done"]
    /\ UNCHANGED <<Vars_frame,
                   a_shared_field_with_a_name_that_leaves_no_room_for_anything_else_on_the_line>>

VarsTask_2 ==
    \/ \E a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x \in Tail : Vars__(a_parameter_with_a_name_that_is_as_long_as_a_line_of_a_module_may_be_x)
    \/ Vars___READ_ONCE
    \/ Vars___WRITE_ONCE

-----------------------------------------------------------------------------

Next ==
    \/ \E self \in Head : VarsTask(self)
    \/ VarsTask_2

Spec == Init /\ [][Next]_vars

Symmetry == Permutations(Head)

=============================================================================
