import itertools
import os
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import executors, storage
from chime_fixtures.sampling.job import begin, write_part
from tests.support.sessions import session_job
from tests.support.sizes import IS_NIGHTLY


def test_object_stores_without_folders_are_supported():
    """A store without empty folders works, and an exception of its file system is one error."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    class Objects(MemoryFileSystem):
        protocol = "objects"

        def makedirs(self, path, exist_ok):  # noqa: ARG002 - as fsspec calls it
            if "broken" in path:
                raise RuntimeError("out of order\nand more of it")

    fsspec.register_implementation("objects", Objects, clobber=True)
    job = session_job("objects://store/sample", 100, part_size=50)
    assert sorted(executors.write_serially(job, begin(job, resume=False))) == [0, 1]
    assert begin(job, resume=True) == []
    with pytest.raises(InvalidDocumentError) as caught:
        storage.open_storage("objects://user:secret@broken/sample")
    assert str(caught.value) == "objects://broken/sample: cannot be used: out of order"


def test_a_visible_upload_has_a_temporary_name(tmp_path):
    """A file under a part's name is complete, also on a file system whose uploads can be cut; stale files are removed."""
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
    job = session_job(f"growing://{tmp_path}", 5000, part_size=5000)
    seen, is_cut = [], False
    numbers = begin(job, resume=False)
    is_cut = True
    with pytest.raises(InvalidDocumentError, match="cannot be used: the line is dead"):
        write_part(job, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["_manifest.json"]
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / f".{socket.gethostname()}~{int(dead.stdout)}~x.writing").write_text("")
    is_cut = False
    assert begin(job, resume=True) == numbers
    write_part(job, 0)
    assert len((tmp_path / "part-000000.ndjson").read_bytes().splitlines()) == 5000
    assert {path.name for path in tmp_path.iterdir()} == {"_manifest.json", "part-000000.ndjson"}
    assert not any("part-000000.ndjson" in names for names in seen)


def test_a_file_url_is_a_local_folder(tmp_path):
    """Its files are written with a rename on the same disk."""
    assert isinstance(storage.open_storage(f"file://{tmp_path}"), storage.LocalFolder)


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
def test_messages_contain_no_credentials_of_a_url(url, shown):
    """Credentials and the query are removed; a path is unchanged."""
    assert storage.redacted(url) == shown


def test_messages_contain_no_credentials_of_a_reason():
    """The message of a file system may quote the URL, or a part of its password."""
    with pytest.raises(InvalidDocumentError) as caught:
        storage.open_storage("ftp://user:se/cret@127.0.0.1/x")
    assert str(caught.value) == "ftp://127.0.0.1/x: cannot be used: it is not a valid URL of this file system"


@pytest.mark.slow
def test_threads_read_the_umask_one_at_a_time(tmp_path):
    """Files that many threads write at once have the permissions of the process's umask."""
    before, switch = os.umask(0o027), sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: storage._umask(), range(20_000 if IS_NIGHTLY else 4000))) == {0o027}
    finally:
        sys.setswitchinterval(switch)
        os.umask(before)


@pytest.mark.parametrize("content", [b"new", None])
def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch, content):
    """If any call of a write fails, the file has its old content and no temporary file is left; in a folder and alone."""
    path = tmp_path / "a.json"
    folder = storage.LocalFolder(tmp_path)
    for nth in itertools.count(1):
        path.write_bytes(b"old")
        calls = itertools.count(1)

        def failing(real, nth=nth, calls=calls):
            def call(*args, **kwargs):
                if next(calls) == nth:
                    raise OSError(28, "No space left on device")
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            for owner, name in [
                *((os, "fsync"), (Path, "chmod"), (Path, "replace"), (Path, "write_bytes")),
                (storage.tempfile, "mkstemp"),
            ]:
                patch.setattr(owner, name, failing(getattr(owner, name)))
            try:
                if content is not None:
                    storage.write_file(path, content)
                else:
                    with storage.atomic_file(folder, "a.json") as temporary:
                        temporary.write_bytes(b"new")
            except (InvalidDocumentError, OSError) as error:
                assert "No space left" in str(error)
                assert path.read_bytes() == b"old"
            else:
                break
        assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert nth == 6
    assert path.read_bytes() == b"new"


def test_permissions_are_kept_and_links_followed(tmp_path):
    """A file keeps its permissions, also if it is read-only; the target of a link is written, and the link is kept."""
    target, link = tmp_path / "a.json", tmp_path / "link.json"
    for mode in (0o600, 0o440):
        target.write_bytes(b"old")
        target.chmod(mode)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        storage.write_file(link, b"new")
        assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode), link.is_symlink()) == (b"new", mode, True)
        target.unlink()


def test_devices_are_written_to():
    """A device is not replaced by a file."""
    storage.write_file(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()
