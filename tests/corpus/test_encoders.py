import csv
import gzip
import io
from fractions import Fraction

import orjson
import pyarrow.parquet as pq
import pytest
from backports import zstd

from chime_fixtures.contract import Contract
from chime_fixtures.corpus import encoders, single
from chime_fixtures.corpus.parts import Corpus, Job
from chime_fixtures.corpus.records import Records
from chime_fixtures.corpus.wishes import Wishes
from chime_fixtures.errors import MissingExtraError, UnknownFormatError

CONTRACT = Contract.load("ProxySession")
RECORDS = list(Records(CONTRACT, seed=6).between(0, 200))


def written(form, **options):
    """The bytes of a file of 200 records."""
    asked = {"raw": False, "native": False, **options}
    return b"".join(single.chunks(single.prepare(CONTRACT, 200, 6, Wishes(), form, **asked)))


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
        {name: str(value) for name, value in encoders.flat(record).items() if value != ""} for record in RECORDS
    ]


def test_compressed_files_carry_no_time_and_no_name():
    """The head of a gzip file has neither, so the same records give the same bytes."""
    head = written("ndjson.gz")[:10]
    assert (head[3], head[4:8]) == (0, bytes(4))


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


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.ndjson", "ndjson"),
        ("a.b.jsonl.gz", "ndjson.gz"),
        ("a.csv.zst", "csv.zst"),
        ("a.txt", None),
        ("a", None),
        ("x/a.json", "json"),
    ],
)
def test_endings_name_formats(name, form):
    """The ending says the format and the compression; other endings say nothing."""
    assert encoders.form_of(name) == form


def test_what_a_format_cannot_hold_is_refused():
    """An unknown format, a contract without columns: one line with the remedy."""
    numbers = Contract({"type": "integer"})
    for form, contract, reason in [
        ("xml", CONTRACT, "no format 'xml'"),
        ("parquet.gz", CONTRACT, "no format"),
        ("csv", numbers, "use ndjson"),
        ("parquet", numbers, "--raw writes JSON text"),
        ("parquet", Contract({"properties": {"a": {}}}), "/a has no one type of column"),
    ]:
        with pytest.raises(UnknownFormatError, match=reason):
            encoders.of(form, contract)


def test_a_missing_extra_is_named(monkeypatch):
    """Without its library, a format or a place says what to install."""
    import sys

    from chime_fixtures.corpus import places

    for module, extra, call in [
        ("pyarrow", "parquet", lambda: encoders.of("parquet", CONTRACT)),
        ("backports.zstd", "zstd", lambda: written("ndjson.zst")),
        ("fsspec", "remote", lambda: places.at("memory://x")),
    ]:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            if module == "backports.zstd":
                import backports

                patch.delattr(backports, "zstd", raising=False)
            with pytest.raises(MissingExtraError, match=rf"chime-fixtures\[{extra}\]"):
                call()
