"""Columns of CSV and Parquet for schemas of all kinds: every written record is valid for a reader of the columns."""

import csv
import io

import jsonschema_rs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.job import Sample
from tests.support.sessions import session_job

TEXT = {"type": "string", "maxLength": 5}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 9}
RECORDS = 100


def record(properties, **keywords):
    return {"type": "object", "properties": properties, **keywords}


def sample_of(schema, form):
    contract = Contract(schema)
    return Sample(session_job("", RECORDS, contract, format_name=form))


def read_csv(sample):
    """The records of a CSV file, by the types of the contract, and its header."""
    header, *rows = csv.reader(io.StringIO(b"".join(sample.chunks()).decode(), newline=""))
    return header, list(map(sample.file_format.read, rows))


def read_parquet(sample):
    """The table of a Parquet file."""
    return pq.read_table(io.BytesIO(b"".join(sample.chunks())))


def without_nulls(value, kept=()):
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None or name in kept}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def validator(schema):
    return jsonschema_rs.Draft202012Validator(schema)


AB = {"a": TEXT, "b": TEXT}
DISTINCT = {"type": "array", "uniqueItems": True, "items": TEXT, "maxItems": 3}
EITHER = [
    record({"kind": {"const": "x"}, "size": NUMBER}, required=["kind", "size"]),
    record({"kind": {"const": "y"}, "name": {**TEXT, "minLength": 1}}, required=["kind", "name"]),
]
FLAT = {
    "multipleOf": (record({"a": {"type": "integer", "multipleOf": 3}}), ["a"]),
    "multipleOf of a fraction": (record({"a": {"type": "number", "multipleOf": 0.25}}), ["a"]),
    "not": (record({"a": {**TEXT, "not": {"const": "x"}}}), ["a"]),
    "not of the object": (record(AB, **{"not": {"required": ["a", "b"]}}), ["b", "a"]),
    "dependentRequired": (record(AB, dependentRequired={"a": ["b"]}), ["a", "b"]),
    "dependentSchemas": (record(AB, dependentSchemas={"a": {"required": ["b"]}}), ["a", "b"]),
    "allOf": ({"allOf": [record({"a": TEXT}), record({"b": NUMBER})]}, ["a", "b"]),
    "allOf of a member": (record({"a": {"allOf": [{"type": "string"}, {"minLength": 2, "maxLength": 4}]}}), ["a"]),
    "uniqueItems": (record({"a": DISTINCT}), ["a.0", "a.1", "a.2"]),
    "uniqueItems without a limit": (
        record({"a": {"type": "array", "uniqueItems": True, "items": NUMBER}}),
        [f"a.{index}" for index in range(6)],
    ),
    "contains": (
        record({"a": {"type": "array", "items": NUMBER, "contains": {"minimum": 5}, "maxItems": 2}}),
        ["a.0", "a.1"],
    ),
    "prefixItems": (record({"a": {"type": "array", "prefixItems": [NUMBER, TEXT], "items": False}}), ["a.0", "a.1"]),
    "anyOf of one type": (record({"a": {"anyOf": [TEXT, {"type": "string", "pattern": "^x{7}$"}]}}), ["a"]),
    "anyOf of integers": (record({"a": {"anyOf": [{**NUMBER, "maximum": 3}, {**NUMBER, "minimum": 8}]}}), ["a"]),
    "anyOf of objects": ({"anyOf": [record({"a": TEXT}, required=["a"]), record({"b": NUMBER}, required=["b"])]}, ["a", "b"]),
    "oneOf of objects": ({"oneOf": EITHER}, ["kind", "size", "name"]),
    "if": (record(AB, **{"if": {"required": ["a"]}, "then": {"required": ["b"]}}), ["a", "b"]),
    "minProperties": (record(AB, minProperties=1), ["a", "b"]),
    "maxProperties": (record(AB, maxProperties=1), ["a", "b"]),
    "patternProperties": (record(AB, patternProperties={"^x-": TEXT}, required=["x-1"]), ["a", "b", "x-1"]),
    "too few named members": (record({"a": TEXT}, minProperties=2), None),
    "other members": (record(AB, additionalProperties=NUMBER, minProperties=1), ["a", "b"]),
    "a nested union": (record({"a": {"oneOf": EITHER}}), ["a.kind", "a.size", "a.name"]),
    "nullable text": (record({"a": {"type": ["string", "null"]}, "b": NUMBER}), ["a", "b"]),
    "required nullable text": (record({"a": {"type": ["string", "null"]}}, required=["a"]), ["a"]),
    "an enumeration with null": (record({"a": {"enum": ["x", None]}}, required=["a"]), ["a"]),
    "a nullable integer": (record({"a": {"type": ["integer", "null"]}}, required=["a"]), ["a"]),
    "a nullable object": (
        record({"a": {"oneOf": [record({"b": TEXT}, required=["b"]), {"type": "null"}]}}, required=["a"]),
        ["a.b"],
    ),
    "a nullable list": (record({"a": {"type": ["array", "null"], "items": NUMBER, "maxItems": 2}}), ["a.0", "a.1"]),
    "many members": (record({f"m{index}": NUMBER for index in range(260)}), [f"m{index}" for index in range(260)]),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", FLAT)
def test_flat_records_have_columns(name):
    """CSV and Parquet have a column for each member, and each record is valid as it is read."""
    schema, columns = FLAT[name]
    is_valid = validator(schema).is_valid
    if columns is None:
        for form in ("csv", "parquet"):
            with pytest.raises(
                UnknownFormatError, match="record 0 has only values that the columns of 'schema' cannot"
            ):
                read_csv(sample_of(schema, form))
        return
    header, records = read_csv(sample_of(schema, "csv"))
    assert sorted(header) == sorted(columns)
    assert (len(records), all(map(is_valid, records))) == (RECORDS, True)
    if name == "prefixItems":
        return
    table = read_parquet(sample_of(schema, "parquet"))
    assert sorted(table.schema.names) == sorted({column.split(".")[0] for column in columns})
    kept = schema.get("required", ()) if "null" in name else ()
    assert all(is_valid(without_nulls(row, kept)) for row in table.to_pylist())
    # No column of a member that records have is empty.
    assert all(column.null_count < RECORDS for column in table.columns)


def test_a_record_keeps_all_members_that_have_columns():
    """Members of every branch of a union are written, and only those that the contract does not name are left out."""
    schema = {"oneOf": EITHER}
    sample = sample_of(schema, "parquet")
    named = [
        {name: value for name, value in each.items() if name in {"kind", "size", "name"}}
        for each in sample._records.between(0, RECORDS)
    ]
    assert list(map(without_nulls, read_parquet(sample).to_pylist())) == named


REASONS = {
    "several types": (record({"a": {"type": ["string", "integer"]}}), "of several types .integer, string.", "/a has values of several types .integer, string."),
    "any type": (record({"a": {}}), "several types .array, boolean, null, number, object, string. in the column 'a'", "/a has values of several types"),
    "a map": (record({"a": {"type": "object", "additionalProperties": NUMBER}}), "the object 'a' has none", "/a has no named members"),
    "text or object": (record({"a": {"oneOf": [TEXT, record({"b": TEXT})]}}), "types .object, string.", "/a has values of several types .object, string."),
    "a list of nullable text": (
        record({"a": {"type": "array", "items": {"type": ["string", "null"]}}}),
        "several types .null, string. in the column 'a.0'",
        None,
    ),
    "a dot": (record({"a.b": TEXT}), "does not support the dot in the member name 'a.b'", None),
    "recursion": (record({"a": {"$ref": "#"}}), "the recursive column 'a.a'", "/a/a is recursive"),
    "too many columns": (record({"a": {"type": "array", "minItems": 5000, "items": NUMBER}}), "at most 4096 columns, but 'a' has more", None),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONS)
def test_records_without_columns_have_a_true_reason(name):
    """The message names the location and the reason, before anything is written."""
    schema, for_csv, for_parquet = REASONS[name]
    for form, reason in (("csv", for_csv), ("parquet", for_parquet)):
        if reason is not None:
            with pytest.raises(UnknownFormatError, match=f"{reason}.*; use ndjson$"):
                sample_of(schema, form)


def test_the_number_of_columns_is_limited(monkeypatch):
    """The message has the limit and the number."""
    monkeypatch.setattr("chime_fixtures.sampling.csv.MAX_COLUMNS", 1)
    with pytest.raises(UnknownFormatError, match="at most 1 columns, but 'schema' has 2; use ndjson"):
        sample_of(record(AB), "csv")
    monkeypatch.setattr("chime_fixtures.sampling.column_types.MAX_LOCATIONS", 2)
    with pytest.raises(UnknownFormatError, match="at most 2 locations of a contract; use ndjson"):
        sample_of(record(AB), "parquet")


TYPES = [
    ({"type": ["string", "null"]}, pa.string()),
    ({"type": ["integer", "null"]}, pa.int64()),
    ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, pa.bool_()),
    ({"oneOf": [record({"x": TEXT}), {"type": "null"}]}, pa.struct([("x", pa.string())])),
    ({"type": ["array", "null"], "items": {"type": ["number", "null"]}}, pa.list_(pa.float64())),
    ({"type": "number"}, pa.float64()),
    ({"type": "number", "minimum": 2**60}, pa.float64()),
    ({"type": ["integer", "number"]}, pa.float64()),
    ({"type": "number", "not": {"type": "integer"}}, pa.float64()),
    ({"anyOf": [{"type": "integer"}, {"type": "number", "minimum": 0.5, "maximum": 0.7}]}, pa.float64()),
    ({"type": "number", "multipleOf": 3, "minimum": 2**60}, pa.float64()),
    ({"enum": [1, 2, 3]}, pa.int64()),
    ({"enum": [2**63, 2**64 - 1]}, pa.uint64()),
    ({"enum": [1, 2.5]}, pa.float64()),
    ({"enum": [1, 2, None]}, pa.int64()),
    ({"enum": ["x", None]}, pa.string()),
    ({"enum": [True, False]}, pa.bool_()),
    ({"enum": [["x"], ["y", "z"], []]}, pa.list_(pa.string())),
    ({"enum": [{"x": 1}, {"y": "z"}]}, pa.struct([("x", pa.int64()), ("y", pa.string())])),
    ({"const": 5}, pa.int64()),
    ({"const": 5.5}, pa.float64()),
    ({"const": None}, pa.null()),
    ({"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": {"type": "number"}}, pa.list_(pa.float64())),
]  # fmt: skip


@pytest.mark.parametrize("is_required", [True, False])
@pytest.mark.parametrize(("member", "kind"), TYPES)
def test_a_member_has_the_column_of_its_values(member, kind, is_required):
    """Nullable members, numbers, enumerations and constants have one type, and the records of the file are valid."""
    schema = record({"a": member}, required=["a"] if is_required else [])
    table = read_parquet(sample_of(schema, "parquet"))
    assert table.schema.field("a").type == kind
    kept = ("a",) if is_required else ()
    rows = [without_nulls(row, kept) for row in table.to_pylist()]
    assert all(map(validator(schema).is_valid, rows))
    # Another record is constructed in place of one whose number a double does not have.
    if not is_required and "multipleOf" not in member:
        values = [each.get("a") for each in sample_of(schema, "json").values(0, RECORDS)]
        assert [bool(row) for row in rows] == [value is not None for value in values]


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ({"enum": [1, "x"]}, "has values of several types .integer, string."),
        ({"enum": [True, 1]}, "has values of several types .boolean, integer."),
        ({"enum": [[1], "x"]}, "has values of several types .array, string."),
        ({"enum": [-1, 2**64 - 1]}, "has integers beyond 64 bits"),
        ({"const": 2**70}, "has integers beyond 64 bits"),
        ({"const": {}}, "has no named members"),
    ],
)
def test_constants_without_a_common_type_are_rejected(member, reason):
    """The message names the types."""
    with pytest.raises(UnknownFormatError, match=f"^/a {reason}"):
        sample_of(record({"a": member}), "parquet")
