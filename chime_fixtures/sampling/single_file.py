"""A sample in one file, or in chunks for standard output."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from chime_fixtures.sampling.file_formats import array_chunks
from chime_fixtures.sampling.job import Sample
from chime_fixtures.sampling.storage import atomic_replacement, is_device, write_device

_CHUNK_BYTES = 1 << 20


def chunks(sample: Sample) -> Iterator[bytes | bytearray]:
    """Yield the bytes of the file; tables and compressed formats are written to a temporary file first."""
    form, count = sample.job.form, sample.job.count
    if form == "ndjson":
        yield from sample.lines(0, count)
    elif form == "json":
        yield from array_chunks(sample.values(0, count))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sample"
            sample.file_format.write(path, sample, 0, count)
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    yield chunk


def write(sample: Sample, path: Path) -> None:
    """Write the records to a file atomically. A symbolic link is followed, and permissions are kept.

    Raises:
        InvalidDocumentError: the file can't be written; what was there before is unchanged.
    """
    if is_device(path):
        write_device(path, chunks(sample))
        return
    with atomic_replacement(path) as temporary:
        sample.file_format.write(temporary, sample, 0, sample.job.count)
