"""Strategies of the requests and responses of each operation, valid ones and violations.

With ``form="wire"`` a request or a response is its body. With ``form="boto3"`` a request is the keyword arguments of
the client's method, path and query parameters included, and a response has ``ResponseMetadata`` and datetimes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.errors import UnknownOperationError
from chime_fixtures.chime.operations import Operation, operation_named
from chime_fixtures.chime.representations import Form, violation_as_boto3, without_unknown_members
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.strategies.choices import values_of
from chime_fixtures.engine.strategies.schemas import draw_violation
from chime_fixtures.engine.violation import Violation
from chime_fixtures.strategies.forms import check_form, in_form, noted_instance, violation_in_form

MAX_RETRY_ATTEMPTS = 4
"""boto3 makes at most five attempts by default."""


@st.composite
def operation_requests(draw: st.DrawFn, name: str, *, form: Form = "wire") -> Any:
    """Valid requests of an operation.

    Args:
        name: the operation, by AWS's name.
        form: ``"wire"`` for bodies, None if the operation has no request body; ``"boto3"`` for the keyword arguments
            of the client's method, which every operation has.

    Raises (when a value is drawn):
        InvalidArgument: the operation or the form is unknown.
    """
    contract = _request_contract(_operation(name), form)
    if contract is None:
        return None
    request = draw(values_of(contract.builder))
    # A client rejects an unknown parameter.
    return in_form(contract, request if form == "wire" else without_unknown_members(contract, request), form)


@st.composite
def operation_request_violations(
    draw: st.DrawFn,
    name: str,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Violation:
    """Labelled requests of an operation that violate exactly one constraint.

    Args:
        name: the operation, by AWS's name.
        pointer: only violations at this location.
        keyword: only violations of this keyword.
        contested: include violations on which validators disagree.
        form: as for `operation_requests`.

    Raises (when a value is drawn):
        InvalidArgument: the operation, the form or the violation is unknown, or the operation has no request body.
    """
    return _request_violation(draw, name, form, pointer=pointer, keyword=keyword, contested=contested)


@st.composite
def invalid_operation_requests(
    draw: st.DrawFn,
    name: str,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Any:
    """Requests of an operation that violate exactly one constraint, which Hypothesis prints when a test fails.

    The options are those of `operation_request_violations`.

    Raises (when a value is drawn):
        InvalidArgument: the operation, the form or the violation is unknown, or the operation has no request body.
    """
    return noted_instance(_request_violation(draw, name, form, pointer=pointer, keyword=keyword, contested=contested))


@st.composite
def operation_responses(draw: st.DrawFn, name: str, *, form: Form = "wire") -> Any:
    """Valid responses of a successful operation.

    Args:
        name: the operation, by AWS's name.
        form: ``"wire"`` for bodies, None if the operation has no response body; ``"boto3"`` for the results of the
            client's method.

    Raises (when a value is drawn):
        InvalidArgument: the operation or the form is unknown.
    """
    check_form(form)
    operation = _operation(name)
    contract = operation.response
    body = None if contract is None else draw(values_of(contract.builder))
    if form == "wire":
        return body if contract is None else in_form(contract, body, form)
    members = {} if contract is None else in_form(contract, without_unknown_members(contract, body), form)
    return {**members, "ResponseMetadata": _draw_metadata(draw, operation)}


@st.composite
def operation_response_violations(
    draw: st.DrawFn,
    name: str,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Violation:
    """Labelled responses of an operation that violate exactly one constraint.

    Args:
        name: the operation, by AWS's name.
        pointer: only violations at this location.
        keyword: only violations of this keyword.
        contested: include violations on which validators disagree.
        form: as for `operation_responses`; an invalid timestamp stays unchanged.

    Raises (when a value is drawn):
        InvalidArgument: the operation, the form or the violation is unknown, or the operation has no response body.
    """
    return _response_violation(draw, name, form, pointer=pointer, keyword=keyword, contested=contested)


@st.composite
def invalid_operation_responses(
    draw: st.DrawFn,
    name: str,
    *,
    pointer: str | None = None,
    keyword: str | None = None,
    contested: bool = True,
    form: Form = "wire",
) -> Any:
    """Responses of an operation that violate exactly one constraint, which Hypothesis prints when a test fails.

    The options are those of `operation_response_violations`.

    Raises (when a value is drawn):
        InvalidArgument: the operation, the form or the violation is unknown, or the operation has no response body.
    """
    return noted_instance(_response_violation(draw, name, form, pointer=pointer, keyword=keyword, contested=contested))


def _operation(name: str) -> Operation:
    if not isinstance(name, str):
        raise InvalidArgument(f"name must be a string, not {name!r}")
    try:
        return operation_named(name)
    except UnknownOperationError as error:
        raise InvalidArgument(f"name={name!r}: {error}") from error


def _request_contract(operation: Operation, form: Form) -> Contract | None:
    check_form(form)
    return operation.request if form == "wire" else operation.arguments


def _request_violation(draw: st.DrawFn, name: str, form: Form, **options: Any) -> Violation:
    contract = _request_contract(_operation(name), form)
    if contract is None:
        raise InvalidArgument(f"{name} has no request body; use form='boto3' for invalid method arguments")
    # A client never sends an unknown member.
    violation = draw_violation(draw, contract, allow_unknown=False, **options)
    if instance_observers.registered:
        instance_observers.report(contract, violation.instance)
    return violation if form == "wire" else violation_as_boto3(contract, violation)


def _response_violation(draw: st.DrawFn, name: str, form: Form, **options: Any) -> Violation:
    check_form(form)
    operation = _operation(name)
    if operation.response is None:
        raise InvalidArgument(f"{name} has no response body to violate")
    violation = violation_in_form(draw, operation.response, form, **options)
    if form == "wire" or not isinstance(violation.instance, dict):
        return violation
    return replace(violation, instance={**violation.instance, "ResponseMetadata": _draw_metadata(draw, operation)})


def _draw_metadata(draw: st.DrawFn, operation: Operation) -> dict[str, Any]:
    """The ResponseMetadata that botocore adds to each response."""
    request_id = str(draw(st.uuids()))
    return {
        "RequestId": request_id,
        "HTTPStatusCode": operation.success_status,
        "HTTPHeaders": {"x-amzn-requestid": request_id},
        "RetryAttempts": draw(st.integers(0, MAX_RETRY_ATTEMPTS)),
    }
