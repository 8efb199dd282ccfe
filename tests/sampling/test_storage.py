import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import executors, storage
from chime_fixtures.sampling.job import Job, begin, write_part


def test_a_store_has_no_empty_folders(tmp_path):
    """One that knows no folder until there is something in it is as good, and what it fails by is one error."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Objects(MemoryFileSystem):
        protocol = "objects"

        def makedirs(self, path, exist_ok):  # noqa: ARG002 - as fsspec calls it
            if "broken" in path:
                raise RuntimeError("out of order\nand more of it")

    fsspec.register_implementation("objects", Objects, clobber=True)
    job = Job("objects://store/corpus", 100, part_size=50)
    assert sorted(executors.serial(job, begin(job, resume=False))) == [0, 1]
    assert begin(job, resume=True) == []
    with pytest.raises(InvalidDocumentError) as caught:
        storage.at("objects://user:secret@broken/corpus")
    assert str(caught.value) == "objects://broken/corpus: cannot be used: out of order"


def test_a_copy_that_grows_in_sight_has_another_name(tmp_path):
    """Behind a URL where a copy may be cut, what has the part's name is whole; what was killed is swept."""
    import fsspec
    from fsspec.implementations.local import LocalFileSystem

    class Growing(LocalFileSystem):
        protocol = "growing"

        def put_file(self, lpath, rpath):
            with Path(lpath).open("rb") as whole, Path(rpath).open("wb") as part:
                part.write(whole.read(1000))
                seen.append({path.name for path in tmp_path.iterdir()})
                if is_cut:
                    raise ConnectionError("the line is dead")
                part.write(whole.read())

    fsspec.register_implementation("growing", Growing, clobber=True)
    job = Job(f"growing://{tmp_path}", 5000, part_size=5000)
    seen, is_cut = [], False
    numbers = begin(job, resume=False)
    is_cut = True
    with pytest.raises(InvalidDocumentError, match="cannot be used: the line is dead"):
        write_part(job, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / f".{socket.gethostname()}~{int(dead.stdout)}~x.writing").write_text("")
    is_cut = False
    assert begin(job, resume=True) == numbers
    write_part(job, 0)
    assert len((tmp_path / "part-000000.ndjson").read_bytes().splitlines()) == 5000
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", "part-000000.ndjson"}
    assert not any("part-000000.ndjson" in names for names in seen)


def test_a_url_of_files_is_a_folder(tmp_path):
    """It is written to as a folder is, with the file that is moved on the same disk."""
    assert isinstance(storage.at(f"file://{tmp_path}"), storage.Folder)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("ftp://user:se/cr@et@host/x", "ftp://host/x"),
        ("s3://AKIA:sec/ret@bucket/x", "s3://bucket/x"),
        ("github://token@owner/x", "github://owner/x"),
        ("zip://in::ftp://user:secret@host/a.zip", "zip://in::ftp://host/a.zip"),
        ("https://host/x?sig=secret", "https://host/x?..."),
        ("folder?/a:b@c", "folder?/a:b@c"),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url, shown):
    """Neither a login, whatever is in it, nor a query; a path is shown whole."""
    assert storage.shown(url) == shown


def test_a_reason_holds_no_secret():
    """What a file system says of a URL may quote it, or a piece of its password."""
    with pytest.raises(InvalidDocumentError) as caught:
        storage.at("ftp://user:se/cret@127.0.0.1/x")
    assert str(caught.value) == "ftp://127.0.0.1/x: cannot be used: it is no URL for this file system"


def test_threads_read_the_umask_one_at_a_time(tmp_path):
    """Files that many threads write at once have the mode that the process asks for."""
    before, switch = os.umask(0o027), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: storage._umask(), range(20_000))) == {0o027}
    finally:
        sys.setswitchinterval(switch)
        os.umask(before)
