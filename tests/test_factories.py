import json
import subprocess
import sys

import jsonschema_rs
import phonenumbers
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures import data
from chime_fixtures.contract import Contract
from chime_fixtures.contract.nodes import Objects
from chime_fixtures.errors import InvalidInstanceError
from chime_fixtures.factories import ProxySessionFactory

SCHEMA = Contract.load("ProxySession").schema


def numbers_of(session):
    return [number for participant in session["Participants"] for number in participant.values()]


def test_sessions_are_valid_and_correlated():
    """Both judges accept a thousand sessions; instants are in order, an end means Closed, both see one proxy number."""
    first = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    second = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    for session in ProxySessionFactory(seed=5).batch(1000):
        assert first.is_valid(session)
        assert second.is_valid(session)
        assert session["CreatedTimestamp"] <= session["UpdatedTimestamp"]
        assert ("EndedTimestamp" in session) == (session["Status"] == "Closed")
        if "EndedTimestamp" in session:
            assert session["UpdatedTimestamp"] <= session["EndedTimestamp"]
        assert len({participant["ProxyPhoneNumber"] for participant in session["Participants"]}) == 1
        assert len({participant["PhoneNumber"] for participant in session["Participants"]}) == 2
        assert session["Participants"][0]["ProxyPhoneNumber"][2:5] == session["GeoMatchParams"]["AreaCode"]


def test_no_number_reaches_anybody():
    """Every number is possible to libphonenumber and within the reserved 555-01xx lines of a listed area code."""
    areas = {
        row["country"]: set(row["area_codes"])
        for row in data.load("fictitious-ranges")["ranges"]
        if "area_codes" in row
    }
    for session in ProxySessionFactory(seed=6).batch(500):
        for number in numbers_of(session):
            assert phonenumbers.is_possible_number(phonenumbers.parse(number))
            assert number[2:5] in areas["US"]
            assert number[5:10] == "55501"


def test_a_session_is_a_function_of_seed_and_index():
    """The k-th of a batch is the k-th built one by one; another seed gives others."""
    assert ProxySessionFactory(seed=1).batch(5) == [
        built for factory in [ProxySessionFactory(seed=1)] for built in [factory.build() for _ in range(5)]
    ]
    assert ProxySessionFactory(seed=1).build() != ProxySessionFactory(seed=2).build()


def test_sessions_do_not_depend_on_the_machine():
    """Another hash seed, zone and locale give the same bytes."""
    code = "import json; from chime_fixtures import ProxySessionFactory; print(json.dumps(ProxySessionFactory(seed=3).batch(30)))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PATH": "", **setting}, capture_output=True, check=True
        ).stdout
        for setting in (
            {"PYTHONHASHSEED": "0", "TZ": "UTC"},
            {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        )
    }
    assert len(outputs) == 1


def test_overrides_keep_the_rest_in_step():
    """A Closed session has an end, any other none; an end means Closed; instants follow an overridden creation."""
    factory = ProxySessionFactory()
    assert "EndedTimestamp" in factory.build(Status="Closed")
    assert "EndedTimestamp" not in factory.build(Status="Open")
    ended = factory.build(CreatedTimestamp="2020-01-01T00:00:00.000Z", EndedTimestamp="2020-01-02T00:00:00.000Z")
    assert ended["Status"] == "Closed"
    assert "2020-01-01" <= ended["UpdatedTimestamp"] < "2020-01-02"
    assert (
        factory.build(GeoMatchParams={"Country": "US", "AreaCode": "206"})["Participants"][0]["ProxyPhoneNumber"][2:5]
        == "206"
    )
    assert factory.build(GeoMatchParams={"Country": "", "AreaCode": ""})["GeoMatchParams"]["AreaCode"] == ""


def test_an_override_that_breaks_the_contract_is_an_error():
    """The message names the member, the keyword, the value and the way out; the way out works."""
    factory = ProxySessionFactory()
    with pytest.raises(InvalidInstanceError, match=r'Status breaks enum .*found "Paused"; pass check=False'):
        factory.build(Status="Paused")
    with pytest.raises(TypeError, match="no member 'Nmae'; did you mean 'Name'"):
        factory.build(Nmae="x")
    assert factory.build(Status="Paused", Extra=1, CreatedTimestamp="x", check=False)["Extra"] == 1
    assert (
        factory.build(GeoMatchParams="x", CreatedTimestamp="2020-01-01T00:00:00", check=False)["GeoMatchParams"] == "x"
    )


def test_an_invalid_session_has_one_fault_and_a_label():
    """Each is a realistic session with exactly the fault that its record names."""
    judge = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    factory = ProxySessionFactory(seed=4)
    for _ in range(200):
        violation = factory.build_violation()
        (error,) = judge.iter_errors(violation.instance)
        assert str(error.schema_path[-1]) == violation.keyword
    assert len(factory.build_invalid(pointer="/Name", keyword="maxLength")["Name"]) > 128
    with pytest.raises(LookupError, match="no violation has pointer='/Nope'"):
        factory.build_invalid(pointer="/Nope")


def test_what_the_schema_asks_besides_is_built(monkeypatch):
    """A member that a changed schema requires, and that no word knows, is built from the schema."""
    changed = json.loads(json.dumps(SCHEMA))
    changed["properties"]["Fare"] = {"type": "integer", "minimum": 3}
    changed["required"] = ["Fare"]
    factory = ProxySessionFactory()
    factory._contract = Contract(changed)
    factory._members = factory._contract.root.shape(Objects).members
    assert factory.build()["Fare"] >= 3
