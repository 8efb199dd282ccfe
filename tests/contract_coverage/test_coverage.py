"""Coverage of a contract: percentages, columns and the JSON form."""

import json

import pytest

from chime_fixtures.contract_coverage.coverage import Coverage, merged
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


def test_goals_are_omitted_by_patterns(coverage):
    """A pattern matches ids, or keys with the dimension; what was met of an omitted goal does not count."""
    assert coverage.without(["a"]).goals == GOALS[1:2]
    assert coverage.without(["violations:*"]).goals == GOALS[:2]
    assert coverage.without(["a"]).percentage() == 0


def test_canned_responses_are_for_an_operation_that_is_used():
    """A hint has an operation that the tests called; without one, it has GetProxySession."""
    goal = Goal("edges", "a", hint='chime_stub.answer("GetProxySession", {})')
    for called, expected in ((), "GetProxySession"), (("ListProxySessions",), "ListProxySessions"):
        received = {f"requests:{name}": ("test",) for name in called}
        (adapted,) = Coverage("thing", (goal,), {}, received).with_used_operations().goals
        assert adapted.hint == f'chime_stub.answer("{expected}", {{}})'


def test_constraints_join_their_cases():
    """By constraint, the cases of a pointer and keyword are one goal, which the tests of each of them met."""
    goals = (Goal("edges", "a", "/a", "maxLength"), Goal("edges", "b", "/a", "maxLength"), Goal("edges", "c", "/c"))
    joined = Coverage("thing", goals, {"edges:b": ("test_2",), "edges:a": ("test_1",)}, {}).by_constraint()
    assert [goal.id for goal in joined.goals] == ["/a [maxLength]", "/c"]
    assert joined.handed_out == {"edges:/a [maxLength]": ("test_1", "test_2")}


def test_parts_of_a_run_are_merged():
    """Coverages of one contract are joined, also if only one of them was served; others stay apart."""
    edge, outcome = Goal("edges", "a"), Goal("outcomes", "b")
    first = Coverage("thing", (edge,), {"edges:a": ("test_1",)}, {})
    second = Coverage("thing", (outcome, edge), {"edges:a": ("test_2",)}, {"outcomes:b": ("test_2",)})
    other = Coverage("other", (edge,), {}, {})
    whole = Coverage("thing", (outcome, edge), {"edges:a": ("test_1", "test_2")}, {"outcomes:b": ("test_2",)})
    assert merged([first, other, second]) == (whole, other)
