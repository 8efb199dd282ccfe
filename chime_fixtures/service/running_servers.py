"""The servers that run in this process, whose requests no stub intercepts."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LOOPBACK_NAME = "localhost"


class RunningServers:
    """The host and port of every running server; a URL is ``in`` it if its requests reach one of them.

    A server on a loopback address is reached by every name of that address.
    """

    def __init__(self) -> None:
        # Without a lock: a list's methods are atomic, and a finalizer may stop a server while another one is added.
        self._addresses: list[tuple[str, int]] = []

    def add(self, host: str, port: int) -> None:
        """Add a server that has been started."""
        self._addresses.append((_canonical(host), port))

    def remove(self, host: str, port: int) -> None:
        """Remove a server that is being stopped."""
        self._addresses.remove((_canonical(host), port))

    def __contains__(self, url: str) -> bool:
        if not self._addresses:
            return False
        parts = urlsplit(url)
        return (_canonical(parts.hostname or ""), parts.port) in self._addresses


RUNNING_SERVERS = RunningServers()
"""The servers of the process."""


def _canonical(host: str) -> str:
    """One name for all loopback addresses, and for a server on all addresses; any other host in lower case."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().removesuffix(".")
    return _LOOPBACK_NAME if address.is_loopback or address.is_unspecified else host
