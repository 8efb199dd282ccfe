"""Robustness of the server in a process of its own, at sizes that are too slow for the tests.

Four limits are checked:

- Two servers that get 1000 requests each, in turn, have only their own sessions.
- While 200 clients send a request one byte at a time, an ordinary request takes less than a second, and each slow
  connection is closed within a minute.
- A body or a header field of one GiB is refused, and the server grows by less than 32 MB.
- The client of a server that is killed gets an error within a second.

Run it with ``python benchmarks/stub_server.py``; it requires Linux to read the memory of another process.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROUNDS = 1000
SLOW_CLIENTS = 200
MAX_SECONDS = 1.0
MAX_SLOW_SECONDS = 60.0
MAX_GROWTH_MB = 32.0
GIB = 1 << 30
PATH = "/voice-connectors/abc/proxy-sessions"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
PARTICIPANTS = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}


@contextlib.contextmanager
def running_server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a server; yield its process and its port."""
    command = [sys.executable, "-m", "chime_fixtures", "serve", "--lax"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server, int(json.loads(server.stdout.readline())["url"].rpartition(":")[2])
    finally:
        server.kill()
        server.communicate()


def send(connection: http.client.HTTPConnection, method: str = "GET", body: object = None) -> tuple[int, bytes]:
    """Send a request; return the status and the body of the response."""
    connection.request(method, PATH, None if body is None else json.dumps(body))
    response = connection.getresponse()
    return response.status, response.read()


def peak_memory(server: subprocess.Popen[str]) -> float:
    """The peak memory of a process in MB."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert match is not None
    return int(match[1]) / 1000


def report(title: str, text: str, *, is_ok: bool) -> None:
    """Print one line."""
    print(f"{title:12} {text}  {'ok' if is_ok else 'FAILED'}")


def two_servers() -> None:
    """Create sessions on two servers in turn; each has its own only."""
    with running_server() as (_, first), running_server() as (_, second):
        connections = [http.client.HTTPConnection("127.0.0.1", port) for port in (first, second)]
        for turn in range(ROUNDS):
            for number, connection in enumerate(connections):
                assert send(connection, "POST", {**PARTICIPANTS, "Name": f"{number} {turn}"})[0] == 201
        misplaced = 0
        for number, port in enumerate((first, second)):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/_chime/state")
            state = json.loads(connection.getresponse().read())
            names = [session["Name"] for each in state["connectors"] for session in each["ProxySessions"]]
            misplaced += sum(name != f"{number} {turn}" for turn, name in enumerate(names)) + abs(len(names) - ROUNDS)
    report("two servers", f"{ROUNDS} rounds: {misplaced} misplaced sessions", is_ok=not misplaced)


def slow_clients() -> None:
    """Send one byte at a time from many clients, and ordinary requests from another."""
    with running_server() as (_, port):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW_CLIENTS)]
        stop, start = threading.Event(), time.monotonic()

        def send_slowly() -> None:
            for byte in HEAD.encode() * 100:
                for each in slow:
                    with contextlib.suppress(OSError):
                        each.send(bytes([byte]))
                if stop.wait(0.1):
                    return

        thread = threading.Thread(target=send_slowly)
        thread.start()
        slowest = 0.0
        for _ in range(50):
            sent = time.monotonic()
            assert send(http.client.HTTPConnection("127.0.0.1", port))[0] == 200
            slowest = max(slowest, time.monotonic() - sent)
            time.sleep(0.1)
        for each in slow:
            each.settimeout(max(0.1, MAX_SLOW_SECONDS - (time.monotonic() - start)))
            with contextlib.suppress(ConnectionResetError):
                while each.recv(65536):
                    pass
        seconds = time.monotonic() - start
        stop.set()
        thread.join()
    text = f"{SLOW_CLIENTS}: the slowest ordinary request took {slowest:.2f} s, all were closed within {seconds:.0f} s"
    report("slow clients", text, is_ok=slowest < MAX_SECONDS and seconds < MAX_SLOW_SECONDS)


def oversize() -> None:
    """Send a body or a header field of one GiB; the server refuses it and may close the connection before its end."""
    piece = b"x" * (1 << 20)
    for title, start, part in (
        ("with a length", f"Content-Length: {GIB}\r\n\r\n", piece),
        ("in chunks", "Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + piece + b"\r\n"),
        ("as a header field", "X: ", piece),
    ):
        with running_server() as (server, port), socket.create_connection(("127.0.0.1", port)) as connection:
            assert send(http.client.HTTPConnection("127.0.0.1", port))[0] == 200
            before, sent, response = peak_memory(server), 0, b""
            connection.sendall((HEAD + start).encode())
            with contextlib.suppress(OSError):
                while sent < GIB:
                    connection.sendall(part)
                    sent += len(piece)
            with contextlib.suppress(OSError):
                response = connection.recv(65536)
            status = response.split(b" ", 2)[1].decode() if response else "closed"
            growth = peak_memory(server) - before
            text = f"1 GiB {title}: {status} after {sent >> 20} MiB, the server grew by {growth:.1f} MB"
            report("oversize", text, is_ok=growth < MAX_GROWTH_MB and status in ("413", "431", "closed"))


def killed() -> None:
    """Kill a server during a request."""
    with running_server() as (server, port):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/_chime/faults", json.dumps({"fault": "hang"}))
        connection.getresponse().read()
        threading.Timer(0.3, server.kill).start()
        start = time.monotonic()
        with contextlib.suppress(OSError, http.client.HTTPException):
            send(connection)
        seconds = time.monotonic() - start - 0.3
    report("killed", f"the client got an error after {seconds:.2f} s", is_ok=seconds < MAX_SECONDS)


if __name__ == "__main__":
    two_servers()
    slow_clients()
    oversize()
    killed()
