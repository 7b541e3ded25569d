"""All states of a model, and the steps between them, as integers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmtla.engine.compile import compile_model
from kvmtla.engine.outcome import Limits
from kvmtla.engine.search import Search
from kvmtla.ir.model import Model
from kvmtla.ir.types import MapT, RecordT
from kvmtla.sem import State
from kvmtla.verdict import Verdict


class Graph:
    """The state graph of a model, as far as a limit allows.

    `states` are in the order of depth. It is `complete` if these are all.
    """

    def __init__(self, model: Model, limit: Limits) -> None:
        self._compiled = compile_model(model)
        self._layout = self._compiled.layout
        search = Search(self._compiled, symmetry=False)
        self.complete = search.run((), limit=limit).verdict is Verdict.HOLDS
        self.states: Sequence[int] = list(search.numbers())
        self._known: dict[tuple[int, int], Sequence[tuple[int, int]]] = {}

    def pack(self, state: State) -> int:
        """Return a state as an integer."""
        return self._layout.pack(state)

    def unpack(self, packed: int) -> State:
        """Return the state that an integer stands for, or what is left after bits were cleared."""
        return self._layout.unpack(packed)

    def bits(self, variable: str, way: Sequence[int], field: str | None = None) -> int:
        """Return the bits that hold a variable, or the part that the map indices in `way` lead to.

        With `field`, they are those of a field of the record that is there.
        """
        slot = self._layout.slots[variable]
        t, offset = slot.type, slot.offset
        for i in way:
            assert isinstance(t, MapT)
            t = t.value
            offset += i * self._layout.width(t)
        if field is not None:
            assert isinstance(t, RecordT)
            within, t = self._layout.field(t, field)
            offset += within
        return ((1 << self._layout.width(t)) - 1) << offset

    def steps(self, state: int) -> Iterator[tuple[int, int, int]]:
        """Yield the steps that are possible in a state: the change, the end of an action, and the
        bits of the state that the hardware looks at.

        Two CPUs may make the same change, and only the last item says which of them can.
        """
        for number, stage in enumerate(self._compiled.stages):
            found = stage.steps.get(state & stage.places)
            if found is not None:
                mask, step = found
                key = (number, state & (mask | stage.places))
                if (known := self._known.get(key)) is None:
                    known = self._known[key] = list(step(state & mask))
                seen = 0 if stage.places else key[1]
                yield from ((change, end, seen) for change, end in known)

    def action(self, end: int) -> str:
        """Return the name of the action that an end belongs to."""
        return self._compiled.ends[end]

    def is_false(self, prop: str, state: int) -> bool:
        """Is an invariant false in a state, or a goal reached?"""
        test = self._compiled.invariants[prop]
        return not test.test(state & test.mask)
