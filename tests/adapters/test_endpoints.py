"""Chime by service model, whatever the endpoint, and by host name; servers and URLs that are left alone."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import itertools
import socket
import threading
import urllib.request

import boto3
import botocore.loaders
import botocore.session
import pytest
import requests
from botocore.config import Config

from chime_fixtures import UnexpectedRequestError, UninterceptedClientError
from chime_fixtures.adapters.dispatch import DISPATCHER
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.stub import ChimeStub

HOST = "voice-chime.us-east-1.amazonaws.com"
PATH = "/voice-connectors/abc/proxy-sessions"
LOCALSTACK = "http://localhost:4566"
CONFIG_FILES = {
    "endpoint_url": "[default]\nendpoint_url = {url}\n",
    "services": "[default]\nservices = local\n\n[services local]\nchime_sdk_voice =\n  endpoint_url = {url}\n",
}


@pytest.fixture(params=["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CHIME_SDK_VOICE", *CONFIG_FILES, "argument"])
def setting(request, monkeypatch, tmp_path):
    """Sets an endpoint in one of the ways that botocore reads; returns the arguments of a client."""

    def set_endpoint(url):
        if request.param == "argument":
            return {"endpoint_url": url}
        if request.param in CONFIG_FILES:
            (tmp_path / "config").write_text(CONFIG_FILES[request.param].format(url=url))
            monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        else:
            monkeypatch.setenv(request.param, url)
        return {}

    return set_endpoint


LOADER = botocore.loaders.create_loader()
"""The models, which are slow to read."""


def make_client(service="chime-sdk-voice", **arguments):
    """A client of a new session, without retries."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1)
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    return boto3.Session(botocore_session=session).client(service, region_name="us-east-1", config=config, **arguments)


def test_an_endpoint_setting(setting):
    """A client made before the stub or inside it is intercepted, wherever its endpoint was set."""
    check_a_custom_endpoint(setting(LOCALSTACK))


@pytest.mark.parametrize("prefix", ["/", "/chime/v1", "/chime/v1/"])
def test_an_endpoint_with_a_path(prefix):
    """The path of the endpoint is not part of the API's path."""
    check_a_custom_endpoint({"endpoint_url": LOCALSTACK + prefix})


def check_a_custom_endpoint(arguments):
    """Two clients call an operation: one made before the stub, and one inside it."""
    early = make_client(**arguments)
    with ChimeStub() as stub:
        for client in (early, make_client(**arguments)):
            assert client.meta.endpoint_url.startswith(LOCALSTACK)
            page = client.list_proxy_sessions(VoiceConnectorId="abc", MaxResults=5)
            assert page["ProxySessions"] == []
    assert [call.target for call in stub.calls] == [f"{PATH}?max-results=5"] * 2


def test_an_event_handler_that_changes_the_host(chime_stub):
    """A client of Chime whose event handler sends its requests to another host is intercepted, too."""
    client = make_client(endpoint_url=f"{LOCALSTACK}/chime")

    def redirect(request, **_):
        request.url = request.url.replace(f"{LOCALSTACK}/chime", "https://gateway.test")

    client.meta.events.register("before-sign.chime-sdk-voice", redirect)
    client.list_proxy_sessions(VoiceConnectorId="abc", MaxResults=5)
    assert [call.target for call in chime_stub.calls] == [f"{PATH}?max-results=5"]


def test_a_client_without_keys(monkeypatch, tmp_path):
    """A client with a custom endpoint that was made without credentials is signed with the dummy keys."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    early = make_client(endpoint_url=f"{LOCALSTACK}/chime")
    with ChimeStub(signatures="verify") as stub:
        assert early.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"] == []
    assert [call.status for call in stub.calls] == [200]


def test_the_legacy_service_model():
    """A client of the legacy service `chime` is recognised, too."""
    with (
        pytest.raises(UnexpectedRequestError, match=r"does not have ListAccounts of chime \(GET /accounts\)"),
        ChimeStub(),
    ):
        make_client("chime", endpoint_url=LOCALSTACK).list_accounts()


@pytest.fixture
def canned_server():
    """A server of another service, with a list of the paths that it has served."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        server.paths, server.url = paths, f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()
        thread.join()


def test_another_service_at_the_same_endpoint(canned_server, monkeypatch):
    """With one endpoint for all services, the requests of other services go there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", canned_server.url)
    with ChimeStub() as stub:
        make_client("dynamodb").list_tables()
        make_client().list_proxy_sessions(VoiceConnectorId="abc")
    assert canned_server.paths == ["/"]
    assert [call.path for call in stub.calls] == [PATH]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_a_running_server(name):
    """A client of a running ChimeServer reaches it, while another stub is active; one of a stopped server does not."""
    served = ChimeStub()
    server = served.serve()
    with ChimeStub() as stub:
        with server:
            url = f"http://{name}:{server.port}"
            client = make_client(endpoint_url=url)
            client.list_proxy_sessions(VoiceConnectorId="abc")
        client.list_proxy_sessions(VoiceConnectorId="abc")
        with server.start().refusing(), pytest.raises(Exception, match="onnect"):
            make_client(endpoint_url=server.url).list_proxy_sessions(VoiceConnectorId="abc")
        server.stop()
    assert [call.transport for call in served.calls] == ["http_server"]
    assert [call.transport for call in stub.calls] == ["botocore"]


def test_passthrough(canned_server):
    """The URLs below an excluded one are left alone, for clients of Chime, too; others are not."""
    with ChimeStub() as stub:
        stub.passthrough(f"{canned_server.url}/real")
        for prefix in ("/real", "/realistic", ""):
            make_client(endpoint_url=canned_server.url + prefix).list_proxy_sessions(VoiceConnectorId="abc")
    assert canned_server.paths == [f"/real{PATH}"]
    assert len(stub.calls) == 2


def test_passthrough_below_a_base_url(canned_server):
    """An excluded URL is left alone even if it is one of an imitator; the innermost stub that mentions it decides."""
    with ChimeStub(base_url=canned_server.url) as outer, ChimeStub() as inner:
        inner.passthrough(f"{canned_server.url}/health")
        assert requests.get(f"{canned_server.url}/health").json() == {}
        assert requests.get(canned_server.url + PATH).json() == {"ProxySessions": []}
    assert canned_server.paths == ["/health"]
    assert (len(outer.calls), len(inner.calls)) == (1, 0)


def test_passthrough_of_a_host_of_chime(monkeypatch):
    """A host of Chime that is excluded is not intercepted, and its name is resolved."""
    resolved = []

    def resolve(host, *_, **__):
        resolved.append(host)
        raise socket.gaierror("no network in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with ChimeStub() as stub:
        stub.passthrough(f"https://{HOST}")
        with pytest.raises(requests.ConnectionError, match="no network in a test"):
            requests.get(f"https://{HOST}{PATH}")
        with pytest.raises(UninterceptedClientError):
            socket.create_connection(("voice-chime.eu-west-2.amazonaws.com", 443))
        stub.drain()
    assert resolved == [HOST]


@pytest.mark.parametrize("url", ["localhost:4566", "ftp://localhost", "http://localhost/?a=b", ""])
def test_an_invalid_url(url):
    """A URL that is not an HTTP URL is refused."""
    with pytest.raises(InvalidOptionError, match="url must be a URL like https://api"):
        ChimeStub().passthrough(url)


def by_loop(host):
    """Resolve a name with asyncio."""

    async def resolve():
        return await asyncio.get_running_loop().getaddrinfo(host, 443)

    asyncio.run(resolve())


def in_a_thread(host):
    """Resolve a name in another thread."""
    errors = []

    def resolve():
        try:
            socket.getaddrinfo(host, 443)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=resolve)
    thread.start()
    thread.join()
    raise errors[0]


def by_socket(host):
    """Connect a socket by name."""
    with socket.socket() as sock:
        sock.connect((host, 443))


def by_socket_without_errors(host):
    """Connect a socket by name, with an error code."""
    with socket.socket() as sock:
        sock.connect_ex((host, 443))


UNINTERCEPTED = {
    "getaddrinfo": lambda host: socket.getaddrinfo(host, 443),
    "getaddrinfo-keyword": lambda host: socket.getaddrinfo(host=host, port=443),
    "getaddrinfo-bytes": lambda host: socket.getaddrinfo(host.encode(), 443),
    "gethostbyname": lambda host: socket.gethostbyname(host),  # noqa: PLW0108  # looked up when it is called
    "gethostbyname_ex": lambda host: socket.gethostbyname_ex(host),  # noqa: PLW0108  # as above
    "create_connection": lambda host: socket.create_connection((host, 443)),
    "connect": by_socket,
    "connect_ex": by_socket_without_errors,
    "asyncio-getaddrinfo": by_loop,
    "asyncio-connection": lambda host: asyncio.run(asyncio.open_connection(host, 443)),
    "thread": in_a_thread,
    "http.client": lambda host: http.client.HTTPSConnection(host).request("GET", PATH),
    "urllib": lambda host: urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"https://{host}{PATH}"),
}


@pytest.mark.parametrize("connect", UNINTERCEPTED.values(), ids=UNINTERCEPTED)
@pytest.mark.parametrize("host", [HOST, "service.chime.aws.amazon.com", "Voice-Chime-FIPS.us-west-2.amazonaws.com."])
def test_a_client_that_is_not_intercepted(connect, host):
    """A client that the stub does not intercept can't resolve a host of Chime, and fails the test if it hides that."""
    stub = ChimeStub()
    with pytest.raises(UninterceptedClientError, match=r"resolves .*; direct it to the URL of stub\.serve\(\)"):
        with stub:
            with pytest.raises(AssertionError) as caught:
                connect(host)
    assert caught.value.host.lower() == host.lower()
    assert stub.calls == ()


def test_a_lax_stub():
    """A stub that is not strict does not fail the test, but does not let the client out either."""
    with ChimeStub(strict=False), pytest.raises(UninterceptedClientError):
        socket.gethostbyname(HOST)


def test_other_hosts_are_resolved(chime_stub):
    """Other names, addresses, and sockets that are not of the internet are left alone."""
    assert socket.getaddrinfo("127.0.0.1", 443) == socket.getaddrinfo(b"127.0.0.1", 443)
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
    assert socket.getaddrinfo(None, 80)
    with socket.socket(socket.AF_UNIX) as sock, pytest.raises(FileNotFoundError):
        sock.connect("/nowhere")


def resolvers():
    """Everything that a stub patches in the module `socket`."""
    return socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex, dict(vars(socket.socket))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_resolvers_are_restored(order):
    """The functions of `socket` are the original ones after the last of several stubs, left in any order."""
    before, stubs = resolvers(), [ChimeStub().__enter__() for _ in range(3)]
    for index in order:
        assert socket.getaddrinfo is not before[0]
        with pytest.raises(UninterceptedClientError):
            socket.gethostbyname(HOST)
        for stub in stubs:
            stub.drain()
        stubs[index].__exit__(None, None, None)
    assert resolvers() == before


def test_stubs_of_several_threads():
    """Stubs that are entered and left by many threads restore the functions of `socket`, and none is missing meanwhile."""
    before, problems = resolvers(), []

    def work():
        try:
            for _ in range(20):
                with ChimeStub() as stub:
                    with pytest.raises(UninterceptedClientError):
                        socket.gethostbyname(HOST)
                    for each in DISPATCHER._endpoints:
                        each.service.drain()
                    stub.drain()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error for error in problems if not isinstance(error, UninterceptedClientError)] == []
    assert resolvers() == before


def test_a_foreign_resolver_is_kept(monkeypatch):
    """A resolver that other code has installed inside a stub is kept when the stub is left."""
    before = socket.getaddrinfo

    def foreign(*_, **__):
        return []

    with ChimeStub():
        monkeypatch.setattr(socket, "getaddrinfo", foreign)
    assert socket.getaddrinfo is foreign
    socket.getaddrinfo = before


def test_aiobotocore(monkeypatch):
    """A client of aiobotocore is recognised by its service model, with aiohttp and with httpx."""
    session = pytest.importorskip("aiobotocore.session", reason="aiobotocore requires an older botocore").get_session()
    from aiobotocore.config import AioConfig
    from aiobotocore.httpxsession import HttpxSession

    async def call(config):
        arguments = {"region_name": "us-east-1", "endpoint_url": f"{LOCALSTACK}/chime", "config": config}
        async with session.create_client("chime-sdk-voice", **arguments) as client:
            return (await client.list_proxy_sessions(VoiceConnectorId="abc"))["ProxySessions"]

    with ChimeStub(signatures="verify") as stub:
        for config in (AioConfig(), AioConfig(http_session_cls=HttpxSession)):
            assert asyncio.run(call(config)) == []
    assert [(call.path, call.transport) for call in stub.calls] == [(PATH, "aiobotocore")] * 2
