"""A service, and one way to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chime_fixtures.service import ChimeService, Clock, Policies, Request

BASE = "/voice-connectors/abc"


class Asked:
    """A service that stands behind a short way to ask it; `json` is the last answer's body."""

    def __init__(self, policies: Policies | None = None, **options: Any) -> None:
        self.service = ChimeService(policies=policies, **options)

    @property
    def clock(self) -> Clock:
        """The clock of the service."""
        return self.service.clock

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the parsed body of an answer; paths begin at the connector ``abc``, bodies are JSON."""
        target = path if path.startswith("/voice-connectors") else BASE + path
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.service.handle(Request(method, target, {}, content))
        return answer.status, json.loads(answer.body) if answer.body else None

    def create(self, **members: Any) -> dict[str, Any]:
        """A new session."""
        people = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice", "SMS"]}
        status, answer = self("POST", "/proxy-sessions", people | members)
        assert status == 201, answer
        return answer["ProxySession"]

    def refused(self, **members: Any) -> tuple[int, str, str]:
        """The status, code and message of a creation that is refused."""
        people = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice", "SMS"]}
        status, answer = self("POST", "/proxy-sessions", people | members)
        return status, answer["Code"], answer["Message"]


@pytest.fixture
def ask() -> Asked:
    """A fresh service with the default policies."""
    return Asked()


@pytest.fixture
def asked() -> Callable[..., Asked]:
    """Makes a fresh service with policies of its own."""

    def make(**policies: Any) -> Asked:
        return Asked(Policies(**policies))

    return make
