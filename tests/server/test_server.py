"""The server: real transport faults, accepted hosts and addresses, start and stop, many connections."""

from __future__ import annotations

import collections
import http.client
import json
import socket
import threading

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.config import Config

from chime_fixtures.chime.errors import UnexpectedRequestError, UnsafeAddressError
from chime_fixtures.server.connection import Limits
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService
from chime_fixtures.stub import ChimeStub

PATH = "/voice-connectors/abc/proxy-sessions"
GET = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
PEOPLE = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}


@pytest.fixture
def stub():
    return ChimeStub()


@pytest.fixture
def server(stub):
    with stub.serve() as running:
        yield running


def client(server, *, attempts=1, seconds=60):
    """A boto3 client of the server that waits for as many seconds."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(retries=retries, read_timeout=seconds, connect_timeout=seconds)
    return boto3.client(
        "chime-sdk-voice",
        region_name="us-east-1",
        config=config,
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", botocore.exceptions.ConnectionClosedError),
        ("refused", botocore.exceptions.ConnectionClosedError),
        ("lost-answer", botocore.exceptions.ConnectionClosedError),
        ("timeout", botocore.exceptions.ReadTimeoutError),
        ("hang", botocore.exceptions.ReadTimeoutError),
        ("connect-timeout", botocore.exceptions.ReadTimeoutError),
        ("latency:5", botocore.exceptions.ReadTimeoutError),
    ],
)
def test_transport_faults(server, stub, fault, error):
    """A transport fault raises botocore's own error for it; the next request succeeds."""
    stub.fail(fault)
    seconds = 0.2 if error is botocore.exceptions.ReadTimeoutError else 60
    with pytest.raises(error, match="http://127"):
        client(server, seconds=seconds).list_proxy_sessions(VoiceConnectorId="abc")
    assert client(server).list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []


def test_refusing(server, stub):
    """Inside `refusing`, open connections are closed and the kernel refuses new ones; after it the server serves."""
    with requests.Session() as session:
        assert session.get(server.url + PATH).status_code == 200
        with server.refusing():
            with pytest.raises(requests.ConnectionError, match="refused"):
                session.get(server.url + PATH)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", server.port))
            with pytest.raises(botocore.exceptions.EndpointConnectionError):
                client(server).list_proxy_sessions(VoiceConnectorId="abc")
        assert session.get(server.url + PATH).status_code == 200
    assert len(stub.calls) == 2


def test_stopping_while_refusing(stub):
    """A server can be stopped while it refuses connections, and stays stopped."""
    server = stub.serve().start()
    port = server.port
    with server.refusing():
        server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with server:
        assert requests.get(server.url + PATH).status_code == 200


def test_a_reset(raw, server, stub):
    """The fault `reset` is a TCP reset, not an orderly close."""
    stub.fail("reset")
    with raw.connect(server.url) as connection:
        connection.sendall(GET + b"\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_short_body(server, stub):
    """A body that is shorter than its Content-Length ends when the connection is closed."""
    stub.fail("body:short")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(server.url + PATH)
    stub.fail("body:short")
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", PATH)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


def test_a_retry_after_a_lost_answer(server, stub):
    """An SDK retries on the real port too, and a lost response leaves a duplicate session."""
    stub.fail("lost-answer", operation="CreateProxySession")
    client(server, attempts=3).create_proxy_session(VoiceConnectorId="abc", **PEOPLE)
    assert [(call.attempt, call.status, call.committed) for call in stub.calls] == [(1, None, True), (2, 201, True)]
    assert len(stub.sessions) == 2


def test_in_process_and_on_the_port(stub):
    """A stub that is active and served has one state and one journal."""
    with stub, stub.serve() as server:
        local = boto3.client("chime-sdk-voice").create_proxy_session(VoiceConnectorId="abc", **PEOPLE)["ProxySession"]
        remote = requests.get(f"{server.url}{PATH}/{local['ProxySessionId']}").json()["ProxySession"]
    assert remote == stub.sessions[0]
    assert [call.transport for call in stub.calls] == ["botocore", "http_server"]


def test_an_unexpected_request(stub):
    """The response is a 404, or a 405 with the allowed methods; leaving the stub raises the error."""
    with (
        pytest.raises(UnexpectedRequestError, match="no Chime operation matches GET /voice"),
        stub,
        stub.serve() as server,
    ):
        assert requests.get(f"{server.url}/voice").status_code == 404
        response = requests.patch(server.url + PATH)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:1", 200),
        ("localhost:8080", 200),
        ("LOCALHOST.", 200),
        ("[::1]:80", 200),
        ("10.0.0.1", 200),
        ("chime.test", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:80", 421),
        ("localhost.evil.example", 421),
    ],
)
def test_accepted_hosts(raw, host, status):
    """A Host is accepted if it is an address, a loopback name or in `names`; else it may be DNS rebinding (421)."""
    with ChimeServer(ChimeService(), names=["chime.test"]) as server:
        request = f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        assert raw.status(raw.exchange(server.url, request)) == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_other_machines_can_reach(host):
    """An address that is not a loopback address requires `public`."""
    with pytest.raises(UnsafeAddressError, match=f"other machines can reach {host}"):
        ChimeServer(ChimeService(), host=host)


def test_a_public_address():
    """With `public` the server listens on every interface."""
    with ChimeServer(ChimeService(), host="0.0.0.0", public=True) as server:
        assert requests.get(f"http://127.0.0.1:{server.port}{PATH}").json() == {"ProxySessions": []}


def test_ipv6(raw):
    """The loopback address of IPv6 is accepted, in the URL too."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        running = ChimeServer(ChimeService(), host="::1").start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with raw.connect(running.url) as connection:
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert raw.status(raw.receive_all(connection)) == 200
    running.stop()


def test_stop_and_restart(raw, stub):
    """Stopping closes hanging connections and the port; the server can be started again."""
    stub.fail("hang")
    server = stub.serve()
    for _ in range(2):
        server.start()
        port = server.port
        with raw.connect(server.url) as connection, raw.connect(server.url):
            connection.sendall(GET + b"\r\n")
            while not stub.calls:
                pass
            server.stop()
            raw.receive_all(connection)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        server.stop()
    with pytest.raises(RuntimeError, match="was not started"):
        server.url  # noqa: B018  # the property raises


def test_a_crash_is_reported(stub, monkeypatch):
    """An exception of the kit itself is a 501 that names the kit, is not retried, and is raised by `stop`."""
    handled = []
    monkeypatch.setattr(stub, "_handle", lambda request: handled.append(1) or 1 / 0)
    with pytest.raises(ZeroDivisionError), stub.serve() as server:
        response = requests.get(server.url + PATH)
        assert response.status_code == 501
        assert "chime-fixtures itself failed: ZeroDivisionError" in response.json()["Message"]
        with pytest.raises(botocore.exceptions.ClientError, match="chime-fixtures itself failed"):
            client(server, attempts=5).list_proxy_sessions(VoiceConnectorId="abc")
    assert len(handled) == 2


def test_a_crash_in_a_failing_test(stub, monkeypatch):
    """If the block raises an exception of its own, the crash becomes a note on it."""
    monkeypatch.setattr(stub, "_handle", lambda request: 1 / 0)
    with pytest.raises(KeyError) as caught, stub.serve() as server:
        requests.get(server.url + PATH)
        raise KeyError("x")
    assert caught.value.__notes__ == ["the server failed earlier: ZeroDivisionError('division by zero')"]


def test_the_limit_of_connections(raw):
    """One connection more than the limit closes the one that has been idle for the longest time."""
    with ChimeServer(ChimeService(), limits=Limits(connections=5)) as server:
        idle = [raw.connect(server.url) for _ in range(8)]
        for connection in idle[:3]:
            assert raw.receive_all(connection) == b""
        assert requests.get(server.url + PATH).status_code == 200
        for connection in idle:
            connection.close()


def test_no_update_is_lost():
    """Concurrent creations, updates and deletions are all applied, and each id is unique."""
    with ChimeServer(ChimeService()) as server:
        alive, made = collections.Counter(), collections.Counter()

        def work():
            connection = http.client.HTTPConnection("127.0.0.1", server.port)

            def send(method, path, body=None):
                connection.request(method, path, None if body is None else json.dumps(body))
                response = connection.getresponse()
                return response.status, response.read()

            for turn in range(12):
                status, body = send("POST", PATH, PEOPLE)
                name = json.loads(body)["ProxySession"]["ProxySessionId"]
                assert status == 201
                made[name] += 1
                assert send("POST", f"{PATH}/{name}", {"Capabilities": ["SMS"], "ExpiryMinutes": turn + 1})[0] == 201
                if turn % 3:
                    assert send("DELETE", f"{PATH}/{name}")[0] == 204
                else:
                    alive[name] = turn + 1
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen = {each["ProxySessionId"]: each["ExpiryMinutes"] for each in server._service.sessions}
        assert max(made.values()) == 1
        assert len(made) == 16 * 12
        assert seen == alive


def test_slow_clients_do_not_block_others(raw):
    """An ordinary request is served while many are incomplete, which are refused at their deadline."""
    with ChimeServer(ChimeService(), limits=Limits(request_seconds=0.5)) as server:
        slow = [raw.connect(server.url) for _ in range(100)]
        for connection in slow:
            connection.sendall(GET[:10])
        assert requests.get(server.url + PATH).status_code == 200
        for connection in slow:
            assert raw.status(raw.receive_all(connection)) == 408
            connection.close()


def test_two_servers_are_isolated():
    """Each server has its own sessions and calls."""
    stubs = [ChimeStub(seed=1), ChimeStub(seed=1)]
    with stubs[0].serve() as first, stubs[1].serve() as second:
        for _ in range(20):
            for server in (first, second):
                assert requests.post(server.url + PATH, json=PEOPLE).status_code == 201
    assert [len(stub.sessions) for stub in stubs] == [20, 20]
    assert stubs[0].sessions == stubs[1].sessions
    assert [len(stub.calls) for stub in stubs] == [20, 20]
