"""Coverage of a contract: percentages, columns and the JSON form."""

import json

import pytest

from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.goals import Goal, goals_of
from chime_fixtures.engine.contract import Contract

GOALS = (Goal("edges", "a"), Goal("edges", "b"), Goal("violations", "a", "/a", "type"))


@pytest.fixture
def coverage():
    """A coverage with one goal met in each column."""
    return Coverage("thing", GOALS, {"edges:a": ("test_1",)}, {"violations:a": ("test_2",)})


def test_columns_are_kept_apart(coverage):
    """A percentage is that of one column, or of both together."""
    assert coverage.percentage("handed_out", "edges") == 50
    assert coverage.percentage("received", "edges") == 0
    assert coverage.percentage(None, "violations") == 100
    assert coverage.percentage() == pytest.approx(200 / 3)
    assert coverage.missing() == (GOALS[1],)


def test_a_dimension_without_goals_is_covered(coverage):
    """The percentage of no goals is 100, and the dimension is not listed."""
    assert coverage.percentage(dimension="hazards") == 100
    assert coverage.dimensions == ("edges", "violations")


def test_the_json_form_is_lossless(coverage):
    """The coverage that is read from its JSON form equals it."""
    assert Coverage.from_dict(json.loads(json.dumps(coverage.as_dict()))) == coverage


def test_goals_are_the_finite_sets():
    """Each edge, hazard and violation of a contract is a goal, with a unique key."""
    contract = Contract({"type": "string", "maxLength": 2})
    goals = goals_of(contract)
    assert {goal.id for goal in goals if goal.dimension == "edges"} == {each.id for each in contract.edges}
    assert {goal.id for goal in goals if goal.dimension == "hazards"} == {each.id for each in contract.hazards}
    assert {goal.id for goal in goals if goal.dimension == "violations"} == {
        each.label.id for each in contract.catalogue
    }
    assert len({goal.key for goal in goals}) == len(goals)
