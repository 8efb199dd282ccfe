"""`benchmarks/schemastore.py`: schemas of a store with references, options and test files are measured."""

import json

import pytest

from benchmarks.schemastore import SUPPORTED, UNSUPPORTED, Store, instance_of, measure, table

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
SCHEMAS = {
    "tool.json": {
        "$schema": DRAFT_7,
        "$id": "https://json.schemastore.org/tool.json",
        "type": "object",
        "required": ["path"],
        "additionalProperties": False,
        "properties": {
            "path": {"$ref": "base.json#/definitions/path"},
            "date": {"type": "string", "format": "date"},
            "kind": {"format": "kind", "hint": 1, "enum": ["a", "b"]},
        },
    },
    "base.json": {
        "$schema": DRAFT_7,
        "definitions": {"path": {"type": "string", "minLength": 1}, "license": {"$ref": "osi-license"}},
    },
    "old.json": {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": "https://json.schemastore.org/old",
        "properties": {"a": {"oneOf": [{"const": 1}, {"const": 2}]}},
    },
    "net.json": {"$ref": "https://example.test/schema.json"},
}
CONFIGURATION = """{
  // skipped, as "https://example.test" is not in the store
  "skiptest": ["net.json"],
  "options": {"tool.json": {"unknownFormat": ["kind"], "unknownKeywords": ["hint"]},},
}"""
FILES = {
    "test/tool/a.json": '\ufeff{"path": "a", "date": "2020-01-01"}',
    "test/tool/b.toml": 'path = "b"\ndate = 2020-01-01',
    "test/tool/c.yaml": "path: yes\ndate: 2020-01-01\nkind: a",
    "negative_test/tool/d.yml": "path: ''",
    "negative_test/tool/e.json": '{"path": "a", "date": "yesterday"}',
    "test/tool/ignores-formats.json": '{"path": "a", "date": "today"}',
    "test/old/one.json": '{"a": 1}',
}


@pytest.fixture
def store(tmp_path):
    """A store of four schemas."""
    schemas = {f"schemas/json/{name}": json.dumps(schema) for name, schema in SCHEMAS.items()}
    for name, text in (schemas | FILES | {"schema-validation.jsonc": CONFIGURATION}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return Store(tmp_path)


def test_a_schema_is_measured_with_what_it_refers_to(store):
    """Values, labels and test files are judged; a verdict against the folder of a file has its reason."""
    row = measure(store, "tool.json", catalogue=True)
    assert (row.status, row.is_skipped, row.rejected, row.mislabelled) == (SUPPORTED, False, [], [])
    assert row.values > 50
    assert row.labels > 5
    assert (row.tests, row.against) == (6, [("test/ignores-formats.json", "the label ignores formats")])


@pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
def test_reasons_of_schemas_and_files_are_stated(store):
    """A schema that leads to the net is refused, one that asserts newer keywords than its draft is a stated reason."""
    net = measure(store, "net.json", catalogue=False)
    assert (net.status, net.is_skipped) == (UNSUPPORTED, True)
    old = measure(store, "old.json", catalogue=False)
    assert (old.status, old.against) == (
        SUPPORTED,
        [("test/one.json", "by a newer draft than its own the label is right")],
    )
    lines = dict(line[:2] for line in table([net, old]))
    assert [lines["schemas"], lines["supported, of the others"], lines["  verdicts against their folder"]] == [
        "2",
        "100.0 % (1)",
        "1",
    ]


def test_a_test_file_that_is_not_readable_is_an_error(tmp_path):
    """It is reported, and not taken for a verdict."""
    path = tmp_path / "a.yaml"
    path.write_text("a: [")
    with pytest.raises(ValueError, match="is not valid YAML"):
        instance_of(path)
