"""A corpus in parts: what is to be written, and the function that writes one part, wherever it is called.

`write_part(job, number)` needs nothing but its arguments, which can be pickled: processes, Dask, Ray, Spark or a matrix
of CI jobs may call it, in any order and more than once. A part that is there is whole.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import orjson

import chime_fixtures
from chime_fixtures.chime import data
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError, UnknownFormatError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.sampling import file_formats, random_bits, storage
from chime_fixtures.sampling import ndjson as lines
from chime_fixtures.sampling.fault_injection import THOUSAND, Faults, spoiled
from chime_fixtures.sampling.folder import LABELS, MANIFEST, encode, fingerprint
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions.options import SessionOptions

PART_SIZE = 500_000


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that the bytes of a corpus depend on, and where they go.

    Attributes:
        url: a folder, or a URL for fsspec.
        count: how many records.
        seed: the same one gives the same records.
        contract: the name of a shipped contract, or what to call that of `documents`.
        documents: a schema of one's own.
        wishes: what is asked of realistic sessions.
        form: the format and compression, as the file's ending says them: ``ndjson``, ``ndjson.gz``, ``parquet``.
        part_size: records of a part.
        invalid: the share of records that break one constraint.
        malformed: the share of lines that are broken JSON.
        raw: whether Parquet holds one column of JSON text.
        native: whether Parquet holds timestamps as timestamps.

    Raises:
        InvalidOptionError: a number that no corpus can have.
        UnknownFormatError: lines are to be broken of a format that has none.
    """

    url: str
    count: int
    seed: int = 0
    contract: str = "ProxySession"
    documents: SchemaDocument | None = None
    wishes: SessionOptions = field(default_factory=SessionOptions)
    form: str = "ndjson"
    part_size: int = PART_SIZE
    invalid: Fraction = Fraction(0)
    malformed: Fraction = Fraction(0)
    raw: bool = False
    native: bool = False

    def __post_init__(self) -> None:
        if self.count < 0:
            raise InvalidOptionError(f"count={self.count}: there are no fewer records than none")
        if self.part_size < 1:
            raise InvalidOptionError(f"part_size={self.part_size}: a part has a record or more")
        for name, share in (("invalid", self.invalid), ("malformed", self.malformed)):
            if not 0 <= share <= 1:
                raise InvalidOptionError(f"{name}={share}: a share is between 0 and 1")
        if self.invalid + self.malformed > 1:
            raise InvalidOptionError("invalid and malformed are more than all records together")
        if self.malformed and not self.form.startswith("ndjson"):
            raise UnknownFormatError(f"malformed needs form='ndjson': {self.form!r} has no lines to break")

    @property
    def shown(self) -> str:
        """Where it goes, for messages."""
        return storage.shown(self.url)

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return -(-self.count // self.part_size)

    def part_name(self, number: int) -> str:
        """The file name of a part."""
        return f"part-{number:06d}.{self.form}"

    def size_of(self, number: int) -> int:
        """The records of a part."""
        return min(self.count, (number + 1) * self.part_size) - number * self.part_size

    def open(self) -> Contract:
        """The contract of the records."""
        if self.documents is None:
            return load_contract(self.contract)
        return Contract(self.documents, name=self.contract)

    def manifest(self) -> dict[str, Any]:
        """What the records are a function of, with the versions of all that has one."""
        return {
            "contract": self.contract,
            "schema_sha256": fingerprint(self.open().schema),
            "seed": self.seed,
            "count": self.count,
            "part_size": self.part_size,
            "format": self.form,
            "raw": self.raw,
            "native_timestamps": self.native,
            "invalid_share": str(self.invalid),
            "malformed_share": str(self.malformed),
            "wishes": self.wishes.as_dict(),
            **versions(),
        }


def versions() -> dict[str, str]:
    """The versions of what makes the records, for manifests."""
    return {
        "pool": data.load("names")["version"],
        "plan": random_bits.PLAN_VERSION,
        "generator": f"chime-fixtures {chime_fixtures.__version__}",
    }


class Corpus:
    """A job at work: its records, its faults, its encoder."""

    def __init__(self, job: Job, contract: Contract | None = None) -> None:
        self.job = job
        contract = contract or job.open()
        self.records = Records(contract, job.wishes.plan(contract, job.seed), seed=job.seed)
        self.encoder = file_formats.of(job.form, contract, self.records.plan, raw=job.raw, native=job.native)
        self.faults = Faults(contract, job.seed, invalid=job.invalid, malformed=job.malformed, keeps=self.encoder.keeps)
        self._lines = lines.writer(self.records, count=min(job.count, job.part_size))

    def lines(self, start: int, stop: int) -> Iterator[bytes | bytearray]:
        """The records from `start` up to `stop` as chunks of NDJSON, faults and all."""
        if not self.faults:
            return self._lines(start, stop)
        return self._spoiled_lines(start, stop)

    def _spoiled_lines(self, start: int, stop: int) -> Iterator[bytes]:
        for first, last in _thousands(start, stop):
            found = list(self.faults.between(first, last))
            yield spoiled(b"".join(self._lines(first, last)), found, first, self.faults)

    def values(self, start: int, stop: int) -> Iterator[Any]:
        """The same records as values."""
        records = self.records.between(start, stop)
        if not self.faults:
            return records
        return self._spoiled_values(records, start, stop)

    def _spoiled_values(self, records: Iterator[Any], start: int, stop: int) -> Iterator[Any]:
        for first, last in _thousands(start, stop):
            found = {fault.record: fault for fault in self.faults.between(first, last)}
            for index, record in enumerate(itertools.islice(records, last - first), first):
                yield self.faults.put(found[index], record) if index in found else record

    def labels(self, start: int, stop: int) -> Iterator[bytes]:
        """A line for each fault of a slice that begins a part: where it is and what it breaks."""
        for fault in self.faults.between(start, stop):
            part, place = divmod(fault.record, self.job.part_size)
            yield encode(
                {
                    "part": self.job.part_name(part),
                    "line": place + 1,
                    "record": fault.record,
                    "id": fault.id,
                    "pointer": fault.pointer,
                    "keyword": fault.keyword,
                }
            )


def _thousands(start: int, stop: int) -> Iterator[tuple[int, int]]:
    for thousand in range(start // THOUSAND, -(-stop // THOUSAND)):
        yield max(start, thousand * THOUSAND), min(stop, (thousand + 1) * THOUSAND)


class _Held(threading.local):
    """The last corpus of a thread: columns write into one buffer, which no two threads may share."""

    corpus: Corpus | None = None


_held = _Held()


def corpus_of(job: Job) -> Corpus:
    """The corpus of a job; the last one is kept, so that a worker prepares once."""
    corpus = _held.corpus
    if corpus is None or not _is_same(corpus.job, job):
        corpus = _held.corpus = Corpus(job)
    return corpus


def _is_same(one: Job, other: Job) -> bool:
    documents = [(each.documents.pointer, each.documents.by_uri) if each.documents else None for each in (one, other)]
    return documents[0] == documents[1] and replace(one, documents=None) == replace(other, documents=None)


def write_part(job: Job, number: int) -> bool:
    """Write one part of a job, unless it is there; returns whether it was written.

    Raises:
        InvalidOptionError: the job has no part of that number.
        InvalidDocumentError: it can't be written.
        MissingExtraError: the format or the place needs an extra.
    """
    if not 0 <= number < job.parts:
        raise InvalidOptionError(f"there is no part {number}: the parts of this job are range({job.parts})")
    place = storage.at(job.url)
    name = job.part_name(number)
    try:
        if place.has(name):
            return False
        corpus = corpus_of(job)
        start, stop = number * job.part_size, min(job.count, (number + 1) * job.part_size)
        with storage.writing(place, name) as path:
            corpus.encoder.write(path, corpus, start, stop)
    except OSError as error:
        raise InvalidDocumentError(f"{job.shown}/{name}", f"cannot be written: {error.strerror or error}") from error
    return True


def begin(job: Job, *, resume: bool) -> list[int]:
    """Put the manifest at the place, or hold the one that is there against the job; returns the parts to write.

    Raises:
        InvalidDocumentError: the folder is another corpus's, or has parts already and is not resumed.
    """
    place = storage.at(job.url)
    storage.sweep(place)
    wanted, names = job.manifest(), place.names()
    if MANIFEST in names:
        try:
            found = orjson.loads(place.read(MANIFEST))
        except ValueError as error:
            raise InvalidDocumentError(f"{job.shown}/{MANIFEST}", "is no manifest; choose another folder") from error
        differs = [key for key in wanted if not isinstance(found, dict) or found.get(key) != wanted[key]]
        if differs:
            text = f"is of another corpus, by its {', '.join(differs)}; choose another folder"
            raise InvalidDocumentError(f"{job.shown}/{MANIFEST}", text)
        if not resume and any(name.startswith("part-") for name in names):
            raise InvalidDocumentError(job.shown, "has parts of this corpus already; --resume goes on with them")
        return [number for number in range(job.parts) if job.part_name(number) not in names]
    if any(name.startswith("part-") for name in names):
        raise InvalidDocumentError(job.shown, f"has parts, but no {MANIFEST}; choose another folder")
    with storage.writing(place, MANIFEST) as path:
        path.write_bytes(orjson.dumps(wanted, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return list(range(job.parts))


def finish(job: Job) -> tuple[str, ...]:
    """Write the labels, if faults were asked for; returns the ids of the violations that the format could not hold."""
    place = storage.at(job.url)
    storage.sweep(place)
    if not job.invalid and not job.malformed:
        return ()
    corpus = corpus_of(job)
    if corpus.faults:
        with storage.writing(place, LABELS) as path, path.open("wb") as stream:
            for first, last in _thousands(0, job.count):
                stream.writelines(corpus.labels(first, last))
    return corpus.faults.left_out
