"""The three operations on the proxy configuration of a Voice Connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chime_fixtures.service.context import Context
from chime_fixtures.service.messages import NOT_FOUND, ApiError, Result, encode_json
from chime_fixtures.service.state import Connector, State


class Proxies:
    """Put, get and delete.

    Args:
        context: the clock and the policies.
        state: the connectors.
    """

    def __init__(self, context: Context, state: State) -> None:
        self._context = context
        self._state = state

    def put(self, parameters: Mapping[str, Any]) -> Result:
        """PutVoiceConnectorProxy."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        connector.proxy = proxy_configuration(parameters)
        return _result(connector.proxy, committed=True)

    def get(self, parameters: Mapping[str, Any]) -> Result:
        """GetVoiceConnectorProxy."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        if connector.proxy is None:
            raise _not_found(connector)
        return _result(connector.proxy)

    def delete(self, parameters: Mapping[str, Any]) -> Result:
        """DeleteVoiceConnectorProxy."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        if connector.proxy is None:
            if self._context.policies.second_proxy_delete == "not-found":
                raise _not_found(connector)
            return Result(b"")
        connector.proxy = None
        if self._context.policies.proxy_delete_sessions == "close":
            for stored in list(connector.sessions.values()):
                if not stored.is_closed:
                    connector.close(stored, self._context.clock.now(), updated=True)
        return Result(b"", committed=True)


def proxy_configuration(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the proxy configuration, with the names of responses, of a PutVoiceConnectorProxy request."""
    proxy: dict[str, Any] = {
        "DefaultSessionExpiryMinutes": int(parameters["DefaultSessionExpiryMinutes"]),
        "Disabled": parameters.get("Disabled", False),
    }
    if "FallBackPhoneNumber" in parameters:
        proxy["FallBackPhoneNumber"] = parameters["FallBackPhoneNumber"]
    proxy["PhoneNumberCountries"] = parameters["PhoneNumberPoolCountries"]
    return proxy


def _not_found(connector: Connector) -> ApiError:
    return ApiError(NOT_FOUND, f"Voice Connector {connector.connector_id} has no proxy configuration")


def _result(proxy: dict[str, Any], *, committed: bool = False) -> Result:
    instance = {"Proxy": proxy}
    return Result(encode_json(instance), instance, committed)
