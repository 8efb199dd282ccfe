"""The effect of each fault on a response."""

from __future__ import annotations

import json

from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.cases import place
from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.faults import FaultSpec, response_violations, violations_by_id
from chime_fixtures.service.messages import ApiError, Response, Result, TransportFault, encode_json
from chime_fixtures.service.responses import Responses, canned_body, first_session, with_evolved_session, with_session
from chime_fixtures.service.sessions import no_number_left


def apply_fault(
    spec: FaultSpec,
    operation: Operation,
    result: Result | None,
    responses: Responses,
    *,
    contract: Contract,
    committed: bool,
    keeps_session: bool = False,
) -> Response | TransportFault:
    """Return the response of an operation under a fault.

    Args:
        spec: the fault.
        operation: the operation.
        result: the result of the operation; None if it was not executed or raised an `ApiError`.
        responses: writes the response.
        contract: the contract of a session.
        committed: True if the state may have changed.
        keeps_session: True if a violation is put into the response's own session, so that its other values are kept;
            False if the violation's own instance replaces the session.

    Raises:
        ApiError: the fault is a modelled error.
    """
    body = result.body if result is not None else b""
    if spec.kind == "transport":
        return TransportFault(spec.detail, committed)
    if spec.kind == "no-number":
        raise no_number_left()
    if spec.kind == "error":
        raise ApiError(spec.detail, f"injected by the fault {spec.text!r}")
    if spec.kind == "latency":
        return responses.success(operation, body, delay=float(spec.detail))
    if spec.kind == "page":
        return responses.success(operation, body)
    if spec.kind == "body":
        return responses.malformed(operation, body, spec.detail)
    # Only these three faults need the response as a value; parsing it for every request would be slow.
    response = json.loads(body) if body else {}
    if spec.kind == "response-violation":
        assert operation.response is not None
        violation = response_violations(operation)[spec.detail].copy()
        changed = place(operation.response.validators, violation, response).instance
        return responses.success(operation, encode_json(changed))
    if spec.kind == "evolved":
        changed = with_evolved_session(operation, response, contract)
    else:
        violation = violations_by_id(contract)[spec.detail].copy()
        session = first_session(operation, body) if keeps_session else None
        if session is not None:
            violation = place(contract.validators, violation, session)
        changed = with_session(operation, response, violation.instance)
    return responses.success(operation, canned_body(operation, changed))
