"""Where parts go: a local folder, or any URL that fsspec knows. A name that is there is whole."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from chime_fixtures.errors import InvalidDocumentError, MissingExtraError

_MARK = ".writing"


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
    try:
        system, root = fsspec.core.url_to_fs(url)
        system.makedirs(root, exist_ok=True)
    except (OSError, ValueError, ImportError) as error:
        raise InvalidDocumentError(shown(url), f"cannot be used: {error}") from error
    return Remote(system, root)


def shown(url: str) -> str:
    """A path or URL for messages, without the password that a URL may hold."""
    scheme, found, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2]}{slash}{path}" if found else url


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


class Remote:
    """A folder behind fsspec. Never opened for writing: leaving that by an exception would commit half an object."""

    def __init__(self, system: Any, root: str) -> None:
        self._system = system
        self._root = root

    def names(self) -> set[str]:
        """What is there."""
        return {str(each).rstrip("/").rpartition("/")[2] for each in self._system.ls(self._root, detail=False)}

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return bool(self._system.exists(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """A small file."""
        return bytes(self._system.cat_file(f"{self._root}/{name}"))

    def workshop(self) -> Path:
        """The folder for temporary files."""
        return Path(tempfile.gettempdir())

    def take(self, path: Path, name: str) -> None:
        """Copy a whole file there."""
        self._system.put_file(str(path), f"{self._root}/{name}")


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
    for entry in list(place.workshop().glob(f".*{_MARK}")):
        host, _, rest = entry.name[1:].partition("~")
        number = rest.partition("~")[0]
        if host == socket.gethostname() and number.isdecimal() and not _is_alive(int(number)):
            with contextlib.suppress(OSError):
                entry.unlink()


def _umask() -> int:
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
