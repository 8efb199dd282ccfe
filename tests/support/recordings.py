"""Recordings of the eight operations, made by the service in this process, as cassettes and HAR documents."""

import copy
import functools
import json
from datetime import UTC, datetime

from chime_fixtures.service import ChimeService, Clock, Ids, Request

HOST = "https://voice-chime.us-east-1.amazonaws.com"
CONNECTOR = "abcdef1ghij2klmno3pqr4"
CONNECTORS = f"/voice-connectors/{CONNECTOR}"
CREATE = {
    "ParticipantPhoneNumbers": ["+12065550100", "+14015550101"],
    "Capabilities": ["Voice", "SMS"],
    "Name": "Order 1",
    "ExpiryMinutes": 60,
    "GeoMatchLevel": "AreaCode",
    "GeoMatchParams": {"Country": "US", "AreaCode": "206"},
}
PROXY = {"DefaultSessionExpiryMinutes": 60, "PhoneNumberPoolCountries": ["US", "CA"], "Disabled": False}
NAMES = (
    "PutVoiceConnectorProxy",
    "GetVoiceConnectorProxy",
    "CreateProxySession",
    "GetProxySession",
    "UpdateProxySession",
    "ListProxySessions",
    "DeleteProxySession",
    "DeleteVoiceConnectorProxy",
    "error",
)
"""The exchanges of a recording, in their order: each operation, and GetProxySession of a session that is gone."""


@functools.cache
def _cassette():
    service = ChimeService(clock=Clock(datetime(2026, 1, 1, tzinfo=UTC)), ids=Ids(0))
    interactions = []

    def call(method, target, body=None):
        sent = b"" if body is None else json.dumps(body).encode()
        response = service.handle(Request(method, target, {}, sent))
        headers = {name: [value] for name, value in response.headers.items()}
        request = {"method": method, "uri": HOST + target, "body": None if body is None else sent.decode()}
        request["headers"] = {"Content-Type": ["application/json"], "Authorization": ["AWS4-HMAC-SHA256 Secret"]}
        received = {"body": {"string": response.body.decode()}, "headers": headers}
        received["status"] = {"code": int(response.status), "message": "OK"}
        interactions.append({"request": request, "response": received})
        return json.loads(response.body or b"{}")

    call("PUT", f"{CONNECTORS}/programmable-numbers/proxy", PROXY)
    call("GET", f"{CONNECTORS}/programmable-numbers/proxy")
    session = call("POST", f"{CONNECTORS}/proxy-sessions", CREATE)["ProxySession"]["ProxySessionId"]
    call("GET", f"{CONNECTORS}/proxy-sessions/{session}")
    call("POST", f"{CONNECTORS}/proxy-sessions/{session}", {"Capabilities": ["Voice"], "ExpiryMinutes": 30})
    call("GET", f"{CONNECTORS}/proxy-sessions?status=Open&max-results=10")
    call("DELETE", f"{CONNECTORS}/proxy-sessions/{session}")
    call("DELETE", f"{CONNECTORS}/programmable-numbers/proxy")
    call("GET", f"{CONNECTORS}/proxy-sessions/{session}")
    return {"interactions": interactions, "version": 1}


def cassette():
    """A new copy of the cassette, as vcrpy passes it to its serializers."""
    return copy.deepcopy(_cassette())


def as_har(recording):
    """The HAR document of a cassette, as browsers write it."""
    entries = []
    for each in recording["interactions"]:
        request, response = each["request"], each["response"]
        text = response["body"]["string"]
        sent = {"method": request["method"], "url": request["uri"], "headers": _fields(request["headers"])}
        if request["body"] is not None:
            sent["postData"] = {"mimeType": "application/json", "text": request["body"]}
        content = {"size": len(text), "mimeType": "application/json", **({"text": text} if text else {})}
        status = response["status"]["code"]
        entries.append(
            {
                "request": sent,
                "response": {"status": status, "headers": _fields(response["headers"]), "content": content},
            }
        )
    return {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}}


def _fields(headers):
    return [{"name": name, "value": value} for name, values in headers.items() for value in values]
