"""What a request has to be, down to its bytes."""

from __future__ import annotations

import json

import pytest

from chime_fixtures.chime.operations import operations
from chime_fixtures.engine.contract import enumerate_violations
from chime_fixtures.service.redaction import printable

GOOD = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice"]}
BODIES = [operation for operation in operations() if operation.has_request]
PATHS = {
    "CreateProxySession": "/proxy-sessions",
    "UpdateProxySession": "/proxy-sessions/s",
    "PutVoiceConnectorProxy": "/programmable-numbers/proxy",
}
BROKEN = [(operation, violation) for operation in BODIES for violation in enumerate_violations(operation.request)]


@pytest.mark.parametrize(("operation", "violation"), BROKEN, ids=[f"{o.name}-{v.id}" for o, v in BROKEN])
def test_every_violation_of_a_body_is_refused(ask, operation, violation):
    """Each way to break a request's body is a 400, whose message is the summary of what a judge found there."""
    status, answer = ask(operation.method, PATHS[operation.name], json.dumps(violation.instance).encode())
    found = ask.service.calls[0].violations
    assert (status, answer["Code"]) == (400, "BadRequest")
    assert [(each.pointer, each.keyword) for each in found] == [(violation.pointer, violation.keyword)]
    assert answer["Message"] == printable(found[0].summary)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"null", "type"),
        (b"[]", "type"),
        (b'"text"', "type"),
        (b'{"Capabilities": NaN}', "NaN is no JSON number"),
        (b'{"Capabilities": [], "Capabilities": []}', "'Capabilities' stands there twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"ExpiryMinutes": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b'{"Capabilities": [], "ParticipantPhoneNumbers": ["\\ud800", "+12"]}', "is no JSON value"),
        (b'{"Capabilities": ["\xff"]}', "is no JSON"),
        (b'{"Capabilities": [] }trailing', "is no JSON"),
    ],
    ids=lambda value: None if isinstance(value, bytes) and len(value) > 80 else repr(value)[:40],
)
def test_hostile_bodies(ask, body, reason):
    """Whatever the bytes of a body are, they are a 400 that says why."""
    status, answer = ask("POST", "/proxy-sessions", body)
    assert (status, answer["Code"]) == (400, "BadRequest")
    assert reason in answer["Message"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/voice-connectors//proxy-sessions", "VoiceConnectorId"),
        ("/voice-connectors/%20/proxy-sessions", '/VoiceConnectorId: " " does not match the pattern'),
        ("/voice-connectors/abc/proxy-sessions/", "ProxySessionId"),
        (f"/voice-connectors/abc/proxy-sessions/{'x' * 129}", "(129 characters) is longer than the maximum of 128"),
        ("/voice-connectors/abc/proxy-sessions/%FF", "ProxySessionId is no UTF-8"),
        ("/proxy-sessions?max-results=0", "/MaxResults: 0 is less than the minimum of 1"),
        ("/proxy-sessions?max-results=1.5", "/MaxResults: "),
        ("/proxy-sessions?max-results=", "/MaxResults: "),
        ("/proxy-sessions?max-results=%D9%A1", "/MaxResults: "),
        ("/proxy-sessions?max-results=" + "9" * 5000, "/MaxResults: "),
        ("/proxy-sessions?status=open", '/Status: "open" is not one of'),
        ("/proxy-sessions?status=Open&status=Open", "status stands there twice"),
        ("/proxy-sessions?next-token=" + "x" * 65536, "longer than the maximum of 65535"),
        ("/proxy-sessions?status=%FF", "no UTF-8"),
    ],
)
def test_hostile_targets(ask, path, reason):
    """A path or query that breaks the contract is a 400 that names the member as the API does."""
    status, answer = ask("GET", path)
    assert (status, answer["Code"]) == (400, "BadRequest")
    assert reason in answer["Message"]


def test_segments_are_split_before_they_are_decoded(ask):
    """A slash, a percent sign or a plus inside an id stays inside it."""
    body = json.dumps(GOOD).encode()
    status, answer = ask("POST", "/voice-connectors/a%2Fb%20c%252F+/proxy-sessions", body)
    assert (status, answer["ProxySession"]["VoiceConnectorId"]) == (201, "a/b c%2F+")
    assert ask.service.calls[0].request == {"VoiceConnectorId": "a/b c%2F+", **GOOD}


def test_query_order_and_blanks_do_not_matter(ask):
    """The order of the query, empty pairs and either spelling of a blank are the client's affair."""
    for query in ("status=Open&max-results=5", "max-results=5&&status=Open&", "%73tatus=%4Fpen&max-results=5"):
        assert ask("GET", f"/proxy-sessions?{query}") == (200, {"ProxySessions": []})
    assert [call.request for call in ask.service.calls] == [
        {"VoiceConnectorId": "abc", "Status": "Open", "MaxResults": 5}
    ] * 3


def test_control_characters_are_escaped(ask):
    """What is quoted from a request can't drive a terminal: not in the answer, not in the journal."""
    session_id = "%1B%5B31mred%0D%0A"
    _, answer = ask("GET", f"/proxy-sessions/{session_id}")
    assert "\\u001b[31mred\\u000d\\u000a" in answer["Message"]
    ask("POST", "/proxy-sessions", {**GOOD, "Name": "\x1b[31m"})
    assert not any(ord(letter) < 32 for call in ask.service.calls for letter in str(call) + str(call.message))
