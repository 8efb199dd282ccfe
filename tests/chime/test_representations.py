import datetime as dt
import functools

import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import as_boto3, parse_rfc3339, parsed_as_boto3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29T12:30:00Z", dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC)),
        ("2024-02-29t12:30:00.5z", dt.datetime(2024, 2, 29, 12, 30, 0, 500_000, tzinfo=dt.UTC)),
        ("2024-01-01T00:00:00.123456789Z", dt.datetime(2024, 1, 1, 0, 0, 0, 123_456, tzinfo=dt.UTC)),
        ("2016-12-31T23:59:60Z", dt.datetime(2016, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
        ("0000-01-01T00:00:00Z", dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
        ("2024-01-01T00:00:00-03:30", dt.datetime(2024, 1, 1, 3, 30, tzinfo=dt.UTC)),
        ("2024-02-30T00:00:00Z", None),
        ("2024-01-01T00:00:00", None),
        ("2024-01-01", None),
        (5, None),
    ],
)
def test_a_timestamp_becomes_the_nearest_datetime(text, expected):
    """Each notation of RFC 3339 becomes a datetime of the same instant; any other value becomes None."""
    assert parse_rfc3339(text) == expected


def test_a_datetime_keeps_its_offset():
    """A datetime has the offset of its text, as in boto3."""
    assert parse_rfc3339("2024-01-01T00:00:00-03:30").utcoffset() == -dt.timedelta(hours=3, minutes=30)


def test_only_date_times_are_converted():
    """A name that looks like a timestamp stays text, and each date-time of a list is converted."""
    text = "2024-01-01T00:00:00Z"
    session = {"Name": text, "CreatedTimestamp": text}
    converted = as_boto3(load_contract("ListProxySessions.response"), {"ProxySessions": [session, {}]})
    assert converted == {"ProxySessions": [{"Name": text, "CreatedTimestamp": parse_rfc3339(text)}, {}]}
    assert session["CreatedTimestamp"] == text


def test_unknown_members_are_dropped_around_an_invalid_value():
    """Unknown members are dropped at every depth; the invalid value is unchanged, also if its own name is unknown."""
    contract = load_contract("ProxySession")
    session = {"Name": "x", "New": 1, "Participants": [{"PhoneNumber": "?", "New": 1}, {"New": 1}]}
    parsed = functools.partial(parsed_as_boto3, contract, session)
    assert parsed() == {"Name": "x", "Participants": [{"PhoneNumber": "?"}, {}]}
    assert parsed(unchanged="/Participants/0/PhoneNumber") == parsed()
    assert parsed(unchanged="/Participants/0") == {"Name": "x", "Participants": [{"PhoneNumber": "?", "New": 1}, {}]}
    assert parsed(unchanged="/New") == {"Name": "x", "New": 1, "Participants": [{"PhoneNumber": "?"}, {}]}
    assert parsed(unchanged="") == session
