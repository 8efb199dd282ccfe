import gzip
import io
import os

import pytest
from backports import zstd

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import reader
from chime_fixtures.sampling.json_text import UTF_8_REQUIRED


def listed(findings):
    """Findings as (number, value), or as the text of an error."""
    return [str(each) if isinstance(each, InvalidDocumentError) else (each.number, each.value) for each in findings]


def records(raw, **options):
    return listed(reader.Reader().stream(io.BytesIO(raw), "-", **options))


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
        (b"", ["-:1: is not valid JSON: expected value at column 1"]),
        (b"{", ["-:1: is not valid JSON: expected property name enclosed in double quotes at column 2"]),
        ('{"a":1}\n{}'.encode("utf-16"), [f"-: {UTF_8_REQUIRED}"]),
        (
            b"PAR1\x15\x04\n",
            ["-: is Parquet, and only JSON and NDJSON are supported; write NDJSON instead (--format ndjson)"],
        ),
        (gzip.compress(b"{}", mtime=0), ["-: is gzip, not JSON; read it from a file whose name ends in .gz"]),
        (zstd.compress(b"{}"), ["-: is zstd, not JSON; read it from a file whose name ends in .zst"]),
    ],
)
def test_the_content_shows_if_a_stream_has_lines_items_or_one_value(raw, found):
    """If each line is a value, each is a record; an array has a record for each item; anything else is one value."""
    assert records(raw) == found


def test_each_line_of_ndjson_is_a_record():
    """An array on a line is one record, a malformed line is an error, and an empty stream has no records."""
    assert records(b"[1, 2]", is_ndjson=True) == [(1, [1, 2])]
    assert records(b"", is_ndjson=True) == []
    first, second = records(b'{"a":\n{"a":2}\n', is_ndjson=True)
    assert (first, second) == ("-:1: is not valid JSON: expected value at column 6", (2, {"a": 2}))


def test_reading_continues_after_a_malformed_line():
    """A malformed line is an error with its line number and location, and the next line is read."""
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


def test_a_line_that_is_too_long_is_skipped(monkeypatch):
    """A line beyond the limit is an error, and the next one is read with its own line number."""
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 10)
    long = b'"' + b"x" * 50 + b'"'
    for ends, more in [(b"", []), (b"\n", []), (b"\n2\n", [(3, 2)])]:
        found = records(b"1\n" + long + ends)
        assert found == [(1, 1), "-:2: the line is too long: at most 10 bytes are supported; split the record", *more]


def test_a_document_that_is_too_long_is_rejected(monkeypatch):
    """A document beyond the limit is an error, and the remedy is one record on each line."""
    monkeypatch.setattr(reader, "MAX_DOCUMENT_BYTES", 10)
    (found,) = records(b"[\n1,2,3,4,5,6,7]")
    assert found == (
        "-: is too long: at most 10 bytes in one document are supported; write a record on each line (.ndjson)"
    )


def test_skipped_values_are_counted():
    """Skipped values are counted but not yielded; the bytes read are reported."""
    sizes = []
    source = reader.Reader(skip=lambda value: value % 2 == 0, on_read=sizes.append)
    raw = b"\n".join(b"%d" % number for number in range(10))
    assert [each.value for each in source.stream(io.BytesIO(raw), "-")] == [1, 3, 5, 7, 9]
    assert [each.value for each in source.stream(io.BytesIO(b"[1,2]"), "-")] == [1]
    assert (source.records, sum(sizes)) == (12, len(raw) + 5)


def test_folders_are_read_recursively(tmp_path):
    """Every JSON file below a folder is read except manifests; beside a manifest, an array is one record."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.json").write_text("[1]")
    (tmp_path / "inner" / "_manifest.json").write_text("{}")
    (tmp_path / "b.ndjson").write_text("2\n3\n")
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b"4\n"))
    (tmp_path / "c.txt").write_text("no")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert listed(reader.Reader().path(tmp_path)) == [(1, 2), (2, 3), (1, 4), (1, [1])]


def test_a_sample_of_0_records_is_complete(tmp_path):
    """A folder without files is an error unless its manifest is that of a sample of 0 records."""
    manifest = tmp_path / "_manifest.json"
    manifest.write_text('{"schema_sha256": "", "count": 0}')
    assert listed(reader.Reader().path(tmp_path)) == []
    for text in ('{"schema_sha256": "", "count": 3}', '{"count": 0}', "{", "[]"):
        manifest.write_text(text)
        (only,) = listed(reader.Reader().path(tmp_path))
        assert only == f"{tmp_path}: contains no .json, .jsonl or .ndjson file"


def test_a_folder_without_permission_is_an_error(tmp_path, monkeypatch):
    """A folder that can't be listed is not taken for an empty one."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.json").write_text("1")
    real = os.scandir

    def closed(path):
        if str(path).endswith("inner"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert listed(reader.Reader().path(tmp_path)) == [(1, 1), f"{tmp_path}/inner: cannot be read: Permission denied"]


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("zst", zstd.compress)])
def test_compressed_files_are_decompressed(tmp_path, ending, pack):
    """All members of a file are read; a truncated or mislabelled file is an error, after the records before it."""
    path = tmp_path / f"a.ndjson.{ending}"
    path.write_bytes(pack(b"1\n") + pack(b"2\n"))
    assert listed(reader.Reader().path(path)) == [(1, 1), (2, 2)]
    path.write_bytes(pack(b"1\n") + pack(os.urandom(500).hex().encode())[:-20])
    *_, last = listed(reader.Reader().path(path))
    assert last.startswith(f"{path}: cannot be decompressed: ")
    path.write_bytes(b"no such thing")
    (only,) = listed(reader.Reader().path(path))
    assert only.startswith(f"{path}: cannot be ")
    document = tmp_path / f"b.JSON.{ending.upper()}"
    document.write_bytes(pack(b"[1,\n2]"))
    assert listed(reader.Reader().path(document)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize("name", ["a.csv", "a.CSV.gz", "a.parquet"])
def test_tables_are_rejected_by_name(tmp_path, name):
    """A file of CSV or Parquet is one error with a remedy, alone and beside the manifest of a sample."""
    path = tmp_path / name
    path.write_bytes(b"")
    (alone,) = listed(reader.Reader().path(path))
    assert alone.startswith(f"{path}: is {'Parquet' if 'parquet' in name else 'CSV'}, and only JSON and NDJSON are")
    assert alone.endswith("; write NDJSON instead (--format ndjson)")
    assert listed(reader.Reader().path(tmp_path)) == [f"{tmp_path}: contains no .json, .jsonl or .ndjson file"]
    (tmp_path / "_manifest.json").write_text("{}")
    assert listed(reader.Reader().path(tmp_path)) == [alone]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("nope", "does not exist"), ("empty", "contains no .json"), ("fifo", "neither a file"), ("round", "not exist")],
)
def test_paths_without_json_are_rejected(tmp_path, name, reason):
    """A missing path, a folder without JSON, a pipe, and a link to itself are one short error with the name."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "fifo")
    (found,) = listed(reader.Reader().path(tmp_path / name))
    assert (name in found, reason in found) == (True, True)


def test_a_url_is_rejected():
    """The error has no credentials, and the remedy."""
    (found,) = listed(reader.Reader().path("s3://key:secret@bucket/a.json"))
    assert found == ("s3://bucket/a.json: is a URL, and only local files are supported; download it, or pipe it to -")


def test_file_names_are_printable_in_messages():
    """Control characters and bytes that are not UTF-8 are escaped."""
    assert reader.display_path("a\x1b[31m\udcff") == "a\\x1b[31m\\udcff"
