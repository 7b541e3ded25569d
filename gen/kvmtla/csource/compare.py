"""Each operation of a specification beside the function of C that it models."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property

from kvmtla.csource import ast as c
from kvmtla.csource.coverage import missed
from kvmtla.csource.errors import DifferenceError, NotUnderstoodError
from kvmtla.csource.interpret import Access, Machine, Seen, constant_of
from kvmtla.csource.model import MOST_ROUNDS, ModelSide
from kvmtla.csource.program import CProgram
from kvmtla.csource.run import MOST_FAILURES, CutError, Run, Same
from kvmtla.csource.values import (
    ALL,
    MOST_RUNS,
    Bit,
    Choices,
    CValue,
    Event,
    Opaque,
    Pair,
    Ref,
    Whole,
    Word,
    settled,
)
from kvmtla.errors import Loc, SpecError
from kvmtla.front.scenario import Spec
from kvmtla.ir import stmt as s
from kvmtla.ir.types import BoolT, DomainT, EnumT, MapT, RecordT, Type
from kvmtla.lang.c import COperation, CPlace, CSource, Left

_ELSE = "else"
# What a loop does in later rounds is not asked, which is said like all that is left out.
_BOUNDED = (
    "later rounds of a loop",
    f"a compare-and-exchange fails {MOST_FAILURES} times, other loops of the model go round "
    f"{MOST_ROUNDS} times; what comes after is not compared",
)


class Outcome(Enum):
    """What came out for one function."""

    SAME = "same"
    DIFFERS = "differs"
    GONE = "gone"
    NOT_COMPARED = "not compared"
    NEW = "new"


@dataclass(frozen=True)
class Sides:
    """A run in which the two sides part: what each did, and which step is the first to differ."""

    model: tuple[str, ...]
    c: tuple[str, ...]
    at: int
    given: tuple[str, ...]
    """The values that both begin with, and what is unknown."""
    world: Mapping[str, Enum]


@dataclass(frozen=True)
class Result:
    """What came out for an operation and the function that it models."""

    operation: str
    kernel: str
    """The file and the function, as the specification names it."""
    outcome: Outcome
    name: str = ""
    """What the function is called in this tree."""
    file: str = ""
    line: int = 0
    why: tuple[str, ...] = ()
    sides: Sides | None = None
    runs: int = 0
    left: Mapping[str, str] = field(default_factory=dict)
    followed: tuple[str, ...] = ()
    """The other functions of C that were gone through."""
    listed: bool = False
    """True if the mapping has it, with the reason."""

    @property
    def fine(self) -> bool:
        """Is nothing to be done about it?"""
        return self.listed or self.outcome is Outcome.SAME


@dataclass(frozen=True)
class _Ends:
    """How the two sides of a value of some type are compared, in one world."""

    compared: _WorldOf
    type: Type
    mask: str = ""

    def same(self) -> Same:
        """Return what is asked of C's value and the model's."""
        return Same(self._holds)

    def _holds(self, in_c: object, in_model: object) -> bool:
        if not isinstance(in_c, int):
            return False
        if self.mask == "and":
            return in_c & ALL == ALL ^ self.compared.raw(_inverted(in_model))
        if self.mask:
            return in_c & ALL == self.compared.raw(in_model)
        return self.compared.is_same(in_c, in_model, self.type)


def _inverted(word: object) -> object:
    assert isinstance(word, tuple)
    return tuple(not b for b in word)


class _WorldOf:
    """The values of words in one world of one tree."""

    def __init__(self, program: CProgram, source: CSource, world: Mapping[str, Enum]) -> None:
        self.source = source
        self.world = world
        bare = constant_of(program, source, {})
        given = source.constants(world, bare)
        known: dict[str, int] = {n: v for n, v in given.items() if isinstance(v, int)}
        for name, text in given.items():
            if isinstance(text, str):
                known[name] = constant_of(program, source, known)(text)
        self.constants = known
        self.value = constant_of(program, source, known)
        self._words: dict[object, int] = {}
        self._bits: dict[str, int] = {}
        self._legal: dict[str, list[Pair]] = {}
        self.word: RecordT | None = None
        self._counts = ALL & ~_number(source.ignored, world, self.value)

    def bits(self, name: str) -> int:
        """Return the bits of a field of a word."""
        if name not in self._bits:
            self._bits[name] = _number(self.source.bits, name, self.world, self.value)
        return self._bits[name]

    def _named(self, word: object) -> dict[str, bool]:
        assert self.word is not None and isinstance(word, tuple)
        return {f.name: bool(v) for f, v in zip(self.word.fields, word, strict=True)}

    def encoded(self, word: object) -> int:
        """Return C's value of a word of the model."""
        if word not in self._words:
            named = self._named(word)
            self._words[word] = _number(self.source.words, named, self.world, self.value) & ALL
        return self._words[word]

    def raw(self, word: object) -> int:
        """Return bits that a word of the model holds as a mask."""
        found = 0
        for name, is_set in self._named(word).items():
            if is_set:
                found |= self.bits(name)
        return found

    def shown(self, number: int) -> str:
        """Return a word of C as people read it."""
        assert self.word is not None
        for pair in self.legal(self.word):
            if pair[1] == number & ALL:
                return self.spelled(pair[0])
        names = [f.label for f in self.word.fields if (b := self.bits(f.name)) and number & b == b]
        return f"{number & ALL:#x} ({' '.join(names) or 'no bit of the model'})"

    def spelled(self, word: object) -> str:
        """Return a word of the model as people read it."""
        assert self.word is not None and isinstance(word, tuple)
        names = [f.label for f, v in zip(self.word.fields, word, strict=True) if v]
        return " ".join(names) or "0"

    def legal(self, t: RecordT) -> list[Pair]:
        """Return all values of a word that there may be."""
        if t.name not in self._legal:
            self.word = t
            found: list[Pair] = []
            for word in itertools.product((False, True), repeat=len(t.fields)):
                if self.source.legal(self._named(word), self.world):
                    found.append((word, self.encoded(word)))
            self._legal[t.name] = found
        return self._legal[t.name]

    def masks(self, t: RecordT, fields: Sequence[str]) -> list[Pair]:
        """Return single bits as masks, those that there are in this world."""
        self.word = t
        found: list[Pair] = []
        for name in fields:
            word = tuple(f.name == name for f in t.fields)
            if bits := self.bits(name):
                found.append((word, bits))
        return found

    def is_same(self, in_c: int, in_model: object, t: Type) -> bool:
        """Is it the same value?"""
        match t:
            case RecordT(word=True):
                self.word = t
                return not (in_c ^ self.encoded(in_model)) & self._counts
            case BoolT():
                return bool(in_c) == bool(in_model)
            case MapT():
                assert isinstance(in_model, tuple)
                return self.is_same(in_c, in_model[0], t.value)
        return False


class Comparison:
    """A specification beside a tree of C."""

    def __init__(self, spec: Spec, source: CSource, program: CProgram, kernel: Enum) -> None:
        self.spec = spec
        self.source = source
        self.program = program
        self.kernel = kernel
        self.functions = spec.reader.program.functions
        self.worlds = [_WorldOf(program, source, w) for w in source.worlds(kernel)]
        self.reached: dict[str, Seen] = {}
        self._seen_everywhere = Seen()

    # --- Names ------------------------------------------------------------------------------------

    @cached_property
    def modelled(self) -> dict[str, list[s.Function]]:
        """The operations by the kernel function that each models, of the files that are read."""
        found: dict[str, list[s.Function]] = {}
        for fn in self.functions.values():
            if fn.kernel is None or fn.kind not in ("operation", "atomic"):
                continue
            file, _, name = fn.kernel.partition(":")
            if file in self.source.files:
                found.setdefault(name, []).append(fn)
        return found

    def exists(self, fn: s.Function) -> bool:
        """Does the specification say that an operation is there in this kernel?"""
        values = list(type(self.kernel))
        here = values.index(self.kernel)
        since, until = fn.since, fn.until
        if isinstance(since, type(self.kernel)) and here < values.index(since):
            return False
        return not isinstance(until, type(self.kernel)) or here < values.index(until)

    def known(self, name: str, fn: s.Function | None = None) -> COperation:
        """Return what the mapping says of a function, or of one operation that models it."""
        if fn is not None and fn.key in self.source.operations:
            return self.source.operations[fn.key]
        return self.source.operations.get(name, COperation())

    def called(self, name: str) -> list[s.Function]:
        """Return the operations that a noted call may be one of."""
        named = [f for f in self.functions.values() if f.kernel is None and f.name == name]
        return self.modelled.get(name, named)

    def c_function(self, name: str) -> c.Function | None:
        """Return the function of this tree for a name of the specification, by any of its names."""
        for one in (name, *self.known(name).names):
            found = self.program.function(one)
            if found is not None:
                return found
        return None

    @cached_property
    def names_in_c(self) -> dict[str, str]:
        """C's name of each function that is modelled -> the specification's."""
        found = {}
        for name in self.modelled:
            there = self.c_function(name)
            if there is not None:
                found[there.name] = name
        for alias, name in self.source.aliases.items():
            found.setdefault(alias, name)
        return found

    def noted(self, fn: s.Function) -> str | None:
        """Return the name by which a call of an operation is noted; None if it is followed."""
        if fn.kernel is None:
            return fn.name if fn.name in self.source.aliases.values() else None
        name = fn.kernel.partition(":")[2]
        there = name in self.names_in_c.values()
        return name if there and not self.known(name).inline else None

    # --- Values -----------------------------------------------------------------------------------

    def pairs(self, of: _WorldOf, t: Type, place: CPlace | None) -> Sequence[Pair]:
        """Return all values of a type, as the model has them and as C has them."""
        match t:
            case RecordT(word=True):
                return of.legal(t)
            case BoolT():
                return [(False, 0), (True, 1)]
            case MapT(_, BoolT()):
                return [((False,), 0), ((True,), 1)]
            case EnumT() if place is not None and place.values:
                return [(v.name if isinstance(v, Enum) else v, n) for v, n in place.values]
        raise NotUnderstoodError(f"values of type {t}, for which there is nothing in C", "", 0)

    def given(self, of: _WorldOf, name: str, t: Type) -> Sequence[Pair]:
        """Return all that a call of a function may give."""
        results = self.known(name).results
        if not results:
            return self.pairs(of, t, None)
        found: list[Pair] = []
        for text, value in results.items():
            if text != _ELSE:
                found.append((value, of.value(text)))
        for value in (False, True):
            if _ELSE in results and value not in [v for v, _ in found]:
                found.append((value, 0 if all(n for _, n in found) else 1))
        return found

    # --- Comparing --------------------------------------------------------------------------------

    def all(self) -> Iterator[Result]:
        """Yield what comes out for each operation, and for functions that nobody models."""
        for name, operations in self.modelled.items():
            for fn in operations:
                if self.exists(fn):
                    yield self.one(name, fn)
        yield from self._helpers()
        yield from self._new()

    def one(self, name: str, fn: s.Function) -> Result:
        """Return what comes out for one operation."""
        assert fn.kernel is not None
        for key in (fn.key, name):
            if key in self.source.apart:
                there = self.c_function(name)
                return Result(
                    fn.key,
                    fn.kernel,
                    Outcome.NOT_COMPARED if there else Outcome.GONE,
                    there.name if there else "",
                    there.file if there else "",
                    there.line if there else 0,
                    (self.source.apart[key],),
                    listed=True,
                )
        there = self.c_function(name)
        operation = self._in_c(self.known(name, fn))
        entry = self._entry(operation, there)
        if there is None or entry is None:
            tried = " or ".join([name, *operation.names] if there is None else operation.entry)
            version = self.program.tree.version
            for one in operation.absences:
                if version is not None and one.since <= version < one.until:
                    return Result(fn.key, fn.kernel, Outcome.GONE, why=(one.why,), listed=True)
            return Result(fn.key, fn.kernel, Outcome.GONE, why=(f"the tree has no {tried}()",))
        seen = Seen()
        runs = 0
        listed: dict[str, Sides] = {}

        def result(
            outcome: Outcome,
            why: tuple[str, ...] = (),
            sides: Sides | None = None,
            *,
            known: bool = False,
        ) -> Result:
            if outcome is Outcome.SAME:
                self._remember(seen)
            return Result(
                fn.key,
                fn.kernel or "",
                outcome,
                there.name,
                there.file,
                there.line,
                why,
                sides,
                runs,
                dict(seen.left),
                tuple(n for n in seen.functions if n != there.name),
                known,
            )

        for of in self.worlds:
            if any(of.world[name] not in values for name, values in operation.only.items()):
                continue
            choices: Choices | None = Choices()
            while choices is not None:
                runs += 1
                if runs > MOST_RUNS:
                    return result(Outcome.NOT_COMPARED, ("there are too many ways to go",))
                try:
                    sides = self._run(fn, entry, operation, of, choices, seen)
                except NotUnderstoodError as error:
                    where = f"{error.file}:{error.line}: " if error.file else ""
                    return result(Outcome.NOT_COMPARED, (f"{where}{error.what}",))
                if sides is not None:
                    known = self._listed(operation, sides)
                    if known is None:
                        return result(Outcome.DIFFERS, (), sides)
                    listed.setdefault(known, sides)
                choices = choices.next()
        if listed:
            return result(Outcome.DIFFERS, tuple(listed), next(iter(listed.values())), known=True)
        gaps = [_gap(n) for f in dict.fromkeys((entry, there)) for n in missed(f, seen)]
        if gaps:
            return result(Outcome.NOT_COMPARED, tuple(gaps))
        if operation.reread:
            seen.left.setdefault("what a failed compare-and-exchange gives", operation.reread)
        if operation.result_left:
            seen.left.setdefault("what it returns", operation.result_left)
        return result(Outcome.SAME)

    def _listed(self, operation: COperation, sides: Sides) -> str | None:
        """Return why the first difference is known, if it is."""
        model = sides.model[sides.at] if sides.at < len(sides.model) else "-"
        in_c = sides.c[sides.at] if sides.at < len(sides.c) else "-"
        in_c = re.sub(r"^\d+: ", "", in_c)
        version = self.program.tree.version
        for one in operation.differences:
            if version is not None and not one.since <= version < one.until:
                continue
            if re.fullmatch(one.model, model) and re.fullmatch(one.c, in_c):
                return one.why
        return None

    def _in_c(self, operation: COperation) -> COperation:
        """Return what is known of a function, with the names of others that this tree has."""
        by = {known: name for name, known in self.names_in_c.items() if name != known}
        calls = {by.get(name, name): left for name, left in operation.calls.items()}
        return replace(operation, calls=calls)

    def _entry(self, operation: COperation, there: c.Function | None) -> c.Function | None:
        """Return the function to begin with."""
        if not operation.entry:
            return there
        return next((f for n in operation.entry if (f := self.program.function(n))), None)

    def _remember(self, seen: Seen) -> None:
        everywhere = self._seen_everywhere
        everywhere.nodes |= seen.nodes
        everywhere.decided |= seen.decided
        everywhere.functions.update(seen.functions)

    def _run(
        self,
        fn: s.Function,
        there: c.Function,
        operation: COperation,
        of: _WorldOf,
        choices: Choices,
        seen: Seen,
    ) -> Sides | None:
        run = Run(choices)
        both = _Both(self, fn, there, operation, of, run, seen)
        try:
            both.go()
        except CutError:
            run.bounded = True
            return None
        except DifferenceError:
            made = len(choices.ways)
            sides = both.sides()
            # To show a value is to choose one, which nobody else has to know.
            del choices.ways[made:]
            run.forget_after(sides.at)
            return sides
        finally:
            if run.bounded:
                seen.left.setdefault(*_BOUNDED)
        return None

    def lines_run(self, function: c.Function) -> set[int]:
        """Return the lines of a function that runs came by, where all was the same."""
        seen = self._seen_everywhere.nodes
        return {s.line for s in c.walk(function.body) if id(s) in seen}

    def _helpers(self) -> Iterator[Result]:
        """Yield the functions that were gone through for others, and of which a part never was."""
        own = set(self.names_in_c)
        for name, function in self._seen_everywhere.functions.items():
            gaps = [] if name in own else list(missed(function, self._seen_everywhere))
            if gaps:
                listed = self.source.apart.get(name)
                yield Result(
                    name,
                    f"{function.file}:{name}",
                    Outcome.NOT_COMPARED,
                    name,
                    function.file,
                    function.line,
                    tuple(map(_gap, gaps)) if listed is None else (listed,),
                    listed=listed is not None,
                )

    def _new(self) -> Iterator[Result]:
        """Yield the functions that write, and that nobody models or has gone through."""
        known = set(self.names_in_c) | set(self._seen_everywhere.functions)
        known |= {n for names in self.source.writers.values() for n in names}
        for file, unit in self.program.units.items():
            writers = self.source.writers.get(file, frozenset())
            for name, line in unit.lines.items():
                if name in known:
                    continue
                calls = set(re.findall(r"\b(\w+)\s*\(", unit.text(name))) & writers
                if not calls:
                    continue
                why = self.source.unmodelled.get(name)
                text = f"it calls {', '.join(f'{n}()' for n in sorted(calls))}"
                yield Result(
                    name,
                    f"{file}:{name}",
                    Outcome.NEW,
                    name,
                    file,
                    line,
                    (why or text,),
                    listed=why is not None,
                )


def _gap(node: c.Node) -> str:
    return f"{node.file}:{node.line}: no run comes by `{node.text[:60]}`"


class _Both(Access):
    """The two sides of one run."""

    def __init__(
        self,
        comparison: Comparison,
        fn: s.Function,
        there: c.Function,
        operation: COperation,
        of: _WorldOf,
        run: Run,
        seen: Seen,
    ) -> None:
        self.comparison = comparison
        self.fn = fn
        self.there = there
        self.operation = operation
        self.of = of
        self.run = run
        self.given: list[tuple[str, object]] = []
        self.unknowns: dict[str, bool] = {}
        self._writers = {n for names in comparison.source.writers.values() for n in names}
        self.machine = Machine(
            comparison.program, comparison.source, self, of.constants, operation, seen
        )

    def go(self) -> None:
        """Run both sides; raises DifferenceError where they part."""
        source = self.comparison.source
        memory: dict[str, CValue] = {}
        args: list[object] = []
        for p in self.fn.params:
            value, in_c = self._parameter(p.name, p.type)
            args.append(value)
            if in_c is not None:
                memory[self.operation.params.get(p.name, p.name)] = in_c
                self.given.append((p.name, value))
        model = ModelSide(
            self.comparison.functions,
            source,
            self.of.world,
            self._pairs,
            lambda name, t: self._assumed(name, t, self.comparison.given(self.of, name, t)),
            self._noted,
        )
        results: tuple[object, ...] = ()
        with suppress(CutError):
            results = model.run(self.run, self.fn, args, self.operation)
        for place, left in self.operation.start.items():
            memory[place] = self.machine.left(left, place, self.there)
        self.run.model_is_done()
        in_c_args = [memory.pop(p.name, None) for p in self.there.params]
        self.machine.memory.update(memory)
        returned = self.machine.run(self.there, in_c_args)
        if not self.run.cut:
            self._returns(results, returned)
        self.run.c_ends()

    def _noted(self, fn: s.Function) -> str | None:
        """Return the name by which the model's call of an operation is noted, if it is."""
        name = self.comparison.noted(fn)
        return None if fn is self.fn or name in self.operation.follow else name

    def _pairs(self, t: Type, place: CPlace | None) -> Sequence[Pair]:
        pairs = self.comparison.pairs(self.of, t, place)
        return pairs if place is None else self._assumed("read", t, pairs)

    def _assumed(self, name: str, t: Type, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return the values that a word may have, as far as something is assumed of it."""
        if name not in self.operation.assume:
            return pairs
        field_name, why = self.operation.assume[name]
        index = t.index(field_name) if isinstance(t, RecordT) else 0
        assert index is not None
        what = f"{name}: {field_name or 'not 0'}"
        self.machine.seen.left.setdefault(what, why)
        return [p for p in pairs if isinstance(p[0], tuple) and p[0][index]]

    def _parameter(self, name: str, t: Type) -> tuple[object, CValue | None]:
        if isinstance(t, DomainT):
            return 0, None
        if isinstance(t, RecordT) and t.word and name in self.comparison.source.masks:
            read = self.run.read(name, self.of.masks(t, self.comparison.source.masks[name]))
            return Whole(read), Word(read)
        read = self.run.read(name, self._assumed(name, t, self.comparison.pairs(self.of, t, None)))
        value = Bit(read, None) if isinstance(t, BoolT) else Whole(read)
        return value, Word(read)

    def _returns(self, results: tuple[object, ...], returned: CValue | None) -> None:
        operation = self.operation
        if operation.result_left is not None:
            return
        there = self.there
        if not self.fn.results:
            if there.result not in ("void", ""):
                raise NotUnderstoodError(
                    f"what {there.name}() returns is not in the model", there.file, there.line
                )
            return
        t = self.fn.results[0]
        self.run.model_does(Event("return", "return", (("value", results[0]),), type=t))
        if returned is None and operation.void is not None:
            self.machine.seen.left.setdefault("what it returns", operation.void)
            self.run.model.pop()
            return
        if returned is None:
            self.run.c_does(Event("return", "return", line=there.last_line), ())
            return
        event = Event("return", "return", (("value", returned),), line=there.last_line)
        how = _Ends(self.of, t).same()
        if operation.results:
            how = Same(self._result)
        elif isinstance(t, BoolT) and isinstance(returned, Opaque):
            returned = int(self.unknown(returned.name))
            event.values = (("value", returned),)
        self.run.c_does(event, (how,))

    def _result(self, in_c: object, in_model: object) -> bool:
        for text, value in self.operation.results.items():
            if text == _ELSE or in_c == self.of.value(text) or in_c == _signed(self.of.value(text)):
                return value == in_model
        return False

    # --- What C does ------------------------------------------------------------------------------

    def _expected(self) -> Event | None:
        at = len(self.run.c)
        return self.run.model[at] if at < len(self.run.model) else None

    def access(
        self, primitive: str, place: str, values: Sequence[CValue], node: c.Node
    ) -> tuple[CValue, bool]:
        """Make the access that the model has made, too."""
        source = self.comparison.source
        found = source.place(place) or next((p for p in source.places if place in p.fields), None)
        if found is None:
            raise NotUnderstoodError(
                f"{primitive} of `{place}`, which is no place of the model", node.file, node.line
            )
        names = _NAMES.get(primitive, ("value",) * len(values))
        event = Event(
            primitive,
            primitive,
            tuple(zip(names, values, strict=True)),
            found.fields[0],
            node.line,
        )
        expected = self._expected()
        t = expected.type if expected is not None else None
        same = []
        for name, value in zip(names, values, strict=True):
            if not isinstance(value, int | Word):
                raise NotUnderstoodError(
                    f"a value `{value}` is written of which nothing is known", node.file, node.line
                )
            mask = name if name in ("and", "or") else ""
            same.append(_Ends(self.of, t, mask).same() if t is not None else Same(_never))
        event.type = t
        answer = self.run.c_does(event, same)
        if primitive in ("try_cmpxchg", "cmpxchg"):
            if answer.done:
                return values[0], True
            assert answer.read is not None
            return Word(answer.read), False
        return (0 if answer.read is None else Word(answer.read)), True

    def lock(self, what: str, how: str, place: str, node: c.Node) -> None:
        """Take or give back the lock that the model does, too."""
        found = self.comparison.source.place(place.removeprefix("*").removeprefix("&"))
        if found is None:
            found = self.comparison.source.place(place)
        if found is None:
            raise NotUnderstoodError(
                f"the lock `{place}`, which is not in the model", node.file, node.line
            )
        self.run.c_does(Event(what, how, place=found.fields[0], line=node.line), ())

    def call(self, name: str, args: Sequence[CValue], node: c.Call) -> CValue | None:
        """Call what the model calls, too."""
        known = self.comparison.names_in_c.get(name)
        if known is None:
            return None
        operation = self.comparison.known(known)
        own = self.fn.kernel is not None and known == self.fn.kernel.partition(":")[2]
        if operation.inline or own or known in self.operation.follow:
            return None
        operations = self.comparison.called(known)
        words: list[tuple[str, object]] = []
        same: list[Same] = []
        expected = self._expected()
        wanted = [n for n, _ in expected.values] if expected is not None else []
        types = {p.name: p.type for fn in operations for p in fn.params}
        for p in wanted if expected is not None and expected.what == known else ():
            words.append((p, self._argument(known, p, args, node)))
            is_mask = p in self.comparison.source.masks and isinstance(types[p], RecordT)
            mask = "or" if is_mask else ""
            same.append(_Ends(self.of, types[p], mask).same())
        self._check_start(operation, name, args, node)
        event = Event("call", known, tuple(words), line=node.line)
        answer = self.run.c_does(event, same)
        if answer.read is not None:
            return Word(answer.read)
        called = self.comparison.program.function(name, node.file)
        if called is not None and called.result == "void":
            return 0
        return self.machine.left(_NOTHING_GIVEN, f"what {name}() gives", node)

    def _check_start(
        self, operation: COperation, name: str, args: Sequence[CValue], node: c.Call
    ) -> None:
        """Raise NotUnderstoodError if a function is called with another value than is assumed."""
        called = self.comparison.program.function(name, node.file)
        for p, value in zip(called.params if called is not None else (), args, strict=False):
            left = operation.start.get(p.name)
            if left is None or not isinstance(value, int):
                continue
            if value & ALL != self.of.value(str(left.value)):
                raise NotUnderstoodError(
                    f"{name}() is called with {value} for {p.name}, and was compared with "
                    f"{left.value}",
                    node.file,
                    node.line,
                )

    def _argument(self, known: str, param: str, args: Sequence[CValue], node: c.Call) -> CValue:
        """Return C's argument for a parameter of the model."""
        function = self.comparison.c_function(known)
        called = self.comparison.program.function(node.function.text, node.file) or function
        where = self.comparison.known(known).params.get(param, param)
        if where in self.machine.memory:
            return self.machine.memory[where]
        if called is not None:
            names = [p.name for p in called.params]
            base, arrow, rest = where.partition("->")
            if base in names:
                value = args[names.index(base)]
                if not arrow:
                    return value
                if isinstance(value, Ref):
                    return self.machine.load(f"{value.place}.{rest}", node)
                if isinstance(value, Opaque):
                    return self.machine.load(f"{value.name}->{rest}", node)
        raise NotUnderstoodError(
            f"which argument of {known}() is the model's {param}", node.file, node.line
        )

    def counts(self, name: str) -> bool:
        """Return whether calls of a function are compared, or left out by name."""
        return name in self.comparison.names_in_c or name in self._writers

    def unknown(self, question: str) -> bool:
        """Return whether something is so of which nothing is known: both ways, in two runs."""
        if question not in self.unknowns:
            self.unknowns[question] = self.run.choices.choose(2) == 1
        return self.unknowns[question]

    # --- Telling ----------------------------------------------------------------------------------

    def sides(self) -> Sides:
        """Return what the two sides did, as far as they got."""
        at = next(
            (
                i
                for i, (m, e) in enumerate(itertools.zip_longest(self.run.model, self.run.c))
                if m is None or e is None or i == len(self.run.c) - 1
            ),
            0,
        )
        given = [f"{name} is {self._shown(value, None)}" for name, value in self.given]
        given += [f"{q}: {'yes' if a else 'no'}" for q, a in self.unknowns.items()]
        model = tuple(self._told(e, in_c=False) for e in self.run.model)
        in_c = tuple(self._told(e, in_c=True) for e in self.run.c)
        return Sides(model, in_c, at, tuple(given), dict(self.of.world))

    def _told(self, e: Event, *, in_c: bool) -> str:
        values = ", ".join(f"{n} {self._shown(v, e.type)}" for n, v in e.values)
        match e.kind:
            case "lock" | "unlock":
                text = f"{e.what}_{e.kind}({e.place})"
            case "call":
                text = f"{e.what}({values})"
            case "wait":
                text = f"wait: {e.what}"
            case "return":
                text = f"return{' ' if values else ''}{values.removeprefix('value ')}"
            case _:
                text = f"{e.what}({e.place}{', ' if values else ''}{values})"
        if e.done is not None:
            text += ": done" if e.done else ": failed"
        if e.read is not None and (e.done is not True):
            text += f" -> {self._shown(Whole(e.read), e.type)}"
        return f"{e.line}: {text}" if in_c and e.line else text

    def _shown(self, value: object, t: Type | None) -> str:
        found = settled(value)
        if isinstance(found, tuple):
            if self.of.word is not None and len(found) == len(self.of.word.fields):
                return self.of.spelled(found)
            return ", ".join(map(str, found))
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int):
            if (isinstance(t, RecordT) or found >> 8) and self.of.word is not None:
                return self.of.shown(found)
            return str(found)
        return str(found)


_NOTHING_GIVEN = Left("it gives nothing in the model")


def _never(one: object, two: object) -> bool:
    return False


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


_NAMES: dict[str, tuple[str, ...]] = {
    "WRITE_ONCE": ("value",),
    "xchg": ("value",),
    "cmpxchg": ("old", "new"),
    "try_cmpxchg": ("old", "new"),
    "atomic_fetch_and": ("and",),
    "atomic_fetch_or": ("or",),
    "plain store": ("value",),
}


def _number(function: Callable[..., object], *given: object) -> int:
    """Return the number that a function of the specification gives."""
    found = function(*given)
    if not isinstance(found, int):
        code = function.__code__
        raise SpecError(
            "KT602",
            f"a number is wanted, and {found!r} is given",
            loc=Loc(code.co_filename, code.co_firstlineno),
        )
    return found
