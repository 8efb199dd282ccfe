"""From a routed request to its input, held against the contract; everything that is wrong with it is a refusal."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote

from chime_fixtures.chime.operations import Operation
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, did_you_mean
from chime_fixtures.engine.normal_form.nodes import Numbers
from chime_fixtures.engine.violation import Violation
from chime_fixtures.service.outcomes import BAD_REQUEST, Refusal
from chime_fixtures.service.policies import Policies
from chime_fixtures.service.redaction import printable
from chime_fixtures.service.router import REMEMBERED

_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A parameter: the member of the input that it carries, and what its value must be."""

    member: str
    contract: Contract
    is_integer: bool

    def typed(self, text: str) -> Any:
        """A text of the query as the value that the schema speaks of."""
        digits = text.removeprefix("-")
        if self.is_integer and digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS:
            return int(text)
        return text

    def violations(self, value: Any) -> list[Violation]:
        """What a value breaks; it is judged alone, but spoken of as a member of the input."""
        return [
            dataclasses.replace(each, instance={self.member: value}, pointer=f"/{self.member}{each.pointer}")
            for each in _judged(self.contract, value)
        ]


class Reader:
    """Reads the requests of one operation; compiled once.

    Args:
        operation: the operation.
        policies: what null members and unknown query parameters are.
    """

    def __init__(self, operation: Operation, policies: Policies) -> None:
        self._name = operation.name
        self._request = operation.request
        self._policies = policies
        self._paths = _wanted(operation, "path")
        self._queries = _wanted(operation, "query")
        self._remembered = functools.lru_cache(maxsize=REMEMBERED)(self._read_path)

    def read(self, segments: Mapping[str, str], query: str, body: bytes) -> dict[str, Any]:
        """The input as the API names it: path, query and body members in one.

        Raises:
            Refusal: something of it breaks the contract; it names all that does.
        """
        members, path_broken = self._remembered(tuple(segments.items()))
        values, broken = dict(members), list(path_broken)
        if query:
            broken += self._read_query(query, values)
        if self._request is not None:
            instance = self._read_body(body)
            if not self._request.is_valid(instance):
                broken += _judged(self._request, instance)
            if isinstance(instance, dict):
                values |= instance
        if broken:
            raise Refusal(BAD_REQUEST, printable("; ".join(each.summary for each in broken)), tuple(broken), values)
        return values

    def _read_path(self, segments: tuple[tuple[str, str], ...]) -> tuple[dict[str, Any], list[Violation]]:
        values: dict[str, Any] = {}
        broken: list[Violation] = []
        for name, raw in segments:
            wanted = self._paths[name]
            values[wanted.member] = value = _decoded(raw, wanted.member)
            if not wanted.contract.is_valid(value):
                broken += wanted.violations(value)
        return values, broken

    def _read_query(self, query: str, values: dict[str, Any]) -> list[Violation]:
        texts: dict[str, str] = {}
        for pair in filter(None, query.split("&")):
            raw_name, _, raw = pair.partition("=")
            name = _decoded(raw_name.replace("+", " "), "a query parameter")
            if name in texts:
                _refuse(f"the query parameter {name} stands there twice")
            if name in self._queries:
                texts[name] = _decoded(raw.replace("+", " "), name)
            # A presigned request carries its signature in the query.
            elif self._policies.unknown_query == "refuse" and not name.lower().startswith("x-amz-"):
                _refuse(f"{self._name} has no query parameter {name!r}" + did_you_mean(name, self._queries))
        broken: list[Violation] = []
        # In the contract's order: clients send parameters in orders of their own.
        for name, wanted in self._queries.items():
            if name in texts:
                values[wanted.member] = value = wanted.typed(texts[name])
                if not wanted.contract.is_valid(value):
                    broken += wanted.violations(value)
        return broken

    def _read_body(self, body: bytes) -> Any:
        try:
            instance = json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise Refusal(BAD_REQUEST, f"the body is no JSON: {printable(reason)}") from error
        return _without_nulls(instance) if self._policies.null_members == "absent" else instance


def _wanted(operation: Operation, where: str) -> dict[str, _Wanted]:
    return {
        parameter.name: _Wanted(
            member_name(parameter.name), parameter.contract, parameter.contract.root.branch(Numbers) is not None
        )
        for parameter in operation.parameters
        if parameter.where == where
    }


def member_name(parameter: str) -> str:
    """What the API calls the member that a path or query parameter carries: ``max-results`` is ``MaxResults``."""
    return "".join(word[:1].upper() + word[1:] for word in parameter.split("-"))


def _decoded(raw: str, what: str) -> str:
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError as error:
        raise Refusal(BAD_REQUEST, f"{what} is no UTF-8") from error


def _judged(contract: Contract, instance: Any) -> tuple[Violation, ...]:
    try:
        return contract.check(instance)
    except InvalidDocumentError as error:
        raise Refusal(BAD_REQUEST, printable(str(error))) from error


def _refuse(message: str) -> NoReturn:
    raise Refusal(BAD_REQUEST, printable(message))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the member {twice!r} stands there twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return value
