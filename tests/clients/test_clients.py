"""Real clients on the real port: what each of them sees, and what the stub saw of it, signatures included."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TOP = HERE.parents[1]
SEEN = {
    "proxy": {"DefaultSessionExpiryMinutes": 30, "Disabled": False, "PhoneNumberCountries": ["US"]},
    "isDate": True,
    "updated": [201, ["SMS"], 90],
    "paginated": [3, True],
    "deleted": 204,
    "error": [True, 404, True],
}
# The ids that schemathesis likes best.
STATE = {"connectors": [{"VoiceConnectorId": "0", "ProxySessions": [{"ProxySessionId": "0", "Status": "Open"}]}]}
STATUSES = [200, 200, *[201] * 5, 201, 200, 200, 200, 204, 404, 204]


def run(command, env, cwd=None):
    """What a command prints."""
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
def test_boto3_of_any_age(part, served, python, service):
    """The newest boto3, and the last one whose client `chime` has these operations, live the same life."""
    stub, _, env = served
    interpreter = part(python) if python else Path(sys.executable)
    assert json.loads(run([interpreter, HERE / "consumer.py", service], env)) == SEEN
    assert [call.status for call in stub.calls] == STATUSES


def test_javascript(part, served):
    """The SDK for JavaScript lives that life too, and its paginator follows the tokens to their end."""
    stub, _, env = served
    folder = part("javascript/node_modules/@aws-sdk/client-chime-sdk-voice").parents[2]
    shutil.copy(HERE / "consumer.mjs", folder)
    assert json.loads(run(["node", "consumer.mjs"], env, cwd=folder)) == SEEN
    assert [call.status for call in stub.calls] == STATUSES


def test_the_command_line(part, served):
    """`aws` creates, lists and deletes, and names the error of what is gone."""
    stub, _, env = served
    aws = [part("awscli/bin/aws"), "chime-sdk-voice"]
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


def test_aiobotocore(part, tmp_path):
    """The conformance suite holds for aiobotocore, in the environment that its requirements ask for."""
    python = part("aiobotocore/bin/python")
    suite = TOP / "tests" / "adapters" / "test_conformance.py"
    command = [python, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", suite, "-k", "aiobotocore"]
    kept = {"PATH": str(python.parent), "PYTHONPATH": str(TOP), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    told = run([*command, "--rootdir", TOP], kept, cwd=TOP)
    assert " passed" in told
    assert "skipped" not in told


def test_schemathesis(part, tmp_path):
    """Schemathesis gets a success of each operation, and finds no answer that the OpenAPI file does not describe."""
    tool = part("schemathesis/bin/schemathesis")
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
    # A session that is used by all has to outlive its deletion, and a schema can't say which tokens were given.
    rules = ["delete_leaves=closed", "second_delete=no-content", "update_of_closed=amend", "longest_minutes=None"]
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
