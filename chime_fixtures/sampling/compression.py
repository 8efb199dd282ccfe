"""Compression, by the ending of a file's name."""

from __future__ import annotations

import contextlib
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chime_fixtures.engine.errors import MissingExtraError

PACKED = frozenset({"gz", "zst"})
"""The endings that are known."""


@contextlib.contextmanager
def packed(path: Path, packing: str) -> Iterator[Any]:
    """A file to write to, compressed as its ending says; its head carries no time and no name."""
    with path.open("wb") as stream:
        if packing == "gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=6) as inner:
                yield inner
        elif packing == "zst":
            zstd = zstandard()
            with zstd.ZstdFile(stream, "wb") as inner:
                yield inner
            if not stream.tell():
                # Where nothing is written it leaves nothing at all, which is no zstd file.
                stream.write(zstd.compress(b""))
        else:
            yield stream


def zstandard() -> Any:
    """The standard library's module of Python 3.14, or what stands for it before.

    Raises:
        MissingExtraError: neither is there.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise MissingExtraError("backports.zstd", "zstd") from error
    return zstd
