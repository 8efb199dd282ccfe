"""The proxy sessions of rides: rider and driver call each other through a number that belongs to neither."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from typing import Any

import botocore.exceptions

MAX_TRIES = 4
PAGE_SIZE = 25


class RideSessions:
    """Opens one proxy session for each ride, finds it again, closes it, and stores what it was.

    Args:
        client: a boto3 client of `chime-sdk-voice`.
        connector: the id of the Voice Connector.
        database: a connection to the database with the closed sessions.
        sleep: a function that waits for some seconds.
    """

    def __init__(self, client: Any, connector: str, database: sqlite3.Connection, sleep: Any = time.sleep) -> None:
        self._client = client
        self._connector = connector
        self._database = database
        self._sleep = sleep
        database.execute("CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, ride TEXT, record TEXT)")

    def open(self, ride: str, rider: str, driver: str) -> dict[str, Any]:
        """The open session of a ride; a new one only if there is none."""
        return self.find(ride) or self._retry(self._create, ride, rider, driver)

    def _create(self, ride: str, rider: str, driver: str) -> dict[str, Any]:
        response = self._client.create_proxy_session(
            VoiceConnectorId=self._connector,
            Name=ride,
            ParticipantPhoneNumbers=[rider, driver],
            Capabilities=["Voice", "SMS"],
        )
        return self._session(response)

    def find(self, ride: str) -> dict[str, Any] | None:
        """The open session of a ride, on whichever page it is."""
        token: dict[str, str] = {}
        while True:
            page = self._retry(self._page, token)
            for session in page.get("ProxySessions", ()):
                if session.get("Name") == ride:
                    return session
            if not page.get("NextToken"):
                return None
            token = {"NextToken": page["NextToken"]}

    def _page(self, token: dict[str, str]) -> dict[str, Any]:
        page = self._client.list_proxy_sessions(
            VoiceConnectorId=self._connector, Status="Open", MaxResults=PAGE_SIZE, **token
        )
        if "ProxySessions" not in page:
            raise IncompleteResponseError("the response has no ProxySessions")
        return page

    def close(self, ride: str) -> None:
        """Close the session of a ride and store it; a ride without one is closed already."""
        session = self.find(ride)
        if session is None:
            return
        self.store(session)
        with contextlib.suppress(self._client.exceptions.NotFoundException):
            self._retry(
                self._client.delete_proxy_session,
                VoiceConnectorId=self._connector,
                ProxySessionId=session["ProxySessionId"],
            )

    def store(self, session: dict[str, Any]) -> None:
        """Store a session under its id."""
        record = json.dumps(session, default=lambda moment: moment.isoformat())
        self._database.execute(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)",
            (session.get("ProxySessionId"), session.get("Name"), record),
        )

    def stored(self, ride: str) -> list[dict[str, Any]]:
        """The stored sessions of a ride."""
        rows = self._database.execute("SELECT record FROM sessions WHERE ride = ?", (ride,))
        return [json.loads(record) for (record,) in rows]

    def _retry(self, call: Any, *arguments: Any, **parameters: Any) -> Any:
        """Call again after throttling and failures of the service, and after a lost connection.

        A creation whose response was lost may have been executed, so the session is looked for before another one is
        created.
        """
        for attempt in range(MAX_TRIES):
            try:
                return call(*arguments, **parameters)
            except (
                self._client.exceptions.ThrottledClientException,
                self._client.exceptions.ServiceUnavailableException,
                botocore.exceptions.HTTPClientError,
                IncompleteResponseError,
            ):
                if attempt == MAX_TRIES - 1:
                    raise
                self._sleep(2**attempt / 10)
                if call == self._create and (existing := self.find(arguments[0])):
                    return existing
        raise AssertionError("unreachable")

    @staticmethod
    def _session(response: dict[str, Any]) -> dict[str, Any]:
        """The session of a response; botocore reads a broken body of a success as a response without members."""
        if "ProxySession" not in response:
            raise IncompleteResponseError("the response has no ProxySession")
        return response["ProxySession"]


class IncompleteResponseError(Exception):
    """A response of success whose body is empty or cut."""
