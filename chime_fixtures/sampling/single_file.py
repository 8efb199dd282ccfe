"""Records in one file, or as chunks for standard output."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import file_formats, storage
from chime_fixtures.sampling.job import Corpus, Job
from chime_fixtures.sessions.options import SessionOptions

_CHUNK = 1 << 20


def prepare(
    contract: Contract, count: int, seed: int, wishes: SessionOptions, form: str, *, raw: bool, native: bool
) -> Corpus:
    """The corpus of one file.

    Raises:
        InvalidOptionError: a wish that the contract does not know.
        UnknownFormatError: a format that can't hold the records.
    """
    job = Job("", count, seed=seed, contract=contract.name, wishes=wishes, form=form, raw=raw, native=native)
    return Corpus(job, contract)


def chunks(corpus: Corpus) -> Iterator[bytes | bytearray]:
    """The bytes of the file; what needs a file to be written is written to a temporary one first."""
    form, count = corpus.job.form, corpus.job.count
    if form == "ndjson":
        yield from corpus.lines(0, count)
    elif form == "json":
        yield from file_formats.listed(corpus.values(0, count))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sample"
            corpus.encoder.write(path, corpus, 0, count)
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk


def write(corpus: Corpus, path: Path) -> None:
    """Put the records at the path: all of them, or the file stays as it was. A link is followed, a mode is kept.

    Raises:
        InvalidDocumentError: it can't be written.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                stream.writelines(chunks(corpus))
            return
        mode = target.stat().st_mode if target.exists() else None
        with storage.writing(storage.Folder(target.parent), target.name, mode=mode) as temporary:
            corpus.encoder.write(temporary, corpus, 0, corpus.job.count)
    except OSError as error:
        raise InvalidDocumentError(str(path), f"cannot be written: {error.strerror or error}") from error
