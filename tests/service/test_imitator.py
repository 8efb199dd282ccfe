"""A service with an imitator's schema of sessions."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from chime_fixtures.chime.errors import InvalidInstanceError, UnknownFaultError
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.service import ChimeService, Request

PATH = "/voice-connectors/abc/proxy-sessions"
STRICTER = {
    "title": "Session",
    "type": "object",
    "additionalProperties": False,
    "required": ["ProxySessionId", "Status", "Tenant", "ExpiryMinutes"],
    "properties": {
        "ProxySessionId": {"type": "string", "maxLength": 36},
        "Status": {"enum": ["open", "in-progress", "closed"]},
        "ExpiryMinutes": {"type": "integer", "minimum": 1, "maximum": 90},
        "Tenant": {"type": "string", "pattern": "^t-[0-9]{4}$"},
        "Participants": {"type": "array", "items": {"type": "object", "required": ["PhoneNumber"]}},
        "Tags": {"type": "array", "items": {"type": "string"}},
    },
}
LOOSER = {"type": "object", "required": ["Region"], "properties": {"Region": {"enum": ["eu", "us"]}}}
FOREIGN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "from", "to"],
    "properties": {"id": {"type": "string"}, "from": {"type": "integer"}, "to": {"type": "integer"}},
}
EITHER = {"oneOf": [{"required": ["a"], "type": "object", "properties": {"a": {"type": "integer"}}}, {"type": "null"}]}
DEEP = {
    "type": "object",
    "maxProperties": 3,
    "propertyNames": {"pattern": "^[A-Z]"},
    "dependentRequired": {"Name": ["Tenant"]},
    "properties": {"Participants": {"type": "array", "minItems": 3}, "Name": {"const": "x"}},
}
TEXTS = {"type": "string", "minLength": 3}
SCHEMAS = {"stricter": STRICTER, "looser": LOOSER, "foreign": FOREIGN, "texts": TEXTS, "either": EITHER, "deep": DEEP}


class ImitatorApi:
    """A service with another contract."""

    def __init__(self, schema):
        self.service = ChimeService(contract=schema)

    def __call__(self, method, path, body=None):
        """Return the status and the parsed body of a response."""
        content = b"" if body is None else json.dumps(body).encode()
        response = self.service.handle(Request(method, PATH + path, {}, content))
        return response.status, json.loads(response.body) if response.body else None

    def create(self, **members):
        """Return a new session."""
        members_sent = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}
        return self("POST", "", members_sent | members)[1]["ProxySession"]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_session_satisfies_the_schema(schema):
    """Created, updated, listed and expired sessions satisfy the imitator's schema, by an independent validator."""
    validator = jsonschema_rs.validator_for(schema)
    api = ImitatorApi(schema)
    for minutes in (5, 60, 700):
        api.create(ExpiryMinutes=minutes)
    (connector,) = api.service.export_state()["connectors"]
    names = [session["ProxySessionId"] for session in connector["ProxySessions"]]
    sessions = [api("POST", f"/{names[0]}", {"Capabilities": []})[1]["ProxySession"]]
    for _ in range(3):
        page = api("GET", "?max-results=100")[1]["ProxySessions"]
        assert [api("GET", f"/{name}")[1]["ProxySession"] for name in names] == page == list(api.service.sessions)
        sessions += page
        api.service.clock.advance(minutes=40)
    assert len(sessions) == 10
    assert [session for session in sessions if not validator.is_valid(session)] == []
    assert api("DELETE", f"/{names[0]}") == (204, None)
    assert len(api("GET", "")[1]["ProxySessions"]) == 2


def test_valid_members_are_kept():
    """Members that satisfy both schemas are kept, enum values take the imitator's case, and sessions expire as usual."""
    api = ImitatorApi(STRICTER)
    session = api.create(ExpiryMinutes=60)
    assert session["ExpiryMinutes"] == 60
    assert session["Status"] == "open"
    assert {each["PhoneNumber"] for each in session["Participants"]} == {"+12065550100", "+14015550101"}
    api.service.clock.advance(minutes=61)
    assert api("GET", f"/{session['ProxySessionId']}")[1]["ProxySession"] == {**session, "Status": "closed"}
    assert api("GET", "?status=Open")[1] == {"ProxySessions": []}


def test_preloaded_sessions():
    """A preloaded session is validated against the imitator's schema and returned unchanged."""
    api = ImitatorApi(STRICTER)
    session = {"ProxySessionId": "s", "Status": "open", "Tenant": "t-0001", "ExpiryMinutes": 9}
    api.service.add_session(session, connector="abc")
    assert api("GET", "/s") == (200, {"ProxySession": session})
    with pytest.raises(InvalidInstanceError, match="Tenant"):
        api.service.add_session({**session, "Tenant": "x"})
    api.service.add_session({**session, "Tenant": "x", "ProxySessionId": "b"}, connector="abc", check=False)
    assert api("GET", "/b")[1]["ProxySession"]["Tenant"] == "x"


def test_violation_faults():
    """The violations of faults are those of the imitator's schema."""
    api = ImitatorApi(STRICTER)
    session = api.create()
    validator = jsonschema_rs.validator_for(STRICTER)
    for violation in enumerate_violations(Contract(STRICTER)):
        api.service.fail(f"violation:{violation.id}")
        broken = api("GET", f"/{session['ProxySessionId']}")[1]["ProxySession"]
        assert broken == violation.instance
        assert not validator.is_valid(broken)
    with pytest.raises(UnknownFaultError, match="unknown fault 'violation:Name.maxLength'"):
        api.service.fail("violation:Name.maxLength")


def test_export_and_load():
    """An exported state has the same sessions when it is loaded."""
    api, other = ImitatorApi(STRICTER), ImitatorApi(STRICTER)
    api.create()
    other.service.load_state(api.service.export_state())
    assert other("GET", "") == api("GET", "")
