import copy
import datetime as dt

import jsonschema_rs
import orjson
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.sampling import columnar, folder, ndjson
from chime_fixtures.sampling.records import Records
from tests.support.schemas import INTEGERS_OF_64_BITS
from tests.support.sessions import session_records

CONTRACT = load_contract("ProxySession")
OPTIONS = [
    {},
    {"locale": ["ja_JP", "en_AU", "no_NO"], "states": "Closed"},
    {"locale": "th_TH", "states": ["Open", "InProgress"], "connector": 'a "quoted"\\ \x00 id'},
    {
        "since": dt.datetime(1923, 4, 5, 6, 7, 8, 999000, tzinfo=dt.UTC),
        "until": dt.datetime(2019, 1, 1, tzinfo=dt.UTC),
    },
    {
        "since": dt.datetime(2024, 2, 29, 23, 59, 59, 998000, tzinfo=dt.UTC),
        "until": dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
    },
]


def has_columns(records):
    """True if the column writer can write the records."""
    try:
        columnar.ColumnWriter(records.plan.layout)
    except columnar.NoColumnsError:
        return False
    return True


def both(records, start, stop):
    """The same records in columns and one by one."""
    fast, slow = ndjson.writer(records, fast=True), ndjson.writer(records, fast=False)
    return b"".join(fast(start, stop)), b"".join(slow(start, stop))


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("start", "stop"), [(0, 4500), (1, 2), (63, 2112), (10**15 + 17, 10**15 + 2100)])
def test_columns_and_dictionaries_are_the_same_bytes(options, start, stop):
    """Columns and dictionaries agree on every byte, wherever a slice begins and ends."""
    records = session_records(seed=11, **options)
    assert has_columns(records) == (records.plan.tables.start >= 0)
    fast, slow = both(records, start, stop)
    assert fast == slow
    assert fast.count(b"\n") == stop - start


@pytest.mark.parametrize("options", OPTIONS)
def test_a_layout_describes_the_sessions(options):
    """The values of the layout's leaves are the sessions of the plan, joint leaves included."""
    plan = session_records(seed=12, **options).plan
    assert plan.layout.values(60, 200) == list(plan.between(60, 200))


def test_columns_follow_the_order_of_the_contract():
    """A schema with its members in another order, or without some of them, has columns too."""
    schema = copy.deepcopy(CONTRACT.schema)
    schema["properties"] = dict(reversed(schema["properties"].items()))
    del schema["properties"]["Name"]
    records = session_records(Contract(schema), seed=2)
    assert has_columns(records)
    fast, slow = both(records, 0, 3000)
    assert fast == slow


def test_plans_without_columns_are_written_one_by_one():
    """A span without a table of its days, and a schema that requires a member that the plan does not have."""
    wide = session_records(until=dt.datetime(2300, 1, 1, tzinfo=dt.UTC))
    assert not has_columns(wide)
    fast, slow = both(wide, 0, 10)
    assert fast == slow
    schema = copy.deepcopy(CONTRACT.schema)
    schema["required"] = ["Fare"]
    records = session_records(Contract(schema))
    assert records.plan.layout is None
    fast, slow = both(records, 0, 10)
    assert fast == slow
    assert all("Fare" in orjson.loads(each) for each in fast.splitlines())


def test_a_large_integer_is_written():
    """An integer beyond 64 bits is written as its digits."""
    assert folder.encode({"a": 10**30}) == b'{"a":1000000000000000000000000000000}\n'


@pytest.mark.parametrize("bounds", INTEGERS_OF_64_BITS)
def test_integers_of_64_bits_are_written(bounds):
    """Columns and dictionaries agree on every byte, and each record is valid."""
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", **bounds}}}
    fast, slow = both(Records(Contract(schema)), 0, 3000)
    assert fast == slow
    validator = jsonschema_rs.validator_for(schema)
    assert all(map(validator.is_valid, map(orjson.loads, fast.splitlines())))
