import collections
import copy
import subprocess
import sys

import jsonschema_rs
import phonenumbers
import pytest

from chime_fixtures.chime import data, phone_numbers
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract
from chime_fixtures.sampling.records import Records
from chime_fixtures.sampling.schema_plan import SchemaPlan
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sessions import session_records

CONTRACT = load_contract("ProxySession")
SOMETIMES_INVALID = {
    "type": "object",
    "properties": {"a": {"type": "boolean"}, "n": {"type": "integer", "minimum": 0, "maximum": 10**6}},
    "required": ["n"],
    "if": {"required": ["a"]},
    "then": {"properties": {"n": {"minimum": 1000}}},
}


def changed(change):
    """The session schema after a change, and its records."""
    schema = copy.deepcopy(CONTRACT.schema)
    change(schema)
    return schema, session_records(Contract(schema), seed=1)


def test_a_record_is_a_function_of_its_number():
    """Any slice, of any length, across the blocks of the hash, contains the same records."""
    records = session_records(seed=9)
    whole = list(records.between(0, 300))
    for start, stop in [(0, 1), (63, 65), (64, 128), (1, 300), (299, 300), (120, 120)]:
        assert list(records.between(start, stop)) == whole[start:stop]
    assert records.at(10**18) == next(records.between(10**18, 10**18 + 5))
    assert len({session["ProxySessionId"] for session in whole}) == 300


GOLDEN = "import hashlib, orjson; from chime_fixtures import ProxySessionFactory; sessions = ProxySessionFactory(seed=-3).batch(500);"
GOLDEN += "print(hashlib.sha256(orjson.dumps(sessions)).hexdigest())"


def test_the_digest_of_records_is_unchanged():
    """It is the same on every supported Python, hash seed, zone and locale, until the plan gets another version."""
    for setting in ({"PYTHONHASHSEED": "0", "TZ": "UTC"}, {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}):
        done = subprocess.run(
            [sys.executable, "-c", GOLDEN], env={"PATH": "", **setting}, capture_output=True, check=True
        )
        assert done.stdout.decode().strip() == "8f7abf78ac9a18df9056109e4d789ef14838f3333b95b8393fda43d3c556704c"


@pytest.mark.parametrize("locale", [None, *data.load("names")["locales"]])
def test_every_number_is_fictitious(locale):
    """The library libphonenumber parses every number as one of the locale's country, and a reserved range contains it."""
    records = session_records(seed=4, locale=locale)
    country = (locale or "en_US").partition("_")[2]
    country = country if country in phone_numbers.countries() else "US"
    reserved = phone_numbers.pool((country,))
    validator = jsonschema_rs.Draft202012Validator(CONTRACT.schema, validate_formats=True)
    for session in records.between(0, 150):
        assert validator.is_valid(session)
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
def test_locales_have_equal_shares_of_the_numbers(locales, shares):
    """Shares do not depend on the number of areas; a country without fictitious numbers has those of the United States."""
    records = session_records(seed=1, locale=locales)
    found = collections.Counter(each["GeoMatchParams"]["Country"] for each in records.between(0, 20_000))
    assert found.keys() == shares.keys()
    for country, share in shares.items():
        assert found[country] / 20_000 == pytest.approx(share / sum(shares.values()), abs=0.03)


@pytest.mark.parametrize("locale", ["de_DE", "en_GB", "en_AU", "en_US"])
def test_a_sticky_pair_has_one_proxy_number(locale):
    """A pair of participants has the same proxy number in every session, which is not one of their own."""
    seen, returns = {}, 0
    for session in session_records(seed=1, locale=locale).between(0, 20_000):
        proxy = session["Participants"][0]["ProxyPhoneNumber"]
        pair = frozenset(each["PhoneNumber"] for each in session["Participants"])
        assert proxy not in pair
        if session["NumberSelectionBehavior"] == "PreferSticky":
            returns += pair in seen
            assert seen.setdefault(pair, proxy) == proxy
    assert returns > 5000


@pytest.mark.slow
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
@MAY_DECLARE_UNREACHED
def test_records_follow_a_changed_schema(change):
    """After any change, every record is valid, and its members are those of the schema."""
    schema, records = changed(change)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for record in records.between(0, 400):
        assert validator.is_valid(record)
        assert isinstance(record, list) or set(record) <= {*schema["properties"], "Fare", "Zone"}


def test_records_of_any_contract_are_a_function_of_their_number():
    """Records that are constructed one by one, and those of a plan that needs validation, depend on their number alone."""
    for schema in ({"type": "integer", "minimum": 3}, SOMETIMES_INVALID):
        contract = Contract(schema)
        records = Records(contract, seed=2)
        found = list(records.between(0, 300))
        assert all(map(contract.is_valid, found))
        assert [records.at(index) for index in (0, 7, 299)] == [found[0], found[7], found[299]]
    assert not records.plan.is_exact


def test_a_plan_is_chosen_by_the_contract_and_not_by_its_title():
    """The bundled contract, and an edited copy with its $id, have realistic sessions; no other contract has."""
    copied, renamed = copy.deepcopy(CONTRACT.schema), copy.deepcopy(CONTRACT.schema)
    copied["title"], renamed["$id"] = "Renamed", "https://example.com/session"
    plain = session_records(seed=1).at(0)
    assert session_records(Contract(copied), seed=1).at(0) == plain
    assert isinstance(session_records(Contract(renamed), seed=1).plan, SchemaPlan)
    assert isinstance(Records(CONTRACT).plan, SchemaPlan)


def test_members_are_in_the_order_of_the_contract():
    """The order of the schema is that of the records; another order changes nothing else."""
    sessions = list(session_records(seed=1).between(0, 99))
    assert all(list(each) == [name for name in CONTRACT.schema["properties"] if name in each] for each in sessions)
    schema, records = changed(lambda schema: schema.update(properties=dict(reversed(schema["properties"].items()))))
    reordered = list(records.between(0, 99))
    assert reordered == sessions
    closed = next(each for each in reordered if len(each) == 13)
    assert list(closed) == list(schema["properties"])
