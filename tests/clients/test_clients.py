"""Third-party clients on the real port: their results, and the calls in the journal, with verified signatures."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documentation import code_blocks, page_text

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
TOP = HERE.parents[1]
RESULTS = {
    "proxy": {"DefaultSessionExpiryMinutes": 30, "Disabled": False, "PhoneNumberCountries": ["US"]},
    "isDate": True,
    "updated": [201, ["SMS"], 90],
    "paginated": [3, True],
    "deleted": 204,
    "error": [True, 404, True],
}
# Schemathesis generates these ids most often.
STATE = {"connectors": [{"VoiceConnectorId": "0", "ProxySessions": [{"ProxySessionId": "0", "Status": "Open"}]}]}
STATUSES = [200, 200, *[201] * 5, 201, 200, 200, 200, 204, 404, 204]


def run(command, env, cwd=None):
    """The standard output of a command that succeeds."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, env=env, cwd=cwd, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("python", "service"),
    [(None, "chime-sdk-voice"), ("legacy/bin/python", "chime"), ("legacy/bin/python", "chime-sdk-voice")],
    ids=["boto3", "legacy-chime", "legacy-boto3"],
)
def test_boto3_versions(installed, served, python, service):
    """The newest boto3 and the last one whose client `chime` has the operations have the same results."""
    stub, _, env = served
    interpreter = installed(python) if python else Path(sys.executable)
    assert json.loads(run([interpreter, HERE / "consumer.py", service], env)) == RESULTS
    assert [call.status for call in stub.calls] == STATUSES


def test_javascript(installed, served):
    """The SDK for JavaScript has the same results; its paginator follows all tokens."""
    stub, _, env = served
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = installed("javascript/node_modules/@aws-sdk/client-chime-sdk-voice").parents[2]
    shutil.copy(HERE / "consumer.mjs", folder)
    assert json.loads(run(["node", "consumer.mjs"], env, cwd=folder)) == RESULTS
    assert [call.status for call in stub.calls] == STATUSES


def test_aws_cli(installed, served):
    """The AWS CLI creates, lists and deletes a session, and prints the error for a deleted one."""
    stub, _, env = served
    aws = [installed("awscli/bin/aws"), "chime-sdk-voice"]
    keys = ["--voice-connector-id", "abc"]
    people = ["--participant-phone-numbers", "+12065550100", "+14015550101", "--capabilities", "Voice", "SMS"]
    made = json.loads(run([*aws, "create-proxy-session", *keys, *people], env))["ProxySession"]
    listed = json.loads(run([*aws, "list-proxy-sessions", *keys, "--max-results", "5"], env))
    assert listed == {"ProxySessions": [made]}
    keys += ["--proxy-session-id", made["ProxySessionId"]]
    assert run([*aws, "delete-proxy-session", *keys], env) == ""
    command = [str(each) for each in [*aws, "get-proxy-session", *keys]]
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert done.returncode in (254, 255)
    assert "(NotFoundException)" in done.stderr
    assert [call.status for call in stub.calls] == [201, 200, 204, 404]


def test_aiobotocore(installed, tmp_path):
    """The tests of every client pass for aiobotocore, in an environment with the botocore that it requires."""
    python = installed("aiobotocore/bin/python")
    suites = [TOP / "tests" / "adapters" / name for name in ("test_conformance.py", "test_endpoints.py")]
    command = [python, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *suites, "-k", "aiobotocore"]
    environment = {
        "PATH": str(python.parent),
        "PYTHONPATH": str(TOP),
        "HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    output = run([*command, "--rootdir", TOP], environment, cwd=TOP)
    assert " passed" in output
    assert "skipped" not in output


def test_schemathesis(installed, tmp_path):
    """Schemathesis succeeds with each operation, and finds no response that the OpenAPI file does not describe."""
    tool = installed("schemathesis/bin/schemathesis")
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    command = [
        sys.executable,
        "-m",
        "chime_fixtures",
        "serve",
        "--lax",
        "--journal",
        "calls.jsonl",
        "--state",
        "state.json",
    ]
    # All requests share one session, which must outlive its deletion; the schema can't express which tokens are valid.
    rules = ["delete_leaves=closed", "second_delete=no-content", "update_of_closed=amend", "max_minutes=None"]
    rules += ["second_proxy_delete=no-content", "no_local_number=fall-back", "foreign_token=first-page"]
    server = subprocess.Popen(
        [*command, *(f"--policy={rule}" for rule in rules)], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        url = json.loads(server.stdout.readline())["url"]
        done = subprocess.run(
            [
                *(str(tool), "run", str(TOP / "schemas" / "chime_sdk_voice.openapi.json"), "--url", url),
                *("--seed", "1", "--max-examples", "15", "--phases", "examples,coverage,fuzzing,stateful"),
                *("--generation-database", "none", "--no-color"),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
    finally:
        server.terminate()
        server.communicate(timeout=10)
    assert done.returncode == 0, done.stdout
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {call["operation"] for call in calls if 200 <= call.get("status", 0) < 300} == {
        "CreateProxySession",
        "GetProxySession",
        "ListProxySessions",
        "UpdateProxySession",
        "DeleteProxySession",
        "PutVoiceConnectorProxy",
        "GetVoiceConnectorProxy",
        "DeleteVoiceConnectorProxy",
    }
    assert [call for call in calls if call.get("status", 0) >= 500] == []


def test_the_documented_examples(installed, served, tmp_path):
    """The examples of the quickstart that need another environment run: aiobotocore, and the SDK for JavaScript."""
    _, _, env = served
    (language, coroutine), (other_language, script) = code_blocks(page_text("quickstart"), clients=True)
    assert (language, other_language) == ("python", "js")
    run([installed("aiobotocore/bin/python"), "-c", coroutine], {"HOME": str(tmp_path)}, cwd=tmp_path)
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = installed("javascript/node_modules/@aws-sdk/client-chime-sdk-voice").parents[2]
    (folder / "quickstart.mjs").write_text(script)
    assert run(["node", "quickstart.mjs"], env, cwd=folder).strip()
