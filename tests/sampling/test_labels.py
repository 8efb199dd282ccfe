import subprocess
import sys

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import labels
from chime_fixtures.sampling.reader import Reader

COMMAND = [sys.executable, "-m", "chime_fixtures"]


@pytest.fixture
def folder(tmp_path):
    """A corpus of three parts with faults of every kind."""
    subprocess.run(
        [
            *COMMAND,
            "sample",
            "--count",
            "3000",
            "-d",
            tmp_path,
            "--format",
            "ndjson",
            "--part-size",
            "1100",
            "--invalid-share",
            "0.02",
            "--malformed-share",
            "0.008",
        ],
        check=True,
        capture_output=True,
    )
    return tmp_path


def compare(folder):
    done = subprocess.run(
        [*COMMAND, "validate", folder, "--labels", folder / "labels.ndjson"], capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()


def test_true_labels_agree_and_false_ones_do_not(folder):
    """The verdict on a corpus is its labels; a label that is moved, dropped, renamed or made up is told with its place."""
    code, lines, summary = compare(folder)
    assert (code, lines) == (0, []), lines
    assert summary.endswith(" records, 0 differ from their labels\n")
    path = folder / "labels.ndjson"
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    chosen = [row for row in rows if row["keyword"]]
    first, second = chosen[0], chosen[1]
    rows.remove(first)
    second["keyword"] = "multipleOf"
    rows.append(
        {
            "part": "part-999999.ndjson",
            "line": 1,
            "record": 1,
            "id": "Name.type.null",
            "pointer": "/Name",
            "keyword": "type",
        }
    )
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    code, lines, _ = compare(folder)
    assert (code, len(lines)) == (1, 3)
    assert lines[0].startswith(f"{first['part']}:{first['line']}: labelled valid, found {first['pointer'] or '/'} ")
    assert lines[1].startswith(f"{second['part']}:{second['line']}: labelled {second['id']}, found ")
    assert lines[2] == "part-999999.ndjson:1: labelled Name.type.null, found valid"


def test_a_row_of_raw_parquet_that_is_no_json_has_its_place(tmp_path):
    """A broken text in a column is told at its row, on whatever line of its own, and those behind it keep their labels."""
    texts = ['{"n": 1}', "{", '{"n": "x"}', '{"n":\n\n1']
    schema = pa.schema({"json": pa.string()}, {"chime_fixtures": "raw"})
    pq.write_table(pa.table({"json": texts}, schema), tmp_path / "part-000000.parquet")
    rows = [(2, "syntax", "", ""), (3, "n.type", "/n", "type"), (4, "syntax", "", "")]
    (tmp_path / "labels.ndjson").write_bytes(
        b"".join(
            orjson.dumps({"part": "part-000000.parquet", "line": line, "id": id_, "pointer": at, "keyword": keyword})
            + b"\n"
            for line, id_, at, keyword in rows
        )
    )
    contract = Contract({"properties": {"n": {"type": "integer"}}})
    found = Reader(passes=contract.is_valid).path(tmp_path / "part-000000.parquet")
    assert list(labels.differences(contract, labels.read(tmp_path / "labels.ndjson"), found)) == []


@pytest.mark.parametrize("line", [b"{}", b"[]", b"{", b'{"part":1,"line":"x","id":1,"pointer":"","keyword":""}'])
def test_what_is_no_label_is_refused(tmp_path, line):
    """The line is named."""
    (tmp_path / "labels.ndjson").write_bytes(line + b"\n")
    with pytest.raises(InvalidDocumentError, match=r"labels.ndjson:1(:2)?: is no"):
        list(labels.read(tmp_path / "labels.ndjson"))
    with pytest.raises(InvalidDocumentError, match="cannot be read"):
        list(labels.read(tmp_path / "nope.ndjson"))


def test_what_cannot_be_read_at_all_is_an_error():
    """A file that is not there is no bad record."""
    with pytest.raises(InvalidDocumentError, match="does not exist"):
        list(labels.differences(Contract(True), [], [InvalidDocumentError("a.ndjson", "does not exist")]))
