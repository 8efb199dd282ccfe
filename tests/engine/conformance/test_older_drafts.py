"""The engine on the official suites of drafts 4, 6, 7 and 2019-09, by the validators of the same draft."""

import re

import pytest

from tests.support.conformance.cases import cases
from tests.support.conformance.harness import SUPPORTED, UNSATISFIABLE
from tests.support.conformance.older_drafts import OLDER_DRAFTS, outcome_by_draft
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

pytestmark = [pytest.mark.slow, MAY_DECLARE_UNREACHED]

MIN_RECALL = 0.98
"""The share of the keywords known to be violable alone that our violations violate."""
UNKNOWN = re.compile(
    r"is not a keyword of|keyword of another dialect|format: 'unknown' is not supported|an unknown dialect"
)


@pytest.mark.parametrize("draft", OLDER_DRAFTS)
def test_values_and_violations_are_those_of_the_draft(draft):
    """Each value is valid, each violation has one error, most keywords are violated, the rest is refused by name."""
    assert len(cases(draft)) == OLDER_DRAFTS[draft]
    outcomes = [outcome_by_draft(case) for case in sample(cases(draft), 10)]
    wrong = [each for each in outcomes if each.is_wrong or each.rejected_values or each.mislabelled]
    assert wrong == []
    supported = [each for each in outcomes if each.status in {SUPPORTED, UNSATISFIABLE}]
    assert [each for each in outcomes if each not in supported and not UNKNOWN.search(each.reason)] == []
    assert len(supported) >= 0.95 * len(outcomes)
    violable = sum(len(each.violable) for each in supported)
    assert sum(len(each.violable & each.violated) for each in supported) >= MIN_RECALL * violable
