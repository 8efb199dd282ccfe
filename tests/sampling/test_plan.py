import copy
import datetime as dt

import jsonschema_rs
import orjson
import pytest

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.sampling import columnar, folder, ndjson, schema_plan
from chime_fixtures.sampling.records import Records
from chime_fixtures.sampling.schema_plan import PlanOptions

WORD = {"type": "string", "pattern": "^[a-z]{2,8}$"}
ORDER = {
    "title": "Order",
    "type": "object",
    "properties": {
        'no"te/~': {"type": "string", "maxLength": 40},
        "Id": {"type": "string", "format": "uuid"},
        "Amount": {"type": "integer", "minimum": -5, "maximum": 2**31},
        "Share": {"type": "number", "minimum": 0, "maximum": 1},
        "State": {"enum": ["new", "paid", None, 7, {"a": []}]},
        "IsGift": {"type": "boolean"},
        "At": {"type": "string", "format": "date-time"},
        "Buyer": {
            "type": "object",
            "required": ["Name"],
            "properties": {
                "Seen": {"type": "string", "format": "date-time"},
                "Name": {"type": "string", "pattern": "^[A-ZÀ-Ö][a-zß]{2,20}$"},
                "Account": {"type": "string", "format": "uuid"},
                "Age": {"type": ["integer", "null"], "minimum": 0, "maximum": 150},
            },
        },
        "Tags": {"type": "array", "items": WORD, "minItems": 1, "maxItems": 4},
        "Places": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"x": {"type": "integer", "minimum": 0, "maximum": 9}, "y": WORD},
            },
        },
        "Many": {"type": "array", "items": {"type": "boolean"}, "minItems": 9, "maxItems": 40},
        "None": {"type": "array", "maxItems": 0},
        "Free": {},
    },
    "required": ["Id", "State", "Tags"],
}
NULLABLE = {
    "type": "object",
    "properties": {
        "a": {"anyOf": [WORD, {"type": "null"}]},
        "b": {"type": "array", "uniqueItems": True, "items": WORD, "maxItems": 3},
        "n": {"type": "integer", "minimum": 0, "maximum": 10**6},
    },
    "required": ["b", "n"],
    "if": {"required": ["a"]},
    "then": {"properties": {"n": {"minimum": 1000}}},
}
NESTED = {
    "type": "object",
    "required": ["a", "b"],
    "additionalProperties": False,
    "properties": {
        "a": {"type": "object", "additionalProperties": False, "properties": {"b": {"type": "object", "required": ["c"], "properties": {"c": WORD}}}},
        "b": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "array", "items": WORD, "maxItems": 2}},
    },
}  # fmt: skip
WITHOUT_COLUMNS = {
    "big": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 2**70}}},
    "long": {"type": "object", "properties": {"s": {"type": "string", "minLength": 20_000, "maxLength": 20_000}}},
}
WITHOUT_LAYOUT = {
    "number": {"type": "integer"},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "wide": {"type": "object", "properties": {f"p{number}": WORD for number in range(schema_plan.MAX_LEAVES + 1)}},
    "bounded": {"type": "object", "properties": {"a": WORD, "b": WORD}, "minProperties": 1},
}
SCHEMAS = {"order": ORDER, "nullable": NULLABLE, "nested": NESTED, **WITHOUT_COLUMNS, **WITHOUT_LAYOUT}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_and_values_are_the_same_valid_bytes(name):
    """Columns, values and single records agree on every byte of any slice, and jsonschema-rs accepts every record."""
    records = Records(Contract(SCHEMAS[name]), seed=5)
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS[name], validate_formats=True)
    stop = 3000 if name in ("order", "nullable", "nested") else 40
    slow = b"".join(ndjson.writer(records, fast=False)(0, stop)).splitlines(keepends=True)
    assert all(validator.is_valid(orjson.loads(line)) for line in slow)
    for first, last in ((0, stop), (stop - 1, stop), (17, 40)):
        assert b"".join(ndjson.writer(records, fast=True)(first, last)).splitlines(keepends=True) == slow[first:last]
    assert folder.encode(records.at(30)) == slow[30]
    assert (records.plan.layout is None) == (name in WITHOUT_LAYOUT)


@pytest.mark.slow
def test_any_schema_may_have_columns():
    """Objects, lists, optional members and all kinds of leaves have columns, unless a record or an integer is too large."""
    for schema in (ORDER, NULLABLE, NESTED):
        assert columnar.ColumnWriter(Records(Contract(schema)).plan.layout)
    for schema in WITHOUT_COLUMNS.values():
        with pytest.raises(columnar.NoColumnsError):
            columnar.ColumnWriter(Records(Contract(schema)).plan.layout)


def test_every_location_varies():
    """Each optional member is present and absent, each list has each length, and each UUID is another."""
    found = list(Records(Contract(ORDER), seed=1).between(0, 600))
    assert {name: {name in record for record in found} for name in ORDER["properties"]} == {
        name: {True} if name in ORDER["required"] else {True, False} for name in ORDER["properties"]
    }
    assert {len(record["Tags"]) for record in found} == {1, 2, 3, 4}
    assert {len(record["Places"]) for record in found if "Places" in record} == {0, 1, 2, 3}
    assert len({record["Id"] for record in found}) == len(found)
    assert [
        each for each in ORDER["properties"]["State"]["enum"] if each not in [record["State"] for record in found]
    ] == []


def test_a_new_member_leaves_the_others_unchanged():
    """The bits of a location depend on its path: a schema that grows yields the same values, and new ones."""
    grown = copy.deepcopy(ORDER)
    grown["properties"] = {"New": WORD, **grown["properties"], "Last": WORD}
    before = Records(Contract(ORDER), seed=3).between(0, 50)
    after = Records(Contract(grown), seed=3).between(0, 50)
    for old, new in zip(before, after, strict=True):
        assert old == {name: value for name, value in new.items() if name not in ("New", "Last")}


def test_timestamps_are_between_since_and_until():
    """A timestamp is within the options; no two records share an object."""
    since = dt.datetime(2020, 2, 28, tzinfo=dt.UTC)
    contract = Contract(ORDER)
    plan = PlanOptions(since, since + dt.timedelta(hours=1)).plan(contract, 0)
    found = list(Records(contract, plan).between(0, 200))
    assert {record["At"][:14] for record in found if "At" in record} == {"2020-02-28T00:"}
    objects = [record["State"] for record in found if isinstance(record["State"], dict)]
    assert len({id(each) for each in objects}) == len(objects)


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (dt.datetime.fromisoformat("2026-01-01"), schema_plan.DEFAULT_SINCE, "require a time zone"),
        (schema_plan.DEFAULT_SINCE, schema_plan.DEFAULT_SINCE, "must be before until"),
        (schema_plan.DEFAULT_SINCE, dt.datetime.max.replace(tzinfo=dt.UTC), "until at most 9999-12-01"),
        (dt.datetime.fromisoformat("0001-01-01T00:00:00+14:00"), schema_plan.DEFAULT_SINCE, "before the year 1 in UTC"),
    ],
)
def test_invalid_options_are_errors(since, until, reason):
    """The message names the option, its value and the rule."""
    with pytest.raises(InvalidOptionError, match=reason):
        PlanOptions(since, until)
