"""Bundles and packs of the official suite: a validator that is given the bundle alone has the same verdicts."""

import jsonschema_rs
import pytest

from chime_fixtures.engine.errors import EngineError, UnsupportedSchemaError
from chime_fixtures.packs import build_pack
from chime_fixtures.packs.bundling import bundle
from tests.support.conformance.cases import NEWEST_DRAFT, cases
from tests.support.conformance.older_drafts import OLDER_DRAFTS
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

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
    for case in sample(cases(draft), 150):
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


@pytest.mark.parametrize("draft", [NEWEST_DRAFT, *OLDER_DRAFTS])
def test_each_verdict_of_a_pack(draft):
    """Each case on which validators agree has its verdict by the bundle, and each id is unique in its set."""
    # Meta-schemas have thousands of cases.
    small = [case for case in cases(draft) if "json-schema.org" not in "".join(references(case.schema))]
    for case in sample(small, 12):
        try:
            pack = build_pack(case.contract())
            schema = bundle(pack.contract.document)
        except EngineError:
            continue
        validator = jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)
        for cases_of_kind in pack.without_contested().sets.values():
            assert len({each.id for each in cases_of_kind}) == len(cases_of_kind), case.name
            wrong = [each.id for each in cases_of_kind if validator.is_valid(each.instance) != each.valid]
            assert wrong == [], case.name
