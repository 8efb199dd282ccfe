"""The server: what a port shows that no patch can, who may ask, and how it ends."""

from __future__ import annotations

import collections
import http.client
import json
import socket
import sys
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

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems fill the queue of a port in other ways")


@pytest.fixture
def stub():
    return ChimeStub()


@pytest.fixture
def server(stub):
    with stub.serve() as running:
        yield running


def client(server, attempts=1):
    """A boto3 client of the server."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(retries=retries, read_timeout=0.2, connect_timeout=0.2)
    return boto3.client(
        "chime-sdk-voice",
        region_name="us-east-1",
        config=config,
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def ask(server, fault, **where):
    """What boto3 makes of a fault."""
    server._service.fail(fault, **where)
    return client(server).list_proxy_sessions(VoiceConnectorId="abc")


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
def test_transport_faults(server, fault, error):
    """What befalls the connection is the real thing, and the next request is answered."""
    with pytest.raises(error, match="http://127"):
        ask(server, fault)
    assert client(server).list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []


def test_a_service_that_is_down(server, stub):
    """While the port refuses, kept connections are cut and the kernel refuses new ones; then all is as before."""
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


@LINUX
def test_a_service_that_is_out_of_reach(server, stub):
    """While nobody is let in, no connection comes about in time; then all is as before."""
    with server.unreachable():
        with pytest.raises(botocore.exceptions.ConnectTimeoutError):
            client(server).list_proxy_sessions(VoiceConnectorId="abc")
        with pytest.raises(requests.ConnectTimeout):
            requests.get(server.url + PATH, timeout=0.1)
    assert requests.get(server.url + PATH).status_code == 200
    assert len(stub.calls) == 1


@pytest.mark.parametrize("span", ["refusing", pytest.param("unreachable", marks=LINUX)])
def test_stopping_while_nobody_is_let_in(stub, span):
    """A server may be stopped while its port is shut, and stays stopped."""
    server = stub.serve().start()
    port = server.port
    with getattr(server, span)():
        server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with server:
        assert requests.get(server.url + PATH).status_code == 200


def test_a_reset_is_a_reset(wire, server, stub):
    """A reset is no orderly end: the client's next read fails."""
    stub.fail("reset")
    with wire.connect(server.url) as connection:
        connection.sendall(GET + b"\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_short_body(server, stub):
    """A body that is shorter than its length ends with the connection."""
    stub.fail("body:short")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(server.url + PATH)
    stub.fail("body:short")
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", PATH)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


def test_a_retry_meets_the_same_service(server, stub):
    """An SDK retries on the real port too, and a lost answer makes a duplicate there."""
    stub.fail("lost-answer", operation="CreateProxySession")
    client(server, attempts=3).create_proxy_session(VoiceConnectorId="abc", **PEOPLE)
    assert [(call.attempt, call.status, call.committed) for call in stub.calls] == [(1, None, True), (2, 201, True)]
    assert len(stub.sessions) == 2


def test_in_process_and_on_the_port(stub):
    """A stub that is in force and served shows one state on both ways."""
    with stub, stub.serve() as server:
        near = boto3.client("chime-sdk-voice").create_proxy_session(VoiceConnectorId="abc", **PEOPLE)["ProxySession"]
        far = requests.get(f"{server.url}{PATH}/{near['ProxySessionId']}").json()["ProxySession"]
    assert far == stub.sessions[0]
    assert [call.transport for call in stub.calls] == ["botocore", "http_server"]


def test_what_nobody_answers(stub):
    """On the port it is a 404, or a 405 with the methods there are; on leaving the stub it is the error of the test."""
    with pytest.raises(UnexpectedRequestError, match="no Chime operation answers GET /voice"), stub, stub.serve() as it:
        assert requests.get(f"{it.url}/voice").status_code == 404
        answer = requests.patch(it.url + PATH)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


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
def test_whose_host_it_is(wire, host, status):
    """A Host that could be another's name, led here, is refused; names that were allowed and addresses are not."""
    with ChimeServer(ChimeService(), names=["chime.test"]) as server:
        request = f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        assert wire.status(wire.ask(server.url, request)) == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_address_that_others_can_reach(host):
    """A server listens to the machine itself, unless the opposite is said twice."""
    with pytest.raises(UnsafeAddressError, match=f"{host} can be reached by other machines"):
        ChimeServer(ChimeService(), host=host)


def test_a_public_address():
    """Who says it twice gets it."""
    with ChimeServer(ChimeService(), host="0.0.0.0", public=True) as server:
        assert requests.get(f"http://127.0.0.1:{server.port}{PATH}").json() == {"ProxySessions": []}


def test_the_sixth_version(wire):
    """The loopback address of IPv6 is one too."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        running = ChimeServer(ChimeService(), host="::1").start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with wire.connect(running.url) as connection:
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert wire.status(wire.rest(connection)) == 200
    running.stop()


def test_stopping_cuts_and_closes(wire, stub):
    """Whoever hangs is cut when the server stops, nobody is listened to any more, and it may start again."""
    stub.fail("hang")
    server = stub.serve()
    for _ in range(2):
        server.start()
        port = server.port
        with wire.connect(server.url) as connection, wire.connect(server.url):
            connection.sendall(GET + b"\r\n")
            while not stub.calls:
                pass
            server.stop()
            wire.rest(connection)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        server.stop()
    with pytest.raises(RuntimeError, match="was not started"):
        server.url  # noqa: B018  # asking is what fails


def test_a_crash_is_told(stub, monkeypatch):
    """An error of the kit itself names the kit, is not worth another attempt, and is raised where the server is stopped."""
    asked = []
    monkeypatch.setattr(stub.service, "_handle", lambda request: asked.append(1) or 1 / 0)
    with pytest.raises(ZeroDivisionError), stub.serve() as server:
        answer = requests.get(server.url + PATH)
        assert answer.status_code == 501
        assert "chime-fixtures itself failed: ZeroDivisionError" in answer.json()["Message"]
        with pytest.raises(botocore.exceptions.ClientError, match="chime-fixtures itself failed"):
            client(server, attempts=5).list_proxy_sessions(VoiceConnectorId="abc")
    assert len(asked) == 2


def test_a_crash_beside_an_error(stub, monkeypatch):
    """Where the test has failed already, a crash is a note on that."""
    monkeypatch.setattr(stub.service, "_handle", lambda request: 1 / 0)
    with pytest.raises(KeyError) as caught, stub.serve() as server:
        requests.get(server.url + PATH)
        raise KeyError("x")
    assert caught.value.__notes__ == ["the server had failed before: ZeroDivisionError('division by zero')"]


def test_many_connections(wire):
    """Past the limit the connection that has waited longest is cut; who asks is answered."""
    with ChimeServer(ChimeService(), limits=Limits(connections=5)) as server:
        idle = [wire.connect(server.url) for _ in range(8)]
        for connection in idle[:3]:
            assert wire.rest(connection) == b""
        assert requests.get(server.url + PATH).status_code == 200
        for connection in idle:
            connection.close()


def test_no_update_is_lost():
    """Threads that create, update and delete at once lose nothing: what is listed is what is alive, and no id is twice."""
    with ChimeServer(ChimeService()) as server:
        alive, made = collections.Counter(), collections.Counter()

        def work():
            connection = http.client.HTTPConnection("127.0.0.1", server.port)

            def send(method, path, body=None):
                connection.request(method, path, None if body is None else json.dumps(body))
                answer = connection.getresponse()
                return answer.status, answer.read()

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


def test_those_who_drip_do_not_hold_up_the_others(wire):
    """While many connections bring their request a byte at a time, an ordinary one is answered; each drip is cut."""
    with ChimeServer(ChimeService(), limits=Limits(seconds=0.5)) as server:
        slow = [wire.connect(server.url) for _ in range(100)]
        for connection in slow:
            connection.sendall(GET[:10])
        assert requests.get(server.url + PATH).status_code == 200
        for connection in slow:
            assert wire.status(wire.rest(connection)) == 408
            connection.close()


def test_two_servers_do_not_meet():
    """What is created on one server is unknown on the other, and each counts its own calls."""
    stubs = [ChimeStub(seed=1), ChimeStub(seed=1)]
    with stubs[0].serve() as one, stubs[1].serve() as other:
        for _ in range(20):
            for server in (one, other):
                assert requests.post(server.url + PATH, json=PEOPLE).status_code == 201
    assert [len(stub.sessions) for stub in stubs] == [20, 20]
    assert stubs[0].sessions == stubs[1].sessions
    assert [len(stub.calls) for stub in stubs] == [20, 20]
