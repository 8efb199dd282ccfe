"""A client that sends raw bytes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest


class RawClient:
    """Sends bytes that an HTTP library would refuse to send."""

    def connect(self, url: str) -> socket.socket:
        """A connection to a server."""
        parts = urlsplit(url)
        return socket.create_connection((parts.hostname, parts.port), timeout=10)

    def exchange(self, url: str, content: bytes, *, half_close: bool = True) -> bytes:
        """Send bytes, and return all that is received until the server closes the connection."""
        with self.connect(url) as connection:
            try:
                connection.sendall(content)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return self.receive_all(connection)

    def receive_all(self, connection: socket.socket) -> bytes:
        """All bytes until the server closes the connection."""
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass
        return received

    def status(self, response: bytes) -> int | None:
        """The status of a response; None if it is empty."""
        return int(response.split(b" ", 2)[1]) if response else None


@pytest.fixture
def raw() -> RawClient:
    """A client that sends raw bytes."""
    return RawClient()
