"""Checks of the life cycle of a session: create, get, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chime_fixtures.conformance.exchanges import Exchange
from chime_fixtures.conformance.probe import COUNTRY, DEFAULT_SESSION_MINUTES, MINUTES, Probe
from chime_fixtures.conformance.records import Check, Observed, SkippedError, listed, require
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.violation import quote
from chime_fixtures.service.clock import parse_timestamp
from chime_fixtures.service.policies import DEFAULT_POLICIES

_UNKNOWN_COUNTRY = "ZZ"
"""A user-assigned code of ISO 3166, which no country has."""
_MAX_INTEGER = 2**31 - 1


def _create_open(probe: Probe) -> None:
    _, session = probe.create()
    require_member(probe, session, "Status", "Open")


def _create_echo(probe: Probe) -> None:
    sent = {
        "Name": "Conformance 1",
        "ExpiryMinutes": MINUTES,
        "NumberSelectionBehavior": "PreferSticky",
        "GeoMatchLevel": "Country",
        "GeoMatchParams": {"Country": COUNTRY, "AreaCode": ""},
    }
    exchange = probe.call("CreateProxySession", **probe.creation(**sent))
    session = exchange.member("ProxySession")
    require(exchange.is_success and isinstance(session, dict), f"{exchange.outcome} for a valid request")
    for name, value in sent.items():
        require_member(probe, session, name, value)


def _create_participants(probe: Probe) -> None:
    people = probe.participants()
    _, session = probe.create(ParticipantPhoneNumbers=people)
    numbers = [each.get("PhoneNumber") for each in _participants(probe, session)]
    require(sorted(map(str, numbers)) == sorted(people), "Participants does not have the two numbers that were sent")


def _create_capabilities(probe: Probe) -> None:
    _, session = probe.create(Capabilities=["Voice", "SMS"])
    returned = _member(probe, session, "Capabilities")
    require(
        isinstance(returned, list) and sorted(map(str, returned)) == ["SMS", "Voice"],
        'Capabilities does not have "Voice" and "SMS", which were sent',
    )


def _create_proxy_number(probe: Probe) -> None:
    _, session = probe.create()
    numbers = {each.get("ProxyPhoneNumber") for each in _participants(probe, session)}
    require(len(numbers) == 1 and None not in numbers, f"the participants have {len(numbers)} ProxyPhoneNumbers")


def _create_connector(probe: Probe) -> None:
    _, session = probe.create()
    returned = _member(probe, session, "VoiceConnectorId")
    require(returned == probe.connector_id, "VoiceConnectorId is not that of the request")


def _create_timestamps(probe: Probe) -> None:
    _, session = probe.create()
    require(session.get("EndedTimestamp") is None, "EndedTimestamp is set while the session is open")
    created, updated = (parse_timestamp(session.get(name)) for name in ("CreatedTimestamp", "UpdatedTimestamp"))
    is_in_order = created is None or updated is None or updated >= created
    require(is_in_order, "UpdatedTimestamp is before CreatedTimestamp")


def _create_minimal(probe: Probe) -> None:
    exchange = probe.call("CreateProxySession", **probe.creation(ExpiryMinutes=None))
    require(exchange.is_success, f"{exchange.outcome} without the optional members")


def _create_default_minutes(probe: Probe) -> None:
    _, session = probe.create(ExpiryMinutes=None)
    require_member(probe, session, "ExpiryMinutes", DEFAULT_SESSION_MINUTES)


def _create_repeated(probe: Probe) -> None:
    arguments = probe.creation()
    ids = [probe.create(**arguments)[0] for _ in range(2)]
    require(ids[0] != ids[1], "the second request returned the session of the first one")


def _create_max_minutes(probe: Probe) -> Observed:
    def is_accepted(minutes: int) -> bool:
        exchange = probe.call("CreateProxySession", **probe.creation(ExpiryMinutes=minutes))
        refusal = exchange.status == HTTPStatus.BAD_REQUEST
        require(exchange.is_success or refusal, f"{exchange.outcome} for ExpiryMinutes {minutes}; expected 400")
        return exchange.is_success

    if is_accepted(_MAX_INTEGER):
        return "max_minutes", None
    low, high = MINUTES, _MAX_INTEGER
    default = DEFAULT_POLICIES.max_minutes
    if default is not None and is_accepted(default):
        low = default
        if not is_accepted(default + 1):
            return "max_minutes", default
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_accepted(middle) else (low, middle)
    return "max_minutes", low


def _create_order(probe: Probe) -> Observed:
    people, capabilities = probe.participants(), ["Voice", "SMS"]
    _, session = probe.create(ParticipantPhoneNumbers=people, Capabilities=capabilities)
    numbers = [each.get("PhoneNumber") for each in _participants(probe, session)]
    returned = (numbers, _member(probe, session, "Capabilities"))
    if returned == (people, capabilities):
        return "answer_order", "as-sent"
    require(returned == (people[::-1], capabilities[::-1]), "neither the order that was sent nor its reverse")
    return "answer_order", "reversed"


def _create_number_selection(probe: Probe) -> Observed:
    people = probe.participants()
    numbers = []
    for _ in range(2):
        session_id, session = probe.create(ParticipantPhoneNumbers=people)
        numbers.append([each.get("ProxyPhoneNumber") for each in _participants(probe, session)][:1])
        require(probe.delete(session_id).is_success, "the session can't be deleted, which this check requires")
    return "number_selection", "PreferSticky" if numbers[0] == numbers[1] else "AvoidSticky"


def _create_no_number(probe: Probe) -> Observed:
    arguments = probe.creation(GeoMatchParams={"Country": _UNKNOWN_COUNTRY, "AreaCode": ""})
    exchange = probe.call("CreateProxySession", **arguments)
    if exchange.is_success:
        return "no_local_number", "fall-back"
    is_failure = exchange.status == HTTPStatus.INTERNAL_SERVER_ERROR
    require(is_failure, f"{exchange.outcome} for a country without numbers; expected 500 ServiceFailureException")
    has_message = b"unable to allocate" in exchange.response.body
    require(has_message, 'the message of the 500 does not contain "unable to allocate"')
    return "no_local_number", "refuse"


def _get_same(probe: Probe) -> None:
    session_id, session = probe.create(Name="Conformance 1")
    exchange = probe.get(session_id)
    require(exchange.is_success, f"{exchange.outcome} for a session that was created")
    _require_same(session, exchange.member("ProxySession"), "CreateProxySession")


def _get_repeated(probe: Probe) -> None:
    session_id, _ = probe.create()
    _require_same(probe.session(session_id), probe.session(session_id), "the GetProxySession before")


def _update_applied(probe: Probe) -> None:
    session_id, _ = probe.create()
    exchange = probe.update(session_id, Capabilities=["SMS"], ExpiryMinutes=MINUTES + 1)
    session = exchange.member("ProxySession")
    require(exchange.is_success and isinstance(session, dict), f"{exchange.outcome} for a valid request")
    for source, each in (("the response", session), ("GetProxySession", probe.session(session_id))):
        for name, value in (("Capabilities", ["SMS"]), ("ExpiryMinutes", MINUTES + 1)):
            require_member(probe, each, name, value, f" in {source}")


def _update_keeps(probe: Probe) -> None:
    session_id, before = probe.create(Name="Conformance 1")
    require(probe.update(session_id).is_success, "UpdateProxySession of an open session fails")
    after = probe.session(session_id)
    names = before.keys() - {"Capabilities", "UpdatedTimestamp"}
    changed = sorted(name for name in names if not is_equal(before[name], after.get(name)))
    require(not changed, f"{listed(changed)} changed, which the request does not have")


def _update_timestamp(probe: Probe) -> None:
    session_id, before = probe.create()
    require(probe.update(session_id).is_success, "UpdateProxySession of an open session fails")
    after = probe.session(session_id)
    first, second = (parse_timestamp(each.get("UpdatedTimestamp")) for each in (before, after))
    if first is None:
        raise SkippedError("sessions have no UpdatedTimestamp")
    require(second is not None and second >= first, "UpdatedTimestamp is earlier than before")


def _delete_leaves(probe: Probe) -> Observed:
    session_id, _ = probe.create()
    deleted = probe.delete(session_id)
    require(deleted.is_success, f"{deleted.outcome} for a session that was created")
    exchange = probe.get(session_id)
    if exchange.status == HTTPStatus.NOT_FOUND:
        require(session_id not in probe.listed_ids(), "GetProxySession returns 404, but the session is listed")
        return "delete_leaves", "nothing"
    require_closed(probe, exchange, "a deleted session")
    return "delete_leaves", "closed"


def _delete_repeated(probe: Probe) -> Observed:
    session_id, _ = probe.create()
    require(probe.delete(session_id).is_success, "DeleteProxySession of an open session fails")
    exchange = probe.delete(session_id)
    if exchange.status == HTTPStatus.NO_CONTENT:
        return "second_delete", "no-content"
    require(exchange.status == HTTPStatus.NOT_FOUND, f"{exchange.outcome}; expected 404 NotFoundException")
    return "second_delete", "not-found"


def _delete_only_one(probe: Probe) -> None:
    people = probe.participants()
    kept, removed = (probe.create(ParticipantPhoneNumbers=people)[0] for _ in range(2))
    require(probe.delete(removed).is_success, "DeleteProxySession of an open session fails")
    exchange = probe.get(kept)
    session = exchange.member("ProxySession")
    is_open = isinstance(session, dict) and is_equal(session.get("Status"), "Open")
    require(exchange.is_success and is_open, "another session of the same participants is gone too")


def require_closed(probe: Probe, exchange: Exchange, subject: str) -> None:
    """Raise `DeviationError` unless a response has a session with the status Closed."""
    session = exchange.member("ProxySession")
    require(isinstance(session, dict), f"{exchange.outcome} without a session for {subject}")
    require_member(probe, session, "Status", "Closed", f" of {subject}")


def _participants(probe: Probe, session: Mapping[str, Any]) -> list[dict[str, Any]]:
    returned = _member(probe, session, "Participants")
    require(
        isinstance(returned, list) and len(returned) == 2 and all(isinstance(each, dict) for each in returned),
        "Participants is not a list of two objects",
    )
    return list(returned)


def _member(probe: Probe, session: Mapping[str, Any], name: str) -> Any:
    """The member of a session; a check of one that the contract does not list is skipped."""
    if not has_member(probe, name):
        raise SkippedError(f"the contract has no {name}")
    return session.get(name)


def has_member(probe: Probe, name: str) -> bool:
    """True if sessions can have a member by the contract."""
    objects = probe.contract.root.branch(Objects)
    return objects is None or not objects.properties or name in objects.properties


def require_member(probe: Probe, session: Any, name: str, value: Any, place: str = "") -> None:
    """Raise `DeviationError` unless a session has a member with a value, if its contract has that member."""
    if not has_member(probe, name):
        return
    returned = session.get(name)
    require(is_equal(returned, value), f"{name}{place} is {quote(returned)}; expected {quote(value)}")


def _require_same(before: Mapping[str, Any], after: Any, source: str) -> None:
    require(isinstance(after, dict), "the response has no session")
    names = sorted(before.keys() | after.keys())
    different = [name for name in names if not is_equal(before.get(name), after.get(name))]
    require(not different, f"{listed(different)} differs from the response of {source}")


def is_equal(first: Any, second: Any) -> bool:
    """True if two values are equal; enum values of an imitator may differ in case, and members may be null."""
    if isinstance(first, str) and isinstance(second, str):
        return first.casefold() == second.casefold()
    return bool(first == second)


_API = "the API page of the operation"
_SAMPLES = "AWS's samples of responses"

SESSION_CHECKS = (
    Check("sessions.create.open", "A new session is open.", "documentation", _SAMPLES, _create_open),
    Check(
        "sessions.create.echo",
        "A new session has the name, minutes, number selection and place of the request.",
        "documentation",
        _API,
        _create_echo,
    ),
    Check(
        "sessions.create.connector",
        "A new session has the Voice Connector of the request.",
        "documentation",
        _API,
        _create_connector,
    ),
    Check(
        "sessions.create.participants",
        "A new session has the two participants of the request, in any order.",
        "documentation",
        _API,
        _create_participants,
    ),
    Check(
        "sessions.create.capabilities",
        "A new session has the capabilities of the request, in any order.",
        "documentation",
        _API,
        _create_capabilities,
    ),
    Check(
        "sessions.create.proxy-number",
        "The participants of a session have one proxy number.",
        "documentation",
        _SAMPLES,
        _create_proxy_number,
    ),
    Check(
        "sessions.create.timestamps",
        "A new session has no EndedTimestamp, and was not updated before it was created.",
        "documentation",
        _SAMPLES,
        _create_timestamps,
    ),
    Check(
        "sessions.create.minimal",
        "CreateProxySession accepts a request without the optional members.",
        "model",
        "the required members of CreateProxySessionRequest",
        _create_minimal,
    ),
    Check(
        "sessions.create.default-minutes",
        "A session without ExpiryMinutes in the request has the DefaultSessionExpiryMinutes of its Voice Connector.",
        "documentation",
        "the API page of PutVoiceConnectorProxy",
        _create_default_minutes,
    ),
    Check(
        "sessions.create.repeated",
        "A repeated request creates another session.",
        "model",
        "the operation has no idempotency token",
        _create_repeated,
    ),
    Check("sessions.get.same", "GetProxySession returns the session as created.", "documentation", _API, _get_same),
    Check("sessions.get.repeated", "GetProxySession changes nothing.", "documentation", _API, _get_repeated),
    Check(
        "sessions.update.applied",
        "UpdateProxySession replaces Capabilities and ExpiryMinutes.",
        "documentation",
        _API,
        _update_applied,
    ),
    Check(
        "sessions.update.keeps",
        "UpdateProxySession keeps the members that the request does not have.",
        "documentation",
        _API,
        _update_keeps,
    ),
    Check(
        "sessions.update.timestamp",
        "An update does not set UpdatedTimestamp back.",
        "documentation",
        _API,
        _update_timestamp,
    ),
    Check(
        "sessions.delete.others",
        "DeleteProxySession leaves the other sessions of the same participants open.",
        "documentation",
        _API,
        _delete_only_one,
    ),
    Check(
        "sessions.delete.leaves",
        "A deleted session is removed, or closed.",
        "policy",
        "delete_leaves",
        _delete_leaves,
    ),
    Check(
        "sessions.delete.repeated",
        "A repeated deletion returns 404 NotFoundException, or 204.",
        "policy",
        "second_delete",
        _delete_repeated,
    ),
    Check(
        "sessions.create.order",
        "Participants and Capabilities have the order of the request, or its reverse.",
        "policy",
        "answer_order",
        _create_order,
    ),
    Check(
        "sessions.create.max-minutes",
        "ExpiryMinutes has a maximum, or none.",
        "policy",
        "max_minutes",
        _create_max_minutes,
    ),
    Check(
        "sessions.create.number-selection",
        "The participants of an earlier session have the same proxy number again, or another one.",
        "policy",
        "number_selection",
        _create_number_selection,
    ),
    Check(
        "sessions.create.no-number",
        'Without a proxy number in the requested place, the response is 500 "unable to allocate", or any number.',
        "policy",
        "no_local_number",
        _create_no_number,
    ),
)
"""The checks of the life cycle; those of published behaviour first."""
