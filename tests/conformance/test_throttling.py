"""Servers that throttle requests: they are sent again, and are never called deviating."""

import datetime as dt
import email.utils

import pytest

from chime_fixtures.conformance.records import ThrottledError
from chime_fixtures.conformance.runner import ConformanceRun
from chime_fixtures.conformance.throttling import MAX_RETRIES, MAX_TOTAL_WAIT_SECONDS, ThrottledSender
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import ChimeService, Request, Response

CHOSEN = ["sessions.create.*", "proxy.*", "errors.*"]


def throttled(status=429, **headers):
    """A response that throttles, without an error of the model."""
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"slow down")


class Throttling:
    """A server that throttles each n-th request."""

    def __init__(self, service, *, each, response):
        self.service, self.each, self.response, self.count = service, each, response, 0

    def send(self, request):
        """Return the response of the service, or one that throttles."""
        self.count += 1
        return self.response if self.count % self.each == 0 else self.service.handle(request)


def run(send, waits, service, **options):
    return ConformanceRun(send, connector_id=service.connector_id, sleep=waits.append, **options).report(CHOSEN)


@pytest.mark.parametrize(
    ("response", "wait"),
    [(throttled(Retry_After="3"), 3.0), (throttled(), 0.5), (throttled(503, retry_after="0"), 0.0)],
    ids=["seconds", "without", "unavailable"],
)
def test_each_third_request(response, wait):
    """The report is that of a server that does not throttle, after waits of the time that it requires."""
    services, waits = (ChimeService(), ChimeService()), []
    server = Throttling(services[0], each=3, response=response)
    assert run(server.send, waits, services[0]) == run(services[1].handle, [], services[1])
    assert set(waits) == {wait}
    assert services[0].sessions == services[1].sessions == ()


def test_an_exhausted_quota():
    """The checks after it are skipped as throttled; what could not be removed is named."""
    service, waits, count = ChimeService(), [], 0

    def send(request):
        nonlocal count
        count += 1
        return service.handle(request) if count <= 30 else throttled()

    report = run(send, waits, service)
    assert report.failed == ()
    assert {each.detail for each in report.of("skipped")} == {
        "throttled: the server returned 429; raise its limit of requests"
    }
    assert report.leftovers[-1].startswith("proxy configuration of ")
    assert sum(waits) <= 2 * MAX_TOTAL_WAIT_SECONDS


@pytest.mark.parametrize("operation", ["PUT", "DELETE"])
def test_a_throttled_change(operation):
    """A session or a configuration that is throttled when a check ends is not lost for the checks after it."""
    service, twin, count = ChimeService(), ChimeService(), 0

    def send(request):
        nonlocal count
        count += request.method == operation
        is_throttled = request.method == operation and MAX_RETRIES < count <= 2 * MAX_RETRIES + 2
        return throttled() if is_throttled else service.handle(request)

    report = run(send, [], service)
    assert report.failed == report.leftovers == ()
    skipped = {each.id for each in report.of("skipped")}
    assert len(skipped) <= 2
    full = run(twin.handle, [], twin).findings
    assert [each for each in report.findings if each.id not in skipped] == [
        each for each in full if each.id not in skipped
    ]
    assert service.sessions == ()


def test_the_first_request():
    """A server that throttles the first request is an error, since no check is possible."""
    with pytest.raises(InvalidOptionError, match="the first request is throttled: the server returned 429"):
        ConformanceRun(lambda request: throttled(), sleep=lambda seconds: None).report()


def test_waits():
    """A wait is doubled without Retry-After; a date is one too; too long a wait is none; renewal allows it again."""
    request, waits = Request("GET", "/"), []
    answers = []
    sender = ThrottledSender(lambda _: answers.pop(0), waits.append)

    def fails(*responses):
        answers[:] = responses
        waits.clear()
        with pytest.raises(ThrottledError):
            sender.send(request)
        return list(waits)

    assert fails(*[throttled()] * 5) == [0.5, 1.0, 2.0, 4.0]
    assert fails(throttled(retry_after="21")) == []
    assert fails(throttled(retry_after="soon"), throttled(retry_after="86400")) == [0.5]
    soon = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=10), usegmt=True)
    (wait,) = fails(throttled(retry_after=soon), throttled(retry_after="99"))
    assert 8 < wait <= 10
    assert fails(*[throttled(retry_after="20")] * 5) == [20.0] * 4
    answers[:] = [throttled(503)]
    assert sender.send(request) == throttled(503)
    while fails(*[throttled(retry_after="20")] * 5):
        pass
    sender.renew()
    assert fails(*[throttled(retry_after="20")] * 5) == [20.0] * 4
