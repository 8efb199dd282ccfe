"""Who writes the parts of a job: this process or several; `cluster` has Dask. The bytes are the same."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Collection, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import storage
from chime_fixtures.sampling.job import Job, write_part

MOST_DEATHS = 100
"""Workers that may be killed one after the other without a part done."""


def serial(job: Job, numbers: Sequence[int]) -> Generator[int, None, None]:
    """Write the parts here, one after the other; yields the number of each that is done."""
    for number in numbers:
        write_part(job, number)
        yield number


def processes(job: Job, numbers: Sequence[int], *, workers: int) -> Generator[int, None, None]:
    """Write the parts in several processes; yields the number of each that is done.

    When a worker is killed, the pool is made again, and the parts that are not done are given out again.

    Raises:
        InvalidDocumentError: a part can't be written, or workers went on dying without a part done.
    """
    left, deaths = dict.fromkeys(numbers), 0
    others = multiprocessing.active_children()
    while left:
        done_before = len(left)
        try:
            with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_settle) as pool:
                try:
                    with uninterrupted():
                        futures = {pool.submit(write_part, job, number): number for number in left}
                    for future in as_completed(futures):
                        future.result()
                        del left[futures[future]]
                        yield futures[future]
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    _end_workers(job, others)
                    raise
        except BrokenProcessPool as error:
            deaths = 0 if len(left) < done_before else deaths + 1
            if deaths == MOST_DEATHS:
                raise InvalidDocumentError(job.shown, "cannot be written: every worker is killed") from error


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Interrupts wait, and what is started meanwhile never gets them: they are its parent's, who ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # To start it later, with the first process, would let interrupts in again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settle() -> None:
    """A worker leaves interrupts to its parent, and goes when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end_workers(job: Job, others: Collection[BaseProcess]) -> None:
    children = [child for child in multiprocessing.active_children() if child not in others]
    for child in children:
        child.terminate()
    for child in children:
        child.join(2)
    storage.sweep(storage.at(job.url))
