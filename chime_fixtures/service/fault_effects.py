"""What a fault makes of an answer."""

from __future__ import annotations

import json

from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.faults import FaultSpec, violations_by_id
from chime_fixtures.service.messages import Fault, Response
from chime_fixtures.service.outcomes import Outcome, Refusal
from chime_fixtures.service.responses import Answers, chosen_body, session_of_tomorrow, with_session
from chime_fixtures.service.sessions import no_number

_NOTHING = Outcome(b"")


def spoil(
    spec: FaultSpec,
    operation: Operation,
    outcome: Outcome | None,
    answers: Answers,
    *,
    contract: Contract,
    committed: bool,
) -> Response | Fault:
    """Let a fault happen.

    Args:
        spec: the fault.
        operation: the operation that it happens to.
        outcome: what the work came to; None if it was not done, or was refused.
        answers: writes what is left to write.
        contract: what a session has to be.
        committed: whether the state may have changed.

    Raises:
        Refusal: the fault is a modelled error.
    """
    body = (outcome or _NOTHING).body
    if spec.kind == "transport":
        return Fault(spec.detail, committed)
    if spec.kind == "no-number":
        raise no_number()
    if spec.kind == "error":
        raise Refusal(spec.detail, f"the fault {spec.text!r} was asked for")
    if spec.kind == "latency":
        return answers.success(operation, body, delay=float(spec.detail))
    if spec.kind == "page":
        return answers.success(operation, body)
    if spec.kind == "body":
        return answers.broken(operation, body, spec.detail)
    whole = json.loads(body) if body else {}
    if spec.kind == "evolved":
        changed = session_of_tomorrow(operation, whole, contract)
    else:
        changed = with_session(operation, whole, violations_by_id(contract)[spec.detail].instance)
    return answers.success(operation, chosen_body(operation, changed))
