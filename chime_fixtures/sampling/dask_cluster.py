"""Writing the parts of a job with Dask: on a cluster of local processes, or on a running cluster."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib import metadata
from typing import Any

from chime_fixtures.engine.errors import EngineError, InvalidDocumentError, MissingExtraError, first_line
from chime_fixtures.sampling.executors import MAX_WORKER_DEATHS, WORKERS_KILLED, interrupts_blocked
from chime_fixtures.sampling.job import Job, write_part
from chime_fixtures.sampling.storage import open_storage, remove_stale

_WORKER_TIMEOUT_SECONDS = 30
"""The timeout for a cluster's first worker, equal to Dask's for a scheduler."""


def write_with_dask(
    job: Job, numbers: Sequence[int], *, workers: int, scheduler: str | None = None
) -> Generator[int, None, None]:
    """Write the parts with a Dask cluster; yields the number of each finished part, in any order.

    Args:
        job: the job.
        numbers: the numbers of the parts.
        workers: the number of local processes, if there is no scheduler.
        scheduler: the address of a running cluster's scheduler.

    Raises:
        MissingExtraError: Dask is not installed.
        InvalidDocumentError: a part can't be written, or the scheduler or all workers are lost or can't be reached.
    """
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("dask", "dask") from error
    library: Any = distributed
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            stack.callback(lambda: remove_stale(open_storage(job.url)))
            cluster = stack.enter_context(_local_cluster(library, workers))
            client = stack.enter_context(library.Client(cluster))
        else:
            client = stack.enter_context(_client(library, scheduler))
        # Not `client.get_executor()`: its futures cost more, and an interrupted run logs errors, or hangs at times.
        futures = client.map(functools.partial(_write_numbered, job), list(numbers), retries=3, pure=False)
        for future in library.as_completed(futures):
            with _errors_translated(job, library):
                number: int = future.result()
            yield number


def _write_numbered(job: Job, number: int) -> int:
    write_part(job, number)
    return number


@contextlib.contextmanager
def _local_cluster(library: Any, workers: int) -> Iterator[Any]:
    from dask import config

    settings = {
        # Otherwise workers return freed memory to the system, and request it again for each block of records.
        "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
        # The profiler of a worker holds the interpreter lock many times a second.
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.scheduler.allowed-failures": MAX_WORKER_DEATHS,
    }
    with config.set(settings):
        try:
            with interrupts_blocked():
                cluster = library.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=None,
                    # Without a dashboard it still listens, on a fixed port that a second run would find in use.
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
        raise InvalidDocumentError(scheduler, f"is not a reachable Dask scheduler: {first_line(error)}") from error
    with client:
        _check_workers(client, scheduler)
        yield client


def _check_workers(client: Any, scheduler: str) -> None:
    """Check the package's version on each worker: another version may write other bytes."""
    version = metadata.version("chime-fixtures")
    try:
        client.wait_for_workers(1, timeout=_WORKER_TIMEOUT_SECONDS)
        versions = client.run(metadata.version, "chime-fixtures")
    except TimeoutError as error:
        raise InvalidDocumentError(scheduler, "has no workers; start at least one") from error
    except metadata.PackageNotFoundError as error:
        reason = f"has workers without chime-fixtures; install {version} there"
        raise InvalidDocumentError(scheduler, reason) from error
    if other := next((each for each in versions.values() if each != version), None):
        reason = f"has workers with chime-fixtures {other}; install {version} there"
        raise InvalidDocumentError(scheduler, reason)


@contextlib.contextmanager
def _errors_translated(job: Job, library: Any) -> Iterator[None]:
    try:
        yield
    except EngineError:
        raise
    except (CancelledError, library.KilledWorker, ImportError, RuntimeError) as error:
        if isinstance(error, CancelledError):
            reason = "the connection to the scheduler was lost; resume when it runs again"
        elif isinstance(error, library.KilledWorker):
            reason = WORKERS_KILLED
        else:
            reason = first_line(error)
        raise InvalidDocumentError(job.display_url, f"cannot be written: {reason}") from error
