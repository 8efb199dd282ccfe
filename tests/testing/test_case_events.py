"""Events of Hypothesis for the cases that examples realise."""

import pytest

from chime_fixtures.contract_coverage import recorder  # noqa: F401  # kept when pytester forgets imports
from chime_fixtures.testing import case_events, stored_cases  # noqa: F401
from tests.support.nested import run_nested

TESTS = """
    from hypothesis import given, settings
    from chime_fixtures import from_schema, invalid_proxy_sessions, proxy_sessions

    SCHEMA = {"title": "digit", "enum": [1, 2, 3]}

    @settings(max_examples=30, derandomize=True, database=None)
    @given(proxy_sessions(), invalid_proxy_sessions())
    def test_session(valid, invalid): pass

    @given(from_schema(SCHEMA))
    def test_first(value): pass

    DIGIT = from_schema(SCHEMA)

    @given(DIGIT)
    def test_second(value): pass

    @given(DIGIT)
    def test_third(value): pass

    def test_without_hypothesis(proxy_session): pass
"""


@pytest.mark.slow
def test_the_statistics_have_events(pytester):
    """An example has an event for one case of each member; those of another contract begin with its second test."""
    pytester.makepyfile(TESTS)
    result = run_nested(pytester, "-q", "--hypothesis-show-statistics")
    result.assert_outcomes(passed=5)
    text = result.stdout.str()
    parts = text.split("test_the_statistics_have_events.py::")
    session, second, third = (
        next(part for part in parts if part.startswith(f"test_{name}:")) for name in ("session", "second", "third")
    )
    for line in ("Status: constant-0", "(root): without-", "violation: "):
        assert line in session
    assert "constant-0" not in second
    assert "(root): constant-0" in third


def test_there_are_no_events_otherwise(pytester, monkeypatch):
    """Without the option and the variable of Hypothesis, the plugin is not registered; with the variable, it is."""
    pytester.makeconftest(
        "def pytest_sessionfinish(session): print('events', session.config.pluginmanager.has_plugin('chime_events'))"
    )
    pytester.makepyfile("def test_it(): pass")
    assert "events False" in run_nested(pytester, "-q", "-s").stdout.str()
    monkeypatch.setenv("HYPOTHESIS_EXPERIMENTAL_OBSERVABILITY", "1")
    assert "events True" in run_nested(pytester, "-q", "-s").stdout.str()
