import datetime as dt
import re
from dataclasses import dataclass, field, replace

import pytest

from chime_fixtures import Contract, enumerate_edges, enumerate_hazards, enumerate_violations
from chime_fixtures.pytest_plugin import _CASE_FIXTURES
from chime_fixtures.sessions.list_cases import list_cases
from chime_fixtures.testing.cases import Tolerance, own_case, select
from tests.support.nested import run_nested

SESSION = {
    "type": "object",
    "required": ["Name"],
    "properties": {"Name": {"type": "string", "maxLength": 4}, "At": {"type": "string", "format": "date-time"}},
}
CONTRACT = Contract(SESSION)
EDGES = [edge.id for edge in enumerate_edges(CONTRACT)]
HAZARDS = [hazard.id for hazard in enumerate_hazards(CONTRACT)]
LISTS = [case.id for case in list_cases(CONTRACT)]
VIOLATIONS = [violation.id for violation in enumerate_violations(CONTRACT)]
HEAD = f"import pytest\nSESSION = {SESSION}\npytestmark = [pytest.mark.chime_contract(SESSION)]\n"
EDGE, HAZARD, LIST, VIOLATION = _CASE_FIXTURES


@dataclass
class Definition:
    """The parts of a test's definition that are read: its own marks, and those of its class and module."""

    own_markers: list[pytest.Mark] = field(default_factory=list)
    inherited: list[pytest.Mark] = field(default_factory=list)
    nodeid: str = "test_it.py::test_it"

    def iter_markers(self, _name):
        """All marks, the closest one first."""
        yield from self.own_markers
        yield from self.inherited


def cases(*args, **kwargs):
    """The mark of ``chime_cases``."""
    return pytest.mark.chime_cases(*args, **kwargs).mark


def selected(*own, inherited=(), fixture=VIOLATION):
    """The ids that marks select."""
    return [case.id for case in select(Definition(list(own), list(inherited)), [fixture], CONTRACT)[fixture]]


def test_each_set_has_a_fixture():
    """Without a marker, a test runs once for each case of the finite set, in its order; no case is tolerated."""
    found = select(Definition(), _CASE_FIXTURES, CONTRACT)
    ids = {fixture: [case.id for case in each] for fixture, each in found.items()}
    assert ids == {EDGE: EDGES, HAZARD: HAZARDS, LIST: LISTS, VIOLATION: VIOLATIONS}
    assert {case.tolerated_by for each in found.values() for case in each} == {None}


def test_only_and_skip():
    """A case is selected if one pattern of `only` matches its id and none of `skip`.

    Upper case counts, `*` matches periods too, and an `only` about one set leaves another one whole.
    """
    assert selected(cases(only=["Name.max*"])) == [each for each in VIOLATIONS if each.startswith("Name.max")]
    assert selected(cases(only=["Name.type.null", "Name.maxLength"])) == ["Name.maxLength", "Name.type.null"]
    assert selected(cases(skip=("*.type*", "type*"))) == [each for each in VIOLATIONS if "type" not in each]
    assert selected(cases(only={"*.type.*"}, skip=["At*"])) == [each for each in VIOLATIONS if "Name.type." in each]
    both = select(Definition([cases(only=["Name.maxLength"])]), [EDGE, VIOLATION], CONTRACT)
    assert [[case.id for case in each] for each in both.values()] == [EDGES, ["Name.maxLength"]]
    with pytest.raises(pytest.UsageError, match="did you mean 'Name.maxLength'"):
        selected(cases(only=["name.maxlength"]))


def test_several_markers():
    """Each marker narrows the selection of the others; the closest one that tolerates a case gives the reason."""
    module = cases(only=["Name.*"], tolerated={"Name.maxLength*": "all", "Name.type.*": "types"})
    test = cases(skip=["*.twice"], tolerated={"Name.maxLength": "one"})
    (found,) = select(Definition([test], [module]), [VIOLATION], CONTRACT).values()
    assert [case.id for case in found] == [
        each for each in VIOLATIONS if each.startswith("Name.") and not each.endswith(".twice")
    ]
    reasons = {case.id: (case.tolerated_by, case.reason) for case in found}
    assert reasons["Name.maxLength"] == ("Name.maxLength", "one")
    assert reasons["Name.maxLength.combining"] == ("Name.maxLength*", "all")
    assert reasons["Name.type.null"] == ("Name.type.*", "types")


def test_a_marker_of_a_module_may_be_about_other_tests():
    """Its pattern has to match a case of the contract; that of a test's own marker, a case of the test."""
    marker = cases(skip=["Name.maxLength"])
    assert selected(inherited=[marker], fixture=EDGE) == EDGES
    with pytest.raises(pytest.UsageError, match="matches no case of proxy_session_edge; did you mean 'Name.longest'"):
        selected(marker, fixture=EDGE)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (cases(["Name.*"]), "pass only, skip, tolerated by name, not ['Name.*']"),
        (cases(tolerate={}), "unknown argument 'tolerate'; did you mean 'tolerated'?"),
        (cases(only="Name.*"), "only must be a list of patterns; write ['Name.*']"),
        (cases(skip=5), "skip must be a list of patterns, not 5"),
        (cases(skip=[5]), "skip: a pattern must be text, not 5"),
        (cases(only=[]), "only must have a pattern; leave it out to select each case"),
        (cases(skip=["*"]), "no case of proxy_session_violation is left; widen only, or narrow skip"),
        (
            cases(skip=["Name.maxLenght"]),
            "skip: 'Name.maxLenght' matches no case of proxy_session_violation; did you mean 'Name.maxLength'?",
        ),
        (
            cases(tolerated={"Name.maxLenght": "we truncate"}),
            "tolerated: 'Name.maxLenght' matches no case of proxy_session_violation; did you mean 'Name.maxLength'?",
        ),
        (cases(tolerated=["Name.maxLength"]), "tolerated must map ids or patterns to reasons, not ['Name.maxLength']"),
        (
            cases(tolerated={"Name.maxLength": ""}),
            "tolerated: the reason of 'Name.maxLength' must be text, not ''",
        ),
        (cases(tolerated={5: "x"}), "tolerated: a pattern must be text, not 5"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_marker(mark, message):
    """The error names the test, the argument, the value and the remedy in one line."""
    with pytest.raises(pytest.UsageError, match=re.escape(f"chime_cases of test_it.py::test_it: {message}") + "$"):
        selected(mark)


def test_a_parameter_that_is_not_a_case():
    """An id as the parameter of a test is an error that names the marker."""
    with pytest.raises(
        pytest.UsageError, match=r"not 'Name.maxLength'; select cases by id with the marker chime_cases"
    ):
        own_case("Name.maxLength", CONTRACT, "wire")


def test_the_instance_is_the_tests_own():
    """A test may change its case; in the form of boto3 it has datetimes, but for the value that is invalid."""
    found = select(Definition(), _CASE_FIXTURES, CONTRACT)
    for parameter in [case for each in found.values() for case in each]:
        case, other = (own_case(parameter, CONTRACT, "wire") for _ in range(2))
        assert case == other
        assert case.id == parameter.id
        assert case.instance is not other.instance or not isinstance(case.instance, dict | list)
    edge, violation = found[EDGE][0], next(each for each in found[VIOLATION] if each.id.startswith("At.format"))
    assert isinstance(own_case(edge, CONTRACT, "boto3").instance["At"], dt.datetime)
    assert isinstance(own_case(edge, CONTRACT, "wire").instance["At"], str)
    assert isinstance(own_case(violation, CONTRACT, "boto3").instance["At"], str)
    sessions = next(
        own_case(each, CONTRACT, "boto3").instance for each in found[LIST] if each.id == "list.more-than-a-page"
    )
    assert all(isinstance(session["At"], dt.datetime) for session in sessions if "At" in session)


OUTCOMES = """
def accepts(session):
    return len(session["Name"]) > 4

@pytest.mark.chime_cases(
    only=["Name.maxLength*", "Name.type.null"],
    tolerated={"Name.maxLength.t*": "we truncate", "Name.type.null": "null is fine", "At.*": "not selected"},
)
def test_call(proxy_session_violation):
    assert "twice" not in proxy_session_violation.id and "null" not in proxy_session_violation.id

@pytest.fixture
def broken():
    raise RuntimeError("broken")

@pytest.fixture
def strict(proxy_session_violation):
    yield
    assert proxy_session_violation.instance is None, "noticed at the end"

@pytest.mark.chime_cases(only=["Name.maxLength"], tolerated={"Name.maxLength": "we truncate"})
class TestPhases:
    def test_setup(self, proxy_session_violation, broken):
        raise AssertionError

    def test_teardown(self, strict):
        pass

    def test_skip(self, invalid_proxy_session):
        pytest.skip("not here")

    def test_instance(self, invalid_proxy_session):
        assert len(invalid_proxy_session["Name"]) < 5

@pytest.mark.chime_cases(only=["Name.longest", "Name.maxLength"], tolerated={"Name.longest": "we truncate"})
def test_pairs(proxy_session_edge, proxy_session_violation):
    assert proxy_session_edge.instance != proxy_session_violation.instance
"""


def outcomes(result):
    """Each test with its outcomes and their reasons."""
    found = {}
    for line in result.outlines:
        if match := re.match(r"(PASSED|FAILED|ERROR|XFAIL)(?: at teardown of)? \S*?::(\S+)(?: - (.*))?$", line):
            found.setdefault(match[2], {})[match[1]] = match[3]
    return found


def test_a_tolerated_case_has_to_fail(pytester, monkeypatch):
    """A failure is xfailed with its reason; a pass is an error at teardown; an error of the setup stays one."""
    monkeypatch.setenv("COLUMNS", "300")
    pytester.makepyfile(test_it=HEAD + OUTCOMES)
    found = outcomes(run_nested(pytester, "-q", "-rA", "--tb=no", "--strict-markers"))
    assert found == {
        "test_call[Name.type.null]": {"XFAIL": "null is fine"},
        "test_call[Name.maxLength]": {"PASSED": None},
        "test_call[Name.maxLength.combining]": {"PASSED": None},
        "test_call[Name.maxLength.twice]": {"XFAIL": "we truncate"},
        "test_call[Name.maxLength.trailing-blank]": {
            "PASSED": None,
            "ERROR": "Name.maxLength.trailing-blank no longer fails (we truncate); "
            "narrow 'Name.maxLength.t*' in tolerated of chime_cases",
        },
        "TestPhases::test_setup[Name.maxLength]": {"ERROR": "RuntimeError: broken"},
        "TestPhases::test_teardown[Name.maxLength]": {"PASSED": None, "XFAIL": "we truncate"},
        "TestPhases::test_instance[Name.maxLength]": {"XFAIL": "we truncate"},
        "test_pairs[Name.longest-Name.maxLength]": {
            "PASSED": None,
            "ERROR": "Name.longest no longer fails (we truncate); remove it from tolerated of chime_cases",
        },
    }


def test_one_verdict_for_all_subtests():
    """A subtest that passes is not the verdict on a tolerated case; a rerun has a verdict of its own."""
    (parameter,) = select(Definition([cases(only=["Name.maxLength"])]), [VIOLATION], CONTRACT)[VIOLATION]
    tolerance = Tolerance({VIOLATION: replace(parameter, tolerated_by=parameter.id, reason="we truncate")})

    def run(*phases):
        reports = [
            pytest.TestReport("test_it", ("test_it.py", 0, "test_it"), {}, outcome, None, when)
            for when, outcome in phases
        ]
        for report in reports:
            tolerance.apply(report)
        return [(report.outcome, vars(report).get("wasxfail")) for report in reports]

    before, after = ("setup", "passed"), ("teardown", "passed")
    assert run(before, ("call", "passed"), ("call", "failed"), ("call", "passed"), after) == [
        *[("passed", None)] * 2,
        ("skipped", "we truncate"),
        *[("passed", None)] * 2,
    ]
    assert run(before, ("call", "passed"), ("call", "passed"), after)[-1] == ("failed", None)
    assert run(("setup", "failed"), ("teardown", "failed")) == [("failed", None)] * 2


FRAMEWORKS = """
from hypothesis import HealthCheck, given, settings, strategies as st

pytestmark.append(
    pytest.mark.chime_cases(only=["Name.maxLength", "Name.type.null"], tolerated={"Name.type.null": "null is fine"})
)

@pytest.fixture
def anyio_backend():
    return "asyncio"

@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], database=None, max_examples=5)
@given(number=st.integers())
def test_hypothesis(proxy_session_violation, number):
    assert proxy_session_violation.keyword == "maxLength" or number == 0

@pytest.mark.anyio
async def test_async(proxy_session_violation):
    assert proxy_session_violation.keyword == "maxLength"

@pytest.mark.parametrize("number", [0, 1])
def test_two_parameters(proxy_session_violation, number):
    assert proxy_session_violation.keyword == "maxLength"

@pytest.mark.xfail(strict=True, reason="each case fails")
def test_xfail(proxy_session_violation):
    raise AssertionError

def test_stub(proxy_session_violation, chime_stub):
    if proxy_session_violation.keyword == "type":
        chime_stub.fail("throttle")
"""


@pytest.mark.slow
def test_tolerated_cases_of_other_frameworks(pytester, monkeypatch):
    """Tests of Hypothesis and asyncio, further parameters and the stub: a tolerated case is xfailed, the other passes."""
    monkeypatch.setenv("COLUMNS", "300")
    pytester.makepyfile(test_it=HEAD + FRAMEWORKS)
    result = run_nested(pytester, "-q", "-rA", "--tb=no", "-p", "anyio")
    passed, tolerated, expected = {"PASSED": None}, {"XFAIL": "null is fine"}, {"XFAIL": "each case fails"}
    assert outcomes(result) == {
        "test_hypothesis[Name.type.null]": tolerated,
        "test_hypothesis[Name.maxLength]": passed,
        "test_async[Name.type.null]": tolerated,
        "test_async[Name.maxLength]": passed,
        "test_two_parameters[Name.type.null-0]": tolerated,
        "test_two_parameters[Name.type.null-1]": tolerated,
        "test_two_parameters[Name.maxLength-0]": passed,
        "test_two_parameters[Name.maxLength-1]": passed,
        "test_xfail[Name.type.null]": expected,
        "test_xfail[Name.maxLength]": expected,
        "test_stub[Name.type.null]": passed | tolerated,
        "test_stub[Name.maxLength]": passed,
    }
    assert result.ret == 0


RERUN = """
@pytest.mark.chime_cases(only=["Name.maxLength*"], tolerated={"Name.maxLength": "we truncate", "*.twice": "fixed"})
def test_it(proxy_session_violation):
    assert proxy_session_violation.id != "Name.maxLength"
"""


@pytest.mark.slow
def test_options_of_pytest(pytester):
    """`--runxfail` ignores what is tolerated; `--lf` runs the cases that no longer fail, and no tolerated ones."""
    pytester.makepyfile(test_it=HEAD + RERUN)
    run_nested(pytester, "-q", "--runxfail").assert_outcomes(failed=1, passed=3)
    options = ("-q", "-p", "cacheprovider")
    run_nested(pytester, *options).assert_outcomes(xfailed=1, passed=3, errors=1)
    again = run_nested(pytester, *options, "--lf")
    again.assert_outcomes(passed=1, errors=1)
    again.stdout.fnmatch_lines(["*Name.maxLength.twice no longer fails (fixed); narrow '[*].twice' in tolerated of *"])


OWN = """
from chime_fixtures import enumerate_violations

pytestmark.append(pytest.mark.chime_cases(only=["At.*"], tolerated={"Name.maxLength": "we truncate"}))
CHOSEN = enumerate_violations(SESSION, keyword="maxLength")

@pytest.mark.parametrize("proxy_session_violation", CHOSEN, ids=[each.id for each in CHOSEN], indirect=True)
def test_chosen(proxy_session_violation, chime_form):
    assert proxy_session_violation.keyword == "maxLength"

@pytest.mark.parametrize("chime_form", ["boto3"])
def test_form(proxy_session_edge, chime_form):
    assert proxy_session_edge.instance["At"].tzinfo
"""


def test_a_test_that_chooses_its_cases(pytester):
    """A marker of the module does not apply to the cases with which a test parametrises itself; others have the form."""
    pytester.makepyfile(test_it=HEAD + OWN)
    result = run_nested(pytester, "-q")
    result.assert_outcomes(passed=4 + len([each for each in EDGES if each.startswith("At.")]))


NO_EFFECT = {
    "no-case": "@MARKED\ndef test_it(proxy_session): pass",
    "chosen": "@MARKED\n@pytest.mark.parametrize('proxy_session_violation', [1])\n"
    "def test_it(proxy_session_violation): pass",
    "parameter": "@pytest.mark.parametrize('number', [pytest.param(1, marks=MARKED)])\n"
    "def test_it(proxy_session_violation, number): pass",
    "unittest": "import unittest\nclass TestIt(unittest.TestCase):\n    @MARKED\n    def test_it(self): pass",
}


@pytest.mark.parametrize("name", NO_EFFECT)
def test_a_marker_without_effect(pytester, name):
    """A test's own marker that applies to no case is one usage error."""
    marked = "MARKED = pytest.mark.chime_cases(only=['Name.maxLength'])\n"
    pytester.makepyfile(test_it=HEAD + marked + NO_EFFECT[name])
    result = run_nested(pytester, "-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: chime_cases of test_it.py::*test_it*: has no effect here; mark a function *"])


def test_a_wrong_pattern_is_one_usage_error(pytester):
    """A marker of a module is one line, not one error a test."""
    wrong = "pytestmark.append(pytest.mark.chime_cases(skip=['Name.maxLenght']))\n"
    tests = "".join(f"def test_{fixture}({fixture}): pass\n" for fixture in _CASE_FIXTURES)
    pytester.makepyfile(test_it=HEAD + wrong + tests)
    result = run_nested(pytester, "-q")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert line.startswith(
        "ERROR: chime_cases of test_it.py::test_proxy_session_edge: skip: 'Name.maxLenght' matches no"
    )


def test_a_fixture_without_a_case(pytester):
    """A fixture that is requested while the test runs says how to have cases."""
    pytester.makepyfile(test_it=HEAD + "def test_it(request): request.getfixturevalue('proxy_session_hazard')")
    result = run_nested(pytester, "-q", "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*test_it.py::test_it: proxy_session_hazard has no case here; make it a parameter *"])


def test_a_contract_without_objects_has_no_lists():
    """The error names the fixture and the remedy, as each error of a marker does."""
    message = "proxy_session_list: contract: text has no objects; pass the schema of a session"
    with pytest.raises(pytest.UsageError, match=re.escape(message) + "$"):
        select(Definition(), [LIST], Contract({"type": "string"}, name="text"))
