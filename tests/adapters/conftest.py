"""A function that calls an operation through each client."""

from __future__ import annotations

import asyncio
import json
import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import httpx
import httpx2
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from chime_fixtures.chime.operations import operation_named
from chime_fixtures.service import Request, TransportFault
from chime_fixtures.stub import ChimeStub

HOST = "https://voice-chime.us-east-1.amazonaws.com"


@dataclass(frozen=True)
class ReceivedResponse:
    """A response as a client received it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


Call = Callable[..., ReceivedResponse]


def _request(operation: str, members: dict[str, Any]) -> tuple[str, str, bytes]:
    described = operation_named(operation)
    rest = dict(members)
    path, query = described.path, {}
    for parameter in described.parameters:
        member = parameter.argument
        if member in rest:
            value = rest.pop(member)
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(value, safe="-._~"))
            else:
                query[parameter.name] = value
    target = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    return described.method, target, json.dumps(rest).encode() if described.has_request else b""


def direct(stub: ChimeStub) -> Call:
    """The service without a client."""

    def call(operation: str, **members: Any) -> ReceivedResponse:
        method, target, body = _request(operation, members)
        response = stub.handle(Request(method, target, {}, body))
        assert not isinstance(response, TransportFault)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return ReceivedResponse(response.status, headers, response.body)

    return call


def by_requests(_: ChimeStub) -> Call:
    """A session of requests."""
    return _by_session(requests.Session(), HOST)


def by_boto3(_: ChimeStub) -> Call:
    """A boto3 client without parameter validation and retries."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})
    client = boto3.client("chime-sdk-voice", region_name="us-east-1", config=config)
    received: list[ReceivedResponse] = []

    def keep(http_response: Any, **_: Any) -> None:
        headers = {name.lower(): value for name, value in http_response.headers.items()}
        received.append(ReceivedResponse(http_response.status_code, headers, http_response.content))

    client.meta.events.register("after-call.chime-sdk-voice", keep)

    def call(operation: str, **members: Any) -> ReceivedResponse:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            getattr(client, method)(**members)
        except ClientError:
            pass
        return received.pop()

    return call


def by_adapter(stub: ChimeStub) -> Call:
    """A session of requests with the transport of `stub.adapter()`."""
    session = requests.Session()
    session.mount(HOST, stub.adapter())
    return _by_session(session, HOST)


def by_port(stub: ChimeStub) -> Call:
    """A session of requests that uses the real port."""
    server = stub.serve().start()
    call = _by_session(requests.Session(), server.url)

    def call_and_stop(operation: str, **members: Any) -> ReceivedResponse:
        return call(operation, **members)

    weakref.finalize(call_and_stop, server.stop)
    return call_and_stop


def by_httpx(library: Any) -> Callable[[ChimeStub], Call]:
    """A client of httpx or httpx2."""

    def make(_: ChimeStub) -> Call:
        client = library.Client(base_url=HOST, trust_env=False)

        def call(operation: str, **members: Any) -> ReceivedResponse:
            method, target, body = _request(operation, members)
            return _received(client.request(method, target, content=body))

        return call

    return make


def by_async_httpx(library: Any) -> Callable[[ChimeStub], Call]:
    """An asynchronous client of httpx or httpx2."""

    def make(_: ChimeStub) -> Call:
        async def send(method: str, target: str, body: bytes) -> ReceivedResponse:
            async with library.AsyncClient(base_url=HOST, trust_env=False) as client:
                return _received(await client.request(method, target, content=body))

        def call(operation: str, **members: Any) -> ReceivedResponse:
            return asyncio.run(send(*_request(operation, members)))

        return call

    return make


def by_aiobotocore(_: ChimeStub) -> Call:
    """A client of aiobotocore without parameter validation and retries."""
    session = pytest.importorskip("aiobotocore.session", reason="aiobotocore requires an older botocore").get_session()
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})

    async def send(method: str, members: dict[str, Any]) -> ReceivedResponse:
        received: list[ReceivedResponse] = []

        async def keep(http_response: Any, **_: Any) -> None:
            headers = {name.lower(): value for name, value in http_response.headers.items()}
            received.append(ReceivedResponse(http_response.status_code, headers, await http_response.content))

        async with session.create_client("chime-sdk-voice", region_name="us-east-1", config=config) as client:
            client.meta.events.register("after-call.chime-sdk-voice", keep)
            try:
                await getattr(client, method)(**members)
            except ClientError:
                pass
        return received.pop()

    def call(operation: str, **members: Any) -> ReceivedResponse:
        return asyncio.run(send(re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower(), members))

    return call


def _by_session(session: requests.Session, base: str) -> Call:
    session.trust_env = False

    def call(operation: str, **members: Any) -> ReceivedResponse:
        method, target, body = _request(operation, members)
        return _received(session.request(method, base + target, data=body, timeout=0.5))

    return call


def _received(response: Any) -> ReceivedResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return ReceivedResponse(response.status_code, headers, response.content)


CLIENTS = {
    "direct": direct,
    "requests": by_requests,
    "requests-adapter": by_adapter,
    "boto3": by_boto3,
    "aiobotocore": by_aiobotocore,
    "httpx": by_httpx(httpx),
    "httpx-async": by_async_httpx(httpx),
    "httpx2": by_httpx(httpx2),
    "httpx2-async": by_async_httpx(httpx2),
    "port": by_port,
}


# httpx2 is patched by the code of httpx.
SLOW_CLIENTS = dict.fromkeys(("httpx2", "httpx2-async"), pytest.mark.slow)


@pytest.fixture(params=[pytest.param(name, marks=SLOW_CLIENTS.get(name, ())) for name in CLIENTS])
def client(request: pytest.FixtureRequest) -> Callable[[ChimeStub], Call]:
    """Creates the function that calls an operation, for an active stub."""
    return CLIENTS[request.param]


@pytest.fixture
def direct_client() -> Callable[[ChimeStub], Call]:
    """Creates the function that calls an operation without a client."""
    return direct
