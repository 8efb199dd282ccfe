"""Writing the parts of a job with an executor: this process, a process pool, or any `concurrent.futures.Executor`.

The bytes are the same with each of them, and with `dask_cluster`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Collection, Generator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.job import Job, write_part
from chime_fixtures.sampling.storage import open_storage, remove_stale

MAX_WORKER_DEATHS = 100
"""Consecutive deaths of workers without a finished part in between, after which a run fails."""

WORKERS_KILLED = "every worker was killed; use fewer workers, or give them more memory"


def write_serially(job: Job, numbers: Sequence[int]) -> Generator[int, None, None]:
    """Write the parts in this process; yields the number of each finished part."""
    for number in numbers:
        write_part(job, number)
        yield number


def write(job: Job, numbers: Sequence[int], executor: Executor) -> Generator[int, None, None]:
    """Write the parts with an executor; yields the number of each finished part, in any order."""
    with interrupts_blocked():
        futures = {executor.submit(write_part, job, number): number for number in numbers}
    for future in as_completed(futures):
        future.result()
        yield futures[future]


def write_with_processes(job: Job, numbers: Sequence[int], *, workers: int) -> Generator[int, None, None]:
    """Write the parts with a process pool; yields the number of each finished part, in any order.

    If a worker is killed, a new pool writes the unfinished parts.

    Raises:
        InvalidDocumentError: a part can't be written, or workers die repeatedly without finishing a part.
    """
    unfinished, deaths = dict.fromkeys(numbers), 0
    other_children = multiprocessing.active_children()
    while unfinished:
        unfinished_before = len(unfinished)
        try:
            with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_start_worker) as pool:
                try:
                    for number in write(job, list(unfinished), pool):
                        del unfinished[number]
                        yield number
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    _terminate_workers(job, other_children)
                    raise
        except BrokenProcessPool as error:
            deaths = 0 if len(unfinished) < unfinished_before else deaths + 1
            if deaths == MAX_WORKER_DEATHS:
                raise InvalidDocumentError(job.display_url, f"cannot be written: {WORKERS_KILLED}") from error


@contextlib.contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block SIGINT; processes started meanwhile never receive it, and their parent terminates them instead."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # Started later, with the first process, it would unblock interrupts.
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _start_worker() -> None:
    """Ignore interrupts in a worker, and exit when the parent has exited."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _terminate_workers(job: Job, other_children: Collection[BaseProcess]) -> None:
    workers = [child for child in multiprocessing.active_children() if child not in other_children]
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(2)
    remove_stale(open_storage(job.url))
