import io

import pytest

from chime_fixtures.corpus import reader
from chime_fixtures.errors import InvalidDocumentError


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":2}', 'has the member "a" twice'),
        (b'{"a":NaN}', "NaN, which is no JSON number"),
        (b"[Infinity]", "Infinity, which is no JSON number"),
        (b"1e999", "beyond what a double holds"),
        (b"9" * 5000, "an integer of 5000 digits"),
        (b"[" * 100_000, "nested beyond 200 levels at byte 200"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b'{"a": "\xff"}', "is not UTF-8 at byte 7"),
        ('{"a":1}'.encode("utf-16"), "is not UTF-8"),
        (b'{"a":1', "is no JSON: .* at line 1, column 7"),
        (b"", "is no JSON"),
        (b"{} {}", "is no JSON: Extra data"),
    ],
)
def test_what_is_not_trusted_is_refused(raw, reason):
    """Each way in which JSON text misleads a reader is one short error with its place."""
    with pytest.raises(InvalidDocumentError, match=reason):
        reader.parse(raw, "x")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"a":{"a":1}}', {"a": {"a": 1}}),
        (b'["]]]","\\"[["]', ["]]]", '"[[']),
        (b"1.5e3", 1500.0),
    ],
)
def test_what_is_json_is_read(raw, value):
    """A mark of UTF-8, a whole surrogate pair, equal names at two levels, brackets within text."""
    assert reader.parse(raw, "x") == value


def records(raw, **options):
    return [
        each if isinstance(each, InvalidDocumentError) else (each.number, each.value)
        for each in reader.read_stream(io.BytesIO(raw), "-", **options)
    ]


def test_records_are_lines_items_or_one_value():
    """NDJSON by its ending or by its look, a list by its items, anything else as one record."""
    assert records(b'{"a":1}\n\n{"a":2}\n', is_ndjson=True) == [(1, {"a": 1}), (3, {"a": 2})]
    assert records(b'{"a":1}\n{"a":2}\n') == [(1, {"a": 1}), (2, {"a": 2})]
    assert records(b"[1, 2]") == [(1, 1), (2, 2)]
    assert records(b"[1, 2]", is_one=True) == [(1, [1, 2])]
    assert records(b'{\n"a":1\n}') == [(1, {"a": 1})]


def test_a_broken_line_does_not_hide_the_rest():
    """What can't be read is told with its line, and the next line is read."""
    first, second = records(b'{"a":\n{"a":2}\n', is_ndjson=True)
    assert (str(first).startswith("-:1: is no JSON"), second) == (True, (2, {"a": 2}))
    (broken,) = records(b"{")
    assert isinstance(broken, InvalidDocumentError)


def test_a_line_without_end_is_refused(monkeypatch):
    """A line beyond the limit is not read to its end."""
    monkeypatch.setattr(reader, "MOST_LINE_BYTES", 10)
    with pytest.raises(InvalidDocumentError, match="longer than 10 bytes"):
        records(b'"' + b"x" * 50 + b'"', is_ndjson=True)


def test_folders_are_read_to_the_bottom(tmp_path):
    """Every JSON file below a folder is read but manifests; beside one, a list is one record."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.json").write_text("[1]")
    (tmp_path / "inner" / "manifest.json").write_text("{}")
    (tmp_path / "b.ndjson").write_text("2\n3\n")
    (tmp_path / "c.txt").write_text("no")
    assert [each.value for each in reader.read_path(tmp_path)] == [2, 3, [1]]


@pytest.mark.parametrize(
    ("name", "reason"), [("nope", "does not exist"), ("empty", "holds no .json"), ("fifo", "neither a file")]
)
def test_odd_paths_are_refused(tmp_path, name, reason):
    """A missing path, a folder without JSON, a pipe: one short error with the name."""
    import os

    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InvalidDocumentError, match=reason):
        list(reader.read_path(tmp_path / name))


def test_names_are_shown_as_printable_text():
    """Control characters and bytes that are no text are escaped."""
    assert reader.show("a\x1b[31m\udcff") == "a\\x1b[31m\\udcff"
