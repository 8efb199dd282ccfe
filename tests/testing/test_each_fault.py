"""`--chime-each-fault`: reruns, their reports, the table and its baseline."""

from __future__ import annotations

import json
import re
import threading
import time

import pytest

import chime_fixtures.testing.each_fault  # before a run in process, which forgets its imports
from chime_fixtures.contract_coverage.fault_table import FaultTable
from chime_fixtures.service import injection
from chime_fixtures.service.injection import Injector
from chime_fixtures.testing import each_fault_options
from chime_fixtures.testing.rerun_limits import MAX_SLEEP_SECONDS, short_sleeps
from tests.support.nested import run_nested
from tests.support.sizes import IS_NIGHTLY

CLIENT = """
import pytest
from chime_fixtures.service import Request, TransportFault

class ApiError(Exception):
    pass

def listing(stub):
    answer = stub.handle(Request("GET", f"/voice-connectors/{stub.connector_id}/proxy-sessions"))
    if isinstance(answer, TransportFault):
        raise ConnectionError(answer.kind)
    if answer.status != 200:
        raise ApiError(str(answer.status))
    return answer.body

@pytest.fixture
def listed(chime_stub):
    return listing(chime_stub)
"""


def run(pytester, tests, *arguments, client=CLIENT):
    """The result of a nested run of tests that follow the client, and its table."""
    pytester.makepyfile(test_it=client + tests)
    baseline = ("--chime-each-fault-baseline=table.json", "--chime-each-fault-update")
    result = run_nested(pytester, "-q", "--chime-each-fault", *baseline, *arguments)
    return result, FaultTable.read(pytester.path / "table.json")


def outcomes(table, test=None):
    """The outcomes of a table by change, of one test."""
    return {row.change: row.outcome for row in table.rows if test is None or row.test.endswith(f"::{test}")}


def test_outcomes(pytester):
    """Each rerun has the outcome of the exception that has reached the test, with its first line."""
    result, table = run(
        pytester,
        """
def test_it(chime_stub):
    injected = chime_stub.injected
    try:
        listing(chime_stub)
    except ConnectionError:
        if injected.fault == "timeout":
            raise
        elif injected.fault == "hang":
            raise RuntimeError("from the client") from ConnectionError()
        elif injected.fault == "refused":
            pytest.fail("no")
        elif injected.fault == "reset":
            raise ExceptionGroup("all", [ConnectionError(), KeyError("other")])
    except ApiError:
        assert injected.fault != "throttle", "throttled"
        while injected.fault == "error:NotFound":
            listing(chime_stub)
""",
    )
    result.assert_outcomes(passed=1)
    found = outcomes(table)
    assert found["timeout"] == found["hang"] == "error surfaced"
    assert found["refused"] == found["throttle"] == "assertion failed"
    assert found["reset"] == "other exception"
    assert found["error:NotFound"] == "not settled"
    assert found["connect-timeout"] == found["error:BadRequest"] == found["page:empty"] == "unaffected"
    details = {row.change: row.detail for row in table.rows}
    assert details["throttle"].startswith("AssertionError: throttled")
    assert details["hang"] == "RuntimeError: from the client"
    assert details["error:NotFound"] == "more than 1000 calls after the change"
    result.stdout.fnmatch_lines(
        [
            "*chime: each fault*",
            "  ListProxySessions#1:throttle *assertion failed *AssertionError: throttled",
            "*reruns: * unaffected, 2 error surfaced, 2 assertion failed, 1 other exception, 1 not settled",
            'run one again: pytest "test_it.py::test_it" --chime-fault-schedule "ListProxySessions#1:error:NotFound"',
            "baseline table.json: written",
        ]
    )


SCOPES = """
LOG = []

@pytest.fixture(scope="module", autouse=True)
def module():
    LOG.append("module")
    yield
    LOG.append("end of module")
    (pathlib.Path(__file__).parent / "log.txt").write_text(" ".join(LOG))
    assert not FAILS, "the teardown of the module"

@pytest.fixture(scope="class")
def wider():
    LOG.append("class")
    listing(STUBS[-1])
    yield
    LOG.append("end of class")

@pytest.fixture
def each(chime_stub):
    STUBS.append(chime_stub)
    LOG.append("+")
    yield chime_stub
    LOG.append("-")

class TestIt:
    @pytest.mark.parametrize("n", [1, 2])
    def test_it(self, each, request, n):
        request.getfixturevalue("wider")
        assert not hasattr(self, "n"), "the instance is a new one"
        self.n = n
        try:
            listing(each)
        except Exception:
            pass

def test_last(each):
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("fails", [False, True])
def test_scopes(pytester, fails):
    """Fixtures of wider scope are set up once, also around their last test, and fail once; their calls are no targets."""
    head = f"import pathlib\nFAILS, STUBS = {fails}, []\n"
    result, table = run(pytester, SCOPES, client=CLIENT + head)
    result.assert_outcomes(passed=3, errors=int(fails))
    log = (pytester.path / "log.txt").read_text().split()
    runs = len(table.rows) // 2 + 2
    assert "".join(log) == "module+class" + "-+" * (2 * runs - 1) + "-endofclass" + "+-+-endofmodule"
    assert {row.occurrence for row in table.rows} == {1}
    assert len({row.test for row in table.rows}) == 2
    assert set(outcomes(table).values()) == {"unaffected"}


KINDS = """
import asyncio, time, unittest, warnings

class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def attach(self, chime_stub):
        self.stub = chime_stub

    def setUp(self):
        self.is_new = True

    def test_unit(self):
        assert self.is_new
        self.is_new = False
        listing(self.stub)

    def test_with_sub_tests(self):
        for i in range(2):
            with self.subTest(i=i):
                listing(self.stub)

class TestAsync(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def attach(self, chime_stub):
        self.stub = chime_stub

    async def test_async(self):
        for _ in range(3):
            try:
                return listing(self.stub)
            except Exception:
                await asyncio.sleep(60)

def test_sleeps(chime_stub):
    for _ in range(3):
        try:
            return listing(chime_stub)
        except Exception:
            time.sleep(60)

def test_fixture(listed, tmp_path, capsys, caplog, record_property):
    print("text")
    warnings.warn(DeprecationWarning("once"))

def test_fails(listed):
    assert 0, "as before"

def test_is_skipped(listed):
    pytest.skip("as before")

@pytest.mark.xfail
def test_expected(listed):
    assert 0

@pytest.mark.chime_each_fault("off")
def test_off(listed):
    pass

RUNS = []

def test_only_once(listed):
    RUNS.append(1)
    assert len(RUNS) == 1
"""
TIMES = re.compile(r'(time|timestamp|hostname)="[^"]*"')


@pytest.mark.slow
def test_reports(pytester):
    """Reruns of every kind of test reach neither counts nor warnings, the JUnit file or the tests of `--lf`."""
    ini = "[pytest]\njunit_family = legacy\nfilterwarnings = default"
    pytester.makeini(ini)
    cache = pytester.path / ".pytest_cache/v/cache/lastfailed"

    def observed(*arguments):
        options = ("-v", "-ra", "--junitxml=junit.xml", "-p", "cacheprovider", "--cache-clear")
        result = run_nested(pytester, *options, *arguments)
        lines = [line for line in result.outlines if re.match(r"test_it.py::|(FAILED|ERROR|XFAIL|SKIPPED) ", line)]
        lines = [line for line in lines if not re.search(r":: *$|^test_it.py::[\w:]+$", line)]
        junit = TIMES.sub("", (pytester.path / "junit.xml").read_text())
        return result.parseoutcomes(), lines, junit, cache.read_text(), result.ret

    pytester.makepyfile(test_it=CLIENT + KINDS)
    plain = observed()
    baseline = ("--chime-each-fault-baseline=table.json", "--chime-each-fault-update")
    assert observed("--chime-each-fault", *baseline) == plain
    table = FaultTable.read(pytester.path / "table.json")
    found = {row.test.rpartition("::")[2] for row in table.rows}
    assert found == {"test_unit", "test_with_sub_tests", "test_async", "test_sleeps", "test_fixture"}
    assert set(outcomes(table, "test_sleeps").values()) == {"unaffected"}
    assert set(outcomes(table, "test_async").values()) == {"unaffected"}
    assert outcomes(table, "test_with_sub_tests")["reset"] == "error surfaced"
    assert outcomes(table, "test_fixture")["reset"] == "error surfaced"
    note = next(note for note in table.notes if note.test == "test_it.py::test_only_once")
    assert note.reason.startswith("without a change, a second run of the test ends otherwise: assertion failed")


def test_notes(pytester):
    """A test with @given is not rerun, nor are a call that equals an earlier one and one that a second run lacks."""
    _, table = run(
        pytester,
        """
from hypothesis import HealthCheck, given, settings, strategies as st

CACHE = []

@settings(max_examples=2)
@given(st.integers())
def test_given(n):
    pass

@settings(max_examples=2, suppress_health_check=list(HealthCheck))
@given(st.integers())
def test_given_with_stub(chime_stub, n):
    pass

def test_equal_calls(chime_stub):
    listing(chime_stub)
    listing(chime_stub)

def test_cached(chime_stub):
    if not CACHE:
        CACHE.append(listing(chime_stub))
""",
        "--hypothesis-seed=0",
        "-W",
        "ignore",
    )
    assert {(note.test.rpartition("::")[2], note.reason) for note in table.notes} == {
        ("test_given_with_stub", "@given draws other examples in each run"),
        ("test_equal_calls", "ListProxySessions#2: request and state are those of ListProxySessions#1"),
        ("test_cached", "ListProxySessions#1: a second run does not make the call"),
    }
    assert {row.test.rpartition("::")[2] for row in table.rows} == {"test_equal_calls"}


ONE_CALL = """
def test_it(chime_stub):
    listing(chime_stub)

def test_other(listed):
    pass
"""


def test_one_row(pytester):
    """A schedule runs the selected test with one row; reports are as usual, and `injected` is the row."""
    pytester.makepyfile(test_it=f"{CLIENT}{ONE_CALL}\ndef test_none(chime_stub): assert chime_stub.injected is None\n")
    selected = "test_it.py::test_it"
    result = run_nested(pytester, "-q", selected, "--chime-fault-schedule", "ListProxySessions#1:throttle")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*ApiError: 429*", "*#1 ListProxySessions*fault 'throttle'", "chime: *, 1 injected change; *"]
    )
    run_nested(pytester, "-q", "--chime-fault-schedule", "ListProxySessions#2:reset", selected).assert_outcomes(
        passed=1
    )
    run_nested(pytester, "-q", "-k", "none").assert_outcomes(passed=1)


@pytest.mark.slow
def test_baseline(pytester):
    """A row that differs from the baseline's fails the run with status 1, also without a terminal; no other one does."""
    result, _ = run(pytester, ONE_CALL, "--deselect=test_it.py::test_other")
    assert result.ret == 0
    baseline = ("--chime-each-fault-baseline=table.json",)
    result = run_nested(pytester, "-q", *baseline, "test_it.py::test_it")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline table.json: no difference"])
    tolerant = ONE_CALL.replace("    listing(chime_stub)", "    try: listing(chime_stub)\n    except ApiError: pass")
    pytester.makepyfile(test_it=CLIENT + tolerant)
    result = run_nested(pytester, "-q", *baseline, "test_it.py::test_it")
    result.assert_outcomes(passed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "baseline table.json: * differences; --chime-each-fault-update accepts them",
            "  test_it.py::test_it ListProxySessions#1:throttle: other exception -> unaffected",
        ]
    )
    assert run_nested(pytester, "-p", "no:terminal", *baseline, "test_it.py::test_it").ret == 1
    assert run_nested(pytester, "-q", *baseline, "--collect-only").ret == 0
    pytester.makepyfile(test_it="def test_it(): pass\n")
    result = run_nested(pytester, "-q", *baseline)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["baseline table.json: no test was rerun; select tests that use chime_stub"])


def test_stop_at_first_failure(pytester):
    """Failures of reruns do not stop a run with `-x`, and no test after a failed one is rerun."""
    pytester.makepyfile(test_it=f"{CLIENT}{ONE_CALL}\ndef test_fails(listed): assert 0\ndef test_z(listed): pass\n")
    result = run_nested(pytester, "-q", "-x", "--chime-each-fault")
    result.assert_outcomes(passed=2, failed=1)
    assert "test_z" not in result.stdout.str()


@pytest.mark.slow
def test_workers(pytester):
    """Under pytest-xdist the table is the same; the main process needs no marker of the tests that it never collects."""
    tests = ONE_CALL.replace("def ", "@pytest.mark.chime_each_fault\ndef ")
    _, table = run(pytester, tests)
    result = run_nested(pytester, "-n2" if IS_NIGHTLY else "-n1", "-v")
    result.assert_outcomes(passed=2)
    rows = [line.split()[0] for line in result.outlines if line.startswith("  ListProxySessions#")]
    assert rows == [row.schedule for row in table.rows]


def test_marker(pytester):
    """A marker reruns a test without the option, with its level; a wrong level is one error."""
    marked = '@pytest.mark.chime_each_fault("faults")\ndef test_it(listed): pass\ndef test_no(listed): pass\n'
    pytester.makepyfile(test_it=CLIENT + marked)
    result = run_nested(pytester, "-q")
    result.stdout.fnmatch_lines(["20 reruns: *"])
    assert "test_no" not in result.stdout.str()
    pytester.makepyfile(test_it=CLIENT + marked.replace("faults", "fault"))
    result = run_nested(pytester, "-q")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*level must be faults, violations, all or off, not 'fault'"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--chime-each-fault=some"], "must be faults, violations, all, not 'some'; put a path before the option"),
        (["--chime-each-fault-update"], "--chime-each-fault-update requires --chime-each-fault-baseline FILE to write"),
        (["--chime-each-fault-baseline=no.json"], "does not exist; write it with --chime-each-fault-update"),
        (["--chime-each-fault-baseline=."], "Is a directory"),
        (["--chime-each-fault-baseline=bad.json"], "bad.json: must be a fault table"),
        (["--chime-fault-schedule=throttle"], "a schedule must be OPERATION#N:FAULT"),
        (["--chime-fault-schedule=ListSessions#1:throttle"], "ListProxySessions"),
        (["--chime-fault-schedule=ListProxySessions#1:reset", "--chime-each-fault"], "use it without"),
        (["--chime-each-fault", "-o", "chime_each_fault_seconds=no"], "must be a number above 0, not 'no'"),
    ],
)
def test_usage_errors(pytester, arguments, message):
    """A wrong option is one line, and the exit status 4."""
    (pytester.path / "bad.json").write_text("{}")
    result = run_nested(pytester, *arguments)
    assert result.ret == 4
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_time_limit(pytester):
    """A rerun that hangs is ended by the time limit, and the tests after it run."""
    pytester.makeini("[pytest]\nchime_each_fault_seconds = 0.3")
    result, table = run(
        pytester,
        """
import threading

def test_hangs(chime_stub):
    try:
        listing(chime_stub)
    except ConnectionError as error:
        if str(error) == "hang":
            threading.Event().wait()

def test_other(chime_stub):
    pass
""",
    )
    result.assert_outcomes(passed=2)
    row = next(row for row in table.rows if row.change == "hang")
    assert (row.outcome, row.detail) == ("not settled", "more than 0.3 seconds")


def test_port(pytester):
    """Calls on the port are targets too, without the changes that would take the client's own time-out."""
    _, table = run(
        pytester,
        """
import urllib.request

def test_it(chime_stub, chime_server):
    url = f"{chime_server.url}/voice-connectors/{chime_stub.connector_id}/proxy-sessions"
    urllib.request.urlopen(url).read()
""",
    )
    found = outcomes(table)
    assert found["reset"] == found["throttle"] == found["body:short"] == "error surfaced"
    assert not {"timeout", "hang", "refused", "connect-timeout"} & found.keys()


def test_sleeps_are_cut_short(monkeypatch):
    """After the change a pause is short, in this thread and until the rerun ends, for whoever keeps the function."""
    slept, injector = [], Injector()
    monkeypatch.setattr(time, "sleep", slept.append)
    with short_sleeps(injector):
        time.sleep(1)
        injector.is_applied = True
        time.sleep(2)
        other = threading.Thread(target=time.sleep, args=(3,))
        other.start()
        other.join()
        kept = time.sleep
    kept(4)
    assert slept == [1, MAX_SLEEP_SECONDS, 3, 4]


def test_levels():
    """The options, which import nothing of the service, have its levels."""
    assert each_fault_options.LEVELS == injection.LEVELS


def test_exceptions_of_clients():
    """An exception counts as the client library's by its class, by its cause, and by the code that raised it."""
    import botocore.exceptions
    import requests

    outcome_of = chime_fixtures.testing.each_fault.outcome_of

    class OwnError(requests.Timeout):
        pass

    assert outcome_of(OwnError()) == outcome_of(botocore.exceptions.BotoCoreError()) == "error surfaced"
    assert outcome_of(TypeError()) == "other exception"

    def library(name, call):
        namespace = {"__name__": name, "call": call}
        exec(compile("def run():\n    return call()\n", f"/lib/site-packages/{name}.py", "exec"), namespace)
        return namespace["run"]

    def outcome_in(action):
        try:
            action()
        except Exception as error:
            return outcome_of(error)

    # Each library calls the next one; json.loads raises, since it lacks an argument.
    assert outcome_in(json.loads) == outcome_in(library("dateutil", json.loads)) == "other exception"
    assert outcome_in(library("botocore", json.loads)) == "error surfaced"
    assert outcome_in(library("botocore", library("dateutil", json.loads))) == "error surfaced"
    assert outcome_in(library("botocore", library("chime_fixtures", json.loads))) == "other exception"
    assert outcome_in(library("botocore", lambda: json.loads("["))) == "other exception"
