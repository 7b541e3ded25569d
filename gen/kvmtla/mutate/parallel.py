"""Work in several processes, which share all that was read and made before."""

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
    """Yield what `work` returns for each of the parts, in the order in which they finish.

    At most `jobs` processes do the work. They are forked, so that nothing is read and typed again,
    and the results of `work` are copied. Without fork, or if there is nothing to share out, the
    work is done here.
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
    """Prepare a forked process; only the parent decides when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Existing objects stay, and most new ones are soon gone.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _numbered(i: int) -> Any:
    work, parts = _work
    return work(parts[i])
