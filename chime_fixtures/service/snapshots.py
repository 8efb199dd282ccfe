"""Preload, export and restore of the service's state."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.chime.errors import InvalidInstanceError, is_kit_error
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.service.clock import parse_timestamp
from chime_fixtures.service.context import Context
from chime_fixtures.service.proxies import proxy_configuration
from chime_fixtures.service.state import Connector, State, StoredSession, deadline_of

__tracebackhide__ = is_kit_error

_VERSION = 1


class Snapshots:
    """Reads and writes the state without the API. It is not thread-safe itself: the service holds its lock.

    Args:
        context: the clock, ids and contracts.
        state: the connectors with their sessions.
    """

    def __init__(self, context: Context, state: State) -> None:
        self._context = context
        self._state = state

    def sessions(self) -> tuple[dict[str, Any], ...]:
        """Return a copy of every stored session as clients see it now, by connector, in the order of creation."""
        return tuple(
            copy.deepcopy(stored.as_value(self._context.imitator))
            for connector in self._state.connectors()
            for stored in connector.after(None, newest_first=False)
        )

    def store_session(
        self,
        session: dict[str, Any],
        connector_id: str | None = None,
        *,
        is_checked: bool,
        start: dt.datetime | None = None,
    ) -> dict[str, Any]:
        """Store a session under a connector or its own VoiceConnectorId; return a copy of what is stored.

        Ids that are missing, or that are not text in an invalid session, are generated. The minutes of an open session
        count from `start`, by default its CreatedTimestamp; if they have passed already, they count from now.
        """
        connector_id = connector_id or _text(session.get("VoiceConnectorId")) or self._context.ids.connector_id()
        session_id = _text(session.get("ProxySessionId")) or self._context.ids.session_id()
        session = {"VoiceConnectorId": connector_id, "ProxySessionId": session_id} | session
        now = self._context.clock.now()
        start = start or parse_timestamp(session.get("CreatedTimestamp")) or now
        minutes = session.get("ExpiryMinutes")
        deadline = deadline_of(start, minutes)
        if deadline is not None and deadline <= now:
            start, deadline = now, deadline_of(now, minutes)
        stored = StoredSession(session_id, session, self._state.next_sequence(), start, deadline, is_checked)
        if stored.is_closed:
            stored.deadline = None
        self._state.ensure_connector(connector_id).put(stored)
        return copy.deepcopy(session)

    def store_connector(self, connector_id: str, proxy: Mapping[str, Any] | None = None) -> None:
        """Store a connector, and its proxy configuration with the member names of PutVoiceConnectorProxy.

        Raises:
            InvalidInstanceError: the configuration violates the contract.
        """
        contract = operation_named("PutVoiceConnectorProxy").request
        if proxy is not None and contract is not None:
            require_valid(contract, dict(proxy), "the proxy configuration", "PutVoiceConnectorProxy would refuse it")
        connector = self._state.ensure_connector(connector_id)
        if proxy is not None:
            connector.proxy = proxy_configuration(copy.deepcopy(dict(proxy)))

    def export(self) -> dict[str, Any]:
        """Return the whole state as a JSON value, for `load`."""
        return {
            "version": _VERSION,
            "now": timestamp(self._context.clock.now()),
            "ids": self._context.ids.counts(),
            "connectors": [_exported(connector) for connector in self._state.connectors()],
        }

    def load(self, state: Any, *, source: str) -> None:
        """Replace the state by one that `export` returned; of a hand-written one, only connectors are required.

        Args:
            state: the JSON value.
            source: its name in error messages.

        Raises:
            InvalidDocumentError: `state` is not a state, or a proxy configuration in it violates the contract.
        """
        try:
            if state.get("version", _VERSION) != _VERSION:
                raise InvalidDocumentError(source, f"version is {state['version']!r}; only {_VERSION} is supported")
            now, connectors = parse_timestamp(state.get("now")), list(state["connectors"])
            self._context.ids.restore(state.get("ids", {}))
            self._context.clock.reset()
            if now is not None:
                self._context.clock.advance_to(now)
            self._state.clear()
            for connector in connectors:
                self._load_connector(connector)
        except InvalidInstanceError as error:
            raise InvalidDocumentError(source, str(error)) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            text = "must be the state of a service, an object with connectors, as GET /_chime/state returns it"
            raise InvalidDocumentError(source, text) from error

    def _load_connector(self, exported: Mapping[str, Any]) -> None:
        connector_id, starts = exported["VoiceConnectorId"], exported.get("Started", {})
        proxy = dict(exported.get("Proxy") or {})
        if proxy:
            proxy["PhoneNumberPoolCountries"] = proxy.pop("PhoneNumberCountries")
        self.store_connector(connector_id, proxy or None)
        for session in exported.get("ProxySessions", ()):
            is_checked = self._context.imitator is not None or self._context.contract.is_valid(session)
            start = parse_timestamp(starts.get(session.get("ProxySessionId")))
            self.store_session(copy.deepcopy(dict(session)), connector_id, is_checked=is_checked, start=start)
        connector = self._state.ensure_connector(connector_id)
        connector.deleted.update(exported.get("Deleted", ()))
        for participants, number in exported.get("Sticky", ()):
            connector.last_numbers[frozenset(participants)] = number


def require_valid(contract: Contract, instance: Any, subject: str, remedy: str) -> None:
    """Validate a value of the caller.

    Raises:
        InvalidInstanceError: the value violates the contract.
    """
    if not contract.is_valid(instance):
        raise InvalidInstanceError(subject, contract.check(instance), remedy)


def _exported(connector: Connector) -> dict[str, Any]:
    sessions = list(connector.after(None, newest_first=False))
    return {
        "VoiceConnectorId": connector.connector_id,
        "Proxy": copy.deepcopy(connector.proxy),
        "ProxySessions": [copy.deepcopy(stored.session) for stored in sessions],
        # The instants from which the minutes of sessions count, if not from their creation.
        "Started": {
            stored.session_id: timestamp(stored.start)
            for stored in sessions
            if stored.deadline is not None and parse_timestamp(stored.session.get("CreatedTimestamp")) != stored.start
        },
        "Deleted": sorted(connector.deleted),
        "Sticky": [[sorted(participants), number] for participants, number in connector.last_numbers.items()],
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
