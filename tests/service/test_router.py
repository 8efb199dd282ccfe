"""Which operation a request is for, and which it may have meant."""

from __future__ import annotations

import itertools

import pytest

from chime_fixtures.chime.operations import operations
from chime_fixtures.service.router import Router

ROUTER = Router(operations())
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "get")


def filled(path):
    """A path template with something in its places."""
    return path.replace("{voiceConnectorId}", "abc").replace("{proxySessionId}", "s%2Ft")


def test_every_operation_is_found_and_nothing_else():
    """Each path answers to the methods of its operations, and to no other."""
    known = {(operation.method, operation.path): operation for operation in operations()}
    for method, path in itertools.product(METHODS, {operation.path for operation in operations()}):
        match = ROUTER.match(method, filled(path))
        assert (match.operation if match else None) == known.get((method, path))


def test_segments_stay_raw():
    """What stands for a parameter is given as it was sent."""
    match = ROUTER.match("GET", "/voice-connectors/a%2Fb/proxy-sessions/s%2Ft")
    assert match.segments == {"voiceConnectorId": "a%2Fb", "proxySessionId": "s%2Ft"}


@pytest.mark.parametrize(
    "path",
    ["", "/", "/voice-connectors", "/voice-connectors/abc/proxy-sessions/s/t", "/Voice-Connectors/abc/proxy-sessions",
     "/v1/voice-connectors/abc/proxy-sessions", "/voice-connectors/abc/proxy-sessions//", "voice-connectors/abc/proxy-sessions"],
)  # fmt: skip
def test_segments_are_exact(path):
    """A path with more, fewer or other segments is for no operation."""
    assert ROUTER.match("GET", path) is None


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/voice-connectors/abc/proxy-sessoins/s", ["GetProxySession"]),
        ("POST", "/voice-connectors/abc", ["CreateProxySession"]),
        ("PATCH", "/voice-connectors/abc/proxy-sessions/s", ["GetProxySession", "UpdateProxySession"]),
        ("GET", "/voice-connectors/abc/programmable-number/proxy", ["GetVoiceConnectorProxy"]),
        ("GET", "/users/me", []),
    ],
)
def test_what_may_have_been_meant(method, path, names):
    """The nearest operations are named, with their method and path; what is like none gets no hint."""
    nearest = ROUTER.nearest(method, path)
    assert [each.partition(" ")[0] for each in nearest] == names
    assert all("(" in each and "/voice-connectors/" in each for each in nearest)
