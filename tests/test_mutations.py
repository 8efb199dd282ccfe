"""The catalogue against mutants of the contract: validators with one check gone, or one bound moved by one."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from chime_fixtures.contract import Contract
from chime_fixtures.edges import enumerate_edges
from chime_fixtures.violations import enumerate_violations
from chime_fixtures.violations.catalogue import enumerate_implied

SESSION = Contract.load("ProxySession")
VIOLATIONS = [violation.instance for violation in enumerate_violations(SESSION)]
EDGES = [edge.instance for edge in enumerate_edges(SESSION)]
BOUNDS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum")
CHOICES = ("/NumberSelectionBehavior", "/GeoMatchLevel")
IDENTIFIERS = ("/VoiceConnectorId", "/ProxySessionId")
CHECKS = (*BOUNDS, "type", "enum", "pattern", "format", "required")


def written_out(node: Any) -> Any:
    """The schema without references, so that each place can be changed by itself."""
    if isinstance(node, list):
        return [written_out(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return written_out(SESSION.schema["$defs"][node["$ref"].rpartition("/")[2]])
    return {name: written_out(inner) for name, inner in node.items() if name not in ("$defs", "$id")}


def subschemas(node: dict[str, Any], path: str = "", steps: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Each subschema: the path of what it judges, with ``*`` for items, the way to it, and itself."""
    yield path, steps, node
    for name, member in node.get("properties", {}).items():
        yield from subschemas(member, f"{path}/{name}", (*steps, "properties", name))
    if "items" in node:
        yield from subschemas(node["items"], f"{path}/*", (*steps, "items"))


def changed_patterns(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern with one of its counts moved by one, or one of its anchors gone."""
    for found in re.finditer(r"(?<=[{,])\d+(?=[,}])", pattern):
        for step in (-1, 1):
            count = int(found[0]) + step
            yield f"{found[0]} to {count}", f"{pattern[: found.start()]}{count}{pattern[found.end() :]}"
    for found in re.finditer(r"(?<!\[)\^|\$", pattern):
        yield f"no {found[0]} at {found.start()}", pattern[: found.start()] + pattern[found.end() :]


def changes(node: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each way to get one check of a subschema wrong: its keyword, what is done to it, and the subschema then."""
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


def mutants() -> Iterator[tuple[str, str, str, Any]]:
    """Each mutant of the contract: the path and keyword of what is wrong in it, what is wrong, and its schema."""
    whole = written_out(SESSION.schema)
    for path, steps, node in subschemas(whole):
        for keyword, what, changed in changes(node):
            mutant = copy.deepcopy(whole)
            place = mutant
            for step in steps:
                place = place[step]
            place.clear()
            place.update(changed)
            yield path, keyword, what, mutant


def is_killed(schema: Any) -> bool:
    """Whether the catalogue tells a validator from the right one: by what it lets through, or by what it refuses."""
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    return any(map(accepts, VIOLATIONS)) or not all(map(accepts, EDGES))


def test_the_contract_itself_survives():
    """With nothing changed, the schema written out accepts every edge and refuses every violation."""
    assert not is_killed(written_out(SESSION.schema))


def test_every_constraint_is_mutated():
    """No constraint of the contract is without a mutant that lacks it."""
    removed = {(path, keyword) for path, keyword, what, _ in mutants() if what == "removed"}
    assert {(constraint.path, constraint.keyword) for constraint in SESSION.constraints} == removed


def test_the_catalogue_kills_every_mutant():
    """Only what another constraint implies survives: the type of an enum, the least length of what has a non-blank."""
    survivors = {(path, keyword, what) for path, keyword, what, schema in mutants() if not is_killed(schema)}
    types = {(path, "type", "removed") for path in ("/Status", "/Capabilities/*", *CHOICES)}
    lengths = {(path, "minLength", what) for path in IDENTIFIERS for what in ("removed", "1 to 0")}
    assert survivors == types | lengths
    implied = {item.constraint.schema_pointer for item in enumerate_implied(SESSION)}
    listed = {(each.path, each.keyword) for each in SESSION.constraints if each.schema_pointer in implied}
    assert {(path, keyword) for path, keyword, _ in survivors} == listed
