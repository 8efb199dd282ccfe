"""`benchmarks/wild.py`: schemas of older drafts are rewritten, and outside validators judge what is made of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import wild, wild_schema
from benchmarks.wild_schema import CRASHED, SUPPORTED, TIMED_OUT, UNSATISFIABLE, UNSUPPORTED, Settings
from benchmarks.wild_upgrade import upgrade
from tests.support.sizes import IS_NIGHTLY

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"items": [{"type": "null"}], "additionalItems": False}, {"prefixItems": [{"type": "null"}], "items": False}),
        ({"items": {}, "additionalItems": False}, {"items": {}}),
        (
            {"items": [{"$ref": "#/items/1/items/0"}, {"items": [{"const": 1}]}]},
            {"prefixItems": [{"$ref": "#/prefixItems/1/prefixItems/0"}, {"prefixItems": [{"const": 1}]}]},
        ),
        (
            {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
        (
            {"minimum": 1, "exclusiveMinimum": True, "maximum": 2, "exclusiveMaximum": False},
            {"minimum": 1, "exclusiveMinimum": 1, "maximum": 2},
        ),
        ({"$schema": DRAFT_4, "id": "http://a.invalid/b#", "const": 1}, {"$id": "http://a.invalid/b"}),
        ({"$schema": DRAFT_7, "definitions": {"a": {"$id": "#x"}}}, {"definitions": {"a": {"$anchor": "x"}}}),
        ({"$schema": DRAFT_7, "$ref": "#/definitions/a", "type": "null", "definitions": {"a": {}}},
         {"$ref": "#/definitions/a", "definitions": {"a": {}}}),
        ({"format": "colour", "type": "string"}, {"type": "string"}),
        ({"properties": {"format": {}, "items": {"items": [True]}}},
         {"properties": {"format": {}, "items": {"prefixItems": [True]}}}),
        ({"$ref": "#/shared/a", "shared": {"a": {"items": [{}]}}}, {"$ref": "#/shared/a", "shared": {"a": {"prefixItems": [{}]}}}),
    ],
)  # fmt: skip
def test_a_schema_of_an_older_draft_is_rewritten(schema, expected):
    """Each difference between the drafts has a rule; the argument stays as it is."""
    before = json.dumps(schema)
    assert upgrade(schema).schema == expected
    assert json.dumps(schema) == before


def test_a_schema_of_the_newest_draft_is_left_as_it_is():
    """A schema that needs no rule has no changes; unknown keywords are annotations."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "definitions": {"a": {}}, "format": "date"}
    assert (upgrade(schema).schema, upgrade(schema).changes) == (schema, set())
    assert upgrade({"widget": 1}).annotations == {"widget"}
    assert upgrade({"$schema": DRAFT_7, "$ref": "#", "title": "a"}, counts_ref_siblings=True).schema == {
        "$ref": "#",
        "title": "a",
    }


FILES = {
    "plain": {"type": "object", "properties": {"": {"type": "integer", "minimum": 3}}, "required": [""]},
    "names": {"type": "object", "properties": {"additionalProperties": False, "anyOf": {"properties": {"not": False}}}},
    "older": {"schema": {"$schema": DRAFT_4, "items": [{"type": "null"}], "type": "array"},
              "tests": [{"data": [None], "valid": True}, {"data": [1], "valid": False}]},
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
    assert (rows["older"].tests, rows["older"].against) == (2, [])
    assert [reason for _, reason in rows["wrong"].against] == [
        "the label ignores formats",
        "both validators contradict the label, by the schema's own draft",
    ]
    lines = {name: figure for name, figure, _ in wild.table(list(rows.values()), label=False)}
    assert lines["supported as they are"] == "3"
    assert lines["supported after the upgrade"] == "1"
    assert lines["labelled unsatisfiable, but a value was made"] == "4"
    kinds = {kind: found for kind, found in wild.reasons(list(rows.values())) if found}
    assert kinds.keys() == {UNSUPPORTED, UNSATISFIABLE, "verdicts against a label"}


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
    assert [number // 10 for number in sample] == list(range(10))
    assert sample == [int(path.stem) for path in wild.files_of(tmp_path, 10, 3)]


@pytest.mark.slow
@pytest.mark.skipif(not IS_NIGHTLY, reason="it takes 10 seconds, and is run at night")
def test_the_program_prints_the_table(folder):
    """The command measures in processes of its own, prints the table and writes a row a schema."""
    (folder / "text.json").write_text("not JSON")
    rows = folder / "rows"
    program = Path(wild.__file__)
    arguments = [sys.executable, str(program), str(folder), "--workers", "2", "--values", "3", "--json", str(rows)]
    output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert "schemas                                         7" in output
    assert {json.loads(line)["file"] for line in rows.read_text().splitlines()} == {
        "text.json",
        *(f"{name}.json" for name in FILES),
    }
