"""The effects of accesses on the state that all share."""

from __future__ import annotations

from typing import Any

from kvmtla.oracle.runs import Access
from kvmtla.oracle.states import Machine, State
from kvmtla.oracle.values import RwLock


def taken(machine: Machine, access: Access, state: State) -> tuple[State, Any] | None:
    """Return the state after an access, and its answer; None where it has to wait."""
    here = machine.at(state, access.path)
    if access.kind in _LOCKS:
        held = _LOCKS[access.kind](here._content)
        if held is None:
            return None
        return machine.with_value(state, access.path, RwLock(held)), None
    left, answer = _done(access, here)
    if left is here:
        return state, answer
    return machine.with_value(state, access.path, left), answer


_LOCKS: dict[str, Any] = {
    "read_lock": lambda n: n + 1 if n >= 0 else None,
    "write_lock": lambda n: -1 if n == 0 else None,
    "read_unlock": lambda n: n - 1,
    "write_unlock": lambda n: 0,
}


def _done(access: Access, here: Any) -> tuple[Any, Any]:
    """Return the value that an access leaves in its place, and its answer."""
    args = access.args
    match access.kind:
        case "READ_ONCE" | "test_bit":
            return here, here
        case "WRITE_ONCE":
            return args[0], None
        case "xchg":
            return args[0], here
        case "cmpxchg":
            return (args[1] if here == args[0] else here), here
        case "try_cmpxchg":
            same = here == args[0]
            return (args[1] if same else here), (same, here)
        case "atomic_fetch_and":
            return here & args[0], here
        case "atomic_fetch_or":
            return here | args[0], here
        case "set_bit":
            return True, None
        case "clear_bit":
            return False, None
        case "test_and_set_bit":
            return True, here
        case "test_and_clear_bit":
            return False, here
    raise AssertionError(access.kind)
