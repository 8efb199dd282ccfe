"""Random schemas, whose keywords often exclude each other: outside validators judge all that is made of them."""

import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards, enumerate_violations
from chime_fixtures.engine.errors import EngineError
from chime_fixtures.engine.pointer import resolve
from tests.support.conformance.cases import Case
from tests.support.conformance.validators import Validators
from tests.support.random_schemas import random_schema
from tests.support.sizes import IS_NIGHTLY

COUNT = 400 if IS_NIGHTLY else 15

NOTABLE = [449, 1057, 1329]
"""Objects that need unlisted names, or have a branch without a value beside others, once crashed the catalogue."""


def judged(seed):
    """The number of values and labels that the validators confirm, and what they do not confirm."""
    schema = random_schema(seed)
    validators = Validators(Case(f"random {seed}", "", "", schema, (), {}))
    try:
        contract = Contract(schema)
    except EngineError:
        return 0, []
    values = [generate(contract, index=index) for index in range(6)]
    values += [edge.instance for edge in enumerate_edges(contract)]
    hazards = enumerate_hazards(contract)
    values += [hazard.instance for hazard in hazards]
    wrong = [(seed, value) for value in values if validators.verdicts(value) != (True, True)]
    wrong += [(seed, each.id) for each in hazards if not each.matches(resolve(each.instance, each.pointer))]
    violations = enumerate_violations(contract, contested=False)
    for violation in violations:
        error = validators.common_error(violation.instance)
        if error is None or error.label != (violation.pointer, violation.keyword):
            wrong.append((seed, violation.id, validators.errors(violation.instance)))
    return len(values) + len(violations), wrong


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::chime_fixtures.engine.errors.SchemaWarning")
@pytest.mark.parametrize("part", range(4))
def test_the_validators_confirm_what_is_made_of_a_random_schema(part):
    """Both accept each value, edge and hazard, and both reject each violation with its label alone."""
    seeds = [*range(part, 4 * COUNT, 4), *NOTABLE[part : part + 1]]
    results = [judged(seed) for seed in seeds]
    assert [wrong for _, each in results for wrong in each] == []
    assert sum(count for count, _ in results) > 10 * COUNT
