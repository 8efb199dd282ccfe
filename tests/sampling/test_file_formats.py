import csv
import gzip
import io
import re
from fractions import Fraction

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import MissingExtraError, UnknownFormatError
from chime_fixtures.sampling import csv as cells
from chime_fixtures.sampling import file_formats, labels, single_file
from chime_fixtures.sampling.job import Corpus, Job, begin, finish, write_part
from chime_fixtures.sampling.reader import Reader
from chime_fixtures.sessions.options import SessionOptions
from tests.support.sessions import session_records

CONTRACT = load_contract("ProxySession")
RECORDS = list(session_records(CONTRACT, seed=6).between(0, 200))


def written(form, **options):
    """The bytes of a file of 200 records."""
    asked = {"raw": False, "native": False, **options}
    return b"".join(single_file.chunks(single_file.prepare(CONTRACT, 200, 6, SessionOptions(), form, **asked)))


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_every_format_carries_the_same_records():
    """JSON, lines, both compressions, Parquet of each kind, and CSV give the records back."""
    lines = written("ndjson")
    assert list(map(orjson.loads, lines.splitlines())) == RECORDS
    assert written("json") == orjson.dumps(RECORDS, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    assert gzip.decompress(written("ndjson.gz")) == lines
    assert zstd.decompress(written("ndjson.zst")) == lines
    assert without_nulls(pq.read_table(io.BytesIO(written("parquet"))).to_pylist()) == RECORDS
    raw = pq.read_table(io.BytesIO(written("parquet", raw=True))).to_pylist()
    assert [orjson.loads(row["json"]) for row in raw] == RECORDS
    rows = list(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert [{name: text for name, text in row.items() if text} for row in rows] == [
        {name: text for name, text in cells.flat(record).items() if text} for record in RECORDS
    ]


def test_compressed_files_carry_no_time_and_no_name():
    """The head of a gzip file has neither, so the same records give the same bytes."""
    head = written("ndjson.gz")[:10]
    assert (head[3], head[4:8]) == (0, bytes(4))


@pytest.mark.parametrize(("packing", "unpack"), [("gz", gzip.decompress), ("zst", zstd.decompress)])
def test_packed_files_without_records_can_be_unpacked(tmp_path, packing, unpack):
    """Nothing is packed too: a file of no bytes is none that unpackers take."""
    single_file.write(
        single_file.prepare(CONTRACT, 0, 0, SessionOptions(), f"ndjson.{packing}", raw=False, native=False),
        tmp_path / "a",
    )
    assert (tmp_path / "a").stat().st_size > 0
    assert unpack((tmp_path / "a").read_bytes()) == b""


def test_parquet_holds_timestamps_and_what_fits():
    """Native timestamps are those of the text; a violation that a column can't hold is left out and named."""
    row = pq.read_table(io.BytesIO(written("parquet", native=True))).to_pylist()[0]
    assert (
        row["CreatedTimestamp"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        == RECORDS[0]["CreatedTimestamp"]
    )
    typed = Corpus(Job("", 1000, form="parquet", invalid=Fraction(1, 10)))
    assert "ExpiryMinutes.type.string" in typed.faults.left_out or any(
        ".type." in each for each in typed.faults.left_out
    )
    assert "Name.maxLength" not in typed.faults.left_out
    assert Corpus(Job("", 1000, form="parquet", raw=True, invalid=Fraction(1, 10))).faults.left_out == ()


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


@pytest.mark.parametrize("contract", [CONTRACT, Contract(ORDER)], ids=["sessions", "orders"])
@pytest.mark.parametrize("form", ["csv.gz", "json.gz", "parquet", "parquet native", "parquet raw"])
def test_tables_are_read_as_they_were_written(tmp_path, form, contract):
    """Valid records come back as what they were, broken ones as broken as their labels say; a session in every detail."""
    form, _, how = form.partition(" ")
    documents = None if contract is CONTRACT else contract.documents
    job = Job(str(tmp_path), 1000, contract=contract.name, documents=documents, form=form, part_size=600,
              invalid=Fraction("0.3"), raw=how == "raw", native=how == "native")  # fmt: skip
    for part in begin(job, resume=False):
        write_part(job, part)
    finish(job)
    judge = Reader(passes=contract.is_valid, contract=contract)
    assert list(labels.differences(contract, labels.read(tmp_path / "labels.ndjson"), judge.path(tmp_path))) == []
    assert judge.records == 1000
    assert len((tmp_path / "labels.ndjson").read_bytes().splitlines()) == 300
    read = [found.value for found in Reader(contract=contract).path(tmp_path)]
    if contract is CONTRACT:
        assert read == list(Corpus(job).values(0, 1000))


@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "parquet"])
def test_integers_beyond_64_bits_are_written(tmp_path, form):
    """A great number comes back as it was from each format; no column holds it, which is said at the beginning."""
    contract = Contract(
        {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 2**70}}}
    )
    corpus = single_file.prepare(contract, 5, 1, SessionOptions(), form, raw=form == "parquet", native=False)
    single_file.write(corpus, tmp_path / f"a.{form}")
    found = [each.value for each in Reader(contract=contract).path(tmp_path / f"a.{form}")]
    assert found == list(corpus.values(0, 5))
    if form == "parquet":
        with pytest.raises(UnknownFormatError, match="^/n has integers beyond 64 bits; --raw writes JSON text"):
            single_file.prepare(contract, 5, 1, SessionOptions(), form, raw=False, native=False)


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
def test_a_column_of_integers_holds_all_of_them(tmp_path, bounds, kind):
    """Records that are built one by one, as those of this schema, fit the column that their bounds ask for."""
    number = {"type": "integer", **bounds}
    contract = Contract(
        {
            "type": "object",
            "properties": {"a": number, "b": number},
            "dependentRequired": {"a": ["b"]},
            "additionalProperties": False,
        }
    )
    corpus = single_file.prepare(contract, 2000, 0, SessionOptions(), "parquet", raw=False, native=False)
    single_file.write(corpus, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.field("a").type == kind
    assert without_nulls(table.to_pylist()) == list(corpus.values(0, 2000))


def test_no_column_holds_what_holds_itself():
    """A tree has no type of column, which is said of the place where it comes back to itself."""
    tree = {
        "type": "object",
        "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
    }
    with pytest.raises(UnknownFormatError, match="^/kids has no one type of column; --raw"):
        file_formats.of("parquet", Contract({"$defs": {"n": tree}, "$ref": "#/$defs/n"}))


def test_a_table_that_cannot_be_read_is_named(tmp_path):
    """No Parquet, a column that JSON has no type for, a row that is too short, bytes that are no UTF-8, no contract."""
    pq.write_table(pa.table({"a": pa.array([1], pa.date32())}), tmp_path / "b.parquet")
    pq.write_table(
        pa.table({"json": ["{}", "{"]}, pa.schema({"json": pa.string()}, {"chime_fixtures": "raw"})),
        tmp_path / "c.parquet",
    )
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "a.csv").write_bytes(b"Name,Status\r\nx\r\ny,Open\r\n")
    (tmp_path / "b.csv").write_bytes(b"Name\r\n\xff\r\n")
    (tmp_path / "c.csv").write_bytes(b"Name,Fare\r\n5,6\r\n")
    (tmp_path / "d.csv").write_bytes(b"Participants\r\n[]\r\n")
    reader = Reader(contract=CONTRACT)
    for name, expected in [
        ("a.parquet", ["is no Parquet that can be read"]),
        ("b.parquet", ["has a column a of date32[day], which JSON has not; write it with --raw"]),
        ("c.parquet", [{}, "is no JSON"]),
        ("a.csv", ["has 1 cells, and the head has 2", {"Name": "y", "Status": "Open"}]),
        ("b.csv", ["is no CSV in UTF-8"]),
        ("c.csv", [{"Name": "5", "Fare": "6"}]),
        ("d.csv", ["the column 'Participants' may hold values of several types; use ndjson"]),
    ]:
        found = list(reader.path(tmp_path / name))
        for each, wanted in zip(found, expected, strict=True):
            assert wanted in each.reason if isinstance(wanted, str) else each.value == wanted
    assert "name its contract" in next(Reader().path(tmp_path / "a.csv")).reason
    assert "holds no" in next(reader.path(tmp_path)).reason


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.ndjson", "ndjson"),
        ("a.b.jsonl.gz", "ndjson.gz"),
        ("a.csv.zst", "csv.zst"),
        ("a.txt", None),
        ("a", None),
        ("x/a.json", "json"),
        ("A.NDJSON.GZ", "ndjson.gz"),
    ],
)
def test_endings_name_formats(name, form):
    """The ending says the format and the compression; other endings say nothing."""
    assert file_formats.form_of(name) == form


@pytest.mark.parametrize(
    ("name", "asked", "form"),
    [
        ("a.ndjson.gz", "ndjson", "ndjson.gz"),
        ("a.gz", "jsonl", "ndjson.gz"),
        ("a.csv.zst", "csv.zst", "csv.zst"),
        ("a.out", "CSV.GZ", "csv.gz"),
        ("", "jsonl.gz", "ndjson.gz"),
        ("a.jsonl", "ndjson", "ndjson"),
    ],
)
def test_a_format_and_an_ending_go_together(name, asked, form):
    """What the ending adds to the format that is asked for is done, too."""
    assert file_formats.form_of(name, asked) == form


@pytest.mark.parametrize(
    ("name", "asked", "reason"),
    [
        ("a.parquet", "ndjson", "'a.parquet' ends in .parquet, and the format is to be ndjson; change"),
        ("a.ndjson.gz", "ndjson.zst", "ends in .ndjson.gz, and the format is to be ndjson.zst"),
        ("a.ndjson", "ndjson.gz", "ends in .ndjson, and the format is to be ndjson.gz"),
        ("a.gz", "ndjson.zst", "ends in .gz, and the format is to be ndjson.zst"),
        ("a.gz", None, "says no format; end it in .ndjson.gz"),
        ("a.txt.zst", None, "says no format; end it in .ndjson.zst"),
        ("a.json.bz2", None, "ends in .bz2, which is not written; end it in .gz or .zst"),
        ("a.zstd", "ndjson", "ends in .zstd, which is not written"),
    ],
)
def test_an_ending_that_would_deceive_is_refused(name, asked, reason):
    """No file gets a name that says it holds something else."""
    with pytest.raises(UnknownFormatError, match=re.escape(reason)):
        file_formats.form_of(name, asked)


def test_what_a_format_cannot_hold_is_refused():
    """An unknown format, a contract without columns: one line with the remedy."""
    numbers = Contract({"type": "integer"})
    for form, contract, reason in [
        ("xml", CONTRACT, "no format 'xml'"),
        ("parquet.gz", CONTRACT, "no format"),
        ("csv", numbers, "use ndjson"),
        ("csv", Contract({"type": "object", "properties": {"a.b": {"type": "string"}}}), "member 'a.b', for its dot"),
        ("csv", Contract({"type": "object", "properties": {"a": {"type": ["string", "integer"]}}}), "several types"),
        ("parquet", numbers, "--raw writes JSON text"),
        ("parquet", Contract({"properties": {"a": {}}}), "/a has no one type of column"),
    ]:
        with pytest.raises(UnknownFormatError, match=reason):
            file_formats.of(form, contract)


def test_a_missing_extra_is_named(monkeypatch):
    """Without its library, a format or a place says what to install."""
    import sys

    from chime_fixtures.sampling import storage

    for module, extra, call in [
        ("pyarrow", "parquet", lambda: file_formats.of("parquet", CONTRACT)),
        ("backports.zstd", "zstd", lambda: written("ndjson.zst")),
        ("fsspec", "remote", lambda: storage.at("memory://x")),
    ]:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            if module == "backports.zstd":
                import backports

                patch.delattr(backports, "zstd", raising=False)
            with pytest.raises(MissingExtraError, match=rf"chime-fixtures\[{extra}\]"):
                call()
