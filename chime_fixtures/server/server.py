"""A real server on a loopback port, for other processes and languages.

It owns its sockets, so that resets, cuts and hangs are real.
Which operation a client wants is known only once it is connected, when nothing can refuse it any more: as a fault,
``refused`` is a reset here, and ``connect-timeout`` an answer that never comes. Both are real for all that happens
inside `ChimeServer.refusing` and `ChimeServer.unreachable`.
"""

from __future__ import annotations

import contextlib
import ipaddress
import itertools
import socket
import struct
import threading
from collections.abc import Collection, Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Self

from chime_fixtures.chime.errors import UnexpectedRequestError, UnsafeAddressError
from chime_fixtures.server.admin import PREFIX, Admin
from chime_fixtures.server.connection import Gone, Limits, Received, Refused, Wire, plain, refusal
from chime_fixtures.server.listener import Door
from chime_fixtures.service import ChimeService, Fault, Request, Response

_LOOPBACK_NAME = "localhost"
_RESETS = ("reset", "refused")
_LINGER_NONE = struct.pack("ii", 1, 0)
_DRAIN_SECONDS = 1.0
_JOIN_SECONDS = 2.0


class ChimeServer:
    """A service behind a port, in threads of its own, from `start` to `stop`.

    Args:
        service: what answers.
        host: the address to listen at.
        port: the port; 0 takes a free one.
        public: whether the address may be another than a loopback one.
        names: the names, besides the loopback ones, that a request's Host may have; an address always may.
        limits: what a client may send.

    Attributes:
        crashes: the errors of the kit itself that were met while answering; `stop` raises the first.

    Raises:
        UnsafeAddressError: the address is reachable from outside, and `public` is not set.
    """

    def __init__(
        self,
        service: ChimeService,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public: bool = False,
        names: Collection[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._service = service
        self._admin = Admin(service)
        self._limits = limits or Limits()
        self._names = {_LOOPBACK_NAME, host.lower(), *(name.lower() for name in names)}
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except socket.gaierror as error:
            error.filename = host
            raise
        if not public and not ipaddress.ip_address(address[0]).is_loopback:
            raise UnsafeAddressError(host)
        self._door = Door((str(address[0]), port), family, self._admit)
        self._host = f"[{host}]" if ":" in host else host
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._open: dict[socket.socket, int] = {}
        self._turns = itertools.count()
        self.crashes: list[Exception] = []

    @property
    def port(self) -> int:
        """The port that it listens at.

        Raises:
            RuntimeError: it was not started.
        """
        return self._door.port

    @property
    def url(self) -> str:
        """Where a client finds it."""
        return f"http://{self._host}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The variables that lead an SDK or the command line of another process here, with dummy keys."""
        return {
            "AWS_ENDPOINT_URL_CHIME_SDK_VOICE": self.url,
            "AWS_ENDPOINT_URL_CHIME": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> Self:
        """Listen, and answer from now on."""
        self._door.open()
        return self

    def stop(self) -> None:
        """Cut every connection and close the port.

        Raises:
            Exception: the first error of the kit itself that was met while answering.
        """
        self._stopping.set()
        # Nobody may be let in behind those who are shown out.
        self._door.close()
        self._cut()
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(_JOIN_SECONDS)
        self._stopping.clear()
        if self.crashes:
            raise self.crashes.pop(0)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except Exception as crash:
            if error is None:
                raise
            error.add_note(f"the server had failed before: {crash!r}")

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """For as long, the service is down: connections are cut, and the kernel refuses new ones."""
        with self._door.refusing():
            self._cut()
            yield

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """For as long, the service is out of reach: connections are cut, and new ones wait in vain to come about.

        Raises:
            OSError: this system refuses such connections, or lets all of them in.
        """
        with self._door.unreachable():
            self._cut()
            yield

    def _admit(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._converse, args=(connection,), name="chime-fixtures", daemon=True)
        with self._lock:
            if len(self._open) >= self._limits.connections:
                longest = min(self._open, key=self._open.__getitem__)
                del self._open[longest]
                _shut(longest)
            self._open[connection] = next(self._turns)
            self._threads.add(thread)
            thread.start()

    def _cut(self) -> None:
        with self._lock:
            for connection in self._open:
                _shut(connection)

    def _converse(self, connection: socket.socket) -> None:
        wire = Wire(connection, self._limits)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._stopping.is_set() and self._exchange(wire, connection):
                with self._lock:
                    if connection in self._open:
                        self._open[connection] = next(self._turns)
        except Refused as refused:
            # Whoever is still sending would lose the answer to a reset, so that some more is read before the end.
            with contextlib.suppress(OSError):
                wire.write(refusal(refused), is_last=True)
                connection.shutdown(socket.SHUT_WR)
                wire.wait_for_end(_DRAIN_SECONDS)
        except (Gone, OSError):
            pass
        finally:
            with self._lock:
                self._open.pop(connection, None)
                self._threads.discard(threading.current_thread())
                connection.close()

    def _exchange(self, wire: Wire, connection: socket.socket) -> bool:
        """Answer one request; whether there may be another one."""
        received = wire.read()
        answer = self._answer(received)
        if isinstance(answer, Fault):
            if answer.kind in _RESETS:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
            else:
                wire.wait_for_end()
            return False
        if answer.delay:
            self._stopping.wait(answer.delay)
        # An answer that is shorter than it says can only end with the connection.
        is_short = int(answer.headers.get("content-length", 0)) > len(answer.body)
        wire.write(answer, has_body=received.method != "HEAD", is_last=received.is_last)
        return not (received.is_last or is_short)

    def _answer(self, received: Received) -> Response | Fault:
        if not self._is_ours(received.host):
            text = f"the host {received.host!r} is not this server's: start it with --name to allow it"
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, text)
        try:
            if received.target.startswith(PREFIX):
                return self._admin.answer(received)
            base = f"http://{received.host}"
            return self._service.handle(
                Request(received.method, received.target, received.headers, received.body, "http_server", base)
            )
        except UnexpectedRequestError as error:
            return self._service.answer_to(error)
        except Exception as crash:  # noqa: BLE001  # the client is told, and whoever stops the server gets it whole
            self.crashes.append(crash)
            told = {"Code": "ServiceFailure", "Message": f"chime-fixtures itself failed: {crash!r}"}
            # SDKs ask again after a 500, which would only hold up the bad news.
            return plain(HTTPStatus.NOT_IMPLEMENTED, told)

    def _is_ours(self, host: str) -> bool:
        """Whether a Host can't be another's name that was led here (DNS rebinding)."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        name = name.strip("[]").removesuffix(".").lower()
        if not name or name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
