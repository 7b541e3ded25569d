"""Claims as tests, and the fixture `kvmtla`.

    pytest --kvmtla-spec ./mine        each point of each claim is a test

    def test_it(kvmtla):
        kvmtla.check("age", "m.counter < 3", kernel="5.19").holds()

Everything else of the tool is imported only where one of these is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kvmtla.api import Setting
    from kvmtla.check.engine_results import Answer
    from kvmtla.check.notebook import Verdicts
    from kvmtla.modules.point import Point

_OPTION, _INI = "--kvmtla-spec", "kvmtla_spec"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the setting that name a spec."""
    what = "check the claims of this spec as tests: a folder, a Python file or a package"
    parser.getgroup("kvmtla").addoption(_OPTION, metavar="SPEC", help=what)
    parser.addini(_INI, what)


def _spec(config: pytest.Config) -> str | None:
    return config.getoption(_OPTION) or config.getini(_INI) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the claims, before other plugins choose from all tests."""
    spec = _spec(config)
    if spec is not None:
        items.extend(
            _Claims.from_parent(session, name="kvmtla", nodeid="kvmtla", spec=spec).collect()
        )


class _Claims(pytest.Collector):
    """All claims of a spec."""

    def __init__(self, *, spec: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def collect(self) -> Iterator[_Claim]:
        """Yield a test for each point."""
        from kvmtla.api import claims  # noqa: PLC0415
        from kvmtla.errors import KvmtlaError  # noqa: PLC0415

        try:
            found = claims(spec=self.spec)
        except KvmtlaError as error:
            raise pytest.UsageError(error.render()) from None
        for point in found:
            settings = "".join(f",{n}={v}" for n, v in point.settings.items())
            name = f"{point.claim.full_name.replace(' ', '.')}[{point.prop}{settings}]"
            yield _Claim.from_parent(self, name=name, point=point)


class WrongVerdictError(AssertionError):
    """A verdict is not as expected, or unknown."""


class _Claim(pytest.Item):
    """One point."""

    def __init__(self, *, point: Point, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.point = point

    def runtest(self) -> None:
        """Have TLC check it; raise WrongVerdictError unless the verdict is the expected one."""
        from kvmtla.api import run  # noqa: PLC0415
        from kvmtla.report.ci import fault  # noqa: PLC0415
        from kvmtla.trace import story  # noqa: PLC0415

        (result,) = run([self.point])
        said = fault(result)
        if said is not None:
            told = f"\n\n{story(result.trace)}" if result.trace is not None else ""
            raise WrongVerdictError(f"{said}{told}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the verdict and the story; a traceback only for any other failure."""
        if isinstance(excinfo.value, WrongVerdictError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, int, str]:
        """Return where the spec makes the claim."""
        loc = self.point.claim.loc
        return loc.file, loc.line - 1, self.name


class Checked:
    """The answers about an invariant; see `Kvmtla.check`."""

    def __init__(self, answers: Verdicts[Answer]) -> None:
        self.answers = answers

    def holds(self) -> None:
        """Raise WrongVerdictError, with the story, unless it holds for all that was asked."""
        __tracebackhide__ = True
        self._expect("holds")

    def violated(self) -> None:
        """Raise WrongVerdictError unless it is violated for all that was asked."""
        __tracebackhide__ = True
        self._expect("violated")

    def _expect(self, verdict: str) -> None:
        __tracebackhide__ = True
        from kvmtla.trace import story  # noqa: PLC0415

        for a in self.answers:
            if a.verdict.value != verdict:
                said = f"{a.point.label} is {a.verdict.value}, expected {verdict}"
                trace = a.trace()
                told = story(trace) if trace is not None else a.reason or ""
                raise WrongVerdictError(f"{said}\n\n{told}".rstrip())


class Kvmtla:
    """The fixture: asks about the spec that the option or the setting names, or KVM's."""

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def check(self, scenario: str, invariant: str, **constants: Setting) -> Checked:
        """Search a scenario for a state in which the invariant is false, for all constants.

        Raises WorldError for values of constants with which there is nothing to ask about.
        """
        from kvmtla.api import asked  # noqa: PLC0415
        from kvmtla.engine import Limits  # noqa: PLC0415

        return Checked(asked(scenario, invariant, self.spec, Limits(), constants))


@pytest.fixture
def kvmtla(request: pytest.FixtureRequest) -> Kvmtla:
    """Check scenarios: kvmtla.check("scenario", "invariant", kernel="5.19").holds()."""
    return Kvmtla(_spec(request.config) or "kvmspec")
