"""Loops, and the ways out of them."""

from __future__ import annotations

import ast
from dataclasses import replace

from kvmtla.front.facts import not_none
from kvmtla.front.messages import statements as says
from kvmtla.front.messages import values as of_values
from kvmtla.front.rules.core import cond
from kvmtla.front.rules.names import domain
from kvmtla.front.rules.statements import block, joined, statement
from kvmtla.front.rules.syntax import assigned
from kvmtla.front.scope import Code, Loop, Scope
from kvmtla.front.ways import CONTINUE, ON, idle_ways
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s
from kvmtla.ir.expr import Local
from kvmtla.ir.fold import simplify
from kvmtla.ir.types import ERROR, EnumT, Type


@statement(ast.While)
def repeated(node: ast.While, scope: Scope) -> Scope:
    """Read `while`."""
    spoilt = scope.mistakes.spoilt
    _check_place(node, scope)
    if scope.unit.one_step:
        scope.note(node, says.one_step_does_not_loop())
    steps, code, loop = Code(), Code(), Loop()
    entered = _entered(node, scope, loop)
    start = entered.inside(steps)
    test = cond(node.test, start)
    end = block(node.body, start.knowing(test).inside(code))
    # What was set in the loop is no longer known.
    facts = [e for e in start.known if e in end.known]
    if not loop.ends:
        facts += not_none(test, truth=False)
    if simplify(test) != x.TRUE:
        loop.ends.append(scope.defined)
    body, loc = code.made(), scope.loc(node)
    if steps.statements:
        # The condition takes steps: they are part of each round.
        body = (*steps.made(), s.IfStmt(test, (), (s.Break(loc),), loc), *body)
        test = x.TRUE
    functions = scope.program.program.functions
    if scope.mistakes.spoilt == spoilt and idle_ways(body, functions) & {ON, CONTINUE}:
        scope.note(node, says.idle_loop())
    scope.code.emit(s.While(test, body, loc))
    defined = None
    for one in loop.ends:
        defined = joined(defined, one)
    return scope.behind(end, facts).with_defined(defined)


@statement(ast.For)
def for_each(node: ast.For, scope: Scope) -> Scope:
    """Read `for`, which takes the elements of a domain in their order."""
    _check_place(node, scope)
    if not isinstance(node.target, ast.Name):
        scope.fail(node.target, says.one_variable("write one loop inside the other"))
    over: Type = ERROR
    with scope.mistakes.noting():
        over = _elements(node, scope)
    loop, code = Loop(), Code()
    entered = _entered(node, scope, loop).setting(node.target.id, over)
    var = Local(node.target.id, entered.locals[node.target.id], scope.loc(node.target))
    end = block(node.body, entered.inside(code))
    facts = [e for e in entered.known if e in end.known]
    defined = scope.defined
    for one in loop.ends:
        defined = joined(defined, one)
    scope.code.emit(s.For(var, code.made(), scope.loc(node)))
    behind = scope.behind(end, facts).with_defined(defined)
    return replace(behind, over=behind.over | {var.name})


def _check_place(node: ast.While | ast.For, scope: Scope) -> None:
    """Note where there is no place for a loop, or more to it than a body."""
    if scope.unit.kind == "pure":
        scope.note(node, says.pure_does_not_loop())
    if node.orelse:
        scope.note(node, says.not_in_language("`else` on a loop", "write it behind the loop"))


def _entered(node: ast.While | ast.For, scope: Scope, loop: Loop) -> Scope:
    """Return the scope inside a loop; what it changes is not known in its later rounds."""
    inner = scope.forgetting(assigned([node])).forgetting_shared()
    return replace(inner, loop=loop)


def _elements(node: ast.For, scope: Scope) -> Type:
    """Return the domain that a loop runs over."""
    found = domain(node.iter, scope, "a loop runs over a Domain")
    if isinstance(found, EnumT):
        scope.note(node.iter, of_values.loop_over_enum(found))
    elif found.symmetric:
        scope.note(node.iter, says.symmetric_loop(found, scope.unit.one_step))
    return found


@statement(ast.Break)
def left(node: ast.Break, scope: Scope) -> Scope:
    """Read `break`."""
    assert scope.loop is not None
    scope.loop.ends.append(scope.defined)
    scope.code.emit(s.Break(scope.loc(node)))
    return scope.unreachable()


@statement(ast.Continue)
def continued(node: ast.Continue, scope: Scope) -> Scope:
    """Read `continue`."""
    scope.code.emit(s.Continue(scope.loc(node)))
    return scope.unreachable()
