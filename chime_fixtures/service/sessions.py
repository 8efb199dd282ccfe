"""The five operations on proxy sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from chime_fixtures.chime import phone_numbers
from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.clock import Clock, parse_timestamp, timestamp
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.imitator import Shape
from chime_fixtures.service.outcomes import BAD_REQUEST, FORBIDDEN, NOT_FOUND, SERVICE_FAILURE, Outcome, Refusal
from chime_fixtures.service.pagination import Seal
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.state import Connector, Entry, State, dump

SHORTENED = "page"
"""The member of an input, besides those of the API, that asks for a page that is ``short`` or ``empty``."""

_BEHIND_ALL = 2**63
_ECHOED = ("NumberSelectionBehavior", "GeoMatchLevel", "GeoMatchParams")


class Sessions:
    """Create, get, list, update and delete.

    Args:
        state: where the sessions are.
        clock: what time it is.
        ids: where ids and choices come from.
        policies: the rules that nobody documented.
        contract: what a session of ours has to be.
        shape: how sessions are shown; None if they are shown as they are.
        largest_page: the most sessions that a request may ask for.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        ids: Ids,
        policies: Policies,
        *,
        contract: Contract,
        shape: Shape | None,
        largest_page: int,
    ) -> None:
        self._state = state
        self._clock = clock
        self._ids = ids
        self._policies = policies
        self._contract = contract
        self._shape = shape
        self._page_size = policies.page_size or largest_page

    def connector(self, connector_id: str) -> Connector:
        """A connector as it is now.

        Raises:
            Refusal: the policy says that only connectors exist that somebody added.
        """
        if self._policies.unknown_connectors == "not-found" and connector_id not in self._state.connectors:
            raise Refusal(NOT_FOUND, f"Voice Connector {connector_id} does not exist")
        connector = self._state.connector(connector_id)
        connector.expire(self._clock.now(), self._policies)
        return connector

    def create(self, wish: Mapping[str, Any]) -> Outcome:
        """CreateProxySession."""
        connector = self.connector(wish["VoiceConnectorId"])
        self._check_proxy(connector)
        minutes = self._minutes(wish, connector)
        people: Sequence[str] = wish["ParticipantPhoneNumbers"]
        number = self._number(wish, connector, people)
        now = self._clock.now()
        session_id = self._ids.session_id()
        while session_id in connector.entries:
            session_id = self._ids.session_id()
        session: dict[str, Any] = {"VoiceConnectorId": connector.connector_id, "ProxySessionId": session_id}
        if "Name" in wish:
            session["Name"] = wish["Name"]
        session |= {
            "Status": "Open",
            "ExpiryMinutes": minutes,
            "Capabilities": self._ordered(wish["Capabilities"]),
            "CreatedTimestamp": timestamp(now),
            "UpdatedTimestamp": timestamp(now),
            "Participants": [{"PhoneNumber": each, "ProxyPhoneNumber": number} for each in self._ordered(people)],
        }
        session |= {member: wish[member] for member in _ECHOED if member in wish}
        entry = Entry(session_id, session, self._state.next_sequence(), now, _end(now, minutes))
        connector.put(entry)
        connector.sticky[frozenset(people)] = number
        return self._one(entry, committed=True)

    def get(self, wish: Mapping[str, Any]) -> Outcome:
        """GetProxySession."""
        return self._one(self._entry(wish))

    def page(self, wish: Mapping[str, Any]) -> Outcome:
        """ListProxySessions."""
        connector = self.connector(wish["VoiceConnectorId"])
        status, size = wish.get("Status"), wish.get("MaxResults", self._page_size)
        seal = Seal(connector.connector_id, status, self._ids.seed)
        place = None
        if "NextToken" in wish:
            place = seal.read(wish["NextToken"])
            if place is None and self._policies.foreign_token == "refuse":
                raise Refusal(BAD_REQUEST, "NextToken is not one that was given for this connector and filter")
        is_newest_first = self._policies.list_order == "newest-first"
        page: list[Entry] = []
        has_more = False
        for entry in connector.after(place, newest_first=is_newest_first):
            if status is None or entry.session.get("Status") == status:
                has_more = len(page) == size
                if has_more:
                    break
                page.append(entry)
        if SHORTENED in wish:
            page, has_more = page[: len(page) // 2 if wish[SHORTENED] == "short" else 0], True
        body = b'{"ProxySessions":[' + b",".join([entry.as_bytes(self._shape) for entry in page]) + b"]"
        instance: dict[str, Any] = {"ProxySessions": [entry.session for entry in page]}
        if has_more:
            begin = place if place is not None else _BEHIND_ALL if is_newest_first else 0
            instance["NextToken"] = seal.write(page[-1].sequence if page else begin)
            body += b',"NextToken":' + dump(instance["NextToken"])
        elif self._policies.last_page_token == "null":
            body += b',"NextToken":null'
        is_checked = self._shape is None and all(entry.is_checked for entry in page)
        return Outcome(body + b"}", instance if is_checked else None)

    def update(self, wish: Mapping[str, Any]) -> Outcome:
        """UpdateProxySession."""
        entry = self._entry(wish)
        connector = self._state.connector(wish["VoiceConnectorId"])
        now = self._clock.now()
        rule = self._policies.update_of_closed
        if entry.is_closed and rule == "not-found":
            raise self._missing(wish)
        if entry.is_closed and rule == "refuse":
            raise Refusal(BAD_REQUEST, f"proxy session {entry.session_id} is closed")
        session = {**entry.session, "Capabilities": self._ordered(wish["Capabilities"])}
        if "ExpiryMinutes" in wish:
            session["ExpiryMinutes"] = self._minutes(wish, connector)
        session["UpdatedTimestamp"] = timestamp(now)
        reopens = entry.is_closed and rule == "reopen"
        if reopens:
            session["Status"] = "Open"
            session.pop("EndedTimestamp", None)
        if reopens or self._policies.update_restarts_clock:
            entry.start = now
        ends = not entry.is_closed or reopens
        connector.replace(entry, session, _end(entry.start, session.get("ExpiryMinutes")) if ends else None)
        return self._one(entry, committed=True)

    def delete(self, wish: Mapping[str, Any]) -> Outcome:
        """DeleteProxySession."""
        connector = self.connector(wish["VoiceConnectorId"])
        session_id = wish["ProxySessionId"]
        entry = connector.entries.get(session_id)
        if session_id in connector.deleted:
            if self._policies.second_delete == "not-found":
                raise self._missing(wish)
            return Outcome(b"")
        if entry is None:
            raise self._missing(wish)
        if self._policies.delete_leaves == "nothing":
            connector.remove(entry)
        elif not entry.is_closed:
            connector.close(entry, self._clock.now(), updated=True)
        connector.deleted.add(session_id)
        return Outcome(b"", committed=True)

    def preload(
        self,
        session: dict[str, Any],
        *,
        connector_id: str,
        session_id: str,
        is_checked: bool,
        start: dt.datetime | None = None,
    ) -> None:
        """Store a session that somebody made; an open one lives its minutes from now, if they are over already."""
        now = self._clock.now()
        start = start or parse_timestamp(session.get("CreatedTimestamp")) or now
        minutes = session.get("ExpiryMinutes")
        deadline = _end(start, minutes)
        if deadline is not None and deadline <= now:
            start, deadline = now, _end(now, minutes)
        entry = Entry(session_id, session, self._state.next_sequence(), start, deadline, is_checked)
        if entry.is_closed:
            entry.deadline = None
        self._state.connector(connector_id).put(entry)

    def _one(self, entry: Entry, *, committed: bool = False) -> Outcome:
        # What was held against the contract once need not be again, until it changes; a shape has held it already.
        is_known = self._shape is not None or not entry.is_checked or entry.content is not None
        instance = None if is_known else {"ProxySession": entry.session}
        return Outcome(b'{"ProxySession":' + entry.as_bytes(self._shape) + b"}", instance, committed)

    def _entry(self, wish: Mapping[str, Any]) -> Entry:
        entry = self.connector(wish["VoiceConnectorId"]).entries.get(wish["ProxySessionId"])
        if entry is None:
            raise self._missing(wish)
        return entry

    @staticmethod
    def _missing(wish: Mapping[str, Any]) -> Refusal:
        text = f"proxy session {wish['ProxySessionId']} does not exist on Voice Connector {wish['VoiceConnectorId']}"
        return Refusal(NOT_FOUND, text)

    def _check_proxy(self, connector: Connector) -> None:
        if connector.proxy is None and self._policies.create_without_proxy == "refuse":
            text = f"Voice Connector {connector.connector_id} has no proxy configuration"
            raise Refusal(BAD_REQUEST, f"{text}: PutVoiceConnectorProxy comes first")
        disabled = connector.proxy is not None and connector.proxy["Disabled"]
        if disabled and self._policies.create_when_disabled == "refuse":
            raise Refusal(FORBIDDEN, f"proxy sessions are disabled on Voice Connector {connector.connector_id}")

    def _minutes(self, wish: Mapping[str, Any], connector: Connector) -> int:
        default = self._policies.default_minutes
        if connector.proxy is not None:
            default = connector.proxy["DefaultSessionExpiryMinutes"]
        minutes, longest = int(wish.get("ExpiryMinutes", default)), self._policies.longest_minutes
        if longest is not None and minutes > longest:
            raise Refusal(BAD_REQUEST, f"ExpiryMinutes {minutes} is more than {longest}, the longest life of a session")
        if not self._contract.is_valid({"ExpiryMinutes": minutes}):
            text = f"Voice Connector {connector.connector_id} has the DefaultSessionExpiryMinutes {minutes}"
            raise Refusal(BAD_REQUEST, f"{text}, with which no session can live: name ExpiryMinutes")
        return minutes

    def _number(self, wish: Mapping[str, Any], connector: Connector, people: Sequence[str]) -> str:
        country, area = _place(wish, people[0])
        allowed = connector.proxy["PhoneNumberCountries"] if connector.proxy is not None else phone_numbers.countries()
        home = tuple(allowed) if connector.proxy is not None else phone_numbers.countries()[:1]
        wanted = home if country is None else tuple({country}.intersection(allowed))
        fitting = phone_numbers.pool(wanted, area)
        if not fitting and self._policies.no_local_number == "fall-back":
            fitting = phone_numbers.pool(phone_numbers.countries())
        taken = set().union(*(connector.in_use.get(person, ()) for person in people))
        last = connector.sticky.get(frozenset(people))
        start = self._ids.choice(max(1, len(fitting)))
        behavior = wish.get("NumberSelectionBehavior", self._policies.number_selection)
        if last is not None and behavior == "PreferSticky" and last in fitting and last not in taken:
            return last
        number = fitting.pick(start, taken | {last} if last else taken)
        if number is None and last is not None and last in fitting and last not in taken:
            return last
        if number is None:
            where = f"area code {area} of {country}" if area else f"{country or ' or '.join(home) or 'the pool'}"
            raise no_number(f" in {where}")
        return number

    def _ordered(self, items: Sequence[Any]) -> Sequence[Any]:
        return items[::-1] if self._policies.answer_order == "reversed" else list(items)


def no_number(where: str = "") -> Refusal:
    """The refusal of a create for which no proxy number is left; consumers look for "unable to allocate"."""
    return Refusal(SERVICE_FAILURE, f"Chime is unable to allocate a proxy phone number{where}")


def _end(start: dt.datetime, minutes: Any) -> dt.datetime | None:
    """When a session ends; never, if its minutes are none or pass the end of the calendar."""
    if not isinstance(minutes, (int, float)):
        return None
    try:
        return start + dt.timedelta(minutes=minutes)
    except (OverflowError, ValueError):
        return None


def _place(wish: Mapping[str, Any], first: str) -> tuple[str | None, str]:
    """The country (None: any) and area code wanted: those of the parameters, else those of the first participant."""
    level, params = wish.get("GeoMatchLevel"), wish.get("GeoMatchParams", {})
    country, area = params.get("Country") or None, params.get("AreaCode", "")
    if level is not None:
        home, home_area = phone_numbers.place_of(first)
        if country is None:
            country = home
        if not area and country == home:
            area = home_area
        if level != "AreaCode":
            area = ""
    return country, area
