"""The five operations on proxy sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chime_fixtures.chime import phone_numbers
from chime_fixtures.chime.conventions import timestamp
from chime_fixtures.chime.operations import max_page_size
from chime_fixtures.service.context import Context
from chime_fixtures.service.messages import (
    BAD_REQUEST,
    FORBIDDEN,
    NOT_FOUND,
    SERVICE_FAILURE,
    ApiError,
    Result,
    encode_json,
)
from chime_fixtures.service.pagination import PageTokens
from chime_fixtures.service.state import Connector, State, StoredSession, deadline_of

PAGE_FAULT = "page"
"""An internal parameter, not part of the API: the page fault, ``short`` or ``empty``, to apply to a listing."""

_MAX_SEQUENCE = 2**63
_ECHOED_MEMBERS = ("NumberSelectionBehavior", "GeoMatchLevel", "GeoMatchParams")


class Sessions:
    """Create, get, list, update and delete.

    Args:
        context: the clock, ids, policies and contracts.
        state: the connectors with their sessions.
    """

    def __init__(self, context: Context, state: State) -> None:
        self._context = context
        self._state = state
        self._page_size = context.policies.page_size or max_page_size()

    def create(self, parameters: Mapping[str, Any]) -> Result:
        """CreateProxySession."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        self._check_proxy(connector)
        minutes = self._minutes(parameters, connector)
        participants: Sequence[str] = parameters["ParticipantPhoneNumbers"]
        number = self._choose_number(parameters, connector, participants)
        now = self._context.clock.now()
        session_id = self._context.ids.session_id()
        while session_id in connector.sessions:
            session_id = self._context.ids.session_id()
        session: dict[str, Any] = {"VoiceConnectorId": connector.connector_id, "ProxySessionId": session_id}
        if "Name" in parameters:
            session["Name"] = parameters["Name"]
        session |= {
            "Status": "Open",
            "ExpiryMinutes": minutes,
            "Capabilities": self._reordered(parameters["Capabilities"]),
            "CreatedTimestamp": timestamp(now),
            "UpdatedTimestamp": timestamp(now),
            "Participants": [
                {"PhoneNumber": each, "ProxyPhoneNumber": number} for each in self._reordered(participants)
            ],
        }
        session |= {member: parameters[member] for member in _ECHOED_MEMBERS if member in parameters}
        stored = StoredSession(session_id, session, self._state.next_sequence(), now, deadline_of(now, minutes))
        connector.put(stored)
        connector.last_numbers[frozenset(participants)] = number
        return self._result(stored, committed=True)

    def get(self, parameters: Mapping[str, Any]) -> Result:
        """GetProxySession."""
        _, stored = self._find(parameters)
        return self._result(stored)

    def page(self, parameters: Mapping[str, Any]) -> Result:
        """ListProxySessions."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        status, size = parameters.get("Status"), parameters.get("MaxResults", self._page_size)
        tokens = PageTokens(connector.connector_id, status, self._context.ids.seed)
        sequence = None
        if "NextToken" in parameters:
            sequence = tokens.decode(parameters["NextToken"])
            if sequence is None and self._context.policies.foreign_token == "refuse":
                raise ApiError(BAD_REQUEST, "NextToken belongs to another Voice Connector or filter")
        is_newest_first = self._context.policies.list_order == "newest-first"
        page: list[StoredSession] = []
        has_more = False
        for stored in connector.after(sequence, newest_first=is_newest_first):
            if status is None or stored.session.get("Status") == status:
                has_more = len(page) == size
                if has_more:
                    break
                page.append(stored)
        if self._context.policies.page_fill == "half" and len(page) > 1:
            page, has_more = page[: (len(page) + 1) // 2], True
        if PAGE_FAULT in parameters:
            page, has_more = page[: len(page) // 2 if parameters[PAGE_FAULT] == "short" else 0], True
        imitator = self._context.imitator
        body = b'{"ProxySessions":[' + b",".join([stored.as_bytes(imitator) for stored in page]) + b"]"
        instance: dict[str, Any] = {"ProxySessions": [stored.session for stored in page]}
        if has_more:
            begin = sequence if sequence is not None else _MAX_SEQUENCE if is_newest_first else 0
            instance["NextToken"] = tokens.encode(page[-1].sequence if page else begin)
            body += b',"NextToken":' + encode_json(instance["NextToken"])
        elif self._context.policies.last_page_token == "null":
            body += b',"NextToken":null'
        is_checked = imitator is None and all(stored.is_checked for stored in page)
        return Result(body + b"}", instance if is_checked else None)

    def update(self, parameters: Mapping[str, Any]) -> Result:
        """UpdateProxySession."""
        connector, stored = self._find(parameters)
        now = self._context.clock.now()
        policy = self._context.policies.update_of_closed
        if stored.is_closed and policy == "not-found":
            raise _not_found(parameters)
        if stored.is_closed and policy == "refuse":
            raise ApiError(BAD_REQUEST, f"proxy session {stored.session_id} is closed")
        session = {**stored.session, "Capabilities": self._reordered(parameters["Capabilities"])}
        if "ExpiryMinutes" in parameters:
            session["ExpiryMinutes"] = self._minutes(parameters, connector)
        session["UpdatedTimestamp"] = timestamp(now)
        reopens = stored.is_closed and policy == "reopen"
        if reopens:
            session["Status"] = "Open"
            session.pop("EndedTimestamp", None)
        if reopens or self._context.policies.update_restarts_clock:
            stored.start = now
        is_open = reopens or not stored.is_closed
        deadline = deadline_of(stored.start, session.get("ExpiryMinutes")) if is_open else None
        connector.replace(stored, session, deadline)
        return self._result(stored, committed=True)

    def delete(self, parameters: Mapping[str, Any]) -> Result:
        """DeleteProxySession."""
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        session_id = parameters["ProxySessionId"]
        stored = connector.sessions.get(session_id)
        if session_id in connector.deleted:
            if self._context.policies.second_delete == "not-found":
                raise _not_found(parameters)
            return Result(b"")
        if stored is None:
            raise _not_found(parameters)
        if self._context.policies.delete_leaves == "nothing":
            connector.remove(stored)
        elif not stored.is_closed:
            connector.close(stored, self._context.clock.now(), updated=True)
        connector.deleted.add(session_id)
        return Result(b"", committed=True)

    def _find(self, parameters: Mapping[str, Any]) -> tuple[Connector, StoredSession]:
        connector = self._state.find_connector(parameters["VoiceConnectorId"])
        stored = connector.sessions.get(parameters["ProxySessionId"])
        if stored is None:
            raise _not_found(parameters)
        return connector, stored

    def _result(self, stored: StoredSession, *, committed: bool = False) -> Result:
        imitator = self._context.imitator
        # A session was validated already if its body is cached, or if it was converted for an imitator.
        needs_no_check = imitator is not None or not stored.is_checked or stored.body is not None
        instance = None if needs_no_check else {"ProxySession": stored.session}
        return Result(b'{"ProxySession":' + stored.as_bytes(imitator) + b"}", instance, committed)

    def _check_proxy(self, connector: Connector) -> None:
        policies = self._context.policies
        if connector.proxy is None and policies.create_without_proxy == "refuse":
            text = f"Voice Connector {connector.connector_id} has no proxy configuration"
            raise ApiError(BAD_REQUEST, f"{text}; call PutVoiceConnectorProxy first")
        disabled = connector.proxy is not None and connector.proxy["Disabled"]
        if disabled and policies.create_when_disabled == "refuse":
            raise ApiError(FORBIDDEN, f"proxy sessions are disabled on Voice Connector {connector.connector_id}")

    def _minutes(self, parameters: Mapping[str, Any], connector: Connector) -> int:
        default, maximum = self._context.policies.default_minutes, self._context.policies.max_minutes
        if connector.proxy is not None:
            default = connector.proxy["DefaultSessionExpiryMinutes"]
        minutes = int(parameters.get("ExpiryMinutes", default))
        if maximum is not None and minutes > maximum:
            raise ApiError(BAD_REQUEST, f"ExpiryMinutes is {minutes}; at most {maximum} is allowed")
        if not self._context.chime_contract.is_valid({"ExpiryMinutes": minutes}):
            text = f"Voice Connector {connector.connector_id} has the DefaultSessionExpiryMinutes {minutes}"
            raise ApiError(BAD_REQUEST, f"{text}, which is not valid for a session; set ExpiryMinutes")
        return minutes

    def _choose_number(self, parameters: Mapping[str, Any], connector: Connector, participants: Sequence[str]) -> str:
        """A fictitious number for the requested country and area code, by those that the participants had."""
        policies, choice = self._context.policies, self._context.ids.choice()
        country, area_code = _requested_place(parameters, participants[0])
        all_countries = phone_numbers.countries()
        if connector.proxy is not None:
            allowed = default = tuple(connector.proxy["PhoneNumberCountries"])
        else:
            allowed, default = all_countries, all_countries[:1]
        countries = default if country is None else tuple({country}.intersection(allowed))
        pool = phone_numbers.pool(countries, area_code)
        if not pool and policies.no_local_number == "fall-back":
            pool = phone_numbers.pool(all_countries)
        taken = set().union(*(connector.numbers_in_use.get(each, ()) for each in participants))
        previous = connector.last_numbers.get(frozenset(participants))
        if previous is not None and (previous not in pool or previous in taken):
            previous = None
        behavior = parameters.get("NumberSelectionBehavior", policies.number_selection)
        if previous is not None and behavior == "PreferSticky":
            return previous
        number = pool.first_free(choice, taken | {previous} if previous else taken) or previous
        if number is None:
            place = f"area code {area_code} of {country}" if area_code else country or " or ".join(default)
            raise no_number_left(f" in {place or 'the pool'}")
        return number

    def _reordered(self, items: Sequence[Any]) -> Sequence[Any]:
        return items[::-1] if self._context.policies.answer_order == "reversed" else list(items)


def no_number_left(place: str = "") -> ApiError:
    """Return the error of CreateProxySession if no proxy number is left; consumers look for "unable to allocate"."""
    return ApiError(SERVICE_FAILURE, f"Chime is unable to allocate a proxy phone number{place}")


def _not_found(parameters: Mapping[str, Any]) -> ApiError:
    session_id, connector_id = parameters["ProxySessionId"], parameters["VoiceConnectorId"]
    return ApiError(NOT_FOUND, f"proxy session {session_id} does not exist on Voice Connector {connector_id}")


def _requested_place(parameters: Mapping[str, Any], first_participant: str) -> tuple[str | None, str]:
    """The requested country (None for any) and area code: those of the parameters, or else of the first participant."""
    level, geo_match = parameters.get("GeoMatchLevel"), parameters.get("GeoMatchParams", {})
    country, area_code = geo_match.get("Country") or None, geo_match.get("AreaCode", "")
    if level is not None:
        home, home_area_code = phone_numbers.country_and_area_code(first_participant)
        if country is None:
            country = home
        if not area_code and country == home:
            area_code = home_area_code
        if level != "AreaCode":
            area_code = ""
    return country, area_code
