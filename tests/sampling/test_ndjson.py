import copy
import datetime as dt

import jsonschema_rs
import orjson
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.sampling import folder, ndjson
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions import columns
from chime_fixtures.sessions.options import SessionOptions
from tests.support.schemas import INTEGERS_OF_64_BITS

CONTRACT = load_contract("ProxySession")


def both(records, start, stop):
    """The same records through columns and one by one."""
    fast, slow = ndjson.writer(records, fast=True), ndjson.writer(records, fast=False)
    return b"".join(fast(start, stop)), b"".join(slow(start, stop))


@pytest.mark.parametrize(
    "wishes",
    [
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
    ],
)
@pytest.mark.parametrize(("start", "stop"), [(0, 4500), (1, 2), (63, 2112), (10**15 + 17, 10**15 + 2100)])
def test_both_ways_write_the_same_bytes(wishes, start, stop):
    """Columns and dictionaries agree on every byte, wherever a slice begins and ends."""
    records = Records(CONTRACT, seed=11, wishes=SessionOptions.of(**wishes))
    assert columns.fits(records.tables) == (records.tables.start >= 0)
    fast, slow = both(records, start, stop)
    assert fast == slow
    assert fast.count(b"\n") == stop - start


def test_what_has_no_columns_goes_one_by_one():
    """A span without a table of its days, and a schema with a member that the plan has no words for."""
    long = Records(CONTRACT, wishes=SessionOptions.of(until=dt.datetime(2300, 1, 1, tzinfo=dt.UTC)))
    fast, slow = both(long, 0, 10)
    assert fast == slow
    schema = copy.deepcopy(CONTRACT.schema)
    schema["required"] = ["Fare"]
    fast, slow = both(Records(Contract(schema)), 0, 10)
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
