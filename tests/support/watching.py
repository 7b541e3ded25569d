"""A watcher for the tests."""

from __future__ import annotations

from kvmtla.check.results import Result
from kvmtla.modules.point import Point
from kvmtla.tlc import Progress


class Silent:
    """Counts the runs of TLC, and what it is told besides."""

    def __init__(self) -> None:
        self.runs = 0
        self.total = 0
        self.found = 0
        self.remarks: list[str] = []

    def begin(self, total: int) -> None:
        self.total = total

    def skipped(self) -> None:
        self.total -= 1

    def started(self, point: Point, others: int) -> None:
        self.runs += 1

    def progressed(self, point: Point, progress: Progress) -> None: ...

    def finished(self, result: Result) -> None:
        self.found += 1

    def remarked(self, text: str) -> None:
        self.remarks.append(text)
