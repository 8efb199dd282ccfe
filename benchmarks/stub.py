"""The cost of the stub, beside the least that an in-process interception can cost.

Limits of the ratios of CPU time, each to a peer that returns a canned response:

==================================  =============================================  =====
a boto3 call                        a handler of botocore's event `before-send`    1.15
a call of requests                  a callback of `responses`                      1.2
entering and leaving the stub       `responses` alone                              2.0
a call on a real port               a server of the standard library               1.2
==================================  =============================================  =====

Besides, 100,000 requests from 32 threads must not lose an update or repeat an id. Peer and stub run in the same
process; each figure is the median of interleaved rounds. The figures of moto, for another service, have no limit.
Free-threaded Python was not measured.

Run it with ``python benchmarks/stub.py``; it needs boto3 and moto. ``python benchmarks/stub.py 10000`` sends fewer
requests.
"""

from __future__ import annotations

import collections
import http.client
import http.server
import json
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto
import requests
import responses
from botocore.awsrequest import AWSResponse

from chime_fixtures.stub import ChimeStub

REQUESTS = 100_000
THREADS = 32
ROUNDS = 81
ROUND_SECONDS = 0.04

CONNECTOR = "abcdef1ghij2klmno3pqr4"
SESSION = {
    "VoiceConnectorId": CONNECTOR,
    "ProxySessionId": "123a4bc5-67d8-901e-2f3a-b4c5d6e7f890",
    "Name": "Order 1042",
    "Status": "Open",
    "ExpiryMinutes": 60,
    "Capabilities": ["SMS", "Voice"],
    "CreatedTimestamp": "2026-01-01T00:00:00.000Z",
    "UpdatedTimestamp": "2026-01-01T00:00:00.000Z",
    "Participants": [
        {"PhoneNumber": "+12065550100", "ProxyPhoneNumber": "+19135550199"},
        {"PhoneNumber": "+14015550101", "ProxyPhoneNumber": "+19135550199"},
    ],
}
KEYS = {"VoiceConnectorId": CONNECTOR, "ProxySessionId": SESSION["ProxySessionId"]}
BODY = json.dumps({"ProxySession": SESSION}, separators=(",", ":")).encode()
HEADERS = {"content-type": "application/json", "x-amzn-RequestId": "3593a1c6-c219-4308-9d9d-71af3d48e039"}
URL = (
    f"https://voice-chime.us-east-1.amazonaws.com/voice-connectors/{CONNECTOR}/proxy-sessions/{KEYS['ProxySessionId']}"
)


class Raw:
    """A response body in the form that botocore requires."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.body


def cost(case: Callable[[], Any]) -> float:
    """Return the CPU time of one call in microseconds."""
    count, start, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < ROUND_SECONDS:
        for _ in range(10):
            case()
        count += 10
    return 1e6 * (time.process_time() - cpu) / count


def interleaved(cases: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the median cost of each case; the cases take turns, so that noise affects them alike."""
    for case in cases.values():
        for _ in range(20):
            case()
    rounds = [{name: cost(case) for name, case in cases.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(each[name] for each in rounds) for name in cases}


def print_ratio(title: str, figures: dict[str, float], peer: str, ours: str, maximum: float | None) -> None:
    """Print two figures, their ratio and the verdict on it; None for no verdict."""
    ratio = figures[ours] / figures[peer]
    verdict = "" if maximum is None else f" of {maximum}  {'ok' if ratio <= maximum else 'TOO SLOW'}"
    sides = f"{peer}: {figures[peer]:7.1f} us   {ours}: {figures[ours]:7.1f} us"
    print(f"{title:14} {sides}   {ratio:.2f}{verdict}")


def through_boto3() -> None:
    """Measure GetProxySession by boto3."""
    canned, stubbed = boto3.client("chime-sdk-voice"), boto3.client("chime-sdk-voice")
    canned.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, HEADERS, Raw(BODY)))
    cases = {
        "canned before-send": lambda: canned.get_proxy_session(**KEYS),
        "stub": lambda: stubbed.get_proxy_session(**KEYS),
    }
    print_ratio("boto3", interleaved(cases), "canned before-send", "stub", 1.15)


def through_requests() -> None:
    """Measure the same request by a session of `requests`; the two mocks take turns, as both patch the same method."""
    session = requests.Session()
    session.trust_env = False

    def call() -> None:
        session.get(URL).json()

    bare: list[float] = []
    stubbed: list[float] = []
    for _ in range(ROUNDS):
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            pattern = re.compile(
                r"https://voice-chime\.[a-z0-9-]+\.amazonaws\.com/voice-connectors/[^/]+/proxy-sessions/"
            )
            mock.add_callback("GET", pattern, lambda request: (200, HEADERS, BODY), content_type=None)
            bare.append(cost(call))
        with ChimeStub() as stub:
            stub.add_session(SESSION)
            stubbed.append(cost(call))
    figures = {"bare callback": statistics.median(bare), "stub": statistics.median(stubbed)}
    print_ratio("requests", figures, "bare callback", "stub", 1.2)


def on_and_off() -> None:
    """Measure entering and leaving."""

    def alone() -> None:
        with responses.RequestsMock(assert_all_requests_are_fired=False):
            pass

    def ours() -> None:
        with ChimeStub():
            pass

    def motos() -> None:
        with moto.mock_aws():
            pass

    figures = interleaved({"responses alone": alone, "stub": ours, "moto": motos})
    print_ratio("on and off", figures, "responses alone", "stub", 2.0)
    print_ratio("on and off", figures, "responses alone", "moto", None)


def through_moto() -> None:
    """Measure DescribeTable of a table in moto, beside a canned response with the same bytes without moto."""
    table = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    table |= {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}
    canned, mocked = boto3.client("dynamodb"), boto3.client("dynamodb")
    mock, bodies = moto.mock_aws(), []
    mock.start()
    mocked.create_table(TableName="t", **table)
    mocked.meta.events.register("after-call", lambda http_response, **_: bodies.append(http_response.content))
    mocked.describe_table(TableName="t")
    mock.stop(remove_data=False)
    body = bodies[0]
    canned.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, HEADERS, Raw(body)))
    mocked = boto3.client("dynamodb")
    sides: dict[str, list[float]] = {"canned before-send": [], "moto": []}
    for _ in range(ROUNDS // 3):
        sides["canned before-send"].append(cost(lambda: canned.describe_table(TableName="t")))
        mock.start(reset=False)
        sides["moto"].append(cost(lambda: mocked.describe_table(TableName="t")))
        mock.stop(remove_data=False)
    figures = {name: statistics.median(costs) for name, costs in sides.items()}
    print_ratio("boto3", figures, "canned before-send", "moto", None)


class Canned(http.server.BaseHTTPRequestHandler):
    """A server with one canned response, on persistent connections."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Send the response."""
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: Any) -> None:
        """Do not log."""


def on_the_port() -> None:
    """Measure the same request over loopback, by `http.client`; client and server share the process, as in a test.

    They share a core too: handing a lock from core to core varies by more than the difference.
    """
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    stub = ChimeStub()
    stub.add_session(SESSION)
    path = URL.partition("amazonaws.com")[2]

    def call(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", path)
        connection.getresponse().read()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canned) as canned, stub.serve() as server:
        threading.Thread(target=canned.serve_forever, daemon=True).start()
        ports = {"canned server": canned.server_port, "stub": server.port}
        connections = {name: http.client.HTTPConnection("127.0.0.1", port) for name, port in ports.items()}
        cases = {name: lambda each=each: call(each) for name, each in connections.items()}
        print_ratio("real port", interleaved(cases), "canned server", "stub", 1.2)
        for each in connections.values():
            each.close()
        canned.shutdown()
    if cores:
        os.sched_setaffinity(0, cores)


def many_threads(count: int) -> None:
    """Create, update and delete from many threads on the real port, then compare stored and expected sessions."""
    stub = ChimeStub()
    created: collections.Counter[str] = collections.Counter()
    expected: dict[str, int] = {}
    path = f"/voice-connectors/{CONNECTOR}/proxy-sessions"
    participants = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}
    rounds = count // (3 * THREADS)

    def work(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def send(method: str, target: str, body: Any = None) -> Any:
            connection.request(method, target, None if body is None else json.dumps(body))
            response = connection.getresponse()
            content = response.read()
            assert response.status in (200, 201, 204), content
            return json.loads(content) if content else None

        for round_number in range(rounds):
            # Every session has participants of its own, so that proxy numbers don't run out.
            body = {
                **participants,
                "ParticipantPhoneNumbers": [f"+1{threading.get_ident() % 10**9}{round_number % 10}", "+12"],
            }
            name = send("POST", path, body)["ProxySession"]["ProxySessionId"]
            created[name] += 1
            send("POST", f"{path}/{name}", {"Capabilities": [], "ExpiryMinutes": round_number % 700 + 1})
            if round_number % 50:
                send("DELETE", f"{path}/{name}")
            else:
                send("GET", f"{path}/{name}")
                expected[name] = round_number % 700 + 1
        connection.close()

    start = time.perf_counter()
    with stub.serve() as server:
        threads = [threading.Thread(target=work, args=(server.port,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seconds = time.perf_counter() - start
    stored = {session["ProxySessionId"]: session["ExpiryMinutes"] for session in stub.sessions}
    lost = len(stored.items() ^ expected.items()) + THREADS * rounds - len(created)
    duplicates = sum(number > 1 for number in created.values())
    verdict = "ok" if not lost and not duplicates else "WRONG"
    rate = f"{len(stub.calls)} requests from {THREADS} threads, {len(stub.calls) / seconds:.0f} a second"
    print(f"{'threads':14} {rate}: {lost} lost updates, {duplicates} duplicate ids  {verdict}")


def main() -> None:
    """Run every measurement."""
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    on_and_off()
    through_requests()
    with ChimeStub() as stub:
        stub.add_session(SESSION)
        through_boto3()
    through_moto()
    on_the_port()
    many_threads(int(sys.argv[1]) if sys.argv[1:] else REQUESTS)


if __name__ == "__main__":
    main()
