"""A folder of parts is a data set for pyarrow, polars and duckdb; the label column tells invalid records apart."""

import csv
import gzip
import io
import json
from fractions import Fraction

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError
from chime_fixtures.sampling import executors
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.job import Sample, begin, finish
from tests.support.sessions import session_job

COUNT = 300
TYPES = {
    "type": "object",
    "required": ["id", "parts"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "note": {"type": ["string", "null"], "maxLength": 5},
        "price": {"type": "number"},
        "kind": {"enum": [1, 2, 3]},
        "none": {"const": None},
        "parts": {
            "type": "array",
            "maxItems": 3,
            "items": {"type": "object", "properties": {"n": {"type": "integer"}}},
        },
    },
}


CONTRACT = Contract(TYPES)


def written(folder, contract=CONTRACT, **options):
    """The job of a sample in parts that was written to a folder."""
    options = {"format_name": "parquet", "part_size": 100, "invalid": Fraction("0.1"), **options}
    job = session_job(str(folder), COUNT, contract, **options)
    assert len(list(executors.write_serially(job, begin(job, resume=False)))) == 3
    finish(job)
    return job


@pytest.mark.parametrize(
    "contract", [pytest.param(None, id="sessions", marks=pytest.mark.slow), pytest.param(CONTRACT, id="types")]
)
def test_readers_of_data_sets_read_the_folder(tmp_path, contract):
    """pyarrow, polars and duckdb return the same rows; manifest and labels are not rows, and each type is read."""
    folder = tmp_path / "sample"
    written(folder, contract, label_column="violation")
    assert {"_manifest.json", "_labels.ndjson"} < {path.name for path in folder.iterdir()}
    table = pq.read_table(folder)
    assert table.num_rows == COUNT
    assert table.equals(ds.dataset(folder).to_table())
    rows = table.to_pylist()
    assert pl.scan_parquet(folder, hidden_file_prefix="_").collect().to_dicts() == rows
    assert pl.read_parquet(folder / "*.parquet").to_dicts() == rows
    for source in (folder, folder / "*.parquet"):
        found = duckdb.read_parquet(str(source))
        assert found.columns == table.schema.names
        assert list(map(repr, found.fetchall())) == [repr(tuple(row.values())) for row in rows]


def test_the_label_column_has_the_id_of_each_violation(tmp_path):
    """It is null for a valid record, and equals the file of labels; the other columns are the same without it."""
    job = written(tmp_path / "labelled", label_column="violation")
    table = pq.read_table(tmp_path / "labelled")
    assert table.schema.names[-1] == "violation"
    assert table.schema.field("violation").type == pa.string()
    labels = [json.loads(line) for line in (tmp_path / "labelled" / "_labels.ndjson").read_text().splitlines()]
    ids = {each["record"]: each["id"] for each in labels}
    assert table.column("violation").to_pylist() == [ids.get(number) for number in range(COUNT)]
    assert len(ids) == 29
    assert table.drop_columns("violation").equals(pq.read_table(written(tmp_path / "plain").url))
    assert job.manifest()["label_column"] == "violation"
    with pytest.raises(InvalidDocumentError, match="another sample, which differs in label_column"):
        begin(
            session_job(job.url, COUNT, CONTRACT, format_name="parquet", part_size=100, invalid=job.invalid),
            resume=True,
        )


@pytest.mark.parametrize("form", ["csv", "csv.gz"])
def test_csv_has_a_label_column(tmp_path, form):
    """It is the last one, and empty for a valid record."""
    schema = {**TYPES, "properties": {name: each for name, each in TYPES["properties"].items() if name != "note"}}
    written(tmp_path, Contract(schema), format_name=form, label_column="why?")
    labels = [json.loads(line) for line in (tmp_path / "_labels.ndjson").read_text().splitlines()]
    seen = []
    for path in sorted(tmp_path.glob("part-*")):
        raw = path.read_bytes()
        rows = csv.reader(io.StringIO((gzip.decompress(raw) if form == "csv.gz" else raw).decode(), newline=""))
        assert next(rows)[-1] == "why?"
        seen += [row[-1] for row in rows]
    ids = {each["record"]: each["id"] for each in labels}
    assert seen == [ids.get(number, "") for number in range(COUNT)]


@pytest.mark.parametrize("form", ["ndjson", "json", "ndjson.gz"])
def test_a_label_column_requires_columns(form):
    """JSON has none: its members are those of the contract."""
    with pytest.raises(UnknownFormatError, match="^label_column requires format_name='parquet' or 'csv', not"):
        session_job("", 10, format_name=form, label_column="violation")


@pytest.mark.parametrize(
    ("form", "name"), [("parquet", "Name"), ("csv", "Name"), ("csv", "Participants.0.PhoneNumber")]
)
def test_a_label_column_has_a_name_of_its_own(form, name):
    """A member of the records can't be the label column."""
    with pytest.raises(InvalidOptionError, match=f"^label_column '{name}' is a .* choose another name$"):
        Sample(session_job("", 10, format_name=form, label_column=name))


@pytest.mark.parametrize(
    ("violated", "is_held"),
    [
        ({"id": "x"}, True),
        ({"parts": []}, True),
        ({"id": None, "parts": []}, False),
        ({"id": "x", "parts": [], "price": "1"}, False),
        ({"id": "x", "parts": [], "price": 2**60 + 1}, True),
        ({"id": "x", "parts": [], "kind": 7}, True),
        ({"id": "x", "parts": [], "kind": 1.5}, False),
        ({"id": "x", "parts": [], "none": 1}, False),
        ({"id": "x", "parts": [], "note": None}, True),
        ([], False),
    ],
)
def test_columns_hold_a_violation_that_readers_find(violated, is_held):
    """Columns hold an instance if it has the same violations when a null is read as an absent member."""
    assert Sample(session_job("", 1, CONTRACT, format_name="parquet")).file_format.can_hold(violated) == is_held


@pytest.mark.slow
def test_the_bytes_of_csv_are_those_of_earlier_versions():
    """Contracts whose columns were written before have the same columns and records."""
    import hashlib

    sample = Sample(
        session_job("", 1500, load_contract("ProxySession"), seed=4, format_name="csv", invalid=Fraction("0.1"))
    )
    digest = hashlib.sha256(b"".join(sample.chunks())).hexdigest()
    assert (digest[:16], len(sample.injector.omitted)) == ("71a373feb517d3b2", 128)
