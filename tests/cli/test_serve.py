"""`chime-fixtures serve`, as a process beside the test."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys

import pytest
import requests

PATH = "/voice-connectors/abc/proxy-sessions"
PEOPLE = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}


# A shell starts what runs in its background with the interrupt ignored, and that is inherited.
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
    """A server that runs, with its url."""
    command = [sys.executable, "-c", START, "serve", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd)
    try:
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.communicate()


def end(process, sign):
    """Interrupt a server; give its exit code and what it still said."""
    process.send_signal(sign)
    out, err = process.communicate(timeout=10)
    assert out == ""
    return process.returncode, err


def test_a_life(tmp_path):
    """It says its url first, keeps a journal, writes its state when it is ended, and begins with it the next time."""
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
    """Faults are planned from the start; one that was not used, and a wrong path, are errors at the end."""
    faults = ("--fault", "throttle,operation=ListProxySessions,times=1", "--fault", "reset,after=5,times=all")
    with serving(*faults, cwd=tmp_path) as (process, url):
        assert [requests.get(url + PATH).status_code for _ in range(2)] == [429, 200]
        assert requests.get(f"{url}/proxy-sessoins").status_code == 404
        code, err = end(process, signal.SIGTERM)
    assert code == 1
    assert "error: no Chime operation answers GET /proxy-sessoins" in err
    assert "error: not used as planned: 'reset' for every call after 5" in err
    assert "Traceback" not in err


def test_lax(tmp_path):
    """Without strictness only the interruption shows in the exit code."""
    rules = ("--policy", "delete_leaves=closed", "--policy", "page_size=7", "--policy", "update_restarts_clock=True")
    with serving("--lax", "--fault", "reset", *rules, cwd=tmp_path) as (process, _):
        assert end(process, signal.SIGTERM)[0] == 143


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fault", "trottle"), "there is no fault 'trottle'; did you mean 'throttle'"),
        (("--fault", "throttle,tmes=2"), "--fault 'throttle,tmes=2': 'tmes=2' is none of operation=, times="),
        (("--fault", "throttle,times=0"), "times must be positive and after not negative, not 0 and 0"),
        (("--fault", "body:null,operation=DeleteProxySesion"), "did you mean 'DeleteProxySession'"),
        (("--host", "nowhere.invalid"), "nowhere.invalid: "),
        (("--state", "nowhere/state.json"), "nowhere/state.json: cannot be written: there is no such folder"),
        (("--policy", "page_sise=3"), "there is no policy 'page_sise=3'; did you mean 'page_size'"),
        (("--fault", "throttle,times=x"), "'times=x' is none of"),
        (("--policy", "delete_leaves=close"), "did you mean 'delete_leaves=closed'"),
        (("--policy", "page_size=0"), "there is no policy 'page_size=0'; did you mean 'page_size=1'"),
        (("--host", "0.0.0.0"), "0.0.0.0 can be reached by other machines"),
        (("--state", "pyproject.toml"), "pyproject.toml: is no JSON"),
        (("--journal", "nowhere/calls"), "nowhere/calls: No such file or directory"),
    ],
)
def test_what_cannot_be_started(tmp_path, arguments, message):
    """What makes no sense is said in one line, with exit code 2, and leaves nothing behind."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    command = [sys.executable, "-c", START, "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_a_port_that_is_taken(tmp_path):
    """A port on which somebody listens is said in a line, and the state is left alone."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-c", START, "serve", "--port", str(port), "--state", "state.json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("chime-fixtures: error: Address already in use")
    assert (done.stderr.count("\n"), list(tmp_path.iterdir())) == (1, [])
