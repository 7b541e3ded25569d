"""What all tests have in common."""

from __future__ import annotations

import gc
from typing import Any

from hypothesis import HealthCheck, settings

# The tests of the plugin run pytest; only this file may say so.
pytest_plugins = ["pytester"]

# As the command has it: a spec is many objects, all of which stay. With Python's own number, a
# sixth of the time in which the claims are lowered goes by looking for cycles among them.
gc.set_threshold(500_000, 20, 20)

# How fast a machine is today is not what is tested.
settings.register_profile("kvmtla", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kvmtla")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many random models were compared, which no test can in its own process."""
    counts: dict[str, int] = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name.startswith("random models"):
                counts[name] = counts.get(name, 0) + value
    for name, value in counts.items():
        terminalreporter.write_line(f"{name}: {value}")
