"""One way to call an operation, through each client."""

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
from chime_fixtures.service import Fault, Request
from chime_fixtures.service.request_parser import member_name
from chime_fixtures.stub import ChimeStub

HOST = "https://voice-chime.us-east-1.amazonaws.com"


@dataclass(frozen=True)
class Seen:
    """What a client saw of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


Call = Callable[..., Seen]


def _wire(operation: str, members: dict[str, Any]) -> tuple[str, str, bytes]:
    shape = operation_named(operation)
    rest = dict(members)
    path, query = shape.path, {}
    for parameter in shape.parameters:
        member = member_name(parameter.name)
        if member in rest:
            value = rest.pop(member)
            if parameter.where == "path":
                path = path.replace(f"{{{parameter.name}}}", quote(value, safe="-._~"))
            else:
                query[parameter.name] = value
    target = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    return shape.method, target, json.dumps(rest).encode() if shape.has_request else b""


def direct(stub: ChimeStub) -> Call:
    """The service itself."""

    def call(operation: str, **members: Any) -> Seen:
        method, target, body = _wire(operation, members)
        answer = stub.service.handle(Request(method, target, {}, body))
        assert not isinstance(answer, Fault)
        return Seen(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body)

    return call


def by_requests(_: ChimeStub) -> Call:
    """A session of requests."""
    return _by_session(requests.Session(), HOST)


def by_boto3(_: ChimeStub) -> Call:
    """A boto3 client that neither checks what it sends nor retries."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})
    client = boto3.client("chime-sdk-voice", region_name="us-east-1", config=config)
    seen: list[Seen] = []

    def keep(http_response: Any, **_: Any) -> None:
        headers = {name.lower(): value for name, value in http_response.headers.items()}
        seen.append(Seen(http_response.status_code, headers, http_response.content))

    client.meta.events.register("after-call.chime-sdk-voice", keep)

    def call(operation: str, **members: Any) -> Seen:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            getattr(client, method)(**members)
        except ClientError:
            pass
        return seen.pop()

    return call


def by_adapter(stub: ChimeStub) -> Call:
    """A session of requests with the stub's own transport."""
    session = requests.Session()
    session.mount(HOST, stub.adapter())
    return _by_session(session, HOST)


def by_port(stub: ChimeStub) -> Call:
    """A session of requests, on the real port."""
    server = stub.serve().start()
    call = _by_session(requests.Session(), server.url)

    def call_and_stop(operation: str, **members: Any) -> Seen:
        return call(operation, **members)

    weakref.finalize(call_and_stop, server.stop)
    return call_and_stop


def by_httpx(library: Any) -> Callable[[ChimeStub], Call]:
    """A client of httpx, or of a library like it."""

    def make(_: ChimeStub) -> Call:
        client = library.Client(base_url=HOST, trust_env=False)

        def call(operation: str, **members: Any) -> Seen:
            method, target, body = _wire(operation, members)
            return _seen(client.request(method, target, content=body))

        return call

    return make


def by_async_httpx(library: Any) -> Callable[[ChimeStub], Call]:
    """The same, asynchronous."""

    def make(_: ChimeStub) -> Call:
        async def ask(method: str, target: str, body: bytes) -> Seen:
            async with library.AsyncClient(base_url=HOST, trust_env=False) as client:
                return _seen(await client.request(method, target, content=body))

        def call(operation: str, **members: Any) -> Seen:
            return asyncio.run(ask(*_wire(operation, members)))

        return call

    return make


def by_aiobotocore(_: ChimeStub) -> Call:
    """A client of aiobotocore that neither checks what it sends nor retries."""
    session = pytest.importorskip("aiobotocore.session", reason="aiobotocore wants an older botocore").get_session()
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})

    async def ask(method: str, members: dict[str, Any]) -> Seen:
        seen: list[Seen] = []

        async def keep(http_response: Any, **_: Any) -> None:
            headers = {name.lower(): value for name, value in http_response.headers.items()}
            seen.append(Seen(http_response.status_code, headers, await http_response.content))

        async with session.create_client("chime-sdk-voice", region_name="us-east-1", config=config) as client:
            client.meta.events.register("after-call.chime-sdk-voice", keep)
            try:
                await getattr(client, method)(**members)
            except ClientError:
                pass
        return seen.pop()

    def call(operation: str, **members: Any) -> Seen:
        return asyncio.run(ask(re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower(), members))

    return call


def _by_session(session: requests.Session, base: str) -> Call:
    session.trust_env = False

    def call(operation: str, **members: Any) -> Seen:
        method, target, body = _wire(operation, members)
        answer = session.request(method, base + target, data=body, timeout=0.5)
        return Seen(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)

    return call


def _seen(answer: Any) -> Seen:
    return Seen(answer.status_code, dict(answer.headers), answer.content)


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


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Callable[[ChimeStub], Call]:
    """Makes a way to call an operation, for a stub that is in force."""
    return CLIENTS[request.param]


@pytest.fixture
def service_itself() -> Callable[[ChimeStub], Call]:
    """Makes a way to call an operation with no client in between."""
    return direct
