"""Samples: the description of a sample, and the functions that write it as one file, or part by part in any process.

`write_part(job, number)` depends only on its arguments, which can be pickled: processes, Dask, Ray, Spark or a matrix
of CI jobs can call it, in any order and repeatedly. An existing part is complete.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.sampling import ndjson
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.fault_injection import BLOCK_RECORDS, FaultInjector
from chime_fixtures.sampling.file_formats import TABLES, array_chunks, file_format
from chime_fixtures.sampling.folder import LABELS, MANIFEST, fingerprint
from chime_fixtures.sampling.json_text import encode
from chime_fixtures.sampling.records import Records
from chime_fixtures.sampling.schema_plan import PlanOptions
from chime_fixtures.sampling.storage import (
    atomic_file,
    atomic_replacement,
    is_device,
    open_storage,
    redacted,
    remove_stale,
    write_device,
)

DEFAULT_PART_RECORDS = 500_000
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Job:
    """The description of a sample: everything that its bytes depend on, and its destination.

    Attributes:
        url: a folder, or a URL for fsspec.
        count: the number of records.
        document: the schema of the records, `Contract.document`.
        contract_name: the name of the contract, for messages and the manifest; by default the title of the schema.
        options: the options of the plan; `SessionOptions` makes realistic sessions.
        seed: the same seed gives the same records.
        format_name: the format and the compression, as in a file name extension: ``ndjson.gz``, ``parquet``.
        part_size: the number of records of a part.
        invalid: the share of records that violate one constraint, from 0 to 1.
        malformed: the share of lines that are malformed JSON, from 0 to 1.
        native_timestamps: True to write timestamps to Parquet as timestamps instead of text.
        label_column: the name of a last column of Parquet or CSV with the id of each record's violation; it is null, or
            an empty cell, for a valid record.

    Raises:
        InvalidOptionError: a number is out of range.
        UnknownFormatError: malformed lines are requested of a format without lines, or a label column of a format
            without columns.
    """

    url: str
    count: int
    document: SchemaDocument
    contract_name: str | None = None
    options: PlanOptions = field(default_factory=PlanOptions)
    seed: int = 0
    format_name: str = "ndjson"
    part_size: int = DEFAULT_PART_RECORDS
    invalid: Fraction = Fraction(0)
    malformed: Fraction = Fraction(0)
    native_timestamps: bool = False
    label_column: str | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise InvalidOptionError(f"count must be 0 or more, not {self.count}")
        if self.part_size < 1:
            raise InvalidOptionError(f"part_size must be 1 or more, not {self.part_size}")
        for name, share in (("invalid", self.invalid), ("malformed", self.malformed)):
            if not 0 <= share <= 1:
                raise InvalidOptionError(f"{name} must be from 0 to 1, not {share}")
        if self.invalid + self.malformed > 1:
            total = self.invalid + self.malformed
            raise InvalidOptionError(f"invalid and malformed must add up to at most 1, not {total}")
        if self.malformed and not self.format_name.startswith("ndjson"):
            raise UnknownFormatError(f"malformed lines require format_name='ndjson', not {self.format_name!r}")
        if self.label_column == "":
            raise InvalidOptionError("label_column must not be empty; pass a name such as 'violation'")
        if self.label_column is not None and self.format_name.partition(".")[0] not in TABLES:
            raise UnknownFormatError(f"label_column requires format_name='parquet' or 'csv', not {self.format_name!r}")

    @property
    def display_url(self) -> str:
        """The destination for messages, without credentials."""
        return redacted(self.url)

    @property
    def parts(self) -> int:
        """The number of parts."""
        return -(-self.count // self.part_size)

    def part_name(self, number: int) -> str:
        """The file name of a part."""
        return f"part-{number:06d}.{self.format_name}"

    def part_records(self, number: int) -> range:
        """The numbers of the records in a part."""
        return range(number * self.part_size, min(self.count, (number + 1) * self.part_size))

    def compile_contract(self) -> Contract:
        """A new contract of the records, as a worker needs it."""
        return Contract(self.document, name=self.contract_name)

    def manifest(self) -> dict[str, Any]:
        """Everything that the records are a function of, for the manifest."""
        return {
            "contract": self.compile_contract().name,
            "schema_sha256": fingerprint(self.document.schema),
            "seed": self.seed,
            "count": self.count,
            "part_size": self.part_size,
            "format": self.format_name,
            "native_timestamps": self.native_timestamps,
            "label_column": self.label_column,
            "invalid_share": str(self.invalid),
            "malformed_share": str(self.malformed),
            "options": self.options.as_dict(),
            **self.options.versions(),
        }


class Sample:
    """The records of a job with their faults, and their file format.

    Raises:
        InvalidOptionError: an option that the contract does not allow.
        UnknownFormatError: the format does not exist, or it can't hold the records.
        MissingExtraError: the format requires a library that is not installed.
    """

    def __init__(self, job: Job, contract: Contract | None = None) -> None:
        self.job = job
        contract = contract or job.compile_contract()
        self._records = Records(contract, job.options.plan(contract, job.seed), seed=job.seed)
        self.file_format = file_format(
            job.format_name,
            contract,
            self._records.plan,
            native_timestamps=job.native_timestamps,
            label_column=job.label_column,
        )
        self.injector = FaultInjector(
            contract, job.seed, invalid=job.invalid, malformed=job.malformed, can_hold=self.file_format.can_hold
        )
        self._lines = ndjson.writer(self._records, count=min(job.count, job.part_size))

    def lines(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop` with their faults, as chunks of NDJSON."""
        return self._lines_with_faults(start, stop) if self.injector else self._lines(start, stop)

    def _lines_with_faults(self, start: int, stop: int) -> Iterator[bytes]:
        for first, last in _blocks(start, stop):
            faults = list(self.injector.between(first, last))
            yield self.injector.inject_lines(b"".join(self._lines(first, last)), faults, first)

    def values(self, start: int, stop: int) -> Iterator[Any]:
        """The same records as values, as the file format can hold them."""
        records = self.file_format.records(self._records, start, stop)
        return self._values_with_faults(records, start, stop) if self.injector else records

    def fault_ids(self, start: int, stop: int) -> dict[int, str]:
        """The id of the fault of each invalid or malformed record, by the number of the record."""
        return {fault.record: fault.id for fault in self.injector.between(start, stop)} if self.injector else {}

    def _values_with_faults(self, records: Iterator[Any], start: int, stop: int) -> Iterator[Any]:
        for first, last in _blocks(start, stop):
            faults = {fault.record: fault for fault in self.injector.between(first, last)}
            for number, record in enumerate(itertools.islice(records, last - first), first):
                yield self.injector.inject(faults[number], record) if number in faults else record

    def chunks(self) -> Iterator[bytes | bytearray]:
        """Yield the bytes of one file of all records; tables and compressed formats use a temporary file."""
        name, count = self.job.format_name, self.job.count
        if name == "ndjson":
            yield from self.lines(0, count)
        elif name == "json":
            yield from array_chunks(self.values(0, count))
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "sample"
                self.file_format.write(path, self, 0, count)
                with path.open("rb") as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        yield chunk

    def write(self, destination: Path | str) -> None:
        """Write one file of all records atomically. A symbolic link is followed, and permissions are kept.

        Args:
            destination: a path, or a URL for fsspec.

        Raises:
            MissingExtraError: a URL requires the extra `remote`.
            InvalidDocumentError: the file can't be written; what was there before is unchanged.
        """
        if is_device(destination):
            write_device(destination, self.chunks())
            return
        with atomic_replacement(destination) as temporary:
            self.file_format.write(temporary, self, 0, self.job.count)

    def labels(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield a line of NDJSON for each fault of the records from `start` up to `stop`."""
        for fault in self.injector.between(start, stop):
            part, index = divmod(fault.record, self.job.part_size)
            label = {
                "part": self.job.part_name(part),
                "line": index + 1,
                "record": fault.record,
                "id": fault.id,
                "pointer": fault.pointer,
                "keyword": fault.keyword,
            }
            yield encode(label)


def _blocks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for block in range(start // BLOCK_RECORDS, -(-stop // BLOCK_RECORDS)):
        yield max(start, block * BLOCK_RECORDS), min(stop, (block + 1) * BLOCK_RECORDS)


class _ThreadLocalSample(threading.local):
    """The last sample of a thread: columns are written to one buffer, which threads must not share."""

    sample: Sample | None = None


_last = _ThreadLocalSample()


def cached_sample(job: Job) -> Sample:
    """The sample of a job; each thread keeps the last one, so that a worker prepares it once."""
    sample = _last.sample
    if sample is None or not _is_same(sample.job, job):
        sample = _last.sample = Sample(job)
    return sample


def _is_same(one: Job, other: Job) -> bool:
    first, second = one.document, other.document
    return replace(one, document=second) == other and (
        first is second
        or (first.uri, first.pointer, first.by_uri, first.options.formats, first.options.annotations)
        == (second.uri, second.pointer, second.by_uri, second.options.formats, second.options.annotations)
    )


def write_part(job: Job, number: int) -> bool:
    """Write one part of a job, unless it exists; returns True if it was written.

    Raises:
        InvalidOptionError: the job does not have a part of that number.
        InvalidDocumentError: the part can't be written.
        MissingExtraError: the format or the storage requires an extra.
    """
    if not 0 <= number < job.parts:
        raise InvalidOptionError(f"part number must be in range({job.parts}), not {number}")
    storage = open_storage(job.url)
    name = job.part_name(number)
    try:
        if storage.exists(name):
            return False
        sample, records = cached_sample(job), job.part_records(number)
        with atomic_file(storage, name) as path:
            sample.file_format.write(path, sample, records.start, records.stop)
    except OSError as error:
        raise InvalidDocumentError(
            f"{job.display_url}/{name}", f"cannot be written: {error.strerror or error}"
        ) from error
    return True


def begin(job: Job, *, resume: bool) -> list[int]:
    """Write the manifest, or compare an existing one with the job; returns the numbers of the parts to write.

    Args:
        job: the job.
        resume: True to continue with the existing parts of the same job.

    Raises:
        InvalidDocumentError: the folder contains another sample, or parts while `resume` is False.
    """
    storage = open_storage(job.url)
    remove_stale(storage)
    manifest, names = job.manifest(), storage.names()
    if MANIFEST in names:
        try:
            existing = orjson.loads(storage.read(MANIFEST))
        except ValueError as error:
            reason = "is not the manifest of a sample; choose another folder"
            raise InvalidDocumentError(f"{job.display_url}/{MANIFEST}", reason) from error
        different = [key for key in manifest if not isinstance(existing, dict) or existing.get(key) != manifest[key]]
        if different:
            reason = f"describes another sample, which differs in {', '.join(different)}; choose another folder"
            raise InvalidDocumentError(f"{job.display_url}/{MANIFEST}", reason)
        if not resume and any(name.startswith("part-") for name in names):
            raise InvalidDocumentError(job.display_url, "already contains parts of this sample; continue with --resume")
        return [number for number in range(job.parts) if job.part_name(number) not in names]
    if any(name.startswith("part-") for name in names):
        raise InvalidDocumentError(job.display_url, f"contains parts, but not their {MANIFEST}; choose another folder")
    with atomic_file(storage, MANIFEST) as path:
        path.write_bytes(encode(manifest, is_pretty=True))
    return list(range(job.parts))


def finish(job: Job) -> tuple[str, ...]:
    """Write the labels of the faults, if there are any; returns the ids of violations that the format can't hold."""
    storage = open_storage(job.url)
    remove_stale(storage)
    if not job.invalid and not job.malformed:
        return ()
    sample = cached_sample(job)
    with atomic_file(storage, LABELS) as path, path.open("wb") as stream:
        for first, last in _blocks(0, job.count):
            stream.writelines(sample.labels(first, last))
    return sample.injector.omitted
