"""Contract coverage of a test run: columns, examples, options, reports and workers."""

import json

import pytest

from chime_fixtures.contract_coverage import coverage_text, recorder  # noqa: F401  # kept when pytester forgets imports
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.testing import coverage_plugin  # noqa: F401
from tests.support.nested import run_nested
from tests.support.sizes import IS_NIGHTLY


@pytest.fixture
def covered(pytester):
    """A function that runs tests with coverage, and returns the result and the coverage of each contract by name."""

    def run(tests, *arguments):
        pytester.makepyfile(tests)
        result = run_nested(pytester, "-q", "--chime-cov", "--chime-cov-report=json:out.json", *arguments)
        content = json.loads((pytester.path / "out.json").read_text(encoding="utf-8"))
        parts = [{name: each[name] for name in each if name != "percentages"} for each in content["contracts"]]
        return result, {each["contract"]: Coverage.from_dict(each) for each in parts}

    return run


STUB = """
    def test_reads(chime_stub, chime_client):
        stored = chime_stub.add_session({"Name": "x" * 128})
        ids = {name: stored[name] for name in ("VoiceConnectorId", "ProxySessionId")}
        assert chime_client.get_proxy_session(**ids)["ProxySession"]["Name"]
"""


def test_what_a_client_receives(covered):
    """A stored session that a client reads is received, not handed out; the request is an outcome and a request."""
    result, found = covered(STUB)
    coverage = found["ProxySession"]
    test = ("test_what_a_client_receives.py::test_reads",)
    assert result.ret == 0
    assert coverage.handed_out == {}
    for key in ("edges:Name.longest", "outcomes:GetProxySession.success", "requests:GetProxySession.ProxySessionId"):
        assert coverage.received[key] == test
    assert not [key for key in coverage.received if key.startswith("violations")]


def test_enumerated_cases_of_a_parametrized_test(covered):
    """Cases are handed out to the parametrized tests that passed, each as one of its own contract."""
    _, found = covered(
        """
        import pytest
        from chime_fixtures import Contract, enumerate_edges, enumerate_hazards, enumerate_violations

        NAME = Contract({"type": "object", "properties": {"Name": {"type": "string", "maxLength": 30}}}, name="Name")

        @pytest.mark.parametrize("edge", enumerate_edges(NAME), ids=lambda case: case.id)
        def test_edge(edge):
            assert edge.id != "Name.shortest"

        @pytest.fixture(params=enumerate_violations(NAME)[:1])
        def violation(request):
            return request.param

        def test_violation(violation): pass

        enumerate_hazards(NAME)
        """
    )
    coverage = found["Name"]
    edges = {goal.id for goal in coverage.goals if goal.dimension == "edges"}
    assert {goal.id for goal in coverage.met("handed_out", "edges")} == edges - {"Name.shortest"}
    assert len(coverage.met("handed_out", "violations")) == 1
    assert not coverage.received
    assert not found["ProxySession"].handed_out


@pytest.mark.slow
def test_an_empty_test_receives_nothing(covered):
    """Tests that only draw score under handed out alone."""
    _, found = covered(
        """
        import pytest
        from hypothesis import given
        from chime_fixtures import proxy_sessions

        @given(proxy_sessions())
        def test_session(session): pass

        @pytest.mark.chime_cases(only=["Name.maxLength"])
        def test_violation(invalid_proxy_session): pass
        """
    )
    coverage = found["ProxySession"]
    assert coverage.percentage("received") == 0
    assert coverage.percentage("handed_out", "edges") > 20
    assert [goal.id for goal in coverage.met("handed_out", "violations")] == ["Name.maxLength"]


@pytest.mark.slow
def test_only_tests_and_examples_that_passed_count(covered):
    """Failed, skipped and expected-to-fail tests count nothing, nor do examples that `assume` rejects."""
    result, found = covered(
        """
        import pytest
        from hypothesis import assume, given
        from chime_fixtures import from_schema, proxy_sessions

        def test_fails(proxy_session):
            assert False

        def test_skips(proxy_session):
            pytest.skip()

        @pytest.mark.xfail
        def test_expected(proxy_session):
            assert False

        @pytest.fixture
        def broken_teardown(proxy_session):
            yield
            assert False

        def test_error(broken_teardown): pass

        @given(proxy_sessions())
        def test_shrinks(session):
            assert not session.get("Name")

        @given(from_schema({"title": "digit", "enum": [1, 2, 3]}))
        def test_assumes(value):
            assume(value != 2)
        """
    )
    result.assert_outcomes(failed=2, skipped=1, xfailed=1, passed=2, errors=1)
    assert found["ProxySession"].handed_out == {}
    assert [goal.id for goal in found["digit"].met("handed_out", "edges")] == ["constant-0", "constant-2"]


@pytest.mark.slow
def test_a_minimum_fails_the_run(covered):
    """Below the minimum the run fails, with the sentence of pytest-cov; at the minimum it passes."""
    result, _ = covered(STUB, "--chime-cov-fail-under=50")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAIL Required contract coverage of 50% not reached. Total coverage: *%"])
    result, _ = covered(STUB, "--chime-cov-fail-under=1")
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.slow
def test_reports_of_the_terminal(covered):
    """The table has a line for each dimension; term-missing also lists each goal with the line that meets it."""
    result, _ = covered(STUB, "--chime-cov-report=term-missing")
    result.stdout.fnmatch_lines(
        [
            "*contract coverage: ProxySession*",
            "Dimension *Goals *Handed out *Received *Cover",
            "outcomes *",
            "TOTAL *",
            "edges not met (*); a test with the fixture proxy_session_edge runs once for each:",
            '  Name.longest-minus-1: chime_stub.add_session({"Name": *})',
        ]
    )
    assert "  Name.longest: " not in result.stdout.str()


@pytest.mark.slow
def test_settings_of_the_ini_file(pytester):
    """Each option has a setting; the option decides."""
    pytester.makeini(
        """
        [pytest]
        chime_cov = true
        chime_cov_report = term markdown:out/coverage.md
        chime_cov_fail_under = 99
        chime_cov_level = constraint
        """
    )
    pytester.makepyfile(STUB)
    result = run_nested(pytester, "-q", "--chime-cov-fail-under=0.5")
    assert result.ret == pytest.ExitCode.OK
    assert "| edges |" in (pytester.path / "out" / "coverage.md").read_text(encoding="utf-8")
    assert run_nested(pytester, "-q", "--chime-cov-report=").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--chime-cov-report=xml", "*unknown report 'xml'; choose from term, term-missing, html, json, markdown"),
        ("--chime-cov-report=term:x", "*term is written to the terminal, not to 'x'"),
        ("--chime-cov-fail-under=101", "*the minimum must be a percentage from 0 to 100, not '101'"),
        ("--chime-cov-append", "*--chime-cov-append requires the cache of pytest; remove -p no:cacheprovider"),
    ],
)
def test_invalid_options(pytester, argument, message):
    """An invalid option is one line, and the exit code of a usage error."""
    result = run_nested(pytester, "--chime-cov", argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


@pytest.mark.slow
def test_append(pytester):
    """The goals of the previous run are added."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.chime_cases(only=["Name.*"])
        def test_name(proxy_session_violation): pass

        @pytest.mark.chime_cases(only=["Status.*"])
        def test_status(proxy_session_violation): pass
        """
    )

    def goals(*arguments):
        run_nested(pytester, "-q", "-p", "cacheprovider", "--chime-cov", "--chime-cov-report=json:out.json", *arguments)
        found = json.loads((pytester.path / "out.json").read_text(encoding="utf-8"))["contracts"]
        return set(found[0]["handed_out"])

    name, status = goals("-k", "name"), goals("-k", "status")
    assert name
    assert status
    assert not name & status
    assert goals("-k", "name", "--chime-cov-append") == name | status


@pytest.mark.slow
def test_figures_are_the_same_with_workers(pytester):
    """With pytest-xdist, each goal was met by the same tests; a custom contract of one worker is reported too.

    By day there is one worker, which takes two seconds; a test of `merged` adds up those of several.
    """
    pytester.makepyfile(
        f"""{STUB}
        import pytest
        from hypothesis import given, settings
        from chime_fixtures import from_schema, proxy_sessions

        @pytest.mark.chime_cases(only=["Name.*", "Status.*"])
        def test_violation(invalid_proxy_session): pass

        @pytest.mark.chime_cases(only=["Name.*", "Status.*"])
        def test_edge(proxy_session_edge, proxy_session_factory): proxy_session_factory.build()

        @given(proxy_sessions())
        @settings(derandomize=True, database=None, max_examples=20)
        def test_session(session): pass

        @given(from_schema({{"title": "digit", "enum": [1, 2, 3]}}))
        def test_custom(value): pass
        """
    )

    def report(*arguments):
        arguments = ("-q", "--chime-cov", "--chime-cov-report=json:out.json", *arguments)
        assert run_nested(pytester, *arguments).ret == 0
        return (pytester.path / "out.json").read_text(encoding="utf-8")

    assert report("-n2" if IS_NIGHTLY else "-n1") == report("-n0")
