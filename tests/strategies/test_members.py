"""Required and overridden members of drawn sessions."""

import datetime as dt

import jsonschema_rs
import pytest
from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.strategies import proxy_sessions, realistic_proxy_sessions
from chime_fixtures.strategies.members import contract_requiring
from tests.support.drawing import drawn
from tests.support.sizes import ONLY_NIGHTLY

SESSION = load_contract("ProxySession")
IS_VALID = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True).is_valid
MEMBERS = list(SESSION.schema["properties"])
STRATEGIES = [proxy_sessions, realistic_proxy_sessions]


def test_required_members_are_present_and_overrides_are_used():
    """A required member is always present; an override is a value or a strategy; the order is the schema's."""
    strategy = proxy_sessions(required=["Status", "Name"], Name="n", ExpiryMinutes=st.just(5))
    for session in drawn(strategy, 50):
        assert session["Name"] == "n"
        assert session["ExpiryMinutes"] == 5
        assert "Status" in session
        assert [name for name in session if name in MEMBERS] == [name for name in MEMBERS if name in session]


@pytest.mark.slow
def test_all_members_of_every_object_are_required():
    """With "all", sessions and participants have each member that the schema lists; lists have any length."""
    sessions = drawn(proxy_sessions(required="all"), 100)
    assert all(map(IS_VALID, sessions))
    participants = [each for session in sessions for each in session["Participants"]]
    assert all(session.keys() >= set(MEMBERS) for session in sessions)
    assert all(each.keys() >= {"PhoneNumber", "ProxyPhoneNumber"} for each in participants)
    assert {len(session["Participants"]) for session in sessions} > {0, 1, 2}


@pytest.mark.slow
def test_a_pointer_requires_a_nested_member():
    """A star stands for each item, an index for an item that exists; the members above are present too."""
    each = drawn(proxy_sessions(required=["/Participants/*/PhoneNumber"]), 50)
    assert all("PhoneNumber" in one for session in each for one in session["Participants"])
    assert any("ProxyPhoneNumber" not in one for session in each for one in session["Participants"])
    second = drawn(proxy_sessions(required=("/Participants/1/ProxyPhoneNumber", "/GeoMatchParams/Country")), 50)
    assert all(session["Participants"][1]["ProxyPhoneNumber"] for session in second)
    assert any("ProxyPhoneNumber" not in session["Participants"][0] for session in second)
    assert all("GeoMatchParams" in session for session in second)
    assert all(map(IS_VALID, [*each, *second]))


@ONLY_NIGHTLY
@pytest.mark.slow
def test_a_required_member_shrinks_to_its_smallest_value():
    """Members that are not required are absent from a shrunk session."""
    strategy = proxy_sessions(required=["Name", "/Participants/0/PhoneNumber"])
    found = find(strategy, lambda session: True, settings=settings(database=None, max_examples=20))
    assert found == {"Name": "", "Participants": [{"PhoneNumber": "10"}]}


def test_members_of_any_contract_are_required():
    """Members of a recursive object are listed once, impossible ones not at all, and a contradiction is an error."""
    tree = Contract(
        {
            "type": "object",
            "properties": {"a/b": {"type": "string"}, "child": {"$ref": "#"}, "none": False, "pair": {"maxItems": 1}},
        }
    )
    value = generate(contract_requiring(tree, "all"), seed=1)
    assert value.keys() >= {"a/b", "child", "pair"}
    assert "none" not in value
    named = contract_requiring(tree, ["/child/a~1b"])
    assert (named.is_valid({"child": {"a/b": ""}}), named.is_valid({"child": {}})) == (True, False)
    with pytest.raises(InvalidArgument, match="required: "):
        contract_requiring(Contract({"type": "object", "properties": {"none": False}}), ["none"])
    assert contract_requiring(tree, []) is tree


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"Name": "x" * 300}, r"/Name: .* is longer than the maximum of 128 \[maxLength\]; pass check=False"),
        ({"Participants": [{"PhoneNumber": 5}]}, r"/Participants/0/PhoneNumber: 5 is not of type"),
        ({"Status": st.just("open")}, r"/Status: \"open\" .*\[enum\]"),
        ({"Name": "x" * 300, "ExpiryMinutes": 0}, r"\[maxLength\]; /ExpiryMinutes: .*\[minimum\]; pass check=False"),
        ({"Name": object()}, "not a JSON value"),
        ({"CreatedTimestamp": dt.datetime(2026, 4, 7)}, r"CreatedTimestamp .* requires a time zone"),  # noqa: DTZ001
    ],
    ids=["long", "nested", "strategy", "two", "object", "naive"],
)
def test_an_invalid_override_is_an_error(strategy, overrides, message):
    """An override that violates the contract is an error that names the violation and the remedy."""
    with pytest.raises(InvalidArgument, match=message):
        drawn(strategy(**overrides), 1)


def test_an_override_must_have_what_is_required():
    """An override without a required nested member contradicts the option."""
    strategy = proxy_sessions(required=["/Participants/*/PhoneNumber"], Participants=[{}])
    with pytest.raises(InvalidArgument, match=r"/Participants/0: .*PhoneNumber.* is required"):
        drawn(strategy, 1)


@pytest.mark.parametrize("form", ["wire", "boto3"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_without_a_check_any_override_is_kept(strategy, form):
    """With check=False, invalid values and unknown members are drawn as they are."""
    for session in drawn(strategy(check=False, form=form, Name=5, Tenant="t"), 3):
        assert (session["Name"], session["Tenant"]) == (5, "t")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_overridden_timestamp_is_a_datetime_or_text(strategy):
    """Both have the form of the session."""
    moment = dt.datetime(2026, 4, 7, 14, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    for given in (moment, "2026-04-07T12:00:00.000Z"):
        (on_the_wire,) = drawn(strategy(CreatedTimestamp=given), 1)
        (from_boto3,) = drawn(strategy(CreatedTimestamp=given, form="boto3"), 1)
        assert on_the_wire["CreatedTimestamp"] == "2026-04-07T12:00:00.000Z"
        assert from_boto3["CreatedTimestamp"] == moment


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_override_is_copied(strategy):
    """A consumer that changes its input changes no later session."""
    for session in drawn(strategy(Capabilities=["SMS"]), 5):
        assert session["Capabilities"] == ["SMS"]
        session["Capabilities"].clear()
