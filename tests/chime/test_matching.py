"""The cases that an instance realises, for every bundled contract."""

import pytest

from chime_fixtures import ProxySessionFactory
from chime_fixtures.chime.contracts import contract_names, load_contract
from tests.support.cases_by_definition import cases_by_definition
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import IS_NIGHTLY, sample


@pytest.mark.slow
@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("name", sample(contract_names(), 12))
def test_each_case_of_a_bundled_contract_realises_its_own_id(name):
    """Requests, responses and their parts, in a document with references."""
    contract = load_contract(name)
    violations = contract.catalogue.violations
    cases = (*contract.edges, *contract.hazards, *violations)
    assert [case.id for case in cases if case.id not in contract.cases_met_by(case.instance)] == []
    for violation in violations:
        violated = [
            (each.keyword, each.schema_pointer) for each in contract.constraints_violated_by(violation.instance)
        ]
        assert violated == [(violation.keyword, violation.schema_pointer)]


def test_realistic_sessions_realise_what_the_definitions_say():
    """Sessions of the factory, each with identifiers, numbers and times of its own."""
    contract = load_contract("ProxySession")
    factory = ProxySessionFactory(seed=3)
    for _ in range(400 if IS_NIGHTLY else 12):
        session = factory.build()
        assert list(contract.cases_met_by(session)) == cases_by_definition(contract, session)
