"""Raw bytes on a connection."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest


class Wire:
    """Bytes on a connection, as clients send them that are no clients."""

    def connect(self, url: str) -> socket.socket:
        """A connection to a server."""
        parts = urlsplit(url)
        return socket.create_connection((parts.hostname, parts.port), timeout=10)

    def ask(self, url: str, content: bytes, *, half_close: bool = True) -> bytes:
        """Send bytes, and give all that comes back until the server closes."""
        with self.connect(url) as connection:
            try:
                connection.sendall(content)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return self.rest(connection)

    def rest(self, connection: socket.socket) -> bytes:
        """All that still comes."""
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
        return received

    def status(self, answer: bytes) -> int | None:
        """The status of an answer; None if there is none."""
        return int(answer.split(b" ", 2)[1]) if answer else None


@pytest.fixture
def wire() -> Wire:
    """A way to send bytes."""
    return Wire()
