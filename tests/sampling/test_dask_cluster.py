import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from unittest.mock import Mock

import dask
import pytest

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError
from chime_fixtures.sampling import dask_cluster
from chime_fixtures.sampling.job import begin
from tests.support.command_line import run_command
from tests.support.digests import digest, expected
from tests.support.sessions import session_job
from tests.support.sizes import IS_NIGHTLY, sample

pytestmark = pytest.mark.slow

SAMPLE = ["sample", "--format", "ndjson"]
COMMAND = [sys.executable, "-m", "chime_fixtures", *SAMPLE]
WORKERS = () if IS_NIGHTLY else ("--workers", "1")
"""By day one process of a cluster, which takes half a second to start."""
LOOPBACK = {"protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}


def test_dask_writes_the_same_parts(tmp_path):
    """A local cluster gives the digest of the serial run."""
    done = subprocess.run(
        [*COMMAND, "--count", "3000", "--part-size", "1000", "-d", tmp_path, "--engine", "dask", *WORKERS],
        capture_output=True,
        check=True,
    )
    assert b"wrote 3,000 records in 3 parts" in done.stderr
    assert digest(tmp_path) == expected(3000)


def test_dask_survives_a_killed_worker(tmp_path):
    """There are as many workers as requested; after one is killed another writes its part, and the digest is the same."""
    import multiprocessing

    count, workers = (400_000, 3) if IS_NIGHTLY else (20_000, 2)
    job = session_job(str(tmp_path), count, part_size=count // 40)
    before = set(multiprocessing.active_children())
    done = dask_cluster.write_with_dask(job, begin(job, resume=False), workers=workers)
    next(done)
    started = set(multiprocessing.active_children()) - before
    assert len(started) == workers
    started.pop().kill()
    assert len(list(done)) == job.parts - 1
    assert digest(tmp_path) == expected(count)
    assert len(list(tmp_path.iterdir())) == job.parts + 1


def test_a_running_cluster_writes_the_same_parts(tmp_path):
    """The workers of a scheduler write the parts, and it keeps running; a lost scheduler is one error."""
    import distributed

    job = session_job(str(tmp_path / "whole"), 5000, part_size=1000)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **LOOPBACK) as running:
        done = dask_cluster.write_with_dask(
            job, begin(job, resume=False), workers=1, scheduler=running.scheduler_address
        )
        assert sorted(done) == list(range(5))
        assert running.status.name == "running"
        assert digest(tmp_path / "whole") == expected(5000)
        job = session_job(str(tmp_path / "cut"), 10_000_000, part_size=100_000)
        done = dask_cluster.write_with_dask(
            job, begin(job, resume=False), workers=1, scheduler=running.scheduler_address
        )
        next(done)
        running.close()
        with pytest.raises(
            InvalidDocumentError, match="cut: cannot be written: the connection to the scheduler was lost"
        ):
            list(done)


@pytest.mark.parametrize(
    "address", sample(["tcp://127.0.0.1:1", "nowhere", "tls://127.0.0.1:1", "ucx://127.0.0.1:1"], 1)
)
def test_an_unreachable_scheduler_is_one_error(tmp_path, address):
    """The command exits with 2 after one line with the address."""
    done = subprocess.run(
        [*COMMAND, "-d", str(tmp_path), "--engine", "dask", "--scheduler", address],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"},
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"error: {address}: is not a reachable Dask scheduler" in done.stderr


def test_a_cluster_that_cannot_be_started_is_one_error(tmp_path):
    """The command exits with 2 after one line if Dask has no temporary folder."""
    with dask.config.set({"temporary-directory": "/proc/nowhere"}):
        done = run_command(*SAMPLE, "-d", "sample", "--engine", "dask", cwd=tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
    assert b"error: dask: cannot be started: " in done.stderr


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("0.0.1", r"has workers with chime-fixtures 0\.0\.1; install .* there"),
        (PackageNotFoundError("chime-fixtures"), "has workers without chime-fixtures; install .* there"),
    ],
)
def test_workers_have_the_same_version(monkeypatch, tmp_path, version, reason):
    """Another version may write other bytes, and a worker without the package dies with each part."""
    import distributed

    with distributed.LocalCluster(
        n_workers=1, processes=False, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as running:
        # Workers in this process see the same packages, so that the first call is given another version.
        first = iter(["9.9.9"])
        there = version if isinstance(version, str) else Mock(side_effect=version)

        def found(name):
            here = next(first, None)
            return here or (there if isinstance(there, str) else there(name))

        monkeypatch.setattr(dask_cluster.metadata, "version", found)
        done = dask_cluster.write_with_dask(
            session_job(str(tmp_path), 10), [0], workers=1, scheduler=running.scheduler_address
        )
        with pytest.raises(InvalidDocumentError, match=reason):
            list(done)


def test_a_cluster_without_workers_is_one_error(monkeypatch, tmp_path):
    """The error is raised after a timeout."""
    import distributed

    monkeypatch.setattr(dask_cluster, "_WORKER_TIMEOUT_SECONDS", 0.2)
    with distributed.LocalCluster(n_workers=0, processes=False, **LOOPBACK) as running:
        done = dask_cluster.write_with_dask(
            session_job(str(tmp_path), 10), [0], workers=1, scheduler=running.scheduler_address
        )
        with pytest.raises(InvalidDocumentError, match="has no workers"):
            list(done)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Error during deserialization\nof a graph"), "cannot be written: Error during deserialization$"),
        (MissingExtraError("pyarrow", "parquet"), "pyarrow"),
        ("KilledWorker", "every worker was killed; use fewer"),
    ],
)
def test_an_error_of_a_cluster_is_one_line(tmp_path, error, reason):
    """Schedulers of other versions, workers without an extra, and workers that die repeatedly."""
    import distributed

    raised = distributed.KilledWorker("part", None, 100) if error == "KilledWorker" else error
    with pytest.raises(ChimeFixturesError, match=reason):
        with dask_cluster._errors_translated(session_job(str(tmp_path), 1), distributed):
            raise raised
