"""The listening socket of a server, and the thread that accepts its connections."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

_BACKLOG = 128
_RETRY_SECONDS = 0.01


class Listener:
    """A listening socket with a thread that accepts connections.

    Args:
        address: the address and port to listen on; port 0 chooses a free one.
        family: the family of the address.
        handle: called with the socket of each connection, in the listener's thread.
    """

    def __init__(self, address: tuple[str, int], family: socket.AddressFamily, handle: Callable[[Any], None]) -> None:
        self._address = address
        self._family = family
        self._handle = handle
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port.

        Raises:
            RuntimeError: the listener is not open.
        """
        return int(self._open_socket().getsockname()[1])

    def open(self) -> None:
        """Bind the port and accept connections."""
        self._socket = socket.create_server(self._address, family=self._family, backlog=_BACKLOG)
        self._start_thread()

    def close(self) -> None:
        """Release the port; no connection is accepted after the return."""
        self._stop_thread()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Keep the port bound without listening, so that the kernel refuses each connection."""
        address = self._open_socket().getsockname()
        self._stop_thread()
        self._open_socket().close()
        self._socket = socket.socket(self._family)
        if os.name == "posix":
            # Else earlier connections in TIME_WAIT would keep the port from being bound again.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(address)
        try:
            yield
        finally:
            if self._socket is not None:
                self._socket.listen(_BACKLOG)
                self._start_thread()

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the server was not started")
        return self._socket

    def _start_thread(self) -> None:
        self._wake, woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._accept, args=(self._open_socket(), woken), name="chime-fixtures", daemon=True
        )
        self._thread.start()

    def _stop_thread(self) -> None:
        if self._thread is not None:
            self._wake.close()
            self._thread.join()
            self._thread = None

    def _accept(self, listening: socket.socket, woken: socket.socket) -> None:
        with woken, selectors.DefaultSelector() as selector:
            selector.register(listening, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while all(key.fileobj is not woken for key, _ in selector.select()):
                try:
                    accepted, _ = listening.accept()
                except OSError:
                    # The client has closed the connection already, or no file descriptor is left.
                    time.sleep(_RETRY_SECONDS)
                    continue
                self._handle(accepted)
