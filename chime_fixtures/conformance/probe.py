"""The client of the checks: sends requests, remembers each exchange, and removes what it created."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.operations import max_page_size, operation_named
from chime_fixtures.conformance.exchanges import Exchange, Send, body_of, request_of, target_of
from chime_fixtures.conformance.records import DeviationError, SkippedError, ThrottledError
from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.ids import Ids

Advance: TypeAlias = Callable[[float], None]
"""Moves the clock of the server forward by a number of minutes."""

COUNTRY = "US"
AREA_CODE = "206"
MINUTES = 60
"""ExpiryMinutes of the sessions that checks create."""
DEFAULT_SESSION_MINUTES = 45
"""DefaultSessionExpiryMinutes of the proxy configuration that checks put: no default of a policy."""
MAX_SESSIONS_OF_A_LISTING = 300
"""A listing with more sessions is not read to its end with small pages."""
MAX_PAGES = 1000

_SEED_OFFSET = 2**40
"""Added to the seed, so that the ids are not those of a stub with the same seed."""

CONFIGURATION = {"DefaultSessionExpiryMinutes": DEFAULT_SESSION_MINUTES, "PhoneNumberPoolCountries": [COUNTRY]}
"""The arguments of PutVoiceConnectorProxy by which checks start."""


class Probe:
    """Sends the requests of checks.

    Args:
        send: sends a request.
        connector_id: the id of the Voice Connector to use; None for one that is made from the seed.
        contract: the contract of a session.
        seed: the seed of ids that no server has.
        headers: header fields of each request.
        base: the part of the URL before the path of an operation.
        advance: moves the clock of the server; None if it can't be moved.

    Attributes:
        connector_id: the id of the Voice Connector.
        contract: the contract of a session.
        exchanges: every exchange so far.
        leftovers: sentences about resources that could not be removed.
    """

    def __init__(
        self,
        send: Send,
        *,
        connector_id: str | None,
        contract: Contract,
        seed: int,
        headers: Mapping[str, str],
        base: str,
        advance: Advance | None,
    ) -> None:
        self._ids = Ids(_SEED_OFFSET + seed)
        made_id = self._ids.connector_id()
        self.connector_id = connector_id or made_id
        self.contract = contract
        self.exchanges: list[Exchange] = []
        self.leftovers: list[str] = []
        self._send = send
        self._headers = headers
        self._base = base
        self._advance = advance
        self._numbers = itertools.cycle(phone_numbers.pool((COUNTRY,), AREA_CODE))
        self._created: list[str] = []
        self._original: Mapping[str, Any] | None = None
        self._is_configured = False

    def call(self, name: str, **arguments: Any) -> Exchange:
        """Send a request that boto3 could send."""
        operation = operation_named(name)
        full = {"VoiceConnectorId": self.connector_id, **arguments}
        return self._exchange(name, full, target_of(operation, full), body_of(operation, full), is_sendable=True)

    def call_wrongly(
        self, name: str, arguments: Mapping[str, Any], *, body: bytes | None = None, query: str = ""
    ) -> Exchange:
        """Send a request that is wrong on purpose.

        Args:
            name: the name of the operation.
            arguments: its arguments.
            body: the body, if it is not that of the arguments.
            query: query parameters that the operation does not have, encoded.
        """
        operation = operation_named(name)
        full = {"VoiceConnectorId": self.connector_id, **arguments}
        content = body_of(operation, full) if body is None else body
        return self._exchange(name, full, target_of(operation, full, query), content, is_sendable=False)

    def _exchange(
        self, name: str, arguments: Mapping[str, Any], target: str, body: bytes, *, is_sendable: bool
    ) -> Exchange:
        operation = operation_named(name)
        request = request_of(operation, target, body, self._headers, self._base)
        is_creation = name == "CreateProxySession"
        if name in ("PutVoiceConnectorProxy", "DeleteVoiceConnectorProxy"):
            self._is_configured = False
        try:
            response = self._send(request)
        except ThrottledError:
            raise
        # Also an interruption.
        except BaseException:
            if is_creation:
                text = f"its CreateProxySession for {arguments.get('ParticipantPhoneNumbers')} had no response"
                self._note_leftover("a session, if it exists,", text)
            raise
        exchange = Exchange(operation, arguments, is_sendable, request, response)
        self.exchanges.append(exchange)
        if name == "PutVoiceConnectorProxy":
            self._is_configured = arguments == {"VoiceConnectorId": self.connector_id, **CONFIGURATION}
        if is_creation and exchange.is_success and (session_id := session_id_of(exchange)):
            self._created.append(session_id)
        return exchange

    def participants(self) -> list[str]:
        """Two fictitious telephone numbers that the checks have not used recently."""
        return [next(self._numbers), next(self._numbers)]

    def creation(self, **arguments: Any) -> dict[str, Any]:
        """The arguments of a valid CreateProxySession; None removes one."""
        full = {
            "ParticipantPhoneNumbers": self.participants(),
            "Capabilities": ["Voice", "SMS"],
            "ExpiryMinutes": MINUTES,
            **arguments,
        }
        return {name: value for name, value in full.items() if value is not None}

    def create(self, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """Create a session, and return its id and the session.

        Raises:
            SkippedError: there is no session; the checks of CreateProxySession report that.
        """
        exchange = self.call("CreateProxySession", **self.creation(**arguments))
        session, session_id = exchange.member("ProxySession"), session_id_of(exchange)
        if not exchange.is_success or not session_id:
            raise SkippedError(f"CreateProxySession returned {exchange.outcome} without a session to use")
        return session_id, session

    def create_several(self, count: int) -> list[str]:
        """Create sessions, and return their ids in the order of creation."""
        return [self.create()[0] for _ in range(count)]

    def get(self, session_id: str) -> Exchange:
        """Send GetProxySession."""
        return self.call("GetProxySession", ProxySessionId=session_id)

    def session(self, session_id: str) -> dict[str, Any]:
        """The session that GetProxySession returns.

        Raises:
            SkippedError: it returns none.
        """
        exchange = self.get(session_id)
        session = exchange.member("ProxySession")
        if not exchange.is_success or not isinstance(session, dict):
            raise SkippedError(f"GetProxySession returned {exchange.outcome} without a session to look at")
        return session

    def update(self, session_id: str, **arguments: Any) -> Exchange:
        """Send UpdateProxySession."""
        return self.call("UpdateProxySession", ProxySessionId=session_id, **{"Capabilities": ["Voice"], **arguments})

    def delete(self, session_id: str) -> Exchange:
        """Send DeleteProxySession."""
        return self.call("DeleteProxySession", ProxySessionId=session_id)

    def page(self, **arguments: Any) -> tuple[list[Any], str | None]:
        """The sessions and the token of a page.

        Raises:
            DeviationError: the response is not a page.
        """
        exchange = self.call("ListProxySessions", **arguments)
        sessions, token = exchange.member("ProxySessions"), exchange.member("NextToken")
        if not exchange.is_success or not isinstance(sessions, list):
            raise DeviationError(f"ListProxySessions returned {exchange.outcome} without ProxySessions")
        return sessions, token if isinstance(token, str) else None

    def pages(self, **arguments: Any) -> Iterator[list[Any]]:
        """Every page of a listing.

        Raises:
            DeviationError: a response is not a page, or the listing has no end.
        """
        token: str | None = None
        for _ in range(MAX_PAGES):
            continuation = {} if token is None else {"NextToken": token}
            sessions, token = self.page(**arguments, **continuation)
            yield sessions
            if token is None:
                return
        raise DeviationError(f"the listing has a NextToken on each of {MAX_PAGES} pages")

    def listed(self, **arguments: Any) -> list[dict[str, Any]]:
        """The sessions of a whole listing, in its order, by the largest pages unless MaxResults is given."""
        arguments = {"MaxResults": max_page_size(), **arguments}
        return [each for page in self.pages(**arguments) for each in page if isinstance(each, dict)]

    def listed_ids(self, **arguments: Any) -> list[Any]:
        """The ids of the sessions of a whole listing, in its order."""
        return [each.get("ProxySessionId") for each in self.listed(**arguments)]

    def require_small_listing(self) -> int:
        """The number of sessions in the listing.

        Raises:
            SkippedError: the Voice Connector has too many sessions to list them with small pages.
        """
        count = len(self.listed())
        if count > MAX_SESSIONS_OF_A_LISTING:
            text = f"the Voice Connector has more than {MAX_SESSIONS_OF_A_LISTING} sessions"
            raise SkippedError(f"{text}; pass the id of one that has none")
        return count

    def unknown_connector(self) -> str:
        """The id of a Voice Connector that does not exist."""
        return self._ids.connector_id()

    def unknown_session(self) -> str:
        """The id of a session that does not exist."""
        return self._ids.session_id()

    def advance(self, minutes: float) -> None:
        """Move the clock of the server forward.

        Raises:
            SkippedError: it can't be moved.
        """
        if self._advance is None:
            raise SkippedError("the clock of the server can't be moved; pass a URL that moves it")
        self._advance(minutes)

    def put_configuration(self, **arguments: Any) -> Exchange:
        """Send PutVoiceConnectorProxy with the configuration of the checks."""
        return self.call("PutVoiceConnectorProxy", **{**CONFIGURATION, **arguments})

    @contextlib.contextmanager
    def without_configuration(self) -> Iterator[Exchange]:
        """Delete the proxy configuration for the duration of a `with`; yields the exchange."""
        try:
            yield self.call("DeleteVoiceConnectorProxy")
        finally:
            self.put_configuration()

    @contextlib.contextmanager
    def configuration(self, **arguments: Any) -> Iterator[Exchange]:
        """Change the proxy configuration for the duration of a `with`; yields the exchange."""
        try:
            yield self.put_configuration(**arguments)
        finally:
            self.put_configuration()

    def set_up(self) -> Exchange:
        """Remember the proxy configuration of the Voice Connector, and put that of the checks."""
        before = self.call("GetVoiceConnectorProxy")
        proxy = before.member("Proxy") if before.is_success else None
        if isinstance(proxy, dict):
            self._original = proxy
        return self.put_configuration()

    def prepare(self) -> None:
        """Put the proxy configuration of the checks again if the check before could not."""
        if not self._is_configured:
            self.put_configuration()

    def remove_sessions(self) -> None:
        """Delete the sessions that were created since the last call; `tear_down` deletes those that are throttled."""
        throttled = []
        while self._created:
            session_id = self._created.pop(0)
            try:
                self._remove(f"session {session_id}", functools.partial(self.delete, session_id))
            except ThrottledError:
                throttled.append(session_id)
        self._created = throttled

    def tear_down(self) -> None:
        """Delete the sessions that are left, and restore the proxy configuration."""
        removals: dict[str, Callable[[], Exchange]] = {
            f"session {each}": functools.partial(self.delete, each) for each in self._created
        }
        for name, send in {**removals, "proxy configuration": self._restore}.items():
            try:
                self._remove(name, send)
            except ThrottledError as error:
                self._note_leftover(name, str(error))

    def _remove(self, name: str, send: Callable[[], Exchange]) -> None:
        """Send a request that removes something, which may be gone already; note what it leaves."""
        try:
            exchange = send()
            reason = "" if exchange.is_success or exchange.status == HTTPStatus.NOT_FOUND else exchange.outcome
        except OSError as error:
            reason = str(error)
        if reason:
            self._note_leftover(name, reason)

    def _note_leftover(self, name: str, reason: str) -> None:
        self.leftovers.append(f"{name} of {self.connector_id}: {reason}")

    def _restore(self) -> Exchange:
        if self._original is None:
            return self.call("DeleteVoiceConnectorProxy")
        arguments = {name: value for name, value in self._original.items() if value is not None}
        arguments["PhoneNumberPoolCountries"] = arguments.pop("PhoneNumberCountries", None) or [COUNTRY]
        return self.call("PutVoiceConnectorProxy", **arguments)


def session_id_of(exchange: Exchange) -> str:
    """The id of the session in a response; empty without one."""
    session = exchange.member("ProxySession")
    session_id = session.get("ProxySessionId") if isinstance(session, dict) else None
    return session_id if isinstance(session_id, str) else ""
