"""Parsing of a routed request to the parameters of its operation, with validation against the contract."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote

from chime_fixtures.chime.operations import Operation, Parameter, operations
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, did_you_mean
from chime_fixtures.engine.normal_form.numbers import Numbers
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.messages import BAD_REQUEST, ApiError
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.redaction import printable
from chime_fixtures.service.router import MAX_CACHED_PATHS, Router

_MAX_INTEGER_DIGITS = 20


@dataclass(frozen=True, slots=True)
class ParameterReader:
    """Reads the value of one path or query parameter.

    Attributes:
        name: the name of the parameter in the API.
        contract: the contract of its value.
        is_integer: True if its value is an integer.
    """

    name: str
    contract: Contract
    is_integer: bool

    @classmethod
    def of(cls, parameter: Parameter) -> ParameterReader:
        """Return the reader of a parameter."""
        contract = parameter.contract
        return cls(parameter.argument, contract, contract.root.branch(Numbers) is not None)

    def parse(self, text: str) -> Any:
        """Return the value of a text: an integer if the schema requires one and the text is one."""
        digits = text.removeprefix("-")
        if self.is_integer and digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_INTEGER_DIGITS:
            return int(text)
        return text

    def check(self, value: Any) -> list[Violation]:
        """Return the violations of a value, located in the parameters of the operation."""
        if self.contract.is_valid(value):
            return []
        return [
            dataclasses.replace(each, instance={self.name: value}, pointer=f"/{self.name}{each.pointer}")
            for each in _check(self.contract, value)
        ]


class RequestParser:
    """Parses the requests of one operation.

    Args:
        operation: the operation.
        policies: the rules for null members and unknown query parameters.
    """

    def __init__(self, operation: Operation, policies: Policies) -> None:
        self._name = operation.name
        self._request = operation.request
        self._policies = policies
        self._path = {each.name: ParameterReader.of(each) for each in operation.parameters if each.location == "path"}
        self._query = {each.name: ParameterReader.of(each) for each in operation.parameters if each.location == "query"}
        self._parse_path = functools.lru_cache(maxsize=MAX_CACHED_PATHS)(self._parse_segments)

    def parse(self, segments: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
        """Return the parameters in the API's names: those of the path, the query and the body.

        Raises:
            ApiError: the request violates the contract; the error lists every violation.
        """
        path_parameters, path_violations = self._parse_path(tuple(segments.items()))
        parameters, violations = dict(path_parameters), list(path_violations)
        if query:
            violations += self._parse_query(query, parameters)
        if self._request is not None:
            instance = self._parse_body(body)
            if not self._request.is_valid(instance):
                violations += _check(self._request, instance)
            if isinstance(instance, dict):
                parameters |= instance
        if violations:
            message = printable("; ".join(each.summary for each in violations))
            raise ApiError(BAD_REQUEST, message, tuple(violations), parameters)
        return parameters

    def _parse_segments(self, segments: tuple[tuple[str, str], ...]) -> tuple[dict[str, Any], list[Violation]]:
        parameters: dict[str, Any] = {}
        violations: list[Violation] = []
        for name, raw in segments:
            reader = self._path[name]
            parameters[reader.name] = value = _decode(raw, reader.name)
            violations += reader.check(value)
        return parameters, violations

    def _parse_query(self, query: str, parameters: dict[str, Any]) -> list[Violation]:
        """Add the parameters of the query to the others; return their violations."""
        texts: dict[str, str] = {}
        for pair in filter(None, query.split("&")):
            raw_name, _, raw = pair.partition("=")
            name = _decode(raw_name.replace("+", " "), "the name of a query parameter")
            if name in texts:
                raise _bad_request(f"duplicate query parameter {name!r}")
            if name in self._query:
                texts[name] = _decode(raw.replace("+", " "), name)
            # A presigned request has its signature in the query.
            elif self._policies.unknown_query == "refuse" and not name.lower().startswith("x-amz-"):
                raise _bad_request(f"{self._name} has no query parameter {name!r}{did_you_mean(name, self._query)}")
        violations: list[Violation] = []
        # Clients send parameters in any order; violations are listed in the contract's.
        for name, reader in self._query.items():
            if name in texts:
                parameters[reader.name] = value = reader.parse(texts[name])
                violations += reader.check(value)
        return violations

    def _parse_body(self, body: bytes) -> Any:
        try:
            instance = json.loads(body, object_pairs_hook=_unique_members, parse_constant=_reject_constant)
        except (ValueError, RecursionError) as error:
            reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)
            raise _bad_request(f"the body is not valid JSON: {reason}") from error
        return _without_nulls(instance) if self._policies.null_members == "absent" else instance


@functools.cache
def routed_parsers(policies: Policies) -> tuple[Router, dict[str, RequestParser]]:
    """Return the routes of all operations, and the parser of each by its name."""
    return Router(operations()), {operation.name: RequestParser(operation, policies) for operation in operations()}


def _decode(raw: str, subject: str) -> str:
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise ApiError(BAD_REQUEST, f"{subject} is not valid UTF-8") from error


def _check(contract: Contract, instance: Any) -> tuple[Violation, ...]:
    try:
        return contract.check(instance)
    except InvalidDocumentError as error:
        raise _bad_request(str(error)) from error


def _bad_request(message: str) -> ApiError:
    return ApiError(BAD_REQUEST, printable(message))


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate member {duplicate!r}")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return value
