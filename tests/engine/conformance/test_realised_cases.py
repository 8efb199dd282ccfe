"""The cases that instances realise, for the schemas of the official suite."""

import pytest

from chime_fixtures.engine.errors import NoValueError, UnsupportedSchemaError
from tests.support.conformance.cases import cases
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

SCHEMAS = [case for draft in ("draft4", "draft6", "draft7", "draft2019-09", "draft2020-12") for case in cases(draft)]


@pytest.mark.slow
@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("case", sample(SCHEMAS, 40), ids=lambda case: f"{case.draft}:{case.name}")
def test_each_case_realises_its_own_id(case):
    """The schemas of five drafts, with references to other documents; an invalid instance violates constraints."""
    try:
        contract = case.contract()
    except (NoValueError, UnsupportedSchemaError):
        pytest.skip("the schema has no value, or is not supported")
    own = [*contract.edges, *contract.hazards, *contract.catalogue.violations]
    assert [each.id for each in own if each.id not in contract.cases_met_by(each.instance)] == []
    for instance, _ in case.tests:
        contract.cases_met_by(instance)
        # Formats are asserted, unlike in the suite.
        assert bool(contract.constraints_violated_by(instance)) is not contract.is_valid(instance)
