"""Work done in several processes, which share all that has been read and made before."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import Any, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_parallel(work: Callable[[_T], _R], parts: Sequence[_T], jobs: int) -> Iterator[_R]:
    """What `work` gives for each of the parts, in the order in which it is done.

    So many processes do it. They are forked, so that nothing is read and typed again, and what
    `work` gives is copied. Where there is no fork, or nothing to share out, it is done here.
    """
    if jobs == 1 or len(parts) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, parts)
        return
    global _work  # noqa: PLW0603 - a forked process finds it there
    _work = (work, parts)
    context = multiprocessing.get_context("fork")
    before = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(jobs, len(parts)), context, _begin) as pool:
        try:
            futures: list[Future[_R]] = [pool.submit(_numbered, i) for i in range(len(parts))]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise


_work: tuple[Callable[[Any], Any], Sequence[Any]]


def _begin() -> None:
    """The parent says when it is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What is there already stays, and most of what is made is soon gone.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _numbered(i: int) -> Any:
    work, parts = _work
    return work(parts[i])
