"""The command `conform`: its reports, its baseline, its connections and its exit codes."""

import dataclasses
import functools
import json
import types
from xml.etree import ElementTree as ET

import pytest

from chime_fixtures import Policies
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService, Response
from tests.support.command_line import run_command
from tests.support.deviations import on, session, status
from tests.support.documentation import code_blocks, page_text

POLICY = "sessions.delete.repeated"
OPEN = "sessions.create.open"
CHECKS = ("--only", OPEN, "--only", "expiry.open-before", "--only", POLICY)
SENTENCES = {OPEN: "A new session is open.", POLICY: "A repeated deletion returns 404 NotFoundException, or 204."}
DETAIL = 'Status is "Closed"; expected "Open"'
NO_CLOCK = "the clock of the server can't be moved; pass a URL that moves it"


@pytest.fixture
def run(tmp_path):
    """Runs `chime-fixtures conform` in an empty folder."""
    return functools.partial(run_command, "conform", cwd=tmp_path)


@pytest.fixture
def serve():
    """Starts a server of a service, with a function that wraps the handling of requests."""
    servers = []

    def start(service, wrap=lambda original: original.handle):
        service.handle = wrap(types.SimpleNamespace(handle=service.handle))
        servers.append(ChimeServer(service).start())
        return servers[-1].url

    yield start
    for each in servers:
        each.stop()


@pytest.fixture
def url(serve):
    """A server that follows a policy, and returns new sessions as closed."""
    closed = on("CreateProxySession", session(lambda each: {**each, "Status": "Closed"}))
    return serve(ChimeService(policies=Policies(second_delete="no-content")), closed)


def test_text(run, url):
    """The text has each check that did not pass, the policies and the counts; the exit code is 1."""
    done = run(url, *CHECKS)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().splitlines() == [
        f"failed\t{OPEN}\t{DETAIL}",
        f"\t{SENTENCES[OPEN]} [documentation: AWS's samples of responses]",
        f"policy\t{POLICY}\tbehaves like second_delete=no-content",
        f"skipped\texpiry.open-before\t{NO_CLOCK}",
        "policies\tPolicies(second_delete='no-content')",
        "1 failed, 1 as a policy, 1 skipped, 0 passed",
    ]


def test_other_reports(run, url, tmp_path):
    """JSON, Markdown and JUnit have the same findings; without a report on standard output the counts are a message."""
    done = run(url, *CHECKS, *("--report", "json:a.json", "--report", "markdown:a.md", "--report", "junit:a.xml"))
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"1 failed, 1 as a policy, 1 skipped, 0 passed\n"
    document = json.loads((tmp_path / "a.json").read_bytes())
    assert document["counts"] == {"failed": 1, "policy": 1, "skipped": 1, "passed": 0}
    assert document["policies"] == {"second_delete": "no-content"}
    assert document["findings"][0] == {
        "id": OPEN,
        "outcome": "failed",
        "sentence": SENTENCES[OPEN],
        "kind": "documentation",
        "evidence": "AWS's samples of responses",
        "detail": DETAIL,
    }
    rows = (tmp_path / "a.md").read_text(encoding="utf-8").splitlines()
    assert (
        f"| policy | `{POLICY}` | behaves like second_delete=no-content | {SENTENCES[POLICY]} | policy: second_delete |"
        in rows
    )
    suite = ET.parse(tmp_path / "a.xml").getroot()[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "skipped": "1",
    }
    by_name = {f"{case.get('classname')}.{case.get('name')}": [each.tag for each in case] for case in suite}
    assert by_name == {
        f"conform.{OPEN}": ["failure"],
        "conform.expiry.open-before": ["skipped"],
        f"conform.{POLICY}": ["system-out"],
    }
    assert suite[0][0].get("message") == DETAIL


def test_a_server_without_deviations(run, serve):
    """The exit code is 0; the clock is moved by its URL."""
    url = serve(ChimeService())
    done = run(url, *CHECKS, "--clock-url", f"{url}/_chime/clock")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"0 failed, 0 as a policy, 0 skipped, 3 passed\n", b"")


def test_a_baseline(run, url, serve, tmp_path):
    """Known failures do not count; new ones do, and those that no longer fail must be removed."""
    baseline = tmp_path / "known.json"
    missing = run(url, *CHECKS, "--baseline", "known.json")
    assert missing.returncode == 2
    assert missing.stderr == b"chime-fixtures: error: known.json does not exist; write it with --update-baseline\n"
    created = run(url, *CHECKS, "--baseline", "known.json", "--update-baseline")
    assert (created.returncode, created.stderr) == (0, b"wrote 1 known failure to known.json\n")
    assert json.loads(baseline.read_bytes()) == {"version": 1, "failed": [OPEN]}
    assert run(url, *CHECKS, "--baseline", "known.json").returncode == 0

    fixed = serve(ChimeService())
    done = run(fixed, *CHECKS, "--baseline", "known.json")
    text = f"chime-fixtures: error: known.json: {OPEN} no longer fails; --update-baseline removes it\n"
    assert (done.returncode, done.stderr.decode()) == (1, text)
    done = run(fixed, *CHECKS, "--baseline", "known.json", "--update-baseline")
    assert (done.returncode, done.stderr) == (0, b"removed 1 check that no longer fail from known.json\n")

    done = run(url, *CHECKS, "--baseline", "known.json", "--update-baseline")
    assert (done.returncode, done.stderr.decode()) == (1, f"chime-fixtures: error: new failure: {OPEN}\n")
    assert json.loads(baseline.read_bytes()) == {"version": 1, "failed": []}


def test_a_prefix_and_a_header(run, serve):
    """The path of the URL is a prefix; a header field authenticates; without it the error names the option."""

    def wrap(original):
        def handle(request):
            if request.headers.get("x-api-key") != "secret":
                fields = {"x-amzn-ErrorType": "UnauthorizedClientException", "content-length": "0"}
                return Response(401, fields, b"")
            assert request.target.startswith("/chime/v1/voice-connectors/")
            return original.handle(dataclasses.replace(request, target=request.target.removeprefix("/chime/v1")))

        return handle

    url = f"{serve(ChimeService(), wrap)}/chime/v1/"
    assert run(url, "--only", "sessions.get.*", "--header", "X-Api-Key: secret").returncode == 0
    done = run(url, "--only", "sessions.get.*")
    text = "the server refuses the first request with 401 UnauthorizedClientException; pass its authentication (--header, --sign)"
    assert (done.returncode, done.stderr.decode()) == (2, f"chime-fixtures: error: {text}\n")


def test_signatures(run, serve, monkeypatch):
    """Requests have a valid signature by the credentials of the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    service = ChimeService(signatures="verify")
    url = serve(service)
    done = run(url, "--sign", "--only", "sessions.*", "--only", "errors.*")
    assert (done.returncode, done.stderr) == (0, b""), done.stdout
    assert run(url, "--only", "sessions.*").returncode == 2


@pytest.mark.slow
def test_the_contract_of_an_imitator(run, serve, tmp_path):
    """Its sessions are judged by its own schema: members that it lacks are not required, and enum values differ in case."""
    schema = {
        "type": "object",
        "properties": {
            "ProxySessionId": {"type": "string"},
            "VoiceConnectorId": {"type": "string"},
            "Status": {"enum": ["OPEN", "CLOSED"]},
            "ExpiryMinutes": {"type": "integer"},
            "Capabilities": {"type": "array"},
        },
        "required": ["ProxySessionId", "Status"],
        "additionalProperties": False,
    }
    (tmp_path / "session.json").write_text(json.dumps(schema))
    url = serve(ChimeService(contract=schema))
    checks = ("--only", "sessions.create.open", "--only", "sessions.get.*", "--only", "responses.GetProxySession.body")
    done = run(url, *checks, "--contract", "session.json")
    assert done.returncode == 0, done.stdout
    done = run(url, *checks)
    assert b"failed\tresponses.GetProxySession.body\t/Status of a session violates enum" in done.stdout


def test_errors(run):
    """An unusable URL, a host of AWS, an unreachable server and wrong options are one line each, and the exit code 2."""
    aws = "https://voice-chime.us-east-1.amazonaws.com"
    cases = {
        ("ftp://host",): "'ftp://host' must be a URL like http://127.0.0.1:8080, without query and fragment",
        (aws,): "voice-chime.us-east-1.amazonaws.com is a host of AWS; the checks create and delete sessions; "
        "pass --allow-aws-host to run them there",
        ("http://127.0.0.1:1",): "http://127.0.0.1:1: no response: Connection refused",
    }
    for arguments, text in cases.items():
        done = run(*arguments)
        assert (done.returncode, done.stderr.decode()) == (2, f"chime-fixtures: error: {text}\n")
    for option, value in (("--report", "html"), ("--report", "json:none/a.json"), ("--header", "x")):
        done = run("http://127.0.0.1:1", option, value)
        assert done.returncode == 2
        assert f"Invalid value for '{option}'" in done.stderr.decode()
    assert run("http://127.0.0.1:1", "--update-baseline").returncode == 2


@pytest.mark.slow
def test_the_status_of_an_update(run, serve):
    """The checks of responses judge those of all other checks."""
    url = serve(ChimeService(), on("UpdateProxySession", status(200)))
    done = run(url, "--only", "responses.UpdateProxySession.status")
    assert done.stdout.decode().splitlines()[0].endswith("a success has the status 200; expected 201")


def test_the_example_of_the_page(run, serve):
    """The run of the documentation is a real one."""
    example, _ = [code for language, code in code_blocks(page_text("conformance")) if language == "text"]
    command, _, output = example.partition("\n")
    url = serve(ChimeService(policies=Policies(second_delete="no-content")))
    done = run(url, *command.split()[4:])
    assert (done.returncode, done.stdout.decode()) == (0, output)
