import re

import pytest
from faker import Faker

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.sessions.provider import ChimeProvider, member


@pytest.fixture
def fake():
    faker = Faker()
    faker.add_provider(ChimeProvider)
    faker.seed_instance(9)
    return faker


def test_each_value_satisfies_the_contract(fake):
    """A hundred values of every method satisfy the contract as their member."""
    contract = load_contract("ProxySession")
    methods = {
        "VoiceConnectorId": fake.voice_connector_id,
        "ProxySessionId": fake.proxy_session_id,
        "Name": fake.proxy_session_name,
        "Status": fake.proxy_session_status,
        "ExpiryMinutes": fake.expiry_minutes,
        "Capabilities": fake.capabilities,
        "CreatedTimestamp": fake.iso8601_timestamp,
        "Participants": fake.participants,
        "NumberSelectionBehavior": fake.number_selection_behavior,
        "GeoMatchLevel": fake.geo_match_level,
    }
    for _ in range(100):
        session = {name: method() for name, method in methods.items()}
        assert contract.check(session) == ()


def test_ids_and_timestamps_have_the_services_format(fake):
    """An id has 22 lower-case letters and digits; a timestamp has milliseconds and Z."""
    assert re.fullmatch("[a-z0-9]{22}", fake.voice_connector_id())
    assert re.fullmatch(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fake.iso8601_timestamp())


def test_numbers_are_from_the_given_area(fake):
    """They have the country and the area code; an area without fictitious numbers is an error with a hint."""
    assert fake.fictional_phone_number("CA")[:2] == "+1"
    assert fake.fictional_phone_number("US", "206")[:5] == "+1206"
    assert fake.fictional_phone_number("GB")[:3] == "+44"
    with pytest.raises(ValueError, match="no fictitious numbers in 'DK'"):
        fake.fictional_phone_number("DK")


def test_the_same_seed_yields_the_same_values(fake):
    """A seeded Faker repeats its values."""
    first = [fake.proxy_session_name() for _ in range(5)]
    fake.seed_instance(9)
    assert [fake.proxy_session_name() for _ in range(5)] == first


def test_members_are_found_by_name():
    """A path of names and * leads to the node of a member of an item."""
    assert member("Participants", "*", "PhoneNumber").branches[0].language.longest == 16
