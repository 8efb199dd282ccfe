"""A real server on a loopback port, for other processes and languages.

The server owns its sockets, so that resets, hangs and short bodies are real.
A fault can only act after the client has connected, so ``refused`` is a reset here, and ``connect-timeout`` a response
that never arrives. To refuse connections for real, use `ChimeServer.refusing`.
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
from types import MappingProxyType, TracebackType
from typing import NoReturn, Self

from chime_fixtures.chime.errors import UnexpectedRequestError, UnsafeAddressError
from chime_fixtures.server.admin import Admin, Pages
from chime_fixtures.server.connection import (
    Connection,
    Disconnected,
    Limits,
    ProtocolError,
    RawRequest,
    error_response,
    json_response,
)
from chime_fixtures.server.listener import Listener
from chime_fixtures.service import ChimeService, Request, Response, TransportFault
from chime_fixtures.service.running_servers import RUNNING_SERVERS

_LOOPBACK_NAME = "localhost"
_RESET_FAULTS = ("reset", "refused")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_DISCARD_SECONDS = 1.0
_JOIN_SECONDS = 2.0


class ChimeServer:
    """A `ChimeService` on a port, served by threads from `start` to `stop`.

    Args:
        service: the service that handles the requests.
        host: the address to listen on.
        port: the port; 0 chooses a free one.
        public: True to allow an address that is not a loopback address.
        names: accepted names in the Host field of a request; ``localhost``, the host and every IP address are always
            accepted.
        limits: limits on requests and connections.
        pages: pages for browsers below ``/_chime/``, each made when it is requested.

    Attributes:
        crashes: exceptions of the kit itself that were raised by requests; `stop` raises the first.

    Raises:
        UnsafeAddressError: other machines can reach the address, and `public` is not set.
        OSError: the host has no address.
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
        pages: Pages = MappingProxyType({}),
    ) -> None:
        self._service = service
        self._admin = Admin(service, pages)
        self._limits = limits or Limits()
        self._names = {_LOOPBACK_NAME, host.lower(), *(name.lower() for name in names)}
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except socket.gaierror as error:
            error.filename = host
            raise
        if not public and not ipaddress.ip_address(address[0]).is_loopback:
            raise UnsafeAddressError(host)
        self._listener = Listener((str(address[0]), port), family, self._start_connection)
        self._host = host
        self._open_port: int | None = None
        self._url_host = f"[{host}]" if ":" in host else host
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()
        # Each open socket, with the number of the exchange after which it became idle.
        self._last_used: dict[socket.socket, int] = {}
        self._exchanges = itertools.count()
        self.crashes: list[Exception] = []

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ChimeServer can't be copied or pickled: it owns a port")

    @property
    def port(self) -> int:
        """The port.

        Raises:
            RuntimeError: the server was not started.
        """
        return self._listener.port

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{self._url_host}:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that direct an SDK or the AWS CLI to this server, with dummy keys."""
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
        """Listen, and respond from now on."""
        self._listener.open()
        self._open_port = self._listener.port
        RUNNING_SERVERS.add(self._host, self._open_port)
        return self

    def stop(self) -> None:
        """Close the port and every connection.

        Raises:
            Exception: the first exception of the kit itself that was raised by a request.
        """
        self._stopping.set()
        # First the listener: a connection accepted later would stay open.
        self._listener.close()
        if self._open_port is not None:
            RUNNING_SERVERS.remove(self._host, self._open_port)
            self._open_port = None
        self._close_connections()
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
            error.add_note(f"the server failed earlier: {crash!r}")

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Take the service down: open connections are closed, and the kernel refuses new ones."""
        with self._listener.refusing():
            self._close_connections()
            yield

    def _start_connection(self, sock: socket.socket) -> None:
        thread = threading.Thread(target=self._serve, args=(sock,), name="chime-fixtures", daemon=True)
        with self._lock:
            if len(self._last_used) >= self._limits.connections:
                oldest = min(self._last_used, key=self._last_used.__getitem__)
                del self._last_used[oldest]
                _shut_down(oldest)
            self._last_used[sock] = next(self._exchanges)
            self._threads.add(thread)
            thread.start()

    def _close_connections(self) -> None:
        with self._lock:
            for sock in self._last_used:
                _shut_down(sock)

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock, self._limits)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._stopping.is_set() and self._exchange(connection, sock):
                with self._lock:
                    if sock in self._last_used:
                        self._last_used[sock] = next(self._exchanges)
        except ProtocolError as error:
            # Closing with unread data is a reset, which would discard the response before the client reads it.
            with contextlib.suppress(OSError, Disconnected):
                connection.write(error_response(error.status, error.reason), keep_alive=False)
                sock.shutdown(socket.SHUT_WR)
                connection.discard(_DISCARD_SECONDS)
        except (Disconnected, OSError):
            pass
        finally:
            with self._lock:
                self._last_used.pop(sock, None)
                self._threads.discard(threading.current_thread())
                sock.close()

    def _exchange(self, connection: Connection, sock: socket.socket) -> bool:
        """Serve one request; True if the connection can be used for another one."""
        request = connection.read()
        response = self._respond(request)
        if isinstance(response, TransportFault):
            if response.kind in _RESET_FAULTS:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            else:
                connection.discard()
            return False
        if response.delay:
            self._stopping.wait(response.delay)
        connection.write(response, has_body=request.method != "HEAD", keep_alive=request.keep_alive)
        # A body that is shorter than its Content-Length ends only when the connection is closed.
        is_short = int(response.headers.get("content-length", 0)) > len(response.body)
        return request.keep_alive and not is_short

    def _respond(self, request: RawRequest) -> Response | TransportFault:
        if not self._is_accepted_host(request.host):
            text = f"host {request.host!r} is not accepted; pass --name to accept it"
            raise ProtocolError(HTTPStatus.MISDIRECTED_REQUEST, text)
        try:
            response = self._admin.respond(request)
            if response is not None:
                return response
            base = f"http://{request.host}"
            return self._service.handle(
                Request(request.method, request.target, request.headers, request.body, "http_server", base)
            )
        except UnexpectedRequestError as error:
            return self._service.unexpected_response(error)
        except Exception as crash:  # noqa: BLE001  # reported to the client, and raised when the server is stopped
            self.crashes.append(crash)
            # SDKs retry a 500, which would only delay the report.
            body = {"Code": "ServiceFailure", "Message": f"chime-fixtures itself failed: {crash!r}"}
            return json_response(HTTPStatus.NOT_IMPLEMENTED, body)

    def _is_accepted_host(self, host: str) -> bool:
        """True unless the Host may be a foreign name that was resolved to this server (DNS rebinding)."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        name = name.strip("[]").removesuffix(".").lower()
        if not name or name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
