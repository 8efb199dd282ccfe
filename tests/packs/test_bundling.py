"""Bundling on the official suite: the validator of a bundle has the verdict of the contract's own one."""

import jsonschema_rs
import pytest

from chime_fixtures.engine.errors import EngineError, UnsupportedSchemaError
from chime_fixtures.packs.bundling import bundle
from tests.support.conformance.cases import NEWEST_DRAFT, cases
from tests.support.conformance.older_drafts import OLDER_DRAFTS
from tests.support.schemas import MAY_DECLARE_UNREACHED

pytestmark = [pytest.mark.slow, MAY_DECLARE_UNREACHED]

MAX_UNSUPPORTED = 5
"""Schemas of one draft that are of several drafts, or depend on the dynamic scope over several documents."""


def references(schema):
    """The values of all references in a bundle."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name in {"$ref", "$dynamicRef", "$recursiveRef"} and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


@pytest.mark.parametrize("draft", [NEWEST_DRAFT, *OLDER_DRAFTS])
def test_each_verdict_of_the_suite(draft):
    """A bundle needs no other document, and its verdicts on the instances of the suite are those of the contract."""
    unsupported = []
    for case in cases(draft):
        try:
            contract = case.contract()
        except EngineError:
            continue
        try:
            schema = bundle(contract.document)
        except UnsupportedSchemaError as error:
            unsupported.append((case.name, str(error)))
            continue
        validator = jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)
        for instance, _ in case.tests:
            assert validator.is_valid(instance) == contract.is_valid(instance), (case.name, instance, schema)
        if case.resources:
            assert [each for each in references(schema) if not each.startswith("#")] == [], case.name
    assert all("format native" in reason for _, reason in unsupported)
    assert len(unsupported) <= MAX_UNSUPPORTED
