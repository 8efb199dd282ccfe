"""What the stub costs, beside the floor that no in-process interception can pass.

It guards five promises: a boto3 call through the stub takes at most 1.15 times the CPU of a canned `before-send`
answer, a `requests` call at most 1.2 times that of a bare `responses` callback, turning the stub on and off at most
twice what `responses` alone takes, a call on the real port at most 1.2 times what a canned server of the standard
library takes, and of 100,000 requests from 32 threads no update is lost and no id comes twice. Peers and stub run in
the same process; each figure is the median of interleaved rounds. Beside them stands what moto takes for a service of
its own. It was never run on a free-threaded Python.

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
SECONDS = 0.04

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
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self) -> Iterator[bytes]:
        """The body in one piece."""
        yield self.body


def cost(case: Callable[[], Any]) -> float:
    """CPU microseconds of one call."""
    count, begun, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < SECONDS:
        for _ in range(10):
            case()
        count += 10
    return 1e6 * (time.process_time() - cpu) / count


def interleaved(cases: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """The median cost of each case, all measured in turns so that noise hits them alike."""
    for case in cases.values():
        for _ in range(20):
            case()
    rounds = [{name: cost(case) for name, case in cases.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(each[name] for each in rounds) for name in cases}


def ratios(title: str, figures: dict[str, float], peer: str, ours: str, most: float | None) -> None:
    """Print two figures and how they compare; a peer has nothing to hold."""
    ratio = figures[ours] / figures[peer]
    verdict = "" if most is None else f" of {most}  {'ok' if ratio <= most else 'TOO SLOW'}"
    sides = f"{peer}: {figures[peer]:7.1f} us   {ours}: {figures[ours]:7.1f} us"
    print(f"{title:14} {sides}   {ratio:.2f}{verdict}")


def through_boto3() -> None:
    """GetProxySession by boto3."""
    canned, stubbed = boto3.client("chime-sdk-voice"), boto3.client("chime-sdk-voice")
    canned.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, HEADERS, Raw(BODY)))
    cases = {
        "canned before-send": lambda: canned.get_proxy_session(**KEYS),
        "stub": lambda: stubbed.get_proxy_session(**KEYS),
    }
    ratios("boto3", interleaved(cases), "canned before-send", "stub", 1.15)


def through_requests() -> None:
    """The same request by a session of `requests`; the two mocks take turns, since only one can hold the library."""
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
    ratios("requests", figures, "bare callback", "stub", 1.2)


def on_and_off() -> None:
    """Entering and leaving."""

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
    ratios("on and off", figures, "responses alone", "stub", 2.0)
    ratios("on and off", figures, "responses alone", "moto", None)


def through_moto() -> None:
    """DescribeTable of a table that moto keeps, beside a canned answer of the same bytes where moto is off."""
    wish = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    wish |= {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}
    canned, mocked = boto3.client("dynamodb"), boto3.client("dynamodb")
    mock, bodies = moto.mock_aws(), []
    mock.start()
    mocked.create_table(TableName="t", **wish)
    mocked.meta.events.register("after-call", lambda http_response, **_: bodies.append(http_response.content))
    mocked.describe_table(TableName="t")
    mock.stop(remove_data=False)
    answer = bodies[0]
    canned.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, HEADERS, Raw(answer)))
    mocked = boto3.client("dynamodb")
    sides: dict[str, list[float]] = {"canned before-send": [], "moto": []}
    for _ in range(ROUNDS // 3):
        sides["canned before-send"].append(cost(lambda: canned.describe_table(TableName="t")))
        mock.start(reset=False)
        sides["moto"].append(cost(lambda: mocked.describe_table(TableName="t")))
        mock.stop(remove_data=False)
    figures = {name: statistics.median(costs) for name, costs in sides.items()}
    ratios("boto3", figures, "canned before-send", "moto", None)


class Canned(http.server.BaseHTTPRequestHandler):
    """The canned server: one answer, kept alive, without delay."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Send the answer."""
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def on_the_port() -> None:
    """The same request over loopback, by `http.client`; client and server share the process, as in a test.

    They share a core too: what it costs to hand a lock from core to core is noise that is larger than the difference.
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
        ratios("real port", interleaved(cases), "canned server", "stub", 1.2)
        for each in connections.values():
            each.close()
        canned.shutdown()
    if cores:
        os.sched_setaffinity(0, cores)


def many_threads(count: int) -> None:
    """Create, update and delete from many threads on the real port; then compare what is there with what should be."""
    stub = ChimeStub()
    made: collections.Counter[str] = collections.Counter()
    alive: dict[str, int] = {}
    path = f"/voice-connectors/{CONNECTOR}/proxy-sessions"
    people = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}
    rounds = count // (3 * THREADS)

    def work(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def send(method: str, target: str, body: Any = None) -> Any:
            connection.request(method, target, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status in (200, 201, 204), content
            return json.loads(content) if content else None

        for turn in range(rounds):
            # Every session has parties of its own: that numbers run out is another matter.
            mine = {**people, "ParticipantPhoneNumbers": [f"+1{threading.get_ident() % 10**9}{turn % 10}", "+12"]}
            name = send("POST", path, mine)["ProxySession"]["ProxySessionId"]
            made[name] += 1
            send("POST", f"{path}/{name}", {"Capabilities": [], "ExpiryMinutes": turn % 700 + 1})
            if turn % 50:
                send("DELETE", f"{path}/{name}")
            else:
                send("GET", f"{path}/{name}")
                alive[name] = turn % 700 + 1
        connection.close()

    begun = time.perf_counter()
    with stub.serve() as server:
        threads = [threading.Thread(target=work, args=(server.port,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seconds = time.perf_counter() - begun
    there = {session["ProxySessionId"]: session["ExpiryMinutes"] for session in stub.sessions}
    lost = len(there.items() ^ alive.items()) + THREADS * rounds - len(made)
    twice = sum(number > 1 for number in made.values())
    verdict = "ok" if not lost and not twice else "WRONG"
    rate = f"{len(stub.calls)} requests from {THREADS} threads, {len(stub.calls) / seconds:.0f} a second"
    print(f"{'threads':14} {rate}: {lost} lost updates, {twice} duplicate ids  {verdict}")


def main() -> None:
    """Measure all five."""
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
