"""Judgement of recorded exchanges by the contract of their operations, with a tier for each finding."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chime_fixtures.adapters.dispatch import claimed_urls
from chime_fixtures.adapters.other_operations import other_operation
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.error_names import error_name
from chime_fixtures.chime.operations import ErrorShape, Operation, operations
from chime_fixtures.chime.unknown_members import MemberNames
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, did_you_mean
from chime_fixtures.engine.violation import Violation
from chime_fixtures.recordings.exchanges import Exchange, target_of
from chime_fixtures.sampling.json_text import parse
from chime_fixtures.service.messages import ApiError
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.redaction import (
    is_placeholder,
    is_secret_member,
    printable,
    redact_target,
    redact_telephone_numbers,
)
from chime_fixtures.service.request_parser import RequestParser
from chime_fixtures.service.router import Match, Router
from chime_fixtures.service.signatures import COMMON_ERRORS

Tier = Literal["error", "warning", "note"]
"""An error is a wrong type or value, a warning is something missing, and a note is an unknown member."""

Part = Literal["request", "response"]

_MISSING_KEYWORDS = frozenset({"required", "dependentRequired"})
_VALID_INSTEAD = ("2026-01-01T00:00:00.000Z", "+12065550100")
"""Values that a filter may write in place of others: an instant, and a number that is reserved for fiction."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference between a recorded exchange and the contract. It contains no telephone number and no secret.

    Attributes:
        tier: ``error``, ``warning`` or ``note``.
        exchange: the exchange.
        operation: the name of the operation; None if no operation matches the request.
        part: ``request`` or ``response``.
        pointer: the location: in the body, or for a path and query the name of the parameter.
        keyword: the keyword of the schema, or ``route``, ``query``, ``body``, ``json``, ``status``, ``error-name`` or
            ``unknown-member``.
        text: the sentence, with the pointer and the remedy.
    """

    tier: Tier
    exchange: Exchange
    operation: str | None
    part: Part
    pointer: str
    keyword: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON value."""
        return {
            "verdict": self.tier,
            "file": self.exchange.source,
            "exchange": self.exchange.number,
            "line": self.exchange.line,
            "operation": self.operation,
            "part": self.part,
            "instanceLocation": self.pointer,
            "keyword": self.keyword,
            "error": self.text,
        }

    def __str__(self) -> str:
        subject = f"{self.operation} {self.part}" if self.operation else self.part
        return f"{self.exchange.place}: {self.tier}: {subject}: {self.text} [{self.keyword}]"


class Judge:
    """Judges exchanges with Chime, or with an imitator of it.

    Args:
        base_url: the URL of an imitator, whose exchanges are judged too.

    Raises:
        InvalidOptionError: `base_url` is not an HTTP URL, or has a query or a fragment.
    """

    def __init__(self, base_url: str | None = None) -> None:
        self._urls = claimed_urls(base_url)
        self._router = Router(operations())

    def judge(self, exchange: Exchange) -> list[Finding] | None:
        """Return the findings of an exchange; None if it is not an operation on proxy sessions of Chime."""
        found = target_of(exchange, self._urls)
        if found is None:
            return None
        target = found[1]
        path, _, query = target.partition("?")
        match = self._router.match(exchange.method, path)
        if match is None:
            unrouted = self._unrouted(exchange, target, path)
            return None if unrouted is None else [unrouted]
        parts: dict[Part, _Found] = {
            "request": _request_findings(match, query, exchange),
            "response": _response_findings(match.operation, exchange),
        }
        name = match.operation.name
        return [
            Finding(tier, exchange, name, part, _shown(redact_telephone_numbers(pointer)), keyword, _shown(text))
            for part, differences in parts.items()
            for tier, pointer, keyword, text in differences
        ]

    def _unrouted(self, exchange: Exchange, target: str, path: str) -> Finding | None:
        """The finding of a request that resembles one of the operations; None for another operation of Chime."""
        if other_operation(exchange.method, target) is not None:
            return None
        allowed, nearest = self._router.allowed(path), self._router.nearest(exchange.method, path)
        if not allowed and not nearest:
            return None
        shown = redact_telephone_numbers(redact_target(target))
        hint = f"; its methods are {', '.join(allowed)}" if allowed else f"; did you mean {' or '.join(nearest)}?"
        text = f"no Chime operation matches {exchange.method} {shown}{hint}"
        return Finding("error", exchange, None, "request", "", "route", _shown(text))


def _shown(text: str) -> str:
    """The text in one line of UTF-8: a file of JSON may have control characters and unpaired surrogates."""
    return printable(text).encode("utf-8", "backslashreplace").decode()


_Found = Iterator[tuple[Tier, str, str, str]]
"""Tier, pointer, keyword and sentence."""


def _request_findings(match: Match, query: str, exchange: Exchange) -> _Found:
    operation = match.operation
    try:
        _parameter_parser(operation).parse(match.segments, query, b"")
    except ApiError as error:
        for violation in error.violations:
            yield _of_violation(violation, None)
        if not error.violations:
            yield "error", "", "query", redact_telephone_numbers(error.message)
    known = [each.name for each in operation.parameters if each.location == "query"]
    for pair in filter(None, query.split("&")):
        name = pair.partition("=")[0]
        # A presigned request has its signature in the query.
        if name not in known and not name.lower().startswith("x-amz-"):
            text = f"unknown query parameter {redact_telephone_numbers(name)!r}{did_you_mean(name, known)}"
            yield "note", json_pointer.join([name]), "unknown-member", text
    yield from _body_findings(operation.request, exchange.request_body, "request", exchange)


@functools.cache
def _parameter_parser(operation: Operation) -> RequestParser:
    """The parser of path and query; unknown parameters are findings of their own."""
    return RequestParser(dataclasses.replace(operation, has_request=False), Policies(unknown_query="ignore"))


def _response_findings(operation: Operation, exchange: Exchange) -> _Found:
    status, expected = exchange.status, operation.success_status
    if status is None:
        yield "warning", "", "body", "the recording has no response; the request may have failed"
    elif 200 <= status < 300:
        if status != expected:
            yield "error", "", "status", f"the status is {status}; that of {operation.name} is {expected}"
        yield from _body_findings(operation.response, exchange.response_body, "response", exchange)
    else:
        yield from _error_findings(operation, status, exchange)


def _error_findings(operation: Operation, status: int, exchange: Exchange) -> _Found:
    shapes = {each.name: each for each in (*operation.errors, *COMMON_ERRORS.values())}
    statuses = sorted({each.status for each in shapes.values()})
    if status not in statuses:
        # A gateway has responded; its body is not Chime's.
        listed = ", ".join(map(str, statuses))
        yield (
            "error",
            "",
            "status",
            f"the status is {status}; {operation.name} has {operation.success_status}, {listed}",
        )
        return
    if exchange.response_body:
        yield from _body_findings(load_contract("Error.response"), exchange.response_body, "response", exchange)
    yield from _error_name_findings(operation, status, shapes, exchange)


def _error_name_findings(
    operation: Operation, status: int, shapes: Mapping[str, ErrorShape], exchange: Exchange
) -> _Found:
    header = exchange.response_headers.get("x-amzn-errortype")
    name = error_name(header, _instance(exchange.response_body))
    if not header and not name.endswith("Exception"):
        # The words of the member Code are not names of exceptions.
        name = ""
    if not name:
        text = "the name of the error is missing (x-amzn-ErrorType); clients raise their generic exception"
        yield "warning", "", "error-name", text
    elif name not in shapes:
        text = f"{operation.name} has no error {redact_telephone_numbers(name[:80])!r}{did_you_mean(name, shapes)}"
        yield "error", "", "error-name", text
    elif shapes[name].status != status:
        yield "error", "", "error-name", f"the status of {name} is {shapes[name].status}, not {status}"


def _instance(body: bytes | None) -> Any:
    """The JSON value of a body; None if it is not JSON."""
    try:
        return parse(body or b"", "")
    except InvalidDocumentError:
        return None


def _body_findings(contract: Contract | None, body: bytes | None, part: Part, exchange: Exchange) -> _Found:
    if body is None:
        if contract is not None:
            remedy = "record it with the bodies embedded"
            yield "warning", "", "body", f"the recording does not have the body of the {part}; {remedy}"
    elif contract is None:
        # botocore sends an empty object with some requests.
        if body.strip() not in (b"", b"{}"):
            yield "note", "", "unknown-member", f"the {part} has a body; the operation has none"
    elif not body.strip():
        yield "warning", "", "body", f"the body of the {part} is missing"
    else:
        yield from _instance_findings(contract, body)


def _instance_findings(contract: Contract, body: bytes) -> _Found:
    try:
        instance = parse(body, "the body")
        violations = contract.check(instance)
    except InvalidDocumentError as error:
        yield "error", "", "json", redact_telephone_numbers(str(error))
        return
    for violation in violations:
        yield _of_violation(violation, contract)
    for member in _member_names(contract).unknown(instance):
        pointer = redact_telephone_numbers(member.pointer)
        yield "note", member.pointer, "unknown-member", f"{pointer}: {member}"


@functools.cache
def _member_names(contract: Contract) -> MemberNames:
    return MemberNames(contract)


def _of_violation(violation: Violation, contract: Contract | None) -> tuple[Tier, str, str, str]:
    tier: Tier = "warning" if violation.keyword in _MISSING_KEYWORDS else "error"
    pointer = violation.pointer
    last = next((name for name in reversed(json_pointer.split(pointer)) if not name.isdecimal()), "")
    if is_secret_member(last):
        text = f"{json_pointer.display(pointer)}: the value violates {violation.keyword}"
    else:
        text = violation.summary.removesuffix(f" [{violation.keyword}]")
    return tier, pointer, violation.keyword, redact_telephone_numbers(text) + _remedy(violation, contract)


def _remedy(violation: Violation, contract: Contract | None) -> str:
    """The remedy for a value that a filter has written in place of another."""
    if contract is None or not is_placeholder(violation.value):
        return ""
    remedy = "; the value looks redacted: let the filter write a valid one"
    candidates = violation.limit[:1] if violation.keyword == "enum" else _VALID_INSTEAD
    for candidate in candidates:
        instance = json_pointer.with_value(violation.instance, violation.pointer, candidate)
        if all(each.pointer != violation.pointer for each in contract.check(instance)):
            return f"{remedy}, such as {candidate}"
    return remedy
