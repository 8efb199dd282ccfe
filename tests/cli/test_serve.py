"""`chime-fixtures serve` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys

import pytest
import requests

from chime_fixtures.cli import serve
from tests.support.command_line import run_command

PATH = "/voice-connectors/abc/proxy-sessions"
PEOPLE = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}


# A shell ignores SIGINT in its background jobs, and their children inherit that.
START = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from chime_fixtures.cli import main
sys.argv[0] = "chime-fixtures"
main()
"""


@contextlib.contextmanager
def serving(*arguments, cwd):
    """A running server and its url."""
    command = [sys.executable, "-c", START, "serve", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
    try:
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.communicate()


def end(process, sign):
    """Send a signal to a server; return its exit code and its standard error."""
    process.send_signal(sign)
    out, err = process.communicate(timeout=10)
    assert out == ""
    return process.returncode, err


@pytest.mark.slow
def test_url_journal_and_state(tmp_path):
    """The url is the first line; the journal has each call; the state is written at exit and loaded at the next start."""
    options = ("--seed", "7", "--state", "state.json", "--journal", "calls.jsonl")
    with serving(*options, cwd=tmp_path) as (process, url):
        made = requests.post(url + PATH, json=PEOPLE).json()["ProxySession"]
        code, err = end(process, signal.SIGTERM)
        assert (code, err) == (143, f"export AWS_ENDPOINT_URL_CHIME_SDK_VOICE={url}\n")
        with pytest.raises(requests.ConnectionError):
            requests.get(url)
    (call,) = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert (call["operation"], call["status"], call["request"]["Capabilities"]) == ("CreateProxySession", 201, [])
    with serving("--state", "state.json", cwd=tmp_path) as (process, url):
        assert requests.get(url + PATH).json() == {"ProxySessions": [made]}
        assert end(process, signal.SIGINT)[0] == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "state.json"]


def test_faults_and_strictness(tmp_path):
    """Faults apply from the first call; an unused fault and a request without an operation are errors at exit."""
    faults = ("--fault", "throttle,operation=ListProxySessions,times=1", "--fault", "reset,after=5,times=all")
    with serving(*faults, cwd=tmp_path) as (process, url):
        assert [requests.get(url + PATH).status_code for _ in range(2)] == [429, 200]
        assert requests.get(f"{url}/proxy-sessoins").status_code == 404
        code, err = end(process, signal.SIGTERM)
    assert code == 1
    assert "error: no Chime operation matches GET /proxy-sessoins" in err
    assert "error: unused fault: 'reset' after 5 calls (0 applied" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_lax(tmp_path):
    """With `--lax` unused faults do not change the exit code."""
    rules = ("--policy", "delete_leaves=closed", "--policy", "page_size=7", "--policy", "update_restarts_clock=True")
    with serving("--lax", "--fault", "reset", *rules, cwd=tmp_path) as (process, _):
        assert end(process, signal.SIGTERM)[0] == 143


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "trottle"), "unknown fault 'trottle'; did you mean 'throttle'"),
        (("--fault", "throttle,tmes=2"), "--fault 'throttle,tmes=2': 'tmes=2' is not one of operation=, times="),
        (("--fault", "throttle,times=0"), "times must be 1 or more, or None for every call, not 0"),
        (("--fault", "body:null,operation=DeleteProxySesion"), "did you mean 'DeleteProxySession'"),
        (("--host", "nowhere.invalid"), "nowhere.invalid: "),
        (("--state", "nowhere/state.json"), "nowhere/state.json: cannot be written: its folder does not exist"),
        (("--policy", "page_sise=3"), "unknown policy 'page_sise=3'; did you mean 'page_size'"),
        (("--fault", "throttle,times=x"), "'x' is not a valid value of times"),
        (("--policy", "delete_leaves=close"), "did you mean 'delete_leaves=closed'"),
        (("--policy", "page_size=0"), "unknown policy 'page_size=0'; did you mean 'page_size=1'"),
        (("--host", "0.0.0.0"), "other machines can reach 0.0.0.0"),
        (("--state", "pyproject.toml"), "pyproject.toml: is not valid JSON"),
        (("--journal", "nowhere/calls"), "nowhere/calls: No such file or directory"),
    ],
)
def test_an_invalid_option_is_one_short_error(tmp_path, monkeypatch, arguments, message):
    """An invalid value is one line on standard error with exit code 2, and no file is written."""
    # A server that starts all the same would run until interrupted.
    monkeypatch.setattr(serve, "write_out", lambda content: pytest.fail(f"the server started: {content}"))
    (tmp_path / "pyproject.toml").write_text("[project]")
    done = run_command("serve", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_a_port_in_use(tmp_path, monkeypatch):
    """A port in use is one line on standard error, and no state is written."""
    monkeypatch.setattr(serve, "write_out", lambda content: pytest.fail(f"the server started: {content}"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_command("serve", "--port", port, "--state", "state.json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"chime-fixtures: error: Address already in use")
    assert (done.stderr.count(b"\n"), list(tmp_path.iterdir())) == (1, [])
