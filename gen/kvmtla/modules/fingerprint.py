"""The hash of what a module is made of: the same for two specs that differ only elsewhere.

Places in the spec do not count, so that a line added somewhere changes nothing further down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum

from kvmtla.errors import Loc
from kvmtla.front.scenario import ScenarioRead, Spec
from kvmtla.ir import expr as x
from kvmtla.ir import stmt as s

_FIELDS: dict[type, tuple[str, ...]] = {}


class Fingerprints:
    """The hashes of the modules of one spec; what has been read must not change meanwhile."""

    def __init__(self, spec: Spec) -> None:
        self.program = spec.reader.program
        # Known by identity: types and constants occur again and again. What is read stays alive.
        self._known: dict[int, bytes] = {}
        self._calls: dict[str, frozenset[str]] = {}

    def of(
        self,
        scenario: ScenarioRead,
        constants: Mapping[str, Enum],
        properties: Sequence[s.Function],
        *others: object,
    ) -> str:
        """Return the hash of a scenario and of all functions that it and the properties lead to.

        `others` are whatever else the module depends on.
        """
        operations = [o for a in scenario.actors for o in a.operations]
        roots = [scenario.initial, *operations, *scenario.hardware, *properties]
        reached: set[str] = set()
        todo = [fn.key for fn in roots]
        while todo:
            key = todo.pop()
            if key not in reached:
                reached.add(key)
                todo += self._called(key)
        functions = [self.program.functions[k] for k in sorted(reached)]
        spans = [self.program.spans[k] for k in sorted(self.program.spans)]
        parts = (scenario, dict(constants), [p.key for p in properties], functions, spans, others)
        return self._digest(parts).hex()

    def _called(self, key: str) -> frozenset[str]:
        known = self._calls.get(key)
        if known is None:
            fn = self.program.functions[key]
            asked = [e for part in (*s.expressions(fn.body), *fn.values) for e in x.walk(part)]
            pure = (e.function for e in asked if isinstance(e, x.Call))
            known = self._calls[key] = frozenset([*s.calls(fn.body), *pure])
        return known

    def _digest(self, thing: object) -> bytes:
        if is_dataclass(thing) and not isinstance(thing, type):
            known = self._known.get(id(thing))
            if known is None:
                known = self._known[id(thing)] = self._of_fields(thing)
            return known
        match thing:
            case Enum():
                return _hashed("enum", type(thing).__name__, thing.name, repr(thing.value))
            case Mapping():
                pairs = [self._digest(k) + self._digest(v) for k, v in thing.items()]
                return _hashed("map", *pairs)
            case frozenset() | set():
                return _hashed("set", *sorted(self._digest(e) for e in thing))
            case tuple() | list():
                return _hashed("list", *[self._digest(e) for e in thing])
            case None | bool() | int() | float() | str():
                return _hashed(type(thing).__name__, repr(thing))
        raise TypeError(f"{type(thing).__name__} has no fingerprint")

    def _of_fields(self, thing: object) -> bytes:
        cls = type(thing)
        if cls not in _FIELDS:
            _FIELDS[cls] = tuple(f.name for f in fields(cls))  # type: ignore[arg-type]
        parts = (getattr(thing, name) for name in _FIELDS[cls])
        found = [self._digest(p) for p in parts if not isinstance(p, Loc)]
        return _hashed(cls.__name__, *found)


def _hashed(*parts: str | bytes) -> bytes:
    whole = hashlib.blake2b(digest_size=20)
    for p in parts:
        data = p.encode() if isinstance(p, str) else p
        whole.update(len(data).to_bytes(4, "big") + data)
    return whole.digest()
