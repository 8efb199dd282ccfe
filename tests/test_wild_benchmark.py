"""`benchmarks/wild.py`: outside validators of each schema's own draft judge what is made of it."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import wild, wild_schema
from benchmarks.wild_schema import CRASHED, SUPPORTED, TIMED_OUT, UNSATISFIABLE, UNSUPPORTED, Row, Settings
from chime_fixtures.engine.schema.documents import SchemaDocument
from tests.support.sizes import IS_NIGHTLY

DRAFT_4 = "http://json-schema.org/draft-04/schema#"


FILES = {
    "plain": {"type": "object", "properties": {"": {"type": "integer", "minimum": 3}}, "required": [""]},
    "names": {"type": "object", "properties": {"additionalProperties": False, "anyOf": {"properties": {"not": False}}}},
    "older": {"schema": {"$schema": DRAFT_4, "items": [{"type": "integer", "minimum": 3, "exclusiveMinimum": True}],
                         "additionalItems": {"type": "null"}, "type": "array"},
              "tests": [{"data": [4, None], "valid": True}, {"data": [1], "valid": False},
                        {"data": [5.0], "valid": True}]},
    "wrong": {"schema": {"type": "string", "format": "date"},
              "tests": [{"data": "soon", "valid": True}, {"data": 5, "valid": True}]},
    "refused": {"$ref": "http://a.invalid/b"},
    "false": {"type": "null", "enum": [1]},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    for name, content in FILES.items():
        (tmp_path / "inner" / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.slow
def test_each_file_has_a_row(folder):
    """Status, verdicts against the labels with their reasons, judged values and labels, and reached locations."""
    rows = {path.stem: wild_schema.measure(path, Settings(values=5)) for path in wild.files_of(folder, None, 0)}
    assert {name: row.status for name, row in rows.items()} == {
        "plain": SUPPORTED,
        "names": SUPPORTED,
        "older": SUPPORTED,
        "wrong": SUPPORTED,
        "refused": UNSUPPORTED,
        "false": UNSATISFIABLE,
    }
    assert [row.file for row in rows.values() if row.rejected or row.mislabelled or row.unreached] == []
    assert rows["plain"].values >= 5
    assert rows["plain"].labels > 2
    contradicted = "both validators contradict the label, by the schema's own draft"
    assert (rows["older"].tests, rows["older"].against) == (3, [("valid", contradicted)])
    assert (rows["older"].reachable, rows["older"].reached) == (2, 2)
    assert [reason for _, reason in rows["wrong"].against] == [
        "the label ignores formats",
        contradicted,
    ]
    lines = {name: figure for name, figure, _ in wild.table(list(rows.values()), label=False)}
    assert lines["supported"] == "66.67 % (4 of 6)"
    assert lines["labelled unsatisfiable, but a value was made"] == "4"
    kinds = {kind: found for kind, found in wild.reasons(list(rows.values())) if found}
    assert kinds.keys() == {UNSUPPORTED, UNSATISFIABLE, "verdicts against a label", "read as"}
    assert dict(kinds["read as"]) == {"draft 2020-12": 5, "draft 4": 1}


@pytest.mark.slow
def test_verdicts_alone_are_compared(folder):
    """Without values, a contract is made, and its verdicts are compared with the labels."""
    row = wild_schema.measure(folder / "inner" / "wrong.json", Settings(values=0))
    assert (row.status, row.values, row.violations, len(row.against)) == (SUPPORTED, 0, 0, 2)
    assert row.seconds.keys() == {"compile"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
@pytest.mark.parametrize(("counts", "status"), [(True, UNSATISFIABLE), (False, SUPPORTED)])
def test_siblings_of_references_count_on_request(tmp_path, counts, status):
    """A schema without `$schema` is read by a draft in which they count; jsonschema-rs asserts `dependencies` there."""
    schema = {
        "dependencies": {"a": []},
        "definitions": {"b": {"type": "object"}},
        "$ref": "#/definitions/b",
        "type": "null",
    }
    path = tmp_path / "siblings.json"
    path.write_text(json.dumps(schema))
    row = wild_schema.measure(path, Settings(values=0, counts_ref_siblings=counts))
    assert (row.status, row.dialect) == (status, "draft 2019-09" if counts else "draft 7")


@pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
def test_declarations_of_parts_are_removed_where_siblings_count(tmp_path):
    """By draft 4, which the part declares, jsonschema rejects 1.0 as an integer."""
    part = {"$schema": DRAFT_4, "type": "integer", "minimum": 1.0, "maximum": 1.0}
    schema = {"properties": {"a": part, "b": {"$ref": "#/definitions/c", "type": "null"}}, "definitions": {"c": {}}}
    path = tmp_path / "parts.json"
    path.write_text(json.dumps({"schema": schema, "tests": [{"data": {"a": 1.0}, "valid": True}]}))
    settings = Settings(values=20, catalogue=False, counts_ref_siblings=True)
    row = wild_schema.measure(path, settings)
    assert (row.status, row.dialect, row.rejected, row.against) == (SUPPORTED, "draft 2019-09", [], [])


def test_rows_of_an_interrupted_run_are_kept(tmp_path):
    """The rows of a file are read as they were written."""
    rows = [Row(file="a.json", against=[("valid", "")]), Row(file="b.json", status=TIMED_OUT)]
    path = tmp_path / "rows"
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    assert [asdict(row) for row in wild.known_rows(path)] == [json.loads(json.dumps(asdict(row))) for row in rows]
    assert wild.known_rows(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("instance", "verdicts", "limited"),
    [("aaa", (True, True), 0), ("a" * 60 + "!", (False, True), 1), ({"a": {"a": "a" * 60 + "!"}}, (False, True), 1)],
)
def test_one_validator_judges_where_the_other_might_take_too_long(instance, verdicts, limited):
    """Python's `re` is not called for such a text, behind a reference to the declared draft either."""
    schema = {"$schema": DRAFT_4, "pattern": "^(a|aa)+$", "additionalProperties": {"$ref": "#"}}
    judges = wild_schema.Judges(schema, SchemaDocument(schema).dialect)
    assert (judges.verdicts(instance), judges.limited) == (verdicts, limited)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("raised", "status"),
    [(KeyError("x"), CRASHED), (RecursionError(), CRASHED), (wild_schema.OutOfTime(), TIMED_OUT)],
)
def test_an_exception_is_a_row(monkeypatch, folder, raised, status):
    """A crash or a time-out of the engine is recorded."""

    def fail(*_, **__):
        raise raised

    monkeypatch.setattr(wild_schema, "iter_violations", fail)
    assert wild_schema.measure(folder / "inner" / "plain.json", Settings()).status == status


@pytest.mark.slow
def test_a_judge_reports_what_is_wrong(monkeypatch, folder):
    """Values that a validator rejects, and labels that it does not confirm, are listed."""
    monkeypatch.setattr(wild_schema, "generate", lambda *_, **__: {"": 2})
    row = wild_schema.measure(folder / "inner" / "plain.json", Settings(values=2))
    assert row.rejected == ['jsonschema-rs, jsonschema: {"": 2}'] * 2
    monkeypatch.setattr(wild_schema.Judges, "labels", lambda *_: set())
    assert wild_schema.measure(folder / "inner" / "plain.json", Settings(values=2)).mislabelled


def test_a_sample_is_spread_over_the_files(tmp_path):
    """A sample has files of each part of the folder, and depends on the seed alone."""
    for number in range(100):
        (tmp_path / f"{number:03}.json").write_text("true")
    sample = [int(path.stem) for path in wild.files_of(tmp_path, 10, 3)]
    assert [number // 10 for number in sorted(sample)] == list(range(10))
    assert [number // 50 for number in sample[:2]] == [0, 1]
    assert sample == [int(path.stem) for path in wild.files_of(tmp_path, 10, 3)]


@pytest.mark.slow
@pytest.mark.skipif(not IS_NIGHTLY, reason="it takes 10 seconds, and is run at night")
def test_the_program_prints_the_table(folder):
    """The command measures in processes of its own, prints the table and writes a row a schema."""
    (folder / "text.json").write_text("not JSON")
    rows = folder / "rows"
    program = Path(wild.__file__)
    arguments = [sys.executable, str(program), str(folder), "--workers", "2", "--values", "3", "--rows", str(rows)]
    output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert "schemas                                         7" in output
    assert {json.loads(line)["file"] for line in rows.read_text().splitlines()} == {
        "text.json",
        *(f"{name}.json" for name in FILES),
    }
