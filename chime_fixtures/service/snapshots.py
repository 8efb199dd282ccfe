"""What is put into the state from outside, and what is read out of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from chime_fixtures.chime.errors import InvalidInstanceError, is_ours
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.service.clock import Clock, parse_timestamp, timestamp
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.imitator import Shape
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.proxies import configuration
from chime_fixtures.service.sessions import Sessions
from chime_fixtures.service.state import Connector, State

__tracebackhide__ = is_ours

_VERSION = 1


class Stock:
    """The state as the outside sees it. Not thread-safe by itself: the service calls it behind its lock.

    Args:
        state: where the sessions are.
        sessions: files a session.
        clock: what time it is.
        ids: where missing ids come from.
        policies: what an expired session leaves.
        contract: what a session has to be.
        shape: how sessions are shown; None if they are shown as they are.
    """

    def __init__(
        self,
        state: State,
        sessions: Sessions,
        clock: Clock,
        ids: Ids,
        policies: Policies,
        *,
        contract: Contract,
        shape: Shape | None,
    ) -> None:
        self._state = state
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._policies = policies
        self._contract = contract
        self._shape = shape

    def sessions(self) -> tuple[dict[str, Any], ...]:
        """A copy of every stored session as it is now, by connector, in the order of creation."""
        return tuple(
            copy.deepcopy(entry.show(self._shape))
            for connector in self._connectors()
            for entry in connector.after(None, newest_first=False)
        )

    def add_session(
        self, session: Mapping[str, Any], *, connector: str | None = None, check: bool = True
    ) -> dict[str, Any]:
        """Store a session; see `ChimeStub.add_session`."""
        stored = copy.deepcopy(dict(session))
        if check:
            _check(self._contract, stored, "the session", "pass check=False to store it all the same")
        return self._store(stored, connector, is_checked=check)

    def _store(
        self, stored: dict[str, Any], connector: str | None, *, is_checked: bool, started: str | None = None
    ) -> dict[str, Any]:
        # A broken session may have ids by which nothing can be found; it is filed under others then.
        connector_id = connector or _text(stored.get("VoiceConnectorId")) or self._ids.connector_id()
        session_id = _text(stored.get("ProxySessionId")) or self._ids.session_id()
        stored = {"VoiceConnectorId": connector_id, "ProxySessionId": session_id} | stored
        place = {"connector_id": connector_id, "session_id": session_id}
        self._sessions.preload(stored, **place, is_checked=is_checked, start=parse_timestamp(started))
        return copy.deepcopy(stored)

    def add_connector(self, connector_id: str, *, proxy: Mapping[str, Any] | None = None) -> None:
        """Make a connector known; see `ChimeStub.add_connector`."""
        contract = operation_named("PutVoiceConnectorProxy").request
        if proxy is not None and contract is not None:
            _check(contract, dict(proxy), "the proxy configuration", "PutVoiceConnectorProxy would refuse it")
        connector = self._state.connector(connector_id)
        if proxy is not None:
            connector.proxy = configuration(copy.deepcopy(dict(proxy)))

    def export(self) -> dict[str, Any]:
        """The whole state as a JSON value, for `load`."""
        return {
            "version": _VERSION,
            "now": timestamp(self._clock.now()),
            "ids": self._ids.counts(),
            "connectors": [_exported(connector) for connector in self._connectors()],
        }

    def load(self, state: Any, *, source: str) -> None:
        """Put back what `export` gave; of a file made by hand, connectors with their sessions are enough.

        Args:
            state: the JSON value.
            source: what to call it in messages.

        Raises:
            InvalidDocumentError: it is no such state, or a configuration in it breaks the contract.
        """
        try:
            if state.get("version", _VERSION) != _VERSION:
                raise InvalidDocumentError(source, f"is a state of version {state['version']!r}, not {_VERSION}")
            now, connectors = parse_timestamp(state.get("now")), list(state["connectors"])
            self._ids.restart(state.get("ids", {}))
            self._clock.restart()
            if now is not None:
                self._clock.forward(now)
            self._state.clear()
            for each in connectors:
                self._load_connector(each)
        except InvalidInstanceError as error:
            raise InvalidDocumentError(source, str(error)) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            text = "is no state of a service: an object with connectors, as GET /_chime/state shows it"
            raise InvalidDocumentError(source, text) from error

    def _load_connector(self, each: Mapping[str, Any]) -> None:
        connector_id, started = each["VoiceConnectorId"], each.get("Started", {})
        proxy = dict(each.get("Proxy") or {})
        if proxy:
            proxy["PhoneNumberPoolCountries"] = proxy.pop("PhoneNumberCountries")
        self.add_connector(connector_id, proxy=proxy or None)
        for session in each.get("ProxySessions", ()):
            is_checked = self._shape is not None or self._contract.is_valid(session)
            begun = started.get(session.get("ProxySessionId"))
            self._store(copy.deepcopy(dict(session)), connector_id, is_checked=is_checked, started=begun)
        connector = self._state.connector(connector_id)
        connector.deleted.update(each.get("Deleted", ()))
        for people, number in each.get("Sticky", ()):
            connector.sticky[frozenset(people)] = number

    def _connectors(self) -> list[Connector]:
        found = list(self._state.connectors.values())
        for connector in found:
            connector.expire(self._clock.now(), self._policies)
        return found


def _exported(connector: Connector) -> dict[str, Any]:
    entries = list(connector.after(None, newest_first=False))
    return {
        "VoiceConnectorId": connector.connector_id,
        "Proxy": copy.deepcopy(connector.proxy),
        "ProxySessions": [copy.deepcopy(entry.session) for entry in entries],
        # From when on the minutes count, where that is not the creation.
        "Started": {
            entry.session_id: timestamp(entry.start)
            for entry in entries
            if entry.deadline is not None and parse_timestamp(entry.session.get("CreatedTimestamp")) != entry.start
        },
        "Deleted": sorted(connector.deleted),
        "Sticky": [[sorted(people), number] for people, number in connector.sticky.items()],
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _check(contract: Contract, instance: Any, what: str, remedy: str) -> None:
    violations = contract.check(instance)
    if violations:
        raise InvalidInstanceError(what, violations, remedy)
