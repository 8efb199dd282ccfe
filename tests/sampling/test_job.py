import contextlib
import hashlib
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import orjson
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError, UnknownFormatError
from chime_fixtures.sampling import executors, storage
from chime_fixtures.sampling import job as parts
from chime_fixtures.sampling.job import Job, begin, finish, write_part
from tests.support.digests import digest, expected

COMMAND = [sys.executable, "-m", "chime_fixtures", "sample", "--format", "ndjson"]


@pytest.mark.parametrize("part_size", [777, 1000, 4096, 10_000])
def test_any_part_size_gives_the_same_records(tmp_path, part_size):
    """The parts one after the other are the records, whatever their size."""
    job = Job(str(tmp_path), 9999, part_size=part_size)
    assert list(executors.serial(job, begin(job, resume=False))) == list(range(job.parts))
    assert digest(tmp_path) == expected(9999)
    assert not finish(job)


def test_faults_do_not_depend_on_the_parts(tmp_path):
    """Records and labels are the same in parts of another size, but for the parts that the labels name."""
    seen = []
    for size in (700, 5000):
        job = Job(str(tmp_path / str(size)), 4000, part_size=size, invalid=Fraction("0.1"), malformed=Fraction("0.003"))
        list(executors.serial(job, begin(job, resume=False)))
        finish(job)
        labels = [orjson.loads(line) for line in (tmp_path / str(size) / "labels.ndjson").read_bytes().splitlines()]
        assert all(label["record"] == int(label["part"][5:11]) * size + label["line"] - 1 for label in labels)
        seen.append((digest(tmp_path / str(size)), [(label["record"], label["id"]) for label in labels]))
    assert seen[0] == seen[1]
    assert len(seen[0][1]) == 400 + 12


def test_a_part_that_is_there_stays(tmp_path):
    """A part is written once; a job goes through a pickle; a shard writes its own parts and no other."""
    job = pickle.loads(pickle.dumps(Job(str(tmp_path), 5000, part_size=1000)))
    assert write_part(job, 3)
    assert not write_part(job, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["part-000003.ndjson"]


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ({"count": -1}, InvalidOptionError, "^count=-1: there are no fewer records than none$"),
        ({"part_size": 0}, InvalidOptionError, "^part_size=0: a part has a record or more$"),
        ({"invalid": Fraction(2)}, InvalidOptionError, "^invalid=2: a share is between 0 and 1$"),
        ({"malformed": Fraction(-1, 2)}, InvalidOptionError, "^malformed=-1/2: a share is"),
        ({"invalid": Fraction(2, 3), "malformed": Fraction(1, 2)}, InvalidOptionError, "more than all records"),
        ({"form": "csv", "malformed": Fraction(1, 2)}, UnknownFormatError, "^malformed needs form='ndjson': 'csv' has"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(asked, kind, said):
    """What no corpus can have is said when the job is made, before a worker has it."""
    with pytest.raises(kind, match=said):
        Job(**{"url": "memory://refused", "count": 10, **asked})


@pytest.mark.parametrize("number", [1, 5, -1])
def test_a_part_that_a_job_has_not_is_refused(tmp_path, number):
    """No stray file is left for a part beyond the last."""
    with pytest.raises(InvalidOptionError, match=rf"^there is no part {number}: the parts of this job are range\(1\)"):
        write_part(Job(str(tmp_path), 10), number)
    assert not list(tmp_path.iterdir())


def test_a_job_of_any_schema_goes_through_a_pickle(tmp_path):
    """Several files, a pointer, a format and an annotation of one's own arrive with it: the copy writes the same."""
    (tmp_path / "a.json").write_text(
        '{"$defs": {"a": {"type": "object", "required": ["x"], "unit": 1, "properties": {"x": {"$ref": "b.json"}}}}}'
    )
    (tmp_path / "b.json").write_text('{"type": "string", "format": "plate"}')
    options = {"pointer": "/$defs/a", "resources": [tmp_path / "b.json"], "formats": {"plate": "^[A-Z]{2}-[0-9]{3}$"}}
    contract = Contract.from_file(tmp_path / "a.json", annotations=["unit"], **options)
    job = Job(str(tmp_path / "out"), 3000, contract=contract.name, documents=contract.documents, part_size=1000)
    copied = pickle.loads(pickle.dumps(job))
    assert copied.manifest() == job.manifest()
    assert list(parts.Corpus(copied).lines(0, 3000)) == list(parts.Corpus(job).lines(0, 3000))
    assert sorted(executors.processes(job, begin(job, resume=False), workers=2)) == [0, 1, 2]


def test_another_corpus_is_refused(tmp_path):
    """A folder with another manifest, with parts and none, with parts and no wish to go on."""
    job = Job(str(tmp_path / "a"), 2000, part_size=1000)
    assert begin(job, resume=False) == [0, 1]
    write_part(job, 0)
    assert begin(job, resume=True) == [1]
    with pytest.raises(InvalidDocumentError, match="--resume goes on"):
        begin(job, resume=False)
    with pytest.raises(InvalidDocumentError, match="of another corpus, by its seed; choose"):
        begin(Job(str(tmp_path / "a"), 2000, seed=1, part_size=1000), resume=True)
    (tmp_path / "a" / "manifest.json").write_bytes(b"{")
    with pytest.raises(InvalidDocumentError, match="is no manifest"):
        begin(job, resume=True)
    (tmp_path / "a" / "manifest.json").unlink()
    with pytest.raises(InvalidDocumentError, match="has parts, but no manifest"):
        begin(job, resume=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidDocumentError, match="cannot be made"):
        begin(Job(str(tmp_path / "file" / "x"), 1), resume=False)


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    """When writing fails, here or at a URL, there is no half part and no temporary file."""
    import fsspec

    def failing(self, path, corpus, start, stop):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    for url in (str(tmp_path), "memory://failing"):
        job = Job(url, 10)
        monkeypatch.setattr(type(parts.corpus_of(job).encoder), "write", failing)
        with pytest.raises(InvalidDocumentError, match="No space left"):
            write_part(job, 0)
        monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
    assert not fsspec.filesystem("memory").exists("/failing/part-000000.ndjson")


def test_a_url_gets_the_same_bytes():
    """What fsspec knows is a place like a folder, manifest and all."""
    import fsspec

    job = Job("memory://corpus", 2500, part_size=1000)
    list(executors.serial(job, begin(job, resume=False)))
    system = fsspec.filesystem("memory")
    whole = b"".join(system.cat_file(name) for name in sorted(system.ls("/corpus", detail=False)) if "part-" in name)
    assert hashlib.sha256(whole).hexdigest() == expected(2500)
    assert begin(job, resume=True) == []
    with pytest.raises(InvalidDocumentError, match="cannot be used"):
        storage.at("nosuch://x")


@pytest.mark.slow
def test_processes_survive_a_killed_worker(tmp_path):
    """One worker is killed in the middle: the run goes on, and the digest is the same."""
    import multiprocessing

    job = Job(str(tmp_path), 60_000, part_size=2000)
    before = multiprocessing.active_children()
    done = executors.processes(job, begin(job, resume=False), workers=2)
    next(done)
    next(each for each in multiprocessing.active_children() if each not in before).kill()
    assert len(list(done)) == job.parts - 1
    assert digest(tmp_path) == expected(60_000)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".writing") and not begin(job, resume=True)]


@pytest.mark.slow
def test_a_killed_run_goes_on(tmp_path):
    """The whole run is killed, and started again it gives the same digest and no litter."""
    arguments = ["--count", "400_000", "--part-size", "4000", "-d", str(tmp_path), "--workers", "2", "--resume"]
    process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.DEVNULL, start_new_session=True)
    limit = time.monotonic() + 60
    while len(list(tmp_path.glob("part-*"))) < 3 and time.monotonic() < limit:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, check=True)
    assert done.stderr.decode().rstrip().endswith("repeat them with --seed 0")
    assert digest(tmp_path) == expected(400_000)
    assert len(list(tmp_path.iterdir())) == 101


# A shell starts what runs in its background with the interrupt ignored, and that is inherited.
INTERRUPTIBLE = """
import signal, sys
from chime_fixtures.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("engine", ["process", "dask"])
def test_an_ended_run_leaves_no_litter(tmp_path, engine, number, code):
    """Ctrl-C reaches every process, `kill` just one: the run ends with its code, without a word or half a file."""
    script, folder = tmp_path / "interruptible.py", tmp_path / "corpus"
    script.write_text(INTERRUPTIBLE)
    arguments = ["sample", "--format", "ndjson", "--count", "40_000_000", "--part-size", "50_000", "-d", str(folder)]
    process = subprocess.Popen(
        [sys.executable, str(script), *arguments, "--workers", "2", "--engine", engine],
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
    """What is started while interrupts wait has them blocked from its first moment; here they come afterwards."""
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    # As above: interrupts may be ignored here.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), executors.uninterrupted():
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.stdout == "True\n"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_threads_do_not_meet(tmp_path):
    """Parts that several threads write at once are the same."""
    job = Job(str(tmp_path), 60_000, part_size=3000)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda number: write_part(job, number), begin(job, resume=False)))
    assert digest(tmp_path) == expected(60_000)


def test_only_the_workers_of_a_pool_are_ended(tmp_path):
    """What the caller has started besides goes on when a run is left early."""
    import multiprocessing

    bystander = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    bystander.start()
    try:
        job = Job(str(tmp_path), 60_000, part_size=2000)
        done = executors.processes(job, begin(job, resume=False), workers=2)
        next(done)
        done.close()
        # The pool's own thread asks after its workers too, and for a moment each may leave the answer to the other.
        limit = time.monotonic() + 10
        while multiprocessing.active_children() != [bystander] and time.monotonic() < limit:
            time.sleep(0.01)
        assert multiprocessing.active_children() == [bystander]
    finally:
        bystander.kill()
        bystander.join()
