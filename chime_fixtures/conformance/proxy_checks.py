"""Checks of the proxy configuration of a Voice Connector."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chime_fixtures.conformance.probe import COUNTRY, DEFAULT_SESSION_MINUTES, Probe
from chime_fixtures.conformance.records import Check, Observed, SkippedError, require
from chime_fixtures.conformance.session_checks import require_closed
from chime_fixtures.engine.violation import quote

_OTHER_MINUTES = DEFAULT_SESSION_MINUTES + 1


def _put_echo(probe: Probe) -> None:
    (number, _) = probe.participants()
    sent = {
        "DefaultSessionExpiryMinutes": _OTHER_MINUTES,
        "PhoneNumberPoolCountries": [COUNTRY, "CA"],
        "FallBackPhoneNumber": number,
        "Disabled": False,
    }
    with probe.configuration(**sent) as exchange:
        read = probe.call("GetVoiceConnectorProxy")
    expected: dict[str, Any] = dict(sent)
    expected["PhoneNumberCountries"] = expected.pop("PhoneNumberPoolCountries")
    for name, source in (("PutVoiceConnectorProxy", exchange), ("GetVoiceConnectorProxy", read)):
        proxy = source.member("Proxy")
        require(source.is_success and isinstance(proxy, dict), f"{name} returned {source.outcome} without a Proxy")
        for member, value in expected.items():
            returned = proxy.get(member)
            text = f"{member} of {name} is {quote(returned)}; expected {quote(value)}"
            require(_in_any_order(returned) == _in_any_order(value), text)


def _in_any_order(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _delete_gone(probe: Probe) -> None:
    with probe.without_configuration() as deleted:
        exchange = probe.call("GetVoiceConnectorProxy")
    require(deleted.is_success, f"DeleteVoiceConnectorProxy returned {deleted.outcome}")
    is_absent = exchange.status == HTTPStatus.NOT_FOUND
    require(is_absent, f"{exchange.outcome} for a deleted configuration; expected 404 NotFoundException")


def _delete_repeated(probe: Probe) -> Observed:
    with probe.without_configuration():
        exchange = probe.call("DeleteVoiceConnectorProxy")
    if exchange.status == HTTPStatus.NO_CONTENT:
        return "second_proxy_delete", "no-content"
    require(exchange.status == HTTPStatus.NOT_FOUND, f"{exchange.outcome}; expected 404 NotFoundException")
    return "second_proxy_delete", "not-found"


def _delete_sessions(probe: Probe) -> Observed:
    session_id, _ = probe.create()
    with probe.without_configuration():
        exchange = probe.get(session_id)
    session = exchange.member("ProxySession")
    if isinstance(session, dict) and str(session.get("Status")).casefold() == "open":
        return "proxy_delete_sessions", "keep"
    require_closed(probe, exchange, "a session of a deleted configuration")
    return "proxy_delete_sessions", "close"


def _create_without(probe: Probe) -> Observed:
    with probe.without_configuration():
        exchange = probe.call("CreateProxySession", **probe.creation())
    if exchange.is_success:
        return "create_without_proxy", "allow"
    require(exchange.status == HTTPStatus.BAD_REQUEST, f"{exchange.outcome}; expected 201, or 400")
    return "create_without_proxy", "refuse"


def _default_minutes(probe: Probe) -> Observed:
    with probe.without_configuration():
        exchange = probe.call("CreateProxySession", **probe.creation(ExpiryMinutes=None))
    session = exchange.member("ProxySession")
    if not exchange.is_success or not isinstance(session, dict):
        raise SkippedError("no session can be created without a proxy configuration")
    minutes = session.get("ExpiryMinutes")
    require(isinstance(minutes, int) and minutes > 0, f"ExpiryMinutes is {quote(minutes)}; expected a positive integer")
    return "default_minutes", minutes


def _create_when_disabled(probe: Probe) -> Observed:
    with probe.configuration(Disabled=True):
        exchange = probe.call("CreateProxySession", **probe.creation())
    if exchange.is_success:
        return "create_when_disabled", "allow"
    is_refused = exchange.status == HTTPStatus.FORBIDDEN
    require(is_refused, f"{exchange.outcome}; expected 403 ForbiddenException, or 201")
    return "create_when_disabled", "refuse"


def _unknown_connector(probe: Probe) -> Observed:
    exchange = probe.call("ListProxySessions", VoiceConnectorId=probe.unknown_connector())
    if exchange.status == HTTPStatus.NOT_FOUND:
        return "unknown_connectors", "not-found"
    require(exchange.is_success, f"{exchange.outcome}; expected 200, or 404 NotFoundException")
    return "unknown_connectors", "exist"


PROXY_CHECKS = (
    Check(
        "proxy.put.echo",
        "PutVoiceConnectorProxy and GetVoiceConnectorProxy return the configuration that was sent.",
        "model",
        "the members of PutVoiceConnectorProxyRequest and Proxy",
        _put_echo,
    ),
    Check(
        "proxy.delete.gone",
        "A deleted configuration is not found.",
        "model",
        "NotFoundException is an error of GetVoiceConnectorProxy",
        _delete_gone,
    ),
    Check(
        "proxy.delete.repeated",
        "A repeated DeleteVoiceConnectorProxy returns 404 NotFoundException, or 204.",
        "policy",
        "second_proxy_delete",
        _delete_repeated,
    ),
    Check(
        "proxy.delete.sessions",
        "The sessions of a deleted configuration stay open, or are closed.",
        "policy",
        "proxy_delete_sessions",
        _delete_sessions,
    ),
    Check(
        "proxy.absent.create",
        "CreateProxySession before PutVoiceConnectorProxy returns 201, or 400.",
        "policy",
        "create_without_proxy",
        _create_without,
    ),
    Check(
        "proxy.absent.default-minutes",
        "A session has default minutes if neither the request nor a configuration has any.",
        "policy",
        "default_minutes",
        _default_minutes,
    ),
    Check(
        "proxy.disabled.create",
        "CreateProxySession with a disabled configuration returns 403, or 201.",
        "policy",
        "create_when_disabled",
        _create_when_disabled,
    ),
    Check(
        "errors.unknown-connector",
        "An unknown Voice Connector has no sessions, or is not found.",
        "policy",
        "unknown_connectors",
        _unknown_connector,
    ),
)
"""The checks of proxy configurations; those of published behaviour first."""
