"""Violations and edges against mutants of the contract: validators without one check, or with one limit moved by one."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.documents import SERVICE_DOCUMENT, SESSION_DOCUMENT, load_document
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_implied, enumerate_violations

pytestmark = pytest.mark.slow

SESSION = load_contract("ProxySession")
CONTRACTS = {
    "a session": SESSION,
    "a page of sessions": load_contract("ListProxySessions.response"),
    "the settings answered": load_contract("GetVoiceConnectorProxy.response"),
    "to create": load_contract("CreateProxySession.request"),
    "to update": load_contract("UpdateProxySession.request"),
    "to put": load_contract("PutVoiceConnectorProxy.request"),
    "to list": operation_named("ListProxySessions").arguments,
}
"""Contracts that differ from each other: the other responses are a session in an object, the other arguments are ids."""
BOUNDS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")
IDENTIFIERS = ("/VoiceConnectorId", "/ProxySessionId")
CHECKS = (*BOUNDS, "type", "enum", "pattern", "format", "required")


def written_out(node: Any, document: str = SERVICE_DOCUMENT) -> Any:
    """The schema with references replaced by their targets, so that each location can be changed by itself."""
    if isinstance(node, list):
        return [written_out(inner, document) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        file, _, pointer = node["$ref"].partition("#")
        there = file.rpartition("/")[2] or document
        return written_out(json_pointer.resolve(load_document(there), unquote(pointer)), there)
    return {name: written_out(inner, document) for name, inner in node.items() if name not in ("$defs", "$id")}


def whole_of(contract: Contract) -> Any:
    return written_out(contract.schema, SESSION_DOCUMENT if contract is SESSION else SERVICE_DOCUMENT)


def subschemas(node: dict[str, Any], path: str = "", steps: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Each subschema with its instance path, where ``*`` stands for items, and its schema path."""
    yield path, steps, node
    for name, member in node.get("properties", {}).items():
        yield from subschemas(member, f"{path}/{name}", (*steps, "properties", name))
    if "items" in node:
        yield from subschemas(node["items"], f"{path}/*", (*steps, "items"))


def changed_patterns(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern with one count moved by one, or without one anchor."""
    for found in re.finditer(r"(?<=[{,])\d+(?=[,}])", pattern):
        for step in (-1, 1):
            count = int(found[0]) + step
            if count >= 0:
                yield f"{found[0]} to {count}", f"{pattern[: found.start()]}{count}{pattern[found.end() :]}"
    for found in re.finditer(r"(?<!\[)\^|\$", pattern):
        yield f"no {found[0]} at {found.start()}", pattern[: found.start()] + pattern[found.end() :]


def changes(node: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The mutants of a subschema: the keyword, a description of the change, and the changed subschema."""
    for keyword in node.keys() & set(CHECKS):
        limit = node[keyword]
        yield keyword, "removed", {name: value for name, value in node.items() if name != keyword}
        if keyword in BOUNDS:
            yield from ((keyword, f"{limit} to {limit + step}", {**node, keyword: limit + step}) for step in (-1, 1))
        if keyword in ("enum", "required"):
            for one in limit:
                yield keyword, f"without {one}", {**node, keyword: [other for other in limit if other != one]}
        if keyword == "pattern":
            yield from ((keyword, what, {**node, keyword: pattern}) for what, pattern in changed_patterns(limit))
    if node.get("type") == "integer":
        yield "type", "widened to number", {**node, "type": "number"}
    if "items" in node:
        rest = {name: value for name, value in node.items() if name != "items"}
        yield "items", "of the first only", {**rest, "prefixItems": [node["items"]]}


def mutants(contract: Contract) -> Iterator[tuple[str, str, str, Any]]:
    """The mutants of a contract: the path and keyword of the change, its description, and the schema."""
    whole = whole_of(contract)
    for path, steps, node in subschemas(whole):
        for keyword, what, changed in changes(node):
            mutant = copy.deepcopy(whole)
            place = mutant
            for step in steps:
                place = place[step]
            place.clear()
            place.update(changed)
            yield path, keyword, what, mutant


@functools.cache
def cases(contract: Contract) -> tuple[list[Any], list[Any]]:
    """The instances of the violations and of the edges of a contract."""
    return [each.instance for each in enumerate_violations(contract)], [
        each.instance for each in enumerate_edges(contract)
    ]


def is_killed(contract: Contract, schema: Any) -> bool:
    """True if a validator of the mutant accepts a violation or rejects an edge."""
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    violations, edges = cases(contract)
    return any(map(accepts, violations)) or not all(map(accepts, edges))


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_mutant_is_killed(name):
    """Each constraint has mutants; those survive whose constraint is implied by another one, and no others."""
    contract = CONTRACTS[name]
    assert not is_killed(contract, whole_of(contract))
    every = list(mutants(contract))
    removed = {(path, keyword) for path, keyword, what, _ in every if what == "removed"}
    assert removed == {(constraint.path, constraint.keyword) for constraint in contract.constraints}
    survivors = {(path, keyword) for path, keyword, _, schema in every if not is_killed(contract, schema)}
    implied = {item.constraint.schema_pointer for item in enumerate_implied(contract)}
    assert survivors == {(each.path, each.keyword) for each in contract.constraints if each.schema_pointer in implied}


def test_the_survivors_of_a_session():
    """They lack the minimum length beside a pattern that requires a character."""
    survivors = {
        (path, keyword, what) for path, keyword, what, schema in mutants(SESSION) if not is_killed(SESSION, schema)
    }
    assert survivors == {(path, "minLength", what) for path in IDENTIFIERS for what in ("removed", "1 to 0")}
