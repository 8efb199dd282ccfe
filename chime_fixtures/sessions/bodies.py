"""Request bodies and error bodies for a session."""

from __future__ import annotations

import random
from typing import Any

from chime_fixtures.chime.errors import InvalidInstanceError
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine import instances
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.engine.normal_form.nodes import Objects

_ERROR_MESSAGES = {
    "BadRequest": "1 validation error detected: Value at 'capabilities' failed to satisfy constraint",
    "Unauthorized": "The client is not currently authorized to make the request",
    "Forbidden": "The client is permanently forbidden from making the request",
    "AccessDenied": "You don't have permissions to perform this operation",
    "NotFound": "Proxy session {ProxySessionId} does not exist on Voice Connector {VoiceConnectorId}",
    "Throttled": "Rate exceeded",
    "ServiceFailure": "Chime is unable to allocate a proxy phone number",
    "ServiceUnavailable": "The service is currently unavailable",
}


def request_body(operation: str, session: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """The request body of an operation, with the values of a session.

    Raises:
        UnknownOperationError: unknown operation.
        ValueError: the operation has no request body.
        InvalidInstanceError: an override violates the contract of the request.
    """
    contract = operation_named(operation).request
    if contract is None:
        raise ValueError(f"{operation} has no request body")
    branch = contract.root.require_branch(Objects)
    numbers = [each["PhoneNumber"] for each in session["Participants"]]
    known = {
        **session,
        "ParticipantPhoneNumbers": numbers,
        "DefaultSessionExpiryMinutes": session["ExpiryMinutes"],
        "PhoneNumberPoolCountries": [session["GeoMatchParams"]["Country"]],
        "FallBackPhoneNumber": session["Participants"][0]["ProxyPhoneNumber"],
        "Disabled": False,
    }
    body = {name: known[name] for name in branch.properties if name in known}
    # The contract of a response allows values, of a Name for example, that the request's contract rejects. An invalid
    # optional member is omitted, and an invalid required one is constructed.
    for violation in contract.check(body):
        name = violation.pointer.split("/")[1] if violation.pointer else ""
        body.pop(name, None)
    missing = [name for name in branch.required if name not in body]
    if missing:
        constructed = contract.builder.build_seeded(0, 0)
        body |= {name: constructed[name] for name in missing}
    body |= instances.copy_json(overrides)
    violations = contract.check(body)
    if violations:
        raise InvalidInstanceError(f"an override violates {operation}.request", violations, "pass another value")
    return body


def error_body(operation: str, session: dict[str, Any], code: str | None, chance: random.Random) -> dict[str, str]:
    """The body of an error of an operation; by default, `chance` chooses the code.

    Raises:
        UnknownOperationError: unknown operation.
        LookupError: the operation has no error with that code.
    """
    codes = [each.code for each in operation_named(operation).errors]
    if code is not None and code not in codes:
        raise LookupError(f"{operation} has no error {code!r}{did_you_mean(code, codes)}")
    chosen = code or codes[chance.randrange(len(codes))]
    return {"Code": chosen, "Message": _ERROR_MESSAGES.get(chosen, chosen).format_map(session)}
