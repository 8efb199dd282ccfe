"""Values of the bundled contracts, judged by the published spelling of each pattern."""

import functools

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chime_fixtures import ProxySessionFactory, from_schema, proxy_sessions
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.contract import generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards, enumerate_violations
from tests.chime.test_contracts import BUNDLED
from tests.support.drawing import drawn
from tests.support.sessions import session_records
from tests.support.sizes import sample

DISPUTED_BLANKS = "\x1c\x1d\x1e\x1f\x85"
"""Characters that Python's `\\S` excludes, and that of ECMA 262 does not."""


def published(value):
    """A schema with its published patterns."""
    if isinstance(value, list):
        return [published(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: published(item) for name, item in value.items()}
    return {**changed, "pattern": changed["x-published-pattern"]} if "x-published-pattern" in changed else changed


@functools.cache
def validators(name):
    """Both validators of a bundled contract with its published patterns, made without the engine."""
    document = load_contract(name).document
    documents = {uri: published(each) for uri, each in document.by_uri.items()}
    schema = {"$ref": f"{document.uri}#{document.pointer}"}
    return (
        jsonschema_rs.Draft202012Validator(
            schema, registry=jsonschema_rs.Registry(list(documents.items())), validate_formats=True
        ),
        Draft202012Validator(
            schema,
            registry=Registry().with_resources([(u, DRAFT202012.create_resource(d)) for u, d in documents.items()]),
            format_checker=FormatChecker(),
        ),
    )


def rejected(name, values):
    """The values that a validator rejects by the published patterns."""
    return [value for value in values if not all(each.is_valid(value) for each in validators(name))]


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_values_and_edges_match_the_published_patterns(name):
    """Both validators accept the generated values, the draws, the edges and the hazards of each bundled contract."""
    contract = load_contract(name)
    values = [generate(contract, seed=3, index=index) for index in range(20)]
    values += drawn(from_schema(contract), 10)
    values += [edge.instance for edge in sample(enumerate_edges(contract), 40)]
    values += [hazard.instance for hazard in sample(enumerate_hazards(contract), 40)]
    assert rejected(name, values) == []


@pytest.mark.slow
def test_sessions_match_the_published_patterns():
    """Both validators accept drawn, built and sampled sessions."""
    sessions = [*drawn(proxy_sessions(), 60), *ProxySessionFactory(seed=1).batch(30)]
    sessions += session_records(seed=2).between(0, 30)
    assert rejected("ProxySession", sessions) == []


def test_an_id_of_disputed_blanks_is_never_drawn():
    """No id consists of characters that are blank for one engine only: the strings of its node exclude them."""
    node = load_contract("ProxySession").root.branches[0].properties["ProxySessionId"]
    (strings,) = node.branches
    assert all(blank * length not in strings.language for blank in DISPUTED_BLANKS for length in (1, 2, 128))
    assert DISPUTED_BLANKS not in strings.language
    assert f"{DISPUTED_BLANKS}a" in strings.language
    assert load_contract("ProxySession").contested({"ProxySessionId": DISPUTED_BLANKS}) == ("jsonschema",)


def test_violations_are_contested_by_the_published_patterns():
    """A violation of the session is contested exactly if a validator accepts it, by our patterns or the published ones."""
    contract = load_contract("ProxySession")
    decisive, cross_check = validators("ProxySession")
    for violation in enumerate_violations(contract, keyword="pattern"):
        instance = violation.instance
        accepting = [
            decisive.is_valid(instance),
            cross_check.is_valid(instance),
            contract.validators.cross_check(instance) == [],
        ]
        assert bool(violation.contested) is any(accepting), violation.id
    contested = {each.id for each in enumerate_violations(contract) if each.contested}
    assert {
        "ProxySessionId.pattern.blank-byte-order-mark",
        "Participants.0.PhoneNumber.pattern.unicode-digit",
    } <= contested
