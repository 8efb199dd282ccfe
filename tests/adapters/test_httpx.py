"""httpx and httpx2 through the stub: sync and async, faults as the library's exceptions, applications excluded."""

from __future__ import annotations

import asyncio

import fastapi
import httpx
import httpx2
import pytest
from fastapi.responses import JSONResponse

from chime_fixtures.stub import ChimeStub

HOST = "https://voice-chime.us-east-1.amazonaws.com"
URL = f"{HOST}/voice-connectors/abc/proxy-sessions"


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture(params=["sync", "async"])
def get(request, library):
    """Sends a GET request."""

    async def send(url, **options):
        async with library.AsyncClient(trust_env=False) as client:
            return await client.get(url, **options)

    def sync(url, **options):
        with library.Client(trust_env=False) as client:
            return client.get(url, **options)

    return sync if request.param == "sync" else lambda url, **options: asyncio.run(send(url, **options))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout", "ReadTimeout"),
        ("hang", "ReadTimeout"),
        ("connect-timeout", "ConnectTimeout"),
        ("reset", "ReadError"),
        ("lost-answer", "ReadError"),
        ("refused", "ConnectError"),
        ("body:short", "RemoteProtocolError"),
    ],
)
def test_transport_faults(chime_stub, library, get, fault, error):
    """A transport fault raises the library's own exception, with the request."""
    chime_stub.fail(fault)
    with pytest.raises(getattr(library, error)) as caught:
        get(URL)
    assert type(caught.value) is getattr(library, error)
    assert str(caught.value.request.url) == URL
    assert get(URL).json() == {"ProxySessions": []}


@pytest.mark.parametrize("flaw", ["empty", "cut", "html", "null", "list"])
def test_broken_bodies(chime_stub, get, flaw):
    """A malformed body is received unchanged."""
    chime_stub.fail(f"body:{flaw}")
    response = get(URL)
    assert response.content == chime_stub.calls[-1].body
    assert response.status_code == 200


def test_latency(chime_stub, get):
    """A delayed response is received."""
    chime_stub.fail("latency:0.02")
    assert get(URL).json() == {"ProxySessions": []}


def test_a_client_made_before_the_stub(library):
    """A client made before the stub is intercepted, and the methods are restored when the stub is left."""
    before = library.HTTPTransport.handle_request, library.AsyncHTTPTransport.handle_async_request
    with library.Client(trust_env=False) as early:
        with ChimeStub() as stub:
            assert early.get(URL).json() == {"ProxySessions": []}
        assert len(stub.calls) == 1
    assert (library.HTTPTransport.handle_request, library.AsyncHTTPTransport.handle_async_request) == before


def test_other_hosts_are_not_intercepted(chime_stub, library, get):
    """A request for another host goes to the network."""
    with pytest.raises(library.ConnectError):
        get("http://127.0.0.1:9/")
    assert chime_stub.calls == ()


def test_an_application_that_calls_chime(chime_stub, library):
    """The test client of an application is not intercepted, whatever its host; the application's requests to Chime are."""
    app = fastapi.FastAPI()

    @app.get("/voice-connectors/{name}/proxy-sessions")
    async def sessions(name: str):
        async with library.AsyncClient(trust_env=False) as client:
            response = await client.get(f"{HOST}/voice-connectors/{name}/proxy-sessions")
        return JSONResponse({"from": "app", **response.json()})

    async def send():
        async with library.AsyncClient(transport=library.ASGITransport(app), base_url=HOST) as client:
            return (await client.get("/voice-connectors/abc/proxy-sessions")).json()

    assert asyncio.run(send()) == {"from": "app", "ProxySessions": []}
    assert [call.transport for call in chime_stub.calls] == [library.__name__]
