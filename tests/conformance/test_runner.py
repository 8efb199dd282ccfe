"""The checks against the stub under each policy, and against servers with one deviation each."""

import dataclasses
import types

import pytest

from chime_fixtures import Policies
from chime_fixtures.conformance.http_transport import ClockUrl, HttpTransport
from chime_fixtures.conformance.runner import ConformanceRun, all_checks, check_ids
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService
from tests.support.deviations import DEVIATIONS, service_of
from tests.support.sizes import IS_NIGHTLY, sample

BY_NAME = {each.name: each for each in DEVIATIONS}
UNSEEN = {
    "create_without_proxy=refuse": {"proxy.absent.default-minutes"},
    "expiry_leaves=nothing": {"expiry.ended", "expiry.listed", "expiry.update-closed"},
    "page_fill=half": {"sessions.list.page-size"},
}
"""The checks that are not possible under a policy."""


def chosen(items, count, quick_count):
    """Parameters of a test: a sample of them by day, of which a smaller one is quick and the others are slow."""
    chosen = sample(items, count)
    quick = chosen[:: max(1, len(chosen) // quick_count)]
    return [pytest.param(each, marks=[] if each in quick else pytest.mark.slow) for each in chosen]


def run(service, send=None, only=()):
    """The report of the checks against a service in this process."""

    def advance(minutes):
        service.clock.advance(minutes=minutes)

    checks = ConformanceRun(send or service.handle, connector_id=service.connector_id, advance=advance)
    return checks.report(only)


@pytest.mark.parametrize("policies", chosen(Policies.each(), 9, 3), ids=str)
def test_the_stub_passes_and_its_policy_is_named(policies):
    """No check fails, the settings that are not the default are named, and nothing is left behind."""
    service = ChimeService(policies=policies)
    report = run(service)
    assert [(each.id, each.detail) for each in report.failed] == []
    assert dataclasses.replace(Policies(), **report.policies) == policies
    assert {each.id for each in report.of("skipped")} == UNSEEN.get(str(policies), set())
    assert report.leftovers == ()
    open_sessions = [each for each in service.sessions if each["Status"] != "Closed"]
    assert open_sessions == []
    assert {each.detail for each in report.of("policy")} <= {f"behaves like {policies}"}


@pytest.mark.parametrize("deviation", chosen(DEVIATIONS, 10, 3), ids=lambda each: each.name)
def test_a_deviation_fails_its_check_first(deviation):
    """The named check is the first failure; by night the report is the same for a server with other ids."""
    reports = []
    for seed in (1, 2) if IS_NIGHTLY else (1,):
        service = service_of(seed)
        reports.append(run(service, deviation.wrap(service)))
    assert reports[0].failed[0].id == deviation.check, reports[0].failed[0]
    assert reports[0] == reports[-1]


@pytest.mark.slow
@pytest.mark.parametrize("deviation", sample(DEVIATIONS, 2), ids=lambda each: each.name)
def test_two_runs_have_the_same_report(deviation):
    """The report has nothing that differs between two runs or two servers."""
    services = [service_of(seed) for seed in (1, 2)]
    servers = [(service, deviation.wrap(service)) for service in (services[0], *services)]
    reports = [run(service, send) for service, send in servers]
    assert reports[0] == reports[1] == reports[2]


def test_there_are_enough_deviations():
    """There are at least 25 servers, and their checks exist."""
    assert len(DEVIATIONS) >= 25
    assert {each.check for each in DEVIATIONS} <= set(check_ids())


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(["update returns 200", "the filter is ignored", "idempotent creation"], 1))
def test_a_deviation_on_a_port(name):
    """A run over HTTP has the report of one in this process."""
    deviation, services = BY_NAME[name], (service_of(), service_of())
    connector_id = services[1].connector_id
    for service in services:
        service.handle = deviation.wrap(types.SimpleNamespace(handle=service.handle))
    with ChimeServer(services[1]) as server, HttpTransport(server.url) as transport:
        clock = ClockUrl(f"{server.url}/_chime/clock")
        report = ConformanceRun(transport.send, connector_id=connector_id, advance=clock.advance).report()
    assert report.failed[0].id == deviation.check
    assert report == run(services[0])


def test_ids_are_unique():
    """No two checks have the same id, and each sentence ends a line."""
    ids = check_ids()
    assert len(set(ids)) == len(ids)
    assert [check.id for check in all_checks() if "\n" in check.sentence] == []


def test_a_clock_that_cannot_be_moved():
    """The checks of expiry are skipped, with the reason."""
    service = ChimeService()
    report = ConformanceRun(service.handle, connector_id=service.connector_id).report(["expiry.*"])
    assert {each.outcome for each in report.findings} == {"skipped"}
    assert {each.detail for each in report.findings} == {
        "the clock of the server can't be moved; pass a URL that moves it"
    }


def test_a_choice_of_checks():
    """Only the chosen checks are in the report; a pattern that matches none is an error."""
    service = ChimeService()
    report = ConformanceRun(service.handle).report(["sessions.delete.*", "errors.other-connector"])
    assert [each.id for each in report.findings] == [
        "sessions.delete.others",
        "errors.other-connector",
        "sessions.delete.leaves",
        "sessions.delete.repeated",
    ]
    with pytest.raises(InvalidOptionError, match="did you mean 'sessions.delete.repeated'"):
        ConformanceRun(service.handle).report(["session.delete.repeated"])


def test_an_unknown_voice_connector():
    """Without a Voice Connector no check is possible; the error says how to name one."""
    service = ChimeService(policies=Policies(unknown_connectors="not-found"))
    with pytest.raises(InvalidOptionError, match="pass the id of an existing one"):
        ConformanceRun(service.handle).report()


def test_the_configuration_is_restored():
    """The proxy configuration of the Voice Connector is the same after the run."""
    service = ChimeService()
    proxy = {"DefaultSessionExpiryMinutes": 7, "PhoneNumberPoolCountries": ["CA"], "Disabled": True}
    service.add_connector(service.connector_id, proxy=proxy)
    (before,) = service.export_state()["connectors"]
    run(service, only=["proxy.*"])
    (after,) = service.export_state()["connectors"]
    assert (after["Proxy"], after["ProxySessions"]) == (before["Proxy"], [])


def test_sessions_that_cannot_be_deleted():
    """The report names them; it is equal to one without them, since ids differ between runs."""
    service = ChimeService()

    def send(request):
        if request.method == "DELETE":
            return dataclasses.replace(service.handle(dataclasses.replace(request, method="GET")), status=500)
        return service.handle(request)

    report = run(service, send, only=["sessions.create.open"])
    (session,) = service.sessions
    assert report.leftovers == (
        f"session {session['ProxySessionId']} of {service.connector_id}: 500",
        f"proxy configuration of {service.connector_id}: 500",
    )


def test_a_creation_without_a_response():
    """The session that it may have created is named, since its id is not known."""
    service = ChimeService()

    def send(request):
        response = service.handle(request)
        if request.method == "POST":
            raise TimeoutError
        return response

    report = run(service, send, only=["sessions.create.open"])
    (session,) = service.sessions
    (leftover,) = report.leftovers
    assert leftover.startswith(f"a session, if it exists, of {service.connector_id}: its CreateProxySession for ")
    assert session["Participants"][0]["PhoneNumber"] in leftover


def test_no_response():
    """A check without a response fails; a server that cannot be reached at first is an error."""
    service, calls = ChimeService(), []

    def send(request):
        calls.append(request)
        if request.method == "GET" and len(calls) > 3:
            raise ConnectionResetError
        return service.handle(request)

    report = run(service, send, only=["sessions.get.same"])
    assert [(each.outcome, each.detail) for each in report.findings] == [
        ("failed", "no response: ConnectionResetError")
    ]

    def refuse(request):
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        run(service, refuse)
