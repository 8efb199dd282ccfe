"""A service with another schema of sessions than Chime's: what it shows is what that schema says."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from chime_fixtures.chime.errors import InvalidInstanceError, UnknownFaultError
from chime_fixtures.engine.contract import Contract, enumerate_violations
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


class Imitator:
    """A service with a schema of its own."""

    def __init__(self, schema):
        self.service = ChimeService(contract=schema)

    def __call__(self, method, path, body=None):
        """The status and the parsed body of an answer."""
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.service.handle(Request(method, PATH + path, {}, content))
        return answer.status, json.loads(answer.body) if answer.body else None

    def create(self, **members):
        """A new session."""
        people = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}
        return self("POST", "", people | members)[1]["ProxySession"]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_answer_fits_the_schema(schema):
    """Whatever the schema asks for, created, changed, listed and expired sessions fulfil it, by an outside judge."""
    judge = jsonschema_rs.validator_for(schema)
    ask = Imitator(schema)
    for minutes in (5, 60, 700):
        ask.create(ExpiryMinutes=minutes)
    (connector,) = ask.service.export_state()["connectors"]
    names = [session["ProxySessionId"] for session in connector["ProxySessions"]]
    shown = [ask("POST", f"/{names[0]}", {"Capabilities": []})[1]["ProxySession"]]
    for _ in range(3):
        page = ask("GET", "?max-results=100")[1]["ProxySessions"]
        assert [ask("GET", f"/{name}")[1]["ProxySession"] for name in names] == page == list(ask.service.sessions)
        shown += page
        ask.service.clock.advance(minutes=40)
    assert len(shown) == 10
    assert [session for session in shown if not judge.is_valid(session)] == []
    assert ask("DELETE", f"/{names[0]}") == (204, None)
    assert len(ask("GET", "")[1]["ProxySessions"]) == 2


def test_what_fits_stays():
    """Members that both schemas know stay, words are spelled as the other schema has them, and a life is still lived."""
    ask = Imitator(STRICTER)
    session = ask.create(ExpiryMinutes=60)
    assert session["ExpiryMinutes"] == 60
    assert session["Status"] == "open"
    assert {each["PhoneNumber"] for each in session["Participants"]} == {"+12065550100", "+14015550101"}
    ask.service.clock.advance(minutes=61)
    assert ask("GET", f"/{session['ProxySessionId']}")[1]["ProxySession"] == {**session, "Status": "closed"}
    assert ask("GET", "?status=Open")[1] == {"ProxySessions": []}


def test_sessions_that_are_preloaded():
    """A preloaded session is held against the other schema, and shown as it is."""
    ask = Imitator(STRICTER)
    given = {"ProxySessionId": "s", "Status": "open", "Tenant": "t-0001", "ExpiryMinutes": 9}
    ask.service.add_session(given, connector="abc")
    assert ask("GET", "/s") == (200, {"ProxySession": given})
    with pytest.raises(InvalidInstanceError, match="Tenant"):
        ask.service.add_session({**given, "Tenant": "x"})
    ask.service.add_session({**given, "Tenant": "x", "ProxySessionId": "b"}, connector="abc", check=False)
    assert ask("GET", "/b")[1]["ProxySession"]["Tenant"] == "x"


def test_violations_follow():
    """The ways to break an answer are those of the other schema."""
    ask = Imitator(STRICTER)
    session = ask.create()
    judge = jsonschema_rs.validator_for(STRICTER)
    for violation in enumerate_violations(Contract(STRICTER)):
        ask.service.fail(f"violation:{violation.id}")
        broken = ask("GET", f"/{session['ProxySessionId']}")[1]["ProxySession"]
        assert broken == violation.instance
        assert not judge.is_valid(broken)
    with pytest.raises(UnknownFaultError, match="there is no fault 'violation:Name.maxLength'"):
        ask.service.fail("violation:Name.maxLength")


def test_a_state_survives():
    """What is written and read back shows the same sessions."""
    ask, other = Imitator(STRICTER), Imitator(STRICTER)
    ask.create()
    other.service.load_state(ask.service.export_state())
    assert other("GET", "") == ask("GET", "")
