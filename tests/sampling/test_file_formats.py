import csv
import datetime as dt
import gzip
import io
import json
import re
from fractions import Fraction

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import MissingExtraError
from chime_fixtures.sampling.csv import flatten
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.file_formats import file_format, resolve_format
from chime_fixtures.sampling.job import Sample, begin, finish, write_part
from tests.support.sessions import session_job, session_records
from tests.support.sizes import ONLY_NIGHTLY

CONTRACT = load_contract("ProxySession")
RECORDS = list(session_records(CONTRACT, seed=6).between(0, 200))


def written(form, **options):
    """The bytes of a file of 200 records."""
    return b"".join(Sample(session_job("", 200, seed=6, format_name=form, **options)).chunks())


def sample_of(contract, count, form, seed=0):
    """A sample of a custom schema."""
    return Sample(session_job("", count, contract, seed=seed, format_name=form))


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_every_format_carries_the_same_records():
    """JSON, NDJSON, both compressions, Parquet and CSV contain the same records."""
    lines = written("ndjson")
    assert list(map(orjson.loads, lines.splitlines())) == RECORDS
    assert written("json") == orjson.dumps(RECORDS, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    assert gzip.decompress(written("ndjson.gz")) == lines
    assert zstd.decompress(written("ndjson.zst")) == lines
    assert without_nulls(pq.read_table(io.BytesIO(written("parquet"))).to_pylist()) == RECORDS
    rows = list(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert [{name: text for name, text in row.items() if text} for row in rows] == [
        {name: text for name, text in flatten(record).items() if text} for record in RECORDS
    ]


def test_gzip_files_contain_neither_time_nor_name():
    """The header of a gzip file has neither, so that the same records give the same bytes."""
    head = written("ndjson.gz")[:10]
    assert (head[3], head[4:8]) == (0, bytes(4))


@pytest.mark.parametrize(("compression", "decompress"), [("gz", gzip.decompress), ("zst", zstd.decompress)])
def test_compressed_files_without_records_can_be_decompressed(tmp_path, compression, decompress):
    """A sample of 0 records is a valid compressed file, which has more than 0 bytes."""
    Sample(session_job("", 0, format_name=f"ndjson.{compression}")).write(tmp_path / "a")
    assert (tmp_path / "a").stat().st_size > 0
    assert decompress((tmp_path / "a").read_bytes()) == b""


def test_parquet_omits_violations_that_columns_cannot_hold():
    """Native timestamps equal those of the text; a violation that a column can't hold is omitted and named."""
    row = pq.read_table(io.BytesIO(written("parquet", native_timestamps=True))).to_pylist()[0]
    assert (
        row["CreatedTimestamp"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        == RECORDS[0]["CreatedTimestamp"]
    )
    omitted = Sample(session_job("", 1000, format_name="parquet", invalid=Fraction(1, 10))).injector.omitted
    assert any(each.startswith("ExpiryMinutes.type") for each in omitted)
    assert "Name.maxLength" not in omitted


ORDER = {
    "title": "Order",
    "type": "object",
    "required": ["Tags", "Note", "Buyer"],
    "properties": {
        "Note": {"type": "string", "maxLength": 3},
        "Paid": {"type": "boolean"},
        "Amount": {"type": "number", "minimum": 0, "maximum": 100},
        "At": {"type": "string", "format": "date-time"},
        "Tags": {"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5}},
        "Buyer": {"type": "object", "properties": {"Age": {"type": "integer", "minimum": 0}}},
    },
}


def as_text(value):
    """A row of Parquet as JSON: without nulls, with timestamps as text."""
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return {name: as_text(item) for name, item in value.items() if item is not None}
    return [as_text(item) for item in value] if isinstance(value, list) else value


def read(path, contract):
    """The records of a file."""
    if path.suffix == ".parquet":
        return as_text(pq.read_table(path).to_pylist())
    text = gzip.decompress(path.read_bytes()).decode()
    if ".json" in path.name:
        return json.loads(text)
    rows = csv.reader(io.StringIO(text, newline=""))
    next(rows)
    return list(map(Sample(session_job("", 0, contract, format_name="csv")).file_format.read, rows))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "contract"),
    [
        pytest.param(form, contract, id=f"{form}-{name}", marks=[] if is_by_day else ONLY_NIGHTLY)
        for form, by_day in {
            "csv.gz": "orders",
            "json.gz": "sessions",
            "parquet": "orders",
            "parquet native": "sessions",
        }.items()
        for name, contract in {"sessions": CONTRACT, "orders": Contract(ORDER)}.items()
        for is_by_day in [name == by_day]
    ],
)
def test_files_contain_the_labelled_violations(tmp_path, form, contract):
    """A labelled record violates exactly its keyword, all others are valid; a session is as it was written."""
    form, _, native = form.partition(" ")
    job = session_job(
        str(tmp_path), 1000, contract, format_name=form, part_size=600,
        invalid=Fraction("0.3"), native_timestamps=bool(native),
    )  # fmt: skip
    for part in begin(job, resume=False):
        write_part(job, part)
    finish(job)
    labels = {
        label["record"]: label for label in map(orjson.loads, (tmp_path / "_labels.ndjson").read_bytes().splitlines())
    }
    records = [record for path in sorted(tmp_path.glob("part-*")) for record in read(path, contract)]
    assert (len(records), len(labels)) == (1000, 300)
    for number, record in enumerate(records):
        label = labels.get(number)
        violations = [(each.pointer, each.keyword) for each in contract.check(record)]
        assert violations == ([(label["pointer"], label["keyword"])] if label else [])
    if contract is CONTRACT:
        assert records == list(Sample(job).values(0, 1000))


def test_integers_beyond_64_bits_are_written(tmp_path):
    """JSON and CSV contain large integers exactly; Parquet rejects them before it writes."""
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 2**70}}}
    contract = Contract(schema)
    for form in ("json.gz", "csv.gz"):
        sample = sample_of(contract, 5, form, seed=1)
        sample.write(tmp_path / f"a.{form}")
        assert read(tmp_path / f"a.{form}", contract) == list(sample.values(0, 5))
    with pytest.raises(UnknownFormatError, match="^/n has integers beyond 64 bits, which Parquet cannot hold; use"):
        sample_of(contract, 5, "parquet")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bounds", "kind"),
    [
        ({}, pa.int64()),
        ({"maximum": 2**62}, pa.int64()),
        ({"minimum": -5}, pa.int64()),
        ({"multipleOf": 10**6}, pa.int64()),
        ({"minimum": 0, "maximum": 2**64 - 1}, pa.uint64()),
        ({"minimum": 2**64 - 9, "maximum": 2**64 - 1}, pa.uint64()),
    ],
)
def test_a_column_of_integers_has_the_type_of_its_bounds(tmp_path, bounds, kind):
    """Records that are constructed one by one, as those of this schema, fit the column."""
    number = {"type": "integer", **bounds}
    contract = Contract(
        {
            "type": "object",
            "properties": {"a": number, "b": number},
            "dependentRequired": {"a": ["b"]},
            "additionalProperties": False,
        }
    )
    sample = sample_of(contract, 2000, "parquet")
    sample.write(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.field("a").type == kind
    assert without_nulls(table.to_pylist()) == list(sample.values(0, 2000))


def test_a_recursive_schema_has_no_column_type():
    """The error names the location of the recursion."""
    tree = {
        "type": "object",
        "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
    }
    with pytest.raises(
        UnknownFormatError, match=r"^/kids/\*/kids is recursive, which Parquet does not support; use ndjson"
    ):
        file_format("parquet", Contract({"$defs": {"n": tree}, "$ref": "#/$defs/n"}))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.ndjson", "ndjson"),
        ("a.b.jsonl.gz", "ndjson.gz"),
        ("a.csv.zst", "csv.zst"),
        ("a", None),
        ("x/a.json", "json"),
        ("A.NDJSON.GZ", "ndjson.gz"),
    ],
)
def test_extensions_name_formats(name, form):
    """The extension names the format and the compression; a name without one names nothing."""
    assert resolve_format(name) == form


@pytest.mark.parametrize(
    ("name", "requested", "form"),
    [
        ("a.ndjson.gz", "ndjson", "ndjson.gz"),
        ("a.gz", "jsonl", "ndjson.gz"),
        ("a.csv.zst", "csv.zst", "csv.zst"),
        ("a.out", "CSV.GZ", "csv.gz"),
        ("", "jsonl.gz", "ndjson.gz"),
        ("a.jsonl", "ndjson", "ndjson"),
    ],
)
def test_an_extension_completes_the_requested_format(name, requested, form):
    """The extension can add a compression to the requested format."""
    assert resolve_format(name, requested) == form


@pytest.mark.parametrize(
    ("name", "requested", "reason"),
    [
        ("a.parquet", "ndjson", "'a.parquet' ends in .parquet, but the format is ndjson; change"),
        ("a.ndjson.gz", "ndjson.zst", "ends in .ndjson.gz, but the format is ndjson.zst"),
        ("a.ndjson", "ndjson.gz", "ends in .ndjson, but the format is ndjson.gz"),
        ("a.gz", "ndjson.zst", "ends in .gz, but the format is ndjson.zst"),
        ("a.gz", None, "without a format; end it in .ndjson.gz"),
        ("a.txt.zst", None, "ends in .txt.zst, which is not a supported format"),
        ("a.json.bz2", None, "ends in .bz2, an unsupported compression; end it in .gz or .zst"),
        ("a.zstd", "ndjson", "ends in .zstd, an unsupported compression"),
    ],
)
def test_a_contradicting_extension_is_rejected(name, requested, reason):
    """A file never has the extension of another format."""
    with pytest.raises(UnknownFormatError, match=re.escape(reason)):
        resolve_format(name, requested)


def test_unsupported_formats_are_rejected():
    """An unknown format, and a contract without columns, are one line with the remedy."""
    numbers = Contract({"type": "integer"})
    for form, contract, reason in [
        ("xml", CONTRACT, "unknown format 'xml'"),
        ("parquet.gz", CONTRACT, "unknown format"),
        ("csv", numbers, "columns require objects, but .* has values of integer"),
        (
            "csv",
            Contract({"type": "object", "properties": {"a.b": {"type": "string"}}}),
            "the dot in the member name 'a.b'",
        ),
        ("csv", Contract({"type": "object", "properties": {"a": {"type": ["string", "integer"]}}}), "several types"),
        ("parquet", numbers, 'columns require objects, but .* has values of integer; set "type": "object", or use'),
        (
            "parquet",
            Contract({"type": "object", "properties": {"a": {}}}),
            "/a has values of several types .array, bool",
        ),
        ("parquet", Contract({"properties": {"a": {}}}), "columns require objects"),
        ("csv", Contract({"type": "object"}), "columns require named members"),
    ]:
        with pytest.raises(UnknownFormatError, match=reason):
            file_format(form, contract)


def test_a_missing_extra_is_named(monkeypatch):
    """Without its library, a format or a storage raises an error with the extra to install."""
    import sys

    from chime_fixtures.sampling import storage

    for module, extra, call in [
        ("pyarrow", "parquet", lambda: file_format("parquet", CONTRACT)),
        ("backports.zstd", "zstd", lambda: written("ndjson.zst")),
        ("fsspec", "remote", lambda: storage.open_storage("memory://x")),
    ]:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            if module == "backports.zstd":
                import backports

                patch.delattr(backports, "zstd", raising=False)
            with pytest.raises(MissingExtraError, match=rf"chime-fixtures\[{extra}\]"):
                call()
