import collections
import copy
import itertools
import subprocess
import sys

import jsonschema_rs
import phonenumbers
import pytest

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions.options import SessionOptions

CONTRACT = load_contract("ProxySession")


def changed(change):
    """The records of the session schema after a change."""
    schema = copy.deepcopy(CONTRACT.schema)
    change(schema)
    return schema, Records(Contract(schema), seed=1)


def test_a_record_is_a_function_of_its_number():
    """Any slice, of any length, across the blocks of the hash, holds the same records."""
    records = Records(CONTRACT, seed=9)
    whole = list(records.between(0, 300))
    for start, stop in [(0, 1), (63, 65), (64, 128), (1, 300), (299, 300), (120, 120)]:
        assert list(records.between(start, stop)) == whole[start:stop]
    assert records.at(10**18) == next(records.between(10**18, 10**18 + 5))
    assert len({session["ProxySessionId"] for session in whole}) == 300


GOLDEN = "import hashlib, orjson\nfrom chime_fixtures import load_contract\nfrom chime_fixtures.sampling.records import Records\n"
GOLDEN += "print(hashlib.sha256(orjson.dumps(list(Records(load_contract('ProxySession'), seed=-3).between(0, 500)))).hexdigest())"


def test_the_records_are_these():
    """A digest that holds on every supported Python, hash seed, zone and locale, until the plan gets another version."""
    for setting in ({"PYTHONHASHSEED": "0", "TZ": "UTC"}, {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}):
        done = subprocess.run(
            [sys.executable, "-c", GOLDEN], env={"PATH": "", **setting}, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == "8f7abf78ac9a18df9056109e4d789ef14838f3333b95b8393fda43d3c556704c"


@pytest.mark.parametrize("locale", [None, *data.load("names")["locales"]])
def test_no_number_reaches_anybody(locale):
    """Every number reads to libphonenumber as one of the locale's country, and a reserved range holds it."""
    records = Records(CONTRACT, seed=4, wishes=SessionOptions.of(locale=locale))
    country = (locale or "en_US").partition("_")[2]
    country = country if country in phone_numbers.countries() else "US"
    reserved = phone_numbers.pool((country,))
    judge = jsonschema_rs.Draft202012Validator(CONTRACT.schema, validate_formats=True)
    for session in records.between(0, 150):
        assert judge.is_valid(session)
        three = {number for each in session["Participants"] for number in each.values()}
        assert len(three) == 3
        for number in three:
            parsed = phonenumbers.parse(number)
            assert phonenumbers.is_possible_number(parsed)
            assert country in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[parsed.country_code]
            assert number in reserved


@pytest.mark.parametrize(
    ("locales", "shares"),
    [
        (["en_US", "en_GB"], {"US": 1, "GB": 1}),
        (["ja_JP", "de_DE"], {"US": 1, "DE": 1}),
        (["en_GB", "ja_JP", "en_US", "en_CA"], {"GB": 1, "US": 2, "CA": 1}),
        (["de_DE", "de_DE", "fr_FR"], {"DE": 1, "FR": 1}),
        (["ja_JP", "ko_KR"], {"US": 1}),
    ],
)
def test_locales_have_like_shares_of_the_numbers(locales, shares):
    """However many areas a country has; numbers of the United States stand in for countries without any of their own."""
    records = Records(CONTRACT, seed=1, wishes=SessionOptions.of(locale=locales))
    found = collections.Counter(each["GeoMatchParams"]["Country"] for each in records.between(0, 20_000))
    assert found.keys() == shares.keys()
    for country, share in shares.items():
        assert found[country] / 20_000 == pytest.approx(share / sum(shares.values()), abs=0.03)


@pytest.mark.parametrize("locale", ["de_DE", "en_GB", "en_AU", "en_US"])
def test_a_sticky_pair_sees_one_proxy_number(locale):
    """However often two numbers meet again, their proxy number stays, and is none of theirs."""
    seen, returns = {}, 0
    for session in Records(CONTRACT, seed=1, wishes=SessionOptions.of(locale=locale)).between(0, 20_000):
        proxy = session["Participants"][0]["ProxyPhoneNumber"]
        pair = frozenset(each["PhoneNumber"] for each in session["Participants"])
        assert proxy not in pair
        if session["NumberSelectionBehavior"] == "PreferSticky":
            returns += pair in seen
            assert seen.setdefault(pair, proxy) == proxy
    assert returns > 5000


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: schema["$defs"]["String128"].update(maxLength=20),
        lambda schema: schema["$defs"]["String128"].update(maxLength=9),
        lambda schema: schema["$defs"]["String128"].update(maxLength=1),
        lambda schema: schema["$defs"]["String128"].update(pattern="^[a-f]{4}$"),
        lambda schema: schema["$defs"]["NonEmptyString128"].update(maxLength=10),
        lambda schema: schema["$defs"]["PositiveInteger"].update(minimum=100),
        lambda schema: schema["$defs"]["PositiveInteger"].update(minimum=5000),
        lambda schema: schema["$defs"]["ProxySessionStatus"].update(enum=["On", "Off"]),
        lambda schema: schema["$defs"]["E164PhoneNumber"].update(pattern="^[1-9][0-9]{1,14}$"),
        lambda schema: schema["$defs"]["GeoMatchParams"]["properties"].update(Fare={"type": "integer"}),
        lambda schema: schema["$defs"]["GeoMatchParams"]["required"].append("Zone"),
        lambda schema: schema["properties"].pop("Participants"),
        lambda schema: schema.update(required=["Fare", "Name"]),
        lambda schema: schema.update(type="array", items={"type": "integer"}),
    ],
)
def test_records_follow_a_changed_schema(change):
    """Whatever is changed, every record is valid, and its members are those that the schema names."""
    schema, records = changed(change)
    judge = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for record in records.between(0, 400):
        assert judge.is_valid(record)
        assert isinstance(record, list) or set(record) <= {*schema["properties"], "Fare", "Zone"}


def test_other_contracts_are_built_from_their_schema():
    """A contract without a plan gives the values of the engine, by their numbers."""
    records = Records(Contract({"type": "integer", "minimum": 3}), seed=2)
    assert all(record >= 3 for record in records.between(0, 50))
    assert records.at(7) == list(records.between(0, 10))[7]
    assert not records.is_plain


def test_members_come_in_the_order_of_the_contract():
    """As the schema names them, also after its order was changed."""
    assert list(Records(CONTRACT).at(3)) == [
        name for name in CONTRACT.schema["properties"] if name in Records(CONTRACT).at(3)
    ]
    schema, records = changed(lambda schema: schema.update(properties=dict(reversed(schema["properties"].items()))))
    plain = Records(CONTRACT, seed=1)
    index = next(index for index in itertools.count() if len(plain.at(index)) == len(schema["properties"]))
    assert list(records.at(index)) == list(schema["properties"])
    assert records.at(index) == plain.at(index)
