import json
import re

import pytest
from hypothesis import settings

from chime_fixtures.chime.contracts import load_contract
from tests.support.nested import run_nested

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def same_profile():
    """The inner tests load another profile of Hypothesis."""
    before = settings.get_current_profile_name()
    yield
    settings.load_profile(before)


SUITE = """
import pytest
from hypothesis import Phase, given, settings, strategies as st
from chime_fixtures import proxy_session_violations, proxy_sessions

settings.register_profile("quick", phases=[Phase.generate, Phase.shrink], max_examples=20, deadline=None)
settings.load_profile("quick")

class TestParser:
    @pytest.mark.parametrize("limit", [64])
    @given(proxy_sessions(required=["Name"]), st.builds(object))
    def test_name(self, tmp_path_factory, limit, session, other):
        name = session.pop("Name")
        assert len(name) <= limit

@settings(phases=[Phase.generate])
@given(session=proxy_sessions(required=["EndedTimestamp"], form="boto3"), violation=proxy_session_violations(keyword="maxLength"))
def test_refuses(session, violation):
    assert "EndedTimestamp" not in session

@given(st.integers())
def test_passes(number):
    assert number is not None
"""

REPLAY = """
import json
from pathlib import Path

from hypothesis import Phase, example, given, settings
from chime_fixtures import proxy_sessions

(SAVED,) = [json.loads(path.read_text(encoding="utf-8")) for path in Path("saved").glob("test_it.TestParser.*.json")]

@settings(phases=[Phase.explicit])
@example(session=SAVED)
@given(proxy_sessions())
def test_name(session):
    assert len(session.get("Name", "")) <= 64
"""


def test_shrunk_example(pytester):
    """Each argument of a failing test is written with its shrunk value, as it was drawn; a passing test writes none."""
    pytester.makepyfile(test_it=SUITE)
    result = run_nested(pytester, "--chime-save-failing", "saved")
    result.assert_outcomes(failed=2, passed=1)
    saved = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (pytester.path / "saved").iterdir()}
    contract = load_contract("ProxySession")
    assert contract.is_valid(saved.pop("test_it.test_refuses.session.json"))
    assert [found.keyword for found in contract.check(saved.pop("test_it.test_refuses.violation.json"))] == [
        "maxLength"
    ]
    ((name, session),) = saved.items()
    # Upper case gets a digest.
    assert re.fullmatch(r"test_it\.TestParser\.test_name\[64\]\.session~[0-9a-f]{12}\.json", name)
    assert session == {"Name": "0" * 65}
    pytester.makepyfile(test_replay=REPLAY)
    again = run_nested(pytester, "test_replay.py")
    again.assert_outcomes(failed=1)


def test_draws_from_data(pytester):
    """Each draw from `st.data()` is written by its number and label, without later modifications."""
    pytester.makepyfile(
        test_it="""
        from hypothesis import Phase, given, settings, strategies as st
        from chime_fixtures import operation_requests, proxy_sessions

        @settings(phases=[Phase.generate, Phase.shrink], max_examples=50, deadline=None)
        @given(st.data())
        def test_merges(data):
            session = data.draw(proxy_sessions(required=["Name"]))
            body = data.draw(operation_requests("UpdateProxySession"), label="the body/1")
            session.update(body, Name=session["Name"][:64])
            data.draw(st.builds(object))
            assert len(session["Name"]) < 64
        """
    )
    result = run_nested(pytester, "--chime-save-failing", "saved")
    result.assert_outcomes(failed=1)
    saved = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (pytester.path / "saved").iterdir()}
    (body,) = [name for name in saved if name.startswith("test_it.test_merges.data.2-the-body-1~")]
    assert load_contract("UpdateProxySession.request").is_valid(saved.pop(body))
    assert saved == {"test_it.test_merges.data.1.json": {"Name": "0" * 64}}


def test_kinds_of_failures(pytester):
    """Failures by pytest, SystemExit and long labels are saved; a failed health check and xfail write nothing."""
    pytester.makepyfile(
        test_it="""
        import threading
        import pytest
        from hypothesis import Phase, given, settings, strategies as st
        from chime_fixtures import proxy_sessions

        quick = settings(phases=[Phase.generate, Phase.shrink], max_examples=20, deadline=None)

        @quick
        @given(session=proxy_sessions(required=["Name"]))
        def test_raises(session):
            with pytest.raises(ValueError):
                session.clear()

        @quick
        @given(pair=st.tuples(proxy_sessions(required=["Name"]), st.just("\\ud800")))
        def test_pair(pair):
            pair[0]["Name"] = 5
            raise SystemExit

        @quick
        @given(one=st.data(), two=st.data())
        def test_draws(one, two):
            with pytest.raises(ZeroDivisionError):
                one.draw(st.builds(lambda: 1 // 0))
            two.draw(st.integers(), label="x" * 300)
            raise LookupError

        @quick
        @given(locks=st.lists(st.builds(threading.Lock)))
        def test_passes(locks):
            pass

        @quick
        @given(number=st.integers().filter(lambda number: False))
        def test_draws_nothing(number):
            pass

        @quick
        @given(number=st.integers())
        def test_xfails(number):
            pytest.xfail("an expected failure has no new example")
        """
    )
    result = run_nested(pytester, "--chime-save-failing", "saved")
    result.assert_outcomes(failed=4, passed=1, xfailed=1)  # the last test xfails itself
    saved = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (pytester.path / "saved").iterdir()}
    long = next(name for name in saved if "xxx" in name)
    assert long.startswith("test_it.test_draws.one.2-xxx")
    assert len(long) < 255
    assert saved.pop(long) == 0
    assert saved.pop("test_it.test_pair.pair.json")[1] == "\ud800"
    assert saved == {"test_it.test_raises.session.json": {"Name": ""}}


def test_unwritable_folder(pytester):
    """If a file can't be written, the failure has a note with the reason."""
    pytester.makepyfile(test_it=SUITE)
    (pytester.path / "saved").write_text("", encoding="utf-8")
    result = run_nested(pytester, "--chime-save-failing", "saved", "-k", "test_name")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 65 <= 64*", "*saved* could not be written: File exists*"])
