import contextlib
import hashlib
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import orjson
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError
from chime_fixtures.sampling import executors, storage
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.job import Sample, begin, cached_sample, finish, write_part
from chime_fixtures.sessions.options import SessionOptions
from tests.support.command_line import run_command
from tests.support.digests import digest, expected
from tests.support.sessions import session_job
from tests.support.sizes import IS_NIGHTLY, sample

SAMPLE = ["sample", "--format", "ndjson"]
COMMAND = [sys.executable, "-m", "chime_fixtures", *SAMPLE]


@pytest.mark.slow
@pytest.mark.parametrize("part_size", [777, 1000, 4096, 10_000])
def test_any_part_size_gives_the_same_records(tmp_path, part_size):
    """The concatenated parts are the records, whatever the size of a part."""
    job = session_job(str(tmp_path), 9999, part_size=part_size)
    assert list(executors.write_serially(job, begin(job, resume=False))) == list(range(job.parts))
    assert digest(tmp_path) == expected(9999)
    assert not finish(job)


def test_faults_do_not_depend_on_the_parts(tmp_path):
    """Records and labels are the same for each part size, except for the part and line of a label."""
    seen = []
    for size in (700, 5000):
        job = session_job(
            str(tmp_path / str(size)), 4000, part_size=size, invalid=Fraction("0.1"), malformed=Fraction("0.003")
        )
        list(executors.write_serially(job, begin(job, resume=False)))
        finish(job)
        labels = [orjson.loads(line) for line in (tmp_path / str(size) / "_labels.ndjson").read_bytes().splitlines()]
        assert all(label["record"] == int(label["part"][5:11]) * size + label["line"] - 1 for label in labels)
        seen.append((digest(tmp_path / str(size)), [(label["record"], label["id"]) for label in labels]))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 400 + 12


def test_an_existing_part_is_not_written_again(tmp_path):
    """A pickled job writes one part once, and no other."""
    job = pickle.loads(pickle.dumps(session_job(str(tmp_path), 5000, part_size=1000)))
    assert write_part(job, 3)
    assert not write_part(job, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["part-000003.ndjson"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"count": -1}, InvalidOptionError, "^count must be 0 or more, not -1$"),
        ({"part_size": 0}, InvalidOptionError, "^part_size must be 1 or more, not 0$"),
        ({"invalid": Fraction(2)}, InvalidOptionError, "^invalid must be from 0 to 1, not 2$"),
        (
            {"format_name": "csv", "label_column": ""},
            InvalidOptionError,
            "^label_column must not be empty; pass a name",
        ),
        ({"malformed": Fraction(-1, 2)}, InvalidOptionError, "^malformed must be from 0 to 1"),
        ({"invalid": Fraction(2, 3), "malformed": Fraction(1, 2)}, InvalidOptionError, "add up to at most 1, not 7/6"),
        (
            {"format_name": "csv", "malformed": Fraction(1, 2)},
            UnknownFormatError,
            "^malformed lines require format_name='ndjson', not 'csv'",
        ),
    ],
)
def test_invalid_options_of_a_job_are_rejected(options, error, message):
    """Invalid options raise when the job is created, before it reaches a worker."""
    with pytest.raises(error, match=message):
        session_job(**{"url": "memory://rejected", "count": 10, **options})


@pytest.mark.parametrize("number", [1, 5, -1])
def test_a_part_number_out_of_range_is_rejected(tmp_path, number):
    """No file is written for a part beyond the last."""
    with pytest.raises(InvalidOptionError, match=rf"^part number must be in range\(1\), not {number}$"):
        write_part(session_job(str(tmp_path), 10), number)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_job_of_any_schema_can_be_pickled(tmp_path):
    """A copy with several files, a pointer, a custom format and a custom annotation writes the same records."""
    (tmp_path / "a.json").write_text(
        '{"$defs": {"a": {"type": "object", "required": ["x"], "unit": 1, "properties": {"x": {"$ref": "b.json"}}}}}'
    )
    (tmp_path / "b.json").write_text('{"type": "string", "format": "plate"}')
    options = {"pointer": "/$defs/a", "resources": [tmp_path / "b.json"], "formats": {"plate": "^[A-Z]{2}-[0-9]{3}$"}}
    contract = Contract.from_file(tmp_path / "a.json", annotations=["unit"], **options)
    job = session_job(str(tmp_path / "out"), 3000, contract, part_size=1000)
    copied = pickle.loads(pickle.dumps(job))
    assert copied.manifest() == job.manifest()
    assert list(Sample(copied).lines(0, 3000)) == list(Sample(job).lines(0, 3000))
    assert sorted(executors.write_with_processes(job, begin(job, resume=False), workers=2)) == [0, 1, 2]


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"options": SessionOptions(states=("Open",))}, {"document": Contract({"type": "null"}).document}],
)
def test_a_worker_keeps_the_last_sample(change):
    """An equal job, also an unpickled one, has the same sample; a job that differs in anything has another."""
    job = session_job("", 10)
    sample = cached_sample(job)
    assert cached_sample(pickle.loads(pickle.dumps(job))) is sample
    assert cached_sample(replace(job, **change)) is not sample


def test_a_folder_of_another_sample_is_rejected(tmp_path):
    """A folder with another manifest, with parts and no manifest, or with parts but without `resume`, is an error."""
    job = session_job(str(tmp_path / "a"), 2000, part_size=1000)
    assert begin(job, resume=False) == [0, 1]
    write_part(job, 0)
    assert begin(job, resume=True) == [1]
    with pytest.raises(InvalidDocumentError, match="continue with --resume"):
        begin(job, resume=False)
    with pytest.raises(InvalidDocumentError, match="another sample, which differs in seed; choose"):
        begin(session_job(str(tmp_path / "a"), 2000, seed=1, part_size=1000), resume=True)
    (tmp_path / "a" / "_manifest.json").write_bytes(b"{")
    with pytest.raises(InvalidDocumentError, match="is not the manifest"):
        begin(job, resume=True)
    (tmp_path / "a" / "_manifest.json").unlink()
    with pytest.raises(InvalidDocumentError, match="contains parts, but not their _manifest"):
        begin(job, resume=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidDocumentError, match="cannot be created"):
        begin(session_job(str(tmp_path / "file" / "x"), 1), resume=False)


def test_a_failed_write_leaves_no_file(tmp_path, monkeypatch):
    """If writing fails, in a folder or at a URL, no partial part and no temporary file is left."""
    import fsspec

    def failing(self, path, sample, start, stop):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    for url in (str(tmp_path), "memory://failing"):
        job = session_job(url, 10)
        monkeypatch.setattr(type(cached_sample(job).file_format), "write", failing)
        with pytest.raises(InvalidDocumentError, match="No space left"):
            write_part(job, 0)
        monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
    assert not fsspec.filesystem("memory").exists("/failing/part-000000.ndjson")


def test_a_url_gets_the_same_bytes():
    """A URL of fsspec is supported like a folder, with its manifest."""
    import fsspec

    job = session_job("memory://sample", 2500, part_size=1000)
    list(executors.write_serially(job, begin(job, resume=False)))
    system = fsspec.filesystem("memory")
    whole = b"".join(system.cat_file(name) for name in sorted(system.ls("/sample", detail=False)) if "part-" in name)
    assert hashlib.sha256(whole).hexdigest() == expected(2500)
    assert begin(job, resume=True) == []
    with pytest.raises(InvalidDocumentError, match="cannot be used"):
        storage.open_storage("nosuch://x")


@pytest.mark.slow
def test_processes_survive_a_killed_worker(tmp_path):
    """After one worker is killed the run continues, and the digest is the same."""
    import multiprocessing

    count = 60_000 if IS_NIGHTLY else 20_000
    job = session_job(str(tmp_path), count, part_size=count // 20)
    before = multiprocessing.active_children()
    done = executors.write_with_processes(job, begin(job, resume=False), workers=2)
    next(done)
    next(each for each in multiprocessing.active_children() if each not in before).kill()
    assert len(list(done)) == job.parts - 1
    assert digest(tmp_path) == expected(count)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".writing") and not begin(job, resume=True)]


@pytest.mark.slow
def test_a_killed_run_can_be_resumed(tmp_path):
    """After the whole run is killed, a second run gives the same digest and removes temporary files."""
    count = 400_000 if IS_NIGHTLY else 20_000
    folder = tmp_path / "sample"
    arguments = ["--count", str(count), "--part-size", str(count // 100), "-d", str(folder), "--resume"]
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--workers", "2"], stderr=subprocess.DEVNULL, start_new_session=True
    )
    limit = time.monotonic() + 60
    while len(list(folder.glob("part-*"))) < 3 and time.monotonic() < limit:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = run_command(*SAMPLE, *arguments, "--workers", "1", cwd=tmp_path)
    assert (done.returncode, done.stderr.decode().rstrip()[-20:]) == (0, "repeat with --seed 0")
    assert digest(folder) == expected(count)
    assert len(list(folder.iterdir())) == 101


# A shell starts background processes with SIGINT ignored, which their children inherit.
INTERRUPTIBLE = """
import signal, sys
from chime_fixtures.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "number", "code"),
    sample(
        [
            ("process", signal.SIGINT, 130),
            ("process", signal.SIGTERM, 143),
            ("dask", signal.SIGTERM, 143),
            ("dask", signal.SIGINT, 130),
        ],
        2,
    ),
)
def test_a_terminated_run_leaves_no_temporary_files(tmp_path, engine, number, code):
    """Ctrl-C reaches every process, `kill` one: the run exits with its code, without a message or a partial file."""
    script, folder = tmp_path / "interruptible.py", tmp_path / "sample"
    script.write_text(INTERRUPTIBLE)
    workers = "2" if IS_NIGHTLY or engine == "process" else "1"
    arguments = [*SAMPLE, "--count", "4_000_000", "--part-size", "10_000", "-d", str(folder), "--workers", workers]
    process = subprocess.Popen(
        [sys.executable, str(script), *arguments, "--engine", engine],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + 60
        while not list(folder.glob("part-*")) and time.monotonic() < limit:
            time.sleep(0.01)
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        _, errors = process.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert (process.returncode, errors.strip()) == (code, b""), errors
    assert not list(folder.glob(".*"))


def test_workers_are_not_interrupted():
    """A process started while interrupts are blocked never receives them; this process does afterwards."""
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    # SIGINT may be ignored here, as above.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), executors.interrupts_blocked():
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.stdout == "True\n"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.slow
def test_threads_write_the_same_parts(tmp_path):
    """Parts that several threads write at once have the same bytes."""
    job = session_job(str(tmp_path), 20_000, part_size=1000)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: write_part(job, number), begin(job, resume=False)))
    assert digest(tmp_path) == expected(20_000)


@pytest.mark.slow
def test_only_the_workers_of_a_pool_are_terminated(tmp_path):
    """Other children of the caller survive when a run is closed early."""
    import multiprocessing

    bystander = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    bystander.start()
    try:
        job = session_job(str(tmp_path), 60_000, part_size=2000)
        done = executors.write_with_processes(job, begin(job, resume=False), workers=2)
        next(done)
        done.close()
        # The pool's own thread waits for its workers too, so that they can be listed for a moment longer.
        limit = time.monotonic() + 10
        while multiprocessing.active_children() != [bystander] and time.monotonic() < limit:
            time.sleep(0.01)
        assert multiprocessing.active_children() == [bystander]
    finally:
        bystander.kill()
        bystander.join()
