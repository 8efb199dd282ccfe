"""The three operations on the proxy configuration of a Voice Connector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chime_fixtures.service.clock import Clock
from chime_fixtures.service.outcomes import NOT_FOUND, Outcome, Refusal
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.state import Connector, dump


class Proxies:
    """Put, get and delete.

    Args:
        connector: finds a connector as it is now.
        clock: what time it is.
        policies: the rules that nobody documented.
    """

    def __init__(self, connector: Callable[[str], Connector], clock: Clock, policies: Policies) -> None:
        self._connector = connector
        self._clock = clock
        self._policies = policies

    def put(self, wish: Mapping[str, Any]) -> Outcome:
        """PutVoiceConnectorProxy."""
        connector = self._connector(wish["VoiceConnectorId"])
        connector.proxy = configuration(wish)
        return _answer(connector.proxy, committed=True)

    def get(self, wish: Mapping[str, Any]) -> Outcome:
        """GetVoiceConnectorProxy."""
        connector = self._connector(wish["VoiceConnectorId"])
        if connector.proxy is None:
            raise _missing(connector)
        return _answer(connector.proxy)

    def delete(self, wish: Mapping[str, Any]) -> Outcome:
        """DeleteVoiceConnectorProxy."""
        connector = self._connector(wish["VoiceConnectorId"])
        if connector.proxy is None:
            if self._policies.second_proxy_delete == "not-found":
                raise _missing(connector)
            return Outcome(b"")
        connector.proxy = None
        if self._policies.proxy_delete_sessions == "close":
            for entry in list(connector.entries.values()):
                if not entry.is_closed:
                    connector.close(entry, self._clock.now(), updated=True)
        return Outcome(b"", committed=True)


def configuration(wish: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration that a PutVoiceConnectorProxy makes; the answer has other names than the request."""
    proxy: dict[str, Any] = {
        "DefaultSessionExpiryMinutes": int(wish["DefaultSessionExpiryMinutes"]),
        "Disabled": wish.get("Disabled", False),
    }
    if "FallBackPhoneNumber" in wish:
        proxy["FallBackPhoneNumber"] = wish["FallBackPhoneNumber"]
    proxy["PhoneNumberCountries"] = wish["PhoneNumberPoolCountries"]
    return proxy


def _missing(connector: Connector) -> Refusal:
    return Refusal(NOT_FOUND, f"Voice Connector {connector.connector_id} has no proxy configuration")


def _answer(proxy: dict[str, Any], *, committed: bool = False) -> Outcome:
    instance = {"Proxy": proxy}
    return Outcome(dump(instance), instance, committed)
