"""A service with a short method for requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chime_fixtures.service import ChimeService, Clock, Policies, Request

BASE = "/voice-connectors/abc"
CREATE = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice", "SMS"]}


class Api:
    """A service whose requests are written as a method, a path and a JSON value."""

    def __init__(self, policies: Policies | None = None, **options: Any) -> None:
        self.service = ChimeService(policies=policies, **options)

    @property
    def clock(self) -> Clock:
        """The clock of the service."""
        return self.service.clock

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return the status and the parsed body of a response; paths are relative to the connector ``abc``."""
        target = path if path.startswith("/voice-connectors") else BASE + path
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.service.handle(Request(method, target, {}, content))
        return response.status, json.loads(response.body) if response.body else None

    def create(self, **members: Any) -> dict[str, Any]:
        """Return a new session."""
        status, response = self("POST", "/proxy-sessions", CREATE | members)
        assert status == 201, response
        return response["ProxySession"]

    def create_error(self, **members: Any) -> tuple[int, str, str]:
        """Return the status, code and message of a CreateProxySession that fails."""
        status, response = self("POST", "/proxy-sessions", CREATE | members)
        return status, response["Code"], response["Message"]


@pytest.fixture
def api() -> Api:
    """A new service with the default policies."""
    return Api()


@pytest.fixture
def api_with() -> Callable[..., Api]:
    """Creates a new service with the policies that are passed."""

    def create(**policies: Any) -> Api:
        return Api(Policies(**policies))

    return create
