"""Which world a trace is of: from the release that the user names, and from its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from kvmtla.errors import CommandError
from kvmtla.front.scenario import Spec
from kvmtla.ftrace.text import Format, Trace
from kvmtla.ftrace.words import Words
from kvmtla.ftrace.world import Known, world_of
from kvmtla.lang.recorded import Layout, Recorded


class Choice:
    """The worlds of one release, each made when a trace asks for it."""

    def __init__(
        self,
        spec: Spec,
        root: Path,
        recorded: Recorded,
        release: str,
        settings: Mapping[str, Sequence[str]],
    ) -> None:
        """Set it up; `settings` are the values of constants that the user asks for.

        Raises CommandError for a release that is not known.
        """
        self._spec = spec
        self._root = root
        self._recorded = recorded
        self._settings = settings
        self._release, self._kernel = world_of(recorded, release)
        self._made: dict[str, Known] = {}

    def of(self, trace: Trace) -> Known:
        """Return the world that a trace is of.

        Raises CommandError where no layout fits, or where several worlds do.
        """
        fit = [x for x in self._layouts() if self._fits(x, trace)]
        if not fit:
            raise CommandError(
                "KT925",
                f"{trace.file}: its values are no entries of {'.'.join(map(str, self._release))}",
                hint="name the release that it was recorded with",
            )
        if len(fit) > 1:
            raise CommandError(
                "KT925",
                f"{trace.file}: its values may be {' or '.join(x.name for x in fit)}",
                hint="a trace in which something is mapped writable says which",
            )
        layout = fit[0]
        if layout.name not in self._made:
            constants = self._constants(layout, trace)
            self._made[layout.name] = Known(
                self._spec, self._root, self._recorded, layout, constants
            )
        return self._made[layout.name]

    def _layouts(self) -> Sequence[Layout]:
        return [
            x
            for x in self._recorded.layouts
            if x.since <= self._release and (x.until is None or self._release < x.until)
            if all(self._allowed(x, name) for name in x.constants)
        ]

    def _allowed(self, layout: Layout, name: str) -> list[Enum]:
        wanted = self._settings.get(name) or ()
        return [v for v in layout.constants[name] if not wanted or str(v.value) in wanted]

    def _fits(self, layout: Layout, trace: Trace) -> bool:
        """Are nearly all values those of entries? A few may be what is wrong with the trace."""
        name, text = self._recorded.changed
        form, words = (
            Format(text),
            Words(layout, self._recorded.levels, type(self._recorded.removed)),
        )
        good = bad = 0
        for e in trace.events:
            if e.name == name and (v := form.values(e.text)) is not None:
                level = v["level"]
                for raw in (v["old"], v["new"]):
                    if level in self._recorded.levels and words.read(raw, level) is None:
                        bad += 1
                    else:
                        good += 1
        return bad * 20 <= good

    def _constants(self, layout: Layout, trace: Trace) -> dict[str, Enum]:
        found = {n: d.default for n, d in self._spec.constants.items() if d.default is not None}
        found[self._spec.constant_of(self._kernel)] = self._kernel
        for name in layout.constants:
            allowed = self._allowed(layout, name)
            if len(allowed) > 1:
                values = ", ".join(str(v.value) for v in allowed)
                raise CommandError(
                    "KT925",
                    f"{trace.file}: {layout.name} leaves open which --{name} it is: {values}",
                    hint=f"--{name} {allowed[0].value}",
                )
            found[name] = allowed[0]
        return found
