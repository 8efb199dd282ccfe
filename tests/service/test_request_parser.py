"""Parsing and validation of requests, down to their bytes."""

from __future__ import annotations

import json

import pytest

from chime_fixtures.chime.operations import operations
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.service.redaction import printable
from tests.support.sizes import sample

GOOD = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice"]}
BODIES = [operation for operation in operations() if operation.has_request]
PATHS = {
    "CreateProxySession": "/proxy-sessions",
    "UpdateProxySession": "/proxy-sessions/s",
    "PutVoiceConnectorProxy": "/programmable-numbers/proxy",
}
BROKEN = sample(
    [(operation, violation) for operation in BODIES for violation in enumerate_violations(operation.request)], 95
)


@pytest.mark.parametrize(("operation", "violation"), BROKEN, ids=[f"{o.name}-{v.id}" for o, v in BROKEN])
def test_every_violation_of_a_body(api, operation, violation):
    """Each violation of a request body is a 400 with the violation's summary as message."""
    status, response = api(operation.method, PATHS[operation.name], json.dumps(violation.instance).encode())
    violations = api.service.calls[0].violations
    assert (status, response["Code"]) == (400, "BadRequest")
    assert [(each.pointer, each.keyword) for each in violations] == [(violation.pointer, violation.keyword)]
    assert response["Message"] == printable(violations[0].summary)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"null", "type"),
        (b"[]", "type"),
        (b'"text"', "type"),
        (b'{"Capabilities": NaN}', "NaN is not a JSON number"),
        (b'{"Capabilities": [], "Capabilities": []}', "duplicate member 'Capabilities'"),
        (b"[" * 100_000, "too deeply nested"),
        (b'{"ExpiryMinutes": ' + b"9" * 5000 + b"}", "is not valid JSON"),
        (b'{"Capabilities": [], "ParticipantPhoneNumbers": ["\\ud800", "+12"]}', "is not a JSON value"),
        (b'{"Capabilities": ["\xff"]}', "is not valid JSON"),
        (b'{"Capabilities": [] }trailing', "is not valid JSON"),
    ],
    ids=lambda value: None if isinstance(value, bytes) and len(value) > 80 else repr(value)[:40],
)
def test_malformed_bodies(api, body, reason):
    """A malformed body is a 400 with the reason."""
    status, response = api("POST", "/proxy-sessions", body)
    assert (status, response["Code"]) == (400, "BadRequest")
    assert reason in response["Message"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/voice-connectors//proxy-sessions", "VoiceConnectorId"),
        ("/voice-connectors/%20/proxy-sessions", '/VoiceConnectorId: " " does not match the pattern'),
        ("/voice-connectors/abc/proxy-sessions/", "ProxySessionId"),
        (f"/voice-connectors/abc/proxy-sessions/{'x' * 129}", "(129 characters) is longer than the maximum of 128"),
        ("/voice-connectors/abc/proxy-sessions/%FF", "ProxySessionId is not valid UTF-8"),
        ("/proxy-sessions?max-results=0", "/MaxResults: 0 is less than the minimum of 1"),
        ("/proxy-sessions?max-results=1.5", "/MaxResults: "),
        ("/proxy-sessions?max-results=", "/MaxResults: "),
        ("/proxy-sessions?max-results=%D9%A1", "/MaxResults: "),
        ("/proxy-sessions?max-results=" + "9" * 5000, "/MaxResults: "),
        ("/proxy-sessions?status=open", '/Status: "open" is not one of'),
        ("/proxy-sessions?status=Open&status=Open", "duplicate query parameter 'status'"),
        ("/proxy-sessions?next-token=" + "x" * 65536, "longer than the maximum of 65535"),
        ("/proxy-sessions?status=%FF", "not valid UTF-8"),
    ],
)
def test_invalid_targets(api, path, reason):
    """An invalid path or query is a 400 that names the parameter as the API does."""
    status, response = api("GET", path)
    assert (status, response["Code"]) == (400, "BadRequest")
    assert reason in response["Message"]


def test_segments_are_split_before_decoding(api):
    """An escaped slash, percent sign or plus is part of the segment."""
    body = json.dumps(GOOD).encode()
    status, response = api("POST", "/voice-connectors/a%2Fb%20c%252F+/proxy-sessions", body)
    assert (status, response["ProxySession"]["VoiceConnectorId"]) == (201, "a/b c%2F+")
    assert api.service.calls[0].request == {"VoiceConnectorId": "a/b c%2F+", **GOOD}


def test_equivalent_queries(api):
    """The order of parameters, empty pairs and percent-encoding do not matter."""
    for query in ("status=Open&max-results=5", "max-results=5&&status=Open&", "%73tatus=%4Fpen&max-results=5"):
        assert api("GET", f"/proxy-sessions?{query}") == (200, {"ProxySessions": []})
    assert [call.request for call in api.service.calls] == [
        {"VoiceConnectorId": "abc", "Status": "Open", "MaxResults": 5}
    ] * 3


def test_control_characters_are_escaped(api):
    """Control characters of a request are escaped in the response and in the journal."""
    session_id = "%1B%5B31mred%0D%0A"
    _, response = api("GET", f"/proxy-sessions/{session_id}")
    assert "\\u001b[31mred\\u000d\\u000a" in response["Message"]
    api("POST", "/proxy-sessions", {**GOOD, "Name": "\x1b[31m"})
    assert not any(ord(letter) < 32 for call in api.service.calls for letter in str(call) + str(call.message))
