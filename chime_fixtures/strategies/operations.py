"""What the operations are sent and what they answer, valid and broken.

On the wire a request or a response is its body. In the form of boto3 a request is the keyword arguments of the client's
method, parameters of the path and the query among them, and a response has its ``ResponseMetadata`` and its datetimes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.errors import UnknownOperationError
from chime_fixtures.chime.operations import Operation, operation_named
from chime_fixtures.chime.representations import Form, parsed_as_boto3
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.strategies.choices import built
from chime_fixtures.engine.strategies.schemas import broken, check_form, noted
from chime_fixtures.engine.violation import Violation


@st.composite
def operation_requests(draw: st.DrawFn, name: str, *, form: Form = "wire") -> Any:
    """Valid requests of an operation.

    Args:
        name: the operation, by AWS's name.
        form: ``"wire"`` for bodies, None where the operation is sent none; ``"boto3"`` for the keyword arguments of the
            client's method, which every operation has.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, or no such form.
    """
    contract = _request(_operation(name), form)
    return None if contract is None else draw(built(contract.builder))


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
    """Records of requests that break exactly one constraint, and say which.

    Args:
        name: the operation, by AWS's name.
        pointer: only those at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.
        form: as for `operation_requests`.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, form or violation, or the operation is sent no body.
    """
    return _broken_request(draw, name, pointer, keyword, contested=contested, form=form)


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
    """Requests that break exactly one constraint; which one is noted, and shown when a test fails.

    The options are those of `operation_request_violations`.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, form or violation, or the operation is sent no body.
    """
    return noted(_broken_request(draw, name, pointer, keyword, contested=contested, form=form))


@st.composite
def operation_responses(draw: st.DrawFn, name: str, *, form: Form = "wire") -> Any:
    """Valid successes of an operation.

    Args:
        name: the operation, by AWS's name.
        form: ``"wire"`` for bodies, None where the operation answers with none; ``"boto3"`` for what the client's
            method returns.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, or no such form.
    """
    check_form(form)
    operation = _operation(name)
    contract = operation.response
    body = None if contract is None else draw(built(contract.builder))
    if form == "wire":
        return body
    known = {} if contract is None else parsed_as_boto3(contract, body)
    return {**known, "ResponseMetadata": _metadata(draw, operation)}


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
    """Records of successes that break exactly one constraint, and say which.

    Args:
        name: the operation, by AWS's name.
        pointer: only those at this place.
        keyword: only those of this keyword.
        contested: whether those come too on which engines differ.
        form: as for `operation_responses`; a broken timestamp stays what it is.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, form or violation, or the operation answers with no body.
    """
    return _broken_response(draw, name, pointer, keyword, contested=contested, form=form)


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
    """Successes that break exactly one constraint; which one is noted, and shown when a test fails.

    The options are those of `operation_response_violations`.

    Raises (when a value is drawn):
        InvalidArgument: there is no such operation, form or violation, or the operation answers with no body.
    """
    return noted(_broken_response(draw, name, pointer, keyword, contested=contested, form=form))


def _operation(name: str) -> Operation:
    if not isinstance(name, str):
        raise InvalidArgument(f"name={name!r} is no text")
    try:
        return operation_named(name)
    except UnknownOperationError as error:
        raise InvalidArgument(f"name={name!r}: {error}") from error


def _request(operation: Operation, form: Form) -> Contract | None:
    check_form(form)
    return operation.request if form == "wire" else operation.arguments


def _broken_request(
    draw: st.DrawFn, name: str, pointer: str | None, keyword: str | None, *, contested: bool, form: Form
) -> Violation:
    contract = _request(_operation(name), form)
    if contract is None:
        raise InvalidArgument(f"name={name!r}: it is sent no body; form='boto3' breaks the arguments of its method")
    # Nothing that is sent is a timestamp, so that both forms of an instance are one.
    return broken(draw, contract, pointer, keyword, contested=contested, may_grow=False)


def _broken_response(
    draw: st.DrawFn, name: str, pointer: str | None, keyword: str | None, *, contested: bool, form: Form
) -> Violation:
    check_form(form)
    operation = _operation(name)
    if operation.response is None:
        raise InvalidArgument(f"name={name!r}: it answers with no body, in which nothing can be broken")
    violation = broken(draw, operation.response, pointer, keyword, contested=contested, form=form)
    if form == "wire" or not isinstance(violation.instance, dict):
        return violation
    return replace(violation, instance={**violation.instance, "ResponseMetadata": _metadata(draw, operation)})


def _metadata(draw: st.DrawFn, operation: Operation) -> dict[str, Any]:
    """What botocore adds to each answer."""
    request_id = str(draw(st.uuids()))
    return {
        "RequestId": request_id,
        "HTTPStatusCode": operation.success_status,
        "HTTPHeaders": {"x-amzn-requestid": request_id},
        "RetryAttempts": draw(st.integers(0, 4)),
    }
