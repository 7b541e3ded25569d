"""The commands as functions, for programs and notebooks.

    from kvmtla.api import check, verify
    verify("C3", kernel="5.19")
    check("age", "m.counter < 3")[0].trace()

Both return lists, which a notebook shows as tables, as it does single verdicts and counterexamples.
`to_frame()` of a list or of a counterexample makes a pandas frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum

from kvmtla.check.engine_results import Answer, ask
from kvmtla.check.notebook import Verdicts
from kvmtla.check.question import question
from kvmtla.check.results import Result
from kvmtla.check.run import Checker, default_jobs
from kvmtla.check.select import Selection
from kvmtla.engine import Limits
from kvmtla.front.scenario import Spec, read_project
from kvmtla.load import SpecPackage, load_package
from kvmtla.modules.memo import Memo
from kvmtla.modules.point import Point
from kvmtla.modules.points import points
from kvmtla.modules.worlds import WorldError, Worlds
from kvmtla.tlc import Progress, RunOptions, find_toolchain

Setting = str | Enum | Iterable[str | Enum]


class _Silent:
    """Watches a run, and says nothing."""

    def begin(self, total: int) -> None:
        """Ignore how many verdicts are to be found."""

    def skipped(self) -> None:
        """Ignore that one of them is known already."""

    def started(self, point: Point, others: int) -> None:
        """Ignore that a run has begun."""

    def progressed(self, point: Point, progress: Progress) -> None:
        """Ignore how far a run has got."""

    def finished(self, result: Result) -> None:
        """Ignore that a verdict has been found."""

    def remarked(self, text: str) -> None:
        """Ignore a remark that changes no verdict."""


def claims(*names: str, spec: str = "kvmspec", **constants: Setting) -> list[Point]:
    """Return the points that `verify` would check, for each property and value of the constants.

    `names` are as for the command; constants are given as texts or members, one or several. Raises
    SelectionError or WorldError for what is unknown, and SpecError for anything wrong in the spec.
    """
    package, read = _read(spec)
    selection = Selection(names, _settings(constants))
    selection.check(read)
    return selection.choose(points(read, package.root), read)


def verify(
    *names: str, spec: str = "kvmspec", timeout: float | None = None, **constants: Setting
) -> Verdicts[Result]:
    """Return the verdicts on claims, as `kvmtla verify` finds them, with the same cache."""
    return run(claims(*names, spec=spec, **constants), timeout=timeout)


def run(wanted: list[Point], *, timeout: float | None = None) -> Verdicts[Result]:
    """Return the verdicts on points; each is unknown where it takes more than `timeout` seconds."""
    checker = Checker(find_toolchain(), RunOptions(time_limit=timeout), default_jobs())
    return Verdicts(checker.check(wanted, _Silent(), Memo(None)))


def check(
    scenario: str,
    invariant: str,
    *,
    spec: str = "kvmspec",
    timeout: float | None = None,
    states: int | None = None,
    **constants: Setting,
) -> Verdicts[Answer]:
    """Find out whether an invariant holds in a scenario, for each value of the constants.

    Constants that are not given have all values, or their default; `not_asked` of the answers says
    what that leaves out. Raises WorldError where the given values cannot be asked. As with `kvmtla
    check --engine python`, an answer is unknown where there are more than `states` states, or it
    takes more than `timeout` seconds.
    """
    return asked(scenario, invariant, spec, Limits(states=states, seconds=timeout), constants)


def asked(
    scenario: str, invariant: str, spec: str, limits: Limits, constants: Mapping[str, Setting]
) -> Verdicts[Answer]:
    """Return what `check` does, for constants that are not known by name."""
    package, read = _read(spec)
    given = _settings(constants)
    claim = question(read, package.name, scenario, invariant, "invariant", settings=given)
    wanted = points(replace(read, claims=(claim,)), package.root)
    left_out = Worlds(read, claim.scenario).asked(given).left_out
    return Verdicts((ask(p, limits) for p in wanted), not_asked=left_out)


def _read(spec: str) -> tuple[SpecPackage, Spec]:
    package = load_package(spec)
    return package, read_project(package.project)


def _settings(constants: Mapping[str, Setting]) -> dict[str, tuple[str, ...]]:
    return {n: tuple(_spelt(n, v)) for n, v in constants.items()}


def _spelt(name: str, setting: Setting) -> Iterator[str]:
    """Yield the values given for a constant, as a user of the command would write them."""
    some = [setting] if isinstance(setting, str | Enum) else setting
    if not isinstance(some, Iterable):
        raise WorldError(
            "KT919",
            f"{name} has no value {setting!r}",
            hint=f"{name}={str(setting)!r}: values are given as texts",
        )
    for one in some:
        yield str(one.value) if isinstance(one, Enum) else one
