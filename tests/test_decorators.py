"""The stub as a decorator: functions of every kind and classes of tests, active while their body runs."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import unittest

import boto3
import pytest
import requests
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from chime_fixtures import UnmetExpectationError
from chime_fixtures.adapters.dispatch import DISPATCHER
from chime_fixtures.stub import ChimeStub
from tests.support.nested import run_nested

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"
CREATE = {"VoiceConnectorId": "abc", "ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": ["SMS"]}


def client():
    """A boto3 client without retries."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("chime-sdk-voice", region_name="us-east-1", config=config)


def active():
    """The active stubs."""
    return [endpoint.service for endpoint in DISPATCHER._endpoints]


def test_decorator():
    """A decorated function gets a new stub for each call, with the decorator's options."""

    @ChimeStub(seed=9)
    def lifecycle(name, *, stub):
        client().create_proxy_session(**CREATE, Name=name)
        return len(stub.sessions), stub.connector_id

    with ChimeStub(seed=9) as stub:
        expected = (1, stub.connector_id)
    assert lifecycle("a") == lifecycle(name="b") == expected
    assert list(inspect.signature(lifecycle).parameters) == ["name"]
    assert lifecycle.__name__ == "lifecycle"


def test_decorator_without_the_parameter():
    """A decorated function need not have the parameter `stub`."""

    @ChimeStub()
    def lifecycle():
        return requests.get(URL).status_code

    assert lifecycle() == 200


def test_decorator_of_a_coroutine_function():
    """A decorated coroutine function stays one; its stub is active until it has ended."""

    @ChimeStub()
    async def lifecycle(stub):
        await asyncio.sleep(0)
        return requests.get(URL).status_code, len(stub.calls)  # noqa: ASYNC210  # nothing blocks in a stub

    assert inspect.iscoroutinefunction(lifecycle)
    assert asyncio.run(lifecycle()) == (200, 1)


def test_generator_function():
    """The stub of a generator function is active until its generator has ended, also by an exception or a close."""

    @ChimeStub()
    def steps(stub):
        try:
            received = yield active() == [stub]
            yield received, active() == [stub]
        except KeyError:
            yield "caught", active() == [stub]
        return "end"

    assert inspect.isgeneratorfunction(steps)
    generator = steps()
    assert active() == []
    assert next(generator) is True
    assert generator.send(5) == (5, True)
    with pytest.raises(StopIteration) as caught:
        next(generator)
    assert caught.value.value == "end"
    generator = steps()
    next(generator)
    assert generator.throw(KeyError("x")) == ("caught", True)
    generator.close()
    assert active() == []


def test_asynchronous_generator_function():
    """The stub of an asynchronous generator function is active until its generator has ended, in any way."""
    closed = []

    @ChimeStub()
    async def steps(stub):
        try:
            received = yield active() == [stub]
            yield received, active() == [stub]
        except KeyError:
            yield "caught", active() == [stub]
        finally:
            closed.append(active() == [stub])

    async def drive():
        generator = steps()
        assert await anext(generator) is True
        assert await generator.asend(5) == (5, True)
        with pytest.raises(StopAsyncIteration):
            await anext(generator)
        generator = steps()
        await anext(generator)
        assert await generator.athrow(KeyError("x")) == ("caught", True)
        await generator.aclose()
        generator = steps()
        await anext(generator)
        with pytest.raises(ZeroDivisionError):
            await generator.athrow(ZeroDivisionError())

    assert inspect.isasyncgenfunction(steps)
    asyncio.run(drive())
    assert closed == [True] * 3
    assert active() == []


def test_methods():
    """Methods, static methods and class methods can be decorated, and keep their kind."""

    class Helper:
        @ChimeStub()
        def method(self, stub):
            return self, active() == [stub]

        @ChimeStub()
        @staticmethod
        def static(value, stub):
            return value, active() == [stub]

        @ChimeStub()
        @classmethod
        def of_class(cls, stub):
            return cls, active() == [stub]

    helper = Helper()
    assert helper.method() == (helper, True)
    assert helper.static(1) == (1, True)
    assert Helper.of_class() == (Helper, True)


class CallableObject:
    """An object that can be called."""

    def __call__(self):
        """Do nothing."""


@contextlib.contextmanager
def context():
    """A generator that runs when the context is entered."""
    yield


@pytest.mark.parametrize(
    "target",
    [
        CallableObject(),
        functools.partial(print),
        property(lambda _: None),
        pytest.fixture(lambda: None),
        context,
        type("Empty", (), {"helper": lambda _: None}),
        type("WithSetup", (), {"setup_class": classmethod(lambda _: None), "test_a": lambda _: None}),
        type("WithSetUpClass", (unittest.TestCase,), {"setUpClass": classmethod(lambda _: None)}),
        type("WithStub", (unittest.TestCase,), {"stub": 5}),
        5,
    ],
    ids=lambda target: getattr(target, "__name__", type(target).__name__),
)
def test_what_can_not_be_decorated(target):
    """A function or class that would run outside the stub is refused when it is decorated."""
    with pytest.raises(TypeError, match="a stub can decorate|would run|would be the stub"):
        ChimeStub()(target)


def test_a_function_that_returns_a_coroutine():
    """A function that returns something that has not run yet is refused when it is called."""

    async def body():
        """Never runs."""

    def returning():
        return body()

    for make in (returning, lambda: (each for each in "abc")):
        with pytest.raises(TypeError, match="which would run after the stub was left; decorate the function that"):
            ChimeStub()(make)()
    assert active() == []


def test_urls_that_are_left_alone():
    """A decorated function's stub leaves those URLs alone that the decorator does."""
    decorator = ChimeStub(base_url="http://127.0.0.1:9")
    decorator.passthrough("http://127.0.0.1:9")

    @decorator
    def call():
        requests.get("http://127.0.0.1:9/voice-connectors/abc/proxy-sessions")

    with pytest.raises(requests.ConnectionError):
        call()


def test_given_inside_and_outside():
    """Each example of a Hypothesis test has a new stub, or the test resets its one; no health check is suppressed."""
    seen = []

    @settings(max_examples=5, database=None)
    @given(st.integers(1, 9))
    @ChimeStub()
    def below(minutes, stub):
        client().create_proxy_session(**CREATE, ExpiryMinutes=minutes)
        seen.append([session["ExpiryMinutes"] == minutes for session in stub.sessions])

    @ChimeStub()
    @settings(max_examples=5, database=None)
    @given(st.integers(1, 9))
    def above(stub, minutes):
        stub.reset()
        client().create_proxy_session(**CREATE, ExpiryMinutes=minutes)
        seen.append([session["ExpiryMinutes"] == minutes for session in stub.sessions])

    below()
    above()
    assert len(seen) >= 8
    assert set(map(tuple, seen)) == {(True,)}


def run_case(case):
    """The result of a `TestCase`, by unittest."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_test_case():
    """Each test of a `TestCase` has a stub of its own from set-up to cleanup, which reports unused faults."""
    seen = []

    @ChimeStub(seed=9)
    class Case(unittest.TestCase):
        def setUp(self):
            self.stub.add_session({"Status": "Open"})
            self.addCleanup(lambda: seen.append(active() == [self.stub]))

        def tearDown(self):
            seen.append(active() == [self.stub])

        def test_a(self):
            seen.append(len(self.stub.sessions))

        def test_b(self):
            self.stub.fail("throttle")

        def test_c(self):
            self.stub.fail("throttle")
            self.fail("own failure")

        @unittest.skip("not now")
        def test_d(self):
            """Never runs."""

    class Inherited(Case):
        def setUp(self):
            """Does not call the base's."""

        def test_e(self):
            seen.append(active() == [self.stub])

    result = run_case(Case)
    # Python 3.12.1 does not count skipped tests in `testsRun`.
    assert (len(result.errors), len(result.skipped)) == (0, 1)
    assert ["unused fault: 'throttle'" in text for _, text in result.failures] == [True, False]
    assert seen == [1, *[True] * 6]
    seen.clear()
    assert run_case(Inherited).errors == []
    # The sessions of `test_a`; the stub in `test_e`, and in `tearDown` of the four tests that run.
    assert seen == [0, *[True] * 5]
    assert active() == []


def test_test_case_without_a_result():
    """The stub is active when a debugger runs the test, too."""

    @ChimeStub()
    class Case(unittest.TestCase):
        def test_a(self):
            assert active() == [self.stub]
            self.stub.fail("throttle")

    with pytest.raises(UnmetExpectationError):
        Case("test_a").debug()
    assert active() == []


def test_asynchronous_test_case():
    """The tests of an `IsolatedAsyncioTestCase` have stubs, too, and a failed one reports no unused fault."""

    @ChimeStub()
    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            self.was_active = active() == [self.stub]

        async def test_a(self):
            assert self.was_active
            self.stub.fail("throttle")
            raise ZeroDivisionError

    result = run_case(Case)
    assert ([text.splitlines()[-1] for _, text in result.errors], result.failures) == (["ZeroDivisionError"], [])


DECORATED = """
import unittest
import pytest
import requests
from chime_fixtures import ChimeStub
from chime_fixtures.adapters.dispatch import DISPATCHER

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"

@pytest.fixture
@ChimeStub()
def opened(stub):
    assert requests.get(URL).json() == {"ProxySessions": []}
    yield stub
    assert len(stub.calls) == 2

def test_fixture(opened):
    requests.get(URL)

@ChimeStub()
class TestPlain:
    def setup_method(self):
        requests.get(URL)

    @pytest.fixture
    def value(self):
        return requests.get(URL).status_code

    def test_a(self, value, stub):
        assert (value, len(stub.calls)) == (200, 2)

    @pytest.mark.parametrize("number", [1, 2])
    def test_b(self, number, stub):
        assert (number, len(stub.calls)) == (number, 1)

    def test_unused(self, stub):
        stub.fail("throttle")

    def test_failed(self, stub):
        stub.fail("throttle")
        raise ZeroDivisionError

@ChimeStub()
class TestSub(TestPlain):
    def setup_method(self, method):
        super().setup_method(method)

    def test_failed(self, stub):
        assert len(stub.calls) == 1

    test_unused = test_failed

@ChimeStub()
class Case(unittest.TestCase):
    def test_case(self):
        assert requests.get(URL).status_code == 200
        assert len(self.stub.calls) == 1

    def test_case_unused(self):
        self.stub.fail("throttle")

def test_nothing_is_active():
    assert DISPATCHER._endpoints == ()
"""


def test_with_pytest(pytester):
    """Fixtures and classes work with pytest; an unused fault is an error of its test, unless the test has failed."""
    pytester.makepyfile(DECORATED)
    result = run_nested(pytester, "--tb=line")
    result.assert_outcomes(passed=12, failed=2, errors=1)


def test_the_error_of_a_plain_method():
    """A test method that something other than pytest calls has a stub of its own."""

    @ChimeStub()
    class Tests:
        def test_a(self, stub):
            stub.fail("throttle")

    with pytest.raises(UnmetExpectationError):
        Tests().test_a()
