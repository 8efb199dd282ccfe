"""Checks of requests: each edge of a request is accepted, each violation and each malformed body is refused."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from chime_fixtures.chime.operations import Operation, Parameter, operation_named, operations
from chime_fixtures.chime.representations import without_unknown_members
from chime_fixtures.conformance.exchanges import Exchange
from chime_fixtures.conformance.probe import CONFIGURATION, Probe
from chime_fixtures.conformance.records import Check, DeviationError, Observed, require
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import Edge
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.violation import Violation

_MODEL = "the constraints of the request in the botocore model"
_REST_JSON = "the protocol restJson1 in Smithy"
_MAX_TEXT_CHARACTERS = 4000
"""Characters of a parameter in the path or the query; servers limit the length of a URL."""
_TELEPHONE_MEMBERS = ("ParticipantPhoneNumbers", "FallBackPhoneNumber")
"""Members whose edges are made-up telephone numbers, which nobody is sent."""
_PLACE_MEMBERS = ("GeoMatchParams", "PhoneNumberPoolCountries", "ExpiryMinutes", "DefaultSessionExpiryMinutes")
"""Members whose edges a server may refuse: places without numbers, and more minutes than its maximum."""

_MALFORMED_BODIES = {
    "cut": b'{"Capabilities": ["Voice"]',
    "text": b"Capabilities=Voice",
    "trailing-comma": b'{"Capabilities": ["Voice"],}',
    "trailing-text": b'{"Capabilities": ["Voice"]} {}',
    "empty": b"",
}


def _arguments(probe: Probe, operation: Operation, *, has_session: bool = False) -> dict[str, Any]:
    """The arguments of a valid request, without the Voice Connector; with the id of a session that exists or not."""
    arguments: dict[str, Any] = {}
    if any(parameter.argument == "ProxySessionId" for parameter in operation.parameters):
        arguments["ProxySessionId"] = probe.create()[0] if has_session else probe.unknown_session()
    if operation.name == "CreateProxySession":
        arguments |= probe.creation()
    elif operation.name == "UpdateProxySession":
        arguments["Capabilities"] = ["Voice"]
    elif operation.name == "PutVoiceConnectorProxy":
        arguments |= CONFIGURATION
    return arguments


def _require_refused(probe: Probe, exchange: Exchange) -> None:
    if exchange.is_success:
        _restore(probe, exchange.operation)
    is_refused = exchange.status == HTTPStatus.BAD_REQUEST
    require(is_refused, f"{exchange.outcome}; expected 400 BadRequestException")


def _violation_checks(operation: Operation) -> Iterator[Check]:
    contract = operation.request
    assert contract is not None
    required = contract.schema.get("required", ())
    for violation in enumerate_violations(contract):
        name = next(iter(json_pointer.split(violation.pointer)), None)
        is_optional_null = violation.pointer.count("/") == 1 and violation.value is None and name not in required
        yield Check(
            f"requests.{operation.name}.{violation.id}",
            f"{operation.name} refuses a request with {violation.summary}",
            "policy" if is_optional_null else "model",
            "null_members" if is_optional_null else _MODEL,
            functools.partial(_violate, operation, violation, name, is_optional_null),
        )


def _violate(
    operation: Operation, violation: Violation, name: str | None, is_optional_null: bool, probe: Probe
) -> Observed | None:
    """Send a valid request with the violating member; the other members, as telephone numbers, are those of checks."""
    arguments, body = _arguments(probe, operation, has_session=True), None
    if violation.keyword == "required" and name is None:
        arguments.pop(str(violation.variant))
    elif name is None:
        body = json.dumps(violation.instance).encode()
    else:
        arguments[name] = violation.instance[name]
    exchange = probe.call_wrongly(operation.name, arguments, body=body)
    if is_optional_null and exchange.is_success:
        _restore(probe, operation)
        return "null_members", "absent"
    _require_refused(probe, exchange)
    return ("null_members", "refuse") if is_optional_null else None


def _restore(probe: Probe, operation: Operation) -> None:
    if operation.name == "PutVoiceConnectorProxy":
        probe.put_configuration()


def _parameter_checks(operation: Operation) -> Iterator[Check]:
    for parameter in operation.parameters:
        for violation in enumerate_violations(parameter.contract):
            if _is_invalid_text(parameter, violation.instance):
                yield Check(
                    f"requests.{operation.name}.{parameter.argument}.{violation.id}",
                    f"{operation.name} refuses a request with /{parameter.argument}: "
                    f"{violation.summary.removeprefix('(root): ')}",
                    "model",
                    _MODEL,
                    functools.partial(_violate_parameter, operation, parameter, violation.instance),
                )


def _is_invalid_text(parameter: Parameter, value: Any) -> bool:
    """True if the text of a value is invalid in a path or query, in which each value is text."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return False
    text = str(value)
    if len(text) > _MAX_TEXT_CHARACTERS or text in (".", ".."):
        return False
    is_integer = parameter.contract.root.branch(Numbers) is not None
    return not parameter.contract.is_valid(int(text) if is_integer and text.lstrip("-").isdecimal() else text)


def _violate_parameter(operation: Operation, parameter: Parameter, value: Any, probe: Probe) -> None:
    exchange = probe.call_wrongly(operation.name, {**_arguments(probe, operation), parameter.argument: value})
    _require_refused(probe, exchange)


def _edge_checks(operation: Operation) -> Iterator[Check]:
    contract = operation.request
    assert contract is not None
    for edge in enumerate_edges(contract):
        name = next(iter(json_pointer.split(edge.pointer)), None)
        if name is None or name in (*_TELEPHONE_MEMBERS, *_PLACE_MEMBERS):
            continue
        if without_unknown_members(contract, edge.instance) != edge.instance:
            # No client of AWS sends a member that the model does not have.
            continue
        yield Check(
            f"requests.{operation.name}.accepts.{edge.id}",
            f"{operation.name} accepts a request with {name}: {edge.label}",
            "model",
            _MODEL,
            functools.partial(_accept, operation, edge, name),
        )


def _accept(operation: Operation, edge: Edge, name: str, probe: Probe) -> None:
    arguments = _arguments(probe, operation, has_session=True)
    exchange = probe.call(operation.name, **{**arguments, name: edge.instance[name]})
    _restore(probe, operation)
    require(exchange.is_success, f"{exchange.outcome} for a valid request")


def _malformed(body: bytes, probe: Probe) -> None:
    session_id, _ = probe.create()
    arguments = {"ProxySessionId": session_id}
    _require_refused(probe, probe.call_wrongly("UpdateProxySession", arguments, body=body))


def _unknown_session(name: str, probe: Probe) -> None:
    _require_not_found(probe.call(name, **_arguments(probe, operation_named(name))))


def _unknown_text(probe: Probe) -> None:
    _require_not_found(probe.get("no such/session?"))


def _other_connector(probe: Probe) -> None:
    session_id, _ = probe.create()
    arguments = {"VoiceConnectorId": probe.unknown_connector(), "ProxySessionId": session_id}
    _require_not_found(probe.call("GetProxySession", **arguments))


def _require_not_found(exchange: Exchange) -> None:
    if exchange.status != HTTPStatus.NOT_FOUND:
        raise DeviationError(f"{exchange.outcome}; expected 404 NotFoundException")


ERROR_CHECKS = (
    *(
        Check(
            f"errors.unknown-session.{name}",
            f"{name} of an unknown session returns 404 NotFoundException.",
            "model",
            f"NotFoundException is an error of {name}",
            functools.partial(_unknown_session, name),
        )
        for name in ("GetProxySession", "UpdateProxySession", "DeleteProxySession")
    ),
    Check(
        "errors.unknown-session.encoded",
        "An id with a slash, a blank and a question mark is decoded after the path is split; it is not found.",
        "model",
        _REST_JSON,
        _unknown_text,
    ),
    Check(
        "errors.other-connector",
        "A session is not found in another Voice Connector.",
        "model",
        "NotFoundException is an error of GetProxySession",
        _other_connector,
    ),
    *(
        Check(
            f"requests.malformed.{name}",
            f"UpdateProxySession refuses a malformed body ({name}).",
            "model",
            _REST_JSON,
            functools.partial(_malformed, body),
        )
        for name, body in _MALFORMED_BODIES.items()
    ),
)
"""The checks of unknown ids and malformed bodies."""


@functools.cache
def request_checks() -> tuple[Check, ...]:
    """Return the checks of all requests: for each operation its edges, then its violations."""
    return tuple(
        check
        for operation in operations()
        for check in (
            *(_edge_checks(operation) if operation.has_request else ()),
            *_parameter_checks(operation),
            *(_violation_checks(operation) if operation.has_request else ()),
        )
    )
