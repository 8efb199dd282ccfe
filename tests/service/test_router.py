"""Routing of requests to operations, and suggestions for those that match none."""

from __future__ import annotations

import itertools

import pytest

from chime_fixtures.chime.operations import operations
from chime_fixtures.service.router import Router

ROUTER = Router(operations())
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "get")


def filled(path):
    """A path template with its parameters replaced."""
    return path.replace("{voiceConnectorId}", "abc").replace("{proxySessionId}", "s%2Ft")


def test_match_of_every_operation():
    """Each path matches the methods of its operations, and no other method."""
    known = {(operation.method, operation.path): operation for operation in operations()}
    for method, path in itertools.product(METHODS, {operation.path for operation in operations()}):
        match = ROUTER.match(method, filled(path))
        assert (match.operation if match else None) == known.get((method, path))


def test_segments_are_not_decoded():
    """The segments of path parameters are returned as they were sent."""
    match = ROUTER.match("GET", "/voice-connectors/a%2Fb/proxy-sessions/s%2Ft")
    assert match.segments == {"voiceConnectorId": "a%2Fb", "proxySessionId": "s%2Ft"}


@pytest.mark.parametrize(
    "path",
    ["", "/", "/voice-connectors", "/voice-connectors/abc/proxy-sessions/s/t", "/Voice-Connectors/abc/proxy-sessions",
     "/v1/voice-connectors/abc/proxy-sessions", "/voice-connectors/abc/proxy-sessions//", "voice-connectors/abc/proxy-sessions"],
)  # fmt: skip
def test_other_paths_do_not_match(path):
    """A path with more, fewer or other segments matches no operation."""
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
def test_nearest_operations(method, path, names):
    """Similar operations are named with their method and path; a path that is similar to none has no suggestions."""
    nearest = ROUTER.nearest(method, path)
    assert [each.partition(" ")[0] for each in nearest] == names
    assert all("(" in each and "/voice-connectors/" in each for each in nearest)
