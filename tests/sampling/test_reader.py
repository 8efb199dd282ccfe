import gzip
import io
import os

import pytest
from backports import zstd

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import reader


def told(findings):
    """What was found, as (number, value), or as the text of an error."""
    return [str(each) if isinstance(each, InvalidDocumentError) else (each.number, each.value) for each in findings]


def records(raw, **options):
    return told(reader.Reader().stream(io.BytesIO(raw), "-", **options))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"a":1}\n{"a":2}\n', [(1, {"a": 1}), (2, {"a": 2})]),
        (b'\n{"a":1}\r\n\n{"a":2}', [(2, {"a": 1}), (4, {"a": 2})]),
        (b"[1, 2]", [(1, 1), (2, 2)]),
        (b"[1, 2]\n\n", [(1, 1), (2, 2)]),
        (b"[1, 2]\n[3]\n", [(1, [1, 2]), (2, [3])]),
        (b"[\n1,\n2\n]", [(1, 1), (2, 2)]),
        (b'{\n"a":1\n}', [(1, {"a": 1})]),
        (b'{"a": {}\n}', [(1, {"a": {}})]),
        (b'\xef\xbb\xbf{"a":1}\n{"a":2}', [(1, {"a": 1}), (2, {"a": 2})]),
        (b"[]", []),
        (b"", ["-:1: is no JSON: Expecting value at column 1"]),
        (b"{", ["-:1: is no JSON: Expecting property name enclosed in double quotes at column 2"]),
        ('{"a":1}\n{}'.encode("utf-16"), ["-: is not UTF-8 at byte 0 but UTF-16 or UTF-32; save it as UTF-8"]),
        (b"PAR1\x15\x04\n", ["-: is Parquet, not JSON; read it from a file whose name ends in .parquet"]),
        (gzip.compress(b"{}", mtime=0), ["-: is gzip, not JSON; read it from a file whose name ends in .gz"]),
        (zstd.compress(b"{}"), ["-: is zstd, not JSON; read it from a file whose name ends in .zst"]),
    ],
)
def test_records_are_lines_items_or_one_value(raw, found):
    """By its look: values that end where their line ends are records, a list is its items, else it is one value."""
    assert records(raw) == found


def test_the_ending_says_what_a_line_is():
    """Told that it is NDJSON, a list on a line is one record, a broken line is told, and nothing at all is none."""
    assert records(b"[1, 2]", is_ndjson=True) == [(1, [1, 2])]
    assert records(b"", is_ndjson=True) == []
    first, second = records(b'{"a":\n{"a":2}\n', is_ndjson=True)
    assert (first, second) == ("-:1: is no JSON: Expecting value at column 6", (2, {"a": 2}))


def test_a_broken_line_does_not_hide_the_rest():
    """What can't be read is told with its line, its place and a remedy, and the next line is read."""
    lines = [
        b'{"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'{"a":',
        b"[" * 300,
        b'{"a":2}',
    ]
    first, *broken, last = records(b"\n".join(lines))
    assert (first, last) == ((1, {"a": 1}), (8, {"a": 2}))
    assert [each.partition(": ")[0] for each in broken] == [f"-:{line}" for line in range(2, 8)]
    assert ["(at /a)" in each for each in broken] == [True, True, True, False, False, False]


def test_a_line_without_end_is_told_and_skipped(monkeypatch):
    """A line beyond the limit is not kept, and the one after it is read under its own number."""
    monkeypatch.setattr(reader, "MOST_LINE_BYTES", 10)
    long = b'"' + b"x" * 50 + b'"'
    for ends, more in [(b"", []), (b"\n", []), (b"\n2\n", [(3, 2)])]:
        found = records(b"1\n" + long + ends)
        assert found == [(1, 1), "-:2: the line is longer than 10 bytes; split the record", *more]


def test_a_document_without_end_is_refused(monkeypatch, tmp_path):
    """A document beyond the limit is not read, and the remedy is one record a line."""
    monkeypatch.setattr(reader, "MOST_DOCUMENT_BYTES", 10)
    (found,) = records(b"[\n1,2,3,4,5,6,7]")
    assert found == "-: is longer than 10 bytes in one document; write a record on each line (.ndjson)"


def test_what_passes_is_counted_and_not_kept():
    """Values that pass cost no record, and are counted; the bytes read are told."""
    sizes = []
    source = reader.Reader(passes=lambda value: value % 2 == 0, on_read=sizes.append)
    raw = b"\n".join(b"%d" % number for number in range(10))
    assert [each.value for each in source.stream(io.BytesIO(raw), "-")] == [1, 3, 5, 7, 9]
    assert [each.value for each in source.stream(io.BytesIO(b"[1,2]"), "-")] == [1]
    assert (source.records, sum(sizes)) == (12, len(raw) + 5)


def test_folders_are_read_to_the_bottom(tmp_path):
    """Every JSON file below a folder is read but manifests; beside one, a list is one record."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.json").write_text("[1]")
    (tmp_path / "inner" / "manifest.json").write_text("{}")
    (tmp_path / "b.ndjson").write_text("2\n3\n")
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b"4\n"))
    (tmp_path / "c.txt").write_text("no")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert told(reader.Reader().path(tmp_path)) == [(1, 2), (2, 3), (1, 4), (1, [1])]


def test_a_folder_of_no_records_is_whole(tmp_path):
    """Where our manifest counts none, none is missing; where it counts some, or is not ours, the kinds of files are named."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"schema_sha256": "", "count": 0}')
    assert told(reader.Reader().path(tmp_path)) == []
    for text in ('{"schema_sha256": "", "count": 3}', '{"count": 0}', "{", "[]"):
        manifest.write_text(text)
        (only,) = told(reader.Reader().path(tmp_path))
        assert only == f"{tmp_path}: holds no .json, .jsonl, .ndjson, .csv or .parquet file"


def test_a_folder_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    """A folder that is closed to us is no empty one."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.json").write_text("1")
    real = os.scandir

    def closed(path):
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert told(reader.Reader().path(tmp_path)) == [(1, 1), f"{tmp_path}/inner: cannot be read: Permission denied"]


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
def test_compressed_files_are_read_through(tmp_path, ending, pack):
    """What was packed in several pieces is read whole; what is cut or no such file is told, after what was read."""
    path = tmp_path / f"a.ndjson.{ending}"
    path.write_bytes(pack(b"1\n") + pack(b"2\n"))
    assert told(reader.Reader().path(path)) == [(1, 1), (2, 2)]
    path.write_bytes(pack(b"1\n") + pack(os.urandom(500).hex().encode())[:-20])
    *_, last = told(reader.Reader().path(path))
    assert last.startswith(f"{path}: cannot be unpacked: ")
    path.write_bytes(b"no such thing")
    (only,) = told(reader.Reader().path(path))
    assert only.startswith(f"{path}: cannot be ")
    document = tmp_path / f"b.JSON.{ending.upper()}"
    document.write_bytes(pack(b"[1,\n2]"))
    assert told(reader.Reader().path(document)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
def test_tables_that_cannot_be_unpacked_are_told(tmp_path, ending, pack):
    """CSV that is cut comes as far as it goes; CSV that was never packed is told too: with its name, in one line."""
    path = tmp_path / f"a.csv.{ending}"
    rows = b"Name\r\n" + b"".join(os.urandom(20).hex().encode() + b"\r\n" for _ in range(50_000))
    path.write_bytes(pack(rows)[:-5000])
    source = reader.Reader(contract=load_contract("ProxySession"))
    *read, last = told(source.path(path))
    assert (len(read) > 1000, last.startswith(f"{path}: cannot be unpacked: ")) == (True, True)
    path.write_bytes(rows)
    (only,) = told(source.path(path))
    assert only.startswith(f"{path}: cannot be ")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nope", "does not exist"), ("empty", "holds no .json"), ("fifo", "neither a file"), ("round", "not exist")],
)
def test_odd_paths_are_refused(tmp_path, name, reason):
    """A missing path, a folder without JSON, a pipe, a link to itself: one short error with the name."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "fifo")
    (found,) = told(reader.Reader().path(tmp_path / name))
    assert (name in found, reason in found) == (True, True)


def test_names_are_shown_as_printable_text():
    """Control characters and bytes that are no text are escaped."""
    assert reader.show("a\x1b[31m\udcff") == "a\\x1b[31m\\udcff"
