"""The checks of a server as tests: `pytest --chime-conform URL`."""

import dataclasses
import json
import re
from xml.etree import ElementTree as ET

import pytest

from chime_fixtures.conformance.http_transport import HttpTransport
from chime_fixtures.conformance.session_checks import SESSION_CHECKS
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService, Policies
from chime_fixtures.testing import conform_plugin
from tests.support.deviations import DEVIATIONS
from tests.support.documentation import code_blocks, page_text
from tests.support.nested import PLUGINS, run_nested
from tests.support.sizes import IS_NIGHTLY

IGNORED_FILTER = next(each for each in DEVIATIONS if each.name == "the filter is ignored")


@pytest.fixture
def served():
    """A server under a policy that is not the default."""
    with ChimeServer(ChimeService(policies=Policies(second_delete="no-content"))) as server:
        yield server


@pytest.fixture
def deviating():
    """The service and the URL of a server that ignores the filter of a listing."""
    service, twin = ChimeService(), ChimeService()
    twin.handle = IGNORED_FILTER.wrap(service)
    with ChimeServer(twin) as server:
        yield service, server.url


def lines_of(result, start):
    """The lines of the output that start with a text."""
    return [line for line in result.outlines if line.startswith(start)]


def test_an_empty_folder(pytester, served):
    """No test file is required; a policy passes and is named, and a skipped check has its reason. So says the page."""
    chosen = "chime-conform::sessions.delete.*", "chime-conform::expiry.leaves"
    result = run_nested(pytester, "-v", "-rs", f"--chime-conform={served.url}", *chosen)
    result.assert_outcomes(passed=3, skipped=1)
    assert result.ret == 0
    assert [line.split()[:2] for line in lines_of(result, "chime-conform::")] == [
        ["chime-conform::sessions.delete.others", "PASSED"],
        ["chime-conform::sessions.delete.leaves", "PASSED"],
        ["chime-conform::sessions.delete.repeated", "PASSED"],
        ["chime-conform::expiry.leaves", "SKIPPED"],
    ]
    result.stdout.fnmatch_lines(
        [
            "*= chime: conformance =*",
            "sessions.delete.repeated: behaves like second_delete=no-content",
            "the stub behaves like this server with Policies(second_delete='no-content')",
            "0 failed, 1 as a policy, 1 skipped, 2 passed",
            "SKIPPED [[]1] chime-conform: the clock of the server can't be moved; pass a URL that moves it",
        ]
    )
    *_, example = [code for language, code in code_blocks(page_text("conformance")) if language == "text"]
    # The reason of a skipped check is cut at the width of the terminal.
    written = {line.partition(" (")[0] for line in result.outlines}
    assert {line.partition(" (")[0] for line in example.splitlines()[2:]} <= written


@pytest.mark.slow
def test_without_xdist(pytester, served, monkeypatch):
    """No marker is used that pytest-xdist would have to register, and no warning is shown."""
    # Its own process: this one knows the marker. No plugin is loaded but the named one.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    arguments = (
        "-p",
        "chime_fixtures.pytest_plugin",
        f"--chime-conform={served.url}",
        "chime-conform::sessions.get.same",
    )
    pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=1, warnings=0)


def test_along_other_tests(pytester, served):
    """The checks are collected with the tests of the folder; -k selects of both, and JUnit has the policy."""
    pytester.makepyfile("def test_removal(): pass\ndef test_other(): pass")
    result = run_nested(
        pytester, f"--chime-conform={served.url}", "-k", "sessions.delete.repeated or test_removal", "--junitxml=j"
    )
    result.assert_outcomes(passed=2, deselected=570)
    result.stdout.fnmatch_lines(["collected 572 items / 570 deselected / 2 selected"])
    cases = ET.parse(pytester.path / "j").getroot().findall(".//testcase")
    assert [(each.get("classname"), each.get("name")) for each in cases] == [
        ("test_along_other_tests", "test_removal"),
        ("chime-conform", "sessions.delete.repeated"),
    ]
    assert [dict(each.attrib) for each in cases[1].iter("property")] == [
        {"name": "chime_policy", "value": "behaves like second_delete=no-content"}
    ]


@pytest.mark.slow
def test_files_and_checks_as_arguments(pytester, served):
    """Files that are arguments are collected beside the checks that are arguments, and no others."""
    pytester.makepyfile(test_one="def test_it(): pass", test_two="def test_it(): pass")
    arguments = f"--chime-conform={served.url}", "chime-conform::sessions.get.same", "--collect-only", "-q"
    assert run_nested(pytester, *arguments).outlines[0] == "chime-conform::sessions.get.same"
    result = run_nested(pytester, *arguments, "test_two.py")
    assert result.outlines[:2] == ["test_two.py::test_it", "chime-conform::sessions.get.same"]


def test_a_deviation(pytester, deviating):
    """A deviation is one line; -x stops, --lf makes the failed check again, and nothing is left behind."""
    service, url = deviating
    arguments = "-p", "cacheprovider", f"--chime-conform={url}", "-k", "sessions.list"
    result = run_nested(pytester, "-x", *arguments)
    assert result.ret == 1
    assert lines_of(result, "the filter") == [
        "the filter InProgress lists 1 sessions of another status; sessions.list.status: A listing with Status has "
        "each session of that status, and no other. [documentation: the API page of ListProxySessions]"
    ]
    assert [each for each in service.sessions if each["Status"] != "Closed"] == []
    again = run_nested(pytester, "--lf", *arguments)
    again.assert_outcomes(failed=1, deselected=569)


@pytest.mark.slow
def test_baseline(pytester, deviating):
    """Known failures are expected; one that no longer fails must be removed, and a new one fails."""
    _, url = deviating
    path = pytester.path / "known.json"
    arguments = f"--chime-conform={url}", "chime-conform::sessions.list.*", f"--chime-conform-baseline={path.name}"
    created = run_nested(pytester, *arguments, "--chime-conform-update-baseline")
    created.stdout.fnmatch_lines([f"wrote * known failures to {path}"])
    failed = json.loads(path.read_text(encoding="utf-8"))["failed"]
    assert IGNORED_FILTER.check in failed
    result = run_nested(pytester, *arguments, "-rx")
    assert (result.ret, result.parseoutcomes()["xfailed"]) == (0, len(failed))
    result.stdout.fnmatch_lines([f"XFAIL chime-conform::{IGNORED_FILTER.check} - known failure: *"])

    known = json.dumps({"version": 1, "failed": ["sessions.list.page-size", *failed]})
    path.write_text(known, encoding="utf-8")
    result = run_nested(pytester, *arguments)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*: sessions.list.page-size no longer fails; --chime-conform-update-baseline*"])
    assert path.read_text(encoding="utf-8") == known
    run_nested(pytester, *arguments, "--chime-conform-update-baseline")
    assert json.loads(path.read_text(encoding="utf-8"))["failed"] == failed


def test_a_new_failure(pytester, deviating):
    """A failure that the baseline does not have fails."""
    (pytester.path / "known.json").write_text('{"version": 1, "failed": []}', encoding="utf-8")
    pytester.makeini(f"[pytest]\nchime_conform = {deviating[1]}\nchime_conform_baseline = known.json")
    assert run_nested(pytester, f"chime-conform::{IGNORED_FILTER.check}").ret == 1


@pytest.mark.parametrize("ending", ["-x", "interrupted"])
def test_the_end_of_a_run(pytester, monkeypatch, ending):
    """Sessions of an interrupted check are removed, and the proxy configuration is restored."""
    service, lost = ChimeService(), []
    send = HttpTransport.send

    def interrupted(transport, request):
        response = send(transport, request)
        if request.method == "POST" and b"Conformance 1" in request.body:
            lost.append(request)
        if request.method == "GET" and lost:
            raise KeyboardInterrupt if ending == "interrupted" else ValueError
        return response

    monkeypatch.setattr(HttpTransport, "send", interrupted)
    with ChimeServer(service) as server:
        arguments = f"--chime-conform={server.url}", "chime-conform::sessions.create.*", "-x", "--tb=no"
        result = run_nested(pytester, *arguments, no_reraise_ctrlc=True)
    assert result.ret == (2 if ending == "interrupted" else 1)
    assert lost
    (connector,) = service.export_state()["connectors"]
    assert [each for each in connector["ProxySessions"] if each["Status"] == "Open"] == []
    assert connector.get("Proxy") is None


def test_leftovers(pytester):
    """The summary names what could not be removed."""
    service = ChimeService()
    handle = service.handle
    service.handle = lambda request: handle(request) if request.method != "DELETE" else handle_failing(request)

    def handle_failing(request):
        return dataclasses.replace(handle(dataclasses.replace(request, method="GET")), status=500)

    with ChimeServer(service) as server:
        result = run_nested(pytester, f"--chime-conform={server.url}", "chime-conform::sessions.create.open")
    (session,) = service.sessions
    result.stdout.fnmatch_lines(
        [
            f"warning: not removed: session {session['ProxySessionId']} of *: 500",
            "warning: not removed: proxy configuration of *: 500",
        ]
    )


def test_a_check_of_responses(pytester, served, monkeypatch):
    """It judges the responses of all other checks, also if they are not selected."""
    monkeypatch.setattr(conform_plugin, "all_checks", lambda: SESSION_CHECKS[:3])
    chosen = "chime-conform::responses.CreateProxySession.*", "chime-conform::responses.UpdateProxySession.*"
    result = run_nested(pytester, f"--chime-conform={served.url}", *chosen)
    result.assert_outcomes(passed=3, skipped=5)
    result.stdout.fnmatch_lines(["0 failed, 0 as a policy, 5 skipped, 3 passed"])


@pytest.mark.slow
def test_workers(pytester, served):
    """Under pytest-xdist the checks run in one worker, and the main process has the policy."""
    chosen = "chime-conform::sessions.delete.*"
    result = run_nested(pytester, "-n2" if IS_NIGHTLY else "-n1", f"--chime-conform={served.url}", chosen)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["sessions.delete.repeated: behaves like second_delete=no-content"])


def test_settings(pytester):
    """The settings of the ini file are those of the checks: the contract, a header field, the clock, the connector."""
    received = []
    service = ChimeService(policies=Policies(unknown_connectors="not-found"))
    handle = service.handle

    def record(request):
        received.append(request)
        return handle(request)

    service.handle = record
    schema = {"type": "object", "required": ["Tenant"]}
    (pytester.path / "imitator.json").write_text(json.dumps(schema), encoding="utf-8")
    with ChimeServer(service) as server:
        pytester.makeini(
            f"""
            [pytest]
            chime_conform = {server.url}
            chime_conform_connector = {service.connector_id}
            chime_conform_contract = imitator.json
            chime_conform_header = X-Tenant: blue
            chime_conform_clock = {server.url}/_chime/clock
            chime_conform_timeout = 5
            """
        )
        result = run_nested(pytester, "--chime-conform-header=X-Two:2", "chime-conform::expiry.open-before")
        result.assert_outcomes(passed=1)
        assert {(each.headers["x-tenant"], each.headers["x-two"]) for each in received} == {("blue", "2")}


UNUSED = "--chime-conform=http://127.0.0.1:1"
ERRORS = {
    "URL": (["--chime-conform=127.0.0.1"], "'127.0.0.1' must be a URL like http://127.0.0.1:8080"),
    "AWS": (
        ["--chime-conform=https://voice-chime.us-east-1.amazonaws.com"],
        "pass --chime-conform-allow-aws-host to run them there",
    ),
    "header": ([UNUSED, "--chime-conform-header=x"], "'x' is not a header field"),
    "header value": ([UNUSED, "--chime-conform-header=x:a\nb"], "header field x has a"),
    "clock": ([UNUSED, "--chime-conform-clock=x"], "'x' must be a URL"),
    "timeout": ([UNUSED, "--chime-conform-timeout=0"], "number of seconds from 0.1"),
    "contract": ([UNUSED, "--chime-conform-contract=x.json"], "x.json"),
    "baseline": ([UNUSED, "--chime-conform-baseline=x.json"], "x.json does not exist"),
    "update": ([UNUSED, "--chime-conform-update-baseline"], "requires --chime-conform-b"),
    "xdist": ([UNUSED, "-n1", "--dist=each"], "use --dist=loadgroup, or -n0"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_invalid_options(pytester, monkeypatch, name):
    """An invalid option is one line of usage error, before anything is collected."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    arguments, text = ERRORS[name]
    with pytest.raises(pytest.UsageError, match=re.escape(text)) as caught:
        pytester.parseconfigure(*PLUGINS, "-p", "xdist", *arguments)
    assert "\n" not in str(caught.value)


COLLECTION_ERRORS = {
    "no response": ([UNUSED, "chime-conform::proxy.*"], "no response"),
    "check": ([UNUSED, "chime-conform::sessions.get.sam"], "did you mean 'sessions.get.same'"),
    "pattern": ([UNUSED, "chime-conform::pages"], "use one of errors.*, expiry.*, proxy.*"),
}


@pytest.mark.parametrize("name", COLLECTION_ERRORS)
def test_errors_of_collection(pytester, name):
    """An unknown check and a server without a response are one line, and the exit code is that of a usage error."""
    arguments, text = COLLECTION_ERRORS[name]
    result = run_nested(pytester, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in (*result.outlines, *result.errlines) if line.lstrip().startswith("ERROR:")]
    assert text in line
