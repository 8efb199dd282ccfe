"""What the server survives, in a process of its own, at the sizes that would be too slow for the suite.

It guards four promises: of two servers asked in turn a thousand times neither sees what the other one is asked; while
200 clients drip their request a byte at a time an ordinary one is answered within a second, and each drip is cut within
a minute; a body of a GiB, with a length or in chunks, is refused and makes the server grow by less than 32 MB; and when
it is killed its client knows within a second.

Run it with ``python benchmarks/stub_server.py``; it needs Linux, for the memory of another process.
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
DRIPS = 200
GIB = 1 << 30
PATH = "/voice-connectors/abc/proxy-sessions"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
PEOPLE = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}


@contextlib.contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server, and its port."""
    command = [sys.executable, "-m", "chime_fixtures", "serve", "--lax"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server, int(json.loads(server.stdout.readline())["url"].rpartition(":")[2])
    finally:
        server.kill()
        server.communicate()


def ask(connection: http.client.HTTPConnection, method: str = "GET", body: object = None) -> tuple[int, bytes]:
    """One ordinary request."""
    connection.request(method, PATH, None if body is None else json.dumps(body))
    answer = connection.getresponse()
    return answer.status, answer.read()


def peak(server: subprocess.Popen[str]) -> float:
    """The most memory that a process ever had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1000


def tell(title: str, text: str, *, is_held: bool) -> None:
    """One line."""
    print(f"{title:12} {text}  {'ok' if is_held else 'WRONG'}")


def two_servers() -> None:
    """Create on two servers in turn; each lists what was created on it."""
    with serving() as (_, one), serving() as (_, other):
        connections = [http.client.HTTPConnection("127.0.0.1", port) for port in (one, other)]
        for turn in range(ROUNDS):
            for number, connection in enumerate(connections):
                assert ask(connection, "POST", {**PEOPLE, "Name": f"{number} {turn}"})[0] == 201
        crossed = 0
        for number, port in enumerate((one, other)):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/_chime/state")
            state = json.loads(connection.getresponse().read())
            names = [session["Name"] for each in state["connectors"] for session in each["ProxySessions"]]
            crossed += sum(name != f"{number} {turn}" for turn, name in enumerate(names)) + abs(len(names) - ROUNDS)
    tell("two servers", f"{ROUNDS} rounds: {crossed} sessions of the other one", is_held=not crossed)


def drips() -> None:
    """Many clients that never come to an end, and one that does."""
    with serving() as (_, port):
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(DRIPS)]
        stop, begun = threading.Event(), time.monotonic()

        def drip() -> None:
            for byte in HEAD.encode() * 100:
                for each in slow:
                    with contextlib.suppress(OSError):
                        each.send(bytes([byte]))
                if stop.wait(0.1):
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        worst = 0.0
        for _ in range(50):
            asked = time.monotonic()
            assert ask(http.client.HTTPConnection("127.0.0.1", port))[0] == 200
            worst = max(worst, time.monotonic() - asked)
            time.sleep(0.1)
        for each in slow:
            each.settimeout(max(0.1, 60 - (time.monotonic() - begun)))
            with contextlib.suppress(ConnectionResetError):
                while each.recv(65536):
                    pass
        seconds = time.monotonic() - begun
        stop.set()
        thread.join()
    text = f"{DRIPS} clients: the slowest ordinary request took {worst:.2f} s, all were cut within {seconds:.0f} s"
    tell("drips", text, is_held=worst < 1 and seconds < 60)


def oversize() -> None:
    """A body of a GiB; the server need not read it, so that the client may be cut off."""
    piece = b"x" * (1 << 20)
    for way, begin, part in (
        ("with length", f"Content-Length: {GIB}\r\n\r\n", piece),
        ("in chunks", "Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + piece + b"\r\n"),
        ("as a field", "X: ", piece),
    ):
        with serving() as (server, port), socket.create_connection(("127.0.0.1", port)) as connection:
            assert ask(http.client.HTTPConnection("127.0.0.1", port))[0] == 200
            before, sent, answer = peak(server), 0, b""
            connection.sendall((HEAD + begin).encode())
            with contextlib.suppress(OSError):
                while sent < GIB:
                    connection.sendall(part)
                    sent += len(piece)
            with contextlib.suppress(OSError):
                answer = connection.recv(65536)
            status = answer.split(b" ", 2)[1].decode() if answer else "a cut"
            grown = peak(server) - before
            text = f"a GiB {way}: {status} after {sent >> 20} MiB, the server grew by {grown:.1f} MB"
            tell("oversize", text, is_held=grown < 32 and status in ("413", "431", "a cut"))


def killed() -> None:
    """A server that dies while a request is under way."""
    with serving() as (server, port):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/_chime/faults", json.dumps({"fault": "hang"}))
        connection.getresponse().read()
        threading.Timer(0.3, server.kill).start()
        begun = time.monotonic()
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(connection)
        seconds = time.monotonic() - begun - 0.3
    tell("killed", f"its client knew after {seconds:.2f} s", is_held=seconds < 1)


if __name__ == "__main__":
    two_servers()
    drips()
    oversize()
    killed()
