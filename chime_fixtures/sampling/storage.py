"""Where parts go: a local folder, or any URL that fsspec knows. A name that is there is whole."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError, first_line

_one_at_a_time = threading.Lock()
_MARK = ".writing"
# A password may hold slashes and more: what comes after a colon goes up to the last @.
_LOGIN = re.compile(r"://(?:[^/@]*:.*@|[^/@]*@)")
_QUERY = re.compile(r"\?.*")
_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "memory"}
"""Protocols of stores in which an object appears when it is whole."""


class Place(Protocol):
    """A folder of whole files."""

    def names(self) -> set[str]:
        """What is there."""

    def has(self, name: str) -> bool:
        """Whether a file is there."""

    def read(self, name: str) -> bytes:
        """A small file."""

    def workshop(self) -> Path:
        """A local folder to write a file in before it is moved."""

    def take(self, path: Path, name: str) -> None:
        """Move a whole local file in; it appears at once or not at all."""

    def discard(self, name: str) -> None:
        """Remove a file, if it is there."""


def at(url: str) -> Place:
    """The place at a path or URL; made if it is not there.

    Raises:
        MissingExtraError: a URL needs the extra `remote`.
        InvalidDocumentError: it can't be made.
    """
    if "://" not in url:
        return Folder(Path(url))
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("fsspec", "remote") from error
    with _told(url):
        system, root = fsspec.core.url_to_fs(url)
        if "file" in _protocols(system):
            return Folder(Path(root))
        system.makedirs(root, exist_ok=True)
    return Remote(system, root, url)


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """What a file system fails by, said in one line."""
    try:
        yield
    except InvalidDocumentError:
        raise
    # Each file system has errors of its own.
    except Exception as error:
        reason = first_line(error)
        if isinstance(error, FileNotFoundError):
            reason = f"there is no {reason}"
        if isinstance(error, ValueError) and _LOGIN.search(url):
            # It may quote a piece of the password.
            reason = "it is no URL for this file system"
        raise InvalidDocumentError(shown(url), f"cannot be used: {shown(reason)}") from error


def _protocols(system: Any) -> Collection[str]:
    return {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)


def shown(url: str) -> str:
    """A path or URL for messages, without what a URL may hold of names, passwords and keys."""
    if "://" not in url:
        return url
    return "::".join(_QUERY.sub("?...", _LOGIN.sub("://", each)) for each in url.split("::"))


class Folder:
    """A local folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidDocumentError(str(path), f"cannot be made: {error.strerror or error}") from error

    def names(self) -> set[str]:
        """What is there."""
        return {entry.name for entry in os.scandir(self._path)}

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return (self._path / name).exists()

    def read(self, name: str) -> bytes:
        """A small file."""
        return (self._path / name).read_bytes()

    def workshop(self) -> Path:
        """The folder itself: a file moves within one file system only."""
        return self._path

    def take(self, path: Path, name: str) -> None:
        """Move a whole file in; on the disk first, so that a power cut leaves no empty one."""
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
        path.replace(self._path / name)

    def discard(self, name: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            (self._path / name).unlink()


class Remote:
    """A folder behind fsspec. Never opened for writing: leaving that by an exception would commit half an object."""

    def __init__(self, system: Any, root: str, url: str) -> None:
        self._system = system
        self._root = root.rstrip("/")
        self._url = url
        self._is_store = not _STORES.isdisjoint(_protocols(system))

    def names(self) -> set[str]:
        """What is there."""
        with _told(self._url):
            # Others write there too, and systems remember what they listed.
            self._system.invalidate_cache()
            try:
                listed = self._system.ls(self._root, detail=False)
            except FileNotFoundError:
                # A store of objects has no empty folders.
                return set()
            return {str(each).rstrip("/").rpartition("/")[2] for each in listed}

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        with _told(self._url):
            self._system.invalidate_cache()
            return bool(self._system.exists(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """A small file."""
        with _told(self._url):
            return bytes(self._system.cat_file(f"{self._root}/{name}"))

    def workshop(self) -> Path:
        """The folder for temporary files."""
        return Path(tempfile.gettempdir())

    def take(self, path: Path, name: str) -> None:
        """Copy a whole file there; where a copy grows in sight, under another name first."""
        with _told(self._url):
            if self._is_store:
                self._system.put_file(str(path), f"{self._root}/{name}")
                return
            try:
                self._system.put_file(str(path), f"{self._root}/{path.name}")
                self._system.mv(f"{self._root}/{path.name}", f"{self._root}/{name}")
            except BaseException:
                with contextlib.suppress(Exception):
                    self.discard(path.name)
                raise

    def discard(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _told(self._url), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(f"{self._root}/{name}")


@contextlib.contextmanager
def writing(place: Place, name: str, *, mode: int | None = None) -> Iterator[Path]:
    """A local path to write at; what stands there afterwards is moved to its place, unless an exception came."""
    prefix = f".{socket.gethostname()}~{os.getpid()}~"
    handle, path = tempfile.mkstemp(prefix=prefix, suffix=_MARK, dir=place.workshop())
    os.close(handle)
    try:
        yield Path(path)
        Path(path).chmod(0o666 & ~_umask() if mode is None else mode)
        place.take(Path(path), name)
    finally:
        with contextlib.suppress(OSError):
            Path(path).unlink()


def sweep(place: Place) -> None:
    """Remove what killed processes of this machine left half-written."""
    folders = [place] if isinstance(place, Folder) else [place, Folder(place.workshop())]
    for folder in folders:
        for name in folder.names():
            host, _, rest = name.removeprefix(".").partition("~")
            number = rest.partition("~")[0]
            is_ours = name.endswith(_MARK) and host == socket.gethostname() and number.isdecimal()
            if is_ours and not _is_alive(int(number)):
                folder.discard(name)


def _umask() -> int:
    # It can be read only by setting it, and threads must not see it so.
    with _one_at_a_time:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def _is_alive(number: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    # One that has ended, and that nobody has asked about since, still has its number.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
