"""Checks of all responses of a run: statuses, bodies and errors, each judged by the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.chime.operations import Operation, operations
from chime_fixtures.conformance.exchanges import NOT_JSON, Exchange
from chime_fixtures.conformance.records import EvidenceKind, Outcome, listed
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.violation import Violation, quote
from chime_fixtures.service.responses import sessions_in

_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")


@dataclass(frozen=True, slots=True)
class ResponseCheck:
    """A check of each response of an operation.

    Attributes:
        name: the last part of its id: ``responses.<operation>.<name>``.
        sentence: the behaviour that it requires, with ``{}`` for the operation.
        kind: the kind of its evidence.
        evidence: the source of the sentence.
        is_about_errors: True if it judges errors, False if it judges successes.
        deviations: yields the deviations of a response, without anything that differs between two runs.
    """

    name: str
    sentence: str
    kind: EvidenceKind
    evidence: str
    is_about_errors: bool
    deviations: Callable[[Exchange, Contract], Iterator[str]]

    def judge(self, exchanges: Sequence[Exchange], contract: Contract) -> tuple[Outcome, str]:
        """Return the outcome for the responses of an operation, and its detail."""
        judged = [each for each in exchanges if each.is_success is not self.is_about_errors]
        if not judged:
            return "skipped", f"there is no {'error' if self.is_about_errors else 'success'} to judge"
        found = list(dict.fromkeys(text for each in judged for text in self.deviations(each, contract)))
        return ("failed", listed(found)) if found else ("passed", "")


def _statuses(exchange: Exchange, contract: Contract) -> Iterator[str]:
    if exchange.status != exchange.operation.success_status:
        yield f"a success has the status {exchange.status}; expected {exchange.operation.success_status}"


def _bodies(exchange: Exchange, contract: Contract) -> Iterator[str]:
    operation = exchange.operation
    if operation.response is None:
        if exchange.response.body:
            yield "the body of a success is not empty"
        return
    if exchange.body is NOT_JSON:
        yield "the body of a success is not JSON"
        return
    body = _without_last_token(exchange.body)
    for violation in _violations(operation, body, contract):
        location = _INDEX.sub("*", violation.pointer)
        yield f"{json_pointer.display(location)} violates {violation.keyword}{_limit(violation)}"
    if isinstance(body, dict):
        for session in sessions_in(operation, body):
            for violation in contract.check(session):
                location = _INDEX.sub("*", violation.pointer)
                yield f"{json_pointer.display(location)} of a session violates {violation.keyword}{_limit(violation)}"


def _violations(operation: Operation, body: Any, contract: Contract) -> Iterator[Violation]:
    """The violations of a response outside its sessions, which have a contract of their own."""
    assert operation.response is not None
    sessions = sessions_in(operation, body) if isinstance(body, dict) else []
    for violation in operation.response.check(body):
        tokens = json_pointer.split(violation.pointer)
        is_in_session = bool(sessions) and len(tokens) >= (2 if tokens[:1] == ("ProxySessions",) else 1)
        if not is_in_session:
            yield violation


def _limit(violation: Violation) -> str:
    variant = violation.variant if violation.keyword == "required" else None
    return f" ({variant})" if variant else f" {quote(violation.limit)}"


def _without_last_token(body: Any) -> Any:
    """The body without a NextToken that is null, which is a policy."""
    if isinstance(body, dict) and body.get("NextToken", "") is None:
        return {name: value for name, value in body.items() if name != "NextToken"}
    return body


def _media_types(exchange: Exchange, contract: Contract) -> Iterator[str]:
    if exchange.operation.response is not None:
        media_type = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            yield f"a success has the media type {media_type or 'none'}; expected application/json"


def _errors(exchange: Exchange, contract: Contract) -> Iterator[str]:
    errors = {error.name: error for error in exchange.operation.errors}
    expected = [error.name for error in errors.values() if error.status == exchange.status]
    if not expected:
        yield f"the status {exchange.status} is not that of an error of the operation"
    elif exchange.error not in errors:
        found = f"{exchange.error!r}" if exchange.error else "no name"
        yield f"an error {exchange.status} has {found}; expected {' or '.join(expected)}"
    elif exchange.error not in expected:
        yield f"{exchange.error} has the status {exchange.status}; expected {errors[exchange.error].status}"


RESPONSE_CHECKS = (
    ResponseCheck(
        "status",
        "Each success of {} has the status of the model.",
        "model",
        "the status of the operation in the botocore and Smithy models",
        False,
        _statuses,
    ),
    ResponseCheck(
        "body", "The body of each success of {} satisfies the contract.", "model", "the output shape", False, _bodies
    ),
    ResponseCheck(
        "media-type",
        "Each success of {} has the media type application/json.",
        "model",
        "the protocol restJson1 in Smithy",
        False,
        _media_types,
    ),
    ResponseCheck(
        "errors",
        "Each error of {} is one of the model, and SDKs recognise it by its name.",
        "model",
        "the errors of the operation, and the field x-amzn-ErrorType of restJson1",
        True,
        _errors,
    ),
)
"""The checks of all responses."""


def response_check_id(operation: Operation, check: ResponseCheck) -> str:
    """Return the id of a check of an operation's responses."""
    return f"responses.{operation.name}.{check.name}"


def response_operations(check: ResponseCheck) -> tuple[Operation, ...]:
    """Return the operations that a check of responses is about."""
    return tuple(each for each in operations() if check.name != "media-type" or each.has_response)
