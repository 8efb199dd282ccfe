"""Compression of files, chosen by file name extension."""

from __future__ import annotations

import contextlib
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chime_fixtures.engine.errors import MissingExtraError

COMPRESSIONS = frozenset({"gz", "zst"})
"""The supported file name extensions, without the dot."""


@contextlib.contextmanager
def open_compressed(path: Path, compression: str) -> Iterator[Any]:
    """Open a file for writing bytes, compressed with gzip or zstd; the header contains neither a time nor a name.

    Args:
        path: the file.
        compression: one of `COMPRESSIONS`, or empty for none.
    """
    with path.open("wb") as stream:
        if compression == "gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6) as inner:
                yield inner
        elif compression == "zst":
            zstd = zstandard()
            with zstd.ZstdFile(stream, "wb") as inner:
                yield inner
            if not stream.tell():
                # Without any input ZstdFile writes 0 bytes, which is not a valid zstd file.
                stream.write(zstd.compress(b""))
        else:
            yield stream


def zstandard() -> Any:
    """The zstd module of the standard library (Python 3.14), or its backport.

    Raises:
        MissingExtraError: neither is installed.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise MissingExtraError("backports.zstd", "zstd") from error
    return zstd
