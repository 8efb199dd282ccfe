"""Servers with one deviation each from Chime, and the check that each must fail."""

from __future__ import annotations

import dataclasses
import functools
import json
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from chime_fixtures.chime.operations import operations
from chime_fixtures.service import ChimeService, Ids, Request, Response
from chime_fixtures.service.router import Router

_ROUTER = Router(operations())
Send = Callable[[Request], Response]


class Deviation(NamedTuple):
    """A server and the check that it fails.

    Attributes:
        name: the deviation.
        check: the id of the check that fails first.
        wrap: makes the deviating server of a service.
    """

    name: str
    check: str
    wrap: Callable[[ChimeService], Send]


def operation_of(request: Request) -> str:
    """The name of the operation of a request."""
    match = _ROUTER.match(request.method, request.target.partition("?")[0])
    return match.operation.name if match else ""


def with_body(response: Response, body: Any) -> Response:
    """The response with another JSON body."""
    content = json.dumps(body).encode()
    return dataclasses.replace(
        response, body=content, headers={**response.headers, "content-length": str(len(content))}
    )


def on(operation: str, change: Callable[[Response], Response]) -> Callable[[ChimeService], Send]:
    """A server that changes the successes of an operation."""

    def wrap(service: ChimeService) -> Send:
        def send(request: Request) -> Response:
            response = service.handle(request)
            is_changed = response.status < 300 and operation_of(request) == operation
            return change(response) if is_changed else response

        return send

    return wrap


def status(value: int) -> Callable[[Response], Response]:
    """Changes the status."""
    return lambda response: dataclasses.replace(response, status=value)


def session(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Response], Response]:
    """Changes the session of a response."""

    def apply(response: Response) -> Response:
        body = json.loads(response.body)
        return with_body(response, {**body, "ProxySession": change(body["ProxySession"])})

    return apply


def sessions(change: Callable[[list[Any]], list[Any]]) -> Callable[[Response], Response]:
    """Changes the sessions of a page."""

    def apply(response: Response) -> Response:
        body = json.loads(response.body)
        return with_body(response, {**body, "ProxySessions": change(body["ProxySessions"])})

    return apply


def errors(operation: str, change: Callable[[Response], Response], of: int) -> Callable[[ChimeService], Send]:
    """A server that changes the errors of an operation that have a status."""

    def wrap(service: ChimeService) -> Send:
        def send(request: Request) -> Response:
            response = service.handle(request)
            is_changed = response.status == of and operation_of(request) == operation
            return change(response) if is_changed else response

        return send

    return wrap


def on_request(change: Callable[[Request], Request]) -> Callable[[ChimeService], Send]:
    """A server that reads each request otherwise."""
    return lambda service: lambda request: service.handle(change(request))


def _without_query(name: str, request: Request) -> Request:
    path, _, query = request.target.partition("?")
    pairs = [pair for pair in query.split("&") if pair and not pair.startswith(f"{name}=")]
    return dataclasses.replace(request, target=f"{path}?{'&'.join(pairs)}" if pairs else path)


def _body_change(operation: str, change: Callable[[dict[str, Any]], dict[str, Any]], request: Request) -> Request:
    if operation_of(request) != operation:
        return request
    try:
        body = json.loads(request.body)
    except ValueError:
        return request
    return dataclasses.replace(request, body=json.dumps(change(body)).encode()) if isinstance(body, dict) else request


def _idempotent(service: ChimeService) -> Send:
    """Returns the same session for the same request."""
    known: dict[bytes, Response] = {}

    def send(request: Request) -> Response:
        if operation_of(request) != "CreateProxySession":
            return service.handle(request)
        if request.body not in known:
            known[request.body] = service.handle(request)
        return known[request.body]

    return send


def _deletes_pair(service: ChimeService) -> Send:
    """Deletes every session of the participants."""

    def send(request: Request) -> Response:
        response = service.handle(request)
        if operation_of(request) == "DeleteProxySession" and response.status < 300:
            path, _, session_id = request.target.rpartition("/")
            people = seen.get(session_id)
            for other, others in seen.items():
                if others == people and other != session_id:
                    service.handle(dataclasses.replace(request, target=f"{path}/{other}"))
        elif operation_of(request) == "CreateProxySession" and response.status < 300:
            body = json.loads(response.body)["ProxySession"]
            seen[body["ProxySessionId"]] = sorted(each["PhoneNumber"] for each in body["Participants"])
        return response

    seen: dict[str, list[str]] = {}
    return send


def _offset_tokens(service: ChimeService) -> Send:
    """Pages by the number of sessions before them, so that a deletion shifts the later ones."""

    def send(request: Request) -> Response:
        if operation_of(request) != "ListProxySessions" or "max-results=2" not in request.target:
            return service.handle(request)
        path, _, query = request.target.partition("?")
        token = next((pair.partition("=")[2] for pair in query.split("&") if pair.startswith("next-token=")), "0")
        if not token.isdecimal():
            return service.handle(request)
        rest = "&".join(pair for pair in query.split("&") if pair.startswith("status="))
        whole = service.handle(dataclasses.replace(request, target=f"{path}?{rest}" if rest else path))
        everything, start = json.loads(whole.body)["ProxySessions"], int(token)
        body: dict[str, Any] = {"ProxySessions": everything[start : start + 2]}
        if start + 2 < len(everything):
            body["NextToken"] = str(start + 2)
        return with_body(whole, body)

    return send


def _one_id_for_threads(service: ChimeService) -> Send:
    """Requests that arrive together, from the threads of a check, get one session."""
    lock, responses = threading.Lock(), list[Response]()

    def send(request: Request) -> Response:
        if threading.current_thread() is threading.main_thread():
            return service.handle(request)
        with lock:
            if not responses:
                responses.append(service.handle(request))
            return responses[0]

    return send


def _with_capital_country(body: dict[str, Any]) -> dict[str, Any]:
    place = body.get("GeoMatchParams")
    if not isinstance(place, dict) or not isinstance(place.get("Country"), str):
        return body
    return {**body, "GeoMatchParams": {**place, "Country": place["Country"].upper()}}


def _shuffled(response: Response) -> Response:
    body = json.loads(response.body)
    ordered = sorted(body["ProxySessions"], key=lambda each: str(each.get("ProxySessionId"))[::-1])
    return with_body(response, {**body, "ProxySessions": ordered})


def _ignores_expiry(service: ChimeService) -> Send:
    """Reports each session as open, also after its end."""
    return on("GetProxySession", session(lambda each: {**each, "Status": "Open"}))(service)


DEVIATIONS = (
    Deviation("create returns 200", "responses.CreateProxySession.status", on("CreateProxySession", status(200))),
    Deviation("update returns 200", "responses.UpdateProxySession.status", on("UpdateProxySession", status(200))),
    Deviation("delete returns 200", "responses.DeleteProxySession.status", on("DeleteProxySession", status(200))),
    Deviation(
        "delete returns a body",
        "responses.DeleteProxySession.body",
        on("DeleteProxySession", lambda response: dataclasses.replace(response, body=b"{}")),
    ),
    Deviation(
        "timestamps have no zone",
        "responses.GetProxySession.body",
        on("GetProxySession", session(lambda each: {**each, "CreatedTimestamp": each["CreatedTimestamp"].rstrip("Z")})),
    ),
    Deviation(
        "minutes are text in a listing",
        "responses.ListProxySessions.body",
        on(
            "ListProxySessions",
            sessions(lambda page: [{**each, "ExpiryMinutes": str(each["ExpiryMinutes"])} for each in page]),
        ),
    ),
    Deviation(
        "text instead of JSON",
        "responses.GetVoiceConnectorProxy.media-type",
        on(
            "GetVoiceConnectorProxy",
            lambda response: dataclasses.replace(response, headers={"content-type": "text/plain"}),
        ),
    ),
    Deviation(
        "errors without a name",
        "responses.GetProxySession.errors",
        errors(
            "GetProxySession", lambda response: dataclasses.replace(response, headers={}, body=b'{"Message":"no"}'), 404
        ),
    ),
    Deviation(
        "422 for violations",
        "responses.PutVoiceConnectorProxy.errors",
        errors("PutVoiceConnectorProxy", status(422), 400),
    ),
    Deviation(
        "the name is lost",
        "sessions.create.echo",
        on("CreateProxySession", session(lambda each: {name: value for name, value in each.items() if name != "Name"})),
    ),
    Deviation(
        "one participant",
        "sessions.create.participants",
        on("CreateProxySession", session(lambda each: {**each, "Participants": each["Participants"][:1]})),
    ),
    Deviation(
        "a proxy number for each participant",
        "sessions.create.proxy-number",
        on(
            "CreateProxySession",
            session(
                lambda each: {
                    **each,
                    "Participants": [
                        {**person, "ProxyPhoneNumber": f"+120655501{index:02}"}
                        for index, person in enumerate(each["Participants"])
                    ],
                }
            ),
        ),
    ),
    Deviation(
        "new sessions have ended",
        "sessions.create.timestamps",
        on("CreateProxySession", session(lambda each: {**each, "EndedTimestamp": each["CreatedTimestamp"]})),
    ),
    Deviation(
        "default minutes of the service",
        "sessions.create.default-minutes",
        on_request(functools.partial(_body_change, "CreateProxySession", lambda body: {"ExpiryMinutes": 60, **body})),
    ),
    Deviation("idempotent creation", "sessions.create.repeated", _idempotent),
    Deviation(
        "an update that is not stored",
        "sessions.update.applied",
        on_request(
            functools.partial(
                _body_change, "UpdateProxySession", lambda body: {"Capabilities": body.get("Capabilities")}
            )
        ),
    ),
    Deviation("deletion of a pair", "sessions.delete.others", _deletes_pair),
    Deviation(
        "a listing without the last session",
        "sessions.list.contains",
        on("ListProxySessions", sessions(lambda page: page[:-1])),
    ),
    Deviation(
        "max-results is ignored",
        "sessions.list.max-results",
        on_request(functools.partial(_without_query, "max-results")),
    ),
    Deviation(
        "the first page again",
        "sessions.list.pages",
        lambda service: _FirstPageAgain(service).send,
    ),
    Deviation("offsets for tokens", "sessions.list.pages-with-deletion", _offset_tokens),
    Deviation("the filter is ignored", "sessions.list.status", on_request(functools.partial(_without_query, "status"))),
    Deviation("another order", "sessions.list.order", on("ListProxySessions", _shuffled)),
    Deviation(
        "403 for unknown sessions",
        "errors.unknown-session.GetProxySession",
        errors(
            "GetProxySession",
            lambda response: dataclasses.replace(
                response, status=403, headers={"x-amzn-errortype": "ForbiddenException"}
            ),
            404,
        ),
    ),
    Deviation("expiry is ignored", "expiry.extended", _ignores_expiry),
    Deviation(
        "countries in lower case",
        "requests.CreateProxySession.GeoMatchParams.Country.pattern.lower-case",
        on_request(functools.partial(_body_change, "CreateProxySession", _with_capital_country)),
    ),
    Deviation("one id for concurrent requests", "sessions.create.concurrent", _one_id_for_threads),
    Deviation(
        "countries beyond the maximum are dropped",
        "requests.PutVoiceConnectorProxy.PhoneNumberPoolCountries.maxItems",
        on_request(
            functools.partial(
                _body_change,
                "PutVoiceConnectorProxy",
                lambda body: (
                    {**body, "PhoneNumberPoolCountries": body["PhoneNumberPoolCountries"][:100]}
                    if isinstance(body.get("PhoneNumberPoolCountries"), list)
                    else body
                ),
            )
        ),
    ),
    Deviation(
        "a proxy configuration that is enabled",
        "proxy.put.echo",
        on(
            "GetVoiceConnectorProxy",
            lambda response: with_body(response, {"Proxy": {**json.loads(response.body)["Proxy"], "Disabled": True}}),
        ),
    ),
)
"""The servers; each fails its named check first."""


def service_of(seed: int = 0) -> ChimeService:
    """A service with a Voice Connector."""
    return ChimeService(ids=Ids(seed))


class _FirstPageAgain:
    """The second page of a listing repeats the last session of the first one."""

    def __init__(self, service: ChimeService) -> None:
        self._service = service
        self._last: Any = None

    def send(self, request: Request) -> Response:
        """The response to a request."""
        response = self._service.handle(request)
        if operation_of(request) != "ListProxySessions" or response.status >= 300:
            return response
        body = json.loads(response.body)
        page = body["ProxySessions"]
        if "next-token=" in request.target and self._last is not None and page:
            body["ProxySessions"] = [self._last, *page[1:]]
        self._last = page[-1] if page else None
        return with_body(response, body)
