"""Checks of the expiry of sessions, for servers whose clock can be moved."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chime_fixtures.conformance.exchanges import Exchange
from chime_fixtures.conformance.probe import Probe
from chime_fixtures.conformance.records import Check, DeviationError, Observed, SkippedError, require
from chime_fixtures.conformance.session_checks import require_closed

_MINUTES = 10
_MARGIN = 1
"""Minutes by which checks stay away from the instant of the expiry."""


def _open_before(probe: Probe) -> None:
    session_id, _ = probe.create(ExpiryMinutes=_MINUTES)
    probe.advance(_MINUTES - _MARGIN)
    exchange = probe.get(session_id)
    is_open = _status(exchange) == "open"
    require(is_open, f"{_described(exchange)} {_MARGIN} minute before its expiry; expected Open")


def _closed_after(probe: Probe) -> Observed:
    exchange = probe.get(_expired(probe))
    if exchange.status == HTTPStatus.NOT_FOUND:
        return "expiry_leaves", "nothing"
    require_closed(probe, exchange, "an expired session")
    return "expiry_leaves", "closed"


def _ended(probe: Probe) -> None:
    session_id = _closed(probe)
    require(probe.session(session_id).get("EndedTimestamp") is not None, "a closed session has no EndedTimestamp")


def _listed(probe: Probe) -> None:
    session_id = _closed(probe)
    require(session_id in probe.listed_ids(Status="Closed"), "the filter Closed omits an expired session")
    require(session_id not in probe.listed_ids(Status="Open"), "the filter Open lists an expired session")


def _extended(probe: Probe) -> None:
    session_id, _ = probe.create(ExpiryMinutes=_MINUTES)
    require(probe.update(session_id, ExpiryMinutes=3 * _MINUTES).is_success, "UpdateProxySession fails")
    probe.advance(_MINUTES + _MARGIN)
    exchange = probe.get(session_id)
    require(_status(exchange) == "open", f"{_described(exchange)} before its later expiry; expected Open")
    probe.advance(3 * _MINUTES)
    require(_status(probe.get(session_id)) != "open", "the session is open after its later expiry")


def _restarts(probe: Probe) -> Observed:
    session_id, _ = probe.create(ExpiryMinutes=_MINUTES)
    probe.advance(_MINUTES - 2 * _MARGIN)
    require(probe.update(session_id).is_success, "UpdateProxySession of an open session fails")
    probe.advance(3 * _MARGIN)
    return "update_restarts_clock", _status(probe.get(session_id)) == "open"


def _update_closed(probe: Probe) -> Observed:
    exchange = probe.update(_closed(probe))
    settings = {HTTPStatus.BAD_REQUEST: "refuse", HTTPStatus.NOT_FOUND: "not-found"}
    if exchange.status in settings:
        return "update_of_closed", settings[HTTPStatus(exchange.status)]
    by_status = {"closed": "amend", "open": "reopen"}
    setting = by_status.get(_status(exchange))
    if not exchange.is_success or setting is None:
        raise DeviationError(f"{_described(exchange)}; expected 400, 404, or an open or closed session")
    return "update_of_closed", setting


def _expired(probe: Probe) -> str:
    session_id, _ = probe.create(ExpiryMinutes=_MINUTES)
    probe.advance(_MINUTES + _MARGIN)
    return session_id


def _closed(probe: Probe) -> str:
    """The id of a closed session: an expired or a deleted one."""
    session_id, _ = probe.create(ExpiryMinutes=_MINUTES)
    probe.delete(session_id)
    if _status(probe.get(session_id)) == "closed":
        return session_id
    session_id = _expired(probe)
    if _status(probe.get(session_id)) != "closed":
        raise SkippedError("neither expiry nor deletion leaves a closed session")
    return session_id


def _status(exchange: Exchange) -> str:
    session: Any = exchange.member("ProxySession")
    return str(session.get("Status")).casefold() if exchange.is_success and isinstance(session, dict) else ""


def _described(exchange: Exchange) -> str:
    return (
        f"{exchange.outcome} with the status {_status(exchange) or 'unknown'}"
        if exchange.is_success
        else exchange.outcome
    )


_SAMPLE = "a sample of AWS, in which a session expires ExpiryMinutes after CreatedTimestamp"

EXPIRY_CHECKS = (
    Check(
        "expiry.open-before",
        "A session is open before its minutes have passed.",
        "documentation",
        _SAMPLE,
        _open_before,
    ),
    Check(
        "expiry.extended",
        "An update of ExpiryMinutes changes the expiry.",
        "documentation",
        "the API page of UpdateProxySession",
        _extended,
    ),
    Check("expiry.leaves", "An expired session is closed, or removed.", "policy", "expiry_leaves", _closed_after),
    Check(
        "expiry.ended",
        "A closed session has an EndedTimestamp.",
        "documentation",
        "the API page of ProxySession",
        _ended,
    ),
    Check(
        "expiry.listed",
        "A closed session is listed with the status Closed.",
        "documentation",
        "the API page of ListProxySessions",
        _listed,
    ),
    Check(
        "expiry.update-restarts",
        "The minutes count from the creation, or from the last update.",
        "policy",
        "update_restarts_clock",
        _restarts,
    ),
    Check(
        "expiry.update-closed",
        "An update of a closed session returns 400 or 404, amends it, or reopens it.",
        "policy",
        "update_of_closed",
        _update_closed,
    ),
)
"""The checks of expiry."""
