"""Storage for sample files: a local folder, or any URL that fsspec supports. Every file is written atomically."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError, first_line

_TEMPORARY_SUFFIX = ".writing"
_UMASK_LOCK = threading.Lock()
# A password may contain slashes: what follows a colon extends to the last @.
_CREDENTIALS = re.compile(r"://(?:[^/@]*:.*@|[^/@]*@)")
_QUERY = re.compile(r"\?.*")
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "memory"}
"""Protocols of stores in which an object becomes visible when it is complete."""


class Storage(Protocol):
    """A folder of complete files."""

    def names(self) -> set[str]:
        """The names of all files."""

    def exists(self, name: str) -> bool:
        """True if there is a file of that name."""

    def read(self, name: str) -> bytes:
        """The content of a small file."""

    def staging_folder(self) -> Path:
        """The local folder for temporary files, from which `commit` moves them."""

    def commit(self, path: Path, name: str, *, mode: int) -> None:
        """Move a complete local file into the storage, where it becomes visible at once or not at all.

        Args:
            path: the temporary file.
            name: its name in the storage.
            mode: its permissions, if the storage has any.
        """

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""


def open_storage(url: str) -> Storage:
    """The storage at a path or URL; the folder is created if it does not exist.

    Raises:
        MissingExtraError: a URL requires the extra `remote`.
        InvalidDocumentError: the folder can't be created, or the file system can't be used.
    """
    if not is_url(url):
        return LocalFolder(Path(url))
    with _errors_translated(url):
        system, root = _file_system(url)
        if _is_local(system):
            return LocalFolder(Path(root))
        system.makedirs(root, exist_ok=True)
    return RemoteFolder(system, root, url)


def is_url(destination: str) -> bool:
    """True if a destination is a URL for fsspec; any other one is a local path."""
    return "://" in destination


def file_name(destination: str) -> str:
    """The last segment of a path or URL, without the query of a URL; empty if it ends in a slash."""
    # fsspec chains file systems, as in simplecache::s3://bucket/a.ndjson.
    first = next((each for each in destination.split("::") if is_url(each)), destination)
    return (_QUERY.sub("", first) if is_url(destination) else first).rpartition("/")[2]


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("fsspec", "remote") from error
    system, root = fsspec.core.url_to_fs(url)
    return system, str(root)


def _is_local(system: Any) -> bool:
    return "file" in _protocols(system)


@contextlib.contextmanager
def _errors_translated(url: str) -> Iterator[None]:
    """Translate any error of a file system into one line without credentials."""
    try:
        yield
    except (InvalidDocumentError, MissingExtraError):
        raise
    # Each file system has exceptions of its own.
    except Exception as error:
        reason = first_line(error)
        if isinstance(error, FileNotFoundError):
            reason = f"{reason} does not exist"
        if isinstance(error, ValueError) and _CREDENTIALS.search(url):
            # The message may quote a part of the password.
            reason = "it is not a valid URL of this file system"
        raise InvalidDocumentError(redacted(url), f"cannot be used: {redacted(reason)}") from error


def _protocols(system: Any) -> Collection[str]:
    return {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)


def _is_object_store(system: Any) -> bool:
    return not _OBJECT_STORES.isdisjoint(_protocols(system))


def redacted(url: str) -> str:
    """A path or URL for messages, without the credentials and the query of a URL."""
    if not is_url(url):
        return url
    return "::".join(_QUERY.sub("?...", _CREDENTIALS.sub("://", each)) for each in url.split("::"))


class LocalFolder:
    """A local folder, created if it does not exist."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidDocumentError(str(path), f"cannot be created: {error.strerror or error}") from error

    def names(self) -> set[str]:
        """The names of all files."""
        return {entry.name for entry in os.scandir(self._path)}

    def exists(self, name: str) -> bool:
        """True if there is a file of that name."""
        return (self._path / name).exists()

    def read(self, name: str) -> bytes:
        """The content of a small file."""
        return (self._path / name).read_bytes()

    def staging_folder(self) -> Path:
        """The folder itself, since a rename is atomic within one file system only."""
        return self._path

    def commit(self, path: Path, name: str, *, mode: int) -> None:
        """Flush the file to the disk, so that a power failure leaves no empty file, and rename it."""
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
        path.chmod(mode)
        path.replace(self._path / name)

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""
        with contextlib.suppress(OSError):
            (self._path / name).unlink()


class RemoteFolder:
    """A folder behind fsspec. No remote file is opened for writing: an exception would commit half of it."""

    def __init__(self, system: Any, root: str, url: str) -> None:
        self._system = system
        self._root = root.rstrip("/")
        self._url = url
        self._is_object_store = _is_object_store(system)

    def names(self) -> set[str]:
        """The names of all files."""
        with _errors_translated(self._url):
            # Others write there too, and file systems cache their listings.
            self._system.invalidate_cache()
            try:
                entries = self._system.ls(self._root, detail=False)
            except FileNotFoundError:
                # An object store has no empty folders.
                return set()
            return {str(entry).rstrip("/").rpartition("/")[2] for entry in entries}

    def exists(self, name: str) -> bool:
        """True if there is a file of that name."""
        with _errors_translated(self._url):
            self._system.invalidate_cache()
            return bool(self._system.exists(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """The content of a small file."""
        with _errors_translated(self._url):
            return bytes(self._system.cat_file(f"{self._root}/{name}"))

    def staging_folder(self) -> Path:
        """The folder for temporary files of this machine."""
        return Path(tempfile.gettempdir())

    def commit(self, path: Path, name: str, *, mode: int) -> None:  # noqa: ARG002 - a URL has no permissions
        """Upload the file; where an unfinished copy is visible, upload under a temporary name first."""
        with _errors_translated(self._url):
            if self._is_object_store:
                self._system.put_file(str(path), f"{self._root}/{name}")
                return
            try:
                self._system.put_file(str(path), f"{self._root}/{path.name}")
                self._system.mv(f"{self._root}/{path.name}", f"{self._root}/{name}")
            except BaseException:
                with contextlib.suppress(Exception):
                    self.delete(path.name)
                raise

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""
        with _errors_translated(self._url), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{name}")


@contextlib.contextmanager
def atomic_file(storage: Storage, name: str, *, mode: int | None = None) -> Iterator[Path]:
    """Yield a temporary local path to write to; the file is committed unless an exception is raised.

    Args:
        storage: the destination.
        name: the name of the file there.
        mode: its permissions; by default those of the umask.
    """
    prefix = f".{socket.gethostname()}~{os.getpid()}~"
    handle, path = tempfile.mkstemp(prefix=prefix, suffix=_TEMPORARY_SUFFIX, dir=storage.staging_folder())
    os.close(handle)
    try:
        yield Path(path)
        storage.commit(Path(path), name, mode=0o666 & ~_umask() if mode is None else mode)
    finally:
        with contextlib.suppress(OSError):
            Path(path).unlink()


@contextlib.contextmanager
def atomic_replacement(destination: Path | str) -> Iterator[Path]:
    """Yield a temporary path to write to; its file then replaces the one at the destination, unless an error is raised.

    Of a local file, a symbolic link is followed, and the permissions are kept.

    Args:
        destination: a path, or a URL for fsspec.

    Raises:
        MissingExtraError: a URL requires the extra `remote`.
        InvalidDocumentError: the file can't be written; what was there before is unchanged.
    """
    storage, name, mode = _open_file(destination)
    try:
        with atomic_file(storage, name, mode=mode) as temporary:
            yield temporary
    except OSError as error:
        raise InvalidDocumentError(
            redacted(str(destination)), f"cannot be written: {error.strerror or error}"
        ) from error


def _open_file(destination: Path | str) -> tuple[Storage, str, int | None]:
    """The storage of a file, its name there, and the permissions of an existing local file."""
    if isinstance(destination, str) and is_url(destination):
        with _errors_translated(destination):
            system, path = _file_system(destination)
            if not _is_local(system):
                folder, _, name = path.rpartition("/")
                if not name or not (folder or path.startswith("/")):
                    remedy = "append one, as in s3://bucket/sample.ndjson"
                    raise InvalidDocumentError(redacted(destination), f"has no file name; {remedy}")
                if not _is_object_store(system):
                    system.makedirs(folder, exist_ok=True)
                return RemoteFolder(system, folder, destination), name, None
            destination = path
    target = Path(os.path.realpath(destination))
    try:
        mode = target.stat().st_mode if target.exists() else None
    except OSError as error:
        raise InvalidDocumentError(str(destination), f"cannot be written: {error.strerror or error}") from error
    return LocalFolder(target.parent), target.name, mode


def is_device(destination: Path | str) -> bool:
    """True if the destination is a device or a pipe, which can be written to, but not replaced."""
    path = Path(destination)
    return path.exists() and not path.is_file()


def write_file(destination: Path | str, content: bytes) -> None:
    """Write the content to a file atomically; see `atomic_replacement`.

    Raises:
        MissingExtraError: a URL requires the extra `remote`.
        InvalidDocumentError: the file can't be written; what was there before is unchanged.
    """
    if is_device(destination):
        write_device(destination, [content])
        return
    with atomic_replacement(destination) as temporary:
        temporary.write_bytes(content)


def write_device(path: Path | str, chunks: Iterable[bytes | bytearray]) -> None:
    """Write chunks of bytes to a device or a pipe.

    Raises:
        InvalidDocumentError: it can't be written.
    """
    try:
        with Path(path).open("wb") as stream:
            stream.writelines(chunks)
    except OSError as error:
        raise InvalidDocumentError(str(path), f"cannot be written: {error.strerror or error}") from error


def remove_stale(storage: Storage) -> None:
    """Remove the temporary files of killed processes of this machine."""
    folders = [storage] if isinstance(storage, LocalFolder) else [storage, LocalFolder(storage.staging_folder())]
    for folder in folders:
        for name in folder.names():
            host, _, rest = name.removeprefix(".").partition("~")
            process_id = rest.partition("~")[0]
            is_ours = name.endswith(_TEMPORARY_SUFFIX) and host == socket.gethostname() and process_id.isdecimal()
            if is_ours and not _is_alive(int(process_id)):
                folder.delete(name)


def _umask() -> int:
    # Only setting the umask returns it, and other threads must not create files meanwhile.
    with _UMASK_LOCK:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def _is_alive(process_id: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    # A zombie, which its parent has not waited for, still has its number.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
