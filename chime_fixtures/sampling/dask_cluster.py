"""The parts of a job on a Dask cluster: one of processes here, or one that is there already. The bytes are the same."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib import metadata
from typing import Any

from chime_fixtures.engine.errors import EngineError, InvalidDocumentError, MissingExtraError, first_line
from chime_fixtures.sampling import storage
from chime_fixtures.sampling.executors import MOST_DEATHS, uninterrupted
from chime_fixtures.sampling.job import Job, write_part

_PATIENCE = 30
"""Seconds for a cluster to have a worker, as many as Dask has for a scheduler to answer."""


def dask(job: Job, numbers: Sequence[int], *, workers: int, scheduler: str | None = None) -> Generator[int, None, None]:
    """Write the parts on a Dask cluster: the one at the address, or one of processes here; yields what is done.

    Raises:
        MissingExtraError: Dask is not installed.
        InvalidDocumentError: a part can't be written, the scheduler can't be reached, or is gone, or its workers are.
    """
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("dask", "dask") from error
    library: Any = distributed
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            stack.callback(lambda: storage.sweep(storage.at(job.url)))
            cluster = stack.enter_context(_local_cluster(library, workers))
            client = stack.enter_context(library.Client(cluster))
        else:
            client = stack.enter_context(_client(library, scheduler))
        futures = client.map(functools.partial(_numbered, job), list(numbers), retries=3, pure=False)
        for future in library.as_completed(futures):
            yield _result(future, job, library)


@contextlib.contextmanager
def _local_cluster(library: Any, workers: int) -> Iterator[Any]:
    from dask import config

    settings = {
        # Else they give memory back at once, and ask the system anew for each block of records.
        "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
        # Who watches a worker takes the interpreter from it, many times a second.
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.scheduler.allowed-failures": MOST_DEATHS,
    }
    with config.set(settings):
        try:
            with uninterrupted():
                cluster = library.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=None,
                    # Without a dashboard it would still listen, at a port that a second run would find taken.
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,
                )
        except (OSError, RuntimeError) as error:
            raise InvalidDocumentError("dask", f"cannot be started: {first_line(error)}") from error
        with cluster:
            yield cluster


@contextlib.contextmanager
def _client(library: Any, scheduler: str) -> Iterator[Any]:
    try:
        client = library.Client(scheduler)
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        raise InvalidDocumentError(scheduler, f"is no scheduler that can be reached: {first_line(error)}") from error
    with client:
        _check_workers(client, scheduler)
        yield client


def _check_workers(client: Any, scheduler: str) -> None:
    """A worker that has no such package dies of a part, and others would write other bytes."""
    ours = metadata.version("chime-fixtures")
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
        found = client.run(metadata.version, "chime-fixtures")
    except TimeoutError as error:
        raise InvalidDocumentError(scheduler, "has no workers") from error
    except metadata.PackageNotFoundError as error:
        raise InvalidDocumentError(scheduler, f"has workers without chime-fixtures; install {ours} there") from error
    if other := next((each for each in found.values() if each != ours), None):
        raise InvalidDocumentError(scheduler, f"has workers with chime-fixtures {other}; install {ours} there")


def _result(future: Any, job: Job, library: Any) -> int:
    try:
        return int(future.result())
    except EngineError:
        raise
    except (CancelledError, library.KilledWorker, ImportError, RuntimeError) as error:
        if isinstance(error, CancelledError):
            reason = "the scheduler is gone"
        elif isinstance(error, library.KilledWorker):
            reason = "every worker is killed"
        else:
            reason = first_line(error)
        raise InvalidDocumentError(job.shown, f"cannot be written: {reason}") from error


def _numbered(job: Job, number: int) -> int:
    write_part(job, number)
    return number
